"""A table of a page as an Excel workbook, built in memory. Studies, which may be many, go through `workbook`."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from studies.exports.tabular import starts_a_formula
from studies.exports.workbook import LONGEST_CELL
from studies.text.characters import replace_non_xml

_WIDEST, _NARROWEST = 60, 10


@dataclass(frozen=True, slots=True)
class TableSheet:
    """A sheet: its title, its head and its rows. Numbers are written as numbers, None as an empty cell."""

    title: str
    head: Sequence[str]
    rows: Iterable[Sequence[str | float | None]]


def build_workbook(sheets: Iterable[TableSheet]) -> bytes:
    """Return the workbook. No text is run: one that looks like a formula is a text for the spreadsheet too."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = book.properties.title = "Banco de Evidencias"
    for each in sheets:
        sheet = book.create_sheet(each.title)
        sheet.freeze_panes = "B2"
        widths = [_NARROWEST] * len(each.head)
        for number, row in enumerate([each.head, *each.rows], start=1):
            for column, value in enumerate(row, start=1):
                cell = sheet.cell(number, column)
                _write(cell, value)
                cell.alignment = Alignment(vertical="top", wrap_text=True)
                if number == 1:
                    cell.font = Font(name="Calibri", size=11, bold=True)
                else:
                    widths[column - 1] = min(_WIDEST, max(widths[column - 1], len(str(value or "")) + 2))
        for column, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(column)].width = width
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write(cell: Cell, value: str | float | None) -> None:
    if not isinstance(value, str):
        cell.value = value
        return
    text = replace_non_xml(value)
    cell.value = text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
    # openpyxl takes "=…" for a formula and "#N/A" for an error.
    cell.data_type = "s"
    if starts_a_formula(text):
        cell.quotePrefix = True
