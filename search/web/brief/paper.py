"""How much of a sheet a block takes, estimated: what a brief leaves out so that it ends on its second sheet.

Word, LibreOffice and the PDF set the same text in other types; the estimates are those of the widest of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import singledispatch

from search.web.brief import blocks
from search.web.brief.blocks import BriefRuns, Citation, TableColumn
from studies.text.bilingual import LocalizedText

SHEETS_MM = 2 * 247.0
"""The height of two sheets without their margins, without the head and the foot that a browser prints with a page, and
without what is lost at the end of the first."""

ROW_MM, CELL_LINE_MM, _CELL_LETTER_MM = 1.4, 3.15, 1.36
HEADING_MM = 6.6
_WIDTH_MM = 176
_LETTER_MM, _LINE_MM = 1.48, 3.85
_LARGE = 1.05
"""How much larger the answer is set than the rest."""

_MM_PER_PX = 25.4 / 96


def measure(parts: Iterable[blocks.Block]) -> float:
    """Return the height of blocks in millimetres."""
    return sum(map(_measure, parts))


def measure_row(cells: Iterable[int], widths_mm: Iterable[int]) -> float:
    """Return the height of a row of a table in millimetres: `cells` has the numbers of letters."""
    # A cell has a margin, and its lines are seldom full.
    lines = (
        math.ceil(letters * _CELL_LETTER_MM / (width - 4)) for letters, width in zip(cells, widths_mm, strict=True)
    )
    return max(lines) * CELL_LINE_MM + ROW_MM


def measure_reference(reference: blocks.BriefReference) -> float:
    """Return the height of an entry of the list of references in millimetres."""
    return math.ceil(sum(len(run.text) for run in reference.runs) / 132) * 3.3 + 0.8


@singledispatch
def _measure(block: blocks.Block) -> float:
    raise TypeError(f"No height for {type(block).__name__}")


@_measure.register
def _heading(block: blocks.Heading) -> float:
    return HEADING_MM if block.level == 2 else 9.0 * math.ceil(len(block.text) * 3.4 / _WIDTH_MM)


@_measure.register
def _paragraph(block: blocks.Paragraph) -> float:
    return _text_mm(block.runs) + 1.6


@_measure.register
def _passage(block: blocks.Passage) -> float:
    return 8.0 * bool(block.label) + sum(_LARGE * _text_mm(runs, _LARGE) + 1.6 for runs in block.paragraphs)


@_measure.register
def _bullet_list(block: blocks.BulletList) -> float:
    return sum(_text_mm(item) + 0.8 for item in block.items)


@_measure.register
def _table(block: blocks.TableBlock) -> float:
    note = _text_mm(block.note) + 1.0 if block.note else 0.0
    return 2 * CELL_LINE_MM + 7.0 + note + sum(_row_mm(row, block.columns) for row in block.rows)


@_measure.register
def _figure(block: blocks.FigureBlock) -> float:
    return max(block.plot.axis_title.height * _MM_PER_PX + 12.0, _measure(block.table))


@_measure.register
def _reference_list(block: blocks.ReferenceListBlock) -> float:
    return sum(map(measure_reference, block.references))


def _row_mm(row: tuple[blocks.TableCell, ...], columns: tuple[TableColumn, ...]) -> float:
    if len(row) == 1:
        return CELL_LINE_MM + ROW_MM
    return measure_row(map(_count_letters, row), (column.width_mm for column in columns))


def _text_mm(runs: BriefRuns, size: float = 1) -> float:
    return math.ceil(_count_letters(runs) * _LETTER_MM * size / _WIDTH_MM) * _LINE_MM


def _count_letters(text: blocks.TableCell) -> int:
    if isinstance(text, LocalizedText):
        return len(text.text)
    return sum(4 * len(run.numbers) if isinstance(run, Citation) else len(run.text) for run in text)
