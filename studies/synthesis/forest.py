"""Forests: comparable estimates, one of each evaluation, with their pooled mean or the reason why there is none. Pure.

Estimates are comparable if they are of one outcome against one kind of comparator (`comparators`), in one measure and
unit, on scales that run the same way (`orientation`), from one strength of design. Two families of measures count as
one measure: risk and prevalence ratios, and standardised differences. Odds ratios, risk ratios and differences are
never mixed, but a risk ratio is computed where the numbers of the arms allow it (`arms`). Only what speaks for its
evaluation (`chosen_estimate`) stands here, as in the summary of findings. `forest_plot` draws it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from studies.records.finding import FindingRecord
from studies.synthesis.arms import RISKS, compute_risk_ratio
from studies.synthesis.axis import is_plottable
from studies.synthesis.chosen_estimate import Candidate, choose_estimates, collect_candidates
from studies.synthesis.comparators import KIND_ORDER, kind_of
from studies.synthesis.estimates import Estimate, UnusableReason, read_estimate
from studies.synthesis.evidence import (
    NOT_STATED,
    STRENGTHS,
    Evidence,
    Scope,
    StudyEvidence,
    Work,
    classify_design,
)
from studies.synthesis.orientation import Orientation, choose_orientation, read_orientation, turn
from studies.synthesis.plots import IN_SCALE_OF_OUTCOME, REGRESSION_COEFFICIENT, Measure
from studies.synthesis.pooling import MIN_ESTIMATES, Pooled, pool

STANDARDISED = frozenset({"standard deviations", "Hedges g", "Cohen d"})
_FAMILIES = (RISKS, STANDARDISED)
"""Measures that share an axis and a mean."""

_POOLED_RATIOS = RISKS | {"odds ratio", "hazard ratio", "incidence rate ratio", "relative risk ratio"}
_POOLED_DIFFERENCES = STANDARDISED | {"percentage points"}
_POOLED_IN_A_UNIT = "mean difference"
_UNITS_OF_ANY_SCALE = frozenset({"points on the scale", "index points"})
"""Units that two scales share only by name."""

_ON_A_SCALE = STANDARDISED | {_POOLED_IN_A_UNIT}
"""Measures of which only `higher_is` tells the orientation."""

INDIVIDUALLY_RANDOMISED = "rct"


class NoMeanReason(StrEnum):
    """Why a set of estimates has no pooled mean."""

    NO_COMPARATOR = "no-comparator"
    TOO_FEW = "too-few"
    NO_COMMON_SCALE = "no-common-scale"
    NO_ORIENTATION = "no-orientation"
    TOO_FEW_USABLE = "too-few-usable"
    SHARED_DATA = "shared-data"
    OPPOSITE = "opposite"


class Change(StrEnum):
    """What the bank did with the numbers of a finding so that they can stand beside others."""

    COMPUTED = "computed"
    TURNED = "turned"


class _Comparable(NamedTuple):
    """A finding with a number on the axis: as the record has it (`source`), and as it stands there (`finding`).

    `is_chosen`: it speaks for its evaluation. Those that do not are only counted.
    """

    source: Candidate
    finding: FindingRecord
    is_alone: bool
    is_chosen: bool
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class ForestRow:
    """The finding chosen to represent an evaluation. `passed_over` counts its other findings that were comparable.

    `finding` holds the numbers on the axis; where they are not those of the record (`printed`), `change` says why.
    `estimate` is None if the finding cannot be pooled; `unusable` then says why. `weight` is a share from 0 to 1, None
    if the row is not part of a mean.
    """

    work_id: str
    study: StudyEvidence
    finding: FindingRecord
    is_alone: bool
    passed_over: int
    estimate: Estimate | None
    unusable: UnusableReason | None
    printed: FindingRecord
    change: Change | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class ForestSet:
    """Estimates of an outcome against a kind of comparator, from one strength of design; `pooled` or else `no_mean`.

    `kind` is NOT_STATED for findings without a comparator, which are never pooled; `without_comparator` counts the
    evaluations that are for that reason in none of the sets of the same outcome, measure and design. `sharing` holds
    for each data set that several rows use the ids of their works; such works are never pooled.
    """

    outcome: str
    design: str
    kind: str
    orientation: Orientation
    rows: tuple[ForestRow, ...]
    pooled: Pooled | None = None
    no_mean: NoMeanReason | None = None
    sharing: tuple[tuple[str, ...], ...] = ()
    without_comparator: int = 0

    @property
    def left_out(self) -> tuple[ForestRow, ...]:
        """The rows that are not part of the mean, because no standard error can be derived."""
        return tuple(row for row in self.rows if row.estimate is None)


@dataclass(frozen=True, slots=True)
class Forest:
    """All sets in one unit, and in one measure or in those of one family: what can share an axis."""

    measures: tuple[Measure, ...]
    unit: str | None
    sets: tuple[ForestSet, ...]

    @property
    def measure(self) -> Measure:
        """The first of the measures; null value and scale are the same in all."""
        return self.measures[0]

    @property
    def rows(self) -> tuple[ForestRow, ...]:
        """The rows of all sets."""
        return tuple(row for each in self.sets for row in each.rows)

    @property
    def has_intervals(self) -> bool:
        """Whether any row has an interval: without one, a plot shows no more than a table."""
        return any(row.finding.has_interval for row in self.rows)


class _Axis(NamedTuple):
    """What estimates must share to stand on one axis. `own` parts what is in the scale of an outcome, or of a model."""

    family: str
    unit: str
    own: str


_Found = dict[_Axis, dict[str, dict[Work, list[_Comparable]]]]
"""Findings with a number by axis, outcome and evaluation."""


def build_forests(
    studies: Iterable[StudyEvidence],
    evidence: Evidence,
    measures: Mapping[str, Measure],
    outcomes: Sequence[str],
    scope: Scope | None = None,
) -> tuple[Forest, ...]:
    """Return the forests of studies: one finding of each evaluation in a set, by measure and unit, outcome and design.

    An evaluation is left out where no finding that speaks for it has a number, though others of its findings may.
    `measures` and `outcomes` give the order. Left out are findings without an effect or a value, measures that only
    describe, and studies that are no evaluation.
    """
    scope = scope or Scope()
    found: _Found = {}
    for (work, outcome), candidates in collect_candidates(studies, evidence, scope).items():
        choices = choose_estimates(work, outcome, candidates, scope.interventions)
        chosen = [each for choice in choices for each in choice.chosen]
        for source in candidates:
            each = _read_source(source, scope, is_chosen=source in chosen)
            measure = measures.get(each.finding.measure or "")
            if measure and measure.is_drawn and is_plottable(each.finding.value, is_log=measure.is_log):
                axis = _axis_of(each.finding, work, measures)
                found.setdefault(axis, {}).setdefault(outcome, {}).setdefault(work, []).append(each)
    places = {code: place for place, code in enumerate(measures)}
    order = {code: place for place, code in enumerate(outcomes)}
    forests = (
        _build_forest(axis, found[axis], evidence, measures, order)
        for axis in sorted(found, key=lambda axis: (places[axis.family], axis.unit, axis.own))
    )
    return tuple(forest for forest in forests if forest.sets)


def _read_source(source: Candidate, scope: Scope, *, is_chosen: bool) -> _Comparable:
    is_alone = not source.claim.is_packaged(scope.interventions)
    is_individual = source.study.designs[:1] == (INDIVIDUALLY_RANDOMISED,)
    computed = compute_risk_ratio(source.finding, is_individually_randomised=is_individual)
    if computed is not None:
        return _Comparable(source, computed, is_alone, is_chosen, Change.COMPUTED)
    return _Comparable(source, source.finding, is_alone, is_chosen)


def _axis_of(finding: FindingRecord, work: Work, measures: Mapping[str, Measure]) -> _Axis:
    code = finding.measure or ""
    family = next((each for each in _FAMILIES if code in each), frozenset({code}))
    own = finding.outcome if code in IN_SCALE_OF_OUTCOME else ""
    if code == REGRESSION_COEFFICIENT:
        # Each is in the scale of its own model.
        own = f"{own} {work.id}"
    return _Axis(next(each for each in measures if each in family), finding.unit or "", own)


def _build_forest(
    axis: _Axis,
    by_outcome: Mapping[str, Mapping[Work, list[_Comparable]]],
    evidence: Evidence,
    measures: Mapping[str, Measure],
    order: Mapping[str, int],
) -> Forest:
    codes = sorted(by_outcome, key=lambda code: (order.get(code, len(order)), code))
    sets = tuple(
        each for code in codes for each in _build_sets(code, by_outcome[code], measures[axis.family], evidence)
    )
    drawn = {row.finding.measure for each in sets for row in each.rows}
    own = tuple(measure for code, measure in measures.items() if code in drawn)
    return Forest(own, axis.unit or None, sets)


def _build_sets(
    outcome: str, works: Mapping[Work, list[_Comparable]], measure: Measure, evidence: Evidence
) -> Iterator[ForestSet]:
    for design in STRENGTHS:
        own = {work: found for work, found in works.items() if classify_design(work) == design}
        by_kind: dict[str, dict[Work, list[_Comparable]]] = {}
        for work, candidates in own.items():
            kinds = {kind_of(each.finding.comparator) for each in candidates if each.is_chosen}
            # What a record says against a kind of comparator goes before what it says against nobody knows what.
            for kind in kinds - {NOT_STATED} or kinds:
                by_kind.setdefault(kind, {})[work] = [
                    each for each in candidates if kind_of(each.finding.comparator) == kind
                ]
        left_out = len(by_kind.get(NOT_STATED, {}))
        for kind in sorted(by_kind, key=KIND_ORDER.index):
            for orientation, oriented in _orient(by_kind[kind], evidence):
                rows = [_choose_row(work.id, found, measure) for work, found in oriented.items()]
                rows.sort(key=lambda row: (row.study.year, row.study.id))
                each = ForestSet(outcome, design, kind, orientation, tuple(rows), without_comparator=left_out)
                yield add_mean(each, measure, evidence)


def _orient(
    works: Mapping[Work, list[_Comparable]], evidence: Evidence
) -> Iterator[tuple[Orientation, dict[Work, list[_Comparable]]]]:
    """Yield the candidates by what a higher value means, after turning all that can be turned to what most mean.

    An evaluation of which one finding is oriented that way gives no other: it would stand twice for one effect.
    """
    known = {
        work: {read_orientation(each.finding, evidence.taxonomy) for each in found if each.is_chosen}
        - {Orientation.UNKNOWN}
        for work, found in works.items()
    }
    usual = choose_orientation(each for own in known.values() for each in own)
    by_orientation: dict[Orientation, dict[Work, list[_Comparable]]] = {}
    for work, found in works.items():
        turned = [_turn_to(usual, each, evidence) for each in found]
        reached = {read_orientation(each.finding, evidence.taxonomy) for each in turned if each.is_chosen}
        best = min(reached, key=[usual, *Orientation].index)
        by_orientation.setdefault(best, {})[work] = [
            each for each in turned if read_orientation(each.finding, evidence.taxonomy) == best
        ]
    for orientation in sorted(by_orientation, key=[usual, *Orientation].index):
        yield orientation, by_orientation[orientation]


def _turn_to(usual: Orientation, candidate: _Comparable, evidence: Evidence) -> _Comparable:
    if read_orientation(candidate.finding, evidence.taxonomy) in (usual, Orientation.UNKNOWN):
        return candidate
    turned = turn(candidate.finding, usual)
    return candidate if turned is None else candidate._replace(finding=turned, change=Change.TURNED)


def _choose_row(work_id: str, candidates: Sequence[_Comparable], measure: Measure) -> ForestRow:
    """Return the row of an evaluation: of the findings that speak for it, of whatever arm, the most precise one.

    What the source prints goes before what the bank computed, and a finding without a standard error comes last. Ties
    go to the first candidate.
    """

    def rank(candidate: _Comparable) -> tuple[bool, float]:
        read = read_estimate(candidate.finding, measure)
        return candidate.change is Change.COMPUTED, read.se if isinstance(read, Estimate) else float("inf")

    row = min((each for each in candidates if each.is_chosen), key=rank)
    read = read_estimate(row.finding, measure)
    return ForestRow(
        work_id=work_id,
        study=row.source.study,
        finding=row.finding,
        is_alone=row.is_alone,
        passed_over=len(candidates) - 1,
        estimate=read if isinstance(read, Estimate) else None,
        unusable=None if isinstance(read, Estimate) else read,
        printed=row.source.finding,
        change=row.change,
    )


def add_mean(each: ForestSet, measure: Measure, evidence: Evidence) -> ForestSet:
    """Return the set with its pooled mean, or with the first reason that applies why there is none."""
    usable = [row for row in each.rows if row.estimate is not None]
    each = replace(each, sharing=_group_works_sharing_data(each.rows, evidence))

    def without(reason: NoMeanReason) -> ForestSet:
        return replace(each, no_mean=reason)

    if each.kind == NOT_STATED:
        return without(NoMeanReason.NO_COMPARATOR)
    if len(each.rows) < MIN_ESTIMATES:
        return without(NoMeanReason.TOO_FEW)
    if not _has_common_scale(measure, each.rows):
        return without(NoMeanReason.NO_COMMON_SCALE)
    if measure.code in _ON_A_SCALE and each.orientation is Orientation.UNKNOWN:
        return without(NoMeanReason.NO_ORIENTATION)
    if len(usable) < MIN_ESTIMATES:
        return without(NoMeanReason.TOO_FEW_USABLE)
    if _group_works_sharing_data(usable, evidence):
        return without(NoMeanReason.SHARED_DATA)
    if _points_both_ways(usable, measure):
        return without(NoMeanReason.OPPOSITE)
    pooled = pool([row.estimate for row in usable if row.estimate is not None])
    weights = {row.work_id: weight for row, weight in zip(usable, pooled.weights, strict=True)}
    rows = tuple(replace(row, weight=weights.get(row.work_id)) for row in each.rows)
    return replace(each, rows=rows, pooled=pooled)


def _has_common_scale(measure: Measure, rows: Sequence[ForestRow]) -> bool:
    """Return True if numbers in this measure mean the same in two evaluations.

    A ratio of an unstated kind, a relative change or a correlation does not. A mean difference does if every row names
    its unit, and that is not just "points".
    """
    if measure.code == _POOLED_IN_A_UNIT:
        return all(row.finding.unit and row.finding.unit not in _UNITS_OF_ANY_SCALE for row in rows)
    return measure.code in _POOLED_RATIOS | _POOLED_DIFFERENCES


def _group_works_sharing_data(rows: Sequence[ForestRow], evidence: Evidence) -> tuple[tuple[str, ...], ...]:
    """Return the ids of the works that use one data set, for each that the works of several rows use."""
    users: dict[str, list[str]] = {}
    for row in rows:
        for data_set in sorted(evidence.data_sets.get(row.work_id, frozenset())):
            users.setdefault(data_set, []).append(row.work_id)
    return tuple(dict.fromkeys(tuple(works) for works in users.values() if len(works) > 1))


def _points_both_ways(rows: Sequence[ForestRow], measure: Measure) -> bool:
    """Return True if better is up in one evaluation and down in another: their scales are opposed."""
    null = measure.null or 0.0
    directions = set()
    for row in rows:
        better = {"favourable": 1, "unfavourable": -1}.get(row.finding.effect, 0)
        above = (row.finding.value or 0.0) - null
        if better and above:
            directions.add(better * (1 if above > 0 else -1))
    return len(directions) > 1
