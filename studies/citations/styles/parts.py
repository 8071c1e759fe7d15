"""What the styles share: addresses, publishers, short titles and cited names of a reference."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from studies.citations.names import choose_spanish_and
from studies.citations.reference import Reference
from studies.citations.runs import TextRun, make_link_run
from studies.records.study import AuthorRecord
from studies.text.identifiers import doi_address

IN_ANOTHER_WORK = frozenset({"article-journal", "chapter"})
"""Types whose title names a part of a work; the others stand alone."""

_LONGEST_SHORT_TITLE = 6


def stands_alone(reference: Reference) -> bool:
    """Whether the title is that of a whole work, which styles set in italics."""
    return reference.type not in IN_ANOTHER_WORK


def get_address(reference: Reference) -> str:
    """Return the address of the DOI, else that of the work; "" without either."""
    return doi_address(reference.doi) if reference.doi else reference.url


def make_address_runs(reference: Reference) -> list[TextRun]:
    """Return the address as one run, or no run without an address."""
    found = get_address(reference)
    return [make_link_run(found)] if found else []


def get_article_number(reference: Reference) -> str:
    """Return the number that an article without page numbers has in its journal, such as "e1004"; "" for none."""
    if reference.last_page:
        return ""
    if reference.first_page:
        return reference.first_page if re.match(r"[A-Za-z]", reference.first_page) else ""
    return reference.number


def split_publishers(reference: Reference) -> list[str]:
    """Return the publishers of a reference, which a record separates by semicolons."""
    return [name for name in re.split(r"\s*;\s*", reference.publisher) if name]


def is_own_publisher(reference: Reference) -> bool:
    """Whether all publishers are among the authors."""
    institutions = {author.literal for author in reference.authors}
    return bool(reference.publisher) and set(split_publishers(reference)) <= institutions


def format_cited_name(author: AuthorRecord) -> str:
    """Return the name by which a citation in the text names an author: family name, or institution."""
    return author.literal or " ".join(part for part in (author.non_dropping_particle, author.family) if part)


def shorten_title(reference: Reference) -> str:
    """Return the beginning of the title, which cites a work without author: up to the colon, at most six words."""
    beginning = re.split(r"[:.?!]\s", reference.title)[0].rstrip(".:")
    return " ".join(beginning.split()[:_LONGEST_SHORT_TITLE]).rstrip(",;")


def choose_and(name: str, language: str) -> str:
    """Return "and", or in Spanish "y" or "e", whichever stands before `name`."""
    return "and" if language == "en" else choose_spanish_and(name)


def append_year_letter(date: str, letter: str) -> str:
    """Append the letter that distinguishes works of one year; behind a hyphen where the date is no year."""
    return f"{date}-{letter}" if letter and not date[-1:].isdigit() else f"{date}{letter}"


def join_cited_names(
    names: Sequence[str],
    least: int,
    most: int,
    conjoined: Callable[[Sequence[str]], str],
) -> str:
    """Return the authors as the text names them: all up to `most`, else the first `least` and "et al.".

    "et al." is a plural, so it never replaces the last author alone. `conjoined` joins a list of names.
    """
    if len(names) <= most or least >= len(names) - 1:
        return conjoined(names)
    separator = ", " if least > 1 else " "
    return f"{', '.join(names[:least])}{separator}et al."
