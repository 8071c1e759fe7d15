"""EndNote XML, as EndNote, Zotero and Mendeley write it; read by a hardened parser that takes no DTD and no entities.

Source: files of EndNote 20 and Zotero's EndNote XML translator, November 2026.
"""

from __future__ import annotations

# Only its elements: what is read goes through defusedxml.
import xml.etree.ElementTree as ElementTree  # nosec B405
from collections.abc import Iterable, Iterator
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, fromstring

from studies.imports.formats.pieces import MOST_ROWS, FileUnreadable, Piece, Pieces, Reading, RowInvalid, bounded
from studies.imports.formats.values import addresses, doi, language, pages, people, plain, reading, year

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
_DEEPEST = 50


class _Enough(Exception):
    """There are more records than are taken: `bounded` says so."""


class _Records:
    """Builds each `record` by itself, with the line where it begins; the rest of the tree is dropped."""

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
                raise _Enough

    def data(self, text: str) -> None:
        if self._builder is not None:
            self._builder.data(text)

    def close(self) -> None:
        """Nothing is left to do: what was whole is in `found`."""


def split(data: bytes) -> Pieces:
    """Part the file into its records; of one that is cut off, those before the cut are taken."""
    records = _Records()
    parser = DefusedXMLParser(target=records, forbid_dtd=True)
    records.line_of = lambda: parser.parser.CurrentLineNumber
    end: tuple[Piece, ...] = ()
    try:
        parser.feed(data)
        parser.close()
    except _Enough:
        pass
    except DefusedXmlException as error:
        raise FileUnreadable(
            "Define entidades o un DTD, que el banco no abre: una lista de EndNote no los lleva."
        ) from error
    except ElementTree.ParseError as error:
        if not records.found:
            raise FileUnreadable(f"No es XML bien formado (línea {error.position[0]}).") from error
        end = (Piece(error.position[0], "", "Aquí el archivo se corta o deja de ser XML: lo que sigue no se leyó."),)
    except (LookupError, ValueError) as error:
        raise FileUnreadable("Declara una codificación que no se conoce.") from error
    return Pieces(bounded((*_pieces(records.found), *end)))


def _pieces(found: Iterable[tuple[int, ElementTree.Element]]) -> Iterator[Piece]:
    for row, element in found:
        element.tail = ""
        yield Piece(row, ElementTree.tostring(element, encoding="unicode"))


def read(raw: str, head: str = "") -> Reading:
    """Read one `record`. Raises RowInvalid."""
    try:
        record = fromstring(raw, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise RowInvalid("", "No es XML bien formado.") from error
    kind = _type(record)
    spoken, notes = language(_text(record, "language"))
    address, resolved = addresses(_texts(record, "urls/related-urls/url") + _texts(record, "urls/web-urls/url"))
    authors = people(map(_without_last_comma, _texts(record, _AUTHORS)))
    fields = {
        "title": _text(record, "titles/title"),
        "language": spoken,
        "authors": authors,
        "year": year(_text(record, "dates/year")),
        "type": kind,
        "container_title": _text(record, "titles/secondary-title", "periodical/full-title"),
        "volume": _text(record, "volume"),
        "issue": _text(record, "number") if kind in ("article-journal", "chapter") else "",
        "pages": pages(_text(record, "pages")),
        "publisher": _text(record, "publisher"),
        "number": _text(record, "number") if kind in ("report", "article") else "",
        "doi": doi(_text(record, "electronic-resource-num")) or resolved,
        "url": address,
    }
    return reading(fields, _texts(record, "keywords/keyword"), _text(record, "abstract"), notes)


def _type(record: ElementTree.Element) -> str | None:
    element = record.find("ref-type")
    number = plain(element.text) if element is not None else ""
    return _TYPES.get(number)


def _without_last_comma(author: str) -> str:
    """EndNote ends the name of an institution with a comma, so that it is not parted."""
    return author.rstrip(" ,") if author.rstrip().endswith(",") else author


def _text(record: ElementTree.Element, *paths: str) -> str:
    return next((text for path in paths for text in _texts(record, path)), "")


def _texts(record: ElementTree.Element, path: str) -> list[str]:
    """Return the texts at a path; EndNote wraps each in elements of style."""
    return [text for element in record.findall(path) if (text := plain("".join(element.itertext())))]


def join(raws: list[str], head: str = "") -> str:
    """Write records back as a file."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<xml><records>\n{chr(10).join(raws)}\n</records></xml>\n'
