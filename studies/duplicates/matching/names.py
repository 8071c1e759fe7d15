"""Compares lists of authors: full names, initials, one of two family names, or a name in one field. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from studies.duplicates.matching.record_profile import NormalizedAuthor

NEAR_FAMILY = 84
NEAR_INSTITUTION = 88
ONE_OF_MANY = 0.6
"""The factor for a list of one name which is in the other list, but not as its first."""


@dataclass(frozen=True, slots=True)
class NameSimilarity:
    """How similar two lists of authors are: `share` from 0 to 1, with `shared` names of the `most` in the longer list.

    `has_first` says that both begin with the same author.
    """

    share: float
    shared: int
    most: int
    has_first: bool


def compare_names(one: tuple[NormalizedAuthor, ...], other: tuple[NormalizedAuthor, ...]) -> NameSimilarity | None:
    """Compare the authors of two records. Return None if one of them has none."""
    if not one or not other:
        return None
    short, long = sorted((one, other), key=len)
    waiting = list(long)
    shared = 0
    for name in short:
        found = next((twin for twin in waiting if _is_same_author(name, twin)), None)
        if found is not None:
            waiting.remove(found)
            shared += 1
    has_first = _is_same_author(short[0], long[0])
    share = (shared / len(short)) * (0.85 + 0.15 * shared / len(long))
    if len(short) == 1 and len(long) > 1 and not has_first:
        share *= ONE_OF_MANY
    return NameSimilarity(share, shared, len(long), has_first)


def _is_same_author(one: NormalizedAuthor, other: NormalizedAuthor) -> bool:
    if one.acronym or other.acronym:
        return _is_same_institution(one, other)
    if _overlap(one.family, other.family):
        if not one.initials or not other.initials or _overlap(one.initials, other.initials):
            return True
        # García, J. and García, M. are two; but indexes take a second family name for a given one, and back.
        return any(word in other.family for word in one.all if word not in one.family) or any(
            word in one.family for word in other.all if word not in other.family
        )
    if all(word in other.all for word in one.family) and _overlap(other.family, one.all):
        return True
    return fuzz.ratio(one.joined, other.joined) >= NEAR_FAMILY


def _is_same_institution(one: NormalizedAuthor, other: NormalizedAuthor) -> bool:
    if one.acronym and other.acronym:
        if one.acronym in other.all or other.acronym in one.all:
            return True
        return fuzz.token_set_ratio(one.joined, other.joined) >= NEAR_INSTITUTION
    institution, person = (one, other) if one.acronym else (other, one)
    # A whole name in one field: "Abramsky T", "Tanya Abramsky".
    return len(institution.all) <= 4 and bool(person.family) and all(word in institution.all for word in person.family)


def _overlap(one: Iterable[str], other: Container[str]) -> bool:
    return any(part in other for part in one)
