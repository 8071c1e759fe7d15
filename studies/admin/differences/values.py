"""Values of a record in words: labels instead of codes, names of authors, findings with their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import TextChoices

from studies.admin.differences.appraisals import AppraisalWriter
from studies.admin.record_form.finding_row import ARM_LABELS, ARM_NAMES
from studies.models import Finding, PublishedAppraisal, Source, Vocabulary
from studies.records.diff import ROW_FIELDS
from studies.records.json_record import Json
from studies.records.study import KEYED_ROW_FIELDS, PEOPLE
from studies.store.exchange.study import CODES_OF_FINDING, LISTS, SINGLE_CODES
from studies.store.vocabularies import Vocabularies
from studies.text.numbers import format_number
from studies.web.shared.findings import follow_up_text


def _labels(choices: type[TextChoices]) -> dict[str, str]:
    return {str(code): str(label) for code, label in choices.choices}


NOT_KNOWN = "sin dato"
NO_INTERVENTION = "de ninguna intervención"
ALL_TESTED = "de todas las que el estudio evalúa o revisa"
ROLE_MISSING = "papel sin elegir"
_VOCABULARY_OF: Mapping[str, str] = {
    **LISTS,
    **SINGLE_CODES,
    **CODES_OF_FINDING,
    **dict.fromkeys(("code", "about", "harms_about"), Vocabulary.INTERVENTIONS),
    "role": Vocabulary.ROLES,
    "risk_of_bias": Vocabulary.RISK_OF_BIAS,
}
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "supports": _labels(Source.Supports),
    "higher_is": _labels(Finding.HigherIs),
    "judges": _labels(PublishedAppraisal.Judges),
}
"""The values that stand in no vocabulary."""
_YEARS = frozenset({"year"})


class ValueWriter:
    """Writes JSON values of records and of their rows with the labels of one snapshot of the vocabularies."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self.vocabularies = vocabularies
        self.own_appraisals = AppraisalWriter(vocabularies)

    def lines(self, field: str, value: Any) -> tuple[str, ...]:
        """Return a value in full, one line for each row, term or text; none where nothing is known."""
        if value in (None, "", []):
            return ()
        whole = {
            "findings": self._finding,
            "sources": self._source,
            "costs": self._cost,
            "appraisals": self._published_appraisal,
        }
        if field in whole:
            return tuple(whole[field](row) for row in value)
        return self._short(field, value)

    def text(self, field: str, value: Any) -> str:
        """Return a value in one line, rows by their names; NOT_KNOWN where nothing is known."""
        if field == "about":
            # Silence says something here, and so does an empty list.
            value = [ALL_TESTED] if value is None else value or [NO_INTERVENTION]
        if value in (None, "", [], {}):
            return NOT_KNOWN
        separator = "; " if field in (*ROW_FIELDS, *KEYED_ROW_FIELDS, "arms", "domains") else ", "
        return separator.join(self._short(field, value))

    def row_name(self, field: str, row: Json) -> str:
        """Return the name of a row of a list: of an author, an intervention with its role, a finding and so on."""
        if field in PEOPLE:
            parts = (row.get(key) for key in ("given", "dropping-particle", "non-dropping-particle", "family"))
            return row.get("literal") or " ".join(filter(None, parts))
        if field == "interventions":
            role = self.label("role", row["role"]) if row.get("role") else ROLE_MISSING
            return f"{self.label('code', row['code'])} ({role.lower()})"
        if field == "findings":
            return f"{self.text('outcome', row.get('outcome'))}, {self.text('effect', row.get('effect'))}"
        if field == "costs":
            return f"{format_number(row['amount'], 'es')} {row['currency']}"
        if field == "appraisals":
            return f"{row['instrument']} ({row['by']})" if row.get("by") else str(row["instrument"])
        return str(row.get("url", ""))

    def label(self, field: str, code: str) -> str:
        """Return the label of a code, or the code where no vocabulary has it (any more)."""
        term = self.vocabularies.find(_VOCABULARY_OF[field], code) if field in _VOCABULARY_OF else None
        return term.es if term else code

    def _short(self, field: str, value: Any) -> tuple[str, ...]:
        if field in ROW_FIELDS or field == "interventions":
            return tuple(self.row_name(field, row) for row in value)
        if field == "own_appraisals":
            return tuple(self.own_appraisals.line(row) for row in value)
        if field == "arms":
            return tuple(self._arm(row) for row in value)
        if field == "domains":
            return tuple(f"{name}: {judged}" for name, judged in value.items())
        return tuple(self._one(field, one) for one in (value if isinstance(value, list) else [value]))

    def _one(self, field: str, value: Any) -> str:
        if field in _CHOICES:
            return _CHOICES[field].get(value, str(value))
        if field in _VOCABULARY_OF:
            return self.label(field, value)
        if field == "follow_up":
            return follow_up_text(value)
        if isinstance(value, bool):
            return "sí" if value else "no"
        if isinstance(value, int | float) and field not in _YEARS:
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

    def _cost(self, row: Json) -> str:
        more = ". ".join(filter(None, (row.get("per"), row.get("statement_es") or row.get("statement_en"))))
        return f"{self.row_name('costs', row)}. {more}" if more else self.row_name("costs", row)

    def _published_appraisal(self, row: Json) -> str:
        judged = row.get("overall") or self.text("domains", row.get("domains"))
        return f"{self.row_name('appraisals', row)}: {judged}"

    def _arm(self, row: Json) -> str:
        numbers = ", ".join(
            f"{ARM_LABELS[key].lower()} {format_number(value, 'es')}" for key, value in row.items() if key != "arm"
        )
        name = ARM_NAMES.get(row["arm"], row["arm"])
        return f"{name}: {numbers}" if numbers else name
