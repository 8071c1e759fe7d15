"""Values of a record as lines of words: labels instead of codes, names of authors, findings with their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studies.models import Source, Vocabulary
from studies.records.json_record import Json
from studies.store.exchange.study import LISTS, SINGLE_CODES
from studies.store.vocabularies import Vocabularies
from studies.text.numbers import format_number

_VOCABULARY_OF: Mapping[str, str] = {**LISTS, **SINGLE_CODES}
_SUPPORTS = {str(code): str(label) for code, label in Source.Supports.choices}


def lines(field: str, value: Any, vocabularies: Vocabularies) -> tuple[str, ...]:
    """Write the JSON value of a field of the record in words; nothing where nothing is known."""
    if value in (None, "", []):
        return ()
    if field == "authors":
        return tuple(_author(row) for row in value)
    if field == "findings":
        return tuple(_finding(row, vocabularies) for row in value)
    if field == "sources":
        return tuple(_source(row) for row in value)
    if field in _VOCABULARY_OF:
        codes = value if isinstance(value, list) else [value]
        return tuple(vocabularies.label(_VOCABULARY_OF[field], code, "es") for code in codes)
    if isinstance(value, bool):
        return ("sí" if value else "no",)
    if isinstance(value, int | float) and field != "year":
        return (format_number(value, "es"),)
    return (str(value),)


def _author(row: Json) -> str:
    if "literal" in row:
        return str(row["literal"])
    parts = (row.get("given"), row.get("dropping-particle"), row.get("non-dropping-particle"), row["family"])
    return " ".join(part for part in parts if part)


def _finding(row: Json, vocabularies: Vocabularies) -> str:
    outcome = vocabularies.label(Vocabulary.OUTCOMES, row["outcome"], "es")
    effect = vocabularies.label(Vocabulary.EFFECTS, row["effect"], "es")
    said = row.get("statement_es") or row.get("statement_en") or ""
    number = ""
    if "measure" in row and "value" in row:
        measure = vocabularies.label(Vocabulary.MEASURES, row["measure"], "es")
        number = f" ({measure}: {format_number(row['value'], 'es')})"
    return f"{outcome}, {effect}{number}. {said}".strip()


def _source(row: Json) -> str:
    supports = ", ".join(_SUPPORTS.get(code, code) for code in row["supports"])
    return f"{row['url']} ({supports})" if supports else str(row["url"])
