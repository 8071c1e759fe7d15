"""Names of authors: short for cards, full for pages, and the parts that citation formats and styles need. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol


class AuthorName(Protocol):
    """The name of a person with `family`, or of an institution with `literal` alone; a record or a row."""

    @property
    def family(self) -> str | None: ...
    @property
    def given(self) -> str | None: ...
    @property
    def non_dropping_particle(self) -> str | None: ...
    @property
    def dropping_particle(self) -> str | None: ...
    @property
    def literal(self) -> str | None: ...


_SUFFIX = re.compile(r"(.*?),?\s+(Jr\.?|Sr\.?|II|III|IV)")
_SOUNDS_LIKE_I = re.compile(r"(?:[iíIÍ]|[hH][iíIÍ](?![aeAE]))")


def format_short_name(name: AuthorName) -> str:
    """Return the family name or institution: "van Ommeren", "Barros" ("de" is a dropping particle), "World Bank"."""
    return name.literal or _join_parts(name.non_dropping_particle, name.family)


def format_full_name(name: AuthorName) -> str:
    """Return the name as a page prints it: "Érika Neves de Barros"."""
    if name.literal:
        return name.literal
    given, suffix = split_suffix(name)
    return _join_parts(given, name.dropping_particle, name.non_dropping_particle, name.family, suffix)


def format_family_name(name: AuthorName) -> str:
    """Return the family name with all particles, for formats without a field for them: "van Ommeren", "de Barros"."""
    return _join_parts(name.dropping_particle, name.non_dropping_particle, name.family)


def split_suffix(name: AuthorName) -> tuple[str, str]:
    """Split "Roland J., Jr." into given names and suffix; either may be empty."""
    given = (name.given or "").strip()
    parted = _SUFFIX.fullmatch(given)
    return (parted[1], parted[2]) if parted and parted[1] else (given, "")


def format_initials(given: str) -> str:
    """Return initials: "A. M." for "Ana María", "J.-P." for "Jean-Paul", "G. da S." for "Gleici da Silva"."""
    return " ".join(_initial(part) for part in re.sub(r"\.(?=\w)", ". ", given).split())


def format_short_authors(names: Sequence[AuthorName], language: str) -> str:
    """Return the authors as a card names them: up to three, else the first and "y otros" or "et al."; "" for none."""
    if len(names) > 3:
        return f"{format_short_name(names[0])} {'et al.' if language == 'en' else 'y otros'}"
    return join_with_and([format_short_name(name) for name in names], language)


def format_all_authors(names: Sequence[AuthorName], language: str) -> str:
    """Return the full names of all authors, in the published order."""
    return join_with_and([format_full_name(name) for name in names], language)


def join_with_and(texts: Sequence[str], language: str) -> str:
    """Join with commas, and the last with "and", or in Spanish "y" or "e"."""
    if len(texts) < 2:
        return "".join(texts)
    conjunction = "and" if language == "en" else choose_spanish_and(texts[-1])
    return f"{', '.join(texts[:-1])} {conjunction} {texts[-1]}"


def choose_spanish_and(word: str) -> str:
    """Return "e" before the sound i ("e Iglesias", "e Hidalgo", but "y Hierro"), else "y"."""
    return "e" if _SOUNDS_LIKE_I.match(word) else "y"


def _initial(part: str) -> str:
    # A particle inside the given names keeps its small letters.
    if part[0].islower():
        return part
    return "-".join(f"{piece[0]}." for piece in part.split("-") if piece)


def _join_parts(*parts: str | None) -> str:
    # A particle that ends in an apostrophe takes no space: "d’Aspremont".
    return " ".join(part.strip() for part in parts if part and part.strip()).replace("’ ", "’").replace("' ", "'")
