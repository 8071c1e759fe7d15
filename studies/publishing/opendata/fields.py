"""The data dictionary: every field of every file, its type, and what it says in both languages."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin, get_type_hints

from django.utils.functional import Promise
from django.utils.translation import override

from studies.publishing.opendata import learning
from studies.records import appraisal, dictionary
from studies.records import study as records_study
from studies.records.appraisal import AppraisalRecord, InstrumentRecord

_BASIC = {str: "text", int: "integer", float: "number", bool: "boolean"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a file. `path` is where it stands: "findings[].value". A table has the fields of its records."""

    file: str
    path: str
    type: str
    es: str
    en: str


def fields() -> Iterator[Field]:
    """Yield every field, file by file, in the order in which it is written."""
    study = [*_of(records_study.StudyRecord, dictionary.STUDY_FIELDS)]
    below = {
        "authors": (records_study.AuthorRecord, dictionary.AUTHOR_FIELDS),
        "findings": (records_study.FindingRecord, dictionary.FINDING_FIELDS),
        "sources": (records_study.SourceRecord, dictionary.SOURCE_FIELDS),
        "appraisals": (AppraisalRecord, dictionary.APPRAISAL_FIELDS),
        "appraisals[].judgements": (appraisal.JudgementRecord, dictionary.JUDGEMENT_FIELDS),
    }
    yield from _nested("studies.jsonl", study, below)
    for path, _kind, meaning in study:
        yield _field("studies.csv", path, "text", meaning)
    yield _field("findings.csv", "study", "text", dictionary.STUDY_FIELDS["id"])
    for path, kind, meaning in _of(records_study.FindingRecord, dictionary.FINDING_FIELDS):
        yield _field("findings.csv", path, _cell_type(kind), meaning)
    for file, record, meanings in (
        ("evaluations.json", records_study.EvaluationRecord, dictionary.EVALUATION_FIELDS),
        ("programmes.json", records_study.ProgrammeRecord, dictionary.PROGRAMME_FIELDS),
        ("taxonomy.json", records_study.TermRecord, dictionary.TERM_FIELDS),
        ("thesaurus.json", records_study.ConceptRecord, dictionary.CONCEPT_FIELDS),
    ):
        for path, kind, meaning in _of(record, meanings):
            yield _field(file, path, kind, meaning)
    yield from _learning()
    instrument = [*_of(InstrumentRecord, dictionary.INSTRUMENT_FIELDS)]
    level = (appraisal.LevelRecord, dictionary.LEVEL_FIELDS)
    domain = (appraisal.DomainRecord, dictionary.DOMAIN_FIELDS)
    yield from _nested("instruments.json", instrument, {"domains": domain, "levels": level, "overall": level})


def table_columns(record: type[Any]) -> tuple[str, ...]:
    """Return the columns of a table of records: their keys but those of objects, which have tables of their own."""
    hints = get_type_hints(record)
    return tuple(key for key in record._shape if _type(hints[key]) != "list of objects")


def _learning() -> Iterator[Field]:
    searches = {"searches": (learning.SearchRecord, dictionary.SEARCH_FIELDS)}
    for file, record, meanings in (
        ("cycle", learning.CycleRecord, dictionary.CYCLE_FIELDS),
        ("decisions", learning.DecisionRecord, dictionary.DECISION_FIELDS),
        ("questions", learning.QuestionRecord, dictionary.QUESTION_FIELDS),
    ):
        yield from _nested(f"{file}.jsonl", _of(record, meanings), searches)
        columns = table_columns(record)
        for path, kind, meaning in _of(record, meanings):
            if path in columns:
                yield _field(f"{file}.csv", path, _cell_type(kind), meaning)
    yield _field("searches.csv", "question", "text", dictionary.QUESTION_FIELDS["id"])
    for path, kind, meaning in _of(learning.SearchRecord, dictionary.SEARCH_FIELDS):
        yield _field("searches.csv", path, kind, meaning)


def _cell_type(kind: str) -> str:
    return "text" if kind.startswith("list") else kind


def _nested(
    file: str, fields: Iterable[tuple[str, str, Promise]], below: Mapping[str, tuple[Any, Mapping[str, Promise]]]
) -> Iterator[Field]:
    """Yield `fields`, each followed by those of its objects, as `below` names them by path."""
    for path, kind, meaning in fields:
        yield _field(file, path, kind, meaning)
        if path in below:
            yield from _nested(file, _of(*below[path], f"{path}[]."), below)


def _of(record: Any, meanings: Mapping[str, Promise], above: str = "") -> Iterator[tuple[str, str, Promise]]:
    hints = get_type_hints(record)
    for key, meaning in meanings.items():
        yield above + key, _type(hints[key.replace("-", "_")]), meaning


def _type(hint: Any) -> str:
    arguments = [each for each in get_args(hint) if each not in (type(None), Ellipsis)]
    if get_origin(hint) is tuple:
        return f"list of {'objects' if hasattr(arguments[0], '_shape') else 'texts'}"
    if isinstance(hint, types.UnionType) or arguments:
        return "number" if set(arguments) == {int, float} else _type(arguments[0])
    return _BASIC[hint]


def _field(file: str, path: str, kind: str, meaning: Promise) -> Field:
    told = {}
    for language in ("es", "en"):
        with override(language):
            told[language] = str(meaning)
    return Field(file, path, kind, told["es"], told["en"])
