"""COinS: a reference as an OpenURL context object, for the `title` attribute of an empty element in lists of studies.

Not for the page of a study: its meta tags hold more, and reference managers that find COinS ignore them.
Sources: ANSI/NISO Z39.88-2004, OpenURL parser of Zotero's utilities, November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from studies.citations.names import format_family_name, split_suffix
from studies.citations.reference import Reference
from studies.records.study import AuthorRecord

MOST_AUTHORS = 100
"""More would make a page of cards heavy; downloaded files have all authors."""
_FORMATS = {"article-journal": "journal", "thesis": "dissertation", "webpage": "dc"}
_GENRES = {
    "article-journal": "article",
    "report": "report",
    "article": "report",
    "chapter": "bookitem",
    "book": "book",
}


def format_context_object(reference: Reference) -> str:
    """Return the key-value pairs, percent-encoded. Zotero's parser reads a plus sign in a value as a space."""
    kind = f"info:ofi/fmt:kev:mtx:{_FORMATS.get(reference.type, 'book')}"
    pairs = [("ctx_ver", "Z39.88-2004"), ("rft_val_fmt", kind), *_pairs(reference)]
    # A pair without a value, or without "=", stops the parser.
    return "&".join(f"{key}={quote(value, safe='')}" for key, value in pairs if value)


def _pairs(reference: Reference) -> Iterator[tuple[str, str]]:
    yield "rft.genre", _GENRES.get(reference.type, "")
    yield from _titles(reference)
    yield "rft.date", reference.iso_date
    yield "rft.volume", reference.volume
    yield "rft.issue", reference.issue
    yield "rft.spage", reference.first_page
    yield "rft.epage", reference.last_page
    yield "rft.place", reference.place if reference.type != "article-journal" else ""
    yield "rft.edition", reference.edition
    yield from (("rft.issn", number) for number in reference.issn[:1])
    yield from (("rft.isbn", number) for number in reference.isbn[:1])
    yield "rft.language", reference.language if reference.type == "webpage" else ""
    yield "rft_id", f"info:doi/{reference.doi}" if reference.doi else ""
    yield "rft_id", f"info:pmid/{reference.pmid}" if reference.pmid else ""
    yield "rft_id", reference.url
    yield from _authors(reference)


def _titles(reference: Reference) -> Iterator[tuple[str, str]]:
    """Yield the titles of the work and of its container; in an article, `rft.title` would be read as the journal."""
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
    """Yield the first author in parts and the others as whole names."""
    if not reference.authors:
        return
    first, *others = reference.authors[:MOST_AUTHORS]
    if first.literal:
        yield "rft.aucorp", first.literal
    else:
        given, _suffix = split_suffix(first)
        # Not as `rft.au` too: Zotero drops the full stop of "Jorge M." there, and then takes one person for two.
        yield from (("rft.aulast", _family(first)), ("rft.aufirst", given))
    for author in others:
        yield "rft.au", _name(author)


def _name(author: AuthorRecord) -> str:
    if author.literal:
        return f"{author.literal.replace(', ', ' - ').replace(',', ' ')},"
    given, _suffix = split_suffix(author)
    return f"{_family(author)}, {given}" if given else f"{_family(author)},"


def _family(author: AuthorRecord) -> str:
    return format_family_name(author).replace(",", "")
