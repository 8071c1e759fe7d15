"""What the styles share: how pages, publishers and kinds of works are read off a reference."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from studies.citations.names import y_before
from studies.citations.reference import Reference
from studies.citations.runs import Run, address_run
from studies.text.identifiers import doi_address

IN_ANOTHER_WORK = frozenset({"article-journal", "chapter"})
"""Types whose title names a part of a work; the others stand alone."""

_LONGEST_SHORT_TITLE = 6


def stands_alone(reference: Reference) -> bool:
    """Say whether the title is that of a whole work, which styles set in italics."""
    return reference.type not in IN_ANOTHER_WORK


def address(reference: Reference) -> str:
    """Give the address of a reference: that of its DOI before any other; "" where there is none."""
    return doi_address(reference.doi) if reference.doi else reference.url


def address_runs(reference: Reference) -> list[Run]:
    """Give the address as runs."""
    found = address(reference)
    return [address_run(found)] if found else []


def locator(reference: Reference) -> str:
    """Give what stands in place of pages where an article has none: its own number in the journal ("e1004")."""
    if reference.last_page:
        return ""
    if reference.first_page:
        return reference.first_page if re.match(r"[A-Za-z]", reference.first_page) else ""
    return reference.number


def publishers(reference: Reference) -> list[str]:
    """Give the publishers, which a record parts by semicolons."""
    return [name for name in re.split(r"\s*;\s*", reference.publisher) if name]


def is_own_publisher(reference: Reference) -> bool:
    """Say whether all publishers are among the authors."""
    institutions = {author.literal for author in reference.authors}
    return bool(reference.publisher) and set(publishers(reference)) <= institutions


def short_title(reference: Reference) -> str:
    """Give the beginning of a title by which a work without author is cited: up to the colon, six words at most."""
    beginning = re.split(r"[:.?!]\s", reference.title)[0].rstrip(".:")
    return " ".join(beginning.split()[:_LONGEST_SHORT_TITLE]).rstrip(",;")


def and_before(name: str, language: str) -> str:
    """Give "and", or its Spanish form before `name`."""
    return "and" if language == "en" else y_before(name)


def letter_after(date: str, letter: str) -> str:
    """Put the letter that tells works of one year apart behind the date; with a hyphen where that is no year."""
    return f"{date}-{letter}" if letter and not date[-1:].isdigit() else f"{date}{letter}"


def mention(
    names: Sequence[str],
    least: int,
    most: int,
    conjoined: Callable[[Sequence[str]], str],
) -> str:
    """Name the authors in the text: all of them up to `most`, else the first `least` and "et al.".

    "et al." stands for several people: it never takes the place of the last one alone.
    """
    if len(names) <= most or least >= len(names) - 1:
        return conjoined(names)
    separator = ", " if least > 1 else " "
    return f"{', '.join(names[:least])}{separator}et al."
