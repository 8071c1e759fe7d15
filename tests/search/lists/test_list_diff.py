"""What changed in a list since a change of the bank."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from search.contract import IndexMissing
from search.criteria.criteria import Criteria
from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.index import indexing
from search.lists.list_diff import CannotCompare, compare_list
from search.services import public_search
from studies.curation import stages
from studies.models import Stage, Study
from studies.store import bank_state
from studies.store.changes import bank_change
from tests.factories import edit, make_study, merge_studies, publish, user_with_role, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

BOLIVIA = Criteria(chosen={"country": ("BO",)})
WORDS = Criteria(q="violencia pareja", chosen={"country": ("BO",)})


def now() -> int:
    bank_state.clear_cache()
    return bank_state.current().change_no


def make(stage: Stage = Stage.PUBLISHED, **changes: object) -> Study:
    return make_study(stage=stage, **{"countries": ("BO",), **changes})


@dataclass
class Told:
    """A difference in short."""

    came: list[tuple[str, str]]
    changed: list[tuple[str, tuple[str, ...]]]
    went: list[tuple[str, str, str]]


def told(since_no: int, criteria: Criteria = BOLIVIA, *, knew_the_list: bool = False) -> Told:
    found = compare_list(criteria, since_no, knew_the_list=knew_the_list)
    return Told(
        sorted((each.study.slug, each.reason) for each in found.came),
        sorted((each.study.slug, each.parts) for each in found.changed),
        sorted((each.pick.slug, each.fate, each.leads_to) for each in found.went),
    )


class TestDifference:
    def test_of_nothing_is_empty(self):
        found = compare_list(BOLIVIA, now())
        assert found.is_empty
        assert found.total_then == found.total_now == public_search.count(BOLIVIA)

    def test_tells_what_came(self):
        draft, withdrawn, elsewhere = make(Stage.DRAFT), make(), make(countries=("PE",))
        withdraw(withdrawn)
        before = now()
        publish(draft)
        stages.move(withdrawn, "restore", by=user_with_role("Administración"), note="Fue un error.")
        edit(elsewhere, countries=("BO", "PE"))
        new = make()
        assert told(before).came == sorted(
            [
                (draft.slug, "published"),
                (new.slug, "published"),
                (withdrawn.slug, "restored"),
                (elsewhere.slug, "fits"),
            ]
        )

    def test_tells_what_changed_and_in_what(self):
        study, other = make(), make()
        edit(study, volume="3")
        before = now()
        edit(study, sample_size=9)
        edit(study, year=2020)
        with bank_change() as change:
            change.touch(other, content=False)
        assert told(before) == Told([], [(study.slug, ("methods", "bibliography"))], [])

    def test_tells_what_went_and_where_to(self):
        gone, merged, elsewhere, kept = make(), make(), make(), make()
        before = now()
        withdraw(gone)
        merge_studies(merged, kept)
        edit(elsewhere, countries=("PE",))
        assert told(before, knew_the_list=True).went == sorted(
            [(gone.slug, "withdrawn", ""), (merged.slug, "merged", kept.slug), (elsewhere.slug, "published", "")]
        )

    def test_tells_who_asks_for_any_list_what_was_withdrawn_from_this_or_another(self):
        gone, elsewhere = make(), make(countries=("PE",))
        before = now()
        withdraw(gone)
        withdraw(elsewhere)
        found, other = (compare_list(criteria, before) for criteria in (BOLIVIA, Criteria(q="nada de nada")))
        assert sorted(each.pick.slug for each in found.withdrawn) == sorted([gone.slug, elsewhere.slug])
        assert found.withdrawn == other.withdrawn
        assert found.went == ()
        assert found.is_empty

    def test_what_came_and_went_meanwhile_is_not_reported(self):
        before = now()
        withdraw(make())
        study = make(Stage.DRAFT)
        edit(study, sample_size=4)
        assert told(before) == Told([], [], [])

    def test_counts_then_and_now(self):
        first = make()
        before, total = now(), len(public_search.list_ids(BOLIVIA))
        withdraw(first)
        make(), make(), make()
        found = compare_list(BOLIVIA, before, knew_the_list=True)
        assert (found.total_then, found.total_now) == (total, total + 2)
        assert compare_list(BOLIVIA, before).total_then == total - 1

    def test_is_of_the_words_as_of_the_filters(self):
        before = now()
        fits, other = make(), make(title="Otra cosa", title_es="Otra cosa", title_en="Other", findings=(), outcomes=())
        edit(other, summary_es="Nada de eso.", summary_en="None of it.", key_finding_es="Nada", key_finding_en="None")
        assert (fits.slug, "published") in told(before, WORDS).came
        assert other.slug not in dict(told(before, WORDS).came)

    def test_since_the_beginning_everything_is_new(self):
        published = Study.objects.published().count()
        found = compare_list(Criteria(), 0, most=published)
        assert (found.total_then, found.total_now, len(found.came)) == (0, published, published)

    @pytest.mark.parametrize("since_no", [-1, 10**17])
    def test_an_unknown_change_is_refused(self, since_no: int):
        with pytest.raises(CannotCompare) as refusal:
            compare_list(BOLIVIA, since_no)
        assert refusal.value.reason == "unknown"

    def test_too_much_is_refused(self):
        with pytest.raises(CannotCompare) as refusal:
            compare_list(BOLIVIA, 0, most=314)
        assert refusal.value.reason == "too-much"

    def test_needs_an_index(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(indexing, "get_engine", lambda: MemoryEngine(FACET_PARAMETERS))
        with pytest.raises(IndexMissing):
            compare_list(BOLIVIA, 0)

    def test_ends_where_the_index_is(self, monkeypatch: pytest.MonkeyPatch):
        """What the index does not hold yet is told next time, and not twice."""
        study = make()
        before = now()
        edit(study, sample_size=3)
        reached = now()
        public_search.list_ids(BOLIVIA)
        monkeypatch.setattr("search.index.sync.update_index", lambda: None)
        monkeypatch.setattr("search.index.sync.update_after_commit", lambda: None)
        edit(study, volume="9")
        found = compare_list(BOLIVIA, before)
        assert found.until_no == reached
        assert [each.parts for each in found.changed] == [("methods",)]

    def test_costs_the_same_for_any_number(self):
        for number in (1, 4):
            before = now()
            merged, kept = make(), make()
            studies = [make() for _ in range(number)]
            withdraw(studies[0])
            merge_studies(merged, kept)
            public_search.list_ids(BOLIVIA)
            with CaptureQueriesContext(connection) as queries:
                compare_list(BOLIVIA, before)
            assert len(queries) <= 20
