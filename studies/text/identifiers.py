"""DOIs, web addresses and slugs. Pure: text in, text out; nothing is looked up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote, unquote, urlsplit

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_IN_FRONT = re.compile(
    r"(?:https?://)?(?:dx\.|www\.)?doi\.org/|(?:urn:|info:)?doi\s*[:/]?\s*(?=10\.)",
    re.IGNORECASE,
)
_LONGEST_DOI = 2_000
_CLOSING = {")": "(", "]": "[", ">": "<", "}": "{"}


def normalize_doi(text: str) -> str | None:
    """Return the bare DOI in lower case (R3); None if `text` is no DOI.

    Takes resolver addresses, `doi:`, capitals, percent-encoding and punctuation around it. Other text around a DOI is
    refused, as a sentence or a publisher's address gives no sign of where the DOI ends, and half a DOI is a wrong one.
    """
    if len(text) > _LONGEST_DOI:
        return None
    doi = text.strip().lstrip("<([\"'“«‘").lstrip()
    front = _IN_FRONT.match(doi)
    if front:
        doi = doi[front.end() :]
        if "doi.org/" in front.group().lower():
            # Only an unencoded "?" or "#" starts a query; a DOI that has one carries it encoded.
            doi = re.split(r"[?#]", doi, maxsplit=1)[0]
    # Some addresses are percent-encoded twice.
    while doi != (decoded := unquote(doi)):
        doi = decoded
    doi = _without_trailing_punctuation(doi.lower())
    if not _DOI.fullmatch(doi) or not doi.isprintable() or "\ufffd" in doi:
        return None
    return doi


def is_normalized_doi(text: str) -> bool:
    """Whether `text` is a DOI in the form in which the bank stores it."""
    return normalize_doi(text) == text


def doi_address(doi: str) -> str:
    """Return the address of a bare DOI at the resolver."""
    return "https://doi.org/" + quote(doi, safe="/:;().,-_+!*'")


def is_web_address(text: str) -> bool:
    """Whether `text` may be a link: http or https, with a host, without spaces or control characters."""
    if not text.isprintable() or re.search(r"[\s\"<>\\]", text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def web_link(text: str | None) -> str:
    """Return `text` if it may be a link, else "": what reached the database past our forms is never a link.

    Whatever prints an address of a record as a link asks this, as `javascript:` would run in the reader's page.
    """
    return text if text and is_web_address(text) else ""


# Anybody can put a copy there, and it can vanish; some host copies that their authors never allowed.
DOCUMENT_MIRRORS = frozenset(
    """
    9pdf.net academia.edu core.ac.uk docsity.com docslib.org documents.pub fdocumento.com fdocuments.ec fdocuments.mx
    fdocuments.net fdocuments.us moam.info mydokument.com pdfcoke.com pdfslide.net pdfslide.us readkong.com
    researchgate.net scribd.com semanticscholar.org slideshare.net studocu.com studylib.es vdoc.pub vdocumento.com
    vdocuments.net
    """.split()  # noqa: SIM905 - a list of quoted hosts is harder to read and to change
)
"""Hosts of sites where people share copies of documents."""


def is_document_mirror(url: str) -> bool:
    """Return True if an address leads to a copy on a document-sharing site, of whatever language or country."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return any(host == mirror or host.endswith(f".{mirror}") for mirror in DOCUMENT_MIRRORS)


_REGISTRIES = (
    (re.compile(r"\bNCT\d{8}\b"), "https://clinicaltrials.gov/study/{0}"),
    (re.compile(r"\bISRCTN\d{8}\b"), "https://www.isrctn.com/{0}"),
    (re.compile(r"\bAEARCTR-0*([1-9]\d{0,6})\b"), "https://www.socialscienceregistry.org/trials/{0}"),
    (re.compile(r"\bACTRN\d{14}\b"), "https://www.anzctr.org.au/{0}.aspx"),
    (re.compile(r"\bCRD\d{11}\b"), "https://www.crd.york.ac.uk/prospero/display_record.php?ID={0}"),
)


def registration_address(registration: str) -> str:
    """Return the page of a trial in its registry, by the first number in the text; "" if no registry is recognised."""
    for pattern, address in _REGISTRIES:
        if found := pattern.search(registration):
            return address.format(found[found.lastindex or 0])
    return ""


def make_slug(family: str | None, year: int | None, title: str, taken: Callable[[str], bool]) -> str:
    """Return a slug for a new study: two words of a family name or institution, the year, and words of the title.

    It takes two words of the title, more while `taken` returns True for the slug, and in the end a number. A slug never
    changes once it is published.
    """
    name = _ascii_words(family or "")[:2]
    words = [word for word in _ascii_words(title) if len(word) > 2 and word not in _EMPTY_WORDS]
    start = [*name, *([str(year)] if year is not None else [])]
    for length in (2, 3, 4):
        slug = _cut([*start, *words[:length]])
        if not taken(slug):
            return slug
    number = 2
    while taken(f"{slug}-{number}"):
        number += 1
    return f"{slug}-{number}"


_LONGEST_SLUG = 70
_EMPTY_WORDS = frozenset(
    """
    the and for from with what how does are can its una uno los las del por para con como que sobre entre
    estudio study effect effects efecto efectos evidence evidencia impact impacto evaluation evaluacion
    trial ensayo results resultados violence violencia against contra women mujeres mujer intimate partner pareja
    """.split()  # noqa: SIM905 - a list of fifty quoted words is harder to read and to change
)
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"}
)


def _ascii_words(text: str) -> list[str]:
    # Apostrophes join ("Women's" is one word); all else that is no letter or digit separates.
    plain = unicodedata.normalize("NFKD", re.sub("['’´]", "", text).translate(_LETTERS))
    return re.findall("[a-z0-9]+", "".join(char for char in plain if not unicodedata.combining(char)).lower())


def _cut(parts: list[str]) -> str:
    return "-".join(parts)[:_LONGEST_SLUG].strip("-") or "study"


def _without_trailing_punctuation(doi: str) -> str:
    """Remove the punctuation of a sentence from the end; a closing bracket stays if the DOI opens it."""
    while doi:
        last = doi[-1]
        unopened = last in _CLOSING and doi.count(_CLOSING[last]) < doi.count(last)
        if not unopened and last not in ".,;:\"'“”»’" and not last.isspace():
            return doi
        doi = doi[:-1]
    return doi
