"""ISO 690:2021 (in Spanish UNE-ISO 690:2024), the variant with name and date, as runs of text.

The standard leaves punctuation and capitals open, as long as they are consistent. Here: family names in capitals, given
names as in the record, full stops between the elements, the year behind the names. The day of consultation is given
with an address, but not with a DOI, which always leads to the same work.
"""

from __future__ import annotations

from studies.citations.names import join_with_and, split_suffix
from studies.citations.reference import Reference
from studies.citations.runs import TextRun, TextRuns, end_with_stop, join_runs, make_link_run, missing_stop
from studies.citations.styles.parts import (
    append_year_letter,
    choose_and,
    format_cited_name,
    join_cited_names,
    shorten_title,
    stands_alone,
)
from studies.citations.styles.words import format_long_date, get_words
from studies.records.study import AuthorRecord
from studies.text.identifiers import doi_address

MOST_AUTHORS = 10
"""Up to this number, all authors are listed; of more, the first and "et al."."""
MOST_MENTIONED = 3


def cite(reference: Reference, language: str, letter: str = "") -> TextRuns:
    """Return the entry of the list."""
    authors = _authors(reference.authors, language)
    date = _date(reference, language, letter)
    title = _title(reference, language)
    # The year is the second element, behind names or title.
    first = [[TextRun(f"{authors}, {date}.")], title] if authors else [title, [TextRun(f"{date}.")]]
    return join_runs([*first, *_source(reference, language), _access(reference, language)])


def cite_in_text(
    reference: Reference, language: str, letter: str = "", *, least: int = 1, with_initials: bool = False
) -> TextRuns:
    """Return name and year in parentheses, without a comma. Initials are never added."""
    date = TextRun(f" {_date(reference, language, letter)})")
    if not reference.authors:
        return join_runs([[TextRun("("), TextRun(shorten_title(reference), stands_alone(reference)), date]])
    names = [format_cited_name(author) for author in reference.authors]
    named = join_cited_names(names, least, MOST_MENTIONED, lambda all_names: join_with_and(all_names, language))
    return join_runs([[TextRun(f"({named}"), date]])


def invert_name(author: AuthorRecord) -> str:
    """Return "QUISPE, Ana María", "VAN OMMEREN, Mark", "BARROS, Érika Neves de"."""
    if author.literal:
        return author.literal.upper()
    given, suffix = split_suffix(author)
    behind = " ".join(part for part in (given, author.dropping_particle) if part)
    return ", ".join(part for part in (format_cited_name(author).upper(), behind, suffix) if part)


def _authors(authors: tuple[AuthorRecord, ...], language: str) -> str:
    names = [invert_name(author) for author in authors]
    if len(names) > MOST_AUTHORS:
        return f"{names[0]} et al."
    if len(names) < 2:
        return "".join(names)
    # All names are inverted, not only the first: no comma precedes the conjunction.
    return f"{', '.join(names[:-1])} {choose_and(names[-1], language)} {names[-1]}"


def _date(reference: Reference, language: str, letter: str) -> str:
    date = str(reference.year) if reference.year is not None else f"[{get_words(language)['no-date-long']}]"
    return append_year_letter(date, letter)


def _title(reference: Reference, language: str) -> list[TextRun]:
    """Return the title, in italics if the work stands alone; then also the medium, if the work is online."""
    medium = _medium(reference, language) if stands_alone(reference) else ""
    end = f"{medium}." if medium else missing_stop(reference.title)
    return [TextRun(reference.title, stands_alone(reference)), TextRun(end)]


def _source(reference: Reference, language: str) -> list[list[TextRun]]:
    word = get_words(language)
    match reference.type:
        case "article-journal":
            return [_journal(reference, language)]
        case "chapter":
            place = ", ".join(part for part in (reference.publisher, _pages(reference, language)) if part)
            return [_within(reference, language), [TextRun(end_with_stop(place))], _viewed(reference, language)]
        case "thesis":
            return [
                [TextRun(f"{word['thesis']}.")],
                [TextRun(end_with_stop(reference.publisher))],
                _viewed(reference, language),
            ]
        case "webpage":
            site = reference.container or reference.publisher
            return [
                [TextRun(end_with_stop(site))],
                [TextRun(end_with_stop(reference.number))],
                _viewed(reference, language),
            ]
        case _:
            return [
                [TextRun(end_with_stop(reference.publisher))],
                _viewed(reference, language),
                [TextRun(end_with_stop(_series(reference, language)))],
            ]


def _series(reference: Reference, language: str) -> str:
    """Return series and number; without a series, a numbered report and any working paper name their kind."""
    word = get_words(language)
    if reference.series:
        return ", ".join(part for part in (reference.series, reference.number) if part)
    sign = f" {word['number']}" if reference.number[:1].isdigit() else ""
    kind = word[reference.type] if reference.type in ("report", "article") else ""
    if reference.number:
        return f"{kind}{sign} {reference.number}".strip()
    return kind if reference.type == "article" else ""


def _journal(reference: Reference, language: str) -> list[TextRun]:
    """Return the journal in italics, then "Vol. 12, n.º 3, pp. 45-67."."""
    word = get_words(language)
    if not reference.container:
        return []
    number = f"{word['number']} {reference.issue}" if reference.issue else ""
    volume = f"{word['volume']} {reference.volume}" if reference.volume else ""
    place = ", ".join(part for part in (volume, number, _pages(reference, language) or reference.number) if part)
    medium = _medium(reference, language)
    viewed = _viewed(reference, language)
    runs = [TextRun(reference.container, italic=True), TextRun(f"{medium}.")]
    if place:
        # Without a volume, "n.º 3" begins the element and takes a capital.
        runs += [TextRun(f" {place[:1].upper()}{place[1:]}.")]
    return [*runs, *([TextRun(" "), *viewed] if viewed else [])]


def _within(reference: Reference, language: str) -> list[TextRun]:
    if not reference.container:
        return []
    medium = _medium(reference, language)
    return [TextRun(f"{get_words(language)['in']}: "), TextRun(reference.container, italic=True), TextRun(f"{medium}.")]


def _pages(reference: Reference, language: str) -> str:
    word = get_words(language)
    if reference.last_page:
        return f"{word['pages']} {reference.first_page}-{reference.last_page}"
    if not reference.first_page:
        return ""
    return f"{word['page']} {reference.first_page}" if reference.first_page.isdigit() else reference.first_page


def _medium(reference: Reference, language: str) -> str:
    return f" [{get_words(language)['online']}]" if reference.doi or reference.url else ""


def _viewed(reference: Reference, language: str) -> list[TextRun]:
    if reference.doi or reference.accessed is None or not reference.url:
        return []
    return [TextRun(f"[{get_words(language)['viewed']} {format_long_date(reference.accessed, language)}].")]


def _access(reference: Reference, language: str) -> list[TextRun]:
    address = doi_address(reference.doi) if reference.doi else reference.url
    return [TextRun(f"{get_words(language)['from']} "), make_link_run(address)] if address else []
