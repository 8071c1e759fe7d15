"""The schema of each table of open data (Frictionless Table Schema): columns, types, meanings, keys, references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import override

from studies.exports import tabular
from studies.publishing.opendata import learning
from studies.publishing.opendata.fields import FINDING_KEYS, list_fields, table_columns
from studies.records.finding import ArmRecord, FindingRecord
from studies.records.json_fields import read_day
from studies.records.json_record import Record, fields_of
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import CostRecord, StudyRecord

Schema = dict[str, Any]
_TYPES = {int: "integer", float: "number", bool: "boolean"}


@dataclass(frozen=True, slots=True)
class _Table:
    """A table: the record of a row and its columns, those that name the row's owner first.

    `key` are the columns that no two rows share, `owner` the table that the first columns lead to, with its columns.
    """

    record: type[Record]
    columns: Sequence[str]
    key: Sequence[str] = ()
    owner: tuple[str, Sequence[str]] | None = None


def _of(record: type[Record], *, before: Sequence[str] = (), **more: Any) -> _Table:
    return _Table(record, (*before, *table_columns(record)), **more)


_STUDIES, _FINDINGS, _QUESTIONS = "studies.csv", "findings.csv", "questions.csv"
_TABLES: Mapping[str, _Table] = {
    _STUDIES: _Table(StudyRecord, tabular.COLUMNS, key=("id",)),
    _FINDINGS: _of(FindingRecord, before=FINDING_KEYS, key=FINDING_KEYS, owner=(_STUDIES, ("id",))),
    "arms.csv": _of(ArmRecord, before=FINDING_KEYS, owner=(_FINDINGS, FINDING_KEYS)),
    "costs.csv": _of(CostRecord, before=("study",), owner=(_STUDIES, ("id",))),
    "appraisals.csv": _of(PublishedAppraisalRecord, before=("study",), owner=(_STUDIES, ("id",))),
    "cycle.csv": _of(learning.CycleRecord, key=("programme",)),
    "decisions.csv": _of(learning.DecisionRecord),
    _QUESTIONS: _of(learning.QuestionRecord, key=("id",)),
    "searches.csv": _of(learning.QuestionSearchRecord, before=("question",), owner=(_QUESTIONS, ("id",))),
}
_OF_DICTIONARY = ("file", "field", "type", "es", "en")


def resource_name(file: str) -> str:
    """Return the name of a file in the data package."""
    return file.lower().replace(".", "-")


def build_schema(file: str) -> Schema | None:
    """Return the schema of a file, None if it is no table."""
    if file == "dictionary.csv":
        return {"fields": [{"name": name, "type": "string"} for name in _OF_DICTIONARY], "missingValues": [""]}
    table = _TABLES.get(file)
    if table is None:
        return None
    schema: Schema = {"fields": list(_fields(file, table)), "missingValues": [""]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    if table.owner is not None:
        owner, columns = table.owner
        here = list(table.columns[: len(columns)])
        reference = {"resource": resource_name(owner), "fields": list(columns)}
        schema["foreignKeys"] = [{"fields": here, "reference": reference}]
    return schema


def _fields(file: str, table: _Table) -> Iterator[Schema]:
    with override("es"):
        meanings = {field.path: (field.es, field.en) for field in list_fields() if field.file == file}
    for name in table.columns:
        spanish, english = meanings[name]
        yield {
            "name": name,
            **_type_of(table.record, name),
            "description": f"{spanish} / {english}",
            **({"constraints": {"required": True}} if name in table.key else {}),
        }


def _type_of(record: type[Record], name: str) -> Schema:
    field = fields_of(record).get(name)
    if field is None:  # a column that names the owner of the row
        return {"type": "integer" if name == "position" else "string"}
    if field.read is read_day:
        return {"type": "date"}
    kind = _TYPES.get(field.type, "string")
    return {"type": kind, **({"trueValues": ["yes"], "falseValues": ["no"]} if kind == "boolean" else {})}
