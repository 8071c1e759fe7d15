"""RIS, read by rispy one reference at a time, so that a broken one spoils no other.

Sources: refman.com (RIS format specification), Zotero's RIS translator, November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import rispy

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
from studies.imports.formats.field_values import (
    first_text,
    join_pages,
    make_reference,
    plain_text,
    read_addresses,
    read_doi,
    read_language,
    read_people,
    read_year,
)

_START = re.compile(r"^[ \t]{0,3}TY {1,2}- ?", re.MULTILINE)
# Some programs indent tags, or write one space where RIS has two.
_TAG = re.compile(r"[ \t]{0,3}([A-Z][A-Z0-9]) {1,2}-(?: (.*)|)$")
_TYPES = {
    **dict.fromkeys(("JOUR", "EJOUR", "MGZN", "NEWS", "INPR", "ABST", "JFULL"), "article-journal"),
    **dict.fromkeys(("RPRT", "GOVDOC", "PAMP", "STAND", "LEGAL"), "report"),
    **dict.fromkeys(("UNPB", "CPAPER", "UNPD"), "article"),
    **dict.fromkeys(("CHAP", "ECHAP", "CONF"), "chapter"),
    **dict.fromkeys(("BOOK", "EBOOK", "EDBOOK", "SER"), "book"),
    "THES": "thesis",
    **dict.fromkeys(("ELEC", "BLOG", "WEB", "ICOMM"), "webpage"),
}
_WORKING_PAPER = re.compile(r"working paper|documento de trabajo|preprint|discussion paper", re.IGNORECASE)
_ISSN_OR_ISBN = re.compile(r"\d{4}-\d{3}[\dxX](?:\b.*)?|(?:97[89][- ]?)?(?:\d[- ]?){9}[\dxX](?:\b.*)?")
NO_END = "Le falta su línea final (ER): puede estar cortada."


def split(text: str) -> SplitFile:
    """Split the text before each TY and after each ER. Between references, lines without a tag are skipped."""
    return SplitFile(collect_references(_split_references(text)))


def _split_references(text: str) -> Iterator[RawReference]:
    held: list[str] = []
    begun = 0
    for number, line in enumerate(text.split("\n"), start=1):
        tag = _TAG.match(line)
        if tag and tag[1] == "TY" and held:
            yield _raw_reference(begun, held)
            held = []
        if not held and tag and tag[1] != "ER":
            begun = number
        if held or (tag and tag[1] != "ER"):
            held.append(line.rstrip())
        if tag and tag[1] == "ER" and held:
            yield _raw_reference(begun, held)
            held = []
    if held:
        yield _raw_reference(begun, held)


def _raw_reference(row: int, lines: list[str]) -> RawReference:
    raw = "\n".join(lines).rstrip()
    return RawReference(row, raw, "" if _START.match(raw) else "No empieza con su tipo (TY).")


def read(raw: str, head: str = "") -> ParsedReference:
    """Read one reference. Raises RowInvalid."""
    lines = [f"{tag[1]}  - {tag[2] or ''}" if (tag := _TAG.match(line)) else line for line in raw.split("\n")]
    is_whole = lines[-1].startswith("ER  -")
    try:
        (found,) = rispy.loads("\n".join([*lines, *([] if is_whole else ["ER  - "])]), delimiter_tags_mapping={})
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RowInvalid("", "No se pudo leer: revise sus etiquetas.") from error
    kind = _type(found)
    authors = read_people([*found.get("authors", []), *found.get("first_authors", [])])
    spoken, notes = read_language(found.get("language"))
    address, resolved = read_addresses(found.get("urls", []))
    fields = {
        "title": first_text(found, "title", "primary_title", "short_title"),
        "language": spoken,
        "authors": authors or read_people(found.get("secondary_authors", []) if kind in ("book", None) else []),
        "year": read_year(first_text(found, "year", "publication_year", "date")),
        "type": kind,
        "container_title": first_text(
            found, "secondary_title", "journal_name", "alternate_title3", "alternate_title2", "alternate_title1"
        ),
        "volume": first_text(found, "volume") if kind in ("article-journal", "chapter", None) else "",
        "issue": first_text(found, "number"),
        "pages": join_pages(found.get("start_page"), found.get("end_page")),
        "publisher": first_text(found, "publisher"),
        "number": _number(kind, found),
        "doi": read_doi(found.get("doi")) or resolved,
        "url": address,
    }
    abstract = first_text(found, "abstract", "notes_abstract")
    return make_reference(fields, _keywords(found), abstract, (*notes, *(() if is_whole else (NO_END,))))


def _type(found: dict[str, object]) -> str | None:
    kind = _TYPES.get(plain_text(found.get("type_of_reference")).upper())
    if kind in ("report", None) and _WORKING_PAPER.search(plain_text(found.get("type_of_work"))):
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
    recognises=lambda head: _START.search(head.text) is not None,
    split=with_decoding(split),
    read=read,
    join=with_encoding(join),
)
