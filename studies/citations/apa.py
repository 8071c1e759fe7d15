"""APA style, 7th edition, as pieces of text for a page: which of them are in italics is part of the style.

In Spanish "y" (or "e") stands for "&", and the words around the data are Spanish; the rules are the same.
Source: Publication Manual of the APA, 7th edition, chapters 9 and 10.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from studies.citations.names import given_and_suffix, initials, y_before
from studies.citations.reference import Reference
from studies.identifiers import doi_address
from studies.records import AuthorRecord

MOST_AUTHORS = 20
"""Up to so many are all named; of more, the first nineteen, three dots, and the last (rule 9.8)."""


class Run(NamedTuple):
    text: str
    italic: bool = False


_WORDS = {
    "es": {
        "no-date": "s. f.",
        "in": "En",
        "page": "p.",
        "pages": "pp.",
        "number": "N.º",
        "report": "Informe",
        "article": "Documento de trabajo",
        "thesis": "Tesis",
    },
    "en": {
        "no-date": "n.d.",
        "in": "In",
        "page": "p.",
        "pages": "pp.",
        "number": "No.",
        "report": "Report",
        "article": "Working paper",
        "thesis": "Thesis",
    },
}


def cite(reference: Reference, language: str) -> tuple[Run, ...]:
    """Give the entry of the reference list; the texts joined are the plain citation."""
    words = _WORDS["en" if language == "en" else "es"]
    authors = _authors(reference.authors, language)
    date = f"({reference.year if reference.year is not None else words['no-date']})."
    title = _title_runs(reference, words)
    # Without an author the title takes the first place, before the date (rule 9.12).
    parts: list[list[Run]] = [[Run(_ended(authors))], [Run(date)], title] if authors else [title, [Run(date)]]
    parts += [_source_runs(reference, words)]
    address = doi_address(reference.doi) if reference.doi else reference.url
    if address:
        parts += [[Run(address)]]
    return _joined(parts)


def plain(reference: Reference, language: str) -> str:
    """Give the citation without italics, as it is copied into a text."""
    return "".join(run.text for run in cite(reference, language))


def _authors(authors: tuple[AuthorRecord, ...], language: str) -> str:
    names = [_author(author) for author in authors]
    if len(names) < 2:
        return "".join(names)
    if len(names) > MOST_AUTHORS:
        return f"{', '.join(names[: MOST_AUTHORS - 1])}, . . . {names[-1]}"
    conjunction = "&" if language == "en" else y_before(names[-1])
    return f"{', '.join(names[:-1])}, {conjunction} {names[-1]}"


def _author(author: AuthorRecord) -> str:
    if author.literal:
        return author.literal
    given, suffix = given_and_suffix(author)
    family = " ".join(part for part in (author.non_dropping_particle, author.family) if part)
    given = " ".join(part for part in (initials(given), author.dropping_particle) if part)
    return ", ".join(part for part in (family, given, suffix) if part)


def _title_runs(reference: Reference, words: dict[str, str]) -> list[Run]:
    """Give the title, in italics where the work stands alone, with what kind of work it is."""
    stands_alone = reference.type not in ("article-journal", "chapter")
    addition = _addition(reference, words)
    end = f" {addition}." if addition else _ended(reference.title)[len(reference.title) :]
    return [Run(reference.title, stands_alone), *([Run(end)] if end else [])]


def _addition(reference: Reference, words: dict[str, str]) -> str:
    if reference.type == "thesis":
        school = f", {reference.publisher}" if reference.publisher else ""
        return f"[{words['thesis']}{school}]"
    if reference.type not in ("report", "article", "webpage"):
        return ""
    numbered = bool(re.match(r"\d", reference.number))
    series = reference.series if reference.number or reference.publisher else ""
    if numbered and reference.type != "webpage":
        return f"({series or words[reference.type]} {words['number']} {reference.number})"
    if series or reference.number:
        return f"({' '.join(part for part in (series, reference.number) if part)})"
    return f"[{words['article']}]" if reference.type == "article" else ""


def _source_runs(reference: Reference, words: dict[str, str]) -> list[Run]:
    match reference.type:
        case "article-journal":
            return _journal_runs(reference, words)
        case "chapter":
            return _book_runs(reference, words)
        case "thesis":
            return []
        case "webpage":
            return _publisher_runs(reference, reference.container or reference.publisher)
        case _:
            # A working paper of which only the repository is known ("SSRN") is published there.
            only_series = not reference.number and not reference.publisher
            return _publisher_runs(reference, reference.publisher or (reference.series if only_series else ""))


def _journal_runs(reference: Reference, words: dict[str, str]) -> list[Run]:
    if not reference.container:
        return []
    runs = [Run(reference.container, italic=True)]
    if reference.volume:
        runs += [Run(", "), Run(reference.volume, italic=True)]
    if reference.issue:
        runs += [Run(f"({reference.issue})" if reference.volume else f", ({reference.issue})")]
    if reference.pages:
        runs += [Run(f", {_page_range(reference)}")]
    return [*runs, Run(".")]


def _book_runs(reference: Reference, words: dict[str, str]) -> list[Run]:
    runs: list[Run] = []
    if reference.container:
        runs += [Run(f"{words['in']} "), Run(reference.container, italic=True)]
        if reference.pages:
            runs += [Run(f" ({words['pages' if reference.last_page else 'page']} {_page_range(reference)})")]
        runs += [Run(".")]
    publisher = _publisher_runs(reference, reference.publisher)
    return [*runs, *([Run(" ")] if runs and publisher else []), *publisher]


def _publisher_runs(reference: Reference, publisher: str) -> list[Run]:
    # A publisher who is also the author is not named again (rule 9.29).
    institutions = {author.literal for author in reference.authors}
    if not publisher or set(re.split(r"\s*;\s*", publisher)) <= institutions:
        return []
    return [Run(_ended(publisher))]


def _page_range(reference: Reference) -> str:
    return f"{reference.first_page}–{reference.last_page}" if reference.last_page else reference.first_page


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def _joined(parts: list[list[Run]]) -> tuple[Run, ...]:
    """Put a space between the parts, and together what looks alike."""
    runs: list[Run] = []
    for part in filter(None, parts):
        for run in ([Run(" ")] if runs else []) + part:
            if runs and runs[-1].italic == run.italic:
                runs[-1] = Run(runs[-1].text + run.text, run.italic)
            else:
                runs.append(run)
    return tuple(runs)
