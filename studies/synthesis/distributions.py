"""Quantiles of the normal, Student's t and the chi-square distribution, without a dependency on SciPy. Pure.

Distribution functions come from the incomplete beta and gamma functions by series and continued fractions, evaluated
with the modified Lentz method; quantiles by bisection.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import count
from statistics import NormalDist

_TINY = 1e-300
_PRECISION = 1e-15
_MOST_STEPS = 10_000


def normal_quantile(probability: float) -> float:
    """Return the z below which `probability` of the standard normal distribution lies."""
    return NormalDist().inv_cdf(probability)


@lru_cache(maxsize=512)
def t_quantile(probability: float, degrees: int) -> float:
    """Return the t below which `probability` of Student's distribution lies, to about twelve digits.

    Raises ValueError unless 0 < probability < 1 and degrees >= 1.
    """
    _check(probability, degrees)
    if probability < 0.5:
        return -t_quantile(1 - probability, degrees)
    return _bisect(t_cdf, probability, degrees, first_bound=1.0)


@lru_cache(maxsize=512)
def chi_square_quantile(probability: float, degrees: int) -> float:
    """Return the value below which `probability` of the chi-square distribution lies, to about twelve digits.

    Raises ValueError unless 0 < probability < 1 and degrees >= 1.
    """
    _check(probability, degrees)
    return _bisect(chi_square_cdf, probability, degrees, first_bound=float(degrees))


def t_cdf(t: float, degrees: int) -> float:
    """Return the probability that a value of Student's distribution lies below `t`."""
    square = t * t
    if square < degrees:
        # Near zero the tail is almost one half, and 1 - tail would lose the last digits.
        half = 0.5 * _incomplete_beta(square / (degrees + square), 0.5, degrees / 2)
        return 0.5 + math.copysign(half, t)
    tail = 0.5 * _incomplete_beta(degrees / (degrees + square), degrees / 2, 0.5)
    return 1 - tail if t > 0 else tail


def chi_square_cdf(value: float, degrees: int) -> float:
    """Return the probability that a value of the chi-square distribution lies below `value`."""
    a, x = degrees / 2, value / 2
    # Asked of the half: that of the smallest number is zero, which has no logarithm.
    if x <= 0:
        return 0.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    # The series converges fast below the mean, the fraction above it.
    return front * _gamma_series(a, x) if x < a + 1 else 1 - front * _continued_fraction(_gamma_terms(a, x))


def _check(probability: float, degrees: int) -> None:
    if not 0 < probability < 1 or degrees < 1:
        raise ValueError(f"no quantile of {probability} with {degrees} degrees of freedom")


def _bisect(cdf: Callable[[float, int], float], probability: float, degrees: int, first_bound: float) -> float:
    low, high = 0.0, first_bound
    while cdf(high, degrees) < probability:
        low, high = high, high * 2
    while (middle := (low + high) / 2) not in (low, high):
        if cdf(middle, degrees) < probability:
            low = middle
        else:
            high = middle
    return middle


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function of 0 <= x <= 1."""
    if x in (0, 1):
        return x
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    # The continued fraction converges fast only below the mean of the beta distribution.
    if x < (a + 1) / (a + b + 2):
        return front * _continued_fraction(_beta_terms(x, a, b)) / a
    return 1 - front * _continued_fraction(_beta_terms(1 - x, b, a)) / b


def _gamma_series(a: float, x: float) -> float:
    term = total = 1 / a
    for step in range(1, _MOST_STEPS):
        term *= x / (a + step)
        total += term
        if term < total * _PRECISION:
            break
    return total


def _gamma_terms(a: float, x: float) -> Iterator[tuple[float, float]]:
    yield 1.0, x + 1 - a
    for n in count(1):
        yield -n * (n - a), x + 1 - a + 2 * n


def _beta_terms(x: float, a: float, b: float) -> Iterator[tuple[float, float]]:
    yield 1.0, 1.0
    yield -(a + b) * x / (a + 1), 1.0
    for m in count(1):
        yield m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), 1.0
        yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), 1.0


def _continued_fraction(terms: Iterator[tuple[float, float]]) -> float:
    """Return a1 / (b1 + a2 / (b2 + …)) of the pairs (a, b), by the modified Lentz method."""
    value = c = _TINY
    d = 0.0
    for _, (a, b) in zip(range(_MOST_STEPS), terms, strict=False):
        d = 1 / _away_from_zero(b + a * d)
        c = _away_from_zero(b + a / c)
        value *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return value


def _away_from_zero(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
