"""Pairs of the bank that may be one study, and what people decide on them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from studies.curation import grouping
from studies.curation.grouping import GroupingRefused
from studies.curation.stages import CurationError
from studies.duplicates import decisions
from studies.duplicates.decisions import AlreadyDecided, DuplicatesError
from studies.duplicates.matching.comparing import MatchKind
from studies.duplicates.matching.matcher import StudyPair
from studies.models import BankCounter, DuplicateSearch, Evaluation, NotDuplicate, Revision, Stage, Study
from tests.factories import edit, make_study, merge_studies, user_with_role
from tests.studies.records_factory import author

pytestmark = pytest.mark.django_db
TITLES = (
    "Tejedoras de Puno frente a la violencia: un ensayo aleatorizado",
    "Promotoras de salud y denuncias en Loreto: estudio de casos",
    "Radio comunitaria y normas de género en el altiplano: evidencia experimental",
)


def study(number: int = 0, **changes: Any) -> Study:
    """Make a study that resembles only those of the same number. No two have the same DOI."""
    names = (("Mamani", "Zulema"), ("Shapiama", "Teófilo"), ("Ccori", "Nélida"))
    own = {"title": TITLES[number], "title_es": TITLES[number], "title_en": None, "volume": None, "doi": None}
    return make_study(**{**own, "authors": (author(*names[number]),), **changes})


def curator(role: str = "Curaduría") -> User:
    return user_with_role(role)


def open_ids() -> list[tuple[int, int]]:
    return [pair[:2] for pair in decisions.list_open_pairs()]


class TestOpenPairs:
    def test_the_real_bank_has_none(self):
        assert decisions.list_open_pairs() == []

    def test_a_copy_is_found_whatever_the_stages(self):
        first, second = study(stage=Stage.PUBLISHED), study(title=TITLES[0].upper())
        (pair,) = decisions.list_open_pairs()
        assert pair[:2] == (first.pk, second.pk)
        assert pair.kind == MatchKind.DUPLICATE
        assert "La misma autoría" in pair.reasons

    def test_the_list_follows_every_change(self):
        first = study()
        assert open_ids() == []
        second = study()
        assert open_ids() == [(first.pk, second.pk)]
        edit(second, title=TITLES[1], title_es=TITLES[1], authors=(author("Otra"),))
        assert open_ids() == []
        third = study(1, authors=(author("Otra"),))
        assert open_ids() == [(second.pk, third.pk)]

    def test_a_full_record_that_is_edited_keeps_its_pair_with_a_poor_draft(self):
        full = study(stage=Stage.PUBLISHED, title_en="Weavers of Puno facing violence: a randomised trial of groups")
        poor = study(title=TITLES[0].partition(":")[0], title_es=None, findings=())
        assert open_ids() == [(full.pk, poor.pk)]
        edit(full, volume="77")
        assert open_ids() == [(full.pk, poor.pk)]
        pair = decisions.compare_studies(full, poor)
        assert pair is not None
        assert pair in decisions.list_open_pairs()

    def test_following_gives_what_reading_the_whole_bank_gives(self):
        for number in (0, 1, 0, 2, 1, 0):
            study(number)
            decisions.list_open_pairs()
        followed = decisions.list_open_pairs()
        DuplicateSearch.objects.all().delete()
        assert decisions.list_open_pairs() == followed
        assert len(followed) == 3 + 1

    def test_a_deleted_draft_is_no_pair(self):
        study(stage=Stage.PUBLISHED)
        draft = study()
        assert len(open_ids()) == 1
        Study.objects.filter(pk=draft.pk).delete()
        assert open_ids() == []

    def test_versions_that_share_their_trial_are_not_asked_about(self):
        paper, article = study(type="report", year=2019), study()
        (pair,) = decisions.list_open_pairs()
        assert pair.kind == MatchKind.SAME_WORK
        trial = Evaluation.objects.create(slug="tejedoras", kind="trial", name_es="Tejedoras", name_en="Weavers")
        for row in (paper, article):
            trial.evaluation_studies.create(study=row)
        assert decisions.list_open_pairs() == []

    def test_what_is_like_a_merged_study_is_a_pair_with_the_one_that_it_leads_to(self):
        kept, copy = study(stage=Stage.PUBLISHED), study(1, stage=Stage.PUBLISHED)
        merge_studies(copy, kept)
        assert open_ids() == []
        again = study(1)
        assert open_ids() == [(kept.pk, again.pk)]

    def test_queries_do_not_grow_with_the_pairs(self, django_assert_num_queries: DjangoAssertNumQueries):
        for _ in range(4):
            study()
        assert len(decisions.list_open_pairs()) == 6
        with django_assert_num_queries(5):
            decisions.list_open_pairs()
        study()
        with django_assert_num_queries(20):
            assert len(decisions.list_open_pairs()) == 10


class TestNotDuplicate:
    def test_it_is_remembered_with_who_and_why_until_it_is_taken_back(self):
        first, second, by = study(), study(), curator()
        decisions.mark_not_duplicate(second, first, by=by, note="Dos cohortes.")
        assert open_ids() == []
        word = decisions.find_decision(first, second)
        assert word is not None
        assert (word.by, word.note) == (by, "Dos cohortes.")
        decisions.revoke_not_duplicate(word, by=by)
        assert open_ids() == [(first.pk, second.pk)]
        held = NotDuplicate.objects.get()
        assert (held.taken_back_by, decisions.find_decision(first, second)) == (by, None)

    def test_saying_it_twice_changes_nothing_and_taking_it_back_twice_is_told(self):
        first, second = study(), study()
        words = [decisions.mark_not_duplicate(first, second, by=curator()) for _ in range(2)]
        assert words[0] == words[1]
        decisions.revoke_not_duplicate(words[0], by=curator())
        with pytest.raises(AlreadyDecided):
            decisions.revoke_not_duplicate(words[0], by=curator())

    def test_it_can_be_said_again_after_it_was_taken_back(self):
        first, second = study(), study()
        decisions.revoke_not_duplicate(decisions.mark_not_duplicate(first, second, by=curator()), by=curator())
        decisions.mark_not_duplicate(first, second, by=curator())
        assert open_ids() == []

    def test_only_staff_with_the_permission_says_it_and_only_of_two_studies(self):
        first, second = study(stage=Stage.PUBLISHED), study(stage=Stage.PUBLISHED)
        with pytest.raises(DuplicatesError, match="permiso"):
            decisions.mark_not_duplicate(first, second, by=user_with_role())
        with pytest.raises(DuplicatesError):
            decisions.mark_not_duplicate(first, first, by=curator())
        merged = merge_studies(first, second)
        with pytest.raises(DuplicatesError):
            decisions.mark_not_duplicate(merged, second, by=curator())


class TestSameEvaluation:
    def new(self, kind: str = "trial") -> Evaluation:
        return grouping.make_evaluation(kind, "Ensayo de las tejedoras", "")

    def test_both_come_under_a_new_one_the_earlier_first(self):
        later, earlier = study(year=2022), study(year=2019)
        by = curator("Revisión")
        decisions.mark_same_evaluation(later, earlier, self.new(), by=by, note="Mismo registro.")
        trial = Evaluation.objects.get(name_es="Ensayo de las tejedoras")
        members = trial.evaluation_studies.values_list("study", flat=True)
        assert list(members) == [earlier.pk, later.pk]
        assert open_ids() == []
        last = Revision.objects.filter(study=later).first()
        assert last is not None
        assert (last.by, last.is_content) == (by, False)
        assert "Mismo registro." in last.note

    def test_index_and_vocabularies_hear_of_it(self):
        first, second = study(), study()
        before = BankCounter.current()
        decisions.mark_same_evaluation(first, second, self.new(), by=curator("Revisión"))
        after = BankCounter.current()
        assert (after.change_no, after.vocabulary_no) == (before.change_no + 1, before.vocabulary_no + 1)
        assert set(Study.objects.changed_since(before.change_no)) == {first, second}

    def test_an_evaluation_of_one_takes_in_the_other(self):
        first, second = study(), study()
        trial = Evaluation.objects.create(slug="t", kind="trial", name_es="T", name_en="T")
        trial.evaluation_studies.create(study=first)
        assert list(grouping.list_evaluations(first, second)) == [trial]
        decisions.mark_same_evaluation(first, second, trial, by=curator("Revisión"))
        assert set(trial.studies.all()) == {first, second}

    def test_a_study_is_of_one_trial_only(self):
        first, second = study(), study()
        trial = Evaluation.objects.create(slug="t", kind="trial", name_es="Otro ensayo", name_en="T")
        trial.evaluation_studies.create(study=first)
        with pytest.raises(GroupingRefused, match="Otro ensayo"):
            decisions.mark_same_evaluation(first, second, self.new(), by=curator("Revisión"))
        assert not Evaluation.objects.filter(name_es="Ensayo de las tejedoras").exists()
        decisions.mark_same_evaluation(first, second, self.new("data-set"), by=curator("Revisión"))
        assert len(open_ids()) == 0

    def test_a_curator_may_not(self):
        with pytest.raises(CurationError, match="permiso"):
            decisions.mark_same_evaluation(study(), study(), self.new(), by=curator())
        assert not NotDuplicate.objects.exists()


class TestOnePair:
    def test_two_studies_are_compared_whatever_was_decided(self):
        first, second = study(), study()
        decisions.mark_not_duplicate(first, second, by=curator())
        pair = decisions.compare_studies(second, first)
        assert isinstance(pair, StudyPair)
        assert pair[:2] == (first.pk, second.pk)

    def test_unlike_ones_are_no_pair(self):
        assert decisions.compare_studies(study(0), study(1)) is None
