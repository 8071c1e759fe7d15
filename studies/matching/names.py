"""How far two lists of authors are one: names in full or short, with one family name of two, in one field. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz

from studies.matching.portrait import Name

NEAR_FAMILY = 84
ONE_OF_MANY = 0.6
"""What a list of one name counts that is in the other, but not its first."""


@dataclass(frozen=True, slots=True)
class NameLikeness:
    """`share` from 0 to 1; `shared` names of the `most` that one has; `has_first`: the first of one is in the other."""

    share: float
    shared: int
    most: int
    has_first: bool


def compare_names(one: tuple[Name, ...], other: tuple[Name, ...]) -> NameLikeness | None:
    """Compare the authors of two records; None where one of them names none."""
    if not one or not other:
        return None
    short, long = sorted((one, other), key=len)
    waiting = list(long)
    shared = 0
    for name in short:
        found = next((twin for twin in waiting if _is_same(name, twin)), None)
        if found is not None:
            waiting.remove(found)
            shared += 1
    has_first = _is_same(short[0], long[0])
    share = (shared / len(short)) * (0.85 + 0.15 * shared / len(long))
    if len(short) == 1 and len(long) > 1 and not has_first:
        share *= ONE_OF_MANY
    return NameLikeness(share, shared, len(long), has_first)


def _is_same(one: Name, other: Name) -> bool:
    if one.acronym or other.acronym:
        return _is_same_institution(one, other)
    if one.initials and other.initials and one.family & other.family and not one.initials & other.initials:
        # García, J. and García, M. are two; but indexes take a second family name for a given one, and back.
        return bool((one.all - one.family) & other.family or (other.all - other.family) & one.family)
    if one.family & other.family:
        return True
    if one.family <= other.all and other.family & one.all:
        return True
    return fuzz.ratio(one.joined, other.joined) >= NEAR_FAMILY


def _is_same_institution(one: Name, other: Name) -> bool:
    if one.acronym and other.acronym and (one.acronym in other.all or other.acronym in one.all):
        return True
    if one.acronym and other.acronym:
        return fuzz.token_set_ratio(one.joined, other.joined) >= 88
    institution, person = (one, other) if one.acronym else (other, one)
    # A whole name in one field: "Abramsky T", "Tanya Abramsky".
    return len(institution.all) <= 4 and bool(person.family) and person.family <= institution.all
