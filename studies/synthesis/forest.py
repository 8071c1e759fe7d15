"""Forests: comparable estimates, one of each evaluation, with their pooled mean or the reason why there is none. Pure.

Estimates are comparable if they are of one outcome, in one measure and unit, from one strength of design: odds ratios,
risk ratios and differences are never mixed, nor randomised evaluations with others. `forest_plot` draws them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from studies.records.finding import FindingRecord
from studies.synthesis.axis import is_plottable
from studies.synthesis.estimates import Estimate, UnusableReason, read_estimate
from studies.synthesis.evidence import NOT_ESTIMATED, STRENGTHS, Evidence, Scope, StudyEvidence, Work, classify_design
from studies.synthesis.plots import IN_SCALE_OF_OUTCOME, Measure
from studies.synthesis.pooling import MIN_ESTIMATES, Pooled, PoolingRefusalReason, PoolingRefused, pool

_POOLED_RATIOS = frozenset(
    {"odds ratio", "risk ratio", "hazard ratio", "incidence rate ratio", "prevalence ratio", "relative risk ratio"}
)
_POOLED_DIFFERENCES = frozenset({"percentage points", "standard deviations", "Hedges g", "Cohen d"})
_POOLED_IN_A_UNIT = "mean difference"


class NoMeanReason(StrEnum):
    """Why a set of estimates has no pooled mean."""

    TOO_FEW = "too-few"
    TOO_FEW_USABLE = "too-few-usable"
    NO_COMMON_SCALE = "no-common-scale"
    SHARED_DATA = "shared-data"
    OPPOSITE = "opposite"
    IDENTICAL = "identical"


@dataclass(frozen=True, slots=True)
class ForestRow:
    """The finding chosen to represent an evaluation. `passed_over` counts its other findings that were comparable.

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
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class ForestSet:
    """Estimates of an outcome from one strength of design, with either `pooled` or `no_mean`.

    `sharing` holds for each data set that several rows use the ids of their works; such works are never pooled.
    """

    outcome: str
    design: str
    rows: tuple[ForestRow, ...]
    pooled: Pooled | None = None
    no_mean: NoMeanReason | None = None
    sharing: tuple[tuple[str, ...], ...] = ()

    @property
    def left_out(self) -> tuple[ForestRow, ...]:
        """The rows that are not part of the mean, because no standard error can be derived."""
        return tuple(row for row in self.rows if row.estimate is None)


@dataclass(frozen=True, slots=True)
class Forest:
    """All sets in one measure and unit: what can share an axis."""

    measure: Measure
    unit: str | None
    sets: tuple[ForestSet, ...]

    @property
    def rows(self) -> tuple[ForestRow, ...]:
        """The rows of all sets."""
        return tuple(row for each in self.sets for row in each.rows)

    @property
    def has_intervals(self) -> bool:
        """Whether any row has an interval: without one, a plot shows no more than a table."""
        return any(row.finding.has_interval for row in self.rows)


_Key = tuple[str, str, str]
_Candidate = tuple[StudyEvidence, FindingRecord, bool]


def build_forests(
    studies: Iterable[StudyEvidence],
    evidence: Evidence,
    measures: Mapping[str, Measure],
    outcomes: Sequence[str],
    scope: Scope | None = None,
) -> tuple[Forest, ...]:
    """Return the forests of studies: one finding of each evaluation, by measure and unit, then by outcome and design.

    `measures` and `outcomes` give the order. Left out are findings without an effect or a value, measures that only
    describe, and studies that are no evaluation.
    """
    found: dict[_Key, dict[Work, list[_Candidate]]] = {}
    scope = scope or Scope()
    for study in studies:
        for claim in scope.filter_claims(study):
            finding = claim.finding if claim.is_test else None
            measure = measures.get(finding.measure or "") if finding is not None else None
            if finding is None or measure is None or claim.effect == NOT_ESTIMATED:
                continue
            if measure.is_drawn and is_plottable(finding.value, is_log=measure.is_log):
                key = (measure.code, finding.unit or "", finding.outcome)
                candidate = (study, finding, not claim.is_packaged(scope.interventions))
                found.setdefault(key, {}).setdefault(evidence.work(study, claim), []).append(candidate)
    return tuple(_group_by_axis(found, evidence, measures, outcomes))


