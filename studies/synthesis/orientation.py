"""What a higher value of a finding means for women, and findings turned so that it means the same in all. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from studies.records.editorial import VIOLENCE_GROUPS
from studies.records.finding import FindingRecord
from studies.synthesis.evidence import Taxonomy


class Orientation(StrEnum):
    """What a higher value means for women, as `higher_is` has it; or that nobody knows."""

    BETTER = "better"
    WORSE = "worse"
    UNKNOWN = "unknown"


_LESS_IS_BETTER = frozenset({"violence-children", "child-marriage", "injuries", "alcohol-use"})
"""Outcomes of which less is better, beside those of VIOLENCE_GROUPS. Of all others more is better, or nobody knows."""

_COUNTS_THE_OUTCOME = frozenset(
    {
        "odds ratio",
        "risk ratio",
        "hazard ratio",
        "incidence rate ratio",
        "prevalence ratio",
        "relative risk ratio",
        "ratio",
        "percentage points",
        "percent change",
    }
)
"""Measures that count the outcome as it is named. A scale may run the other way, and only `higher_is` can tell."""

_TURNED_BY_SIGN = frozenset({"percentage points", "standard deviations", "Hedges g", "Cohen d", "mean difference"})
_TURNED_BY_INVERSION = frozenset({"odds ratio"})
"""The odds of not having the outcome are the inverse of those of having it; of risks and rates that is not so."""


def read_orientation(finding: FindingRecord, taxonomy: Taxonomy) -> Orientation:
    """Return what a higher value means for women.

    The record's own `higher_is`; else, where the measure counts an outcome of which less is better, that it is worse.
    """
    if finding.higher_is is not None:
        return Orientation(finding.higher_is)
    counts_the_worse = finding.measure in _COUNTS_THE_OUTCOME and is_less_better(finding.outcome, taxonomy)
    return Orientation.WORSE if counts_the_worse else Orientation.UNKNOWN


def is_less_better(outcome: str, taxonomy: Taxonomy) -> bool:
    """Return True if less of the outcome is better for women."""
    return taxonomy.group_of_outcome.get(outcome) in VIOLENCE_GROUPS or outcome in _LESS_IS_BETTER


def choose_orientation(orientations: Iterable[Orientation]) -> Orientation:
    """Return the orientation that most share, so that as few as possible are turned; WORSE where it is a draw."""
    counts = Counter(orientations)
    return Orientation.BETTER if counts[Orientation.BETTER] > counts[Orientation.WORSE] else Orientation.WORSE


def turn(finding: FindingRecord, to: Orientation) -> FindingRecord | None:
    """Return the finding as if its scale ran the other way: a difference changes sign, an odds ratio is inverted.

    `to` is what a higher value then means. None where the measure cannot be turned, and where its numbers cannot be.
    """
    numbers = (finding.value, finding.ci_low, finding.ci_high)
    if finding.measure in _TURNED_BY_SIGN:
        # Zero keeps its sign: "-0.0" would be printed.
        value, high, low = (number if not number else -number for number in numbers)
    elif finding.measure in _TURNED_BY_INVERSION and all(number is None or number > 0 for number in numbers):
        value, high, low = (None if number is None else 1 / number for number in numbers)
    else:
        return None
    return replace(finding, value=value, ci_low=low, ci_high=high, higher_is=to.value)
