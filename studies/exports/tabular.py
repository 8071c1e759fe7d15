"""Studies as a table: CSV for spreadsheets, one row a study, a header of stable English codes.

Cells that a spreadsheet would run as a formula are defused; the JSON forms carry no such guard.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from studies.citations.names import format_family_name
from studies.records.appraisal import AppraisalRecord
from studies.records.study import STUDY_FIELDS, AuthorRecord, FindingRecord, StudyRecord
from studies.text.identifiers import doi_address
from studies.text.numbers import Number

COLUMNS = STUDY_FIELDS
"""The header: the fields of the record, in its order."""
FINDING_PARTS = (
    "outcome", "effect", "measure", "unit", "value", "ci_low", "ci_high", "ci_level", "p", "follow_up",
)  # fmt: skip
"""What a finding in the column `findings` is made of, joined by `|`; a part that is not known is empty."""
APPRAISAL_PARTS = ("instrument", "overall", "certainty", "appraised_on", "appraisers")
"""What an appraisal in the column `appraisals` is made of, likewise."""

BYTE_ORDER_MARK = "\ufeff"
"""Excel takes a file without it for one of the local code page, and spoils every accent."""

_STARTS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def write(records: Iterable[StudyRecord]) -> Iterator[str]:
    """Write the header and one row a record (RFC 4180: CRLF, quotes doubled), a piece of text each."""
    yield BYTE_ORDER_MARK + _line(COLUMNS)
    for record in records:
        yield _line([_cell(record, column) for column in COLUMNS])


def csv_lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Write any table, its header first, in the same way. A negative number stays one: it runs nothing."""
    yield BYTE_ORDER_MARK
    for row in rows:
        line = io.StringIO()
        csv.writer(line, lineterminator="\r\n").writerow([cell if _is_number(cell) else defused(cell) for cell in row])
        yield line.getvalue()


def defused(text: str) -> str:
    """Keep a spreadsheet from running `text` as a formula (OWASP: CSV injection)."""
    return f"'{text}" if starts_a_formula(text) else text


def starts_a_formula(text: str) -> bool:
    """Say whether a spreadsheet that is given these letters would take them for a formula."""
    return text.lstrip(" ").startswith(_STARTS_A_FORMULA)


def cell_value(record: StudyRecord | FindingRecord, column: str) -> str | Number | None:
    """Give a field for one cell: numbers as numbers, lists joined by "; ", true and false as words."""
    value = getattr(record, column)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    return _cell(record, column) or None


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", text) is not None


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([defused(cell) for cell in cells])
    return line.getvalue()


def _cell(record: StudyRecord | FindingRecord, column: str) -> str:
    value = getattr(record, column)
    if isinstance(record, StudyRecord) and column == "url" and value is None and record.doi is not None:
        return doi_address(record.doi)
    if isinstance(value, tuple):
        return "; ".join(_entry(entry) for entry in value)
    return text_of(value)


def _entry(entry: object) -> str:
    if isinstance(entry, AuthorRecord):
        return entry.literal or ", ".join(part for part in (format_family_name(entry), entry.given) if part)
    if isinstance(entry, FindingRecord):
        return "|".join(text_of(getattr(entry, part)).replace("|", "/") for part in FINDING_PARTS)
    if isinstance(entry, AppraisalRecord):
        return "|".join(text_of(getattr(entry, part)) for part in APPRAISAL_PARTS)
    return getattr(entry, "url", None) or str(entry)


def text_of(value: str | Number | None) -> str:
    """Write one value as a cell: yes and no, whole numbers without a point, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)
