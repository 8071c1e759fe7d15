"""Quantiles of the normal and of Student's t distribution, without a dependency on SciPy. Pure.

The distribution function of t is computed from the incomplete beta function by its continued fraction (modified
Lentz's method), its quantiles by bisection.
"""

from __future__ import annotations

import math
from statistics import NormalDist

_TINY = 1e-300
_PRECISION = 1e-15
_MOST_STEPS = 10_000


def normal_quantile(probability: float) -> float:
    """Return the z below which `probability` of the standard normal distribution lies."""
    return NormalDist().inv_cdf(probability)


def t_quantile(probability: float, degrees: int) -> float:
    """Return the t below which `probability` of Student's distribution lies, to about twelve digits.

    Raises ValueError unless 0 < probability < 1 and degrees >= 1.
    """
    if not 0 < probability < 1 or degrees < 1:
        raise ValueError(f"no quantile of {probability} with {degrees} degrees of freedom")
    if probability < 0.5:
        return -t_quantile(1 - probability, degrees)
    low, high = 0.0, 1.0
    while t_cdf(high, degrees) < probability:
        low, high = high, high * 2
    while (middle := (low + high) / 2) not in (low, high):
        if t_cdf(middle, degrees) < probability:
            low = middle
        else:
            high = middle
    return middle


def t_cdf(t: float, degrees: int) -> float:
    """Return the probability that a value of Student's distribution lies below `t`."""
    square = t * t
    if square < degrees:
        # Near zero the tail is almost one half, and 1 - tail would lose the last digits.
        half = 0.5 * _incomplete_beta(square / (degrees + square), 0.5, degrees / 2)
        return 0.5 + math.copysign(half, t)
    tail = 0.5 * _incomplete_beta(degrees / (degrees + square), degrees / 2, 0.5)
    return 1 - tail if t > 0 else tail


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function of 0 <= x <= 1."""
    if x in (0, 1):
        return x
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    # The continued fraction converges fast only below the mean of the beta distribution.
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_STEPS):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + numerator * d)
            c = _away_from_zero(1 + numerator / c)
            value *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return value


def _away_from_zero(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
