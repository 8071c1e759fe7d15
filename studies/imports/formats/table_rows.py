"""Reads tables of references, the bank's own and those of others: finds the header, matches columns, reads rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from studies.exports.tabular import FINDING_PARTS, NONE
from studies.imports.formats.base import Json, ParsedReference
from studies.imports.formats.columns import COLUMNS, COST_PARTS, JUDGEMENT_PARTS
from studies.imports.formats.errors import FileUnreadable, RowInvalid
from studies.imports.formats.field_values import join_pages, read_language
from studies.imports.formats.mending import make_reference
from studies.imports.formats.other_columns import FIRST_PAGE, LAST_PAGE, NAMES
from studies.imports.formats.people import read_people
from studies.imports.formats.plain_text import known_text, plain_text
from studies.imports.formats.standard_numbers import find_isbns, find_issns, read_day, read_month
from studies.records.finding import FindingRecord
from studies.records.json_record import Record, fields_of
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import PEOPLE, CostRecord
from studies.text.bibliographic_ids import normalize_pmid
from studies.text.normalize import fold_text

LAST_HEADER = 20
"""A header stands in one of so many rows: some programs put a title, a date or empty rows above it."""
_OUR_NAMES = {column.code: (column.code.replace("_", " "), column.label, *column.names) for column in COLUMNS}


def _names_of(code: str) -> list[str]:
    others = NAMES.get(code, ())
    return [*(name for name in map(fold_text, _OUR_NAMES.get(code, ())) if name not in others), *others]


_ORDER: Mapping[str, tuple[str, int]] = {
    name: (code, order) for code in (*_OUR_NAMES, FIRST_PAGE, LAST_PAGE) for order, name in enumerate(_names_of(code))
}
"""The code of each name of a column, and its place among the names of that code: of two columns the first counts."""
_ALL_COLUMNS = frozenset({"keywords", "issn", "isbn"})
"""What several columns can say at once, as of a journal on paper and on line."""
_LISTS = {column.code for column in COLUMNS if column.is_list}
_IGNORED = frozenset({"", "id", "identificador"})
_YES_OR_NO = {"yes": True, "si": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_FREE = re.compile(r"\b(?:open access|gold|green|bronze|hybrid|diamond)\b")
_CLOSED = re.compile(r"\b(?:closed|subscription)\b")
_LONGEST_NAME = 100
_AROUND_NAMES = " :*'\""
_SOURCE_OF_EMBASE = re.compile(
    r"(?P<container_title>.{2,200}?) \((?P<year>\d{4})\) (?P<volume>[^\s:()]{1,20})(?::(?P<issue>[^()]{1,30}?))?"
    r"(?: \((?P<pages>[^()]{1,40})\)|\.)"
)
"""Such as "Cuadernos (2019) 7:2 (11-19). Date of Publication: 3 May 2019"."""
_FORMULA = re.compile(r"=\s*\S")
_QUOTED_IN_FORMULA = re.compile(r'"(https?://[^"]+|10\.\d{4,9}/[^"]+)"')

_JOINED: Mapping[str, tuple[Sequence[str], type[Record]]] = {
    "findings": (FINDING_PARTS, FindingRecord),
    "costs": (COST_PARTS, CostRecord),
    "appraisals": (JUDGEMENT_PARTS, PublishedAppraisalRecord),
}
"""The columns whose cells hold rows of the record."""


def _code(name: str) -> tuple[str, int]:
    """Return the code of a header's cell and its place among the names of that code; "" for an unknown one."""
    plain = fold_text(re.sub(r"[_.]", " ", name[:_LONGEST_NAME]).strip(_AROUND_NAMES))
    return _ORDER.get(plain, ("", 0))


def find_header(rows: Iterable[Sequence[str]]) -> int | None:
    """Return the place of the first row that names a title and one more column, or a title alone in the first row."""
    for place, row in enumerate(rows):
        known = {_code(cell)[0] for cell in row}
        if "title" in known and (place == 0 or len(known - {"", "title"})):
            return place
    return None


