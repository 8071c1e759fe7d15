"""Appraisals of records in words: one in a line, and what changed between two, domain by domain."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from studies.admin.differences.views import FieldView, RowView
from studies.models import Instrument, Vocabulary
from studies.records.appraisal import InstrumentRecord
from studies.records.json_record import Json
from studies.records.keyed_diff import NamedChange, named_changes
from studies.store.exchange import appraisal
from studies.store.vocabularies import Vocabularies
from studies.text.dates import short_day

NOT_JUDGED = "sin juicio"
_LABELS: Mapping[str, str] = {
    "overall": "Juicio global",
    "certainty": "Riesgo de sesgo",
    "appraised_on": "Fecha",
    "appraisers": "Personas que evaluaron",
    "note_es": "Nota en español",
    "note_en": "Nota en inglés",
}
"""The keys of an appraisal that a page tells, but for its judgements."""


class AppraisalWords:
    """Puts appraisals into words with the names of today's instruments, read when they are first needed."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self.vocabularies = vocabularies

    def line(self, row: Json) -> str:
        """Say the whole of an appraisal in one line: "RoB 2 (2019-08-22): Riesgo bajo; 2 personas, 20 Nov 2026"."""
        people = "1 persona" if row["appraisers"] == 1 else f"{row['appraisers']} personas"
        return f"{self.name(row['instrument'])}: {self._value('overall', row)}; {people}, {_day(row)}"

    def name(self, code: str) -> str:
        """Name an instrument with its version; by its code where the bank has it no more."""
        instrument = self._instruments.get(code)
        return f"{instrument.name} ({instrument.version})" if instrument else code

    def rows(self, before: Sequence[Json], after: Sequence[Json]) -> tuple[RowView, ...]:
        """Say what became of each appraisal of a record."""
        return tuple(self._row(change) for change in named_changes(before, after, "instrument"))

    def _row(self, change: NamedChange) -> RowView:
        name = f"Evaluación con {self.name(change.name)}"
        if change.before is not None and change.after is not None:
            return RowView(name, "cambia", tuple(self._changed(change, change.before, change.after)))
        is_new = change.before is None
        row = change.after or change.before
        assert row is not None
        what = "se añade" if is_new else "se quita"
        return RowView(name, what, tuple(self._said(row)), is_new=is_new, is_gone=not is_new)

    def _said(self, row: Json) -> list[FieldView]:
        cells = [FieldView(key, label, after=self._value(key, row)) for key, label in _LABELS.items() if key in row]
        judged = self._in_order(row["instrument"], [judgement["domain"] for judgement in row["judgements"]])
        by_domain = {judgement["domain"]: judgement for judgement in row["judgements"]}
        return cells + [
            FieldView(code, self._domain(row["instrument"], code), after=self._judgement(row, by_domain[code]))
            for code in judged
        ]

    def _changed(self, change: NamedChange, before: Json, after: Json) -> list[FieldView]:
        cells = [
            FieldView(key, label, self._value(key, before), self._value(key, after))
            for key, label in _LABELS.items()
            if key in change.keys
        ]
        judged = {one.name: one for one in named_changes(before["judgements"], after["judgements"], "domain")}
        return cells + [
            FieldView(
                code,
                self._domain(change.name, code),
                self._judgement(before, judged[code].before),
                self._judgement(after, judged[code].after),
            )
            for code in self._in_order(change.name, judged)
        ]

    def _value(self, key: str, row: Json) -> str:
        value: Any = row.get(key)
        if value is None:
            return "sin dato"
        if key == "overall":
            instrument = self._instruments.get(row["instrument"])
            level = instrument.overall_level(value) if instrument else None
            return level.es if level else str(value)
        if key == "certainty":
            term = self.vocabularies.find(Vocabulary.CERTAINTY, value)
            return term.es if term else str(value)
        return _day(row) if key == "appraised_on" else str(value)

    def _judgement(self, row: Json, judgement: Json | None) -> str:
        if judgement is None:
            return NOT_JUDGED
        instrument = self._instruments.get(row["instrument"])
        level = instrument.level(judgement["level"]) if instrument else None
        parts = [level.es if level else judgement["level"]]
        if "quote" in judgement:
            parts.append(f"«{judgement['quote']}»")
        if "page" in judgement:
            parts.append(judgement["page"])
        if judgement.get("not_reported"):
            parts.append("el estudio no lo dice")
        return "; ".join(parts)

    def _domain(self, code: str, domain: str) -> str:
        instrument = self._instruments.get(code)
        return next((one.es for one in instrument.domains if one.code == domain), domain) if instrument else domain

    def _in_order(self, code: str, domains: Sequence[str] | Mapping[str, Any]) -> list[str]:
        """Put codes of domains in the order of their instrument, what it does not know last."""
        instrument = self._instruments.get(code)
        known = [domain.code for domain in instrument.domains] if instrument else []
        return [domain for domain in known if domain in domains] + [one for one in domains if one not in known]

    @cached_property
    def _instruments(self) -> Mapping[str, InstrumentRecord]:
        rows = Instrument.objects.prefetch_related(*appraisal.INSTRUMENT_PARTS)
        return {row.slug: appraisal.instrument_record(row) for row in rows}


def _day(row: Json) -> str:
    return short_day(datetime.date.fromisoformat(row["appraised_on"]))
