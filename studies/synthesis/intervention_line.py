"""An intervention in one line: what its evaluations show on violence, how many there are, costs, harms, nearness. Pure.

Taken from the summary of findings of the intervention, so that every number is the one on its own page. Nothing here
is averaged, and no line gets a number by which its effect could be ranked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from studies.records.editorial import RANDOMISED, VIOLENCE_GROUPS
from studies.synthesis.answer_facts import HARMS_FOUND, list_costs, list_harms
from studies.synthesis.axis import Axis
from studies.synthesis.direction import Movement, combine_movements
from studies.synthesis.evidence import classify_design
from studies.synthesis.plots import Measure
from studies.synthesis.summary_of_findings import (
    EvaluationResult,
    SummaryInput,
    SummaryRow,
    ToldEstimate,
    build_summary,
)
from studies.synthesis.tables import iterate_works, tally_claims

STRIP = Axis(math.log(1 / 8), math.log(4), is_log=True)
"""The axis that all lines share: ratios from an eighth to four times. A value beyond it is told in figures only."""


@dataclass(frozen=True, slots=True)
class ViolenceEffect:
    """What one evaluation shows on one outcome of violence, against whatever it was compared with.

    `study` speaks for it. `ratios` are its estimates as (value, lower bound, upper bound) in the measures that count
    how often violence happens, the bounds None without an interval. `elsewhere` holds the directions, less or more,
    that only its other findings on violence show, each with a study that tells it.
    """

    work: str
    study: str
    outcome: str
    movement: Movement | None
    has_interval: bool
    ratios: tuple[tuple[float, float | None, float | None], ...]
    elsewhere: Mapping[Movement, str]


@dataclass(frozen=True, slots=True)
class InterventionLine:
    """What the line of an intervention tells. Each tuple of ids names studies, one for each thing that is counted.

    `evaluations` counts also those of which no record tells a result. `effects` holds, by outcome of violence, the
    evaluations that tell it. `nearness` are indices in NEARNESS_STEPS of the evaluations that tell any result.
    """

    code: str
    evaluations: int
    randomised: int
    effects: Mapping[str, tuple[ViolenceEffect, ...]]
    costs: tuple[str, ...]
    harms: tuple[str, ...]
    nearness: frozenset[int]
    populations: frozenset[str]

    def first_effects(self, outcome: str = "") -> tuple[ViolenceEffect, ...]:
        """Return one effect of each evaluation: on `outcome`, or else on the first that it tells, by priority."""
        if outcome:
            return self.effects.get(outcome, ())
        first: dict[str, ViolenceEffect] = {}
        for own in self.effects.values():
            for effect in own:
                first.setdefault(effect.work, effect)
        return tuple(first.values())


def build_line(code: str, given: SummaryInput) -> InterventionLine:
    """Return the line of an intervention; `given` holds its studies, and in its scope the intervention."""
    groups = build_summary(given)
    rows = [row for group in groups for row in group.rows]
    works = list(iterate_works(tally_claims(given.studies, given.evidence, given.scope), given.evidence))
    studies = {told.candidate.study.id: told.candidate.study for row in rows for told in row.told}
    harms = [each for each in list_harms(groups, given.details, given.scope) if each.code == HARMS_FOUND]
    return InterventionLine(
        code=code,
        evaluations=len(works),
        randomised=sum(classify_design(work) == RANDOMISED for work in works),
        effects=_find_effects(rows, given),
        costs=tuple(dict.fromkeys(each.study for each in list_costs(given.studies, given.details, given.scope))),
        harms=tuple(dict.fromkeys(each.studies[0] for each in harms)),
        nearness=frozenset(study.nearness for study in studies.values()),
        populations=frozenset(code for study in studies.values() for code in study.populations),
    )


def _find_effects(rows: Sequence[SummaryRow], given: SummaryInput) -> Mapping[str, tuple[ViolenceEffect, ...]]:
    """Return the effects on outcomes of violence, those that come first for the bank first."""
    found: dict[str, dict[str, list[EvaluationResult]]] = {}
    shown: dict[str, dict[Movement, str]] = {}
    for row in rows:
        if given.taxonomy.group_of_outcome.get(row.outcome) in VIOLENCE_GROUPS:
            for each in row.evaluations:
                found.setdefault(row.outcome, {}).setdefault(each.work.id, []).append(each)
                for movement, study in _list_directions(each):
                    shown.setdefault(each.work.id, {}).setdefault(movement, study)
    order = list(dict.fromkeys([*given.priority, *given.outcomes]))
    return {
        outcome: tuple(
            _build_effect(outcome, own, shown.get(work, {}), given.measures) for work, own in found[outcome].items()
        )
        for outcome in order
        if outcome in found
    }


def _list_directions(result: EvaluationResult) -> Iterator[tuple[Movement, str]]:
    """Yield less and more as any finding of an evaluation shows them, each with its study."""
    told = [(each.candidate, each.direction) for each in result.told]
    for candidate, direction in (*told, *result.other_times, *result.asides):
        if direction.movement in (Movement.LESS, Movement.MORE):
            yield direction.movement, candidate.study.id


def _build_effect(
    outcome: str,
    results: Sequence[EvaluationResult],
    shown: Mapping[Movement, str],
    measures: Mapping[str, Measure],
) -> ViolenceEffect:
    """Join what an evaluation shows against several kinds of comparator: it still counts once.

    `shown` holds the directions of all its findings on violence.
    """
    told = [each for result in results for each in result.told]
    here = {each.direction.movement for each in told}
    return ViolenceEffect(
        work=results[0].work.id,
        study=results[0].papers[0],
        outcome=outcome,
        movement=combine_movements(each.direction for each in told),
        has_interval=any(each.direction.includes_no_difference is not None for each in told),
        ratios=tuple(ratio for each in told if (ratio := _read_ratio(each, measures)) is not None),
        elsewhere={movement: study for movement, study in shown.items() if movement not in here},
    )


def _read_ratio(told: ToldEstimate, measures: Mapping[str, Measure]) -> tuple[float, float | None, float | None] | None:
    """Return an estimate that may stand on the axis: below one is less violence. None for a scale turned round."""
    finding = told.candidate.finding
    measure = measures.get(finding.measure or "")
    if measure is None or not measure.is_drawn or not measure.is_log or finding.value is None:
        return None
    value = float(finding.value)
    side = Movement.LESS if value < 1 else Movement.MORE if value > 1 else Movement.NO_DIFFERENCE
    if not told.direction.is_from_value or told.direction.movement is not side:
        return None
    if finding.ci_low is None or finding.ci_high is None:
        return value, None, None
    return value, float(finding.ci_low), float(finding.ci_high)
