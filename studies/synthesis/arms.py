"""A risk ratio computed from the numbers by arm, so that odds, risk and prevalence ratios can stand on one axis. Pure.

Only where nothing better is replaced: the arms are two, randomised one by one, and the source either prints no
comparison of them or one that is neither adjusted nor already a risk ratio with its precision. An adjusted estimate, or
one of clusters, is never computed anew: a table of two by two knows nothing of clusters or of what was adjusted for.
Source: Cochrane Handbook for Systematic Reviews of Interventions, chapter 6 (risk ratio, and the standard error of its
logarithm).
"""

from __future__ import annotations

import math
from dataclasses import replace

from studies.records.finding import USUAL_LEVEL, ArmRecord, FindingRecord
from studies.synthesis.distributions import normal_quantile

RISK_RATIO = "risk ratio"
RISKS = frozenset({RISK_RATIO, "prevalence ratio"})
"""Ratios of two shares of people. A prevalence ratio is the risk ratio of having lived something in a period."""

_CONVERTED = RISKS | {"odds ratio"}


def compute_risk_ratio(finding: FindingRecord, *, is_individually_randomised: bool) -> FindingRecord | None:
    """Return the finding with the risk ratio of its two arms and a 95 % interval in place of its numbers.

    None where the arms do not allow it, or where what the source prints is not to be replaced.
    """
    if not is_individually_randomised or not _may_be_replaced(finding):
        return None
    arms = {each.arm: each for each in finding.arms}
    if len(finding.arms) != 2 or arms.keys() != {"intervention", "comparison"}:
        return None
    tested, compared = (_events_and_size(arms[name]) for name in ("intervention", "comparison"))
    if tested is None or compared is None:
        return None
    x = math.log(tested[0] / tested[1]) - math.log(compared[0] / compared[1])
    # The variance is zero only if everybody in both arms had the outcome.
    variance = 1 / tested[0] - 1 / tested[1] + 1 / compared[0] - 1 / compared[1]
    if variance <= 0:
        return None
    reach = normal_quantile(0.5 + USUAL_LEVEL / 200) * math.sqrt(variance)
    return replace(
        finding,
        measure=RISK_RATIO,
        value=math.exp(x),
        ci_low=math.exp(x - reach),
        ci_high=math.exp(x + reach),
        ci_level=USUAL_LEVEL,
        unit=None,
        se=None,
        p=None,
        p_below=None,
    )


def _may_be_replaced(finding: FindingRecord) -> bool:
    if finding.adjusted:
        return False
    if finding.value is None:
        return True
    if finding.measure in RISKS:
        return finding.adjusted is False and not finding.has_interval and finding.se is None
    # Where nobody says whether it is adjusted, it may be.
    return finding.measure in _CONVERTED and finding.adjusted is False


def _events_and_size(arm: ArmRecord) -> tuple[int, int] | None:
    """Return events and people of an arm; None without either, or if nobody had the outcome: it has no logarithm."""
    if not arm.n:
        return None
    events = arm.events
    if events is None and arm.percent is not None:
        events = round(arm.percent * arm.n / 100)
    return (events, arm.n) if events is not None and 0 < events <= arm.n else None
