"""Loads fixtures in the exchange format: creates what is missing, updates what nobody has edited, reports the rest (R9).

A row remembers the hash of the record that it was last loaded from. While its own record still has that hash,
nobody has edited it, and a newer fixture may replace it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.utils import translation

from studies import curation, exchange
from studies.changes import bank_change, vocabulary_change
from studies.exchange.vocabulary import PARENT_KEY
from studies.models import Concept, Evaluation, Programme, Stage, Study, Term, Vocabulary
from studies.records import (
    AnyRecord,
    ConceptRecord,
    EvaluationRecord,
    ProgrammeRecord,
    StudyRecord,
    TermRecord,
    fingerprint,
)

Record = TypeVar("Record")
CREATED, CHANGED, UNCHANGED, KEPT = "created", "changed", "unchanged", "kept"


@dataclass(slots=True)
class LoadReport:
    """What a load did: outcomes by kind, the rows kept because somebody edited them, the studies not publishable."""

    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    kept: list[tuple[str, str]] = field(default_factory=list)
    unpublishable: list[tuple[str, str]] = field(default_factory=list)

    def count(self, kind: str, name: str, outcome: str) -> None:
        """Note the outcome of one record."""
        self.outcomes.setdefault(kind, Counter())[outcome] += 1
        if outcome == KEPT:
            self.kept.append((kind, name))


@dataclass(frozen=True, slots=True)
class _Step:
    """One record against the row that holds it: what is to be done."""

    record: Any
    row: Any
    outcome: str

    @property
    def writes(self) -> bool:
        return self.outcome in (CREATED, CHANGED)


def load(folder: Path) -> LoadReport:
    """Load the five fixture files of `folder`. Raises RecordInvalid or UnknownTerm; what was loaded before stays."""
    report = LoadReport()
    # Notes of revisions are written in the bank's own language, whoever runs the command.
    with translation.override("es"):
        _load_terms(_json(folder / "taxonomy.json"), report)
        _load_concepts([ConceptRecord.from_json(row) for row in _json(folder / "thesaurus.json")], report)
        programmes = _load_programmes(
            [ProgrammeRecord.from_json(row) for row in _json(folder / "programmes.json")], report
        )
        lines = (folder / "studies.jsonl").read_text(encoding="utf-8").splitlines()
        _load_studies([StudyRecord.from_json(json.loads(line)) for line in lines if line.strip()], report)
        _load_members(programmes)
        _load_evaluations([EvaluationRecord.from_json(row) for row in _json(folder / "evaluations.json")], report)
    return report


def _load_terms(taxonomy: Mapping[str, list[dict[str, Any]]], report: LoadReport) -> None:
    # A vocabulary that groups another comes before it.
    for vocabulary in sorted(Vocabulary, key=lambda name: name in PARENT_KEY):
        records = [TermRecord.from_json(row) for row in taxonomy[vocabulary]]
        rows = {term.code: term for term in Term.objects.filter(vocabulary=vocabulary).select_related("parent")}
        steps = _plan(f"terms:{vocabulary}", records, rows, lambda record: record.code, exchange.term_record, report)
        _write_words(steps, partial(_save_term, vocabulary, [record.code for record in records]))


def _save_term(vocabulary: str, order: list[str], record: TermRecord, row: Term | None) -> Term:
    return exchange.save_term(record, vocabulary, order.index(record.code), row)


def _load_concepts(records: list[ConceptRecord], report: LoadReport) -> None:
    rows = {row.slug: row for row in Concept.objects.select_related("broader").prefetch_related("terms")}
    ordered = _parents_first(records, lambda record: record.concept, lambda record: record.broader)
    steps = _plan("concepts", ordered, rows, lambda record: record.concept, exchange.concept_record, report)
    _write_words(steps, exchange.save_concept)


def _load_programmes(records: list[ProgrammeRecord], report: LoadReport) -> list[_Step]:
    rows = {row.slug: row for row in Programme.objects.select_related("adapted_from")}
    ordered = _parents_first(records, lambda record: record.id, lambda record: record.adapted_from)
    steps = _plan("programmes", ordered, rows, lambda record: record.id, exchange.programme_record, report)
    _write_words(steps, exchange.save_programme)
    return steps


def _load_members(steps: list[_Step]) -> None:
    for step in steps:
        if step.writes:
            exchange.save_programme_studies(step.record, Programme.objects.get(slug=step.record.id))


def _load_studies(records: list[StudyRecord], report: LoadReport) -> None:
    rows = {row.slug: row for row in Study.objects.for_record()}
    steps = _plan("studies", records, rows, lambda record: record.id, exchange.to_record, report)
    with bank_change(note="Carga de los datos del banco.") as change:
        for step in steps:
            if step.writes:
                study = exchange.save_record(step.record, step.row)
                Study.objects.filter(pk=study.pk).update(loaded_hash=fingerprint(step.record))
                _publish_if_new(study, report)
                change.touch(study)


def _publish_if_new(study: Study, report: LoadReport) -> None:
    if study.stage != Stage.DRAFT or study.changed_no:
        return
    try:
        curation.publish_unreviewed(study)
    except curation.NotPublishable as refusal:
        report.unpublishable += [(study.slug, f"{problem.field}: {problem.code}") for problem in refusal.problems]


def _load_evaluations(records: list[EvaluationRecord], report: LoadReport) -> None:
    rows = {row.slug: row for row in Evaluation.objects.select_related("programme")}
    steps = _plan("evaluations", records, rows, lambda record: record.id, exchange.evaluation_record, report)
    for step in steps:
        if step.writes:
            row = exchange.save_evaluation(step.record, step.row)
            Evaluation.objects.filter(pk=row.pk).update(loaded_hash=fingerprint(step.record))


def _plan(
    kind: str,
    records: Iterable[Any],
    rows: Mapping[str, Any],
    name_of: Callable[[Any], str],
    record_of: Callable[[Any], AnyRecord],
    report: LoadReport,
) -> list[_Step]:
    steps = []
    for record in records:
        row = rows.get(name_of(record))
        step = _Step(record, row, _outcome(record, row, record_of))
        report.count(kind, name_of(record), step.outcome)
        steps.append(step)
    return steps


def _outcome(record: AnyRecord, row: Any, record_of: Callable[[Any], AnyRecord]) -> str:
    if row is None:
        return CREATED
    held = fingerprint(record_of(row))
    if held == fingerprint(record):
        return UNCHANGED
    return CHANGED if held == row.loaded_hash else KEPT


def _write_words(steps: list[_Step], save: Callable[[Any, Any], Any]) -> None:
    if not any(step.writes for step in steps):
        return
    with vocabulary_change():
        for step in steps:
            if step.writes:
                row = save(step.record, step.row)
                type(row).objects.filter(pk=row.pk).update(loaded_hash=fingerprint(step.record))


def _parents_first(
    records: list[Record], name_of: Callable[[Record], str], parent_of: Callable[[Record], str | None]
) -> list[Record]:
    """Order `records` so that each stands behind the one that it names. A circle is left as it came."""
    waiting = {name_of(record): record for record in records}
    ordered: list[Record] = []

    def place(name: str | None) -> None:
        record = waiting.pop(name, None) if name is not None else None
        if record is not None:
            place(parent_of(record))
            ordered.append(record)

    for record in records:
        place(name_of(record))
    return ordered


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
