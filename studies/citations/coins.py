"""COinS: a reference as an OpenURL context object in the title of an empty element, for lists of studies.

On a study's own page the meta tags say more, and reference managers would read only this: it is for lists alone.
Sources: ANSI/NISO Z39.88-2004, OpenURL parser of Zotero's utilities, November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from studies.citations.names import family_with_particles, given_and_suffix
from studies.citations.reference import Reference
from studies.records.study import AuthorRecord

MOST_AUTHORS = 100
"""More would weigh on a page of cards; the files have all."""
_FORMATS = {"article-journal": "journal", "thesis": "dissertation", "webpage": "dc"}
_GENRES = {
    "article-journal": "article",
    "report": "report",
    "article": "report",
    "chapter": "bookitem",
    "book": "book",
}


def context_object(reference: Reference) -> str:
    """Give the pairs, values percent-encoded. A plus sign is lost on the way back: the parser takes it for a space."""
    kind = f"info:ofi/fmt:kev:mtx:{_FORMATS.get(reference.type, 'book')}"
    pairs = [("ctx_ver", "Z39.88-2004"), ("rft_val_fmt", kind), *_pairs(reference)]
    # A pair without a value, or without "=", stops the parser.
    return "&".join(f"{key}={quote(value, safe='')}" for key, value in pairs if value)


def _pairs(reference: Reference) -> Iterator[tuple[str, str]]:
    yield "rft.genre", _GENRES.get(reference.type, "")
    yield from _titles(reference)
    yield "rft.date", f"{reference.year:04}" if reference.year is not None else ""
    yield "rft.volume", reference.volume
    yield "rft.issue", reference.issue
    yield "rft.spage", reference.first_page
    yield "rft.epage", reference.last_page
    yield "rft.language", reference.language if reference.type == "webpage" else ""
    yield "rft_id", f"info:doi/{reference.doi}" if reference.doi else ""
    yield "rft_id", reference.url
    yield from _authors(reference)


def _titles(reference: Reference) -> Iterator[tuple[str, str]]:
    """Name the work and what it is in: in an article `rft.title` would be the journal."""
    title, publisher = reference.title, reference.publisher
    match reference.type:
        case "article-journal":
            yield from (("rft.atitle", title), ("rft.jtitle", reference.container))
        case "chapter":
            yield from (("rft.atitle", title), ("rft.btitle", reference.container), ("rft.pub", publisher))
        case "thesis":
            yield from (("rft.title", title), ("rft.inst", publisher))
        case "webpage":
            site = reference.container or publisher
            yield from (("rft.title", title), ("rft.type", "webpage"), ("rft.source", site))
            yield "rft.identifier", reference.url
        case _:
            yield from (("rft.btitle", title), ("rft.series", reference.series), ("rft.pub", publisher))


def _authors(reference: Reference) -> Iterator[tuple[str, str]]:
    """Give the first author in parts and the others whole."""
    if not reference.authors:
        return
    first, *others = reference.authors[:MOST_AUTHORS]
    if first.literal:
        yield "rft.aucorp", first.literal
    else:
        given, _suffix = given_and_suffix(first)
        # Not as `rft.au` too: there Zotero drops the point of "Jorge M.", and then takes one person for two.
        yield from (("rft.aulast", _family(first)), ("rft.aufirst", given))
    for author in others:
        yield "rft.au", _name(author)


def _name(author: AuthorRecord) -> str:
    if author.literal:
        return f"{author.literal.replace(', ', ' - ').replace(',', ' ')},"
    given, _suffix = given_and_suffix(author)
    return f"{_family(author)}, {given}" if given else f"{_family(author)},"


def _family(author: AuthorRecord) -> str:
    return family_with_particles(author).replace(",", "")
