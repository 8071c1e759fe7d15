"""The latest events in a list."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from search.criteria.criteria import Criteria
from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.index import indexing
from search.lists import feed
from search.lists.feed import list_latest_events
from studies.curation import stages
from studies.models import Stage, Study
from studies.store.changes import bank_change
from tests.factories import edit, make_study, merge_studies, publish, user_with_role, withdraw
from tests.studies.records_factory import finding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

BOLIVIA = Criteria(chosen={"country": ("BO",)}, year_from=2021, year_to=2021)


def make(stage: Stage = Stage.PUBLISHED) -> Study:
    return make_study(stage=stage, countries=("BO",), year=2021)


def told(criteria: Criteria = BOLIVIA) -> list[tuple[str, str, bool]]:
    return [(entry.slug, entry.event.kind, entry.study is not None) for entry in list_latest_events(criteria)]


class TestLatest:
    def test_tells_what_came_was_corrected_and_was_withdrawn_newest_first(self):
        before = told()
        first, second = make(), make()
        edit(first, findings=(finding(value=0.5, ci_low=0.4, ci_high=0.6),))
        withdraw(second)
        assert told() == [
            (second.slug, "withdrawn", False),
            (first.slug, "corrected", True),
            (first.slug, "published", True),
            *before,
        ]
        assert list_latest_events(BOLIVIA)[1].event.parts == ("results",)

    def test_of_a_withdrawn_study_only_that_it_went(self):
        study = make()
        edit(study, sample_size=8)
        withdraw(study)
        assert [each for each in told() if each[0] == study.slug] == [(study.slug, "withdrawn", False)]

    def test_of_another_list_only_that_it_went(self):
        study, kept = make(), make()
        withdraw(study)
        other = Criteria(chosen={"country": ("PE",)}, year_from=2021, year_to=2021)
        assert [each for each in told(other) if each[0] in (study.slug, kept.slug)] == [
            (study.slug, "withdrawn", False)
        ]

    def test_of_a_withdrawn_record_that_was_edited_since_only_that_it_went(self):
        study = make()
        withdraw(study)
        edit(study, sample_size=8)
        assert [each for each in told() if each[0] == study.slug] == [(study.slug, "withdrawn", False)]

    def test_of_a_study_that_was_restored_its_history(self):
        study = make()
        withdraw(study)
        stages.move(study, "restore", by=user_with_role("Administración"), note="Fue un error.")
        kinds = [kind for slug, kind, has_study in told() if slug == study.slug and has_study]
        assert kinds == ["restored", "withdrawn", "published"]

    def test_of_what_never_was_public_nothing(self):
        before = told()
        draft, in_review, merged = make(Stage.DRAFT), make(Stage.IN_REVIEW), make()
        target = publish(make_study(countries=("PE",)))
        merge_studies(merged, target)
        edit(draft, sample_size=7)
        assert told() == before
        assert in_review.slug not in {slug for slug, *_ in told(Criteria())}

    def test_holds_no_more_than_it_says_and_the_newest(self):
        entries = list_latest_events(Criteria())
        assert len(entries) == feed.MOST_ENTRIES
        study = make()
        assert told(Criteria())[0] == (study.slug, "published", True)

    def test_is_not_crowded_out_by_changes_that_tell_nothing(self):
        study = make()
        touch_all()
        assert (study.slug, "published", True) in told(Criteria())

    def test_looks_further_back_where_little_happened(self, monkeypatch: pytest.MonkeyPatch):
        whole = told()
        assert whole
        monkeypatch.setattr("studies.store.revisions._BATCH", 40)
        assert sorted(told()) == sorted(whole)

    def test_without_an_index_tells_the_same(self, monkeypatch: pytest.MonkeyPatch):
        study = make()
        withdraw(make())
        with_index = told()
        monkeypatch.setattr(indexing, "get_engine", lambda: MemoryEngine(FACET_PARAMETERS))
        assert told() == with_index
        assert with_index[1][0] == study.slug

    def test_costs_the_same_for_any_list(self):
        withdraw(make())
        list_latest_events(Criteria())
        for criteria in (BOLIVIA, Criteria(), Criteria(q="transferencias")):
            with CaptureQueriesContext(connection) as queries:
                list_latest_events(criteria)
            assert len(queries) <= 16, criteria


def touch_all() -> None:
    """Change every study without a word that the public reads, as moving a term does."""
    with bank_change() as change:
        for study in Study.objects.published():
            change.touch(study, content=False)
