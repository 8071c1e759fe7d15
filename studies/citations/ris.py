"""RIS, as Zotero, Mendeley and EndNote read it. No type becomes GEN, which is read back as a journal article.

Sources: refman.com (RIS format specification), Zotero's RIS translator, November 2026.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from studies.citations.names import format_family_name
from studies.citations.reference import Reference
from studies.records.study import AuthorRecord

TYPES = {
    "article-journal": "JOUR",
    "report": "RPRT",
    "article": "RPRT",
    "chapter": "CHAP",
    "book": "BOOK",
    "thesis": "THES",
    "webpage": "ELEC",
}
WORKING_PAPER = "Working paper"
_EDITOR_TAG = {"BOOK": "A3"}
"""Zotero and EndNote read the editors of a book there, of a part in A2, which of a book are those of its series."""
# RIS has no field for the number of a report or an article: these tags mean something else in other types.
_NUMBER_TAG = {"RPRT": "SN", "JOUR": "C7"}


def write(references: Iterable[Reference]) -> Iterator[str]:
    """Yield one record a reference, with an empty line behind it and the CRLF line ends that the format demands."""
    for reference in references:
        yield "".join(f"{tag}  - {value}\r\n" for tag, value in _lines(reference)) + "\r\n"


def _lines(reference: Reference) -> Iterator[tuple[str, str]]:
    kind = TYPES.get(reference.type, "RPRT")
    yield "TY", kind
    single = {
        "TI": reference.title,
        "PY": f"{reference.year:04}" if reference.year is not None else "",
        "DA": reference.iso_date.replace("-", "/") if reference.month is not None else "",
        "T2": _without_asterisk(reference.container or reference.series or _site(reference)),
        "VL": reference.volume,
        "IS": reference.issue,
        "SP": reference.first_page,
        "EP": reference.last_page,
        "PB": reference.publisher,
        "CY": reference.place,
        "ET": reference.edition,
        _NUMBER_TAG.get(kind, "M1"): reference.number,
        "M3": WORKING_PAPER if reference.type == "article" else "",
        "DO": reference.doi,
        "UR": reference.url,
        "Y2": f"{day:%Y/%m/%d}/" if (day := reference.accessed) and kind == "ELEC" else "",
        "LA": reference.language,
        "AB": reference.abstract,
        "N1": reference.note,
        "AN": reference.key,
    }
    yield from (("AU", _author(author)) for author in reference.authors)
    yield from ((_EDITOR_TAG.get(kind, "A2"), _author(editor)) for editor in reference.editors)
    yield from (("A4", _author(translator)) for translator in reference.translators)
    yield from ((tag, value) for tag, value in single.items() if value)
    # A number in the series of a report stands there already, and Zotero keeps one.
    if "SN" not in single or not single["SN"]:
        yield from (("SN", number) for number in (*reference.issn, *reference.isbn))
    yield from (("KW", _without_asterisk(keyword)) for keyword in reference.keywords)
    yield "ER", ""


def _author(author: AuthorRecord) -> str:
    """Return "Family, Given, Suffix". Commas separate the parts of a name, so they are taken from an institution."""
    if author.literal:
        return _without_asterisk(author.literal.replace(", ", " - ").replace(",", " "))
    family = format_family_name(author).replace(",", "")
    return _without_asterisk(f"{family}, {author.given}" if author.given else f"{family},")


def _site(reference: Reference) -> str:
    return reference.publisher if reference.type == "webpage" else ""


def _without_asterisk(text: str) -> str:
    return text.replace("*", " ").strip()