def _group_by_axis(
    found: Mapping[_Key, Mapping[Work, list[_Candidate]]],
    evidence: Evidence,
    measures: Mapping[str, Measure],
    outcomes: Sequence[str],
) -> Iterator[Forest]:
    axes: dict[tuple[str, str, str], list[_Key]] = {}
    order = {code: place for place, code in enumerate(outcomes)}
    places = {code: place for place, code in enumerate(measures)}
    for key in sorted(found, key=lambda key: (places[key[0]], key[1], order.get(key[2], len(order)), key[2])):
        own_axis = key[2] if key[0] in IN_SCALE_OF_OUTCOME else ""
        axes.setdefault((key[0], key[1], own_axis), []).append(key)
    for (code, unit, _), keys in axes.items():
        measure = measures[code]
        sets = tuple(each for key in keys for each in _build_sets(key, found[key], measure, evidence))
        yield Forest(measure, unit or None, sets)


def _build_sets(
    key: _Key, works: Mapping[Work, list[_Candidate]], measure: Measure, evidence: Evidence
) -> Iterator[ForestSet]:
    rows: dict[str, list[ForestRow]] = {}
    for work, candidates in works.items():
        rows.setdefault(classify_design(work), []).append(choose_finding(work.id, candidates, measure))
    for design in STRENGTHS:
        if own := rows.get(design):
            own.sort(key=lambda row: (row.study.year, row.study.id))
            yield add_mean(ForestSet(key[2], design, tuple(own)), measure, evidence)


def choose_finding(work_id: str, candidates: Sequence[_Candidate], measure: Measure) -> ForestRow:
    """Return the row of an evaluation: its finding with the longest follow-up, then the most precise one.

    A follow-up that is not stated counts as the shortest, a finding without a standard error as the least precise. Ties
    go to the first candidate.
    """

    def rank(candidate: _Candidate) -> tuple[float, float]:
        _, finding, _ = candidate
        months = finding.follow_up_months
        read = read_estimate(finding, measure)
        return (-1.0 if months is None else -2.0 - months, read.se if isinstance(read, Estimate) else float("inf"))

    study, finding, is_alone = min(candidates, key=rank)
    read = read_estimate(finding, measure)
    return ForestRow(
        work_id=work_id,
        study=study,
        finding=finding,
        is_alone=is_alone,
        passed_over=len(candidates) - 1,
        estimate=read if isinstance(read, Estimate) else None,
        unusable=None if isinstance(read, Estimate) else read,
    )


def add_mean(each: ForestSet, measure: Measure, evidence: Evidence) -> ForestSet:
    """Return the set with its pooled mean, or with the first reason that applies why there is none."""
    usable = [row for row in each.rows if row.estimate is not None]
    each = replace(each, sharing=_group_works_sharing_data(each.rows, evidence))

    def without(reason: NoMeanReason) -> ForestSet:
        return replace(each, no_mean=reason)

    if len(each.rows) < MIN_ESTIMATES:
        return without(NoMeanReason.TOO_FEW)
    if not _has_common_scale(measure, each.rows):
        return without(NoMeanReason.NO_COMMON_SCALE)
    if len(usable) < MIN_ESTIMATES:
        return without(NoMeanReason.TOO_FEW_USABLE)
    if _group_works_sharing_data(usable, evidence):
        return without(NoMeanReason.SHARED_DATA)
    if _points_both_ways(usable, measure):
        return without(NoMeanReason.OPPOSITE)
    try:
        pooled = pool([row.estimate for row in usable if row.estimate is not None])
    except PoolingRefused as refused:
        return without(
            NoMeanReason.IDENTICAL if refused.reason == PoolingRefusalReason.IDENTICAL else NoMeanReason.TOO_FEW_USABLE
        )
    weights = {row.work_id: weight for row, weight in zip(usable, pooled.weights, strict=True)}
    rows = tuple(replace(row, weight=weights.get(row.work_id)) for row in each.rows)
    return replace(each, rows=rows, pooled=pooled)


def _has_common_scale(measure: Measure, rows: Sequence[ForestRow]) -> bool:
    """Return True if numbers in this measure mean the same in two evaluations.

    A ratio of an unstated kind, a relative change or a correlation does not. A mean difference does if every row names
    its unit.
    """
    if measure.code == _POOLED_IN_A_UNIT:
        return all(row.finding.unit for row in rows)
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
