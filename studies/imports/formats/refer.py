"""Refer, which EndNote writes as .enw: a percent sign, a letter and a value a line, an empty line between references.

Source: EndNote's "EndNote Import" format, and the manual page refer(1), December 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from studies.imports.formats import tagged
from studies.imports.formats.base import (
    ImportFormat,
    ParsedReference,
    RawReference,
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

_LINE = re.compile(r"%([0-9A-Z@!~+*?<>^&()#$\[\]{}|;:=-])(?: +(.*)|$)")
_MARK = re.compile(r"^%(?:0 [A-Z]|[AT] \S.*\n(?:%\S .*\n){0,5}?%[ATDJIK] )", re.MULTILINE)
_ONE_A_LINE = frozenset("AK")
_TYPES = {
    **dict.fromkeys(
        ("journal article", "electronic article", "magazine article", "newspaper article"), "article-journal"
    ),
    **dict.fromkeys(("book section", "conference proceedings", "electronic book section"), "chapter"),
    **dict.fromkeys(("book", "edited book", "electronic book"), "book"),
    **dict.fromkeys(("report", "government document"), "report"),
    **dict.fromkeys(("conference paper", "unpublished work", "manuscript", "preprint"), "article"),
    "thesis": "thesis",
    **dict.fromkeys(("web page", "blog", "online database"), "webpage"),
}


def split(text: str) -> SplitFile:
    """Split the text before each %0, and at empty lines where a reference has none."""
    return SplitFile(collect_references(_split_references(text)))


def _split_references(text: str) -> Iterator[RawReference]:
    held: list[str] = []
    begun = 0
    is_after_gap = False
    for number, line in enumerate(text.split("\n"), start=1):
        tag = _LINE.match(line)
        # An empty line may also stand inside an abstract, behind which no new type, author or title begins.
        if held and tag and (tag[1] == "0" or (is_after_gap and tag[1] in "AT" and _has(held, tag[1]))):
            yield RawReference(begun, "\n".join(held).rstrip())
            held = []
        if held or tag:
            begun = begun if held else number
            held.append(line.rstrip())
        is_after_gap = not line.strip()
    if held:
        yield RawReference(begun, "\n".join(held).rstrip())


def _has(lines: list[str], tag: str) -> bool:
    return any(line.startswith(f"%{tag}") for line in lines)


def read(raw: str, head: str = "") -> ParsedReference:
    """Read one reference. Raises RowInvalid."""
    values = tagged.values_by_tag(raw, _LINE, _ONE_A_LINE)
    if not values:
        raise RowInvalid("", "No tiene ninguna etiqueta (%T, %A …).")
    kind = _TYPES.get(first_value(values, "0").lower()) or ("article-journal" if values.get("J") else None)
    spoken, notes = read_language(first_value(values, "G"))
    fields = {
        "title": first_value(values, "T", "!"),
        "language": spoken,
        "authors": read_people(values["A"] or values["Q"] or (values["E"] if kind == "book" else [])),
        "year": first_value(values, "D", "8"),
        "type": kind,
        "container_title": first_value(values, "J", "B", "S"),
        "volume": first_value(values, "V"),
        "issue": first_value(values, "N"),
        "pages": join_pages(first_value(values, "P")),
        "publisher": "" if kind == "article-journal" else first_value(values, "I"),
        "place": first_value(values, "C"),
        "editors": read_people(values["E"]),
        "numbers": values["@"],
        "date": first_value(values, "8"),
        "doi": next((value for value in values["R"] if "10." in value), ""),
        "url": values["U"],
    }
    keywords = [word for line in values["K"] for word in line.split(";")]
    return make_reference(fields, keywords, first_value(values, "X"), notes)


FORMAT = ImportFormat(
    code="refer",
    label="EndNote Refer",
    extensions=("enw", "refer"),
    media_type="application/x-endnote-refer",
    position=8,
    recognises=lambda head: _MARK.search(head.text) is not None,
    split=with_decoding(split),
    read=read,
    join=with_encoding(tagged.join),
)
