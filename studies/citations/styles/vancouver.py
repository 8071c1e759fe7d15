"""Vancouver style by the sample references of the ICMJE and the NLM's Citing Medicine: numbered, no italics.

For an unknown place or publisher, Citing Medicine has a remark in brackets; here it is left out. Journals keep their
full names, as records do not hold the abbreviations of the NLM's catalogue.
Sources: ICMJE, samples of formatted references; Citing Medicine, 2nd edition (NLM).
"""

from __future__ import annotations

import re

from studies.citations.names import split_suffix
from studies.citations.reference import Reference
from studies.citations.runs import TextRun, TextRuns, end_with_stop, join_runs, make_link_run
from studies.citations.styles.parts import split_publishers
from studies.citations.styles.words import format_nlm_date, get_language_name, get_words
from studies.records.study import AuthorRecord
from studies.text.identifiers import doi_address

MOST_AUTHORS = 6
"""Of more than six authors, the first six and "et al." (ICMJE, sample 1)."""
_MOST_INITIALS = 2
"""At most two initials (Citing Medicine, chapter 1: author)."""
_RANKS = {"II": "2nd", "III": "3rd", "IV": "4th"}
# Types without a journal or book around them: if they are online, "[Internet]" follows their title.
_MEDIUM_AFTER_TITLE = frozenset({"report", "article", "book", "webpage"})


def cite(reference: Reference, language: str, letter: str = "") -> TextRuns:
    """Return the entry without its number; a numbered list ignores `letter`."""
    authors = [TextRun(end_with_stop(_authors(reference.authors)))] if reference.authors else []
    body = _journal(reference, language) if reference.type == "article-journal" else _book(reference, language)
    return join_runs([authors, *body, _language(reference, language), _access(reference, language)])


def cite_by_number(reference: Reference, language: str, number: int) -> TextRuns:
    """Return the number in parentheses (ICMJE: Arabic numerals in parentheses, in the order of mention)."""
    return (TextRun(f"({number})"),)


def invert_name(author: AuthorRecord) -> str:
    """Return "Quispe AM", "van Ommeren M", "Barros ÉN de", "Thorpe RJ Jr"; institutions unchanged."""
    if author.literal:
        return author.literal
    given, suffix = split_suffix(author)
    family = " ".join(part for part in (author.non_dropping_particle, author.family) if part)
    rank = _RANKS.get(suffix, suffix.rstrip("."))
    return " ".join(part for part in (family, _initials(given), author.dropping_particle, rank) if part)


def shorten_page_range(first: str, last: str) -> str:
    """Drop the leading digits of the last page that repeat those of the first: 284-7, 101-12; 98-103, e10-e14 stay."""
    if not (first.isdigit() and last.isdigit() and len(first) == len(last)):
        return f"{first}-{last}"
    shared = next((place for place, (a, b) in enumerate(zip(first, last, strict=True)) if a != b), len(first) - 1)
    return f"{first}-{last[shared:]}"


def _authors(authors: tuple[AuthorRecord, ...]) -> str:
    names = [invert_name(author) for author in authors]
    # Institutions may contain commas: then semicolons separate the authors (ICMJE, sample 3).
    separator = "; " if any("," in name for name in names) else ", "
    if len(names) > MOST_AUTHORS:
        return f"{separator.join(names[:MOST_AUTHORS])}, et al"
    return separator.join(names)


def _initials(given: str) -> str:
    """Return up to two initials without full stops or spaces; particles among the given names are left out."""
    letters = [part[0] for part in re.split(r"[\s.-]+", given) if part and not part[0].islower()]
    return "".join(letters[:_MOST_INITIALS])


def _journal(reference: Reference, language: str) -> list[list[TextRun]]:
    """Return title, journal and place: "Title. Journal. 2021;12(3):45-67."."""
    place = _date(reference, language) + _cited(reference, language)
    if reference.volume or reference.issue:
        place += ";" + reference.volume + (f"({reference.issue})" if reference.issue else "")
    if pages := _pages(reference) or reference.number:
        place += f":{pages}"
    journal = [TextRun(f"{reference.container}{_internet(reference, language)}.")] if reference.container else []
    return [[TextRun(end_with_stop(reference.title))], journal, [TextRun(f"{place}.")]]


def _book(reference: Reference, language: str) -> list[list[TextRun]]:
    """Return "Title. Publisher; 2021.", with the book and pages of a chapter or the series of other works."""
    date = _date(reference, language) + _cited(reference, language)
    publisher = _publisher(reference)
    imprint = [TextRun(f"{publisher}; {date}." if publisher else f"{date}.")]
    title = [TextRun(end_with_stop(f"{reference.title}{_medium(reference, language)}"))]
    if reference.type == "chapter":
        container = f"{reference.container}{_internet(reference, language)}"
        within = [TextRun(end_with_stop(f"{get_words(language)['in']}: {container}"))] if reference.container else []
        pages = [TextRun(f"{get_words(language)['page']} {_pages(reference)}.")] if reference.pages else []
        return [title, within, imprint, pages]
    return [title, imprint, _series(reference, language)]


def _medium(reference: Reference, language: str) -> str:
    word = get_words(language)
    if reference.type == "thesis":
        return f" [{word['thesis-online' if _is_online(reference) else 'thesis-small']}]"
    return _internet(reference, language) if reference.type in _MEDIUM_AFTER_TITLE else ""


def _internet(reference: Reference, language: str) -> str:
    return f" [{get_words(language)['internet']}]" if _is_online(reference) else ""


def _series(reference: Reference, language: str) -> list[TextRun]:
    """Return series and number in parentheses; without a series, the number alone."""
    word = get_words(language)
    number = reference.number
    if reference.series and (reference.publisher or number):
        sign = f"{word['number']} " if number[:1].isdigit() else ""
        return [TextRun(f"({reference.series}; {sign}{number})." if number else f"({reference.series}).")]
    if not number:
        return []
    if reference.type in ("report", "article"):
        return [TextRun(f"{word['report-number']} {number}.")]
    return [TextRun(end_with_stop(number))]


def _publisher(reference: Reference) -> str:
    """Return the first of several publishers (Citing Medicine, chapter 2), or else the web site or series."""
    if named := split_publishers(reference):
        return named[0]
    if reference.type == "webpage":
        return reference.container
    return reference.series if not reference.number else ""


def _pages(reference: Reference) -> str:
    return (
        shorten_page_range(reference.first_page, reference.last_page) if reference.last_page else reference.first_page
    )


def _date(reference: Reference, language: str) -> str:
    return str(reference.year) if reference.year is not None else f"[{get_words(language)['date-unknown']}]"


def _is_online(reference: Reference) -> bool:
    return bool(reference.url) and not reference.doi


def _cited(reference: Reference, language: str) -> str:
    if not _is_online(reference) or reference.accessed is None:
        return ""
    return f" [{get_words(language)['cited']} {format_nlm_date(reference.accessed, language)}]"


def _language(reference: Reference, language: str) -> list[TextRun]:
    """Return the language of the work, if readers of the list would not expect it (ICMJE, sample 5)."""
    name = get_language_name(reference.language, language)
    return [TextRun(f"{name}.")] if name else []


def _access(reference: Reference, language: str) -> list[TextRun]:
    # No full stop behind a DOI or address: it could be taken for a part of it.
    if reference.doi:
        return [TextRun("doi: "), TextRun(reference.doi, link=doi_address(reference.doi))]
    return [TextRun(f"{get_words(language)['from']} "), make_link_run(reference.url)] if reference.url else []
