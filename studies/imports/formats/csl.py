"""CSL-JSON, and the answers of Crossref and DataCite, which are close to it.

Sources: the schema csl-data.json of citationstyles.org, Crossref's REST API, November 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from studies.imports.formats.base import (
    ImportFormat,
    Json,
    ParsedReference,
    RawReference,
    SplitFile,
    collect_references,
    with_decoding,
    with_encoding,
)
from studies.imports.formats.errors import FileUnreadable, RowInvalid
from studies.imports.formats.field_values import join_pages, read_language
from studies.imports.formats.mending import make_reference
from studies.imports.formats.people import make_person
from studies.imports.formats.plain_text import first_text, known_text, plain_text

_TYPES = {
    **dict.fromkeys(
        ("article-journal", "journal-article", "article-magazine", "article-newspaper", "review", "peer-review"),
        "article-journal",
    ),
    **dict.fromkeys(("report", "report-series", "report-component", "standard"), "report"),
    **dict.fromkeys(("article", "manuscript", "posted-content", "preprint", "paper-conference"), "article"),
    **dict.fromkeys(("chapter", "book-chapter", "book-section", "proceedings-article", "book-part"), "chapter"),
    **dict.fromkeys(("book", "monograph", "edited-book", "reference-book"), "book"),
    **dict.fromkeys(("thesis", "dissertation"), "thesis"),
    **dict.fromkeys(("webpage", "post", "post-weblog"), "webpage"),
}
_CUT = "Aquí deja de ser JSON bien formado: lo que sigue no se leyó."
_MARK = re.compile(r'"(?:title|title-short|author|editor|issued|container-title|DOI)"\s*:')
_ZOTERO = re.compile(r'"(?:itemType|creatorType)"\s*:')
# In this order: Crossref has several, and "created" is only when it was registered.
_DATES = ("issued", "published", "published-print", "published-online", "original-date", "created")


def split(text: str) -> SplitFile:
    """Split an array, objects one after the other, or Crossref's answer; of a file that is cut off, what is whole.

    Raises FileUnreadable for JSON of something else.
    """
    references = tuple(_split_objects(text))
    if not any(_MARK.search(reference.raw) or reference.problem for reference in references):
        raise FileUnreadable(
            "Es JSON, pero ningún objeto tiene título ni autoría: no es una lista de referencias (CSL-JSON)."
        )
    if all(_ZOTERO.search(reference.raw) for reference in references[:5]):
        raise FileUnreadable("Es JSON propio de Zotero. En Zotero elija «Exportar», y como formato CSL JSON o RIS.")
    return SplitFile(collect_references(references))


def _split_objects(text: str) -> Iterator[RawReference]:
    start = len(text) - len(text.lstrip())
    if text[start : start + 1] not in ("[", "{"):
        raise FileUnreadable("No es CSL-JSON: tendría que empezar con [ o {.")
    is_array = text[start : start + 1] == "["
    place, decoder, row, counted = start + is_array, json.JSONDecoder(), 1, 0
    seen = 0
    while True:
        place = _position_after(text, place, r"[\s,]*")
        row, counted = row + text.count("\n", counted, place), place
        if place == len(text) or (is_array and text[place] == "]"):
            if place == len(text) and is_array:
                yield RawReference(row, "", _CUT)
            return
        try:
            value, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            if not is_array and not seen:
                raise FileUnreadable(f"No es JSON bien formado (línea {getattr(error, 'lineno', row)}).") from error
            yield RawReference(row, text[place:], _CUT)
            return
        seen += 1
        yield from (RawReference(row, raw) for raw in _items(value, text[place:end], is_nested=not is_array))
        place = end


def _items(value: object, raw: str, *, is_nested: bool) -> list[str]:
    """Return the references of one value of the file: itself, or those that an answer of a service holds."""
    if not is_nested or not isinstance(value, dict):
        return [raw]
    held = value.get("message", value)
    items = held.get("items") if isinstance(held, dict) else None
    if isinstance(items, list):
        return [json.dumps(item, ensure_ascii=False) for item in items]
    return [raw if held is value else json.dumps(held, ensure_ascii=False)]


def _position_after(text: str, place: int, pattern: str) -> int:
    match = re.compile(pattern).match(text, place)
    return match.end() if match else place


def read(raw: str, head: str = "") -> ParsedReference:
    """Read one object. Raises RowInvalid."""
    try:
        item = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise RowInvalid("", "No es JSON bien formado.") from error
    if not isinstance(item, dict):
        raise RowInvalid("", "No es un objeto de CSL-JSON.")
    return read_item(item)


def read_item(item: Mapping[str, Any]) -> ParsedReference:
    """Read one object as JSON gives it. Raises RowInvalid."""
    kind = _TYPES.get(first_text(item, "type"))
    if kind == "report" and re.search("working paper|documento de trabajo", first_text(item, "genre"), re.IGNORECASE):
        kind = "article"
    spoken, notes = read_language(first_text(item, "language"))
    title, subtitle = first_text(item, "title", "title-short", "shortTitle"), first_text(item, "subtitle")
    if subtitle and subtitle.lower() not in title.lower():
        title = f"{title}: {subtitle}"
    fields = {
        "title": title,
        "language": spoken,
        "authors": _read_people(item.get("author")) or (_read_people(item.get("editor")) if kind == "book" else []),
        "year": _year(item),
        "type": kind,
        "container_title": first_text(item, "container-title", "collection-title"),
        "volume": first_text(item, "volume"),
        "issue": first_text(item, "issue"),
        "pages": join_pages(first_text(item, "page")),
        "publisher": "" if kind == "article-journal" else first_text(item, "publisher"),
        "number": first_text(item, "number", "article-number"),
        "place": first_text(item, "publisher-place"),
        "edition": first_text(item, "edition"),
        "conference": first_text(item, "event-title", "event"),
        "editors": _read_people(item.get("editor")),
        "translators": _read_people(item.get("translator")),
        "numbers": [text for key in ("ISSN", "ISBN") for text in _as_list(item.get(key)) if isinstance(text, str)],
        "pmid": first_text(item, "PMID"),
        "text_license": first_text(item, "license") if isinstance(item.get("license"), str) else "",
        "date": _date(item),
        "doi": first_text(item, "DOI", "doi"),
        "url": [item.get("URL") or item.get("url"), *_resource_addresses(item)],
    }
    return make_reference(fields, _keywords(item), _abstract(item), notes)


def _read_people(value: object) -> list[Json]:
    found = []
    for entry in value if isinstance(value, list) else []:
        if not isinstance(entry, Mapping):
            continue
        institution = first_text(entry, "literal", "name")
        given = ", ".join(filter(None, (first_text(entry, "given"), first_text(entry, "suffix"))))
        person = make_person(entry.get("family"), given, entry.get("non-dropping-particle"))
        if person and "family" in person and (dropping := first_text(entry, "dropping-particle")):
            person["dropping-particle"] = dropping
        if made := person or ({"literal": institution} if institution else None):
            found.append(made)
    return found


def _year(item: Mapping[str, Any]) -> str:
    """Return the year as it is written; "" where Crossref writes {"date-parts": [[null]]}."""
    for key in _DATES:
        date = item.get(key)
        if isinstance(date, Mapping):
            parts = date.get("date-parts")
            first = parts[0] if isinstance(parts, list) and parts else None
            found = first[0] if isinstance(first, list) and first else first_text(date, "literal", "raw")
            if plain_text(found):
                return plain_text(found)
        elif known_text(date):
            return known_text(date)
    return first_text(item, "year", "publication_year")


def _date(item: Mapping[str, Any]) -> str:
    """Return the date with its month and day as "2019-03-08"; "" where no date has parts."""
    for key in _DATES[:-1]:
        date = item.get(key)
        parts = date.get("date-parts") if isinstance(date, Mapping) else None
        if isinstance(parts, list) and parts and isinstance(parts[0], list):
            return "-".join(f"{part:0>2}" for part in map(plain_text, parts[0]))
    return ""


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _resource_addresses(item: Mapping[str, Any]) -> list[object]:
    resource = item.get("resource")
    primary = resource.get("primary") if isinstance(resource, Mapping) else None
    return [primary.get("URL")] if isinstance(primary, Mapping) else []


def _keywords(item: Mapping[str, Any]) -> list[str]:
    words = item.get("keyword") or item.get("subject") or item.get("categories") or []
    if isinstance(words, str):
        return re.split("[;,]", words)
    return [str(word) for word in words if isinstance(word, str)] if isinstance(words, list) else []


def _abstract(item: Mapping[str, Any]) -> str:
    return re.sub(r"^(?:Abstract|Resumen|Summary)\s+", "", first_text(item, "abstract"))


def join(raws: list[str], head: str = "") -> str:
    """Write objects back as an array."""
    return "[\n" + ",\n".join(raws) + "\n]\n"


FORMAT = ImportFormat(
    code="csl",
    label="CSL-JSON",
    extensions=("json",),
    media_type="application/json",
    position=5,
    recognises=lambda head: head.text.startswith(("{", "[")),
    split=with_decoding(split),
    read=read,
    join=with_encoding(join),
)
