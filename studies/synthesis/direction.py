"""The direction of a finding: which way its outcome moved, and whether that is good for women. Pure.

Read from the value against "no difference", whatever its statistical significance; only without such a value from the
authors' judgement. To count directions is allowed where no mean is possible, to count significant results is not:
Cochrane Handbook for Systematic Reviews of Interventions, chapter 12.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from studies.records.finding import FindingRecord
from studies.synthesis.evidence import MIXED, NOT_ESTIMATED, Taxonomy
from studies.synthesis.orientation import Orientation, is_less_better, read_orientation
from studies.synthesis.plots import Measure

COMPLAINTS = "reporting"
NEITHER_IS_BETTER = frozenset({COMPLAINTS, "family-structure"})
"""Outcomes that are told as what moved: more complaints, or separations, are neither good nor bad in themselves."""


class Movement(StrEnum):
    """What the outcome did, as its name says it: less violence, more income, better attitudes."""

    LESS = "less"
    MORE = "more"
    NO_DIFFERENCE = "no-difference"
    """The value is that of no difference, or there is none and the authors see no clear difference."""
    MOVED = "moved"
    """It moved, and nobody says which way, or whether that way is good."""
    MIXED = "mixed"
    """The authors call this one result mixed."""


class ForWomen(StrEnum):
    """What a movement means for women."""

    BETTER = "better"
    WORSE = "worse"
    NEITHER = "neither"
    """No movement, or of an outcome of which neither way is better in itself."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Direction:
    """What a finding says. `is_from_value` is False where only the authors' judgement tells the direction.

    `includes_no_difference` is None without an interval. `is_inconclusive`: the source says that the study cannot tell.
    `is_unclear`: the authors see no difference that they could tell from chance.
    """

    movement: Movement
    for_women: ForWomen
    is_from_value: bool
    includes_no_difference: bool | None
    is_inconclusive: bool
    is_unclear: bool


def read_direction(
    finding: FindingRecord, measures: Mapping[str, Measure], taxonomy: Taxonomy, effect: str | None = None
) -> Direction | None:
    """Return the direction of a finding, or None if it estimates no effect.

    `effect` replaces that of the record where the caller knows better (a figure is never an effect).

    1. `mixed` and `ambiguous` are the authors' own words and stand.
    2. A value that compares, in a measure with a value for "no difference", tells the direction: up or down, turned
       by `higher_is`; without that, ratios, points and relative changes count the outcome as it is named.
    3. If that contradicts the authors' judgement, the judgement stands where the record does not say what higher
       means; where it does, nobody knows, and the outcome is told as moved.
    4. Without such a value the authors' judgement tells the direction.
    """
    effect = finding.effect if effect is None else effect
    if effect == NOT_ESTIMATED:
        return None
    measure = measures.get(finding.measure or "")
    better = None if effect in (MIXED, "ambiguous") else _read_value(finding, measure, taxonomy)
    judged = {"favourable": ForWomen.BETTER, "unfavourable": ForWomen.WORSE}.get(effect)
    is_from_value = better is not None
    if effect == MIXED:
        movement, better = Movement.MIXED, ForWomen.UNKNOWN
    elif effect == "ambiguous":
        movement, better = Movement.MOVED, ForWomen.UNKNOWN
    elif judged and better is not None and better != judged and finding.higher_is:
        movement, better, is_from_value = Movement.MOVED, ForWomen.UNKNOWN, False
    else:
        if better is None or (judged and better != judged):
            is_from_value = False
            better = judged or ForWomen.NEITHER
        movement = _movement(finding.outcome, better, taxonomy)
    if finding.outcome in NEITHER_IS_BETTER and movement is not Movement.MIXED:
        movement, better = _read_neutral(finding, measure, effect)
        is_from_value = finding.outcome == COMPLAINTS and _read_sign(finding, measure) is not None
    return Direction(
        movement=movement,
        for_women=better,
        is_from_value=is_from_value,
        includes_no_difference=includes_no_difference(finding, measure),
        is_inconclusive=bool(finding.inconclusive),
        is_unclear=effect == "no-effect",
    )


def includes_no_difference(finding: FindingRecord, measure: Measure | None) -> bool | None:
    """Return True if the interval includes "no difference"; None without an interval or a measure that compares.

    A bound that is the value of no difference itself includes it.
    """
    if measure is None or not measure.is_drawn or measure.null is None:
        return None
    if finding.ci_low is None or finding.ci_high is None:
        return None
    return finding.ci_low <= measure.null <= finding.ci_high


def combine_movements(directions: Iterable[Direction]) -> Movement | None:
    """Return the movement that all share; None if they differ or there is none: then each part is told by itself.

    Never `mixed` unless the authors of every one say so.
    """
    movements = {each.movement for each in directions}
    return movements.pop() if len(movements) == 1 else None


def _read_value(finding: FindingRecord, measure: Measure | None, taxonomy: Taxonomy) -> ForWomen | None:
    """Return what the value means for women, None if it does not tell."""
    sign = _read_sign(finding, measure)
    if sign is None:
        return None
    if sign == 0:
        return ForWomen.NEITHER
    higher = read_orientation(finding, taxonomy)
    if higher is Orientation.UNKNOWN:
        return None
    return ForWomen.BETTER if (sign > 0) == (higher is Orientation.BETTER) else ForWomen.WORSE


def _read_sign(finding: FindingRecord, measure: Measure | None) -> int | None:
    """Return 1 above no difference, -1 below, 0 at it; None without a value that compares."""
    if finding.value is None or measure is None or not measure.is_drawn or measure.null is None:
        return None
    return (finding.value > measure.null) - (finding.value < measure.null)


def _movement(outcome: str, better: ForWomen, taxonomy: Taxonomy) -> Movement:
    if better is ForWomen.NEITHER:
        return Movement.NO_DIFFERENCE
    return Movement.LESS if is_less_better(outcome, taxonomy) == (better is ForWomen.BETTER) else Movement.MORE


def _read_neutral(finding: FindingRecord, measure: Measure | None, effect: str) -> tuple[Movement, ForWomen]:
    """Return the movement of an outcome of which neither way is better.

    Only complaints count one thing, so only of them more and less can be told: by the value, else by the authors'
    judgement where `higher_is` says whether the record takes more of them as good or as bad.
    """
    if effect == "ambiguous":
        return Movement.MOVED, ForWomen.UNKNOWN
    sign = _read_sign(finding, measure) if finding.outcome == COMPLAINTS else None
    if sign is None and finding.outcome == COMPLAINTS and finding.higher_is is not None:
        judged = {"favourable": 1, "unfavourable": -1}.get(effect)
        sign = None if judged is None else judged * (1 if finding.higher_is == "better" else -1)
    if sign:
        return (Movement.MORE if sign > 0 else Movement.LESS), ForWomen.NEITHER
    if sign == 0 or effect == "no-effect":
        return Movement.NO_DIFFERENCE, ForWomen.NEITHER
    return Movement.MOVED, ForWomen.NEITHER
