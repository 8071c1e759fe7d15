"""View models of a comparison of two records: what differs, and what a person may take from which side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from studies.records.diff import TextPart


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of a record or of a row that differs.

    `pieces` are of texts, `added` and `removed` of sets of terms, `rows` of lists of rows; `before` and `after` of all
    but rows.
    """

    label: str
    before: str = ""
    after: str = ""
    pieces: tuple[TextPart, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    rows: tuple[RowChangeView, ...] = ()


@dataclass(frozen=True, slots=True)
class RowChangeView:
    """A row that is new, gone, changed or moved. `fields` are the content of a new or gone row, else its changes."""

    name: str
    what: str
    fields: tuple[FieldView, ...]
    is_new: bool = False
    is_gone: bool = False

    @classmethod
    def of_whole_row(cls, name: str, cells: Iterable[tuple[str, str]], *, is_new: bool) -> Self:
        """Build the view of a row that only one record has. `cells` are (label, text)."""
        fields = tuple(FieldView(label, after=text) for label, text in cells)
        return cls(name, "se añade" if is_new else "se quita", fields, is_new=is_new, is_gone=not is_new)


@dataclass(frozen=True, slots=True)
class ChoiceOption:
    """One way to settle a field. `view` is what that side changed, None where it changed nothing or that is unknown."""

    value: str
    label: str
    lines: tuple[str, ...]
    is_chosen: bool
    view: FieldView | None = None


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field on which two records differ. `name` is that of its control; empty where it goes with the field before."""

    label: str
    name: str
    options: tuple[ChoiceOption, ...]
    before: str = ""
    collides: bool = False
