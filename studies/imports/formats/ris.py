"""RIS, read by rispy one reference at a time, so that a broken one spoils no other.

Sources: refman.com (RIS format specification), Zotero's RIS translator, November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import rispy

from studies.imports.formats.base import (
    FileHead,
    ImportFormat,
    ParsedReference,
    RawReference,
    SplitFile,
    collect_references,
    with_decoding,
    with_encoding,
)
from studies.imports.formats.errors import RowInvalid
from studies.imports.formats.field_values import WORKING_PAPER, join_pages, read_language
from studies.imports.formats.mending import make_reference
from studies.imports.formats.people import read_people
from studies.imports.formats.plain_text import first_text, plain_text

_START = re.compile(r"^[ \t]{0,3}TY[ \t]{1,3}-", re.MULTILINE)
_WITHOUT_TYPE = re.compile(r"\A(?:[A-Z][A-Z0-9]  - .*\n+){1,200}?(?:TI|T1)  - ", re.MULTILINE)
# Some programs indent tags, or write one space or a tab where RIS has two.
_TAG = re.compile(r"[ \t]{0,3}([A-Z][A-Z0-9])[ \t]{1,3}-[ \t]?(.*)$")
_OF_REFERENCES = frozenset(("TY", "TI", "T1", "AU", "A1", "DO"))
"""A group of lines without a type is a reference if it has one of these; Ovid writes a line of its own behind ER."""
_TYPES = {
    **dict.fromkeys(("JOUR", "EJOUR", "MGZN", "NEWS", "INPR", "ABST", "JFULL"), "article-journal"),
    **dict.fromkeys(("RPRT", "GOVDOC", "PAMP", "STAND", "LEGAL"), "report"),
    **dict.fromkeys(("UNPB", "CPAPER", "UNPD"), "article"),
    **dict.fromkeys(("CHAP", "ECHAP", "CONF"), "chapter"),
    **dict.fromkeys(("BOOK", "EBOOK", "EDBOOK", "SER"), "book"),
    "THES": "thesis",
    **dict.fromkeys(("ELEC", "BLOG", "WEB", "ICOMM"), "webpage"),
}
_EDITORS = {"chapter": "secondary_authors", "book": "tertiary_authors"}
"""Where RIS has the editors of a work: A2 of a part, A3 of a book, whose A2 are those of the series."""
_ISSN_OR_ISBN = re.compile(r"\d{4}-\d{3}[\dxX](?:\b.*)?|(?:97[89][- ]?)?(?:\d[- ]?){9}[\dxX](?:\b.*)?")
NO_END = "Le falta su línea final (ER): puede estar cortada."
_NO_TYPE = "Le falta su tipo (TY): elíjalo en el registro."


def recognises(head: FileHead) -> bool:
    """Whether the file has a line of a type, or begins with lines of a reference that lost it."""
    return bool(_START.search(head.text) or _WITHOUT_TYPE.match(head.text))


def split(text: str) -> SplitFile:
    """Split the text before each TY and after each ER. Between references, lines without a tag are skipped."""
    return SplitFile(collect_references(_split_references(text)))


def _split_references(text: str) -> Iterator[RawReference]:
    held: list[str] = []
    tags: set[str] = set()
    begun = 0
    for number, line in enumerate(text.split("\n"), start=1):
        found = _TAG.match(line)
        tag = found[1] if found else ""
        if tag == "TY" and held:
            yield from _raw_reference(begun, held, tags)
            held, tags = [], set()
        if not held and (tag in ("", "ER")):
            continue
        begun = begun if held else number
        held.append(line.rstrip())
        tags.add(tag)
        if tag == "ER":
            yield from _raw_reference(begun, held, tags)
            held, tags = [], set()
    yield from _raw_reference(begun, held, tags)


def _raw_reference(row: int, lines: list[str], tags: set[str]) -> Iterator[RawReference]:
    if tags & _OF_REFERENCES:
        yield RawReference(row, "\n".join(lines).rstrip())


def read(raw: str, head: str = "") -> ParsedReference:
    """Read one reference. Raises RowInvalid."""
    lines = [f"{tag[1]}  - {tag[2] or ''}" if (tag := _TAG.match(line)) else line for line in raw.split("\n")]
    is_whole = lines[-1].startswith("ER  -")
    has_type = lines[0].startswith("TY  -")
    marked = [*([] if has_type else ["TY  - "]), *lines, *([] if is_whole else ["ER  - "])]
    try:
        (found,) = rispy.loads("\n".join(marked), delimiter_tags_mapping={})
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RowInvalid("", "No se pudo leer: revise sus etiquetas.") from error
    kind = _type(found)
    authors = read_people([*found.get("first_authors", []), *found.get("authors", [])])
    spoken, notes = read_language(found.get("language"))
    fields = {
        "title": _title(kind, found),
        "language": spoken,
        "authors": authors or read_people(found.get("secondary_authors", []) if kind in ("book", None) else []),
        "year": first_text(found, "year", "publication_year", "date"),
        "type": kind,
        "container_title": first_text(
            found, "secondary_title", "journal_name", "alternate_title3", "alternate_title2", "alternate_title1"
        ),
        "volume": first_text(found, "volume"),
        "issue": first_text(found, "number"),
        "pages": join_pages(found.get("start_page"), found.get("end_page")),
        "publisher": first_text(found, "publisher"),
        "place": first_text(found, "place_published"),
        "edition": first_text(found, "edition") if kind not in ("article-journal", "article") else "",
        "editors": read_people(found.get(_EDITORS.get(kind or "", ""), [])),
        "translators": read_people(found.get("subsidiary_authors", [])),
        # Of several lines rispy keeps the first.
        "numbers": [line[6:] for line in lines if line.startswith("SN  - ")],
        "date": first_text(found, "date", "publication_year", "year"),
        "number": _number(kind, found),
        "doi": found.get("doi"),
        "url": found.get("urls", []),
    }
    abstract = first_text(found, "abstract", "notes_abstract")
    told = (*notes, "" if has_type else _NO_TYPE, "" if is_whole else NO_END)
    return make_reference(fields, _keywords(found), abstract, told)


def _title(kind: str | None, found: dict[str, Any]) -> str:
    """Return the title; of a book some programs write it where others have that of its series."""
    if title := first_text(found, "title", "primary_title", "short_title", "translated_title"):
        return title
    others = found.get("unknown_tag", {})
    if title := first_text(others, "BT", "CT"):
        return title
    return first_text(found, "secondary_title", "tertiary_title") if kind in ("book", "thesis", "report") else ""


def _type(found: dict[str, object]) -> str | None:
    kind = _TYPES.get(plain_text(found.get("type_of_reference")).upper())
    if kind in ("report", None) and WORKING_PAPER.search(plain_text(found.get("type_of_work"))):
        return "article"
    return kind


def _number(kind: str | None, found: dict[str, object]) -> str:
    """Return the number in the series; empty where a program put an ISSN or ISBN in its place."""
    if kind == "article-journal":
        return first_text(found, "custom7")
    number = first_text(found, "issn") if kind in ("report", "article") else ""
    return (
        "" if _ISSN_OR_ISBN.fullmatch(number) else number or first_text(found, "note") * (kind in ("book", "webpage"))
    )


def _keywords(found: dict[str, object]) -> list[str]:
    """Return the keywords: one a line, or several separated by semicolons."""
    lines = found.get("keywords")
    return [word for line in (lines if isinstance(lines, list) else []) for word in str(line).split(";")]


def join(raws: list[str], head: str = "") -> str:
    """Write references back as a file."""
    return "\n\n".join(raw if raw.endswith("ER  -") else f"{raw}\nER  - " for raw in raws) + "\n"


FORMAT = ImportFormat(
    code="ris",
    label="RIS",
    extensions=("ris",),
    media_type="application/x-research-info-systems",
    position=1,
    recognises=recognises,
    split=with_decoding(split),
    read=read,
    join=with_encoding(join),
)
