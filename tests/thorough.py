"""How much of the long tests is run: all with THOROUGH=1, as CI does; else a part, so that `make test` is soon done."""

import os
import random
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import pytest

T = TypeVar("T")

THOROUGH = bool(os.environ.get("THOROUGH"))


def examples(number: int) -> int:
    """Return how many examples a property is tried with: `number` in a thorough run, else a quarter, at least five."""
    return number if THOROUGH else max(5, number // 4)


def mainly(number: int, cases: Iterable[Any]) -> list[Any]:
    """Return cases for `parametrize` of which those after the first `number` are tried in a thorough run alone.

    A case of several values is a tuple or a `pytest.param`.
    """
    return [case if place < number else _left_for_a_thorough_run(case) for place, case in enumerate(cases)]


def some_of(all_of_them: Sequence[T], most: int, chance: random.Random) -> Sequence[T]:
    """Return what is looked at one by one: all in a thorough run, else as many as `most`, drawn at random."""
    return all_of_them if THOROUGH else chance.sample(all_of_them, min(most, len(all_of_them)))


def _left_for_a_thorough_run(case: Any) -> Any:
    if isinstance(case, type(pytest.param())):
        return pytest.param(*case.values, marks=[*case.marks, pytest.mark.thorough], id=case.id)
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.thorough)
