"""A summary of findings: what was compared with what, and what each outcome showed, evaluation by evaluation. Pure.

Rows are outcomes, within groups of one kind of comparator; outcomes that come first for the bank stand in `lead`, the
rest in `others`. A finding speaks for its evaluation by the rule of `chosen_estimate`. `answer_facts` holds what is
true of all rows together: harms, costs, reviews, what is not known. Words are in `search.web.evidence.answer_text`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from studies.records.editorial import VIOLENCE_GROUPS
from studies.synthesis.absolute_effect import AbsoluteEffect, Baseline, NoAbsoluteReason, compute_absolute_effect
from studies.synthesis.chosen_estimate import (
    Candidate,
    ChosenEstimate,
    choose_estimates,
    collect_candidates,
)
from studies.synthesis.comparators import KIND_ORDER
from studies.synthesis.direction import Direction, Movement, combine_movements, read_direction
from studies.synthesis.evidence import Evidence, Scope, StudyEvidence, Taxonomy, Work
from studies.synthesis.forest import Forest
from studies.synthesis.people import count_people
from studies.synthesis.plots import Measure
from studies.synthesis.pooling import Pooled
from studies.synthesis.study_details import StudyDetails


@dataclass(frozen=True, slots=True)
class ToldEstimate:
    """A chosen finding as a page tells it. `same_in` names other papers of its evaluation with the same figure."""

    candidate: Candidate
    direction: Direction
    absolute: AbsoluteEffect | NoAbsoluteReason
    same_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """What one evaluation shows on an outcome against one kind of comparator.

    `arms` holds the choice of each of its arms, `told` the chosen findings of all of them. `other_times` are findings
    of the same people at other times, `asides` the rest that was passed over, as of subgroups and other reporters, with
    their directions. `people` is None where nobody gives it, or not in people.
    `members` are the ids of all its studies, those that say nothing on the outcome included.
    """

    work: Work
    members: tuple[str, ...]
    arms: tuple[ChosenEstimate, ...]
    told: tuple[ToldEstimate, ...]
    other_times: tuple[tuple[Candidate, Direction], ...]
    asides: tuple[tuple[Candidate, Direction], ...]
    people: int | None
    is_packaged: bool

    @property
    def papers(self) -> tuple[str, ...]:
        """The ids of the studies that speak for it, the oldest first."""
        return tuple(dict.fromkeys(id_ for each in self.told for id_ in (each.candidate.study.id, *each.same_in)))

    @property
    def movement(self) -> Movement | None:
        """The movement that all its chosen findings share; None where they differ."""
        return combine_movements(each.direction for each in self.told)

    @property
    def includes_no_difference(self) -> frozenset[bool]:
        """What the intervals of its chosen findings do: one of them may, another may not; empty without any."""
        said = (each.direction.includes_no_difference for each in self.told)
        return frozenset(each for each in said if each is not None)


@dataclass(frozen=True, slots=True)
class EffectRange:
    """The smallest and largest value among the evaluations in one measure and unit, and the works that it spans."""

    measure: str
    unit: str | None
    low: float
    high: float
    works: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PooledRow:
    """A pooled mean of this very outcome and kind of comparator, and the ids of the studies in it."""

    measure: str
    pooled: Pooled
    studies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """An outcome within a kind of comparator. `people` sums `people_known` evaluations, None if no number is known."""

    outcome: str
    evaluations: tuple[EvaluationResult, ...]
    people: int | None
    people_known: int
    ranges: tuple[EffectRange, ...]
    pooled: tuple[PooledRow, ...] = ()

    @property
    def is_single(self) -> bool:
        return len(self.evaluations) == 1

    @property
    def told(self) -> tuple[ToldEstimate, ...]:
        return tuple(each for evaluation in self.evaluations for each in evaluation.told)

    @property
    def comparators(self) -> tuple[str, ...]:
        """The codes of what the other groups got; without those that are not stated."""
        return _stated(each.candidate.finding.comparator for each in self.told)

    @property
    def reporters(self) -> tuple[str, ...]:
        """The codes of who reported; without those that are not stated."""
        return _stated(each.candidate.finding.reporter for each in self.told)

    @property
    def has_several_reporters(self) -> bool:
        return len({each.candidate.finding.reporter for each in self.told}) > 1

    def passed_over_movements(self) -> Mapping[Movement, tuple[EvaluationResult, ...]]:
        """Return the evaluations by a direction that only findings show which do not speak for them.

        Those are of other times, subgroups, reporters or measures. Left out are directions that a chosen finding shows.
        """
        shown = {each.direction.movement for each in self.told}
        found: dict[Movement, dict[str, EvaluationResult]] = {}
        for evaluation in self.evaluations:
            for _candidate, direction in (*evaluation.other_times, *evaluation.asides):
                if direction.movement in (Movement.LESS, Movement.MORE) and direction.movement not in shown:
                    found.setdefault(direction.movement, {})[evaluation.work.id] = evaluation
        return {movement: tuple(own.values()) for movement, own in found.items()}

    def find_elsewhere(self, rows: Iterable[SummaryRow]) -> Mapping[Movement, tuple[EvaluationResult, ...]]:
        """Return what `rows`, of other outcomes, show of these evaluations, by a direction that they lack in this row.

        Only less and more: that something else did not differ clearly goes against nothing.
        """
        shown = {each.work.id: {told.direction.movement for told in each.told} for each in self.evaluations}
        found: dict[Movement, dict[str, EvaluationResult]] = {}
        for each in (each for row in rows if row.outcome != self.outcome for each in row.evaluations):
            for movement in (Movement.LESS, Movement.MORE):
                is_told = any(told.direction.movement is movement for told in each.told)
                if is_told and movement not in shown.get(each.work.id, {movement}):
                    found.setdefault(movement, {}).setdefault(each.work.id, each)
        return {movement: tuple(found[movement].values()) for movement in sorted(found)}

    def by_movement(self) -> Mapping[Movement | None, tuple[EvaluationResult, ...]]:
        """Return the evaluations by movement; under None those whose parts differ."""
        found: dict[Movement | None, list[EvaluationResult]] = {}
        for each in self.evaluations:
            found.setdefault(each.movement, []).append(each)
        return {movement: tuple(own) for movement, own in found.items()}


@dataclass(frozen=True, slots=True)
class ComparatorGroup:
    """What evaluations against one kind of comparator show: outcomes in the order of priority, then the rest."""

    kind: str
    lead: tuple[SummaryRow, ...]
    others: tuple[SummaryRow, ...]

    @property
    def rows(self) -> tuple[SummaryRow, ...]:
        return (*self.lead, *self.others)

    def violence(self, taxonomy: Taxonomy) -> tuple[SummaryRow, ...]:
        """Return the rows of outcomes that are violence."""
        return tuple(row for row in self.rows if taxonomy.group_of_outcome.get(row.outcome) in VIOLENCE_GROUPS)

    @property
    def works(self) -> tuple[str, ...]:
        """The ids of its evaluations."""
        return tuple(dict.fromkeys(each.work.id for row in self.rows for each in row.evaluations))


@dataclass(frozen=True, slots=True)
class SummaryInput:
    """What a summary is built of.

    `priority` holds the outcomes that come first, in order, `outcomes` the order of the rest.
    """

    studies: Sequence[StudyEvidence]
    evidence: Evidence
    scope: Scope
    measures: Mapping[str, Measure]
    outcomes: Sequence[str]
    priority: Sequence[str]
    details: Mapping[str, StudyDetails] = field(default_factory=dict)
    baselines: Sequence[Baseline] = ()
    forests: Sequence[Forest] = ()

    @property
    def taxonomy(self) -> Taxonomy:
        return self.evidence.taxonomy


def build_summary(given: SummaryInput) -> tuple[ComparatorGroup, ...]:
    """Return the summary of findings: a group for each kind of comparator, what names none last.

    Each evaluation is once in a row, with all its papers.
    """
    results: dict[str, dict[str, list[EvaluationResult]]] = {}
    members = given.evidence.members
    for (work, outcome), candidates in collect_candidates(given.studies, given.evidence, given.scope).items():
        chosen = choose_estimates(work, outcome, candidates, given.scope.interventions)
        for kind in dict.fromkeys(each.comparator_kind for each in chosen):
            arms = tuple(each for each in chosen if each.comparator_kind == kind)
            results.setdefault(kind, {}).setdefault(outcome, []).append(
                _build_result(work, members[work.id], arms, given)
            )
    groups = []
    for kind in sorted(results, key=KIND_ORDER.index):
        rows = {outcome: _build_row(kind, outcome, own, given) for outcome, own in results[kind].items()}
        lead = tuple(rows.pop(outcome) for outcome in given.priority if outcome in rows)
        order = _place_of(given.outcomes)
        others = tuple(rows[outcome] for outcome in sorted(rows, key=lambda code: (order(code), code)))
        groups.append(ComparatorGroup(kind, lead, others))
    return tuple(groups)


def _build_result(
    work: Work, members: tuple[str, ...], arms: tuple[ChosenEstimate, ...], given: SummaryInput
) -> EvaluationResult:
    told = _merge_same_figures(
        told for arm in arms for candidate in arm.chosen if (told := _tell(candidate, given)) is not None
    )
    other_times = [each for arm in arms for each in arm.other_times]
    asides = [each for arm in arms for each in arm.passed_over if each not in other_times]
    chosen = [each.candidate for each in told]
    return EvaluationResult(
        work=work,
        members=members,
        arms=arms,
        told=told,
        other_times=tuple(_read_all(other_times, given)),
        asides=tuple(_read_all(asides, given)),
        people=count_people(chosen, given.details),
        is_packaged=all(each.claim.is_packaged(given.scope.interventions) for each in chosen),
    )


def _tell(candidate: Candidate, given: SummaryInput) -> ToldEstimate | None:
    direction = _read(candidate, given)
    if direction is None:
        return None
    return ToldEstimate(candidate, direction, compute_absolute_effect(candidate.finding, given.baselines))


def _merge_same_figures(told: Iterable[ToldEstimate]) -> tuple[ToldEstimate, ...]:
    """Tell once what two papers of an evaluation print with the same value and interval, whatever they call the arm."""
    merged: dict[object, ToldEstimate] = {}
    for each in told:
        finding, study = each.candidate.finding, each.candidate.study.id
        figure = (finding.measure, finding.unit, finding.value, finding.ci_low, finding.ci_high)
        if finding.ci_low is None:
            merged[study, each.candidate.claim] = each
            continue
        first = merged.setdefault(figure, each)
        if first is not each and first.candidate.study.id != study:
            merged[figure] = replace(first, same_in=(*first.same_in, study))
        elif first is not each:
            merged[each] = each
    return tuple(merged.values())


def _read_all(candidates: Iterable[Candidate], given: SummaryInput) -> Iterator[tuple[Candidate, Direction]]:
    for candidate in candidates:
        direction = _read(candidate, given)
        if direction is not None:
            yield candidate, direction


def _read(candidate: Candidate, given: SummaryInput) -> Direction | None:
    return read_direction(candidate.finding, given.measures, given.taxonomy, candidate.claim.effect)


def _build_row(kind: str, outcome: str, evaluations: list[EvaluationResult], given: SummaryInput) -> SummaryRow:
    evaluations.sort(key=lambda each: (each.told[0].candidate.sort_key, each.work.id))
    known = [each.people for each in evaluations if each.people is not None]
    return SummaryRow(
        outcome=outcome,
        evaluations=tuple(evaluations),
        people=sum(known) if known else None,
        people_known=len(known),
        ranges=_find_ranges(evaluations, given.measures),
        pooled=tuple(_find_pooled(kind, outcome, given)),
    )


def _find_ranges(evaluations: Sequence[EvaluationResult], measures: Mapping[str, Measure]) -> tuple[EffectRange, ...]:
    """Return the ranges of values that compare, by measure, unit and what a higher value means."""
    found: dict[tuple[str, str | None, str | None], list[tuple[float, str]]] = {}
    for evaluation in evaluations:
        for each in evaluation.told:
            finding = each.candidate.finding
            measure = measures.get(finding.measure or "")
            if finding.value is not None and measure is not None and measure.is_drawn:
                key = (measure.code, finding.unit, finding.higher_is)
                found.setdefault(key, []).append((float(finding.value), evaluation.work.id))
    return tuple(
        EffectRange(
            measure=code,
            unit=unit,
            low=min(value for value, _ in own),
            high=max(value for value, _ in own),
            works=tuple(dict.fromkeys(work for _, work in own)),
        )
        for (code, unit, _), own in found.items()
    )


def _find_pooled(kind: str, outcome: str, given: SummaryInput) -> Iterable[PooledRow]:
    """Yield the means of `given.forests` on this outcome, against this kind of comparator."""
    for forest in given.forests:
        for each in forest.sets:
            if each.outcome == outcome and each.kind == kind and each.pooled is not None:
                studies = tuple(row.study.id for row in each.rows if row.weight is not None)
                yield PooledRow(forest.measure.code, each.pooled, studies)


def _place_of(codes: Sequence[str]) -> Callable[[str], int]:
    places = {code: place for place, code in enumerate(codes)}
    return lambda code: places.get(code, len(places))


def _stated(codes: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in codes if code is not None))
