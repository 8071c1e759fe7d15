"""Numbers of a record that can be right and seldom are: what somebody should look up again. Pure.

`rules` keeps what is impossible from publication; nothing here keeps anything from anything. The words for people
belong to whoever shows a suspicion; `CODES` lists what needs words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from studies.records.study import FindingRecord, StudyRecord

CODES = (
    "ratio-not-positive",
    "ratio-far",
    "interval-contradicts-value",
    "interval-lopsided",
    "p-against-interval",
    "effect-against-interval",
    "p-zero",
    "percent-out-of-range",
    "correlation-out-of-range",
    "area-out-of-range",
    "standardised-large",
    "negative",
    "level-unusual",
    "follow-up-long",
    "follow-up-differs",
    "sample-not-positive",
    "sample-huge",
)

RATIOS = frozenset(
    {
        "odds ratio",
        "risk ratio",
        "hazard ratio",
        "incidence rate ratio",
        "prevalence ratio",
        "relative risk ratio",
        "ratio",
    }
)
STANDARDISED = frozenset({"standard deviations", "Hedges g", "Cohen d"})
DIFFERENCES = STANDARDISED | {"percentage points", "mean difference", "regression coefficient"}
"""Measures whose intervals are as long on one side as on the other. A percent change is often made from a ratio."""

FARTHEST_RATIO = 20.0
"""A ratio above, or below one over it, is more often a percentage or a slip of the decimal sign than an effect."""
LARGEST_STANDARDISED = 3.0
LARGEST_SAMPLE = 50_000_000
"""More people than any study of the bank could ask; registers of whole countries come near."""
LONGEST_FOLLOW_UP_MONTHS = 360
USUAL_LEVELS = (80.0, 99.9)
_LOPSIDED = 0.2
"""Where a value stands in its interval, from 0 (at the low end) to 1: between this and one minus it is usual."""
_DOUBTLESS = (0.03, 0.08)
"""Between these, rounding alone can set p against a 95 % interval."""
_FOLLOW_UP = re.compile(r"(?:[\d.]+-)?(\d+(?:\.\d+)?) (day|week|month|year)s?")
_MONTHS_IN = {"day": 12 / 365.25, "week": 12 * 7 / 365.25, "month": 1.0, "year": 12.0}


@dataclass(frozen=True, slots=True)
class Suspicion:
    """`field` is a path into the record (`findings[2].value`), `code` one of CODES."""

    field: str
    code: str


def suspicions(record: StudyRecord) -> tuple[Suspicion, ...]:
    """Tell the numbers of `record` that somebody should compare with their source; empty if there are none."""
    found = [
        Suspicion(f"findings[{index}].{name}", code)
        for index, finding in enumerate(record.findings)
        for name, code in (*_value(finding), *_interval(finding), *_follow_up(finding))
    ]
    if record.sample_size is not None and record.sample_size < 1:
        found.append(Suspicion("sample_size", "sample-not-positive"))
    if record.sample_size is not None and record.sample_size > LARGEST_SAMPLE:
        found.append(Suspicion("sample_size", "sample-huge"))
    return tuple(found)


def _value(finding: FindingRecord) -> Iterator[tuple[str, str]]:
    value, measure = finding.value, finding.measure
    if finding.p == 0:
        yield "p", "p-zero"
    if value is None or measure is None:
        return
    if measure in RATIOS and value <= 0:
        yield "value", "ratio-not-positive"
    elif measure in RATIOS and not 1 / FARTHEST_RATIO <= value <= FARTHEST_RATIO:
        yield "value", "ratio-far"
    if measure in STANDARDISED and abs(value) > LARGEST_STANDARDISED:
        yield "value", "standardised-large"
    low, high = _PERCENTS.get(measure, (-math.inf, math.inf))
    if not low <= value <= high:
        yield "value", "percent-out-of-range"
    if measure == "correlation" and abs(value) > 1:
        yield "value", "correlation-out-of-range"
    if measure == "area under the curve" and not 0 <= value <= 1:
        yield "value", "area-out-of-range"
    if measure in ("rate", "count", "amount") and value < 0:
        yield "value", "negative"


_PERCENTS = {
    "prevalence": (0.0, 100.0),
    "share": (0.0, 100.0),
    "percentage points": (-100.0, 100.0),
    "percent change": (-100.0, math.inf),
}


def _interval(finding: FindingRecord) -> Iterator[tuple[str, str]]:
    low, value, high = finding.ci_low, finding.value, finding.ci_high
    if finding.ci_level is not None and not USUAL_LEVELS[0] <= finding.ci_level <= USUAL_LEVELS[1]:
        yield "ci_level", "level-unusual"
    if low is None or high is None or value is None:
        return
    if not low <= value <= high:
        yield "value", "interval-contradicts-value"
    elif _is_lopsided(finding, low, value, high):
        yield "ci_low", "interval-lopsided"
    holds_null = _holds_null(finding, low, high)
    if holds_null is None:
        return
    if finding.p is not None and (finding.p < _DOUBTLESS[0] if holds_null else finding.p > _DOUBTLESS[1]):
        yield "p", "p-against-interval"
    if finding.effect in (("favourable", "unfavourable") if holds_null else ("no-effect",)):
        yield "effect", "effect-against-interval"


def _is_lopsided(finding: FindingRecord, low: float, value: float, high: float) -> bool:
    """Say whether a value stands far from the middle of its interval, by more than rounding explains.

    Intervals of ratios are even on a log scale, those of differences on a plain one (Cochrane Handbook, 6.3).
    """
    is_ratio = finding.measure in RATIOS
    if not is_ratio and finding.measure not in DIFFERENCES:
        return False
    if is_ratio and low <= 0:
        return False
    slacks = _slacks(low, value, high)
    numbers = tuple(zip((low, value, high), slacks, strict=True))
    places = [
        _place(at_low, at_value, at_high, is_ratio)
        for at_low, at_value, at_high in product(*((number - slack, number + slack) for number, slack in numbers))
    ]
    return min(places) > 1 - _LOPSIDED or max(places) < _LOPSIDED


def _place(low: float, value: float, high: float, is_ratio: bool) -> float:
    """Return where the value stands, from 0 at the low end to 1; the middle for what cannot be told."""
    if is_ratio:
        if low <= 0 or value <= 0 or high <= 0:
            return 0.5
        low, value, high = math.log(low), math.log(value), math.log(high)
    return (value - low) / (high - low) if high > low else 0.5


def _slacks(*numbers: float) -> tuple[float, ...]:
    """Return for each number half of its last decimal. A whole one was written like the finest: 9 for 9.0."""
    own = [_rounding(number) for number in numbers]
    return tuple(min(own) if slack == 0.5 else slack for slack in own)


def _rounding(number: float) -> float:
    digits = repr(float(number))
    decimals = len(digits.partition(".")[2].removesuffix("0")) if "e" not in digits else 0
    return 0.5 * 10.0**-decimals


def _holds_null(finding: FindingRecord, low: float, high: float) -> bool | None:
    """Say whether a 95 % interval holds "no difference"; None where rounding decides, or nothing is compared."""
    if finding.ci_level not in (None, 95):
        return None
    if finding.measure in RATIOS:
        null = 1.0
    elif finding.measure in DIFFERENCES | {"percent change", "correlation"}:
        null = 0.0
    else:
        return None
    at_low, at_high = _slacks(low, high)
    if abs(low - null) <= at_low or abs(high - null) <= at_high:
        return None
    return low < null < high


def _follow_up(finding: FindingRecord) -> Iterator[tuple[str, str]]:
    months = finding.follow_up_months
    if months is None:
        return
    if months > LONGEST_FOLLOW_UP_MONTHS:
        yield "follow_up_months", "follow-up-long"
    found = _FOLLOW_UP.fullmatch(finding.follow_up or "")
    if found:
        told = float(found[1]) * _MONTHS_IN[found[2]]
        if abs(told - months) > max(1.0, 0.1 * told):
            yield "follow_up_months", "follow-up-differs"
