"""How near to Peru a study was made, as one of six steps. Pure.

Pages show the step in words; nothing adds steps up to a score.
"""

from __future__ import annotations

from collections.abc import Iterable

NEARNESS_STEPS = ("peru", "andean", "latin-america", "poorer", "richer", "unknown")
"""The steps, the nearest first: Peru, Andean countries, the rest of Latin America and the Caribbean, other countries
of low or middle income, countries of high income, several countries or none stated."""

_STEP_OF_REGION = {"peru": 0, "andean": 1, "latin-america-caribbean": 2}
_STEP_OF_INCOME = {"low": 3, "lower-middle": 3, "upper-middle": 3, "high": 4}
_UNCLASSIFIED = 4


def find_nearest_step(places: Iterable[tuple[str | None, str | None]]) -> int:
    """Return the index in NEARNESS_STEPS of the nearest country, given as (region, income class) pairs.

    Without a country it is the last step. A country of unknown income counts as rich: to overstate how near a study is
    would be the worse mistake.
    """
    return min(
        (_step(region or "", income or "") for region, income in places), default=NEARNESS_STEPS.index("unknown")
    )


def _step(region: str, income: str) -> int:
    return _STEP_OF_REGION.get(region, _STEP_OF_INCOME.get(income, _UNCLASSIFIED))
