"""The view model of a comparison: heads, and the same rows for every study or intervention."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from search.web.evidence.sentences import Sentence
from studies.text.bilingual import LocalizedText

FEWEST = 2
MOST = 6
"""Bounds on what is compared: more columns do not fit the width of a sheet."""


@dataclass(frozen=True, slots=True)
class CellLine:
    """A line of a cell: a text or a sentence, with an address, a leading effect (code, label) and a figure if any."""

    text: LocalizedText | None = None
    url: str = ""
    sentence: Sentence | None = None
    effect: tuple[str, str] | None = None
    figure: str = ""


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """The head of a column: the name of its subject with its address, and a title below."""

    label: str
    url: str
    title: LocalizedText | None = None


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One row: a cell for each column; `missing` stands where a cell has no line."""

    label: str
    cells: tuple[tuple[CellLine, ...], ...]
    missing: str


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A comparison. `notes` say what is not independent; the reminder prints the counts `evaluations` and `studies`."""

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
    """Return the rows, each given as label, writer of its cells and text of an empty cell. Empty rows stay."""
    return tuple(
        ComparisonRow(label, tuple(tuple(cell(column)) for column in columns), missing) for label, cell, missing in rows
    )


def plain_line(text: str, language: str, url: str = "") -> CellLine:
    """Return a line whose text is in the language of the page."""
    return CellLine(LocalizedText(text, language, is_fallback=False), url)
