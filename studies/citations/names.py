"""How names are written: in short on cards, whole on pages, and in the forms that citation formats want."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol


class Name(Protocol):
    """A person with `family`, or an institution with `literal` alone: a record or a row."""

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


def short_name(name: Name) -> str:
    """Give what stands for the person alone: "van Ommeren", "Barros" (de Barros drops it), "World Bank"."""
    return name.literal or _joined(name.non_dropping_particle, name.family)


def whole_name(name: Name) -> str:
    """Give the name as a page prints it: "Érika Neves de Barros"."""
    if name.literal:
        return name.literal
    given, suffix = given_and_suffix(name)
    return _joined(given, name.dropping_particle, name.non_dropping_particle, name.family, suffix)


def family_with_particles(name: Name) -> str:
    """Give the family name as formats without particles want it: "van Ommeren", "de Barros"."""
    return _joined(name.dropping_particle, name.non_dropping_particle, name.family)


def given_and_suffix(name: Name) -> tuple[str, str]:
    """Part "Roland J., Jr." into given names and suffix; either may be empty."""
    given = (name.given or "").strip()
    parted = _SUFFIX.fullmatch(given)
    return (parted[1], parted[2]) if parted and parted[1] else (given, "")


def initials(given: str) -> str:
    """Give the initials: "A. M." of "Ana María", "J.-P." of "Jean-Paul", "G. da S." of "Gleici da Silva"."""
    return " ".join(_initial(part) for part in re.sub(r"\.(?=\w)", ". ", given).split())


def short_authors(names: Sequence[Name], language: str) -> str:
    """Give the authors as a card names them: all up to three, else the first "y otros" / "et al."; "" for none."""
    if len(names) > 3:
        return f"{short_name(names[0])} {'et al.' if language == 'en' else 'y otros'}"
    return listing([short_name(name) for name in names], language)


def all_authors(names: Sequence[Name], language: str) -> str:
    """Give every author with the whole name, in the published order."""
    return listing([whole_name(name) for name in names], language)


def listing(texts: Sequence[str], language: str) -> str:
    """Join with commas and "y" (or "e") / "and"."""
    if len(texts) < 2:
        return "".join(texts)
    conjunction = "and" if language == "en" else y_before(texts[-1])
    return f"{', '.join(texts[:-1])} {conjunction} {texts[-1]}"


def y_before(word: str) -> str:
    """Give the Spanish "and": "e" before the sound i ("e Iglesias", "e Hidalgo", but "y Hierro"), else "y"."""
    return "e" if _SOUNDS_LIKE_I.match(word) else "y"


def _initial(part: str) -> str:
    # A particle inside the given names keeps its small letters.
    if part[0].islower():
        return part
    return "-".join(f"{piece[0]}." for piece in part.split("-") if piece)


def _joined(*parts: str | None) -> str:
    return " ".join(part.strip() for part in parts if part and part.strip()).replace("’ ", "’").replace("' ", "'")
