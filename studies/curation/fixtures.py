"""Loads fixtures in the exchange format: creates what is missing, updates what nobody has edited (R9).

Each row stores the hash of the record that it was last loaded from. While its own record has that hash, nobody has
edited it, and a newer fixture may replace it. Codes of terms that were merged in this bank are replaced on reading.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, TypeVar

from django.db import transaction
from django.utils import translation

from studies.curation import stages, terms
from studies.models import (
    Baseline,
    Concept,
    Evaluation,
    Instrument,
    PriorityOutcome,
    Programme,
    Stage,
    Study,
    Term,
    Vocabulary,
)
from studies.records.answers import BaselineRecord, PriorityRecord
from studies.records.appraisal import InstrumentRecord
from studies.records.appraisal_rules import find_rule_problem
from studies.records.json_fields import RecordInvalid
from studies.records.older_formats import (
    is_as_loaded,
    require_current_format,
    require_current_instrument,
    require_current_taxonomy,
)
from studies.records.study import (
    AnyRecord,
    ConceptRecord,
    EvaluationRecord,
    ProgrammeRecord,
    StudyRecord,
    TermRecord,
    fingerprint,
)
from studies.store import bank_state
from studies.store.changes import bank_change, vocabulary_change
from studies.store.exchange import answers, appraisal, evidence
from studies.store.exchange import study as exchange_study
from studies.store.exchange import vocabulary as exchange_vocabulary
from studies.store.exchange.errors import UnknownTerm
from studies.store.exchange.merged import MergedCodes
from studies.store.exchange.vocabulary import PARENT_KEY

Record = TypeVar("Record")
CREATED, CHANGED, UNCHANGED, KEPT = "created", "changed", "unchanged", "kept"


@dataclass(slots=True)
class LoadReport:
    """What a load did: outcomes by kind, rows kept because somebody edited them, studies that break R2.

    `gone` are rows that earlier fixtures held and these do not: they stay, as codes and addresses are never reused.
    `retired` are such terms that nothing uses. `without_doi` are studies whose DOI another one has, with that one.
    """

    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    kept: list[tuple[str, str]] = field(default_factory=list)
    gone: list[tuple[str, str]] = field(default_factory=list)
    retired: list[tuple[str, str]] = field(default_factory=list)
    without_doi: list[tuple[str, str]] = field(default_factory=list)
    unpublishable: list[tuple[str, str]] = field(default_factory=list)

    def count(self, kind: str, name: str, outcome: str) -> None:
        """Count the outcome of one record."""
        self.outcomes.setdefault(kind, Counter())[outcome] += 1
        if outcome == KEPT:
            self.kept.append((kind, name))

    def refuse(self, slug: str, refusal: stages.NotPublishable) -> None:
        """Add a study whose record in the fixtures breaks R2."""
        self.unpublishable += [(slug, f"{problem.field}: {problem.code}") for problem in refusal.problems]


@dataclass(frozen=True, slots=True)
class _LoadStep:
    """One record of the fixtures, its row in the bank if there is one, and what is to be done."""

    record: Any
    row: Any
    outcome: str

    @property
    def writes(self) -> bool:
        return self.outcome in (CREATED, CHANGED)


def load_fixtures(folder: Path) -> LoadReport:
    """Load the fixture files of `folder`, all or nothing. Raises RecordInvalid or UnknownTerm.

    The two tables behind answers may be missing, as in what was written before there were any.
    """
    report = LoadReport()
    # Notes of revisions are written in the bank's own language, whoever runs the command.
    with transaction.atomic(), bank_state.cached_counter(), translation.override("es"):
        # Rows before the counter, as in every change: a curator who saves now waits, and there is no deadlock.
        list(Study.objects.select_for_update().order_by("pk").values_list("pk"))
        merged = MergedCodes.read()
        moved = _load_terms(_read_json(folder / "taxonomy.json"), merged, report)
        instruments = (_read_instrument(row) for row in _read_json(folder / "instruments.json"))
        _load_instruments([merged.replace_in_instrument(record) for record in instruments], report)
        priorities = map(PriorityRecord.from_json, _read_json_if_there(folder / "priorities.json"))
        tables = _load_priorities([merged.replace_in_priority(record) for record in priorities], report)
        baselines = map(BaselineRecord.from_json, _read_json_if_there(folder / "baselines.json"))
        tables += _load_baselines([merged.replace_in_baseline(record) for record in baselines], report)
        concepts = (ConceptRecord.from_json(row) for row in _read_json(folder / "thesaurus.json"))
        _load_concepts([merged.replace_in_concept(record) for record in concepts], report)
        programmes = _load_programmes(
            [
                merged.replace_in_programme(ProgrammeRecord.from_json(row))
                for row in _read_json(folder / "programmes.json")
            ],
            report,
        )
        # Not splitlines(): it also breaks at signs that may stand within a text.
        lines = (folder / "studies.jsonl").read_text(encoding="utf-8").split("\n")
        studies = [_read_study(json.loads(line), place) for place, line in enumerate(lines, 1) if line.strip()]
        has_new_tables = any(step.writes for step in tables)
        ordered = _included_first([merged.replace_in_study(record) for record in studies])
        _load_studies(ordered, moved, report, has_new_tables=has_new_tables)
        _load_members(programmes)
        _load_evaluations([EvaluationRecord.from_json(row) for row in _read_json(folder / "evaluations.json")], report)
        _retire_unused(report)
    return report


def _load_terms(taxonomy: Mapping[str, list[dict[str, Any]]], merged: MergedCodes, report: LoadReport) -> list[Term]:
    """Load all vocabularies. Return the terms whose studies must be indexed again."""
    require_current_taxonomy(taxonomy, "taxonomy.json")
    moved: list[Term] = []
    # Parents first: the vocabularies in PARENT_KEY refer to terms of another one.
    for vocabulary in sorted(Vocabulary, key=lambda name: name in PARENT_KEY):
        if vocabulary not in taxonomy:
            raise RecordInvalid(f"taxonomy.{vocabulary}", "is missing")
        records = [merged.replace_in_term(vocabulary, TermRecord.from_json(row)) for row in taxonomy[vocabulary]]
        rows = {term.code: term for term in Term.objects.filter(vocabulary=vocabulary).select_related("parent")}
        steps = _plan(
            f"terms:{vocabulary}", records, rows, lambda record: record.code, exchange_vocabulary.term_to_record, report
        )
        before = {code: terms.list_indexed_values(term) for code, term in rows.items()}
        positions = _number_terms(records, rows)
        _write_words(steps, partial(_save_term, vocabulary, positions))
        _renumber_terms(rows, positions)
        moved += [row for code, row in rows.items() if terms.list_indexed_values(row) != before[code]]
    return moved


def _save_term(vocabulary: str, positions: Mapping[str, int], record: TermRecord, row: Term | None) -> Term:
    return exchange_vocabulary.save_term(record, vocabulary, positions[record.code], row)


def _number_terms(records: list[TermRecord], rows: Mapping[str, Term]) -> dict[str, int]:
    """Return the position of each code: existing terms keep their order, a new one follows its fixture neighbour."""
    order = sorted(rows, key=lambda code: (rows[code].position, code))
    for place, record in enumerate(records):
        if record.code not in rows:
            order.insert(order.index(records[place - 1].code) + 1 if place else 0, record.code)
    return {code: position for position, code in enumerate(order)}


def _renumber_terms(rows: Mapping[str, Term], positions: Mapping[str, int]) -> None:
    """Update the positions of existing terms if new ones came between them."""
    if len(positions) > len(rows):
        for code, row in rows.items():
            if row.position != positions[code]:
                Term.objects.filter(pk=row.pk).update(position=positions[code])


def _load_concepts(records: list[ConceptRecord], report: LoadReport) -> None:
    rows = {row.slug: row for row in Concept.objects.select_related("broader").prefetch_related("terms")}
    ordered = _sort_parents_first(records, lambda record: record.concept, lambda record: record.broader)
    steps = _plan(
        "concepts", ordered, rows, lambda record: record.concept, exchange_vocabulary.concept_to_record, report
    )
    _write_words(steps, exchange_vocabulary.save_concept)


def _load_instruments(records: list[InstrumentRecord], report: LoadReport) -> None:
    for record in records:
        if found := find_rule_problem(record):
            raise RecordInvalid(f"{record.id}.rule", found)
    rows = {row.slug: row for row in Instrument.objects.prefetch_related(*appraisal.INSTRUMENT_PARTS)}
    steps = _plan("instruments", records, rows, lambda record: record.id, appraisal.instrument_to_record, report)
    for place, step in enumerate(steps):
        if step.writes:
            _store_hash(appraisal.save_instrument(step.record, place, step.row), step.record)


def _load_priorities(records: list[PriorityRecord], report: LoadReport) -> list[_LoadStep]:
    # Of two outcomes that were merged here, the one that comes first has its place.
    by_name = {_name_priority(record): record for record in sorted(records, key=lambda one: -one.position)}
    found = PriorityOutcome.objects.select_related("outcome", "theme")
    rows = {_name_priority(answers.priority_to_record(row)): row for row in found}
    steps = _plan("priorities", by_name.values(), rows, _name_priority, answers.priority_to_record, report)
    _write_rows(steps, answers.save_priority)
    return steps


def _name_priority(record: PriorityRecord) -> str:
    return f"{record.theme}:{record.outcome}" if record.theme else record.outcome


def _load_baselines(records: list[BaselineRecord], report: LoadReport) -> list[_LoadStep]:
    rows = {row.slug: row for row in Baseline.objects.select_related("outcome")}
    steps = _plan("baselines", records, rows, lambda record: record.id, answers.baseline_to_record, report)
    _write_rows(steps, answers.save_baseline)
    return steps


def _load_programmes(records: list[ProgrammeRecord], report: LoadReport) -> list[_LoadStep]:
    rows = {row.slug: row for row in Programme.objects.select_related("adapted_from")}
    ordered = _sort_parents_first(records, lambda record: record.id, lambda record: record.adapted_from)
    steps = _plan("programmes", ordered, rows, lambda record: record.id, evidence.programme_to_record, report)
    _write_words(steps, evidence.save_programme)
    return steps


def _load_members(steps: list[_LoadStep]) -> None:
    for step in steps:
        if step.writes:
            evidence.save_programme_studies(step.record, Programme.objects.get(slug=step.record.id))


def _load_studies(records: list[StudyRecord], moved: list[Term], report: LoadReport, *, has_new_tables: bool) -> None:
    """Load all studies as one change of the bank, in which the tables behind answers have a part if they are new."""
    rows = {row.slug: row for row in Study.objects.for_record()}
    records = _leave_out_taken_dois(records, rows, report)
    steps = _plan("studies", records, rows, lambda record: record.id, exchange_study.to_record, report)
    with bank_change(note="Carga de los datos del banco.") as change:
        if has_new_tables:
            change.touch_answers()
        for step in steps:
            if step.writes and (study := _write_study(step, report)):
                change.touch(study)
        for term in moved:
            for study in terms.list_studies_with(term):
                change.touch(study, content=False)


def _leave_out_taken_dois(
    records: list[StudyRecord], rows: Mapping[str, Study], report: LoadReport
) -> list[StudyRecord]:
    """Return `records` without the DOIs that other studies of the bank keep, as a DOI is unique.

    Somebody entered the same work under a slug of their own: both stay until a person merges them.
    """
    wanted = {record.id: record for record in records}
    keepers = {row.doi: slug for slug, row in rows.items() if row.doi and _keeps_its_doi(row, wanted.get(slug))}
    settled: list[StudyRecord] = []
    for record in records:
        keeper = keepers.get(record.doi, record.id) if record.doi else record.id
        if keeper != record.id:
            report.without_doi.append((record.id, keeper))
        settled.append(record if keeper == record.id else replace(record, doi=None))
    return settled


def _keeps_its_doi(row: Study, wanted: StudyRecord | None) -> bool:
    """Return False for a study that gets another DOI, or none, from the fixtures."""
    return wanted is None or wanted.doi == row.doi or _classify(wanted, row, exchange_study.to_record) == KEPT


def _write_study(step: _LoadStep, report: LoadReport) -> Study | None:
    """Write one study, and publish it if it is a draft that no person has edited.

    Return None, with nothing written, for a published study that the new record would make unpublishable (R2).
    """
    try:
        with transaction.atomic():
            study = exchange_study.save_record(step.record, step.row)
            _store_hash(study, step.record)
            if study.stage == Stage.PUBLISHED:
                stages.require_publishable(study)
    except UnknownTerm as error:
        raise UnknownTerm(f"{step.record.id}.{error.field}", error.code) from error
    except stages.NotPublishable as refusal:
        report.refuse(step.record.id, refusal)
        report.outcomes["studies"].update({step.outcome: -1, KEPT: 1})
        return None
    if study.stage == Stage.DRAFT and not study.revisions.filter(by__isnull=False).exists():
        try:
            stages.publish_unreviewed(study)
        except stages.NotPublishable as refusal:
            report.refuse(study.slug, refusal)
    return study


def _load_evaluations(records: list[EvaluationRecord], report: LoadReport) -> None:
    rows = {row.slug: row for row in Evaluation.objects.select_related("programme")}
    steps = _plan("evaluations", records, rows, lambda record: record.id, evidence.evaluation_to_record, report)
    _write_rows(steps, evidence.save_evaluation)


def _plan(
    kind: str,
    records: Iterable[Any],
    rows: Mapping[str, Any],
    name_of: Callable[[Any], str],
    record_of: Callable[[Any], AnyRecord],
    report: LoadReport,
) -> list[_LoadStep]:
    steps: dict[str, _LoadStep] = {}
    for record in records:
        name = name_of(record)
        if name in steps:
            raise RecordInvalid(f"{kind}: {name}", "is given twice")
        row = rows.get(name)
        steps[name] = _LoadStep(record, row, _classify(record, row, record_of))
        report.count(kind, name, steps[name].outcome)
        if row is not None and steps[name].outcome == UNCHANGED and row.loaded_hash != fingerprint(record):
            # The row became equal by another way, such as a renamed programme: it counts as unedited again.
            _store_hash(row, record)
    report.gone += [(kind, name) for name, row in rows.items() if name not in steps and _was_loaded(row)]
    return list(steps.values())


def _was_loaded(row: Any) -> bool:
    """Return True for a row that some fixtures made, and that is not retired or merged into another."""
    is_over = getattr(row, "is_retired", False) or getattr(row, "merged_into_id", None) is not None
    return bool(row.loaded_hash) and not is_over


def _classify(record: AnyRecord, row: Any, record_of: Callable[[Any], AnyRecord]) -> str:
    if row is None:
        return CREATED
    held = record_of(row)
    if fingerprint(held) == fingerprint(record):
        return UNCHANGED
    return CHANGED if is_as_loaded(held, row.loaded_hash) else KEPT


def _retire_unused(report: LoadReport) -> None:
    """Retire the terms that left the fixtures, if nobody has edited them and nothing in the bank names them."""
    for kind, code in [each for each in report.gone if each[0].startswith("terms:")]:
        term = Term.objects.select_related("parent").get(vocabulary=kind.removeprefix("terms:"), code=code)
        is_unedited = is_as_loaded(exchange_vocabulary.term_to_record(term), term.loaded_hash)
        if is_unedited and not terms.is_used(term):
            terms.retire(term)
            report.gone.remove((kind, code))
            report.retired.append((kind, code))


def _write_words(steps: list[_LoadStep], save: Callable[[Any, Any], Any]) -> None:
    if not any(step.writes for step in steps):
        return
    with vocabulary_change():
        _write_rows(steps, save)


def _write_rows(steps: list[_LoadStep], save: Callable[[Any, Any], Any]) -> None:
    for step in steps:
        if step.writes:
            _store_hash(save(step.record, step.row), step.record)


def _store_hash(row: Any, record: AnyRecord) -> None:
    """Store the hash of the record that a row was loaded from."""
    type(row).objects.filter(pk=row.pk).update(loaded_hash=fingerprint(record))


def _sort_parents_first(
    records: list[Record], name_of: Callable[[Record], str], parent_of: Callable[[Record], str | None]
) -> list[Record]:
    """Sort `records` so that each follows its parent. A record whose ancestors form a circle is still included."""
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


def _read_instrument(row: Any) -> InstrumentRecord:
    """Read an instrument. Raises RecordInvalid, with what to do, for one of an older format."""
    if isinstance(row, dict):
        require_current_instrument(row, f"instruments.json, {row.get('id', '')}")
    return InstrumentRecord.from_json(row)


def _read_study(row: Any, line: int) -> StudyRecord:
    """Read a line of `studies.jsonl`. Raises RecordInvalid, with what to do, for one of an older format."""
    if isinstance(row, dict):
        require_current_format(row, f"studies.jsonl, line {line}")
    return StudyRecord.from_json(row)


def _included_first(records: list[StudyRecord]) -> list[StudyRecord]:
    """Sort `records` so that a review stands behind what it includes: only what is public may be named by it.

    A study that is given twice stays twice: `_plan` refuses it.
    """
    known = {record.id for record in records}
    graph = {record.id: [slug for slug in record.includes if slug in known] for record in records}
    try:
        places = {slug: place for place, slug in enumerate(TopologicalSorter(graph).static_order())}
    except CycleError:
        return records
    return sorted(records, key=lambda record: places[record.id])


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _read_json_if_there(path: Path) -> Any:
    return _read_json(path) if path.exists() else []
