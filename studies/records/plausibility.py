"""Numbers of a record that are possible but unlikely, and that somebody should compare with the source. Pure.

A suspicion never blocks anything: what is impossible is in `rules`, which does. Messages for people stand where
suspicions are shown; each code of `SUSPICION_CODES` needs one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from studies.records.finding import FindingRecord
from studies.records.study import StudyRecord

SUSPICION_CODES = (
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
"""Measures with symmetric intervals. A percent change is not among them, as it is often computed from a ratio."""

FARTHEST_RATIO = 20.0
"""A ratio above this, or below its inverse, is more often a percentage or a misplaced decimal point than an effect."""
LARGEST_STANDARDISED = 3.0
LARGEST_SAMPLE = 50_000_000
"""More people than any study of the bank could include; registers of whole countries come near."""
LONGEST_FOLLOW_UP_MONTHS = 360
USUAL_LEVELS = (80.0, 99.9)
_LEAST_FROM_BOUND = 0.2
"""A value lies between this and one minus this in its interval, where 0 is the lower bound and 1 the upper."""
_P_LOW, _P_HIGH = 0.03, 0.08
"""Between these, rounding alone can make p contradict a 95 % interval."""
_FOLLOW_UP = re.compile(r"(?:[\d.]+-)?(\d+(?:\.\d+)?) (day|week|month|year)s?")
_MONTHS_IN = {"day": 12 / 365.25, "week": 12 * 7 / 365.25, "month": 1.0, "year": 12.0}


@dataclass(frozen=True, slots=True)
class Suspicion:
    """`field` is a path into the record (`findings[2].value`), `code` one of SUSPICION_CODES or `editorial`'s."""

    field: str
    code: str


def find_suspicions(record: StudyRecord) -> tuple[Suspicion, ...]:
    """Return the numbers of `record` that somebody should compare with their source; empty if there are none."""
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
    # "p = 0.000" in a source means p < 0.001.
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


# A change may exceed 100 per cent, a share may not.
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
    includes_null = _includes_null(finding, low, high)
    if includes_null is None:
        return
    if finding.p is not None and (finding.p < _P_LOW if includes_null else finding.p > _P_HIGH):
        yield "p", "p-against-interval"
    if finding.effect in (("favourable", "unfavourable") if includes_null else ("no-effect",)):
        yield "effect", "effect-against-interval"


def _is_lopsided(finding: FindingRecord, low: float, value: float, high: float) -> bool:
    """Whether a value is farther from the middle of its interval than rounding explains.

    Intervals of ratios are symmetric on a log scale, those of differences on a linear one (Cochrane Handbook, 6.3).
    """
    is_ratio = finding.measure in RATIOS
    if not is_ratio and finding.measure not in DIFFERENCES:
        return False
    if is_ratio and low <= 0:
        return False
    errors = _rounding_errors(low, value, high)
    numbers = tuple(zip((low, value, high), errors, strict=True))
    # Any of the numbers may be rounded up or down: the interval is lopsided if it is for all combinations.
    places = [
        _locate_value(at_low, at_value, at_high, is_ratio)
        for at_low, at_value, at_high in product(*((number - error, number + error) for number, error in numbers))
    ]
    return min(places) > 1 - _LEAST_FROM_BOUND or max(places) < _LEAST_FROM_BOUND


def _locate_value(low: float, value: float, high: float, is_ratio: bool) -> float:
    """Return the position of a value in its interval, from 0 at the lower bound to 1; 0.5 where it has none."""
    if is_ratio:
        if low <= 0 or value <= 0 or high <= 0:
            return 0.5
        low, value, high = math.log(low), math.log(value), math.log(high)
    return (value - low) / (high - low) if high > low else 0.5


def _rounding_errors(*numbers: float) -> tuple[float, ...]:
    """Return half a unit of the last decimal of each number.

    A whole number takes the finest of them: its zeros are lost, so that 9 may have been 9.0.
    """
    own = [_rounding_error(number) for number in numbers]
    return tuple(min(own) if error == 0.5 else error for error in own)


def _rounding_error(number: float) -> float:
    # An exponent ("1e-07") hides the decimals: such a number counts as a whole one.
    digits = repr(float(number))
    decimals = len(digits.partition(".")[2].removesuffix("0")) if "e" not in digits else 0
    return 0.5 * 10.0**-decimals


def _includes_null(finding: FindingRecord, low: float, high: float) -> bool | None:
    """Whether a 95 % interval includes "no difference". None if rounding decides, or for other levels and measures."""
    if finding.ci_level not in (None, 95):
        return None
    if finding.measure in RATIOS:
        null = 1.0
    elif finding.measure in DIFFERENCES | {"percent change", "correlation"}:
        null = 0.0
    else:
        return None
    at_low, at_high = _rounding_errors(low, high)
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
        stated = float(found[1]) * _MONTHS_IN[found[2]]
        # A month or a tenth is rounding: 90 days and 3 months are the same follow-up.
        if abs(stated - months) > max(1.0, 0.1 * stated):
            yield "follow_up_months", "follow-up-differs"
