"""Read a finding as an estimate with its standard error, or say why it cannot be pooled. Pure.

Ratios are on the log scale. The standard error comes from the interval that the source states (its width over twice
the normal quantile of its level), else from its p value (the distance to no difference over the quantile of p).
Source: Cochrane Handbook for Systematic Reviews of Interventions, chapter 6 (obtaining standard errors from confidence
intervals and P values).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from studies.records.finding import FindingRecord
from studies.synthesis.plots import Measure
from studies.synthesis.student import normal_quantile

MAX_ASYMMETRY = 0.1
"""How far a value may lie from the middle of its interval, in half-widths, beyond what rounding explains."""

MAX_P = 0.95
"""Closer to 1 the quantile is so small that the rounding of p decides the standard error."""

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
    BAD_P = "bad-p"
    OUT_OF_RANGE = "out-of-range"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value on the scale of pooling (the logarithm of a ratio) and its standard error."""

    x: float
    se: float
    from_p: bool = False


def read_estimate(finding: FindingRecord, measure: Measure) -> Estimate | UnusableReason:
    """Return the estimate of a finding, or the reason why it has none.

    The interval is used where there is one; the p value only without it.
    """
    if finding.value is None:
        return UnusableReason.NO_VALUE
    if not measure.is_drawn or measure.null is None:
        return UnusableReason.NOT_A_COMPARISON
    if measure.is_log and finding.value <= 0:
        return UnusableReason.NOT_POSITIVE
    if finding.ci_low is not None and finding.ci_high is not None:
        return _from_interval(finding, finding.value, finding.ci_low, finding.ci_high, is_log=measure.is_log)
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
    distance = abs(_scaled(value, is_log=is_log) - _scaled(null, is_log=is_log))
    if not 0 < p <= MAX_P or distance == 0:
        return UnusableReason.BAD_P
    quantile = -normal_quantile(p / 2)
    return _check_range(_scaled(value, is_log=is_log), distance / quantile, from_p=True)


def _check_range(x: float, se: float, *, from_p: bool = False) -> Estimate | UnusableReason:
    if abs(x) > _LARGEST or not _SMALLEST <= se <= _LARGEST:
        return UnusableReason.OUT_OF_RANGE
    return Estimate(x, se, from_p)


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
