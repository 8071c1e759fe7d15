"""Maps a parsed reference to a record that the bank can hold: codes, language, source; or refuses it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studies.imports.formats.base import ParsedReference
from studies.imports.formats.columns import COLUMNS
from studies.imports.formats.errors import RowInvalid
from studies.imports.keywords import KeywordIndex
from studies.imports.language_detection import detect_language
from studies.imports.type_names import find_type
from studies.models import Vocabulary
from studies.records import rules
from studies.records.json_fields import RecordInvalid
from studies.records.json_record import Json
from studies.records.older_formats import read_stored
from studies.records.study import StudyRecord
from studies.store.exchange.study import CODES_OF_FINDING, LISTS, SINGLE_CODES
from studies.store.vocabularies import Vocabularies
from studies.text.identifiers import doi_address
from studies.text.normalize import fold_text

LONGEST_LISTS_OF_WORDS = 50
LONGEST_ABSTRACT = 20_000
_LONGEST = {
    **dict.fromkeys(("title", "title_es", "title_en", "key_finding_es", "key_finding_en"), 2_000),
    **dict.fromkeys(("container_title", "publisher"), 1_000),
}
_LONGEST_OTHER = 20_000
_LONGEST_NAME = 200
"""Characters of a text that may name a term or a programme."""
NO_ID = "sin-identificador"
"""Stands for the slug, which a study gets when it is written."""

_MISTAKE_CODES = frozenset(
    (
        "year-implausible",
        "doi-malformed",
        "address-malformed",
        "period-malformed",
        "not-positive",
        "sample-unit-without-size",
        "interval-contradicts-value",
        "p-out-of-range",
        "p-twice",
        "bias-without-judgement",
        "currency-malformed",
    )
)
"""The problems of R2 that are mistakes. The others are gaps, which a draft may have."""
_MISTAKE_SENTENCES: Mapping[str, str] = {
    "year-implausible": "El año no es verosímil (de 1900 al próximo).",
    "doi-malformed": "No tiene la forma de un DOI.",
    "address-malformed": "No es una dirección completa de la web.",
    "period-malformed": "No es un año, un rango (2011-2012) ni un año abierto (2019-).",
    "not-positive": "Tiene que ser mayor que cero.",
    "sample-unit-without-size": "Hay unidad sin tamaño de la muestra.",
    "interval-contradicts-value": "El valor queda fuera de su intervalo.",
    "p-out-of-range": "El valor p va de 0 a 1.",
    "p-twice": "Hay un valor p y también una cota: deje uno de los dos.",
    "bias-without-judgement": "Solo un juicio de sesgo o calidad lleva un riesgo de sesgo.",
    "currency-malformed": "La moneda se escribe con tres letras: PEN, USD, EUR.",
    "unknown-code": "No es uno de los valores que puede tener.",
}
_NEVER_DROPPED = frozenset(("title", "findings", "costs", "appraisals"))
_LABELS = {column.code: column.label.capitalize() for column in COLUMNS}
_CLOSED = ("higher_is", "judges")
"""Fields whose values stand in no vocabulary: an unknown one is a mistake."""
_REASONS = (
    (r"is longer than (\d+) characters", r"Es más largo que \1 signos."),
    (r"is not between (\d+) and (\d+)", r"No está entre \1 y \2."),
    (r"holds a character.*", "Tiene un signo que no se puede guardar."),
    (r"is no field.*", "No es un campo del registro."),
    (r"is missing", "Falta."),
    (r"is not a text", "No es un texto."),
    (r"is empty.*", "Está vacío."),
    (r"is not a list", "No es una lista."),
    (r"is given twice", "Está dos veces."),
    (r"is not a whole number", "No es un número entero."),
    (r"is not a (?:finite )?number", "No es un número."),
    (r"is neither true nor false", "No es sí ni no."),
    (r"is not made of.*", "Solo lleva minúsculas sin tilde, cifras y guiones sueltos."),
    (r"is not an object", "No es un objeto."),
    (r"(?:needs either|has a literal).*", "Un autor tiene apellidos, o es una institución: una de las dos cosas."),
)


@dataclass(frozen=True, slots=True)
class MappedReference:
    """A record as JSON, without `id` if the file gives none, and what a record has no field for.

    `suggested_words` are the keywords: they propose terms, and set none.
    """

    record: Json
    suggested_words: tuple[str, ...]
    abstract: str
    notes: tuple[str, ...]

    def as_record(self) -> StudyRecord:
        return as_record(self.record)


def as_record(json: Json) -> StudyRecord:
    """Return the record of a row, which may have no slug yet, and may have been read by an older version."""
    return read_stored({"id": NO_ID, **json})


class Mapper:
    """Maps the references of one file. `language` is the one that the curator chose for them, or empty."""

    def __init__(self, vocabularies: Vocabularies, language: str = "") -> None:
        self._vocabularies = vocabularies
        self._keywords = KeywordIndex(vocabularies)
        self._language = language
        self._by_label: dict[tuple[str, str], str] = {}
        self._programmes: dict[str, str] = {}
        for kind in Vocabulary:
            # Reversed, so that of two terms with one name the first in the order of the vocabulary wins.
            for term in reversed(vocabularies.terms(kind)):
                self._by_label |= {(kind, fold_text(name)): term.code for name in (term.code, term.es, term.en)}
        for programme in vocabularies.programmes:
            for name in (programme.name_en, programme.name_es, programme.slug, programme.name):
                self._programmes[fold_text(name)] = programme.name

    def map(self, parsed: ParsedReference) -> MappedReference:
        """Return the record as the bank would hold it. Raises RowInvalid.

        What cannot be held is dropped and told, unless the reference is exact, or it is the title or a row of numbers.
        """
        if not parsed.fields.get("title"):
            raise RowInvalid("title", "Falta el título.")
        fields = dict(parsed.fields)
        dropped: list[str] = []
        while True:
            try:
                return self._map(fields, parsed, dropped)
            except RowInvalid as error:
                name = re.split(r"[.\[]", error.field)[0]
                if parsed.is_exact or name in _NEVER_DROPPED or name not in fields:
                    raise
                del fields[name]
                dropped.append(f"{_LABELS.get(name, name)}: {error.reason} No se tomó.")

    def _map(self, given: Mapping[str, Any], parsed: ParsedReference, dropped: Sequence[str]) -> MappedReference:
        fields = dict(given)
        notes = [*parsed.notes, *dropped]
        if fields.pop("own_appraisals", None):
            # Their two appraisers are no people of this bank.
            notes.append("Las evaluaciones de calidad de otro banco no se importan: se hacen en este.")
        _check_lengths(fields)
        self._map_codes(fields, None if parsed.is_exact else notes)
        self._map_language(fields, parsed.abstract, notes)
        if not parsed.is_exact:
            _add_source(fields)
        record = _validated(fields)
        notes += self._notes_on_roles(record)
        json = record.to_json()
        if record.id == NO_ID:
            del json["id"]
        words = tuple(word[:200] for word in parsed.keywords[:LONGEST_LISTS_OF_WORDS])
        return MappedReference(json, words, parsed.abstract[:LONGEST_ABSTRACT], tuple(notes))

    def _map_codes(self, fields: Json, notes: list[str] | None) -> None:
        """Replace names of terms by codes. Raises RowInvalid; entries of lists are dropped and told in `notes`."""
        for name, kind in SINGLE_CODES.items():
            if isinstance(fields.get(name), str):
                fields[name] = self._code(kind, fields[name], name)
        for name, kind in LISTS.items():
            if isinstance(fields.get(name), list | tuple):
                fields[name] = list(dict.fromkeys(self._codes(kind, fields[name], name, notes)))
        for name, kind in (("interventions", Vocabulary.INTERVENTIONS), ("appraisals", Vocabulary.RISK_OF_BIAS)):
            if isinstance(fields.get(name), list | tuple):
                fields[name] = [self._row(row, name, kind) for row in fields[name]]
        if isinstance(fields.get("harms_about"), list | tuple):
            codes = self._codes(Vocabulary.INTERVENTIONS, fields["harms_about"], "harms_about", notes)
            fields["harms_about"] = list(dict.fromkeys(codes))
        if isinstance(fields.get("programme"), str):
            fields["programme"] = self._programme(fields["programme"])
        if isinstance(fields.get("findings"), list | tuple):
            fields["findings"] = [self._finding(finding) for finding in fields["findings"]]

    def _codes(self, kind: str, entries: Iterable[Any], field: str, notes: list[str] | None) -> Iterator[Any]:
        for entry in entries:
            try:
                yield self._code(kind, entry, field)
            except RowInvalid as error:
                if notes is None:
                    raise
                notes.append(f"{error.reason} No se tomó.")

    def _row(self, row: Any, field: str, kind: Vocabulary) -> Any:
        """Map the codes of an intervention with its role, or of a published judgement."""
        if not isinstance(row, Mapping):
            return row
        kinds = {"code": kind, "role": Vocabulary.ROLES} if field == "interventions" else {"risk_of_bias": kind}
        return {
            key: self._code(kinds[key], value, field) if key in kinds and value is not None else value
            for key, value in row.items()
        }

    def _notes_on_roles(self, record: StudyRecord) -> Iterator[str]:
        """Name the interventions whose role nobody has said: none is ever assumed."""
        if without := [each.code for each in record.interventions if each.role is None]:
            names = ", ".join(self._vocabularies.label(Vocabulary.INTERVENTIONS, code, "es") for code in without)
            yield f"Falta elegir en el borrador qué hace el estudio con: {names}."

    def _finding(self, finding: Any) -> Any:
        if not isinstance(finding, Mapping):
            return finding
        mapped = dict(finding)
        for name, kind in CODES_OF_FINDING.items():
            if isinstance(mapped.get(name), str):
                mapped[name] = self._code(kind, mapped[name], "findings")
        if isinstance(mapped.get("about"), list | tuple):
            mapped["about"] = [self._code(Vocabulary.INTERVENTIONS, code, "findings") for code in mapped["about"]]
        return mapped

    def _code(self, kind: str, written: Any, field: str) -> Any:
        if not isinstance(written, str):
            return written
        if len(written) <= _LONGEST_NAME and (code := self._known_code(kind, written)):
            return code
        raise RowInvalid(field, f"«{_shortened(written)}» no está en el vocabulario «{Vocabulary(kind).label}».")

    def _known_code(self, kind: str, written: str) -> str | None:
        if term := self._vocabularies.find(kind, written):
            return term.code
        if kind == Vocabulary.TYPES and (code := find_type(written)):
            return code
        if code := self._by_label.get((kind, fold_text(written))):
            return code
        return self._keywords.find_code(kind, written)

    def _programme(self, written: str) -> str:
        if len(written) <= _LONGEST_NAME and (name := self._programmes.get(fold_text(written))):
            return name
        raise RowInvalid("programme", f"El banco no tiene el programa «{_shortened(written)}».")

    def _map_language(self, fields: Json, abstract: str, notes: list[str]) -> None:
        """Detect the language if the file names none, and copy the title to the field of its language."""
        title = fields["title"] if isinstance(fields["title"], str) else ""
        if not fields.get("language"):
            detected = self._language or detect_language(title) or detect_language(title, abstract)
            if detected and self._vocabularies.find(Vocabulary.LANGUAGES, detected):
                fields["language"] = detected
                if not self._language:
                    notes.append("El idioma se reconoció por el texto.")
            else:
                notes.append("No se reconoce el idioma: elíjalo en el registro.")
        own = f"title_{fields.get('language')}"
        if own in ("title_es", "title_en"):
            fields.setdefault(own, fields["title"])


def _check_lengths(fields: Json) -> None:
    """Raise RowInvalid for a text that is too long for its field: the time to compare texts grows faster than they."""
    for name, value in fields.items():
        longest = _LONGEST.get(name, _LONGEST_OTHER)
        texts = [value] if isinstance(value, str) else _texts_in(value)
        if any(len(text) > longest for text in texts):
            raise RowInvalid(name, f"Es más largo que {longest} signos.")


def _texts_in(value: Any) -> Iterator[str]:
    """Yield the texts of a list of texts or of objects, as authors, findings and sources are."""
    for entry in value if isinstance(value, list | tuple) else ():
        for part in entry.values() if isinstance(entry, Mapping) else (entry,):
            if isinstance(part, str):
                yield part


def _add_source(fields: Json) -> None:
    """Make the DOI, or else the address, the source of the bibliography, if the reference names none."""
    if fields.get("sources") or not (fields.get("doi") or fields.get("url")):
        return
    address = doi_address(fields["doi"]) if fields.get("doi") else fields["url"]
    fields["sources"] = [{"url": address, "supports": ["bibliography"]}]


def _shortened(written: str) -> str:
    return written[:60]


def _validated(fields: Json) -> StudyRecord:
    try:
        record = as_record({key: value for key, value in fields.items() if value is not None})
    except RecordInvalid as error:
        raise RowInvalid(error.path, _in_spanish(error.reason)) from error
    for problem in rules.find_problems(record):
        if problem.code in _MISTAKE_CODES or (problem.code == "unknown-code" and problem.field.endswith(_CLOSED)):
            raise RowInvalid(problem.field, _MISTAKE_SENTENCES[problem.code])
    return record


def _in_spanish(reason: str) -> str:
    for pattern, sentence in _REASONS:
        if found := re.fullmatch(pattern, reason):
            return found.expand(sentence)
    return "No se puede leer."
