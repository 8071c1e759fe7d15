"""The queries of pages, exports and the index, and how many each costs."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from pytest_django import DjangoAssertNumQueries

from studies.models import Stage, Study
from studies.models.querysets import StudyQuerySet
from studies.store import vocabularies
from studies.store.exchange.study import to_record
from tests.factories import make_study, merge_studies, publish, user_with_role

pytestmark = pytest.mark.django_db
MICROSECOND = datetime.timedelta(microseconds=1)


@pytest.fixture
def one_of_each(empty_bank: None) -> dict[str, Study]:
    """A study at every stage, by stage."""
    stages = (Stage.DRAFT, Stage.IN_REVIEW, Stage.PUBLISHED, Stage.WITHDRAWN)
    studies = {str(stage): make_study(stage=stage) for stage in stages}
    return studies | {"merged": merge_studies(publish(make_study()), studies["published"])}


class TestVisibility:
    def test_only_published_studies_are_found_counted_and_exported(self, one_of_each: dict[str, Study]):
        for studies in (Study.objects.published(), Study.objects.for_results(), Study.objects.for_export()):
            assert list(studies) == [one_of_each["published"]]

    def test_the_public_reaches_published_studies_and_the_traces_of_past_ones(self, one_of_each: dict[str, Study]):
        reached = set(Study.objects.visible_to(AnonymousUser()))
        assert reached == {one_of_each[stage] for stage in ("published", "withdrawn", "merged")}

    def test_a_person_with_an_account_but_not_of_the_staff_is_the_public(self, one_of_each: dict[str, Study]):
        reached = set(Study.objects.visible_to(user_with_role("Curaduría", is_staff=False)))
        assert reached == {one_of_each[stage] for stage in ("published", "withdrawn", "merged")}

    def test_who_may_read_drafts_reaches_every_study(self, one_of_each: dict[str, Study]):
        assert set(Study.objects.visible_to(user_with_role("Curaduría"))) == set(one_of_each.values())

    def test_staff_without_a_role_are_the_public(self, one_of_each: dict[str, Study]):
        reached = set(Study.objects.visible_to(user_with_role()))
        assert reached == {one_of_each[stage] for stage in ("published", "withdrawn", "merged")}


class TestChangedBetween:
    """A span includes its first moment, and ends before its last."""

    @pytest.fixture
    def withdrawn_at(self, one_of_each: dict[str, Study]) -> datetime.datetime:
        """The time of the last change of a withdrawn study, which no renamed term changes."""
        withdrawn = one_of_each["withdrawn"]
        moment = withdrawn.updated_at + datetime.timedelta(hours=1)
        Study.objects.filter(pk=withdrawn.pk).update(updated_at=moment)
        return moment

    def stages(self, since: datetime.datetime | None, before: datetime.datetime | None) -> set[str]:
        long_ago = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
        return set(Study.objects.changed_between(since, before, long_ago).values_list("stage", flat=True))

    def test_a_change_at_the_first_moment_is_within(self, withdrawn_at: datetime.datetime):
        assert self.stages(withdrawn_at, None) == {"withdrawn"}
        assert self.stages(withdrawn_at + MICROSECOND, None) == set()

    def test_a_change_at_the_last_moment_is_without(self, withdrawn_at: datetime.datetime):
        assert self.stages(None, withdrawn_at) == {str(stage) for stage in Stage} - {"withdrawn"}
        assert self.stages(None, withdrawn_at + MICROSECOND) == {str(stage) for stage in Stage}

    def test_a_change_of_the_vocabularies_is_one_of_every_published_study(self, withdrawn_at: datetime.datetime):
        for moment, found in ((withdrawn_at, {"published"}), (withdrawn_at - MICROSECOND, set())):
            stamped = Study.objects.exclude(stage="withdrawn").changed_between(withdrawn_at, None, moment)
            assert set(stamped.values_list("stage", flat=True)) == found
            stamped = Study.objects.changed_between(None, withdrawn_at, moment)
            assert ("published" in stamped.values_list("stage", flat=True)) is not bool(found)


def read_card(study: Study) -> None:
    [row.term_id for row in study.study_terms.all()]
    [row.family for row in study.authorships.all()]
    [row.effect_id for row in study.findings.all()]


def read_record(study: Study) -> None:
    to_record(study, vocabularies.current())


def read_page(study: Study) -> None:
    to_record(study, vocabularies.current())
    [row.name_es for row in study.evaluations.all()]
    assert study.programme is None or study.programme.name
    assert study.merged_into is None


class TestCost:
    @pytest.mark.parametrize(
        ("question", "read", "queries"),
        [
            (StudyQuerySet.for_results, read_card, 4),
            (StudyQuerySet.for_record, read_record, 11),
            (StudyQuerySet.for_export, read_record, 11),
            (StudyQuerySet.for_indexing, read_record, 11),
            (StudyQuerySet.for_detail, read_page, 12),
        ],
    )
    def test_it_does_not_grow_with_the_studies(
        self,
        question: Callable[[StudyQuerySet], StudyQuerySet],
        read: Callable[[Study], None],
        queries: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ):
        # Those with the most findings, so that a query per finding would be seen.
        studies = Study.objects.exclude(findings__about=None).order_by("pk").distinct()
        for size in (1, 20):
            with vocabularies.bank_state.cached_counter():
                vocabularies.current()
                with django_assert_num_queries(queries):
                    for study in question(studies)[:size]:
                        read(study)


class TestOrderOfIds:
    def test_studies_come_in_the_order_of_the_ids(self, django_assert_num_queries: DjangoAssertNumQueries):
        ids = list(Study.objects.order_by("title").values_list("pk", flat=True)[:30])
        with django_assert_num_queries(1):
            assert [study.pk for study in Study.objects.published().in_order_of(ids)] == ids

    def test_what_the_queryset_lacks_is_left_out(self):
        shown, draft = publish(make_study()), make_study()
        assert Study.objects.published().in_order_of([draft.pk, shown.pk, 10**9]) == [shown]

    def test_no_ids_give_no_studies(self):
        assert Study.objects.published().in_order_of([]) == []
