"""Which studies a change of the evidence affects: themselves, the papers of their evaluations, users of their data."""

from __future__ import annotations

from typing import Any

from studies.synthesis.evidence import StudyEvidence
from studies.synthesis.evidence_changes import find_affected
from tests.studies.evidence_factory import evidence_of, group, study

A, B, C = study("a"), study("b"), study("c")


def affected(before: list[StudyEvidence], after: list[StudyEvidence], *groups: Any, then: Any = None) -> list[str]:
    """Return the ids of the studies that differ; `then` are the groups after the change, where those changed."""
    first, second = evidence_of(before, groups), evidence_of(after, groups if then is None else then)
    ids = {each.key: each.id for each in (*before, *after)}
    return sorted(ids[key] for key in find_affected(first, second))


class TestFindAffected:
    def test_finds_none_where_only_the_version_is_another(self):
        assert affected([A, B], [A, B]) == []

    def test_finds_what_changed_came_or_went(self):
        assert affected([A, B], [A, study("b", year=1999)]) == ["b"]
        assert affected([A], [A, B]) == ["b"]
        assert affected([A, B], [A]) == ["b"]

    def test_finds_all_papers_of_a_trial_of_which_one_changed(self):
        assert affected([A, B, C], [A, study("b", year=1999), C], group("a", "b")) == ["a", "b"]
        assert affected([A, B, C], [A, C], group("a", "b")) == ["a", "b"]

    def test_finds_the_papers_of_a_trial_that_is_new_or_gone(self):
        assert affected([A, B, C], [A, B, C], then=[group("a", "b")]) == ["a", "b"]
        assert affected([A, B, C], [A, B, C], group("a", "b"), then=[]) == ["a", "b"]

    def test_finds_those_that_came_to_share_their_data(self):
        assert affected([A, B, C], [A, B, C], then=[group("a", "b", kind="data-set")]) == ["a", "b"]

    def test_finds_a_study_of_several_trials_with_their_other_papers(self):
        trials = [group("a", "b", id="one"), group("a", id="two")]
        assert affected([A, B, C], [A, study("b", year=1999), C], *trials) == ["a", "b"]
