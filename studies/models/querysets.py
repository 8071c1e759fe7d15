"""The queryset of studies, with the named queries of pages, exports and the index, and what they cost."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Prefetch

from studies.text.characters import is_storable

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

    from studies.models import Study

# Not `Stage`, because `studies.models.study` imports this module.
_PUBLIC_STAGES = ("published", "withdrawn", "merged")


class StudyQuerySet(models.QuerySet["Study"]):
    """Studies, filtered by who may see them, and prefetched for what shows them.

    Prefetched rows come in the order of their model (`Meta.ordering`): by position, or by slug.
    """

    def published(self) -> Self:
        """Studies that are public: in lists, counts and exports."""
        return self.filter(stage="published")

    def withdrawn(self) -> Self:
        """Studies that were published and are withdrawn: their pages say so, and nothing else."""
        return self.filter(stage="withdrawn")

    def once_public(self) -> Self:
        """Studies that are or were published. Those that no longer are can be reported as deleted, by slug."""
        return self.filter(stage__in=_PUBLIC_STAGES, published_at__isnull=False)

    def changed_between(
        self, since: datetime.datetime | None, before: datetime.datetime | None, vocabulary_at: datetime.datetime
    ) -> Self:
        """Studies that changed from `since` on and before `before`. None is no bound.

        A change of the vocabularies, last at `vocabulary_at`, counts as a change of every published study.
        """
        found = self
        if since is not None:
            changed = models.Q(updated_at__gte=since)
            found = found.filter(changed | models.Q(stage="published") if vocabulary_at >= since else changed)
        if before is not None:
            found = found.filter(updated_at__lt=before)
            found = found.exclude(stage="published") if vocabulary_at >= before else found
        return found

    def with_term(self, term: int) -> Self:
        """Studies with this term, by its id."""
        return self.filter(study_terms__term=term)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Studies whose address exists for `user`: all for staff who may view studies, else those at a public stage.

        A withdrawn study shows a notice and a merged one redirects: their content stays hidden from the public.
        """
        if getattr(user, "is_staff", False) and user.has_perm("studies.view_study"):
            return self
        return self.filter(stage__in=_PUBLIC_STAGES)

    def read_ids_and_stages(self, slugs: Iterable[str]) -> dict[str, tuple[int, str]]:
        """Return (id, stage) by slug, for those of these studies that are or were public: one query."""
        found = self.filter(slug__in=filter(is_storable, slugs), stage__in=_PUBLIC_STAGES)
        return {slug: (key, stage) for slug, key, stage in found.values_list("slug", "pk", "stage")}

    def never_public(self, slugs: Iterable[str]) -> frozenset[str]:
        """Return those of these slugs that belong to no study that is or was public: one query."""
        wanted = frozenset(slugs)
        return wanted - self.read_ids_and_stages(wanted).keys()

    def published_ids(self, slugs: Iterable[str]) -> list[int]:
        """Return the ids of the published ones of these studies, in the order of the slugs: one query."""
        wanted = list(slugs)
        traces = self.read_ids_and_stages(wanted)
        return [traces[slug][0] for slug in wanted if slug in traces and traces[slug][1] == "published"]

    def for_results(self) -> Self:
        """Published studies with what a result card shows: four queries, whatever the number of cards.

        Labels come from `vocabularies.current()`, so that terms are not joined. A finding has `is_on_intervention`:
        False where it tests none.
        """
        finding = apps.get_model("studies", "Finding")
        about = finding.about.through._default_manager.filter(finding=models.OuterRef("pk"))
        findings = finding._default_manager.annotate(
            is_on_intervention=models.Q(is_about_all=True) | models.Exists(about)
        )
        return self.published().prefetch_related("study_terms", "authorships", Prefetch("findings", findings))

    def for_cards(self) -> Self:
        """Published studies with only their slug and what the cache key of a card needs: one query."""
        return self.published().only("pk", "slug", "changed_no", "updated_at")

    def term_ids(self, keys: Iterable[int]) -> Iterable[int]:
        """Return the ids of all terms of these published studies, once for each study with the term: one query."""
        carried = self.published().filter(pk__in=list(keys), study_terms__isnull=False)
        return carried.values_list("study_terms__term", flat=True)

    def for_suggesting(self, beginnings: Iterable[str]) -> Self:
        """Published studies with words that begin like all of these in titles or names, newest first: two queries.

        `beginnings` are normalized. They may be spread over several titles and names.
        """
        found = self.published()
        for beginning in beginnings:
            begins = models.Q(folded__startswith=beginning)
            for before in " (-¿¡":
                begins |= models.Q(folded__contains=before + beginning)
            # A plain `contains` first: rows without the text cost one comparison then, not five.
            found = found.filter(folded__contains=beginning).filter(begins)
        return found.order_by("-year", "slug").prefetch_related("authorships")

    def for_record(self, *, inclusions: models.QuerySet[Any] | None = None) -> Self:
        """Studies with the rows of their exchange record: eleven queries, whatever the number of studies."""
        appraisals = apps.get_model("studies", "Appraisal")._default_manager.select_related("instrument")
        return self.prefetch_related(
            *("study_terms", "authorships", "findings", "findings__about", "costs", "harms_about", "sources"),
            "published_appraisals",
            Prefetch("inclusions", inclusions),
            Prefetch("appraisals", appraisals),
        )

    def for_matching(self) -> Self:
        """Studies with the fields by which duplicates are found, and their authors: two queries."""
        return self.only(
            *("slug", "title", "title_es", "title_en", "language_id", "year", "type_id"),
            *("container_title", "volume", "pages", "doi", "stage", "merged_into_id"),
        ).prefetch_related("authorships")

    def for_detail(self) -> Self:
        """Studies with all that their own page prints: at most fourteen queries."""
        return self.for_record().select_related("programme", "merged_into").prefetch_related("evaluations")

    def for_indexing(self) -> Self:
        """Studies with what the search stores of them: eleven queries, whatever the number of studies."""
        return self.for_record().select_related("programme")

    def for_export(self) -> Self:
        """Published studies with the rows of their records as readers may have them: eleven queries a batch.

        Of what a review includes only published studies are read: naming another would show that it is there. What
        compares records with those of the workplace takes `published().for_record()`, which leaves nothing out.
        """
        return self.published().for_record(inclusions=self._public_inclusions())

    def _public_inclusions(self) -> models.QuerySet[Any]:
        public = self.model._default_manager.published().values("slug")
        return apps.get_model("studies", "Inclusion")._default_manager.filter(slug__in=public)

    def changed_since(self, change_no: int) -> Self:
        """Every study that a change after `change_no` touched, whatever its stage (I2)."""
        return self.filter(changed_no__gt=change_no)

    def changed_after(self, change_no: int, key: int) -> Self:
        """Studies after this position in the order of last change and id, for paging."""
        return self.filter(
            models.Q(changed_no__gt=change_no) | models.Q(changed_no=change_no, pk__gt=key),
        )

    def in_order_of(self, ids: Iterable[int]) -> list[Study]:
        """Return the studies with these ids, in that order, without those that are not in the queryset."""
        wanted = list(ids)
        found = self.in_bulk(wanted)
        return [found[study_id] for study_id in wanted if study_id in found]
