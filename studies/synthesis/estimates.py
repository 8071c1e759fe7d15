"""Read a finding as an estimate with its standard error, or say why it cannot be pooled. Pure.

Ratios are on the log scale. The standard error comes from the most precise of what the source states: its interval
(the width over twice the normal quantile of its level), which also shows whether value and scale agree; else its
standard error; else its p value (the distance to no difference over the quantile of p), and that only where the
rounding of both allows at most MAX_ROUNDING_FACTOR between the smallest and the largest standard error. A bound, as in
"p < 0.001", never gives one. Source: Cochrane Handbook for Systematic Reviews of Interventions, chapter 6 (obtaining
standard errors from confidence intervals and P values).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from studies.records.finding import FindingRecord
from studies.synthesis.distributions import normal_quantile
from studies.synthesis.plots import Measure

MAX_ASYMMETRY = 0.1
"""How far a value may lie from the middle of its interval, in half-widths, beyond what rounding explains."""

MAX_ROUNDING_FACTOR = 1.3
"""A standard error from a p value may be uncertain by this factor through rounding: its weight by 1.7, and no more."""

_LARGEST, _SMALLEST = 1e9, 1e-9


class UnusableReason(StrEnum):
    """Why a finding cannot be pooled."""

    NO_VALUE = "no-value"
    NOT_A_COMPARISON = "not-a-comparison"
    NO_PRECISION = "no-precision"
    NOT_POSITIVE = "not-positive"
    WRONG_SIDE = "wrong-side"
    NO_WIDTH = "no-width"
    LOPSIDED = "lopsided"
    BAD_LEVEL = "bad-level"
    BAD_ERROR = "bad-error"
    ROUGH_P = "rough-p"
    OUT_OF_RANGE = "out-of-range"


class ErrorSource(StrEnum):
    """What a standard error was read from."""

    INTERVAL = "interval"
    STATED = "stated"
    P = "p"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value on the scale of pooling (the logarithm of a ratio) and its standard error."""

    x: float
    se: float
    source: ErrorSource = ErrorSource.INTERVAL


def read_estimate(finding: FindingRecord, measure: Measure) -> Estimate | UnusableReason:
    """Return the estimate of a finding, or the reason why it has none.

    What contradicts itself is not replaced by the next source: the record is then to be checked.
    """
    if finding.value is None:
        return UnusableReason.NO_VALUE
    if not measure.is_drawn or measure.null is None:
        return UnusableReason.NOT_A_COMPARISON
    if measure.is_log and finding.value <= 0:
        return UnusableReason.NOT_POSITIVE
    if finding.ci_low is not None and finding.ci_high is not None:
        return _from_interval(finding, finding.value, finding.ci_low, finding.ci_high, is_log=measure.is_log)
    if finding.se is not None:
        if finding.se <= 0:
            return UnusableReason.BAD_ERROR
        return _check_range(_scaled(finding.value, is_log=measure.is_log), finding.se, ErrorSource.STATED)
    if finding.p is not None:
        return _from_p(finding.value, finding.p, measure.null, is_log=measure.is_log)
    return UnusableReason.NO_PRECISION


def _from_interval(
    finding: FindingRecord, value: float, low: float, high: float, *, is_log: bool
) -> Estimate | UnusableReason:
    level = finding.interval_level
    if not 50 <= level < 100:
        return UnusableReason.BAD_LEVEL
    if is_log and low <= 0:
        return UnusableReason.NOT_POSITIVE
    if not low <= value <= high:
        return UnusableReason.WRONG_SIDE
    if low == high:
        return UnusableReason.NO_WIDTH
    x, start, end = (_scaled(number, is_log=is_log) for number in (value, low, high))
    half = (end - start) / 2
    if abs(x - (start + end) / 2) > MAX_ASYMMETRY * half + _rounding((value, low, high), is_log=is_log):
        return UnusableReason.LOPSIDED
    return _check_range(x, half / normal_quantile(0.5 + level / 200))


def _from_p(value: float, p: float, null: float, *, is_log: bool) -> Estimate | UnusableReason:
    # Digits are those of the number as a record keeps it, which drops zeros at the end: 0.70 is read as 0.7, and so as
    # less precise than it may have been, never as more.
    nearest, furthest = _distances(value, null, is_log=is_log)
    least_p, most_p = p - _half_unit(p), p + _half_unit(p)
    if nearest <= 0 or least_p <= 0 or most_p >= 1:
        return UnusableReason.ROUGH_P
    smallest, largest = nearest / _two_sided_quantile(least_p), furthest / _two_sided_quantile(most_p)
    if largest > MAX_ROUNDING_FACTOR * smallest:
        return UnusableReason.ROUGH_P
    x = _scaled(value, is_log=is_log)
    return _check_range(x, abs(x - _scaled(null, is_log=is_log)) / _two_sided_quantile(p), ErrorSource.P)


def _distances(value: float, null: float, *, is_log: bool) -> tuple[float, float]:
    """Return the smallest and largest distance to no difference that the rounding of a value allows.

    The smallest is 0 if rounding may hide no difference; the largest infinite where a ratio may have been zero.
    """
    low, high = value - _half_unit(value), value + _half_unit(value)
    if low <= null <= high:
        return 0.0, math.inf
    if is_log and low <= 0:
        return _scaled(null, is_log=True) - _scaled(high, is_log=True), math.inf
    distances = [abs(_scaled(end, is_log=is_log) - _scaled(null, is_log=is_log)) for end in (low, high)]
    return min(distances), max(distances)


def _two_sided_quantile(p: float) -> float:
    return -normal_quantile(p / 2)


def _half_unit(number: float) -> float:
    """Return half of the last decimal that a number shows: what rounding can have changed."""
    return 0.5 * 10.0 ** -_decimals(number)


def _check_range(x: float, se: float, source: ErrorSource = ErrorSource.INTERVAL) -> Estimate | UnusableReason:
    if abs(x) > _LARGEST or not _SMALLEST <= se <= _LARGEST:
        return UnusableReason.OUT_OF_RANGE
    return Estimate(x, se, source)


def _scaled(number: float, *, is_log: bool) -> float:
    return math.log(number) if is_log else float(number)


def _rounding(numbers: tuple[float, float, float], *, is_log: bool) -> float:
    """Return how far the value may seem off the middle of its interval only because all three numbers were rounded.

    All three are taken to have the decimals of the one that shows most: 0.5 beside 0.34 is read as 0.50.
    """
    value, low, high = numbers
    unit = 0.5 * 10.0 ** -max(_decimals(number) for number in numbers)
    if not is_log:
        return 2 * unit
    return unit / value + (unit / low + unit / high) / 2


def _decimals(number: float) -> int:
    exponent = Decimal(repr(number)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
