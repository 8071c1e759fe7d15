"""The table of references in a workbook, row by row. No formula is run; what unpacks to too much is refused."""

from __future__ import annotations

import datetime
import io
import itertools
import json
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from studies.imports.formats.base import (
    MOST_ROWS,
    ImportFormat,
    ParsedReference,
    RawReference,
    SplitFile,
    collect_references,
)
from studies.imports.formats.errors import FileUnreadable
from studies.imports.formats.table_rows import LAST_HEADER, find_header, match_columns, read_cells
from studies.imports.formats.xlsx_archive import NoSuchSheet, reduce_to_sheet

_MOST_COLUMNS = 250
_MOST_SHEETS = 6
_MOST_SECONDS = 2.0
"""Of processor: each further sheet costs the shared texts of all once more."""
# Rows that are only formatted count for the spreadsheet, so a table may end far below its last reference.
_LAST_ROW = MOST_ROWS * 10
_WIDTH = 28


def split(data: bytes) -> SplitFile:
    """Split the first sheet that has a table of references; `head` is its header. Raises FileUnreadable."""
    refused: FileUnreadable | None = None
    until = time.process_time() + _MOST_SECONDS
    for place in range(_MOST_SHEETS):
        try:
            return _split_sheet(data, place)
        except NoSuchSheet:
            break
        except FileUnreadable as error:
            # Of a cover sheet and the table behind it the table is meant; of no table the first sheet is spoken of.
            refused = refused or error
            if time.process_time() > until:
                break
    raise refused or _broken_file()


def _split_sheet(data: bytes, place: int) -> SplitFile:
    try:
        book = load_workbook(reduce_to_sheet(data, place), read_only=True, keep_links=False)
        try:
            return _split_rows(_read_rows(book.worksheets[0] if book.worksheets else None))
        finally:
            book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError) as error:
        raise _broken_file() from error
    except (OSError, EOFError, SyntaxError, IndexError, zlib.error, NotImplementedError, RuntimeError) as error:
        # ParseError of XML is a SyntaxError; a part that is cut off raises any of the others; an encrypted part, or one
        # compressed in a way that Python does not know, the last two.
        raise _broken_file() from error


def _broken_file() -> FileUnreadable:
    return FileUnreadable("El libro de Excel está dañado o cortado: ábralo, guárdelo otra vez como .xlsx y súbalo.")


def _read_rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each row that is not empty."""
    if sheet is None or not hasattr(sheet, "iter_rows"):
        return
    # Some programs declare a range of cells that is too small, and openpyxl would read no further.
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(max_row=_LAST_ROW, max_col=_MOST_COLUMNS), start=1):
        texts = [_cell_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield number, texts


def _cell_text(cell: Any) -> str:
    """Return a cell as text. An error of Excel is no value; of a formula only the text is taken, which nothing runs."""
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()[:10]
    if isinstance(value, str) and value.startswith("=") and cell.data_type != "f":
        # A text that looks like a formula gets the mark of our own exports.
        return f"'{value}"
    # A formula over several cells is an object of openpyxl.
    return str(value) if isinstance(value, str | int | float | datetime.time) else str(getattr(value, "text", ""))


def _split_rows(rows: Iterator[tuple[int, list[str]]]) -> SplitFile:
    first = list(itertools.islice(rows, LAST_HEADER))
    if not first:
        raise FileUnreadable("Su primera hoja está vacía.")
    place = find_header([cells for _number, cells in first]) or 0
    header = first[place][1]
    _columns, notes = match_columns(tuple(header))
    found = (
        RawReference(number, json.dumps(cells, ensure_ascii=False))
        for number, cells in itertools.chain(first[place + 1 :], rows)
    )
    return SplitFile(collect_references(found), json.dumps(header, ensure_ascii=False), notes)


def read(raw: str, head: str = "") -> ParsedReference:
    """Read one row. Raises RowInvalid."""
    return read_cells(json.loads(head), json.loads(raw))


def join(raws: list[str], head: str = "") -> bytes:
    """Write rows back as a workbook."""
    return write_workbook({"Estudios": [json.loads(head), *map(_cells, raws)]})


def _cells(raw: str) -> list[str]:
    """Return the cells of a row; a row that was cut because of its length is no JSON, and becomes one cell."""
    try:
        cells: list[str] = json.loads(raw)
    except ValueError:
        return [raw]
    return cells


def write_workbook(sheets: dict[str, Iterable[Iterable[str]]]) -> bytes:
    """Write sheets of plain text: nothing in them is a formula."""
    book = Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for place in range(1, _MOST_COLUMNS):
            sheet.column_dimensions[get_column_letter(place)].width = _WIDTH
        for row in rows:
            sheet.append([_text_cell(sheet, text) for text in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _text_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub(" ", text)[:32_000])
    if cell.data_type == "f":
        cell.data_type = "s"
    return cell


FORMAT = ImportFormat(
    code="xlsx",
    label="Excel",
    extensions=("xlsx",),
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    position=10,
    recognises=lambda head: head.data.startswith(b"PK"),
    split=split,
    read=read,
    join=join,
)
