"""Random-effects pooling of independent estimates: Paule-Mandel with Hartung-Knapp. Pure numbers in, numbers out.

Sources: Paule and Mandel 1982 (heterogeneity); Hartung and Knapp 2001 (interval of the mean); Higgins and Thompson
2002 (I²); Higgins, Thompson and Spiegelhalter 2009 (prediction interval, on k - 2 degrees of freedom). The check by an
independent implementation is `benchmarks/pooling_oracle.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from studies.synthesis.estimates import Estimate
from studies.synthesis.student import normal_quantile, t_quantile

MIN_ESTIMATES = 3
"""With fewer independent evaluations nothing is pooled."""

CONFIDENCE_LEVEL_PCT = 95

_MIN_RANGE = 1e-9


class PoolingRefusalReason(StrEnum):
    """Why estimates are not pooled."""

    TOO_FEW = "too-few"
    IDENTICAL = "identical"


class PoolingRefused(ValueError):
    """The estimates have no mean that could be trusted."""

    def __init__(self, reason: PoolingRefusalReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Pooled:
    """The mean of `k` estimates on the scale of pooling, with 95 % intervals; `weights` add up to 1.

    `i2` is a share from 0 to 1, `q` Cochran's Q. `is_narrow`: the interval is narrower than that of the common-effect
    model, which happens if the estimates differ less than chance would make them.
    """

    k: int
    mean: float
    se: float
    low: float
    high: float
    predicted_low: float
    predicted_high: float
    tau2: float
    i2: float
    q: float
    weights: tuple[float, ...]
    is_narrow: bool


def pool(estimates: Sequence[Estimate]) -> Pooled:
    """Pool independent estimates of one effect. Raises PoolingRefused."""
    k = len(estimates)
    if k < MIN_ESTIMATES:
        raise PoolingRefused(PoolingRefusalReason.TOO_FEW)
    if max(each.x for each in estimates) - min(each.x for each in estimates) < _MIN_RANGE:
        # The variance of Hartung and Knapp would be zero, and the interval a point.
        raise PoolingRefused(PoolingRefusalReason.IDENTICAL)
    q = _generalised_q(estimates, 0.0)
    tau2 = _paule_mandel(estimates)
    weights = [1 / (each.se**2 + tau2) for each in estimates]
    mean = _mean(estimates, weights)
    se = math.sqrt(_generalised_q(estimates, tau2) / ((k - 1) * math.fsum(weights)))
    reach = t_quantile(0.5 + CONFIDENCE_LEVEL_PCT / 200, k - 1) * se
    predicted = t_quantile(0.5 + CONFIDENCE_LEVEL_PCT / 200, k - 2) * math.sqrt(tau2 + se**2)
    common = normal_quantile(0.5 + CONFIDENCE_LEVEL_PCT / 200) / math.sqrt(math.fsum(each.se**-2 for each in estimates))
    return Pooled(
        k=k,
        mean=mean,
        se=se,
        low=mean - reach,
        high=mean + reach,
        predicted_low=mean - predicted,
        predicted_high=mean + predicted,
        tau2=tau2,
        i2=max(0.0, 1 - (k - 1) / q) if q else 0.0,
        q=q,
        weights=tuple(weight / math.fsum(weights) for weight in weights),
        is_narrow=reach < common,
    )


def _paule_mandel(estimates: Sequence[Estimate]) -> float:
    """Return the between-study variance at which the generalised Q equals its expectation, k - 1; else zero."""
    expected = len(estimates) - 1
    if _generalised_q(estimates, 0.0) <= expected:
        return 0.0
    # Q falls as the variance grows. At the squared range of the estimates it cannot exceed k - 1, so bisection is safe.
    low, high = 0.0, (max(each.x for each in estimates) - min(each.x for each in estimates)) ** 2
    while (middle := (low + high) / 2) not in (low, high):
        if _generalised_q(estimates, middle) > expected:
            low = middle
        else:
            high = middle
    return middle


def _generalised_q(estimates: Sequence[Estimate], tau2: float) -> float:
    weights = [1 / (each.se**2 + tau2) for each in estimates]
    mean = _mean(estimates, weights)
    return math.fsum(weight * (each.x - mean) ** 2 for weight, each in zip(weights, estimates, strict=True))


def _mean(estimates: Sequence[Estimate], weights: Sequence[float]) -> float:
    weighted = math.fsum(weight * each.x for weight, each in zip(weights, estimates, strict=True))
    return weighted / math.fsum(weights)
