"""What is kept of the evidence, and that a change of studies drops what rests on them, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from search.web.evidence import kept
from tests.studies.evidence_factory import evidence_of, group, study

A, B = study("a"), study("b")
FIRST = evidence_of([A, B])


class Maker:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> Any:
        self.asked += 1
        return self.asked


def test_is_made_once_for_each_key() -> None:
    make = Maker()
    assert [kept.keep(FIRST, key, [A.key], make) for key in ("a", "a", "b", "a")] == [1, 1, 2, 1]


def test_nothing_is_a_value_too() -> None:
    asked = []
    for _ in range(2):
        kept.keep(FIRST, "none", [], lambda: asked.append(1))
    assert asked == [1]


def test_goes_with_a_change_of_its_studies() -> None:
    of_a, of_b, of_both = Maker(), Maker(), Maker()
    for evidence in (FIRST, evidence_of([A, study("b", year=1999)]), evidence_of([A])):
        kept.keep(evidence, "of a", [A.key], of_a)
        kept.keep(evidence, "of b", [B.key], of_b)
        kept.keep(evidence, "of both", [A.key, B.key], of_both)
    assert (of_a.asked, of_b.asked, of_both.asked) == (1, 3, 3)


def test_goes_with_a_change_of_another_paper_of_its_evaluation() -> None:
    make, trial = Maker(), group("a", "b")
    for evidence in (evidence_of([A, B], [trial]), evidence_of([A, study("b", year=1999)], [trial])):
        kept.keep(evidence, "of a trial", [A.key], make)
    assert make.asked == 2


def test_that_was_not_used_for_longest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_KEPT", 2)
    make = Maker()
    for key in ("p", "q", "p", "r", "p"):
        kept.keep(FIRST, key, [], make)
    assert make.asked == 3
    kept.keep(FIRST, "q", [], make)
    assert make.asked == 4


def test_what_fails_is_asked_again() -> None:
    def fail() -> None:
        raise ValueError("refused")

    for _ in range(2):
        with pytest.raises(ValueError, match="refused"):
            kept.keep(FIRST, "fails", [], fail)
