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
class CellLine:
    """A line of a cell: words or a sentence, maybe with an address, an effect in front (code, label) and a figure."""

    text: Text | None = None
    url: str = ""
    sentence: Sentence | None = None
    effect: tuple[str, str] | None = None
    figure: str = ""


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """What a column is of: its name with its address, and a title below."""

    label: str
    url: str
    title: Text | None = None


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One row: a cell for each column; `missing` stands where a cell has no line."""

    label: str
    cells: tuple[tuple[CellLine, ...], ...]
    missing: str


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A comparison. `notes` tell what is not independent; `evaluations` and `studies` are what the reminder counts."""

    heading: str
    caption: str
    heads: tuple[ColumnHead, ...]
    rows: tuple[ComparisonRow, ...]
    notes: tuple[str, ...]
    evaluations: int
    studies: int
    table_url: str = ""


ComparedColumn = TypeVar("ComparedColumn")
CellWriter = Callable[[ComparedColumn], Iterable[CellLine]]


def fill_rows(
    columns: Sequence[ComparedColumn], rows: Iterable[tuple[str, CellWriter[ComparedColumn], str]]
) -> tuple[ComparisonRow, ...]:
    """Fill the rows, given as label, cell and what stands in an empty one. A row without anything is kept."""
    return tuple(
        ComparisonRow(label, tuple(tuple(cell(column)) for column in columns), missing) for label, cell, missing in rows
    )


def plain_line(text: str, language: str, url: str = "") -> CellLine:
    """Return a line of the bank's own words."""
    return CellLine(Text(text, language, is_fallback=False), url)
