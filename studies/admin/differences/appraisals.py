"""Appraisals of records in words: one in a line, and what changed between two, domain by domain."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import cached_property

from studies.admin.differences.views import FieldView, RowChangeView
from studies.models import Instrument, Vocabulary
from studies.records.appraisal import DomainRecord, InstrumentRecord
from studies.records.json_record import Json
from studies.records.keyed_diff import KeyedRowChange, compare_keyed_rows
from studies.store.exchange import appraisal
from studies.store.vocabularies import Vocabularies
from studies.text.dates import format_short_date

NOT_JUDGED = "sin juicio"
_LABELS: Mapping[str, str] = {
    "overall": "Juicio global",
    "risk_of_bias": "Riesgo de sesgo",
    "appraised_on": "Fecha",
    "appraisers": "Personas que evaluaron",
    "note_es": "Nota en español",
    "note_en": "Nota en inglés",
}
"""The keys of an appraisal that a page shows, besides its judgements."""


class AppraisalWriter:
    """Puts appraisals into words with the names of today's instruments, read when they are first needed."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self.vocabularies = vocabularies

    def line(self, row: Json) -> str:
        """Return a whole appraisal in one line: "RoB 2 (2019-08-22): Riesgo bajo; 2 personas, 20 Nov 2026"."""
        people = "1 persona" if row["appraisers"] == 1 else f"{row['appraisers']} personas"
        return f"{self._name(row['instrument'])}: {self._value('overall', row)}; {people}, {_appraisal_day(row)}"

    def rows(self, before: Sequence[Json], after: Sequence[Json]) -> tuple[RowChangeView, ...]:
        """Return what became of each appraisal of a record; unchanged ones are left out."""
        return tuple(self._row(change) for change in compare_keyed_rows(before, after, "instrument"))

    def _row(self, change: KeyedRowChange) -> RowChangeView:
        name = f"Evaluación con {self._name(change.name)}"
        old, new = self._texts(change.before), self._texts(change.after)
        if change.before is None or change.after is None:
            cells = [(self._label(change.name, key), text) for key, text in (new or old).items()]
            return RowChangeView.of_whole_row(name, cells, is_new=change.before is None)
        # Domains that only the earlier appraisal judged stand at their places among the others.
        keys = self._in_order(change.name, {**old, **new})
        fields = (
            FieldView(self._label(change.name, key), old.get(key, _missing_text(key)), new.get(key, _missing_text(key)))
            for key in keys
            if old.get(key) != new.get(key)
        )
        return RowChangeView(name, "cambia", tuple(fields))

    def _texts(self, row: Json | None) -> dict[str, str]:
        """Return what an appraisal says in words, by the keys of _LABELS and the codes of its domains, in order."""
        if row is None:
            return {}
        values = {key: self._value(key, row) for key in _LABELS if key in row}
        judgements = {one["domain"]: self._judgement(row["instrument"], one) for one in row["judgements"]}
        texts = {**values, **judgements}
        return {key: texts[key] for key in self._in_order(row["instrument"], texts)}

    def _value(self, key: str, row: Json) -> str:
        value = row[key]
        if key == "overall":
            instrument = self._instruments.get(row["instrument"])
            level = instrument.overall_level(value) if instrument else None
            return level.es if level else str(value)
        if key == "risk_of_bias":
            term = self.vocabularies.find(Vocabulary.RISK_OF_BIAS, value)
            return term.es if term else str(value)
        return _appraisal_day(row) if key == "appraised_on" else str(value)

    def _judgement(self, code: str, judgement: Json) -> str:
        instrument = self._instruments.get(code)
        level = instrument.level(judgement["level"]) if instrument else None
        parts = [level.es if level else judgement["level"]]
        if "quote" in judgement:
            parts.append(f"«{judgement['quote']}»")
        if "page" in judgement:
            parts.append(judgement["page"])
        if judgement.get("not_reported"):
            parts.append("el estudio no lo dice")
        return "; ".join(parts)

    def _name(self, code: str) -> str:
        """Return the name of an instrument with its version; its code where the bank does not have it any more."""
        instrument = self._instruments.get(code)
        return f"{instrument.name} ({instrument.version})" if instrument else code

    def _label(self, code: str, key: str) -> str:
        return _LABELS.get(key) or next((domain.es for domain in self._domains(code) if domain.code == key), key)

    def _in_order(self, code: str, keys: Mapping[str, str]) -> list[str]:
        """Put the keys of _LABELS first, then domains in the order of their instrument, then what it does not know."""
        known = [*_LABELS, *(domain.code for domain in self._domains(code))]
        return [key for key in known if key in keys] + [key for key in keys if key not in known]

    def _domains(self, code: str) -> Sequence[DomainRecord]:
        instrument = self._instruments.get(code)
        return instrument.domains if instrument else ()

    @cached_property
    def _instruments(self) -> Mapping[str, InstrumentRecord]:
        rows = Instrument.objects.prefetch_related(*appraisal.INSTRUMENT_PARTS)
        return {row.slug: appraisal.instrument_to_record(row) for row in rows}


def _missing_text(key: str) -> str:
    return "sin dato" if key in _LABELS else NOT_JUDGED


def _appraisal_day(row: Json) -> str:
    return format_short_date(datetime.date.fromisoformat(row["appraised_on"]))
