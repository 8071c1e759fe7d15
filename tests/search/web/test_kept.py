"""What is kept of the evidence of one version of the bank, and that another version drops it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from search.web.evidence import kept
from studies.synthesis.evidence import Evidence

FIRST, SECOND = cast(Evidence, object()), cast(Evidence, object())


class Maker:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> Any:
        self.asked += 1
        return self.asked


def test_is_made_once_for_each_key() -> None:
    make = Maker()
    assert [kept.keep(FIRST, key, make) for key in ("a", "a", "b", "a")] == [1, 1, 2, 1]


def test_nothing_is_a_value_too() -> None:
    asked = []
    for _ in range(2):
        kept.keep(FIRST, "none", lambda: asked.append(1))
    assert asked == [1]


def test_goes_with_the_version_of_the_bank() -> None:
    make = Maker()
    kept.keep(FIRST, "x", make)
    kept.keep(SECOND, "x", make)
    kept.keep(FIRST, "x", make)
    assert make.asked == 3


def test_that_was_not_used_for_longest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_KEPT", 2)
    make = Maker()
    for key in ("p", "q", "p", "r", "p"):
        kept.keep(SECOND, key, make)
    assert make.asked == 3
    kept.keep(SECOND, "q", make)
    assert make.asked == 4


def test_what_fails_is_asked_again() -> None:
    def fail() -> None:
        raise ValueError("refused")

    for _ in range(2):
        with pytest.raises(ValueError, match="refused"):
            kept.keep(FIRST, "fails", fail)
