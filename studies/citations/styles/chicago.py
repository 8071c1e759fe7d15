"""Chicago style, author-date, 17th edition, as runs of text; in Spanish with the marks and words of Spanish.

Places of publication are not in the records. A repeated author is named again, without dashes (CMOS 14.67).
Sources: The Chicago Manual of Style, 17th edition, chapters 14 and 15; for Spanish, Manual de estilo Chicago-Deusto.
"""

from __future__ import annotations

from collections.abc import Sequence

from studies.citations.names import given_and_suffix, listing
from studies.citations.reference import Reference
from studies.citations.runs import Run, Runs, ended, joined, quoted
from studies.citations.styles.headline import headline
from studies.citations.styles.parts import (
    address,
    address_runs,
    and_before,
    letter_after,
    mention,
    short_title,
)
from studies.citations.styles.words import american_date, words
from studies.records.study import AuthorRecord

MOST_AUTHORS, LISTED_OF_MORE = 10, 7
"""Up to ten authors are listed; of more, the first seven and "et al." (CMOS 15.9)."""
MOST_MENTIONED = 3
"""In the text, four authors or more are the first and "et al." (CMOS 15.29)."""
_IN_QUOTATION_MARKS = frozenset({"article-journal", "chapter", "article", "thesis", "webpage"})


def cite(reference: Reference, language: str, letter: str = "") -> Runs:
    """Give the entry of the reference list."""
    authors = _authors(reference.authors, language)
    date = [Run(ended(_date(reference, language, letter)))]
    title = _title(reference, language)
    # Without an author the title takes the first place (CMOS 15.34).
    first = [[Run(ended(authors))], date, title] if authors else [title, date]
    return joined([*first, *_source(reference, language), _accessed(reference, language), _address(reference)])


def in_text(
    reference: Reference, language: str, letter: str = "", *, least: int = 1, with_initials: bool = False
) -> Runs:
    """Give the citation in parentheses, without a comma before the year (CMOS 15.22)."""
    date = Run(f" {_date(reference, language, letter)})")
    if not reference.authors:
        title = short_title(reference)
        in_marks = reference.type in _IN_QUOTATION_MARKS
        return joined([[Run("("), Run(quoted(title, language)) if in_marks else Run(title, italic=True), date]])
    names = [mentioned(author) for author in reference.authors]
    if with_initials and reference.authors[0].family:
        # Two first authors of one family name are told apart by their initials (CMOS 15.22).
        given, _suffix = given_and_suffix(reference.authors[0])
        names[0] = f"{given[:1]}. {names[0]}" if given else names[0]
    named = mention(names, least, MOST_MENTIONED, lambda all_names: conjoined(all_names, language))
    return joined([[Run(f"({named}"), date]])


def listed(author: AuthorRecord) -> str:
    """Give an author as the first of a list: "Ommeren, Mark van" stands under O (CMOS 16.71)."""
    if author.literal:
        return author.literal
    given, suffix = given_and_suffix(author)
    particles = [part for part in (author.dropping_particle, author.non_dropping_particle) if part]
    behind = " ".join(part for part in (given, *particles) if part)
    return ", ".join(part for part in (author.family or "", behind, suffix) if part)


def mentioned(author: AuthorRecord) -> str:
    """Give an author as the text has it: the family name."""
    return author.literal or " ".join(part for part in (author.non_dropping_particle, author.family) if part)


def conjoined(names: Sequence[str], language: str) -> str:
    """Join names with "and", in English behind a comma where there are three or more."""
    if language == "en" and len(names) > 2:
        return f"{', '.join(names[:-1])}, and {names[-1]}"
    return listing(names, language)


def page_range(first: str, last: str, language: str) -> str:
    """Write a range of pages as CMOS 9.61 shortens it in English: 71–72, 100–104, 107–8, 321–28, 1496–500.

    In Spanish, and where a page is no plain number, all figures stand (CMOS 9.62).
    """
    if language != "en" or not (first.isdigit() and last.isdigit() and len(first) == len(last) >= 3):
        return f"{first}–{last}"
    if int(first) % 100 == 0:
        return f"{first}–{last}"
    shared = next((place for place, (a, b) in enumerate(zip(first, last, strict=True)) if a != b), len(first) - 1)
    if int(first) % 100 < 10 and shared >= len(first) - 2:
        return f"{first}–{int(last[-2:])}"
    return f"{first}–{last[min(shared, len(first) - 2) :]}"


