"""How often our intervals hold the truth, by simulation: `python -m benchmarks.pooling_coverage`, about a minute.

Few evaluations of unequal precision, as the bank has them. Each draw takes the true effects from a normal distribution
around a mean and an estimate of each with its standard error, pools them, and looks whether the 95 % interval holds the
mean, and the interval of prediction one more true effect. The same seed gives the same table. It is printed, and
written into results.json for docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from itertools import product
from typing import Any

from benchmarks import results
from benchmarks.tables import markdown_table
from studies.synthesis.distributions import t_quantile
from studies.synthesis.estimates import Estimate
from studies.synthesis.pooling import CONFIDENCE_LEVEL_PCT, Pooled, pool

SEED = 20_261_130
DRAWS = 10_000
SIZES = (3, 5, 8)
TAUS = (0.15, 0.4)
STANDARD_ERRORS = (0.08, 0.2, 0.5)
TRUE_MEAN = -0.3
LEAST_PCT = 92.0
"""The interval of the mean must hold the truth this often, in each case."""

Case = dict[str, Any]


def main() -> int:
    """Print the table; fail where the interval of the mean holds the truth too seldom."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--draws", type=int, default=DRAWS, help=f"draws of each case; {DRAWS} if not given")
    draws = parser.parse_args().draws
    cases = [simulate(k, tau, draws) for k, tau in product(SIZES, TAUS)]
    print(table(cases))
    if draws == DRAWS:
        results.save_section("coverage", {"draws": draws, "seed": SEED, "least_pct": LEAST_PCT, "cases": cases})
    return int(any(case["modified_pct"] < LEAST_PCT for case in cases))


def simulate(k: int, tau: float, draws: int) -> Case:
    """Return for one number of evaluations and one deviation between them how often each interval holds the truth."""
    chance = random.Random(f"{SEED} {k} {tau}")
    modified = plain = predicted = wider = 0
    has_prediction = False
    for _ in range(draws):
        pooled = pool([_draw(chance, tau) for _ in range(k)])
        reach = _plain_reach(pooled)
        modified += pooled.low <= TRUE_MEAN <= pooled.high
        plain += abs(pooled.mean - TRUE_MEAN) <= reach
        wider += pooled.high - pooled.mean > reach * (1 + 1e-9)
        if pooled.predicted is not None:
            has_prediction = True
            predicted += pooled.predicted[0] <= chance.gauss(TRUE_MEAN, tau) <= pooled.predicted[1]
    return {
        "k": k,
        "tau": tau,
        "modified_pct": _share(modified, draws),
        "plain_pct": _share(plain, draws),
        "wider_pct": _share(wider, draws),
        "predicted_pct": _share(predicted, draws) if has_prediction else None,
    }


def table(cases: list[Case]) -> str:
    """Return the cases as a table of Markdown."""
    head = ("evaluations", "τ", "our interval", "unmodified", "widened", "of prediction")
    shares = ("modified_pct", "plain_pct", "wider_pct", "predicted_pct")
    return markdown_table(
        head,
        [
            (
                f"{case['k']}",
                f"{case['tau']:g}",
                *("–" if case[key] is None else f"{case[key]:.1f} %" for key in shares),
            )
            for case in cases
        ],
    )


def _draw(chance: random.Random, tau: float) -> Estimate:
    se = chance.choice(STANDARD_ERRORS)
    return Estimate(chance.gauss(chance.gauss(TRUE_MEAN, tau), se), se)


def _plain_reach(pooled: Pooled) -> float:
    """Return half the width of the interval of Hartung and Knapp as they published it.

    Where the variance of Paule and Mandel is above zero, their factor is 1 by its definition; else it is Q over k - 1.
    """
    factor = 1.0 if pooled.tau2 > 0 else math.sqrt(min(1.0, pooled.q / (pooled.k - 1)))
    return t_quantile(0.5 + CONFIDENCE_LEVEL_PCT / 200, pooled.k - 1) * pooled.se * factor


def _share(count: int, draws: int) -> float:
    return round(100 * count / draws, 1)


if __name__ == "__main__":
    sys.exit(main())
