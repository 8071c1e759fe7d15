"""Values of a record in words: labels instead of codes, names of authors, findings with their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studies.admin.differences.appraisals import AppraisalWriter
from studies.models import Source
from studies.records.diff import ROW_FIELDS
from studies.records.json_record import Json
from studies.store.exchange.study import CODES_OF_FINDING, LISTS, SINGLE_CODES
from studies.store.vocabularies import Vocabularies
from studies.text.numbers import format_number
from studies.web.shared.findings import follow_up_text

NOT_KNOWN = "sin dato"
_VOCABULARY_OF: Mapping[str, str] = {**LISTS, **SINGLE_CODES, **CODES_OF_FINDING}
_SUPPORTS = {str(code): str(label) for code, label in Source.Supports.choices}


class ValueWriter:
    """Writes JSON values of records and of their rows with the labels of one snapshot of the vocabularies."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self.vocabularies = vocabularies
        self.appraisals = AppraisalWriter(vocabularies)

    def lines(self, field: str, value: Any) -> tuple[str, ...]:
        """Return a value in full, one line for each row, term or text; none where nothing is known."""
        if value in (None, "", []):
            return ()
        if field == "findings":
            return tuple(self._finding(row) for row in value)
        if field == "sources":
            return tuple(self._source(row) for row in value)
        return self._short(field, value)

    def text(self, field: str, value: Any) -> str:
        """Return a value in one line, rows by their names; NOT_KNOWN where nothing is known."""
        if value in (None, "", []):
            return NOT_KNOWN
        separator = "; " if field in ROW_FIELDS or field == "appraisals" else ", "
        return separator.join(self._short(field, value))

    def row_name(self, field: str, row: Json) -> str:
        """Return the name of an author, the outcome and effect of a finding, or the address of a source."""
        if field == "authors":
            parts = (row.get(key) for key in ("given", "dropping-particle", "non-dropping-particle", "family"))
            return row.get("literal") or " ".join(filter(None, parts))
        if field == "findings":
            return f"{self.text('outcome', row.get('outcome'))}, {self.text('effect', row.get('effect'))}"
        return str(row.get("url", ""))

    def label(self, field: str, code: str) -> str:
        """Return the label of a code, or the code where no vocabulary has it any more."""
        term = self.vocabularies.find(_VOCABULARY_OF[field], code)
        return term.es if term else code

    def _short(self, field: str, value: Any) -> tuple[str, ...]:
        if field in ROW_FIELDS:
            return tuple(self.row_name(field, row) for row in value)
        if field == "appraisals":
            return tuple(self.appraisals.line(row) for row in value)
        return tuple(self._one(field, one) for one in (value if isinstance(value, list) else [value]))

    def _one(self, field: str, value: Any) -> str:
        if field == "supports":
            return _SUPPORTS.get(value, str(value))
        if field in _VOCABULARY_OF:
            return self.label(field, value)
        if field == "follow_up":
            return follow_up_text(value)
        if isinstance(value, bool):
            return "sí" if value else "no"
        if isinstance(value, int | float) and field != "year":
            return format_number(value, "es")
        return str(value)

    def _finding(self, row: Json) -> str:
        number = ""
        if "measure" in row and "value" in row:
            number = f" ({self.label('measure', row['measure'])}: {format_number(row['value'], 'es')})"
        statement = row.get("statement_es") or row.get("statement_en") or ""
        return f"{self.row_name('findings', row)}{number}. {statement}".strip()

    def _source(self, row: Json) -> str:
        return f"{row['url']} ({self.text('supports', row['supports'])})" if row["supports"] else str(row["url"])
