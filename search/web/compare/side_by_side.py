"""The view model of a comparison: heads, and the same rows for every study, intervention or programme."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from django.utils.translation import ngettext

from search.web.evidence.answer import Answer, RowView
from search.web.evidence.dimensions import lower_first
from search.web.evidence.sentences import Sentence, SentencePart
from studies.text.bilingual import LocalizedText
from studies.text.numbers import format_number

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


def found_lines(answer: Answer, language: str) -> Iterator[CellLine]:
    """Yield what the evaluations of an answer show: for each kind of comparator, the outcomes that stand open.

    Where none of the outcomes comes first for the bank, the opening of the answer; where no record tells a result, that
    alone.
    """
    if not answer.groups:
        yield plain_line(answer.left_out, language)
    elif not answer.open_groups:
        yield from (CellLine(sentence=sentence) for sentence in answer.said)
    for group in answer.open_groups:
        yield CellLine(sentence=group.heading)
        for row in group.first_rows:
            yield CellLine(sentence=_row_sentence(row))
    more = sum(group.folded for group in answer.groups) if answer.open_groups else 0
    if more:
        text = ngettext("%(number)s resultado más", "%(number)s resultados más", more)
        yield plain_line(text % {"number": format_number(more, language)}, language)


def _row_sentence(row: RowView) -> Sentence:
    parts = [SentencePart(f"{row.outcome}: ")]
    for sentence in row.briefly:
        first, *others = sentence.parts
        is_start = len(parts) == 1
        text = lower_first(first.text) if is_start else f" {first.text}"
        parts += [replace(first, text=text), *others]
    return Sentence(tuple(parts))