# Every row of a file asks for the same header.
@lru_cache(maxsize=8)
def match_columns(header: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the code of each cell of a header, "" for an unknown one, and notes on those.

    Raises FileUnreadable for a header without title.
    """
    found = tuple(_code(cell)[0] for cell in header)
    if "title" not in found:
        raise FileUnreadable(
            "Su primera fila no nombra la columna del título («title» o «título»): use la plantilla o sus nombres."
        )
    unknown = [
        cell.strip()[:40]
        for cell, code in zip(header, found, strict=True)
        if not code and fold_text(cell) not in _IGNORED
    ]
    return found, ((f"Columnas que no se leen: {', '.join(unknown[:20])}.",) if unknown else ())


def read_cells(header: Sequence[str], cells: Sequence[str]) -> ParsedReference:
    """Read one row of a table. Raises RowInvalid."""
    if any(cell.strip() for cell in cells[len(header) :]):
        raise RowInvalid("", "Tiene más celdas que columnas: puede faltar una comilla.")
    notes: list[str] = []
    values = _values(tuple(header), cells, notes)
    fields: Json = {code: plain_text(value) for code, value in values.items() if code not in _READERS}
    fields |= {code: _split_list(value) for code, value in values.items() if code in _LISTS}
    fields |= {code: read(values[code]) for code, read in _READERS.items() if code in values}
    for code in PEOPLE:
        fields[code] = read_people([values.get(code, "")])
    for code, find in (("issn", find_issns), ("isbn", find_isbns)):
        fields[code] = find([values.get(code, "")])
    fields["pmid"] = normalize_pmid(values.get("pmid", ""))
    fields["sources"] = [{"url": url, "supports": []} for url in fields.get("sources", ())]
    for code, (parts, record) in _JOINED.items():
        fields[code] = [_joined(text, parts, record, code) for text in fields.get(code, ())]
    fields["interventions"] = [_intervention(text) for text in fields.get("interventions", ())]
    fields["pages"] = fields.get("pages") or join_pages(fields.pop(FIRST_PAGE, ""), fields.pop(LAST_PAGE, ""))
    if "volume" in values and "issue" not in values and "number" in values:
        # Google Scholar and BibTeX call the issue of a journal its number.
        fields["issue"] = fields.pop("number")
    if place := _SOURCE_OF_EMBASE.match(fields.get("container_title", "")):
        fields |= {name: part for name, part in place.groupdict().items() if part and not values.get(name)}
        fields["container_title"] = place["container_title"]
    language, _unknown = read_language(values.get("language"))
    fields["language"] = language or fields.get("language")
    fields.pop("keywords", None)
    return make_reference(
        {code: value for code, value in fields.items() if code not in (FIRST_PAGE, LAST_PAGE)},
        _split_keywords(values.get("keywords", "")),
        values.get("abstract", ""),
        notes,
    )


def _values(header: tuple[str, ...], cells: Sequence[str], notes: list[str]) -> dict[str, str]:
    """Return the cell of each code: of several columns the preferred one that says something; all of _ALL_COLUMNS."""
    codes, _notes = match_columns(header)
    filled: dict[str, list[tuple[int, str]]] = {}
    for name, code, cell in zip(header, codes, cells, strict=False):
        if code:
            value = _read_formula(cell, name, notes) if _FORMULA.match(cell) else _without_formula_guard(cell)
            filled.setdefault(code, []).append((_code(name)[1], value))
    values = {}
    for code, found in filled.items():
        told = [value for _order, value in sorted(found, key=lambda each: each[0]) if known_text(value)]
        values[code] = "; ".join(told) if code in _ALL_COLUMNS else (told or [""])[0]
    return values


def _read_formula(cell: str, name: str, notes: list[str]) -> str:
    """Return the address or DOI that a formula holds, as HYPERLINK does; no formula is run."""
    if found := _QUOTED_IN_FORMULA.search(cell):
        return found[1]
    notes.append(f"La celda de «{name.strip()[:40]}» es una fórmula y no se tomó: péguela como valor.")
    return ""


def _without_formula_guard(cell: str) -> str:
    """Remove the apostrophe by which our own exports keep a spreadsheet from running a cell."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip().startswith(tuple("=+-@＝＋－＠")) else cell


def _split_list(cell: str) -> list[str]:
    if listed := re.fullmatch(r"\s*\[(['\"].*['\"])\]\s*", cell, re.DOTALL):
        cell = ";".join(re.split(r"['\"]\s*,\s*['\"]", listed[1].strip("'\"")))
    return list(dict.fromkeys(filter(None, (known_text(part) for part in re.split(r"[;\n]", cell)))))


def _split_keywords(cell: str) -> list[str]:
    """Split keywords at semicolons, and at commas or bars where there is none."""
    found = _split_list(cell)
    return _split_list(re.sub(r"[,|]", ";", found[0])) if len(found) == 1 else found


def _read_yes_or_no(cell: str, column: str = "open_access") -> bool | None:
    written = fold_text(cell)
    if not known_text(cell):
        return None
    if written not in _YES_OR_NO:
        raise RowInvalid(column, f"«{cell[:40]}» no es sí ni no.")
    return _YES_OR_NO[written]


def _read_open_access(cell: str) -> bool | str | None:
    """Read yes or no, or a kind of open access. What is neither stays as it is written, and is refused later."""
    written = fold_text(cell)
    if written in _YES_OR_NO or not known_text(cell):
        return _YES_OR_NO.get(written)
    return True if _FREE.search(written) else False if _CLOSED.search(written) else cell[:100]


def _read_size(cell: str) -> int | str | None:
    """Read a whole number. What is none stays as it is written, and is refused later."""
    written = re.sub(r"(?<=\d)[\s.,\u202f\u00a0](?=\d{3}\b)", "", known_text(cell))
    return int(written) if re.fullmatch(r"\d{1,15}", written) else written[:100] or None


def _joined(text: str, names: Sequence[str], record: type[Record], column: str) -> dict[str, Any]:
    """Read the parts of a row of the record that one cell holds. Raises RowInvalid."""
    parts = [part.strip() for part in text.split("|")]
    if len(parts) > len(names) or len(parts) < 2:
        raise RowInvalid(column, f"«{text[:60]}» no tiene las partes que dice el diccionario.")
    known = fields_of(record)
    found: dict[str, Any] = {}
    for name, part in zip(names, parts, strict=False):
        if not part:
            continue
        if known[name].is_list:
            # A list that says that there is none is written as NONE: an empty part is not known.
            found[name] = [] if fold_text(part) == NONE else [code.strip() for code in part.split(",") if code.strip()]
        elif known[name].type is bool:
            found[name] = _read_yes_or_no(part, column)
        elif known[name].type in (int, float):
            found[name] = _number(part, column, whole=known[name].type is int)
        else:
            found[name] = part
    return found


def _number(written: str, column: str, *, whole: bool) -> int | float:
    try:
        number = float(written.replace(",", "."))
    except ValueError as error:
        raise RowInvalid(column, f"«{written[:40]}» no es un número.") from error
    return int(number) if whole and number.is_integer() else number


def _intervention(text: str) -> dict[str, str]:
    """Read `code (role)`, both also by their names. Without parentheses, with () or (none), it has no role."""
    found = re.fullmatch(r"(.*\S)\s*\(([^()]*)\)", text)
    if found is None:
        return {"code": text}
    role = found[2].strip()
    return {"code": found[1]} if fold_text(role) in ("", NONE) else {"code": found[1], "role": role}


_READERS: Mapping[str, Any] = {
    "open_access": _read_open_access,
    "sample_size": _read_size,
    "month": read_month,
    "day": read_day,
    "abstract": lambda cell: None,
}
