"""What a page prints of a difference between two records."""

from __future__ import annotations

from dataclasses import dataclass

from studies.records.diff import Piece


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of the record or of a row that differs, as a page prints it.

    `pieces` are of texts, `added` and `removed` of sets of terms, `rows` of lists of rows; `before` and `after` of all
    but rows.
    """

    field: str
    label: str
    before: str = ""
    after: str = ""
    pieces: tuple[Piece, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    rows: tuple[RowView, ...] = ()


@dataclass(frozen=True, slots=True)
class RowView:
    """A row that is new, gone, changed or moved. `fields` are what it says, or what changed in it."""

    name: str
    what: str
    fields: tuple[FieldView, ...]
    is_new: bool = False
    is_gone: bool = False
