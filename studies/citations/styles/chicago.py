"""Chicago style, author-date, 17th edition, as runs of text; in Spanish with Spanish quotation marks and words.

Records hold no places of publication. A repeated author is named again, not replaced by a dash (CMOS 14.67).
Sources: The Chicago Manual of Style, 17th edition, chapters 14 and 15; for Spanish, Manual de estilo Chicago-Deusto.
"""

from __future__ import annotations

from collections.abc import Sequence

from studies.citations.names import join_with_and, split_suffix
from studies.citations.reference import Reference
from studies.citations.runs import TextRun, TextRuns, end_with_stop, join_runs, quote_text
from studies.citations.styles.headline import to_headline_case
from studies.citations.styles.parts import (
    append_year_letter,
    choose_and,
    format_cited_name,
    get_address,
    join_cited_names,
    make_address_runs,
    shorten_title,
)
from studies.citations.styles.words import format_american_date, get_words
from studies.records.study import AuthorRecord

MOST_AUTHORS, LISTED_OF_MORE = 10, 7
"""Up to ten authors are listed; of more, the first seven and "et al." (CMOS 15.9)."""
MOST_MENTIONED = 3
"""In the text, four or more authors become the first and "et al." (CMOS 15.29)."""
_IN_QUOTATION_MARKS = frozenset({"article-journal", "chapter", "article", "thesis", "webpage"})


def cite(reference: Reference, language: str, letter: str = "") -> TextRuns:
    """Return the entry of the reference list."""
    authors = _authors(reference.authors, language)
    date = [TextRun(end_with_stop(_date(reference, language, letter)))]
    title = _title(reference, language)
    # Without an author the title takes the first place (CMOS 15.34).
    first = [[TextRun(end_with_stop(authors))], date, title] if authors else [title, date]
    return join_runs([*first, *_source(reference, language), _accessed(reference, language), _address(reference)])


def cite_in_text(
    reference: Reference, language: str, letter: str = "", *, least: int = 1, with_initials: bool = False
) -> TextRuns:
    """Return the citation in parentheses, without a comma before the year (CMOS 15.22)."""
    date = TextRun(f" {_date(reference, language, letter)})")
    if not reference.authors:
        title = shorten_title(reference)
        in_marks = reference.type in _IN_QUOTATION_MARKS
        return join_runs(
            [[TextRun("("), TextRun(quote_text(title, language)) if in_marks else TextRun(title, italic=True), date]]
        )
    names = [format_cited_name(author) for author in reference.authors]
    if with_initials and reference.authors[0].family:
        # Two first authors of one family name are told apart by their initials (CMOS 15.22).
        given, _suffix = split_suffix(reference.authors[0])
        names[0] = f"{given[:1]}. {names[0]}" if given else names[0]
    named = join_cited_names(names, least, MOST_MENTIONED, lambda all_names: join_names(all_names, language))
    return join_runs([[TextRun(f"({named}"), date]])


def invert_name(author: AuthorRecord) -> str:
    """Return an author as the first of an entry: "Ommeren, Mark van" is sorted under O (CMOS 16.71)."""
    if author.literal:
        return author.literal
    given, suffix = split_suffix(author)
    particles = [part for part in (author.dropping_particle, author.non_dropping_particle) if part]
    behind = " ".join(part for part in (given, *particles) if part)
    return ", ".join(part for part in (author.family or "", behind, suffix) if part)


def join_names(names: Sequence[str], language: str) -> str:
    """Join names with "and" or its Spanish form; in English a comma precedes it from three names on."""
    if language == "en" and len(names) > 2:
        return f"{', '.join(names[:-1])}, and {names[-1]}"
    return join_with_and(names, language)


