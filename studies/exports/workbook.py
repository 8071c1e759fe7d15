"""Studies as an Excel workbook: the sheets of `sheets`, and one with a dictionary of columns and codes.

openpyxl makes a template with headers and styles; `studies.exports.office` streams the rows into it. Texts are written
as texts, which no spreadsheet runs. One that looks like a formula also gets the style `quotePrefix` (as if typed with
an apostrophe), so that it stays a text when somebody edits it; its value is unchanged.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter

from studies.exports.headings import Heading
from studies.exports.office import split_part, stream_archive, xml_text
from studies.exports.options import ExportOptions
from studies.exports.sheets import Cell, CellWriter, make_sheets
from studies.exports.tabular import starts_a_formula
from studies.records.study import StudyRecord
from studies.text.numbers import Number

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

LONGEST_CELL = 32_767
"""With more characters in one cell, Excel reports the file as broken."""
_SPOOLED_BYTES, _PIECE_LETTERS = 1_000_000, 16_384
_DICTIONARY_TITLE = Heading("Diccionario", "Dictionary")
_DICTIONARY_HEADINGS = (
    Heading("Hoja o columna", "Sheet or column"),
    Heading("Campo o código en los datos abiertos", "Field or code in the open data"),
    Heading("Nombre en español", "Name in Spanish"),
    Heading("Nombre en inglés", "Name in English"),
    Heading("Qué significa, en español", "What it means, in Spanish"),
    Heading("Qué significa, en inglés", "What it means, in English"),
)
_WIDE = re.compile("title|summary|key_finding|statement|limitations|delivery|note|harms_|domains")
_WIDTH, _WIDE_WIDTH = 22, 60
_LOOKS_LIKE_AN_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def write(records: Iterable[StudyRecord], options: ExportOptions) -> Iterator[bytes]:
    """Yield the workbook. `records` are read once: rows of all sheets but the first wait in temporary files."""
    return _stream(_template("en" if options.language == "en" else "es"), records, options)


def _stream(template: _WorkbookTemplate, records: Iterable[StudyRecord], options: ExportOptions) -> Iterator[bytes]:
    writer = CellWriter(options)
    first, *others = template.sheets
    with ExitStack() as stack:
        waiting = [
            stack.enter_context(tempfile.SpooledTemporaryFile(_SPOOLED_BYTES, "w+", encoding="utf-8")) for _ in others
        ]
        numbers = [2] * len(others)

        def studies() -> Iterator[str]:
            for number, record in enumerate(records, start=2):
                for cells in first.rows(record, writer):
                    yield _row(number, cells, template.quoted_style)
                for place, sheet in enumerate(others):
                    for cells in sheet.rows(record, writer):
                        waiting[place].write(_row(numbers[place], cells, template.quoted_style) + "\n")
                        numbers[place] += 1

        def kept(place: int) -> Iterator[str]:
            waiting[place].seek(0)
            while piece := waiting[place].read(_PIECE_LETTERS):
                yield piece

        def dictionary() -> Iterator[str]:
            for number, cells in enumerate(_dictionary(template, options), start=2):
                yield _row(number, cells, template.quoted_style)

        sheets = zip(template.parts, (studies(), *map(kept, range(len(others))), dictionary()), strict=True)
        yield from stream_archive(
            template.content, {name: _wrap_rows(template, name, rows) for name, rows in sheets}, options.on
        )


def _wrap_rows(template: _WorkbookTemplate, name: str, rows: Iterable[str]) -> Iterator[str]:
    before, behind = split_part(template.content, name, "</sheetData>")
    # The template declares the range of its own single row, and readers would believe it.
    yield re.sub("<dimension[^>]*/>", "", before)
    yield from rows
    yield f"</sheetData>{behind}"


def _dictionary(template: _WorkbookTemplate, options: ExportOptions) -> Iterator[list[Cell]]:
    """Yield a row for every column of every sheet, then one for every code that a column can hold."""
    columns_of: dict[str, str] = {}
    for sheet in template.sheets:
        for column in sheet.columns:
            yield [template.name(sheet.title), column.field, *column.heading, *column.meaning]
            if column.vocabulary:
                columns_of.setdefault(column.vocabulary, template.name(column.heading))
    for term in options.terms:
        if term.vocabulary in columns_of:
            yield [columns_of[term.vocabulary], *term[1:]]


def _row(number: int, cells: Sequence[Cell], quoted_style: int) -> str:
    written = [
        _cell(f"{_letters(column)}{number}", value, quoted_style)
        for column, value in enumerate(cells, 1)
        if value is not None and value != ""
    ]
    return f'<row r="{number}">{"".join(written)}</row>'


_HEAD_ALIGNMENT = Alignment(vertical="top", wrap_text=True)
_letters = cache(get_column_letter)


def _cell(place: str, value: str | Number, quoted_style: int) -> str:
    if isinstance(value, (int, float)) and abs(value) < 2**53:
        return f'<c r="{place}"><v>{value!r}</v></c>'
    text = str(value)
    if len(text) > LONGEST_CELL:
        text = text[: LONGEST_CELL - 1] + "…"
    style = f' s="{quoted_style}"' if starts_a_formula(text) else ""
    escaped = xml_text(text)
    if "_x" in escaped:
        escaped = _LOOKS_LIKE_AN_ESCAPE.sub("_x005F_", escaped)
    return f'<c r="{place}"{style} t="inlineStr"><is><t xml:space="preserve">{escaped}</t></is></c>'


class _WorkbookTemplate:
    """A workbook with headers only. `parts` names the files of its sheets; `quoted_style` is the number of a style."""

    def __init__(self, language: str) -> None:
        self._language = language
        self.sheets = make_sheets()
        book = Workbook()
        book.remove(book.worksheets[0])
        self.quoted_style = _add_quote_prefix_style(book)
        for sheet in self.sheets:
            widths = [_WIDE_WIDTH if _WIDE.search(column.field) else _WIDTH for column in sheet.columns]
            self._add(book, sheet.title, [column.heading for column in sheet.columns], widths)
        self._add(book, _DICTIONARY_TITLE, _DICTIONARY_HEADINGS, [_WIDTH, _WIDTH, *[_WIDE_WIDTH] * 4])
        self.parts = tuple(f"xl/worksheets/sheet{number}.xml" for number in range(1, len(self.sheets) + 2))
        book.properties.creator = book.properties.title = "Banco de Evidencias"
        file = io.BytesIO()
        book.save(file)
        self.content = file.getvalue()

    def name(self, heading: Heading) -> str:
        """Return a heading in the language of the workbook."""
        return heading.en if self._language == "en" else heading.es

    def _add(self, book: Workbook, title: Heading, headings: Sequence[Heading], widths: Sequence[int]) -> None:
        sheet = book.create_sheet(self.name(title))
        sheet.append([self.name(heading) for heading in headings])
        sheet.freeze_panes = "B2"
        for place, width in enumerate(widths, start=1):
            head = sheet.cell(1, place)
            head.font, head.alignment = Font(name="Calibri", size=11, bold=True), _HEAD_ALIGNMENT
            sheet.column_dimensions[get_column_letter(place)].width = width


def _add_quote_prefix_style(book: Workbook) -> int:
    """Register the style `quotePrefix` and return its number. openpyxl has no public way to do this."""
    style: Any = StyleArray()
    style.quotePrefix = 1
    styles: Any = book
    number: int = styles._cell_styles.add(style)
    return number


@cache
def _template(language: str) -> _WorkbookTemplate:
    return _WorkbookTemplate(language)
