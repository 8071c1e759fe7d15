"""Studies as CSV for spreadsheets: one row for each study, a header of stable English codes.

Cells that a spreadsheet would run as a formula are escaped; JSON needs no such guard. Workbooks, open data and the
tables of syntheses use the same cells.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from studies.citations.names import format_family_name
from studies.records.appraisal import AppraisalRecord
from studies.records.finding import FindingRecord
from studies.records.study import STUDY_FIELDS, AuthorRecord, InterventionRecord, StudyRecord
from studies.text.identifiers import doi_address
from studies.text.numbers import Number

COLUMNS = STUDY_FIELDS
"""The header: the fields of a record in their order."""
FINDING_PARTS = (
    "outcome", "effect", "measure", "unit", "value", "ci_low", "ci_high", "ci_level", "p", "follow_up",
)  # fmt: skip
"""What a finding in the column `findings` is made of, joined by `|`; a part that is not known is empty."""
APPRAISAL_PARTS = ("instrument", "overall", "risk_of_bias", "appraised_on", "appraisers")
"""What an appraisal in the column `appraisals` is made of, likewise."""

NO_ROLE = "none"
"""Stands for the role of an intervention of which nobody has said it yet."""

BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel reads the file in the local code page and garbles every accent."""

_STARTS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def write(records: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield the header and one line for each record, as RFC 4180 has it: CRLF, quotes doubled."""
    yield BYTE_ORDER_MARK + _line(COLUMNS)
    for record in records:
        yield _line([_cell(record, column) for column in COLUMNS])


def write_table(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of any table, its header first. A negative number is not escaped: it runs nothing."""
    yield BYTE_ORDER_MARK
    for row in rows:
        line = io.StringIO()
        csv.writer(line, lineterminator="\r\n").writerow(
            [cell if _is_number(cell) else escape_formula(cell) for cell in row]
        )
        yield line.getvalue()


def escape_formula(text: str) -> str:
    """Prefix `text` with an apostrophe if a spreadsheet would run it as a formula (OWASP: CSV injection)."""
    return f"'{text}" if starts_a_formula(text) else text


def starts_a_formula(text: str) -> bool:
    """Return True if a spreadsheet would take `text` for a formula."""
    return text.lstrip(" ").startswith(_STARTS_A_FORMULA)


def cell_value(record: StudyRecord | FindingRecord, column: str) -> str | Number | None:
    """Return a field as the value of one cell: numbers as numbers, lists joined by "; ", booleans as words."""
    value = getattr(record, column)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    return _cell(record, column) or None


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", text) is not None


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([escape_formula(cell) for cell in cells])
    return line.getvalue()


def _cell(record: StudyRecord | FindingRecord, column: str) -> str:
    value = getattr(record, column)
    if isinstance(record, StudyRecord) and column == "url" and value is None and record.doi is not None:
        return doi_address(record.doi)
    if isinstance(value, tuple):
        return "; ".join(_entry(entry) for entry in value)
    return format_cell(value)


def _entry(entry: object) -> str:
    if isinstance(entry, AuthorRecord):
        return entry.literal or ", ".join(part for part in (format_family_name(entry), entry.given) if part)
    if isinstance(entry, InterventionRecord):
        return f"{entry.code} ({entry.role or NO_ROLE})"
    if isinstance(entry, FindingRecord):
        return "|".join(format_cell(getattr(entry, part)).replace("|", "/") for part in FINDING_PARTS)
    if isinstance(entry, AppraisalRecord):
        return "|".join(format_cell(getattr(entry, part)) for part in APPRAISAL_PARTS)
    return getattr(entry, "url", None) or str(entry)


def format_cell(value: str | Number | None) -> str:
    """Format one value as the text of a cell: booleans as yes or no, whole numbers without a point, None as ""."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)
