"""Compares our statistics with SciPy and statsmodels: on the examples of the tests, and on sets drawn at random.

Pooling, intervals, heterogeneity, and the standard errors that come from intervals, p values and the numbers of arms.
Not a part of the program, which needs none of it: run it in an environment of its own.

    python3 -m venv oracle && oracle/bin/pip install -r benchmarks/oracle-requirements.in
    oracle/bin/python -m benchmarks.pooling_oracle            # compares, and fails where a result differs
    oracle/bin/python -m benchmarks.pooling_oracle --write    # also writes the results into the examples
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from studies.records.finding import ArmRecord, FindingRecord
from studies.synthesis.arms import compute_risk_ratio
from studies.synthesis.estimates import Estimate, read_estimate
from studies.synthesis.plots import Measure
from studies.synthesis.pooling import MIN_FOR_PREDICTION, Pooled, pool

EXAMPLES = Path(__file__).resolve().parents[1] / "tests" / "data" / "pooling.json"
SETS = 2_000
TOLERANCE = 1e-6
PRINTED_DECIMALS = 3
"""No page prints more of a mean."""

Results = dict[str, float | None]


def main() -> int:
    """Compare both, and print their largest difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true", help="write the results of the others into the examples")
    arguments = parser.parse_args()
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    pairs = []
    for example in examples.values():
        example["oracle"] = pool_by_others(example["x"], example["se"])
        pairs.append((example["oracle"], pool_ours(example["x"], example["se"])))
    chance = random.Random(20_261_126)
    for _ in range(SETS):
        x, se = draw_examples(chance)
        pairs.append((pool_by_others(x, se), pool_ours(x, se)))
        pairs += conversions(chance)
    furthest = max(largest_difference(theirs, ours) for theirs, ours in pairs)
    numbers = [(theirs[name], ours[name]) for theirs, ours in pairs for name in theirs]
    otherwise = sum(_printed(theirs) != _printed(ours) for theirs, ours in numbers)
    print(
        f"{len(examples)} examples and {SETS:,} sets at random, {len(numbers):,} numbers: "
        f"at most {furthest:.1e} apart; {otherwise} differ as printed"
    )
    if arguments.write:
        EXAMPLES.write_text(json.dumps(examples, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(furthest > TOLERANCE or otherwise > 0)


def draw_examples(chance: random.Random) -> tuple[list[float], list[float]]:
    """Draw a set of 3 to 20 estimates with more or less heterogeneity."""
    k = chance.randint(3, 20)
    tau = chance.choice((0.0, 0.1, 1.0))
    se = [math.exp(chance.uniform(-3, 0.5)) for _ in range(k)]
    centre = chance.uniform(-2, 2)
    return [chance.gauss(centre, math.hypot(tau, each)) for each in se], se


def pool_ours(x: list[float], se: list[float]) -> Results:
    """Pool with the program."""
    return results_of(pool([Estimate(*each) for each in zip(x, se, strict=True)]))


def results_of(pooled: Pooled) -> Results:
    """Return the numbers that are compared, by name; None where there is no such interval."""
    names = ("mean", "se", "low", "high", "tau2", "i2", "q")
    results: Results = {name: getattr(pooled, name) for name in names}
    for name in ("predicted", "tau2_bounds", "i2_bounds"):
        bounds = getattr(pooled, name)
        results[f"{name}_low"], results[f"{name}_high"] = (None, None) if bounds is None else bounds
    return results


def pool_by_others(x: list[float], se: list[float]) -> Results:
    """Pool with statsmodels, Paule-Mandel and Hartung-Knapp; the rest with NumPy, and SciPy's quantiles and roots."""
    import numpy as np
    from scipy import optimize, stats
    from statsmodels.stats.meta_analysis import combine_effects

    estimates, variances, k = np.array(x), np.array(se) ** 2, len(x)

    def spread(tau2: float) -> float:
        weights = 1 / (variances + tau2)
        return float(weights @ (estimates - np.average(estimates, weights=weights)) ** 2)

    def variance_at(target: float) -> float | None:
        if spread(0) < target:
            return None
        return float(optimize.brentq(lambda tau2: spread(tau2) - target, 0, 1e4, xtol=1e-15, rtol=1e-14))

    tau2 = variance_at(k - 1) or 0.0
    # statsmodels finds the variance by steps that end near it: from ours of SciPy it has to get the same mean.
    found = combine_effects(estimates, variances, method_re="iterated", use_t=True, atol=1e-9, maxiter=10_000)
    if found.tau2 > 0 or found.q <= k - 1:
        assert math.isclose(found.tau2, tau2, rel_tol=1e-5, abs_tol=1e-7)
    weights = 1 / (variances + tau2)
    mean = float(np.average(estimates, weights=weights))
    # The adjustment of Hartung and Knapp may only widen: a factor of at least 1.
    error = math.sqrt(max(1.0, spread(tau2) / (k - 1)) / weights.sum())
    reach = float(stats.t.ppf(0.975, k - 1)) * error
    beyond = float(stats.t.ppf(0.975, k - 2)) * math.sqrt(tau2 + error**2)
    fixed = 1 / variances
    typical = (k - 1) * fixed.sum() / (fixed.sum() ** 2 - (fixed**2).sum())
    high = variance_at(float(stats.chi2.ppf(0.025, k - 1)))
    low = None if high is None else variance_at(float(stats.chi2.ppf(0.975, k - 1))) or 0.0
    has_prediction = k >= MIN_FOR_PREDICTION
    return {
        "mean": mean,
        "se": error,
        "low": mean - reach,
        "high": mean + reach,
        "tau2": tau2,
        "i2": float(tau2 / (tau2 + typical)),
        "q": spread(0),
        "predicted_low": mean - beyond if has_prediction else None,
        "predicted_high": mean + beyond if has_prediction else None,
        "tau2_bounds_low": low,
        "tau2_bounds_high": high,
        "i2_bounds_low": None if low is None else float(low / (low + typical)),
        "i2_bounds_high": None if high is None else float(high / (high + typical)),
    }


def conversions(chance: random.Random) -> Iterator[tuple[Results, Results]]:
    """Yield estimates from an interval, a p value and the numbers of two arms: by the others, and by the program."""
    from scipy import stats
    from statsmodels.stats.contingency_tables import Table2x2

    measure = Measure("risk ratio", 1, "log", "ratio")
    x, se = chance.uniform(-2, 2), math.exp(chance.uniform(-3, 0.5))
    level = chance.choice((80, 90, 95, 99))
    low, high = (math.exp(end) for end in stats.norm.interval(level / 100, x, se))
    finding = FindingRecord("ipv-any", effect="mixed", measure=measure.code, value=math.exp(x), ci_level=level)
    yield {"x": x, "se": se}, _read(finding, measure, ci_low=low, ci_high=high)
    p = float(2 * stats.norm.sf(abs(x) / se))
    if 1e-12 < p < 0.99:
        # All digits are given, so that rounding cannot bar it.
        yield {"x": x, "se": se}, _read(finding, measure, p=p)
    n = [chance.randint(20, 2_000) for _ in range(2)]
    events = [chance.randint(1, size - 1) for size in n]
    table = Table2x2([[events[0], n[0] - events[0]], [events[1], n[1] - events[1]]])
    arms = tuple(
        ArmRecord(name, n=size, events=count)
        for name, size, count in zip(("intervention", "comparison"), n, events, strict=True)
    )
    computed = compute_risk_ratio(FindingRecord("ipv-any", effect="mixed", arms=arms), is_individually_randomised=True)
    assert computed is not None
    yield {"x": float(table.log_riskratio), "se": float(table.log_riskratio_se)}, _read(computed, measure)


def _read(finding: FindingRecord, measure: Measure, **changes: Any) -> Results:
    found = read_estimate(replace(finding, **changes), measure)
    assert isinstance(found, Estimate), found
    return {"x": found.x, "se": found.se}


def largest_difference(first: Results, second: Results) -> float:
    """Return by how much two results differ, relative to their size where that is above 1; infinite if one has none."""
    return max(_difference(first[name], second[name]) for name in first)


def _difference(first: float | None, second: float | None) -> float:
    if first is None or second is None:
        return 0.0 if first is second else math.inf
    return abs(first - second) / max(1.0, abs(first))


def _printed(number: float | None) -> str:
    return "" if number is None else f"{number:.{PRINTED_DECIMALS}f}"


if __name__ == "__main__":
    sys.exit(main())
