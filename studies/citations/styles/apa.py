"""APA style, 7th edition, as runs of text.

In Spanish "y" (or "e") stands for "&", and the words around the data are Spanish; the rules are the same.
Source: Publication Manual of the APA, 7th edition, chapters 8 to 10.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from studies.citations.names import given_and_suffix, initials, y_before
from studies.citations.reference import Reference
from studies.citations.runs import Run, Runs, ended, joined, quoted, stop_after
from studies.citations.styles.parts import (
    address_runs,
    is_own_publisher,
    letter_after,
    locator,
    mention,
    short_title,
    stands_alone,
)
from studies.citations.styles.words import words
from studies.records.study import AuthorRecord

MOST_AUTHORS = 20
"""Up to so many are all named; of more, the first nineteen, three dots, and the last (rule 9.8)."""
MOST_MENTIONED = 2
"""In the text, three authors or more are the first and "et al." (rule 8.17)."""


def cite(reference: Reference, language: str, letter: str = "") -> Runs:
    """Give the entry of the reference list; the texts joined are the plain citation."""
    authors = _authors(reference.authors, language)
    date = [Run(f"({_date(reference, language, letter)}).")]
    title = _title_runs(reference, language)
    # Without an author the title takes the first place, before the date (rule 9.12).
    first = [[Run(ended(authors))], date, title] if authors else [title, date]
    # No full stop after an address: it could be taken for a part of it (rule 9.35).
    return joined([*first, _source_runs(reference, language), address_runs(reference)])


def in_text(
    reference: Reference, language: str, letter: str = "", *, least: int = 1, with_initials: bool = False
) -> Runs:
    """Give the citation in parentheses; `least` authors are named before "et al." (rule 8.18)."""
    date = Run(f", {_date(reference, language, letter)})")
    if not reference.authors:
        title = short_title(reference)
        if stands_alone(reference):
            return joined([[Run("("), Run(title, italic=True), date]])
        # American marks take the comma in; Spanish ones do not.
        named = f"{quoted(f'{title},', language)} " if language == "en" else f"{quoted(title, language)}, "
        return joined([[Run(f"({named}{_date(reference, language, letter)})")]])
    names = [mentioned(author) for author in reference.authors]
    if with_initials:
        names[0] = _with_initials(reference.authors[0])

    def conjoined(all_names: Sequence[str]) -> str:
        if len(all_names) < 2:
            return "".join(all_names)
        sign = "&" if language == "en" else y_before(all_names[-1])
        comma = "," if len(all_names) > 2 and language == "en" else ""
        return f"{', '.join(all_names[:-1])}{comma} {sign} {all_names[-1]}"

    return joined([[Run(f"({mention(names, least, MOST_MENTIONED, conjoined)}"), date]])


def listed(author: AuthorRecord) -> str:
    """Give an author as the list has it: family name first, initials (rule 9.8)."""
    if author.literal:
        return author.literal
    given, suffix = given_and_suffix(author)
    given = " ".join(part for part in (initials(given), author.dropping_particle) if part)
    return ", ".join(part for part in (mentioned(author), given, suffix) if part)


def mentioned(author: AuthorRecord) -> str:
    """Give an author as the text has it: the family name."""
    return author.literal or " ".join(part for part in (author.non_dropping_particle, author.family) if part)


def _with_initials(author: AuthorRecord) -> str:
    given, _suffix = given_and_suffix(author)
    return " ".join(part for part in (initials(given), mentioned(author)) if part) if author.family else listed(author)


def _date(reference: Reference, language: str, letter: str) -> str:
    date = str(reference.year) if reference.year is not None else words(language)["no-date"]
    return letter_after(date, letter)


def _authors(authors: tuple[AuthorRecord, ...], language: str) -> str:
    names = [listed(author) for author in authors]
    if len(names) < 2:
        return "".join(names)
    if len(names) > MOST_AUTHORS:
        return f"{', '.join(names[: MOST_AUTHORS - 1])}, . . . {names[-1]}"
    conjunction = "&" if language == "en" else y_before(names[-1])
    return f"{', '.join(names[:-1])}, {conjunction} {names[-1]}"


def _title_runs(reference: Reference, language: str) -> list[Run]:
    """Give the title, in italics where the work stands alone, with what kind of work it is (rules 9.19, 9.21)."""
    addition = _addition(reference, language)
    end = f" {addition}." if addition else stop_after(reference.title)
    return [Run(reference.title, stands_alone(reference)), Run(end)]


def _addition(reference: Reference, language: str) -> str:
    word = words(language)
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


def _source_runs(reference: Reference, language: str) -> list[Run]:
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


def _journal_runs(reference: Reference, language: str) -> list[Run]:
    """Give journal and volume in italics, the issue and the pages not (rule 9.25)."""
    if not reference.container:
        return []
    runs = [Run(reference.container, italic=True)]
    if reference.volume:
        runs += [Run(", "), Run(reference.volume, italic=True)]
    if reference.issue:
        runs += [Run(f"({reference.issue})" if reference.volume else f", ({reference.issue})")]
    if own_number := locator(reference):
        # An article with a number instead of pages says so (rule 9.27).
        runs += [Run(f", {words(language)['article-number']} {own_number}")]
    elif reference.pages:
        runs += [Run(f", {_page_range(reference)}")]
    return [*runs, Run(".")]


def _book_runs(reference: Reference, language: str) -> list[Run]:
    word = words(language)
    runs: list[Run] = []
    if reference.container:
        runs += [Run(f"{word['in']} "), Run(reference.container, italic=True)]
        if reference.pages:
            runs += [Run(f" ({word['pages' if reference.last_page else 'page']} {_page_range(reference)})")]
        runs += [Run(".")]
    publisher = _publisher_runs(reference, reference.publisher)
    return [*runs, *([Run(" ")] if runs and publisher else []), *publisher]


def _publisher_runs(reference: Reference, publisher: str) -> list[Run]:
    # A publisher who is also the author is not named again (rule 9.29).
    if not publisher or (publisher == reference.publisher and is_own_publisher(reference)):
        return []
    return [Run(ended(publisher))]


def _page_range(reference: Reference) -> str:
    return f"{reference.first_page}–{reference.last_page}" if reference.last_page else reference.first_page
