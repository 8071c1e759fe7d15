"""Web of Science's plain text: a tag of two letters and a value a line, PT to ER. Its table is read as a table.

Source: Clarivate, "Web of Science Core Collection field tags", December 2026.
"""

from __future__ import annotations

import re

from studies.imports.formats import tagged
from studies.imports.formats.base import (
    ImportFormat,
    ParsedReference,
    SplitFile,
    collect_references,
    with_decoding,
    with_encoding,
)
from studies.imports.formats.errors import RowInvalid
from studies.imports.formats.field_values import join_pages, read_language
from studies.imports.formats.mending import make_reference
from studies.imports.formats.people import read_people
from studies.imports.formats.tagged import first_value

_START = re.compile(r"PT [A-Z]")
_END = re.compile(r"ER\s*$")
_LINE = re.compile(r"([A-Z][A-Z0-9])(?: (.*)|$)")
_MARK = re.compile(
    r"\AFN .+\n(?:VR .*\n)?"
    r"|^PT [JBSP][ \t]*\n(?:(?!PT )[A-Z][A-Z0-9] .{0,2000}\n(?:   .{0,2000}\n){0,200}){0,60}?(?:TI|SO) ",
    re.MULTILINE,
)
_ONE_A_LINE = frozenset(("AU", "AF", "BA", "BE", "BF", "CA", "ED", "GP"))


def split(text: str) -> SplitFile:
    """Split the text before each PT and after each ER."""
    return SplitFile(collect_references(tagged.split_before(text, _START, _END)))


def read(raw: str, head: str = "") -> ParsedReference:
    """Read one reference. Raises RowInvalid."""
    values = tagged.values_by_tag(raw, _LINE, _ONE_A_LINE)
    if not any(tag in values for tag in ("TI", "AU", "SO")):
        raise RowInvalid("", "No tiene ninguna etiqueta conocida de Web of Science.")
    kind = _type(values)
    spoken, notes = read_language(first_value(values, "LA"))
    people = next((values[tag] for tag in ("AF", "AU", "BF", "BA") if values.get(tag)), [])
    groups = [{"literal": name} for name in map(str.strip, values["CA"] + values["GP"]) if name]
    fields = {
        "title": first_value(values, "TI") or (first_value(values, "SO") if kind == "book" else ""),
        "language": spoken,
        "authors": [*read_people(people), *groups],
        "year": first_value(values, "PY", "EY", "PD", "EA"),
        "type": kind,
        "container_title": first_value(values, "SO", "SE", "BS", "JI"),
        "volume": first_value(values, "VL"),
        "issue": first_value(values, "IS"),
        "pages": join_pages(first_value(values, "BP"), first_value(values, "EP")),
        "publisher": "" if kind == "article-journal" else first_value(values, "PU"),
        "number": first_value(values, "AR"),
        "place": "" if kind == "article-journal" else first_value(values, "PI"),
        "conference": first_value(values, "CT"),
        "editors": read_people(values["BE"] or values["ED"]),
        "numbers": [*values["SN"], *values["EI"], *values["BN"]],
        "pmid": first_value(values, "PM"),
        "date": f"{first_value(values, 'PD')} {first_value(values, 'PY')}",
        "doi": first_value(values, "DI", "D2"),
        "url": values["UR"],
    }
    keywords = [word for tag in ("DE", "ID") for word in first_value(values, tag).split(";")]
    return make_reference(fields, keywords, first_value(values, "AB"), notes)


def _type(values: tagged.Tags) -> str | None:
    kind, document = first_value(values, "PT"), first_value(values, "DT").lower()
    if kind == "J":
        return "article-journal"
    if kind in ("B", "S"):
        is_part = "chapter" in document or "proceedings" in document or kind == "S"
        return "chapter" if is_part or first_value(values, "TI") != first_value(values, "SO") else "book"
    return None


FORMAT = ImportFormat(
    code="wos",
    label="Web of Science",
    extensions=("txt", "ciw", "isi"),
    media_type="text/plain",
    position=6,
    recognises=lambda head: _MARK.search(head.text) is not None,
    split=with_decoding(split),
    read=read,
    join=with_encoding(tagged.join),
)
