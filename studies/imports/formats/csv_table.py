"""CSV with comma, semicolon, tab or bar. A row is numbered as a spreadsheet does, the header being row 1."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from studies.exports.tabular import escape_formula
from studies.imports.formats.base import (
    ImportFormat,
    ParsedReference,
    RawReference,
    SplitFile,
    collect_references,
    with_decoding,
    with_encoding,
)
from studies.imports.formats.errors import FileUnreadable, RowInvalid
from studies.imports.formats.table_rows import LAST_HEADER, find_header, match_columns, read_cells

_DELIMITERS = ",;\t|"
_MOST_LINES_OF_A_ROW = 2_000
_LONGEST_HEAD = 20_000
_UNREADABLE = "Sus comillas no cierran, o una celda es más larga que 131\u202f000 signos."


def split(text: str) -> SplitFile:
    """Split a table into its rows; `head` is its header. Raises FileUnreadable for a table without title.

    The header may have rows above it, as of Dimensions and of people; Excel's "sep=;" is one of them.
    """
    lines = text.split("\n")
    starts = list(_first_rows(lines))
    if not starts:
        raise FileUnreadable("No tiene ninguna referencia.")
    rows = [_cells_or_none("\n".join(lines[begun:end]), _delimiter(lines[begun])) for _row, begun, end in starts]
    found = find_header(rows) or 0
    if not rows[found]:
        raise FileUnreadable("Las comillas de su primera fila no cierran.")
    row, begun, end = starts[found]
    head = "\n".join(lines[begun:end])
    if len(head) > _LONGEST_HEAD:
        raise FileUnreadable("Su primera fila es demasiado larga: tendría que nombrar las columnas.")
    _columns, notes = match_columns(tuple(rows[found]))
    return SplitFile(collect_references(_split_rows(lines, end, row + 1, _delimiter(head))), head, notes)


def _first_rows(lines: list[str]) -> Iterator[tuple[int, int, int]]:
    """Yield the number of each of the first rows that are not empty, its first line, and the line behind it."""
    place = row = 0
    while place < len(lines) and row < LAST_HEADER:
        row += 1
        if not lines[place].strip():
            place += 1
            continue
        end = _end_of_row(lines, place, _delimiter(lines[place])) or place + 1
        yield row, place, end
        place = end


def _split_rows(lines: list[str], place: int, row: int, delimiter: str) -> Iterator[RawReference]:
    while place < len(lines):
        if not lines[place].strip():
            place, row = place + 1, row + 1
            continue
        end = _end_of_row(lines, place, delimiter)
        raw = "\n".join(lines[place : end or place + 1])
        if raw.strip(f"{delimiter} \t\n"):
            yield RawReference(row, raw, "" if end else _UNREADABLE)
        place, row = end or place + 1, row + 1


def _end_of_row(lines: list[str], place: int, delimiter: str) -> int | None:
    """Return the line after the row that begins at `place`; None where its quotes do not close.

    A quotation mark that is never closed would swallow the rest of the file: the search is bounded, and only the
    line where it stands is refused.
    """
    if '"' not in lines[place]:
        return place + 1
    taken = iter(lines[place : place + _MOST_LINES_OF_A_ROW])
    reader = csv.reader((f"{line}\n" for line in taken), delimiter=delimiter, strict=True)
    try:
        next(reader)
    except csv.Error:
        return None
    return place + reader.line_num


def read(raw: str, head: str = "") -> ParsedReference:
    """Read one row. Raises RowInvalid."""
    delimiter = _delimiter(head)
    try:
        return read_cells(_cells(head, delimiter), _cells(raw, delimiter))
    except csv.Error as error:
        raise RowInvalid("", _UNREADABLE) from error


def _cells(raw: str, delimiter: str) -> list[str]:
    return next(csv.reader((f"{line}\n" for line in raw.split("\n")), delimiter=delimiter, strict=True), [])


def _cells_or_none(raw: str, delimiter: str) -> list[str]:
    """Return the cells of a row; none where its quotes do not close."""
    try:
        return _cells(raw, delimiter)
    except csv.Error:
        return []


def _delimiter(head: str) -> str:
    return max(_DELIMITERS, key=head.count)


def join(raws: list[str], head: str = "") -> str:
    """Write rows back under their header, with the mark by which Excel knows UTF-8; formulas become text."""
    delimiter = _delimiter(head)
    return "\ufeff" + "\r\n".join([head, *(_defuse_row(raw, delimiter) for raw in raws)]) + "\r\n"


def _defuse_row(raw: str, delimiter: str) -> str:
    """Return a row with its formulas turned into text: a partner's file is as untrusted as a reader's input."""
    try:
        cells = _cells(raw, delimiter)
    except csv.Error:
        # Its cells cannot be told apart, so whatever begins a line or follows a delimiter is taken for a cell.
        return re.sub(rf'(^|{re.escape(delimiter)})("?)(?=\s*[=+\-@＝＋－＠])', r"\1\2'", raw, flags=re.MULTILINE)
    safe = [escape_formula(cell) for cell in cells]
    if safe == cells:
        return raw
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="").writerow(safe)
    return line.getvalue()


FORMAT = ImportFormat(
    code="csv",
    label="CSV",
    extensions=("csv", "tsv"),
    media_type="text/csv",
    position=9,
    # A table has no mark of its own.
    recognises=lambda head: head.extension in ("csv", "tsv", "txt"),
    split=with_decoding(split),
    read=read,
    join=with_encoding(join),
)
