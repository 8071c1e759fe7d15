"""Compares our pooling with that of statsmodels: on the examples of the tests, and on sets drawn at random.

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
from pathlib import Path

from studies.synthesis.estimates import Estimate
from studies.synthesis.pooling import Pooled, pool

EXAMPLES = Path(__file__).resolve().parents[1] / "tests" / "data" / "pooling.json"
SETS = 2_000
TOLERANCE = 1e-6

Results = dict[str, float]


def main() -> int:
    """Compare both, and print their largest difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true", help="write the results of statsmodels into the examples")
    arguments = parser.parse_args()
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    furthest = 0.0
    for example in examples.values():
        example["oracle"] = pool_by_statsmodels(example["x"], example["se"])
        furthest = max(furthest, largest_difference(example["oracle"], pool_ours(example["x"], example["se"])))
    chance = random.Random(20_261_126)
    for _ in range(SETS):
        x, se = draw_examples(chance)
        furthest = max(furthest, largest_difference(pool_by_statsmodels(x, se), pool_ours(x, se)))
    print(f"{len(examples)} examples and {SETS} sets at random: at most {furthest:.1e} apart")
    if arguments.write:
        EXAMPLES.write_text(json.dumps(examples, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(furthest > TOLERANCE)


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
    """Return the numbers that are compared, by name."""
    names = ("mean", "se", "low", "high", "tau2", "i2", "q", "predicted_low", "predicted_high")
    return {name: getattr(pooled, name) for name in names}


def pool_by_statsmodels(x: list[float], se: list[float]) -> Results:
    """Pool with statsmodels, Paule-Mandel and Hartung-Knapp; the prediction interval with scipy's quantiles."""
    import numpy as np
    from scipy import stats
    from statsmodels.stats.meta_analysis import combine_effects

    for tolerance in (1e-9, 1e-8, 1e-7, 1e-6):
        found = combine_effects(
            np.array(x), np.array(se) ** 2, method_re="iterated", use_t=True, atol=tolerance, maxiter=10_000
        )
        # Where rounding carries its last step past the root, it takes the variance for zero: ask less of it.
        if found.tau2 > 0 or found.q <= len(x) - 1:
            break
    low, high = found.conf_int(use_t=True)[3]
    mean, hartung_knapp = float(found.mean_effect_re), math.sqrt(found.var_hksj_re)
    reach = float(stats.t.ppf(0.975, len(x) - 2)) * math.sqrt(found.tau2 + hartung_knapp**2)
    return {
        "mean": mean,
        "se": hartung_knapp,
        "low": float(low),
        "high": float(high),
        "tau2": float(found.tau2),
        "i2": max(0.0, float(1 - (len(x) - 1) / found.q)),
        "q": float(found.q),
        "predicted_low": mean - reach,
        "predicted_high": mean + reach,
    }


def largest_difference(first: Results, second: Results) -> float:
    """Return by how much two results differ, relative to their size where that is above 1."""
    return max(abs(first[name] - second[name]) / max(1.0, abs(first[name])) for name in first)


if __name__ == "__main__":
    sys.exit(main())
