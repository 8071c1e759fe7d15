"""What studies or interventions look like side by side: heads, and rows that are the same for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from search.web.evidence.sentences import Sentence
from studies.text.bilingual import Text

FEWEST = 2
MOST = 6
"""How many can be compared: more do not fit the width of a sheet."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a cell: words or a sentence, maybe with an address, an effect in front (code, label) and a figure."""

    text: Text | None = None
    url: str = ""
    sentence: Sentence | None = None
    effect: tuple[str, str] | None = None
    figure: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What a column is of: its name with its address, and a title below."""

    label: str
    url: str
    title: Text | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a cell for each column; `missing` stands where a cell has no line."""

    label: str
    cells: tuple[tuple[Line, ...], ...]
    missing: str


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A comparison. `notes` tell what is not independent; `evaluations` and `studies` are what the reminder counts."""

    heading: str
    caption: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    evaluations: int
    studies: int
    table_url: str = ""


Column = TypeVar("Column")
Cell = Callable[[Column], Iterable[Line]]


def rows_of(columns: Sequence[Column], asked: Iterable[tuple[str, Cell[Column], str]]) -> tuple[Row, ...]:
    """Fill the rows, given as label, cell and what stands in an empty one. A row without anything is kept."""
    return tuple(
        Row(label, tuple(tuple(cell(column)) for column in columns), missing) for label, cell, missing in asked
    )


def words(text: str, language: str, url: str = "") -> Line:
    """Return a line of the bank's own words."""
    return Line(Text(text, language, is_fallback=False), url)
