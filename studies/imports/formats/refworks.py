"""RefWorks' tagged format: a tag of two letters and a value a line, RT first.

Source: RefWorks, "Tagged format", and Zotero's translator of it, December 2026.
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
from studies.imports.formats.field_values import join_pages, read_language
from studies.imports.formats.mending import make_reference
from studies.imports.formats.people import read_people
from studies.imports.formats.tagged import first_value

_START = re.compile(r"RT (?:[A-Z][A-Za-z]+|\d)")
_LINE = re.compile(r"([A-Z][A-Z0-9])(?: (.*)|$)")
_MARK = re.compile(r"^RT [A-Z][A-Za-z]+.*\n(?:[A-Z][A-Z0-9](?: .*)?\n){0,8}?(?:A1|T1) ", re.MULTILINE)
_TYPES = (
    ("journal", "article-journal"),
    ("book, section", "chapter"),
    ("book, whole", "book"),
    ("conference", "chapter"),
    ("dissertation", "thesis"),
    ("report", "report"),
    ("web page", "webpage"),
    ("unpublished", "article"),
    ("newspaper", "article-journal"),
    ("magazine", "article-journal"),
)


def split(text: str) -> SplitFile:
    """Split the text before each RT."""
    return SplitFile(collect_references(tagged.split_before(text, _START)))


def read(raw: str, head: str = "") -> ParsedReference:
    """Read one reference."""
    values = tagged.values_by_tag(raw, _LINE)
    named = first_value(values, "RT").lower()
    kind = next((ours for theirs, ours in _TYPES if named.startswith(theirs)), None)
    spoken, notes = read_language(first_value(values, "LA"))
    fields = {
        "title": first_value(values, "T1", "OT"),
        "language": spoken,
        "authors": read_people(values["A1"] or (values["A2"] if kind == "book" else [])),
        "year": first_value(values, "YR", "FD"),
        "type": kind,
        "container_title": first_value(values, "JF", "JO", "T2", "T3"),
        "volume": first_value(values, "VO"),
        "issue": first_value(values, "IS"),
        "pages": join_pages(first_value(values, "SP"), first_value(values, "OP")),
        "publisher": "" if kind == "article-journal" else first_value(values, "PB"),
        "place": "" if kind == "article-journal" else first_value(values, "PP"),
        "edition": first_value(values, "ED"),
        "editors": read_people(values["A2"]) if kind in ("book", "chapter") else [],
        "numbers": values["SN"],
        "date": first_value(values, "FD"),
        "doi": first_value(values, "DO"),
        "url": [*values["UL"], *values["LK"]],
    }
    keywords = [word for line in values["K1"] for word in line.split(";")]
    return make_reference(fields, keywords, first_value(values, "AB"), notes)


FORMAT = ImportFormat(
    code="refworks",
    label="RefWorks",
    extensions=("txt",),
    media_type="text/plain",
    position=7,
    recognises=lambda head: _MARK.search(head.text) is not None,
    split=with_decoding(split),
    read=read,
    join=with_encoding(tagged.join),
)
