"""ISO 690:2021 (in Spanish UNE-ISO 690:2024), the variant with name and date, as runs of text.

The standard leaves punctuation and capitals to whoever applies it, as long as they are the same throughout. Here:
family names in capitals, given names as the record has them, full stops between the elements, the year behind the
names. The day of consultation is given with a plain address, not with a DOI, which always leads to the same work.
"""

from __future__ import annotations

from studies.citations.names import given_and_suffix, listing
from studies.citations.reference import Reference
from studies.citations.runs import Run, Runs, address_run, ended, joined, stop_after
from studies.citations.styles.parts import and_before, letter_after, mention, short_title, stands_alone
from studies.citations.styles.words import long_date, words
from studies.records.study import AuthorRecord
from studies.text.identifiers import doi_address

MOST_AUTHORS = 10
"""All authors, if that is possible; of more than ten the first and "et al."."""
MOST_MENTIONED = 3


def cite(reference: Reference, language: str, letter: str = "") -> Runs:
    """Give the entry of the list."""
    authors = _authors(reference.authors, language)
    date = _date(reference, language, letter)
    title = _title(reference, language)
    # The year is the second element, behind names or title.
    first = [[Run(f"{authors}, {date}.")], title] if authors else [title, [Run(f"{date}.")]]
    return joined([*first, *_source(reference, language), _access(reference, language)])


def in_text(
    reference: Reference, language: str, letter: str = "", *, least: int = 1, with_initials: bool = False
) -> Runs:
    """Give name and year in parentheses, without a comma."""
    date = Run(f" {_date(reference, language, letter)})")
    if not reference.authors:
        return joined([[Run("("), Run(short_title(reference), stands_alone(reference)), date]])
    names = [mentioned(author) for author in reference.authors]
    named = mention(names, least, MOST_MENTIONED, lambda all_names: listing(all_names, language))
    return joined([[Run(f"({named}"), date]])


def listed(author: AuthorRecord) -> str:
    """Give "QUISPE, Ana María", "VAN OMMEREN, Mark", "BARROS, Érika Neves de"."""
    if author.literal:
        return author.literal.upper()
    given, suffix = given_and_suffix(author)
    behind = " ".join(part for part in (given, author.dropping_particle) if part)
    return ", ".join(part for part in (mentioned(author).upper(), behind, suffix) if part)


def mentioned(author: AuthorRecord) -> str:
    """Give an author as the text has it: the family name."""
    return author.literal or " ".join(part for part in (author.non_dropping_particle, author.family) if part)


def _authors(authors: tuple[AuthorRecord, ...], language: str) -> str:
    names = [listed(author) for author in authors]
    if len(names) > MOST_AUTHORS:
        return f"{names[0]} et al."
    if len(names) < 2:
        return "".join(names)
    # Every name is inverted: commas part them, and the conjunction follows the last given name.
    return f"{', '.join(names[:-1])} {and_before(names[-1], language)} {names[-1]}"


def _date(reference: Reference, language: str, letter: str) -> str:
    date = str(reference.year) if reference.year is not None else f"[{words(language)['no-date-long']}]"
    return letter_after(date, letter)


def _title(reference: Reference, language: str) -> list[Run]:
    """Give the title, in italics where the work stands alone, with the medium where it is read online."""
    medium = _medium(reference, language) if stands_alone(reference) else ""
    end = f"{medium}." if medium else stop_after(reference.title)
    return [Run(reference.title, stands_alone(reference)), Run(end)]


def _source(reference: Reference, language: str) -> list[list[Run]]:
    word = words(language)
    match reference.type:
        case "article-journal":
            return [_journal(reference, language)]
        case "chapter":
            place = ", ".join(part for part in (reference.publisher, _pages(reference, language)) if part)
            return [_within(reference, language), [Run(ended(place))], _viewed(reference, language)]
        case "thesis":
            return [[Run(f"{word['thesis']}.")], [Run(ended(reference.publisher))], _viewed(reference, language)]
        case "webpage":
            site = reference.container or reference.publisher
            return [[Run(ended(site))], [Run(ended(reference.number))], _viewed(reference, language)]
        case _:
            return [
                [Run(ended(reference.publisher))],
                _viewed(reference, language),
                [Run(ended(_series(reference, language)))],
            ]


def _series(reference: Reference, language: str) -> str:
    """Give series and number; without a series a numbered report, and any working paper, says what it is."""
    word = words(language)
    if reference.series:
        return ", ".join(part for part in (reference.series, reference.number) if part)
    sign = f" {word['number']}" if reference.number[:1].isdigit() else ""
    kind = word[reference.type] if reference.type in ("report", "article") else ""
    if reference.number:
        return f"{kind}{sign} {reference.number}".strip()
    return kind if reference.type == "article" else ""


def _journal(reference: Reference, language: str) -> list[Run]:
    """Give the journal in italics, then "Vol. 12, n.º 3, pp. 45-67."."""
    word = words(language)
    if not reference.container:
        return []
    number = f"{word['number']} {reference.issue}" if reference.issue else ""
    volume = f"{word['volume']} {reference.volume}" if reference.volume else ""
    place = ", ".join(part for part in (volume, number, _pages(reference, language) or reference.number) if part)
    medium = _medium(reference, language)
    viewed = _viewed(reference, language)
    runs = [Run(reference.container, italic=True), Run(f"{medium}.")]
    if place:
        runs += [Run(f" {place[:1].upper()}{place[1:]}.")]
    return [*runs, *([Run(" "), *viewed] if viewed else [])]


def _within(reference: Reference, language: str) -> list[Run]:
    if not reference.container:
        return []
    medium = _medium(reference, language)
    return [Run(f"{words(language)['in']}: "), Run(reference.container, italic=True), Run(f"{medium}.")]


def _pages(reference: Reference, language: str) -> str:
    word = words(language)
    if reference.last_page:
        return f"{word['pages']} {reference.first_page}-{reference.last_page}"
    if not reference.first_page:
        return ""
    return f"{word['page']} {reference.first_page}" if reference.first_page.isdigit() else reference.first_page


def _medium(reference: Reference, language: str) -> str:
    return f" [{words(language)['online']}]" if reference.doi or reference.url else ""


def _viewed(reference: Reference, language: str) -> list[Run]:
    if reference.doi or reference.accessed is None or not reference.url:
        return []
    return [Run(f"[{words(language)['viewed']} {long_date(reference.accessed, language)}].")]


def _access(reference: Reference, language: str) -> list[Run]:
    address = doi_address(reference.doi) if reference.doi else reference.url
    return [Run(f"{words(language)['from']} "), address_run(address)] if address else []
