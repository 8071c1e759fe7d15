"""The questions that pages, exports and the index ask about studies. Each says its number of queries."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Prefetch

from studies.text.characters import is_storable

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

    from studies.models import Study

_PUBLIC_STAGES = ("published", "withdrawn", "merged")


class StudyQuerySet(models.QuerySet["Study"]):
    """Studies, by who may see them and by what is printed of them.

    What stands below a study comes in the order of its model (`Meta.ordering`): its position, or its slug.
    """

    def published(self) -> Self:
        """Studies that anybody may find, count and export."""
        return self.filter(stage="published")

    def once_public(self) -> Self:
        """Studies that are published or were: the others among these are known to be gone, and by what name."""
        return self.filter(stage__in=_PUBLIC_STAGES, published_at__isnull=False)

    def stamped(
        self, since: datetime.datetime | None, before: datetime.datetime | None, vocabulary_at: datetime.datetime
    ) -> Self:
        """Studies that changed from `since` on and before `before`; published ones change with the vocabularies too."""
        found = self
        if since is not None:
            changed = models.Q(updated_at__gte=since)
            found = found.filter(changed | models.Q(stage="published") if vocabulary_at >= since else changed)
        if before is not None:
            found = found.filter(updated_at__lt=before)
            found = found.exclude(stage="published") if vocabulary_at >= before else found
        return found

    def with_term(self, term: int) -> Self:
        """Studies that carry a term."""
        return self.filter(study_terms__term=term)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Studies whose address answers `user`: all for who may read drafts; else what is or was once published.

        A withdrawn study shows its notice and a merged one redirects: their content stays hidden from the public.
        """
        if getattr(user, "is_staff", False) and user.has_perm("studies.view_study"):
            return self
        return self.filter(stage__in=_PUBLIC_STAGES)

    def traces_of(self, slugs: Iterable[str]) -> dict[str, tuple[int, str]]:
        """Return key and stage, by slug, of those of these studies that are or were public: one query."""
        found = self.filter(slug__in=filter(is_storable, slugs), stage__in=_PUBLIC_STAGES)
        return {slug: (key, stage) for slug, key, stage in found.values_list("slug", "pk", "stage")}

    def published_ids(self, slugs: Iterable[str]) -> list[int]:
        """Return the keys of the published ones of these studies, in the order of the slugs: one query."""
        wanted = list(slugs)
        traces = self.traces_of(wanted)
        return [traces[slug][0] for slug in wanted if slug in traces and traces[slug][1] == "published"]

    def for_results(self) -> Self:
        """Published studies with what a result card prints: four queries, whatever the number of cards.

        Labels come from `vocabularies.current()`, so that terms are read as ids only.
        """
        return self.published().prefetch_related("study_terms", "authorships", "findings")

    def for_cards(self) -> Self:
        """Published studies, each as its key and the state that it is in, by which its card is kept: one query."""
        return self.published().only("pk", "changed_no", "updated_at")

    def term_ids(self, keys: Iterable[int]) -> Iterable[int]:
        """Return the keys of all terms that these published studies carry, one for each of the studies: one query."""
        carried = self.published().filter(pk__in=list(keys), study_terms__isnull=False)
        return carried.values_list("study_terms__term", flat=True)

    def for_suggesting(self, beginnings: Iterable[str]) -> Self:
        """Published studies in whose titles or names words begin like these, the newest first: two queries.

        `beginnings` are folded words. A title or a name may still hold only some of them.
        """
        found = self.published()
        for beginning in beginnings:
            begins = models.Q(folded__startswith=beginning)
            for before in " (-¿¡":
                begins |= models.Q(folded__contains=before + beginning)
            # First where it stands anywhere: one look at a text for a rare word, not five.
            found = found.filter(folded__contains=beginning).filter(begins)
        return found.order_by("-year", "slug").prefetch_related("authorships")

    def for_record(self) -> Self:
        """Studies with the rows of their exchange record: seven queries, whatever the number of studies."""
        appraisals = apps.get_model("studies", "Appraisal")._default_manager.select_related("instrument")
        return self.prefetch_related(
            *("study_terms", "authorships", "findings", "findings__interventions", "sources"),
            Prefetch("appraisals", appraisals),
        )

    def for_matching(self) -> Self:
        """Studies with what tells two of them apart: their bibliography and authors. Two queries."""
        return self.only(
            *("slug", "title", "title_es", "title_en", "language_id", "year", "type_id"),
            *("container_title", "volume", "pages", "doi", "stage", "merged_into_id"),
        ).prefetch_related("authorships")

    def for_detail(self) -> Self:
        """Studies with all that their own page prints: at most ten queries."""
        return self.for_record().select_related("programme", "merged_into").prefetch_related("evaluations")

    def for_indexing(self) -> Self:
        """Studies with what the search stores of them: seven queries, whatever the number of studies."""
        return self.for_record().select_related("programme")

    def for_export(self) -> Self:
        """Published studies with the rows of their records: seven queries a batch."""
        return self.published().for_record()

    def changed_since(self, change_no: int) -> Self:
        """Every study that a change after `change_no` touched, whatever its stage (I2)."""
        return self.filter(changed_no__gt=change_no)

    def changed_after(self, change_no: int, key: int) -> Self:
        """Studies that come after this place, where all stand by their last change and then by key."""
        return self.filter(
            models.Q(changed_no__gt=change_no) | models.Q(changed_no=change_no, pk__gt=key),
        )

    def in_order_of(self, ids: Iterable[int]) -> list[Study]:
        """Return the studies with these ids, in the order of the ids; those that the queryset lacks are left out."""
        wanted = list(ids)
        found = self.in_bulk(wanted)
        return [found[study_id] for study_id in wanted if study_id in found]
