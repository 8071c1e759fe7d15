"""EndNote XML, as EndNote, Zotero and Mendeley write it; read by a hardened parser that takes no DTD and no entities.

Source: files of EndNote 20 and Zotero's EndNote XML translator, November 2026.
"""

from __future__ import annotations

# For its elements only: files are parsed by defusedxml.
import xml.etree.ElementTree as ElementTree  # nosec B405
from collections.abc import Iterable, Iterator
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, fromstring

from studies.imports.formats.base import (
    MOST_ROWS,
    ImportFormat,
    ParsedReference,
    RawReference,
    SplitFile,
    collect_references,
    with_encoding,
)
from studies.imports.formats.errors import FileUnreadable, RowInvalid
from studies.imports.formats.field_values import join_pages, read_language
from studies.imports.formats.mending import make_reference
from studies.imports.formats.people import read_people
from studies.imports.formats.plain_text import plain_text

_TYPES = {
    **dict.fromkeys(("17", "43", "19", "23", "7"), "article-journal"),
    **dict.fromkeys(("27", "46"), "report"),
    **dict.fromkeys(("34", "47", "58"), "article"),
    **dict.fromkeys(("5", "10", "60"), "chapter"),
    **dict.fromkeys(("6", "28", "44"), "book"),
    "32": "thesis",
    **dict.fromkeys(("12", "16", "56"), "webpage"),
}
"""EndNote's numbers of types: 17 journal article, 27 report, 5 book section, 6 book, 32 thesis, 12 web page."""
_AUTHORS = "contributors/authors/author"
_EDITORS = {"chapter": "contributors/secondary-authors/author", "book": "contributors/secondary-authors/author"}
_DEEPEST = 50


class _TooManyRecords(Exception):
    """Stops the parser; `collect_references` then refuses the file for its many records."""


class _RecordCollector:
    """Target of the XML parser that collects each `record` with the line where it begins, and drops the rest."""

    def __init__(self) -> None:
        self.found: list[tuple[int, ElementTree.Element]] = []
        self.line_of: Any = lambda: 0
        self._builder: ElementTree.TreeBuilder | None = None
        self._depth = 0
        self._row = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FileUnreadable("Sus elementos están anidados sin fin: no es una lista de EndNote.")
        if tag == "record" and self._builder is None:
            self._builder, self._row = ElementTree.TreeBuilder(), self.line_of()
        if self._builder is not None:
            self._builder.start(tag, attributes)

    def end(self, tag: str) -> None:
        self._depth -= 1
        if self._builder is None:
            return
        element = self._builder.end(tag)
        if tag == "record":
            self.found.append((self._row, element))
            self._builder = None
            if len(self.found) > MOST_ROWS:
                raise _TooManyRecords

    def data(self, text: str) -> None:
        if self._builder is not None:
            self._builder.data(text)

    def close(self) -> None:
        """Do nothing, as the parser asks of its target: `found` has the complete records."""


def split(data: bytes) -> SplitFile:
    """Split the file into its records; of a file that is cut off, take those before the cut."""
    records = _RecordCollector()
    parser = DefusedXMLParser(target=records, forbid_dtd=True)
    records.line_of = lambda: parser.parser.CurrentLineNumber
    end: tuple[RawReference, ...] = ()
    try:
        parser.feed(data)
        parser.close()
    except _TooManyRecords:
        pass
    except DefusedXmlException as error:
        raise FileUnreadable(
            "Define entidades o un DTD, que el banco no abre: una lista de EndNote no los lleva."
        ) from error
    except ElementTree.ParseError as error:
        if not records.found:
            raise FileUnreadable(f"No es XML bien formado (línea {error.position[0]}).") from error
        end = (
            RawReference(error.position[0], "", "Aquí el archivo se corta o deja de ser XML: lo que sigue no se leyó."),
        )
    except (LookupError, ValueError) as error:
        raise FileUnreadable("Declara una codificación que no se conoce.") from error
    return SplitFile(collect_references((*_raw_references(records.found), *end)))


def _raw_references(found: Iterable[tuple[int, ElementTree.Element]]) -> Iterator[RawReference]:
    for row, element in found:
        # tostring() would add the white space between two records.
        element.tail = ""
        yield RawReference(row, ElementTree.tostring(element, encoding="unicode"))


def read(raw: str, head: str = "") -> ParsedReference:
    """Read one `record`. Raises RowInvalid."""
    try:
        record = fromstring(raw, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise RowInvalid("", "No es XML bien formado.") from error
    kind = _type(record)
    spoken, notes = read_language(_text(record, "language"))
    authors = read_people(map(_without_last_comma, _texts(record, _AUTHORS)))
    fields = {
        "title": _text(record, "titles/title"),
        "language": spoken,
        "authors": authors,
        "year": _text(record, "dates/year", "dates/pub-dates/date"),
        "type": kind,
        "container_title": _text(record, "titles/secondary-title", "periodical/full-title"),
        "volume": _text(record, "volume"),
        "issue": _text(record, "number") if kind in ("article-journal", "chapter", None) else "",
        "pages": join_pages(_text(record, "pages")),
        "publisher": _text(record, "publisher"),
        "place": _text(record, "pub-location"),
        "edition": _text(record, "edition") if kind not in ("article-journal", "article") else "",
        "editors": read_people(map(_without_last_comma, _texts(record, _EDITORS.get(kind or "", "none")))),
        "translators": read_people(map(_without_last_comma, _texts(record, "contributors/subsidiary-authors/author"))),
        "numbers": [_text(record, "isbn")],
        "date": f"{_text(record, 'dates/pub-dates/date')} {_text(record, 'dates/year')}",
        "number": _text(record, "number") if kind in ("report", "article") else "",
        "doi": _text(record, "electronic-resource-num"),
        "url": _texts(record, "urls/related-urls/url") + _texts(record, "urls/web-urls/url"),
    }
    return make_reference(fields, _texts(record, "keywords/keyword"), _text(record, "abstract"), notes)


def _type(record: ElementTree.Element) -> str | None:
    element = record.find("ref-type")
    number = plain_text(element.text) if element is not None else ""
    return _TYPES.get(number)


def _without_last_comma(author: str) -> str:
    """Return the name of an institution, which EndNote ends with a comma so as not to split it, without that comma."""
    return author.rstrip(" ,") if author.rstrip().endswith(",") else author


def _text(record: ElementTree.Element, *paths: str) -> str:
    return next((text for path in paths for text in _texts(record, path)), "")


def _texts(record: ElementTree.Element, path: str) -> list[str]:
    """Return the texts at a path; EndNote wraps each in elements of style."""
    return [text for element in record.findall(path) if (text := plain_text("".join(element.itertext())))]


def join(raws: list[str], head: str = "") -> str:
    """Write records back as a file."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<xml><records>\n{chr(10).join(raws)}\n</records></xml>\n'


FORMAT = ImportFormat(
    code="endnote",
    label="EndNote XML",
    extensions=("xml",),
    media_type="application/xml",
    position=4,
    recognises=lambda head: head.text.startswith("<"),
    split=split,
    read=read,
    join=with_encoding(join),
)
