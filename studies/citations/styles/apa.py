"""APA style, 7th edition, as runs of text.

In Spanish, "y" or "e" replaces "&", and the words that the style adds are Spanish; the rules are the same.
Source: Publication Manual of the APA, 7th edition, chapters 8 to 10.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from studies.citations.names import choose_spanish_and, format_initials, split_suffix
from studies.citations.reference import Reference
from studies.citations.runs import TextRun, TextRuns, end_with_stop, join_runs, missing_stop, quote_text
from studies.citations.styles.parts import (
    append_year_letter,
    format_cited_name,
    get_article_number,
    is_own_publisher,
    join_cited_names,
    make_address_runs,
    shorten_title,
    stands_alone,
)
from studies.citations.styles.words import get_words
from studies.records.study import AuthorRecord

MOST_AUTHORS = 20
"""Up to this number, all are named; of more, the first nineteen, three dots, and the last (rule 9.8)."""
MOST_MENTIONED = 2
"""In the text, three or more authors become the first and "et al." (rule 8.17)."""


def cite(reference: Reference, language: str, letter: str = "") -> TextRuns:
    """Return the entry of the reference list."""
    authors = _authors(reference.authors, language)
    date = [TextRun(f"({_date(reference, language, letter)}).")]
    title = _title_runs(reference, language)
    # Without an author the title takes the first place, before the date (rule 9.12).
    first = [[TextRun(end_with_stop(authors))], date, title] if authors else [title, date]
    # No full stop after an address: it could be taken for a part of it (rule 9.35).
    return join_runs([*first, _source_runs(reference, language), make_address_runs(reference)])


def cite_in_text(
    reference: Reference, language: str, letter: str = "", *, least: int = 1, with_initials: bool = False
) -> TextRuns:
    """Return the citation in parentheses; `least` authors are named before "et al." (rule 8.18)."""
    date = TextRun(f", {_date(reference, language, letter)})")
    if not reference.authors:
        title = shorten_title(reference)
        if stands_alone(reference):
            return join_runs([[TextRun("("), TextRun(title, italic=True), date]])
        # The comma stands within American quotation marks, but outside Spanish ones.
        named = f"{quote_text(f'{title},', language)} " if language == "en" else f"{quote_text(title, language)}, "
        return join_runs([[TextRun(f"({named}{_date(reference, language, letter)})")]])
    names = [format_cited_name(author) for author in reference.authors]
    if with_initials:
        names[0] = _with_initials(reference.authors[0])

    def conjoined(all_names: Sequence[str]) -> str:
        if len(all_names) < 2:
            return "".join(all_names)
        sign = "&" if language == "en" else choose_spanish_and(all_names[-1])
        comma = "," if len(all_names) > 2 and language == "en" else ""
        return f"{', '.join(all_names[:-1])}{comma} {sign} {all_names[-1]}"

    return join_runs([[TextRun(f"({join_cited_names(names, least, MOST_MENTIONED, conjoined)}"), date]])


def invert_name(author: AuthorRecord) -> str:
    """Return an author as the list names them: family name, then initials (rule 9.8)."""
    if author.literal:
        return author.literal
    given, suffix = split_suffix(author)
    given = " ".join(part for part in (format_initials(given), author.dropping_particle) if part)
    return ", ".join(part for part in (format_cited_name(author), given, suffix) if part)


def _with_initials(author: AuthorRecord) -> str:
    given, _suffix = split_suffix(author)
    return (
        " ".join(part for part in (format_initials(given), format_cited_name(author)) if part)
        if author.family
        else invert_name(author)
    )


def _date(reference: Reference, language: str, letter: str) -> str:
    date = str(reference.year) if reference.year is not None else get_words(language)["no-date"]
    return append_year_letter(date, letter)


def _authors(authors: tuple[AuthorRecord, ...], language: str) -> str:
    names = [invert_name(author) for author in authors]
    if len(names) < 2:
        return "".join(names)
    if len(names) > MOST_AUTHORS:
        return f"{', '.join(names[: MOST_AUTHORS - 1])}, . . . {names[-1]}"
    conjunction = "&" if language == "en" else choose_spanish_and(names[-1])
    return f"{', '.join(names[:-1])}, {conjunction} {names[-1]}"


def _title_runs(reference: Reference, language: str) -> list[TextRun]:
    """Return the title, in italics if the work stands alone, with the kind of work behind it (rules 9.19, 9.21)."""
    addition = _addition(reference, language)
    end = f" {addition}." if addition else missing_stop(reference.title)
    return [TextRun(reference.title, stands_alone(reference)), TextRun(end)]


def _addition(reference: Reference, language: str) -> str:
    word = get_words(language)
    if reference.type == "thesis":
        school = f", {reference.publisher}" if reference.publisher else ""
        return f"[{word['thesis']}{school}]"
    if reference.type not in ("report", "article", "webpage"):
        return ""
    numbered = bool(re.match(r"\d", reference.number))
    series = reference.series if reference.number or reference.publisher else ""
    if numbered and reference.type != "webpage":
        return f"({series or word[reference.type]} {word['Number']} {reference.number})"
    if series or reference.number:
        return f"({' '.join(part for part in (series, reference.number) if part)})"
    return f"[{word['article']}]" if reference.type == "article" else ""


def _source_runs(reference: Reference, language: str) -> list[TextRun]:
    match reference.type:
        case "article-journal":
            return _journal_runs(reference, language)
        case "chapter":
            return _book_runs(reference, language)
        case "thesis":
            return []
        case "webpage":
            return _publisher_runs(reference, reference.container or reference.publisher)
        case _:
            # A working paper of which only the repository is known ("SSRN") is published there.
            only_series = not reference.number and not reference.publisher
            return _publisher_runs(reference, reference.publisher or (reference.series if only_series else ""))


def _journal_runs(reference: Reference, language: str) -> list[TextRun]:
    """Return journal and volume in italics, then issue and pages in roman type (rule 9.25)."""
    if not reference.container:
        return []
    runs = [TextRun(reference.container, italic=True)]
    if reference.volume:
        runs += [TextRun(", "), TextRun(reference.volume, italic=True)]
    if reference.issue:
        runs += [TextRun(f"({reference.issue})" if reference.volume else f", ({reference.issue})")]
    if own_number := get_article_number(reference):
        # An article with a number instead of pages says so (rule 9.27).
        runs += [TextRun(f", {get_words(language)['article-number']} {own_number}")]
    elif reference.pages:
        runs += [TextRun(f", {_page_range(reference)}")]
    return [*runs, TextRun(".")]


def _book_runs(reference: Reference, language: str) -> list[TextRun]:
    word = get_words(language)
    runs: list[TextRun] = []
    if reference.container:
        runs += [TextRun(f"{word['in']} "), TextRun(reference.container, italic=True)]
        if reference.pages:
            runs += [TextRun(f" ({word['pages' if reference.last_page else 'page']} {_page_range(reference)})")]
        runs += [TextRun(".")]
    publisher = _publisher_runs(reference, reference.publisher)
    return [*runs, *([TextRun(" ")] if runs and publisher else []), *publisher]


def _publisher_runs(reference: Reference, publisher: str) -> list[TextRun]:
    # A publisher who is also the author is not named again (rule 9.29).
    if not publisher or (publisher == reference.publisher and is_own_publisher(reference)):
        return []
    return [TextRun(end_with_stop(publisher))]


def _page_range(reference: Reference) -> str:
    return f"{reference.first_page}–{reference.last_page}" if reference.last_page else reference.first_page
