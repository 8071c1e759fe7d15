"""Reads single values as reference managers write them: years, DOIs, addresses, pages, languages."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from studies.imports.formats.plain_text import known_text, plain_text
from studies.records.rules import FIRST_YEAR
from studies.text.identifiers import is_web_address, normalize_doi

WORKING_PAPER = re.compile(
    r"working papers?|documentos? de trabajo|preprint|discussion papers?|paper series|texto para discuss", re.IGNORECASE
)
"""Says of a report, in its kind or in the name of its series, that it is a working paper."""
_LONGEST_VALUE = 3_000
"""More is never looked at: the time that patterns take grows faster than a text."""
_YEAR = re.compile(r"(?<!\d)\d{4}(?![\ds])")
_WHOLE_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?!\d)")
_SHORT_YEAR = re.compile(r"(?:\d{1,2}[/.-]){0,2}(?:[A-Za-z]{3}\.?[\s/.-])?['’]?(\d\d)")
_UNKNOWN_YEAR = frozenset(
    ("s.f", "s.f.", "s. f.", "n.d.", "n.d", "sin fecha", "in press", "en prensa", "forthcoming", "no date", "sf", "0")
)
_DOI = re.compile(r"10\.\d{4,9}/\S+", re.IGNORECASE)
_NEXT_DOI = re.compile(r"[,;|](?=\S{0,80}?10\.\d{4,9}/)")
_PAGE_OF_PUBLISHER = re.compile(r"(?:/(?:abstract|epdf|epub|full|html|meta|pdf|summary)|\.pdf)+/?$", re.IGNORECASE)
_DOI_IN_ADDRESS = re.compile(
    r"https?://[^/]*doi[^/]*/|https?://[^?#]*/doi/|https?://[^#]*[?&](?:id=)?(?:info:)?doi[:=/]", re.IGNORECASE
)
_OLD_DOI_WITH_SPACES = re.compile(r"10\.\d{4,9}/\d{4}-\d{3}[\dxX]\(\d{4}\)\d+\s*[\[<].*")
_ISO_LANGUAGES: Mapping[str, str] = {
    **dict.fromkeys(("es", "spa", "esp", "spanish", "español", "espanol", "castellano", "castilian"), "es"),
    **dict.fromkeys(("en", "eng", "english", "inglés", "ingles"), "en"),
    **dict.fromkeys(("pt", "por", "portuguese", "portugués", "português", "portugues"), "pt"),
}


def read_year(text: object) -> tuple[int | None, str]:
    """Return the year of a date in any form, and a note where it was mended, or is none; None for an unknown date."""
    written = known_text(text)[:_LONGEST_VALUE]
    if not written.strip("/- ") or written.lower() in _UNKNOWN_YEAR:
        return None, ""
    last = datetime.datetime.now(tz=datetime.UTC).year + 1
    plain = re.sub(r"(?<=^\d),(?=\d{3}$)", "", written)
    years = [int(found) for found in _YEAR.findall(plain)] + [int(found) for found in _WHOLE_DATE.findall(plain)]
    if plausible := next((year for year in years if FIRST_YEAR <= year <= last), None):
        return plausible, ""
    if years:
        return None, f"El año «{written[:40]}» no es verosímil (de {FIRST_YEAR} al próximo) y no se tomó."
    if short := _SHORT_YEAR.fullmatch(written):
        year = int(short[1]) + (2000 if int(short[1]) <= last % 100 else 1900)
        return year, f"El año «{written[:40]}» se leyó como {year}: compruébelo."
    return None, f"El año «{written[:40]}» no tiene cuatro cifras y no se tomó."


def read_doi(text: object) -> tuple[str | None, str]:
    """Return the bare DOI, and a note where it stood among other text, or there is none; None for an empty text."""
    written = known_text(text)[:_LONGEST_VALUE]
    if not written:
        return None, ""
    if whole := normalize_doi(written):
        return whole, ""
    if _OLD_DOI_WITH_SPACES.fullmatch(written) and (joined := normalize_doi(re.sub(r"\s+", "", written))):
        return joined, f"El DOI «{written[:80]}» llegó con espacios: compruébelo."
    if (found := _DOI.search(written)) and (doi := _cut_doi(found[0], is_address="://" in written[: found.start()])):
        return doi, f"El DOI se tomó de «{written[:80]}»: compruébelo."
    return None, f"«{written[:80]}» no es un DOI (empieza con 10. y tiene una barra) y no se tomó."


def _cut_doi(text: str, *, is_address: bool) -> str | None:
    """Return the DOI with which a text begins: what a publisher's address has behind it, and a second DOI, go."""
    first = _NEXT_DOI.split(text)[0]
    if is_address:
        first = _PAGE_OF_PUBLISHER.sub("", re.split("[?#&]", first)[0])
    return normalize_doi(first)


def read_addresses(texts: Iterable[object]) -> tuple[str | None, str | None]:
    """Return the first web address that is not the resolver's, and the first DOI that an address holds."""
    address = found = None
    for text in texts:
        for part in re.split(r"(?<![;,|\s])[;,|\s]+(?=https?://|www\.)", known_text(text)[:_LONGEST_VALUE]):
            written = f"https://{part}" if re.match(r"www\.[\w-]+\.", part) else part
            if not is_web_address(written):
                continue
            resolved = read_doi(unquote(written))[0] if _DOI_IN_ADDRESS.match(written) else None
            found = found or resolved
            if not (resolved and re.match(r"https?://(?:dx\.|www\.)?doi\.org/", written, re.IGNORECASE)):
                address = address or written
    return address, found


def join_pages(first: object, last: object = "") -> str:
    """Join first and last page; either may be a range, with any dash. "345-52" stays short."""
    start, end = (re.sub(r"\s*(?:[‐‑‒–—−]|-+)\s*", "-", known_text(part)).strip("-") for part in (first, last))
    start, end = ("" if re.fullmatch(r"(?:n/?a|nan)-(?:n/?a|nan)", part.lower()) else part for part in (start, end))
    return f"{start}-{end}" if start and end and "-" not in start and start != end else start or end


def read_language(text: object) -> tuple[str | None, tuple[str, ...]]:
    """Return the code of a language in whatever form ("spa", "es-PE", "Spanish"), and a note if it is unknown."""
    written = known_text(text).lower()
    first = re.split(r"[;,/ ]|(?<=^..)[-_]", written)[0]
    code = _ISO_LANGUAGES.get(written) or _ISO_LANGUAGES.get(first)
    if code or not written or written in ("und", "mul"):
        return code, ()
    return None, (f"No se reconoce el idioma «{plain_text(written)[:40]}»: elíjalo en el registro.",)
