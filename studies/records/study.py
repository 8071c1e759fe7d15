"""The exchange format as values: what a line of the fixtures holds, from and to JSON.

Only the shape is checked here (keys, types, nothing that cannot be stored); what makes a record good is in `rules`.
`docs/data.md` describes every field. No Django: `exchange` is the bridge to the rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from studies.records.appraisal import AppraisalRecord, InstrumentRecord
from studies.records.json_fields import (
    MOST_COUNTED,
    Number,
    RecordInvalid,
    flag,
    list_of,
    number,
    slug,
    text,
    whole_number,
)
from studies.records.json_record import Json, Record, codes, texts

USUAL_LEVEL = 95.0
"""Per cent: the level of an interval of which a record says none."""


@dataclass(frozen=True, slots=True)
class AuthorRecord(Record):
    """An author as CSL has them: a person with `family`, or an institution with `literal` alone."""

    family: str | None = None
    given: str | None = None
    non_dropping_particle: str | None = None
    dropping_particle: str | None = None
    literal: str | None = None

    def _check(self, path: str) -> None:
        if (self.family is None) == (self.literal is None):
            raise RecordInvalid(path, "needs either a family name or a literal name")
        if self.literal is not None and (self.given or self.non_dropping_particle or self.dropping_particle):
            raise RecordInvalid(path, "has a literal name and parts of a person's name")


@dataclass(frozen=True, slots=True)
class FindingRecord(Record):
    """One result of a study. Without `interventions` it speaks of the whole study."""

    outcome: str
    effect: str
    interventions: tuple[str, ...] = ()
    statement_es: str | None = None
    statement_en: str | None = None
    measure: str | None = None
    unit: str | None = None
    value: Number | None = None
    ci_low: Number | None = None
    ci_high: Number | None = None
    ci_level: Number | None = None
    p: Number | None = None
    follow_up: str | None = None
    follow_up_months: Number | None = None

    @property
    def has_numbers(self) -> bool:
        return any(number is not None for number in (self.value, self.ci_low, self.ci_high, self.p))

    @property
    def has_interval(self) -> bool:
        return self.ci_low is not None and self.ci_high is not None

    @property
    def interval_level(self) -> float:
        """The level of the interval in per cent: USUAL_LEVEL unless the record says another."""
        return USUAL_LEVEL if self.ci_level is None else float(self.ci_level)


@dataclass(frozen=True, slots=True)
class SourceRecord(Record):
    """A public page where facts of the record were read, and which ones."""

    url: str
    supports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StudyRecord(Record):
    """A study with everything below it, as one value. A draft may lack all but `id` and `title`."""

    id: str
    title: str
    language: str | None = None
    title_es: str | None = None
    title_en: str | None = None
    authors: tuple[AuthorRecord, ...] = ()
    year: int | None = None
    type: str | None = None
    container_title: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    publisher: str | None = None
    number: str | None = None
    doi: str | None = None
    url: str | None = None
    open_access: bool | None = None
    status: str | None = None
    themes: tuple[str, ...] = ()
    interventions: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    programme: str | None = None
    designs: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    sample_size: int | None = None
    sample_unit: str | None = None
    period: str | None = None
    key_finding_es: str | None = None
    key_finding_en: str | None = None
    summary_es: str | None = None
    summary_en: str | None = None
    findings: tuple[FindingRecord, ...] = ()
    limitations_es: str | None = None
    limitations_en: str | None = None
    sources: tuple[SourceRecord, ...] = ()
    appraisals: tuple[AppraisalRecord, ...] = ()

    def _check(self, path: str) -> None:
        named = [appraisal.instrument for appraisal in self.appraisals]
        for place, instrument in enumerate(named):
            if instrument in named[:place]:
                dot = f"{path}." if path else ""
                raise RecordInvalid(f"{dot}appraisals[{place}].instrument", "is given twice")


@dataclass(frozen=True, slots=True)
class EvaluationRecord(Record):
    """A trial (counted once) or a data set (never counted) on which several studies report; the main study first."""

    id: str
    kind: str
    name_es: str
    name_en: str
    programme: str | None = None
    studies: tuple[str, ...] = ()
    registration: str | None = None


@dataclass(frozen=True, slots=True)
class ProgrammeRecord(Record):
    """What an organisation runs, with its place in the learning cycle."""

    id: str
    name: str
    name_es: str
    name_en: str
    aliases: tuple[str, ...] = ()
    organisation: str | None = None
    country: tuple[str, ...] = ()
    theme: tuple[str, ...] = ()
    stage: str = "unknown"
    registration: str | None = None
    expected_results: str | None = None
    adapted_from: str | None = None
    studies: tuple[str, ...] = ()
    description_es: str | None = None
    description_en: str | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TermRecord(Record):
    """An entry of a vocabulary. `attributes` holds what only its vocabulary has (`theme`, `family`, `null`, …)."""

    code: str
    es: str
    en: str
    definition_es: str | None = None
    definition_en: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def _read(cls, value: object, path: str) -> Self:
        if not isinstance(value, Mapping):
            raise RecordInvalid(path, "is not an object")
        own = {key: entry for key, entry in value.items() if key in cls._shape}
        attributes = {key: entry for key, entry in value.items() if key not in cls._shape}
        # super() without arguments knows the class from before `slots=True` made a new one.
        return super(TermRecord, cls)._read({**own, "attributes": attributes}, path)

    def to_json(self) -> Json:
        written = super(TermRecord, self).to_json()
        return {**{key: written[key] for key in written if key != "attributes"}, **self.attributes}


@dataclass(frozen=True, slots=True)
class ConceptRecord(Record):
    """An entry of the thesaurus: the words, in two languages, that lead to terms or to one another."""

    concept: str
    terms: tuple[str, ...] = ()
    es: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    broader: str | None = None
    expand: str = "yes"
    case: str | None = None
    ambiguous: bool = False
    note: str | None = None


AnyRecord = StudyRecord | EvaluationRecord | ProgrammeRecord | TermRecord | ConceptRecord | InstrumentRecord


def fingerprint(record: AnyRecord) -> str:
    """Hash the content: 32 hexadecimal digits, the same for equal records (9 = 9.0) on every machine.

    Sets of codes count without their order: that is the taxonomy's, and a curator may change it. So do appraisals:
    their order follows from the designs.
    """
    text = json.dumps(_without_order(record), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _without_order(record: AnyRecord | FindingRecord) -> Json:
    written = record.to_json()
    written |= {key: sorted(written[key]) for key in record._sets & written.keys()}
    if isinstance(record, StudyRecord):
        written["findings"] = [_without_order(finding) for finding in record.findings]
        if record.appraisals:
            written["appraisals"].sort(key=lambda appraisal: appraisal["instrument"])
    return written


def _attributes(value: object, path: str) -> Mapping[str, Any]:
    """Take the attributes of a term as they are: null is a value here (a measure without a null value)."""
    assert isinstance(value, Mapping)
    return dict(value)


AuthorRecord._shape = texts(("family", "given", "non-dropping-particle", "dropping-particle", "literal"))

FindingRecord._shape = {
    "outcome": text,
    "interventions": codes,
    **texts(("effect", "statement_es", "statement_en", "measure", "unit")),
    **dict.fromkeys(("value", "ci_low", "ci_high", "ci_level", "p"), number),
    **texts(("follow_up",)),
    "follow_up_months": number,
}
FindingRecord._required = frozenset({"outcome", "effect"})
FindingRecord._sets = frozenset({"interventions"})

SourceRecord._shape = {**texts(("url",)), "supports": codes}
SourceRecord._required = frozenset({"url"})
SourceRecord._always_written = frozenset({"supports"})

StudyRecord._shape = {
    "id": slug,
    **texts(("title", "language", "title_es", "title_en")),
    "authors": list_of(AuthorRecord._read),
    "year": whole_number(9999),
    **texts(("type", "container_title", "volume", "issue", "pages", "publisher", "number", "doi", "url")),
    "open_access": flag,
    "status": text,
    **dict.fromkeys(("themes", "interventions", "outcomes", "populations", "settings"), codes),
    "programme": text,
    "designs": codes,
    "countries": codes,
    "sample_size": whole_number(MOST_COUNTED),
    **texts(("sample_unit", "period", "key_finding_es", "key_finding_en", "summary_es", "summary_en")),
    "findings": list_of(FindingRecord._read),
    **texts(("limitations_es", "limitations_en")),
    "sources": list_of(SourceRecord._read),
    "appraisals": list_of(AppraisalRecord._read),
}
StudyRecord._required = frozenset({"id", "title"})
STUDY_FIELDS = tuple(StudyRecord._shape)
STUDY_LISTS = ("themes", "interventions", "outcomes", "populations", "settings", "designs", "countries")
"""The fields of codes. All are sets but `designs`, whose first is the main one."""
StudyRecord._always_written = frozenset({*STUDY_LISTS, "authors", "findings", "sources"})
StudyRecord._sets = frozenset(STUDY_LISTS) - {"designs"}

EvaluationRecord._shape = {
    "id": slug,
    **texts(("kind", "name_es", "name_en", "programme")),
    "studies": codes,
    "registration": text,
}
EvaluationRecord._required = frozenset({"id", "kind", "name_es", "name_en"})
EvaluationRecord._always_written = frozenset(EvaluationRecord._shape)

ProgrammeRecord._shape = {
    "id": slug,
    **texts(("name", "name_es", "name_en")),
    "aliases": codes,
    "organisation": text,
    "country": codes,
    "theme": codes,
    **texts(("stage", "registration", "expected_results", "adapted_from")),
    "studies": codes,
    **texts(("description_es", "description_en")),
    "sources": codes,
}
ProgrammeRecord._required = frozenset({"id", "name", "name_es", "name_en"})
ProgrammeRecord._always_written = frozenset(ProgrammeRecord._shape)
ProgrammeRecord._sets = frozenset({"country", "theme"})

TermRecord._shape = {**texts(("code", "es", "en", "definition_es", "definition_en")), "attributes": _attributes}
TermRecord._required = frozenset({"code", "es", "en"})

ConceptRecord._shape = {
    "concept": slug,
    **dict.fromkeys(("terms", "es", "en", "typed"), codes),
    **texts(("broader", "expand", "case")),
    "ambiguous": flag,
    "note": text,
}
ConceptRecord._required = frozenset({"concept"})
ConceptRecord._always_written = frozenset(ConceptRecord._shape)
ConceptRecord._sets = frozenset({"terms"})
