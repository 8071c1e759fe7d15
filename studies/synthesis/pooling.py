"""Random-effects pooling of independent estimates: Paule-Mandel with Hartung-Knapp. Pure numbers in, numbers out.

Sources: Paule and Mandel 1982 (variance between studies). Hartung and Knapp 2001 (interval of the mean), in the form
that Röver, Knapp and Friede 2015 recommend for few studies of unequal precision: the factor that rescales the standard
error is never below 1, so that the interval is never narrower than that of the common-effect model (`test="adhoc"` in
metafor). Viechtbauer 2007 (interval of the variance, by the Q profile). Higgins and Thompson 2002 (the typical variance
within studies, and with it I² from the variance between them, as Cochrane's addendum of 2024 on random-effects methods
has it). Higgins, Thompson and Spiegelhalter 2009 (interval of prediction, on k - 2 degrees of freedom: of the two
numbers in use, k - 2 and k - 1, the more careful one). The check by an independent implementation is
`benchmarks/pooling_oracle.py`, that of the coverage `benchmarks/pooling_coverage.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from studies.synthesis.distributions import chi_square_quantile, t_quantile
from studies.synthesis.estimates import Estimate

MIN_ESTIMATES = 3
"""With fewer independent evaluations nothing is pooled."""

MIN_FOR_PREDICTION = 5
"""With fewer there is no interval of prediction: its quantile on 1 or 2 degrees of freedom makes it say nothing."""

CONFIDENCE_LEVEL_PCT = 95
_UPPER = 0.5 + CONFIDENCE_LEVEL_PCT / 200

Bounds = tuple[float, float]


class PoolingRefused(ValueError):
    """There are too few estimates for a mean that could be trusted."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """The mean of `k` estimates on the scale of pooling, with 95 % intervals; `weights` add up to 1.

    `predicted` is None below MIN_FOR_PREDICTION. `i2` is a share from 0 to 1, `q` Cochran's Q. `tau2_bounds` and
    `i2_bounds` are None where the estimates differ so much less than chance would make them that no variance fits.
    """

    k: int
    mean: float
    se: float
    low: float
    high: float
    predicted: Bounds | None
    tau2: float
    tau2_bounds: Bounds | None
    i2: float
    i2_bounds: Bounds | None
    q: float
    weights: tuple[float, ...]


def pool(estimates: Sequence[Estimate]) -> Pooled:
    """Pool independent estimates of one effect. Raises PoolingRefused below MIN_ESTIMATES."""
    k = len(estimates)
    if k < MIN_ESTIMATES:
        raise PoolingRefused(k)
    tau2 = _variance_where_q_is(k - 1, estimates) or 0.0
    weights = [1 / (each.se**2 + tau2) for each in estimates]
    mean = _mean(estimates, weights)
    rescaling = max(1.0, _generalised_q(estimates, tau2) / (k - 1))
    se = math.sqrt(rescaling / math.fsum(weights))
    reach = t_quantile(_UPPER, k - 1) * se
    tau2_bounds = _q_profile(estimates)
    typical = _typical_variance(estimates)
    return Pooled(
        k=k,
        mean=mean,
        se=se,
        low=mean - reach,
        high=mean + reach,
        predicted=_predict(k, mean, se, tau2),
        tau2=tau2,
        tau2_bounds=tau2_bounds,
        i2=tau2 / (tau2 + typical),
        i2_bounds=None if tau2_bounds is None else _to_i2(tau2_bounds, typical),
        q=_generalised_q(estimates, 0.0),
        weights=tuple(weight / math.fsum(weights) for weight in weights),
    )


def _predict(k: int, mean: float, se: float, tau2: float) -> Bounds | None:
    if k < MIN_FOR_PREDICTION:
        return None
    reach = t_quantile(_UPPER, k - 2) * math.sqrt(tau2 + se**2)
    return mean - reach, mean + reach


def _q_profile(estimates: Sequence[Estimate]) -> Bounds | None:
    """Return the variances between studies at which the generalised Q is a usual value of its distribution."""
    degrees = len(estimates) - 1
    high = _variance_where_q_is(chi_square_quantile(1 - _UPPER, degrees), estimates)
    if high is None:
        return None
    return _variance_where_q_is(chi_square_quantile(_UPPER, degrees), estimates) or 0.0, high


def _variance_where_q_is(target: float, estimates: Sequence[Estimate]) -> float | None:
    """Return the variance between studies at which the generalised Q has a value; None if it is less at zero.

    At k - 1, its expectation, that is the variance of Paule and Mandel.
    """
    if _generalised_q(estimates, 0.0) < target:
        return None
    # Q falls as the variance grows, and is at most the sum of squares over it: the root lies between.
    low, high = 0.0, math.fsum((each.x - estimates[0].x) ** 2 for each in estimates) / target
    while (middle := (low + high) / 2) not in (low, high):
        if _generalised_q(estimates, middle) > target:
            low = middle
        else:
            high = middle
    return middle


def _typical_variance(estimates: Sequence[Estimate]) -> float:
    """Return the variance within a typical study: (k - 1) Σw / ((Σw)² - Σw²), where w is 1 over each variance."""
    # Only relations of weights enter: of very precise estimates their squares could overflow.
    unit = min(each.se for each in estimates) ** 2
    weights = [unit / each.se**2 for each in estimates]
    # Twice the sum over pairs is that difference, and loses nothing where one weight outdoes all others.
    pairs = 2 * math.fsum(first * second for first, second in combinations(weights, 2))
    return unit * (len(estimates) - 1) * math.fsum(weights) / pairs


def _to_i2(tau2_bounds: Bounds, typical: float) -> Bounds:
    low, high = tau2_bounds
    return low / (low + typical), high / (high + typical)


def _generalised_q(estimates: Sequence[Estimate], tau2: float) -> float:
    weights = [1 / (each.se**2 + tau2) for each in estimates]
    mean = _mean(estimates, weights)
    return math.fsum(weight * (each.x - mean) ** 2 for weight, each in zip(weights, estimates, strict=True))


def _mean(estimates: Sequence[Estimate], weights: Sequence[float]) -> float:
    weighted = math.fsum(weight * each.x for weight, each in zip(weights, estimates, strict=True))
    return weighted / math.fsum(weights)
