"""Differences between two records in words: labels of fields and terms, what went and what came, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from studies.admin.differences.values import ROLE_MISSING, ValueWriter
from studies.admin.differences.views import FieldView, RowChangeView
from studies.admin.record_form.problems import field_labels
from studies.admin.record_form.row_sets import ROW_KINDS
from studies.records.diff import (
    SET_FIELDS,
    FieldChange,
    RowChange,
    TextPart,
    compare_codes,
    compare_records,
    compare_rows,
    compare_texts,
)
from studies.records.json_record import Json
from studies.records.keyed_diff import KeyedRowChange, compare_keyed_rows
from studies.records.study import PEOPLE, StudyRecord
from studies.store import vocabularies

_LONG_TEXTS = frozenset(
    f"{name}_{language}"
    for name in ("title", "key_finding", "summary", "delivery", "harms", "note", "limitations", "statement")
    for language in ("es", "en")
) | {"title", "container_title", "publisher"}
_LINES = frozenset({"arms", "domains"})
"""Fields of a row that are lists of lines themselves."""
_IN_NAME: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(PEOPLE, frozenset({"family", "given", "literal", "dropping-particle", "non-dropping-particle"})),
    "findings": frozenset({"outcome", "effect"}),
    "costs": frozenset({"amount", "currency"}),
    "appraisals": frozenset({"instrument", "by"}),
    "sources": frozenset({"url"}),
}
"""What the name of a row says already."""
_ROW_KINDS = {kind.name: kind for kind in ROW_KINDS}


class DifferenceWriter:
    """Puts differences into words with the labels of the vocabularies as they are now."""

    def __init__(self) -> None:
        self.values = ValueWriter(vocabularies.current())

    def between(self, before: StudyRecord, after: StudyRecord) -> tuple[FieldView, ...]:
        """Return the fields in which two records differ, in the order of the record."""
        return self.fields(compare_records(before, after))

    def fields(self, changes: Sequence[FieldChange]) -> tuple[FieldView, ...]:
        """Return the view of each change, in the same order."""
        return tuple(self.field(change) for change in changes)

    def field(self, change: FieldChange) -> FieldView:
        """Return the view of the change of one field of a record."""
        (label,) = field_labels([change.field])
        before, after = change.before or [], change.after or []
        if change.field == "interventions":
            changed = compare_keyed_rows(before, after, "code")
            return FieldView(label, rows=tuple(self._intervention(one) for one in changed))
        if change.field in _ROW_KINDS:
            rows = [self._row(change.field, one, before, after) for one in compare_rows(before, after)]
            return FieldView(label, rows=tuple(rows))
        if change.field == "own_appraisals":
            return FieldView(label, rows=self.values.own_appraisals.rows(before, after))
        if change.field in SET_FIELDS:
            added, removed = compare_codes(before, after)
            return FieldView(
                label,
                added=tuple(self.values.label(change.field, code) for code in added),
                removed=tuple(self.values.label(change.field, code) for code in removed),
            )
        return self._plain(change, label)

    def _intervention(self, change: KeyedRowChange) -> RowChangeView:
        if change.before is None or change.after is None:
            row = change.after or change.before or {}
            return RowChangeView.of_whole_row(
                self.values.row_name("interventions", row), (), is_new=change.before is None
            )
        role = FieldView(_row_label("interventions", "role"), self._role(change.before), self._role(change.after))
        return RowChangeView(self.values.label("code", change.name), "cambia", (role,))

    def _role(self, row: Json) -> str:
        return self.values.label("role", row["role"]) if row.get("role") else ROLE_MISSING

    def _plain(self, change: FieldChange, label: str) -> FieldView:
        pieces: tuple[TextPart, ...] = ()
        if change.field in _LONG_TEXTS and change.before and change.after:
            pieces = compare_texts(change.before, change.after)
            # Two texts that share nothing read better as the one and then the other.
            pieces = pieces if any(piece.kind == "same" for piece in pieces) else ()
        before, after = (self.values.text(change.field, value) for value in (change.before, change.after))
        if change.field in _LINES and change.before and change.after:
            # One number of one group is not found in two long sentences: only the lines that differ are shown.
            old, new = (self.values.lines(change.field, value) for value in (change.before, change.after))
            added, removed = (tuple(one for one in a if one not in b) for a, b in ((new, old), (old, new)))
            return FieldView(label, before, after, added=added, removed=removed)
        return FieldView(label, before, after, pieces)

    def _row(self, field: str, change: RowChange, before: Sequence[Json], after: Sequence[Json]) -> RowChangeView:
        singular = _ROW_KINDS[field].singular
        if change.before_index is None or change.after_index is None:
            is_new = change.before_index is None
            at, rows = (change.after_index, after) if is_new else (change.before_index, before)
            assert at is not None
            cells = (
                (_row_label(field, key), self.values.text(key, value))
                for key, value in rows[at].items()
                if key not in _IN_NAME.get(field, ()) and (key == "about" or value not in (None, "", [], {}))
            )
            name = f"{singular} {at + 1}: {self.values.row_name(field, rows[at])}"
            return RowChangeView.of_whole_row(name, cells, is_new=is_new)
        what = "cambia" if change.fields else "es igual"
        if change.is_moved:
            what += f" y pasa del lugar {change.before_index + 1} al {change.after_index + 1}"
        name = f"{singular} {change.after_index + 1}: {self.values.row_name(field, before[change.before_index])}"
        fields = (self._plain(one, _row_label(field, one.field)) for one in change.fields)
        return RowChangeView(name, what, tuple(fields))


def join_field_labels(keys: Sequence[str]) -> str:
    """Return the names of fields of the record in one line."""
    return ", ".join(field_labels(keys))


def _row_label(field: str, key: str) -> str:
    return _ROW_KINDS[field].form.label_of(key)
