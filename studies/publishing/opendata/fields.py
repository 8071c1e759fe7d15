"""The data dictionary of open data: every field of every file with its type and its meaning in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override

from studies.publishing.opendata import answers, learning
from studies.records.answers import BaselineRecord, PriorityRecord
from studies.records.appraisal import InstrumentRecord
from studies.records.dictionary import meanings_of
from studies.records.finding import ArmRecord, FindingRecord
from studies.records.json_record import Record, RecordField, fields_of
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import (
    ConceptRecord,
    CostRecord,
    EvaluationRecord,
    ProgrammeRecord,
    StudyRecord,
    TermRecord,
)

FINDING_KEYS = ("study", "position")
"""The columns that say to which finding a row belongs."""
UNPUBLISHED = frozenset({"coding_es", "coding_en"})
"""The fields of a term that are for whoever codes, and in no file."""

_ABOUT = gettext_lazy("intervenciones que pone a prueba; none si ninguna; vacío si todas las que el registro evalúa")
"""What a cell of a table says, which tells "none" from "all" in another way than JSON does."""
_BASIC = {str: "text", int: "integer", float: "number", bool: "boolean"}


@dataclass(frozen=True, slots=True)
class DictionaryField:
    """A field of a file. `path` is its place in the record, such as "findings[].value", or the column of a table."""

    file: str
    path: str
    type: str
    es: str
    en: str


def list_fields() -> Iterator[DictionaryField]:
    """Yield every field, file by file, in the order in which files have them."""
    yield from _objects("studies.jsonl", StudyRecord)
    for key, meaning in meanings_of(StudyRecord).items():
        yield _explained("studies.csv", key, "text", meaning)
    record: type[Record]
    for file, record in (("findings.csv", FindingRecord), ("arms.csv", ArmRecord)):
        yield _explained(file, "study", "text", meanings_of(StudyRecord)["id"])
        yield _explained(file, "position", "integer", gettext_lazy("lugar del hallazgo en su estudio"))
        yield from _table(file, record)
    for file, record in (("costs.csv", CostRecord), ("appraisals.csv", PublishedAppraisalRecord)):
        yield _explained(file, "study", "text", meanings_of(StudyRecord)["id"])
        yield from _table(file, record)
    yield from _objects("evaluations.json", EvaluationRecord)
    yield from _objects("programmes.json", ProgrammeRecord)
    yield from (field for field in _objects("taxonomy.json", TermRecord) if field.path not in UNPUBLISHED)
    yield from _objects("thesaurus.json", ConceptRecord)
    for name, record in (
        ("cycle", learning.CycleRecord),
        ("decisions", learning.DecisionRecord),
        ("questions", learning.QuestionRecord),
    ):
        yield from _objects(f"{name}.jsonl", record)
        yield from _table(f"{name}.csv", record)
    yield _explained("searches.csv", "question", "text", meanings_of(learning.QuestionRecord)["id"])
    yield from _table("searches.csv", learning.QuestionSearchRecord)
    for file, record in (
        ("conclusions.jsonl", answers.ConclusionRecord),
        ("certainty.jsonl", answers.CertaintyRecord),
        ("safety-notes.jsonl", answers.SafetyNoteRecord),
        ("priorities.json", PriorityRecord),
        ("baselines.json", BaselineRecord),
        ("instruments.json", InstrumentRecord),
    ):
        yield from _objects(file, record)


def table_columns(record: type[Record]) -> tuple[str, ...]:
    """Return the columns of a table of records: their keys, without those of nested objects, which have own tables."""
    return tuple(key for key, field in fields_of(record).items() if _nested_record(field) is None)


def _table(file: str, record: type[Record]) -> Iterator[DictionaryField]:
    meanings = meanings_of(record)
    for key in table_columns(record):
        field = fields_of(record)[key]
        meaning = _ABOUT if (record, key) == (FindingRecord, "about") else meanings[key]
        yield _explained(file, key, _BASIC.get(field.type, "text"), meaning)


def _objects(file: str, record: type[Record], above: str = "") -> Iterator[DictionaryField]:
    """Yield the fields of a record, each followed by those of its nested objects."""
    for key, meaning in meanings_of(record).items():
        field = fields_of(record)[key]
        below = _nested_record(field)
        kind = "list of objects" if below else "list of texts" if field.is_list else _BASIC.get(field.type, "object")
        yield _explained(file, above + key, kind, meaning)
        if below:
            yield from _objects(file, below, f"{above}{key}[].")


def _nested_record(field: RecordField) -> type[Record] | None:
    """Return the class of the records in a list of objects; None for any other field."""
    entry = get_args(field.type)[0] if field.is_list else None
    return entry if entry is not str else None


def _explained(file: str, path: str, kind: str, meaning: Promise) -> DictionaryField:
    texts = {}
    for language in ("es", "en"):
        with override(language):
            texts[language] = str(meaning)
    return DictionaryField(file, path, kind, texts["es"], texts["en"])
