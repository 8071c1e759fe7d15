"""Pairs that are found and stored: at once or by the worker, by one search at a time."""

from __future__ import annotations

import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs.errors import JobEnded
from jobs.models import Job
from studies.duplicates import decisions, finder
from studies.duplicates.matching import matcher as matching_matcher
from studies.models import DuplicateSearch, Stage, Study
from studies.records.study import StudyRecord
from studies.store import vocabularies
from tests.factories import edit, merge_studies
from tests.studies.duplicates.test_decisions import TITLES, study
from tests.studies.records_factory import author

pytestmark = pytest.mark.django_db


@pytest.fixture
def _is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every bank and every change counts as large."""
    monkeypatch.setattr(finder, "MOST_STUDIES_AT_ONCE", 1)
    monkeypatch.setattr(finder, "MOST_CHANGED_AT_ONCE", 1)


def asked_for() -> list[str]:
    return list(Job.objects.values_list("kind", flat=True))


class TestListWithoutWaiting:
    def test_a_small_bank_is_read_at_once(self):
        first, second = study(), study()
        found = decisions.list_known_pairs()
        assert [pair[:2] for pair in found.pairs] == [(first.pk, second.pk)]
        assert found.under_way is None

    @pytest.mark.usefixtures("_is_large")
    def test_a_large_bank_is_left_to_the_worker_and_that_is_told(self):
        study(), study()
        assert finder.is_long_search_due()
        for _ in range(2):
            found = decisions.list_known_pairs()
            assert (found.pairs, found.is_first, asked_for()) == ([], True, ["find-duplicates"])
            assert found.under_way == finder.SearchProgress(0, 0)
        call_command("find_duplicates", stdout=(told := StringIO()))
        assert told.getvalue() == "1 possible duplicates, 0 versions of one work\n"
        found = decisions.list_known_pairs()
        assert (len(found.pairs), found.under_way, len(asked_for())) == (1, None, 1)
        assert not finder.is_long_search_due()

    @pytest.mark.usefixtures("_is_large")
    def test_one_change_is_followed_at_once_and_many_are_not(self):
        first = study()
        finder.find_pairs()
        second = study()
        found = decisions.list_known_pairs()
        assert ([pair[:2] for pair in found.pairs], asked_for()) == ([(first.pk, second.pk)], [])
        for _ in range(2):
            study()
        found = decisions.list_known_pairs()
        assert ([pair[:2] for pair in found.pairs], found.is_first) == ([(first.pk, second.pk)], False)
        assert (found.under_way, asked_for()) == (finder.SearchProgress(0, 0), ["find-duplicates"])

    @pytest.mark.usefixtures("_is_large")
    def test_other_names_of_countries_or_another_way_of_matching_read_all_anew(self, monkeypatch):
        finder.find_pairs()
        assert decisions.list_known_pairs().under_way is None
        monkeypatch.setattr(matching_matcher, "VERSION", 0)
        assert decisions.list_known_pairs().is_first


class TestSearchersAtOnce:
    """Of several processes, on several hosts, one searches, and its result is stored all or nothing."""

    @pytest.mark.usefixtures("_is_large")
    def test_a_search_tells_how_far_it_is(self):
        study(), study()
        seen: list[finder.SearchProgress | None] = []
        finder.find_pairs(lambda done, total: seen.append(decisions.list_known_pairs().under_way))
        assert seen[0] == finder.SearchProgress(250, Study.objects.count())

    def test_a_search_that_is_ended_leaves_the_way_free(self):
        study(), study()

        def end(done: int, total: int) -> None:
            raise JobEnded

        with pytest.raises(JobEnded):
            finder.find_pairs(end)
        assert DuplicateSearch.current().claimed_until is None

    def test_a_command_waits_for_the_process_that_searches(self, monkeypatch: pytest.MonkeyPatch):
        study(), study()
        DuplicateSearch.objects.create(claimed_until=timezone.now() + timedelta(minutes=1))
        waits: list[float] = []

        def let_the_other_search(seconds: float) -> None:
            waits.append(seconds)
            DuplicateSearch.objects.update(claimed_until=None)
            assert len(finder.find_pairs()) == 1

        monkeypatch.setattr(time, "sleep", let_the_other_search)
        assert len(finder.find_pairs()) == 1
        assert len(waits) == 1

    def test_what_another_has_found_meanwhile_cannot_be_claimed(self):
        study(), study()
        search = DuplicateSearch.current()
        finder.find_pairs()
        assert not finder._claim(search)
        assert finder._claim(DuplicateSearch.current())

    def test_what_a_slower_one_found_is_not_kept(self, monkeypatch: pytest.MonkeyPatch):
        first = study()
        finder.find_pairs()
        second = study()
        compare = finder._compare_changed

        def compare_and_be_overtaken(change_no: int) -> Any:
            found = compare(change_no)
            monkeypatch.setattr(finder, "_compare_changed", compare)
            DuplicateSearch.objects.update(claimed_until=None)
            assert len(finder.find_pairs()) == 1
            edit(second, title=TITLES[1], title_es=TITLES[1], authors=(author("Otra"),))
            assert finder.find_pairs() == []
            return found

        monkeypatch.setattr(finder, "_compare_changed", compare_and_be_overtaken)
        assert finder.find_pairs() == []
        assert finder._compare_changed == compare
        third = study()
        assert [pair[:2] for pair in finder.find_pairs()] == [(first.pk, third.pk)]


class TestMatcherOfTheBank:
    def test_it_knows_studies_of_every_stage_and_merged_ones_under_their_end(self):
        draft, kept, copy = study(), study(1, stage=Stage.PUBLISHED), study(2, stage=Stage.PUBLISHED)
        merge_studies(copy, kept)
        matcher = finder.build_matcher()
        found = [matcher.candidates(StudyRecord(id="x", title=title, year=2021))[0] for title in TITLES]
        assert [candidate.study_id for candidate in found] == [draft.pk, kept.pk, kept.pk]

    def test_it_costs_four_queries(self, django_assert_num_queries: DjangoAssertNumQueries):
        vocabularies.current()
        with django_assert_num_queries(4):
            finder.build_matcher()
