"""Reads single values as reference managers write them: names, years, DOIs, pages, languages."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from studies.imports.formats.base import Json, ParsedReference
from studies.imports.formats.errors import RowInvalid
from studies.text.characters import collapse_whitespace
from studies.text.identifiers import is_web_address, normalize_doi

MOST_AUTHORS = 100
"""As many as the curators' form holds; the first are taken, and the curator is told."""

_BLOCK_TAG = re.compile(r"</?(?:jats:)?(?:p|sec|title|br|list|list-item)\b[^<>]{0,200}>", re.IGNORECASE)
_INLINE_TAG = re.compile(
    r"</?(?:jats:)?(?:i|b|u|em|strong|sub|sup|scp|sc|italic|bold|span)\b[^<>]{0,200}>", re.IGNORECASE
)
# Invisible characters, marks of direction, and surrogates, which cannot be stored.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]")
_FOREIGN_RUN = re.compile("[^\x00-\u02ff]{31,}")
_MOST_MARKS = 30
_YEAR = re.compile(r"(?<!\d)\d{4}(?![\ds])")
_PARTICLES = frozenset("da das de del della der di do dos du el la las le los ten ter van vande von y zu zur".split())  # noqa: SIM905
_DAMAGED = re.compile("Ã[\u0080-\u00bf©¡­³º±]|â€|Â[¿¡«»]")
_UNKNOWN_YEAR = frozenset({"s.f", "s.f.", "s. f.", "n.d.", "n.d", "sin fecha", "in press", "en prensa", "forthcoming"})
_ISO_LANGUAGES: Mapping[str, str] = {
    **dict.fromkeys(("es", "spa", "esp", "spanish", "español", "espanol", "castellano", "castilian"), "es"),
    **dict.fromkeys(("en", "eng", "english", "inglés", "ingles"), "en"),
    **dict.fromkeys(("pt", "por", "portuguese", "portugués", "português", "portugues"), "pt"),
}


def plain_text(text: object) -> str:
    """Return a value as plain text on one line, without tags, entities and control characters; "" for None."""
    if not isinstance(text, str | int | float) or isinstance(text, bool):
        return ""
    unescaped = html.unescape(_INLINE_TAG.sub("", _BLOCK_TAG.sub(" ", str(text))))
    seen = _FOREIGN_RUN.sub(_limit_marks, drop_invisible(unescaped))
    return collapse_whitespace(unicodedata.normalize("NFC", seen))


def drop_invisible(text: str) -> str:
    """Remove characters that are invisible, turn the direction of a text, or cannot be stored."""
    return _INVISIBLE.sub("", text)


def _limit_marks(run: re.Match[str]) -> str:
    """Keep thirty combining marks on a letter, as UAX #15 does (stream-safe): ordering 50,000 takes ten seconds."""
    kept, marks = [], 0
    for char in run[0]:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def make_reference(
    fields: Json, keywords: Iterable[str] = (), abstract: str = "", notes: Iterable[str] = ()
) -> ParsedReference:
    """Return a reference without its empty values. Long lists of authors are cut, and damaged accents noted."""
    told = list(notes)
    kept = {key: value for key, value in fields.items() if value not in (None, "", [], ())}
    authors = kept.get("authors", [])
    if len(authors) > MOST_AUTHORS:
        told.append(f"Tiene {len(authors)} autores: se toman los primeros {MOST_AUTHORS}.")
        kept["authors"] = authors[:MOST_AUTHORS]
    title = kept.get("title", "")
    if isinstance(title, str) and _DAMAGED.search(title):
        told.append("Las tildes del título parecen dañadas: revise con qué codificación se guardó el archivo.")
    words = (plain_text(keyword).strip(" *.,;:") for keyword in keywords)
    return ParsedReference(kept, tuple(dict.fromkeys(filter(None, words))), plain_text(abstract), tuple(told))


def read_year(text: object) -> int | None:
    """Return the year of a date in any form; None for an empty or an unknown date. Raises RowInvalid."""
    written = plain_text(text)
    if not written.strip("/- ") or written.lower() in _UNKNOWN_YEAR:
        return None
    found = _YEAR.search(written)
    if found is None:
        raise RowInvalid("year", f"«{written[:40]}» no es un año de cuatro cifras.")
    return int(found[0])


def read_doi(text: object) -> str | None:
    """Return the bare DOI, None for an empty text. Raises RowInvalid for what is no DOI."""
    written = plain_text(text)
    if not written:
        return None
    found = normalize_doi(written)
    if found is None:
        raise RowInvalid("doi", f"«{written[:80]}» no es un DOI: empieza con 10. y tiene una barra, como 10.1234/abc.")
    return found


def read_addresses(texts: Iterable[object]) -> tuple[str | None, str | None]:
    """Return the first web address that is not a DOI's, and the first DOI that is given as an address."""
    address = found = None
    for text in texts:
        written = plain_text(text)
        if not is_web_address(written):
            continue
        resolved = normalize_doi(written) if "doi.org/" in written.lower() else None
        if resolved:
            found = found or resolved
        else:
            address = address or written
    return address, found


def join_pages(first: object, last: object = "") -> str:
    """Join first and last page; either may be a range, with any dash. "345-52" stays short."""
    start, end = (re.sub(r"\s*(?:[‐‑‒–—−]|-+)\s*", "-", plain_text(part)).strip("-") for part in (first, last))
    return f"{start}-{end}" if start and end and "-" not in start and start != end else start or end


def read_person(text: object) -> Json | None:
    """Read "Family, Given" or "Family, Given, Jr."; without a comma it is an institution. None for nothing."""
    written = plain_text(text).strip(" ,;") if "," not in plain_text(text)[-1:] else plain_text(text)
    if not written.strip(" ,"):
        return None
    family, comma, given = written.partition(",")
    if not comma:
        return {"literal": written}
    given = re.sub(r"\s*,\s*", ", ", given.strip(" ,"))
    return make_person(family, given)


def make_person(family: object, given: object = "", particle: object = "") -> Json | None:
    """Return an author as records have it, with a lower-case particle apart from the family name; None for nothing."""
    words = plain_text(family).split()
    if not words:
        alone = plain_text(given)
        return {"literal": alone} if alone else None
    before = [plain_text(particle)] if plain_text(particle) else []
    while len(words) > 1 and words[0] in _PARTICLES:
        before.append(words.pop(0))
    made = {"family": " ".join(words), "given": plain_text(given), "non-dropping-particle": " ".join(before)}
    return {key: value for key, value in made.items() if value}


def read_people(texts: Iterable[object]) -> list[Json]:
    """Read a list of names, empty ones left out."""
    return [read for text in texts if (read := read_person(text))]


def read_language(text: object) -> tuple[str | None, tuple[str, ...]]:
    """Return the code of a language in whatever form ("spa", "es-PE", "Spanish"), and a note if it is unknown."""
    written = plain_text(text).lower()
    first = re.split(r"[;,/ ]|(?<=^..)[-_]", written)[0]
    code = _ISO_LANGUAGES.get(written) or _ISO_LANGUAGES.get(first)
    if code or not written or written in ("und", "mul"):
        return code, ()
    return None, (f"No se reconoce el idioma «{written[:40]}»: elíjalo en el registro.",)


def first_text(values: Mapping[str, Any], *keys: str) -> str:
    """Return the first of these values that is not empty, as plain text; of a list its first entry."""
    for key in keys:
        value = values.get(key)
        written = plain_text(value[0] if isinstance(value, list) and value else value)
        if written:
            return written
    return ""
