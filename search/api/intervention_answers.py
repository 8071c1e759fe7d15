"""Builds the answer on an intervention from the evidence in memory: the summary that its page is written from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from studies.learning import published_texts
from studies.learning.answer_tables import list_priority_outcomes, list_used_baselines
from studies.publishing.opendata import answers as texts
from studies.publishing.opendata.answers import CertaintyRecord, ConclusionRecord, SafetyNoteRecord
from studies.records.intervention_answer import (
    ComparisonRecord,
    DirectionRecord,
    EstimateRecord,
    HarmRecord,
    InterventionSummaryRecord,
    MeanRecord,
    OutcomeRowRecord,
)
from studies.records.json_record import Field
from studies.records.json_record import gettext_noop as _
from studies.store import evidence_snapshot, vocabularies
from studies.store.vocabularies import TermView, Vocabularies
from studies.synthesis.absolute_effect import AbsoluteEffect
from studies.synthesis.answer_facts import list_costs, list_harms, list_reviews
from studies.synthesis.evidence import Scope
from studies.synthesis.forest import build_forests
from studies.synthesis.plots import Measure
from studies.synthesis.summary_of_findings import (
    EvaluationResult,
    PooledRow,
    SummaryInput,
    SummaryRow,
    ToldEstimate,
    build_summary,
)
from studies.synthesis.tables import tally_claims

DIFFER = "differ"
"""The direction of evaluations whose arms or times differ."""


@dataclass(frozen=True, slots=True)
class InterventionAnswerRecord(InterventionSummaryRecord):
    """The answer on an intervention. What people wrote stands in lists of one or none."""

    comparisons: Annotated[
        tuple[ComparisonRecord, ...], Field(_("con qué se comparó y qué mostró cada resultado"))
    ] = ()
    harms: Annotated[tuple[HarmRecord, ...], Field(_("qué dice cada evaluación de daños"))] = ()
    cost_studies: Annotated[tuple[str, ...], Field(_("identificadores de los estudios que dicen un costo"))] = ()
    reviews: Annotated[tuple[str, ...], Field(_("identificadores de las revisiones que tratan de ella"))] = ()
    conclusions: Annotated[
        tuple[ConclusionRecord, ...], Field(_("conclusión que una persona escribió y otra revisó"))
    ] = ()
    certainty: Annotated[tuple[CertaintyRecord, ...], Field(_("certeza que una persona juzgó y otra confirmó"))] = ()
    safety_notes: Annotated[tuple[SafetyNoteRecord, ...], Field(_("nota de seguridad que otra persona revisó"))] = ()


def iterate_interventions() -> Iterator[InterventionSummaryRecord]:
    """Yield the interventions in use, by code: no query while nothing changed."""
    snapshot = evidence_snapshot.current()
    for term in sorted(vocabularies.current().terms("interventions"), key=lambda term: term.code):
        studies = [study for study in snapshot.studies.values() if term.code in study.interventions]
        counted = tally_claims(studies, snapshot, Scope(frozenset({term.code}))).evaluations
        yield InterventionSummaryRecord(term.code, term.es, term.en, term.parent, counted)


def build_intervention_answer(term: TermView, vocabulary: Vocabularies) -> InterventionAnswerRecord:
    """Return the answer on an intervention: two queries, and at most thirteen for what people wrote."""
    given = _summary_input(term, vocabulary)
    groups = build_summary(given)
    counted = tally_claims(given.studies, given.evidence, given.scope).evaluations
    conclusion = published_texts.find_conclusion_on_term(term.id)
    note = published_texts.find_safety_note(term.id)
    return InterventionAnswerRecord(
        id=term.code,
        name_es=term.es,
        name_en=term.en,
        theme=term.parent,
        evaluations=counted,
        comparisons=tuple(
            ComparisonRecord(
                group.kind, tuple(_outcome_row(row, row in group.lead, given.measures) for row in group.rows)
            )
            for group in groups
        ),
        harms=tuple(
            HarmRecord(each.work, each.code, each.studies) for each in list_harms(groups, given.details, given.scope)
        ),
        cost_studies=tuple(dict.fromkeys(each.study for each in list_costs(given.studies, given.details, given.scope))),
        reviews=tuple(dict.fromkeys(each.study.id for each in list_reviews(given))),
        conclusions=(texts.conclusion_to_record(conclusion),) if conclusion else (),
        certainty=tuple(map(texts.certainty_to_record, published_texts.list_certainties([term.id]))),
        safety_notes=(texts.safety_note_to_record(note),) if note else (),
    )


def _summary_input(term: TermView, vocabulary: Vocabularies) -> SummaryInput:
    snapshot = evidence_snapshot.current()
    studies = [study for study in snapshot.studies.values() if term.code in study.interventions]
    scope = Scope(frozenset({term.code}))
    measures = evidence_snapshot.read_measures(vocabulary)
    outcomes = tuple(each.code for each in vocabulary.terms("outcomes"))
    forests = build_forests(studies, snapshot, measures, outcomes, scope)
    return SummaryInput(
        studies=studies,
        evidence=snapshot,
        scope=scope,
        measures=measures,
        outcomes=outcomes,
        priority=list_priority_outcomes(),
        details={study.id: study.details for study in snapshot.studies.values() if study.details is not None},
        baselines=list_used_baselines(),
        forests=tuple(forest for forest in forests if forest.has_intervals),
    )


def _outcome_row(row: SummaryRow, is_priority: bool, measures: Mapping[str, Measure]) -> OutcomeRowRecord:
    return OutcomeRowRecord(
        outcome=row.outcome,
        is_priority=is_priority,
        evaluations=len(row.evaluations),
        people=row.people,
        directions=tuple(
            DirectionRecord(movement.value if movement else DIFFER, len(own))
            for movement, own in row.by_movement().items()
        ),
        estimates=tuple(_estimate(evaluation, told) for evaluation in row.evaluations for told in evaluation.told),
        means=tuple(_mean(pooled, measures) for pooled in row.pooled),
    )


def _estimate(evaluation: EvaluationResult, told: ToldEstimate) -> EstimateRecord:
    finding = told.candidate.finding
    absolute = told.absolute if isinstance(told.absolute, AbsoluteEffect) else None
    return EstimateRecord(
        evaluation=evaluation.work.id,
        study=told.candidate.study.id,
        direction=told.direction.movement.value,
        for_women=told.direction.for_women.value,
        effect=finding.effect,
        reporter=finding.reporter,
        measure=finding.measure,
        unit=finding.unit,
        value=finding.value,
        ci_low=finding.ci_low,
        ci_high=finding.ci_high,
        ci_level=finding.ci_level,
        higher_is=finding.higher_is,
        follow_up_months=finding.follow_up_months,
        without_per_1000=round(absolute.without, 1) if absolute else None,
        with_per_1000=round(absolute.with_programme, 1) if absolute else None,
    )


def _mean(row: PooledRow, measures: Mapping[str, Measure]) -> MeanRecord:
    # Ratios are pooled as logarithms.
    shown = _exp if measures[row.measure].is_log else float
    mean, low, high = (round(shown(each), 4) for each in (row.pooled.mean, row.pooled.low, row.pooled.high))
    return MeanRecord(row.measure, mean, low, high, row.studies)


def _exp(number: float) -> float:
    # JSON has no infinity.
    return math.exp(min(number, 700.0))
