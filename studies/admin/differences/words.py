"""Differences between records in words: labels of fields and terms, what went and what came, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studies.admin.differences.appraisals import AppraisalWords
from studies.admin.differences.views import FieldView, RowView
from studies.admin.record_form.entry import ROW_KINDS
from studies.admin.record_form.problems import field_names
from studies.models import Source
from studies.records.diff import SETS, Difference, Piece, RowChange, code_changes, row_changes, text_pieces
from studies.records.json_record import Json
from studies.store.exchange.study import CODES_OF_FINDING, LISTS, SINGLE_CODES
from studies.store.vocabularies import Vocabularies
from studies.text.numbers import format_number
from studies.web.shared.findings import follow_up

NOT_KNOWN = "sin dato"
_LONG_TEXTS = frozenset(
    f"{name}_{language}"
    for name in ("title", "key_finding", "summary", "limitations", "statement")
    for language in ("es", "en")
) | {"title", "container_title", "publisher"}
_VOCABULARY_OF: Mapping[str, str] = {
    **LISTS,
    **SINGLE_CODES,
    **CODES_OF_FINDING,
}
_IN_NAME = frozenset({"family", "given", "literal", "non-dropping-particle", "outcome", "effect", "url"})
_ROW_KINDS = {kind.name: kind for kind in ROW_KINDS}
_SUPPORTS = {str(code): str(label) for code, label in Source.Supports.choices}


class Words:
    """Puts differences into words with the labels of one snapshot of the vocabularies."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self.vocabularies = vocabularies
        self._appraisals = AppraisalWords(vocabularies)

    def fields(self, found: Sequence[Difference]) -> tuple[FieldView, ...]:
        """Give what a page prints of the differences of two records."""
        return tuple(self.field(one) for one in found)

    def field(self, found: Difference) -> FieldView:
        """Give what a page prints of one field."""
        (label,) = field_names([found.field])
        if found.field in _ROW_KINDS:
            before, after = found.before or [], found.after or []
            rows = [self._row(found.field, change, before, after) for change in row_changes(before, after)]
            return FieldView(found.field, label, rows=tuple(rows))
        if found.field == "appraisals":
            return FieldView(found.field, label, rows=self._appraisals.rows(found.before or [], found.after or []))
        if found.field in SETS:
            added, removed = code_changes(found.before or [], found.after or [])
            return FieldView(
                found.field,
                label,
                before=self.value(found.field, found.before),
                after=self.value(found.field, found.after),
                added=tuple(self._label(found.field, code) for code in added),
                removed=tuple(self._label(found.field, code) for code in removed),
            )
        return self._plain(found, label)

    def value(self, field: str, value: Any) -> str:
        """Write a value of the record in words; rows as a count of them."""
        if value in (None, "", []):
            return NOT_KNOWN
        if field in _ROW_KINDS:
            return "; ".join(self._name(field, row) for row in value)
        if field == "appraisals":
            return "; ".join(self._appraisals.line(row) for row in value)
        if field == "supports":
            return ", ".join(_SUPPORTS.get(code, code) for code in value)
        if isinstance(value, list):
            return ", ".join(self._label(field, code) for code in value)
        if field in _VOCABULARY_OF:
            return self._label(field, value)
        if field == "follow_up":
            return follow_up(value)
        if isinstance(value, bool):
            return "sí" if value else "no"
        if isinstance(value, int | float) and field != "year":
            return format_number(value, "es")
        return str(value)

    def _plain(self, found: Difference, label: str) -> FieldView:
        pieces: tuple[Piece, ...] = ()
        if found.field in _LONG_TEXTS and found.before and found.after:
            pieces = text_pieces(found.before, found.after)
            # Two texts that share nothing read better as the one and then the other.
            pieces = pieces if any(piece.kind == "same" for piece in pieces) else ()
        before, after = self.value(found.field, found.before), self.value(found.field, found.after)
        return FieldView(found.field, label, before, after, pieces)

    def _row(self, field: str, change: RowChange, before: Sequence[Json], after: Sequence[Json]) -> RowView:
        kind = _ROW_KINDS[field]
        if change.before_at is None or change.after_at is None:
            is_new = change.before_at is None
            at, row = (change.after_at, after) if is_new else (change.before_at, before)
            assert at is not None
            name = f"{kind.singular} {at + 1}: {self._name(field, row[at])}"
            said = self._said(field, row[at])
            return RowView(name, "se añade" if is_new else "se quita", said, is_new=is_new, is_gone=not is_new)
        what = "cambia" if change.fields else "es igual"
        if change.is_moved:
            what += f" y pasa del lugar {change.before_at + 1} al {change.after_at + 1}"
        name = f"{kind.singular} {change.after_at + 1}: {self._name(field, before[change.before_at])}"
        return RowView(name, what, tuple(self._plain(one, self._row_label(field, one.field)) for one in change.fields))

    def _said(self, field: str, row: Json) -> tuple[FieldView, ...]:
        return tuple(
            FieldView(key, self._row_label(field, key), after=self.value(key, value))
            for key, value in row.items()
            if key not in _IN_NAME and value not in (None, "", [])
        )

    def _name(self, field: str, row: Json) -> str:
        """Name a row in a few words."""
        if field == "authors":
            particle = row.get("non-dropping-particle")
            return row.get("literal") or " ".join(filter(None, [row.get("given"), particle, row.get("family")]))
        if field == "findings":
            return f"{self.value('outcome', row.get('outcome'))}, {self.value('effect', row.get('effect'))}"
        return str(row.get("url", ""))

    def _row_label(self, field: str, key: str) -> str:
        return str(_ROW_KINDS[field].form.base_fields[key.replace("-", "_")].label)

    def _label(self, field: str, code: str) -> str:
        term = self.vocabularies.find(_VOCABULARY_OF[field], code)
        # A code that no vocabulary has any more stands for itself.
        return term.es if term else code


def fields_in_words(keys: Sequence[str]) -> str:
    """Name fields of the record in one line."""
    return ", ".join(field_names(keys))