def _authors(authors: tuple[AuthorRecord, ...], language: str) -> str:
    names = [listed(author) if place == 0 else _straight(author) for place, author in enumerate(authors)]
    if len(names) < 2:
        return "".join(names)
    if len(names) > MOST_AUTHORS:
        return f"{', '.join(names[:LISTED_OF_MORE])}, et al."
    # The comma that ends the inverted first name stays before "and", in Spanish too where there are two.
    conjunction = and_before(names[-1], language)
    comma = "," if language == "en" or len(names) == 2 else ""
    return f"{', '.join(names[:-1])}{comma} {conjunction} {names[-1]}"


def _straight(author: AuthorRecord) -> str:
    if author.literal:
        return author.literal
    given, suffix = given_and_suffix(author)
    parts = (given, author.dropping_particle, author.non_dropping_particle, author.family, suffix)
    return " ".join(part for part in parts if part)


def _date(reference: Reference, language: str, letter: str) -> str:
    date = str(reference.year) if reference.year is not None else words(language)["no-date"]
    return letter_after(date, letter)


def _title(reference: Reference, language: str) -> list[Run]:
    """Give the title: of a part, a thesis, a working paper or a page in quotation marks, else in italics."""
    title = headline(reference.title) if reference.language == "en" else reference.title
    if reference.type not in _IN_QUOTATION_MARKS:
        return [Run(title, italic=True), Run(ended(title)[len(title) :])]
    if language == "en":
        # American marks take the full stop in (CMOS 6.9); a title's own end takes its place.
        return [Run(quoted(ended(title), language))]
    return [Run(f"{quoted(title, language)}.")]


def _source(reference: Reference, language: str) -> list[list[Run]]:
    word = words(language)
    match reference.type:
        case "article-journal":
            return [_journal(reference, language)]
        case "chapter":
            return [_within(reference, language), [Run(ended(reference.publisher))]]
        case "thesis":
            return [[Run(ended(", ".join(part for part in (word["thesis"], reference.publisher) if part)))]]
        case "webpage":
            site = reference.container or reference.publisher
            return [[Run(ended(site))], [Run(ended(reference.number))]]
        case "article":
            number = f" {reference.number}" if reference.number else ""
            paper = f"{reference.series or word['article']}{number}"
            return [[Run(ended(", ".join(part for part in (paper, reference.publisher) if part)))]]
        case _:
            return [[Run(ended(_series(reference, language)))], [Run(ended(reference.publisher))]]


def _series(reference: Reference, language: str) -> str:
    word = words(language)
    if reference.series:
        return f"{reference.series} {reference.number}".strip()
    if reference.type == "report" and reference.number[:1].isdigit():
        return f"{word['report']} {word['number']} {reference.number}"
    return reference.number


def _journal(reference: Reference, language: str) -> list[Run]:
    """Give the journal in italics, then "12 (3): 45–67", or "12:45–67" without an issue (CMOS 15.48)."""
    if not reference.container:
        return []
    volume, issue = reference.volume, reference.issue
    pages = _pages(reference, language) or reference.number
    place = f" {volume} ({issue})" if volume and issue else f" {volume}" if volume else ""
    if issue and not volume:
        place = f", {words(language)['number']} {issue}"
    if pages:
        place += f":{pages}" if volume and not issue else f": {pages}"
    return [Run(reference.container, italic=True), Run(f"{place}.")]


def _within(reference: Reference, language: str) -> list[Run]:
    if not reference.container:
        return []
    container = headline(reference.container) if reference.language == "en" else reference.container
    pages = f", {_pages(reference, language)}" if reference.pages else ""
    return [Run(f"{words(language)['in']} "), Run(container, italic=True), Run(f"{pages}.")]


def _pages(reference: Reference, language: str) -> str:
    if reference.last_page:
        return page_range(reference.first_page, reference.last_page, language)
    return reference.first_page


def _accessed(reference: Reference, language: str) -> list[Run]:
    """Say when a page without a year was read: only then Chicago wants the day (CMOS 15.50)."""
    if reference.year is not None or reference.accessed is None or reference.doi:
        return []
    return [Run(f"{words(language)['accessed']} {american_date(reference.accessed, language)}.")]


def _address(reference: Reference) -> list[Run]:
    return [*address_runs(reference), Run(".")] if address(reference) else []
