"""Vancouver style as the ICMJE's sample references have it, after the NLM's Citing Medicine: numbered, no italics.

What no record of the bank says, and Citing Medicine would put in brackets (place and publisher unknown), is left out.
Journals keep their whole names: the records do not hold the abbreviations of the NLM's catalogue.
Sources: ICMJE, samples of formatted references; Citing Medicine, 2nd edition (NLM).
"""

from __future__ import annotations

import re

from studies.citations.names import given_and_suffix
from studies.citations.reference import Reference
from studies.citations.runs import Run, Runs, address_run, ended, joined
from studies.citations.styles.parts import publishers
from studies.citations.styles.words import language_name, short_date, words
from studies.records.study import AuthorRecord
from studies.text.identifiers import doi_address

MOST_AUTHORS = 6
"""Of more than six authors, the first six and "et al." (ICMJE, sample 1)."""
_MOST_INITIALS = 2
"""At most two initials (Citing Medicine, chapter 1: author)."""
_RANKS = {"II": "2nd", "III": "3rd", "IV": "4th"}
# Works that are known to be elsewhere than on paper only by their address.
_MEDIUM_AFTER_TITLE = frozenset({"report", "article", "book", "webpage"})


def cite(reference: Reference, language: str, letter: str = "") -> Runs:
    """Give the entry without its number. `letter` has no meaning in a numbered list."""
    authors = [Run(ended(_authors(reference.authors)))] if reference.authors else []
    body = _journal(reference, language) if reference.type == "article-journal" else _book(reference, language)
    return joined([authors, *body, _language(reference, language), _access(reference, language)])


def in_text(reference: Reference, language: str, number: int) -> Runs:
    """Give the number in parentheses (ICMJE: arabic numerals in parentheses, in the order of mention)."""
    return (Run(f"({number})"),)


def listed(author: AuthorRecord) -> str:
    """Give "Quispe AM", "van Ommeren M", "Barros ÉN de", "Thorpe RJ Jr"; institutions whole."""
    if author.literal:
        return author.literal
    given, suffix = given_and_suffix(author)
    family = " ".join(part for part in (author.non_dropping_particle, author.family) if part)
    rank = _RANKS.get(suffix, suffix.rstrip("."))
    return " ".join(part for part in (family, _initials(given), author.dropping_particle, rank) if part)


def short_range(first: str, last: str) -> str:
    """Leave out the figures of the last page that the first one has too: 284-7, 101-12, but 98-103 and e10-e14."""
    if not (first.isdigit() and last.isdigit() and len(first) == len(last)):
        return f"{first}-{last}"
    shared = next((place for place, (a, b) in enumerate(zip(first, last, strict=True)) if a != b), len(first) - 1)
    return f"{first}-{last[shared:]}"


def _authors(authors: tuple[AuthorRecord, ...]) -> str:
    names = [listed(author) for author in authors]
    # Institutions may have commas of their own: a semicolon parts them (ICMJE, sample 3).
    separator = "; " if any("," in name for name in names) else ", "
    if len(names) > MOST_AUTHORS:
        return f"{separator.join(names[:MOST_AUTHORS])}, et al"
    return separator.join(names)


def _initials(given: str) -> str:
    """Give up to two initials without points or spaces; a particle within the given names gives none."""
    letters = [part[0] for part in re.split(r"[\s.-]+", given) if part and not part[0].islower()]
    return "".join(letters[:_MOST_INITIALS])


def _journal(reference: Reference, language: str) -> list[list[Run]]:
    """Give "Title. Journal. 2021;12(3):45-67." """
    place = _date(reference, language) + _cited(reference, language)
    if reference.volume or reference.issue:
        place += ";" + reference.volume + (f"({reference.issue})" if reference.issue else "")
    if pages := _pages(reference) or reference.number:
        place += f":{pages}"
    journal = [Run(f"{reference.container}{_internet(reference, language)}.")] if reference.container else []
    return [[Run(ended(reference.title))], journal, [Run(f"{place}.")]]


def _book(reference: Reference, language: str) -> list[list[Run]]:
    """Give "Title. Publisher; 2021." with what stands before and behind it in each type."""
    date = _date(reference, language) + _cited(reference, language)
    publisher = _publisher(reference)
    imprint = [Run(f"{publisher}; {date}." if publisher else f"{date}.")]
    title = [Run(ended(f"{reference.title}{_medium(reference, language)}"))]
    if reference.type == "chapter":
        container = f"{reference.container}{_internet(reference, language)}"
        within = [Run(ended(f"{words(language)['in']}: {container}"))] if reference.container else []
        pages = [Run(f"{words(language)['page']} {_pages(reference)}.")] if reference.pages else []
        return [title, within, imprint, pages]
    return [title, imprint, _series(reference, language)]


def _medium(reference: Reference, language: str) -> str:
    word = words(language)
    if reference.type == "thesis":
        return f" [{word['thesis-online' if _is_online(reference) else 'thesis-small']}]"
    return _internet(reference, language) if reference.type in _MEDIUM_AFTER_TITLE else ""


def _internet(reference: Reference, language: str) -> str:
    return f" [{words(language)['internet']}]" if _is_online(reference) else ""


def _series(reference: Reference, language: str) -> list[Run]:
    """Give the series in parentheses with the number in it, or the number of a report alone."""
    word = words(language)
    number = reference.number
    if reference.series and (reference.publisher or number):
        sign = f"{word['number']} " if number[:1].isdigit() else ""
        return [Run(f"({reference.series}; {sign}{number})." if number else f"({reference.series}).")]
    if not number:
        return []
    if reference.type in ("report", "article"):
        return [Run(f"{word['report-number']} {number}.")]
    return [Run(ended(number))]


def _publisher(reference: Reference) -> str:
    """Give the first publisher (Citing Medicine, chapter 2: of several, the first), or what stands for it."""
    if named := publishers(reference):
        return named[0]
    if reference.type == "webpage":
        return reference.container
    return reference.series if not reference.number else ""


def _pages(reference: Reference) -> str:
    return short_range(reference.first_page, reference.last_page) if reference.last_page else reference.first_page


def _date(reference: Reference, language: str) -> str:
    return str(reference.year) if reference.year is not None else f"[{words(language)['date-unknown']}]"


def _is_online(reference: Reference) -> bool:
    return bool(reference.url) and not reference.doi


def _cited(reference: Reference, language: str) -> str:
    if not _is_online(reference) or reference.accessed is None:
        return ""
    return f" [{words(language)['cited']} {short_date(reference.accessed, language)}]"


def _language(reference: Reference, language: str) -> list[Run]:
    """Name a language that readers would not expect (ICMJE, sample 5)."""
    name = language_name(reference.language, language)
    return [Run(f"{name}.")] if name else []


def _access(reference: Reference, language: str) -> list[Run]:
    # Nothing stands behind a DOI or an address: it could be taken for a part of it.
    if reference.doi:
        return [Run("doi: "), Run(reference.doi, link=doi_address(reference.doi))]
    return [Run(f"{words(language)['from']} "), address_run(reference.url)] if reference.url else []
