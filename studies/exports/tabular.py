"""Studies as CSV for spreadsheets: one row for each study, a header of stable English codes.

Cells that a spreadsheet would run as a formula are escaped; JSON needs no such guard. Open data and the tables of
syntheses use the same cells.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping

from studies.citations.names import format_family_name
from studies.records.appraisal import AppraisalRecord
from studies.records.finding import FindingRecord
from studies.records.json_record import Record, fields_of
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import (
    STUDY_FIELDS,
    AuthorRecord,
    CostRecord,
    InterventionRecord,
    SourceRecord,
    StudyRecord,
)

COLUMNS = STUDY_FIELDS
"""The header: the fields of a record in their order."""
FINDING_PARTS = (
    "outcome", "effect", "measure", "unit", "value", "ci_low", "ci_high", "ci_level", "p", "follow_up",
    "about", "trial", "arm_es", "arm_en", "subgroup_es", "subgroup_en", "comparator", "comparator_es", "comparator_en",
    "reporter", "inconclusive", "primary", "p_below", "se", "adjusted", "higher_is", "n", "follow_up_months",
)  # fmt: skip
"""What a finding in the column `findings` is made of, joined by `|`; a part that is not known is empty.

Those of format 1 come first, so that a table of that time still reads. Statements and data of arms are left out.
"""
COST_PARTS = tuple(fields_of(CostRecord))
"""What a cost in the column `costs` is made of, likewise."""
PUBLISHED_APPRAISAL_PARTS = tuple(key for key in fields_of(PublishedAppraisalRecord) if key != "domains")
"""What a judgement of others in the column `appraisals` is made of, likewise; those of domains are left out."""
APPRAISAL_PARTS = ("instrument", "overall", "risk_of_bias", "appraised_on", "appraisers")
"""What an appraisal in the column `own_appraisals` is made of, likewise."""

NONE = "none"
"""Stands for the role of an intervention of which nobody has said it yet, and for what a finding is about that tests no
intervention; one that speaks of all of them has an empty cell."""

BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel reads the file in the local code page and garbles every accent."""

_PARTS: Mapping[type[Record], tuple[str, ...]] = {
    FindingRecord: FINDING_PARTS,
    CostRecord: COST_PARTS,
    PublishedAppraisalRecord: PUBLISHED_APPRAISAL_PARTS,
    AppraisalRecord: APPRAISAL_PARTS,
}
_STARTS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_SEPARATORS = str.maketrans("|;", "/,")


def write(records: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield the header and one line for each record, as RFC 4180 has it: CRLF, quotes doubled."""
    yield BYTE_ORDER_MARK + format_line(COLUMNS)
    for record in records:
        yield format_line([record_cell(record, column) for column in COLUMNS])


def write_table(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of any table, its header first."""
    yield BYTE_ORDER_MARK
    yield from map(format_line, rows)


def format_line(cells: Iterable[str]) -> str:
    """Return one line of a table. Cells that a spreadsheet would run are escaped."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([escape_formula(cell) for cell in cells])
    return line.getvalue()


def escape_formula(text: str) -> str:
    """Prefix `text` with an apostrophe if a spreadsheet would run it as a formula (OWASP: CSV injection).

    A negative number runs nothing and stays a number.
    """
    return f"'{text}" if starts_a_formula(text) and not _is_number(text) else text


def starts_a_formula(text: str) -> bool:
    """Return True if a spreadsheet would take `text` for a formula."""
    if not text or text[0].isalnum():  # nearly all
        return False
    return text.lstrip(" ").startswith(_STARTS_A_FORMULA)


def record_cell(record: Record, column: str) -> str:
    """Return a field of a record, named by its key, as the text of a cell: codes as codes, lists joined by "; "."""
    value = getattr(record, fields_of(type(record))[column].attribute)
    if column == "url" and isinstance(record, StudyRecord):
        return record.reading_address
    if value == () and column == "about" and isinstance(record, FindingRecord):
        return NONE
    return format_cell(value)


def format_cell(value: object) -> str:
    """Format one value as the text of a cell: booleans as yes or no, whole numbers without a point, None as ""."""
    if value is None:
        return ""
    if type(value) is str:  # nearly all
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, tuple):
        return "; ".join(_entry(entry) for entry in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {entry}" for key, entry in value.items())
    return str(value)


def author_name(author: AuthorRecord) -> str:
    """Return an institution as it is, a person as "Family, Given"."""
    return author.literal or ", ".join(part for part in (format_family_name(author), author.given) if part)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", text) is not None


def _entry(entry: object) -> str:
    if isinstance(entry, AuthorRecord):
        return author_name(entry)
    if isinstance(entry, InterventionRecord):
        return f"{entry.code} ({entry.role or NONE})"
    if isinstance(entry, SourceRecord):
        return entry.url
    if isinstance(entry, Record):
        return "|".join(_part(entry, part) for part in _PARTS[type(entry)])
    return str(entry)


def _part(entry: Record, part: str) -> str:
    """Return a part of an entry without the signs that separate parts and entries; codes in it by commas."""
    value = getattr(entry, part)
    if value is None:
        return ""
    text = ",".join(value) if isinstance(value, tuple) and value else record_cell(entry, part)
    return text.translate(_SEPARATORS) if "|" in text or ";" in text else text
