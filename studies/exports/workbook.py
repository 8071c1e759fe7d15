"""Studies as an Excel workbook: a sheet of studies, one of findings, one with a dictionary of fields and codes.

openpyxl makes a template with headers and styles; `studies.exports.office` streams the rows into it. Texts are written
as texts, which no spreadsheet runs. One that looks like a formula also gets the style `quotePrefix` (as if typed with
an apostrophe), so that it stays a text when somebody edits it; its value is unchanged.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from django.utils.translation import override
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter

from studies.exports.office import split_part, stream_archive, xml_text
from studies.exports.options import ExportOptions
from studies.exports.tabular import cell_value, starts_a_formula
from studies.records.dictionary import list_field_meanings
from studies.records.finding import FindingRecord
from studies.records.json_fields import Number
from studies.records.json_record import fields_of
from studies.records.study import STUDY_FIELDS, StudyRecord

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

STUDY_COLUMNS = tuple(name for name in STUDY_FIELDS if name != "findings")
FINDING_FIELDS = tuple(fields_of(FindingRecord))
FINDING_COLUMNS = ("study", "position", *FINDING_FIELDS)
DICTIONARY_COLUMNS = ("sheet", "name", "es", "en", "definition_es", "definition_en")
SHEETS = {"es": ("Estudios", "Hallazgos", "Diccionario"), "en": ("Studies", "Findings", "Dictionary")}

LONGEST_CELL = 32_767
"""With more characters in one cell, Excel reports the file as broken."""
_SPOOLED_BYTES = 1_000_000
_OWN_FIELDS = {
    "study": ("identificador del estudio, en la hoja de estudios", "identifier of the study, on the sheet of studies"),
    "position": ("lugar del hallazgo en su estudio", "place of the finding in its study"),
}
_WIDTHS = {"id": 30, "study": 30, "title": 60, "title_es": 60, "title_en": 60, "authors": 40, "url": 30}
_WIDE = re.compile("summary|key_finding|statement|limitations|definition|^es$|^en$")
_LOOKS_LIKE_AN_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

Cell = str | Number | None


def write(records: Iterable[StudyRecord], options: ExportOptions) -> Iterator[bytes]:
    """Yield the workbook. `records` are read once: findings wait in a temporary file for their sheet."""
    template = _template("en" if options.language == "en" else "es")
    return _stream(template, records, options)


def _stream(template: _WorkbookTemplate, records: Iterable[StudyRecord], options: ExportOptions) -> Iterator[bytes]:
    with tempfile.SpooledTemporaryFile(_SPOOLED_BYTES, "w+", encoding="utf-8") as findings_file:

        def studies() -> Iterator[str]:
            finding_row = 2
            for row, record in enumerate(records, start=2):
                yield _row(row, [cell_value(record, column) for column in STUDY_COLUMNS], template.quoted_style)
                for cells in _findings(record):
                    findings_file.write(_row(finding_row, cells, template.quoted_style) + "\n")
                    finding_row += 1

        def findings() -> Iterator[str]:
            findings_file.seek(0)
            yield from findings_file

        def dictionary() -> Iterator[str]:
            for row, cells in enumerate(_dictionary(options), start=2):
                yield _row(row, cells, template.quoted_style)

        sheets = zip(template.parts, (studies(), findings(), dictionary()), strict=True)
        yield from stream_archive(
            template.content, {name: _wrap_rows(template, name, rows) for name, rows in sheets}, options.on
        )


def _wrap_rows(template: _WorkbookTemplate, name: str, rows: Iterable[str]) -> Iterator[str]:
    before, behind = split_part(template.content, name, "</sheetData>")
    # The template declares the range of its own single row, and readers would believe it.
    yield re.sub("<dimension[^>]*/>", "", before)
    yield from rows
    yield f"</sheetData>{behind}"


def _findings(record: StudyRecord) -> Iterator[list[Cell]]:
    for position, finding in enumerate(record.findings, start=1):
        yield [record.id, position, *(cell_value(finding, column) for column in FINDING_FIELDS)]


def _dictionary(options: ExportOptions) -> Iterator[list[Cell]]:
    """Yield a row for every column, explained in both languages, then one for every code of a column."""
    studies, findings, _dictionary_sheet = SHEETS["en" if options.language == "en" else "es"]
    meanings: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for meaning, language in zip(meanings, ("es", "en"), strict=True):
        with override(language):
            for record in (StudyRecord, FindingRecord):
                meaning.update((field.name, field.meaning) for field in list_field_meanings(record))
    for column in STUDY_COLUMNS:
        yield [studies, column, meanings[0][column], meanings[1][column], None, None]
    for column in FINDING_COLUMNS:
        own = _OWN_FIELDS.get(column)
        es, en = own or (meanings[0][column], meanings[1][column])
        yield [findings, column, es, en, None, None]
    for term in options.terms:
        yield [*term]


def _row(number: int, cells: Sequence[Cell], quoted_style: int) -> str:
    written = "".join(
        _cell(f"{_letters(column)}{number}", value, quoted_style) for column, value in enumerate(cells, 1)
    )
    return f'<row r="{number}">{written}</row>'


_letters = cache(get_column_letter)


def _cell(place: str, value: Cell, quoted_style: int) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, (int, float)) and abs(value) < 2**53:
        return f'<c r="{place}"><v>{value!r}</v></c>'
    text = str(value)
    if len(text) > LONGEST_CELL:
        text = text[: LONGEST_CELL - 1] + "…"
    style = f' s="{quoted_style}"' if starts_a_formula(text) else ""
    escaped = _LOOKS_LIKE_AN_ESCAPE.sub("_x005F_", xml_text(text))
    return f'<c r="{place}"{style} t="inlineStr"><is><t xml:space="preserve">{escaped}</t></is></c>'


class _WorkbookTemplate:
    """A workbook with headers only. `parts` names the files of its sheets; `quoted_style` is the number of a style."""

    def __init__(self, language: str) -> None:
        book = Workbook()
        book.remove(book.worksheets[0])
        self.quoted_style = _add_quote_prefix_style(book)
        for title, names in zip(SHEETS[language], (STUDY_COLUMNS, FINDING_COLUMNS, DICTIONARY_COLUMNS), strict=True):
            sheet = book.create_sheet(title)
            sheet.append(list(names))
            sheet.freeze_panes = "B2"
            for place, name in enumerate(names, start=1):
                head = sheet.cell(1, place)
                head.font, head.alignment = Font(name="Calibri", size=11, bold=True), Alignment(vertical="top")
                width = 60 if _WIDE.search(name) else _WIDTHS.get(name, 16)
                sheet.column_dimensions[get_column_letter(place)].width = width
        self.parts = tuple(f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3))
        book.properties.creator = book.properties.title = "Banco de Evidencias"
        file = io.BytesIO()
        book.save(file)
        self.content = file.getvalue()


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