def shorten_page_range(first: str, last: str, language: str) -> str:
    """Shorten a range of pages in English by CMOS 9.61: 71–72, 100–104, 107–8, 321–28, 1496–500.

    In Spanish, and for pages that are no plain numbers, all digits are kept (CMOS 9.62).
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
    names = [invert_name(author) if place == 0 else _straight(author) for place, author in enumerate(authors)]
    if len(names) < 2:
        return "".join(names)
    if len(names) > MOST_AUTHORS:
        return f"{', '.join(names[:LISTED_OF_MORE])}, et al."
    # The comma that ends the inverted first name stays before "and", in Spanish too where there are two.
    conjunction = choose_and(names[-1], language)
    comma = "," if language == "en" or len(names) == 2 else ""
    return f"{', '.join(names[:-1])}{comma} {conjunction} {names[-1]}"


def _straight(author: AuthorRecord) -> str:
    if author.literal:
        return author.literal
    given, suffix = split_suffix(author)
    parts = (given, author.dropping_particle, author.non_dropping_particle, author.family, suffix)
    return " ".join(part for part in parts if part)


def _date(reference: Reference, language: str, letter: str) -> str:
    date = str(reference.year) if reference.year is not None else get_words(language)["no-date"]
    return append_year_letter(date, letter)


def _title(reference: Reference, language: str) -> list[TextRun]:
    """Return the title: of a part, a thesis, a working paper or a web page in quotation marks, else in italics."""
    title = to_headline_case(reference.title) if reference.language == "en" else reference.title
    if reference.type not in _IN_QUOTATION_MARKS:
        return [TextRun(title, italic=True), TextRun(end_with_stop(title)[len(title) :])]
    if language == "en":
        # The full stop stands within American quotation marks (CMOS 6.9), unless the title ends with "?" or "!".
        return [TextRun(quote_text(end_with_stop(title), language))]
    return [TextRun(f"{quote_text(title, language)}.")]


def _source(reference: Reference, language: str) -> list[list[TextRun]]:
    word = get_words(language)
    match reference.type:
        case "article-journal":
            return [_journal(reference, language)]
        case "chapter":
            return [_within(reference, language), [TextRun(end_with_stop(reference.publisher))]]
        case "thesis":
            return [[TextRun(end_with_stop(", ".join(part for part in (word["thesis"], reference.publisher) if part)))]]
        case "webpage":
            site = reference.container or reference.publisher
            return [[TextRun(end_with_stop(site))], [TextRun(end_with_stop(reference.number))]]
        case "article":
            number = f" {reference.number}" if reference.number else ""
            paper = f"{reference.series or word['article']}{number}"
            return [[TextRun(end_with_stop(", ".join(part for part in (paper, reference.publisher) if part)))]]
        case _:
            return [
                [TextRun(end_with_stop(_series(reference, language)))],
                [TextRun(end_with_stop(reference.publisher))],
            ]


def _series(reference: Reference, language: str) -> str:
    word = get_words(language)
    if reference.series:
        return f"{reference.series} {reference.number}".strip()
    if reference.type == "report" and reference.number[:1].isdigit():
        return f"{word['report']} {word['number']} {reference.number}"
    return reference.number


def _journal(reference: Reference, language: str) -> list[TextRun]:
    """Return the journal in italics, then "12 (3): 45–67", or "12:45–67" without an issue (CMOS 15.48)."""
    if not reference.container:
        return []
    volume, issue = reference.volume, reference.issue
    pages = _pages(reference, language) or reference.number
    place = f" {volume} ({issue})" if volume and issue else f" {volume}" if volume else ""
    if issue and not volume:
        place = f", {get_words(language)['number']} {issue}"
    if pages:
        place += f":{pages}" if volume and not issue else f": {pages}"
    return [TextRun(reference.container, italic=True), TextRun(f"{place}.")]


def _within(reference: Reference, language: str) -> list[TextRun]:
    if not reference.container:
        return []
    container = to_headline_case(reference.container) if reference.language == "en" else reference.container
    pages = f", {_pages(reference, language)}" if reference.pages else ""
    return [TextRun(f"{get_words(language)['in']} "), TextRun(container, italic=True), TextRun(f"{pages}.")]


def _pages(reference: Reference, language: str) -> str:
    if reference.last_page:
        return shorten_page_range(reference.first_page, reference.last_page, language)
    return reference.first_page


def _accessed(reference: Reference, language: str) -> list[TextRun]:
    """Return the day of consultation, which Chicago asks for only if the work has no year (CMOS 15.50)."""
    if reference.year is not None or reference.accessed is None or reference.doi:
        return []
    return [TextRun(f"{get_words(language)['accessed']} {format_american_date(reference.accessed, language)}.")]


def _address(reference: Reference) -> list[TextRun]:
    return [*make_address_runs(reference), TextRun(".")] if get_address(reference) else []
