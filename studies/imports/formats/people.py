"""Reads names of authors, and lists of them in one line, as programs write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from studies.imports.formats.base import Json
from studies.imports.formats.plain_text import known_text, plain_text

_PARTICLES = frozenset("da das de del della der di do dos du el la las le los ten ter van vande von y zu zur".split())  # noqa: SIM905
_NOBODY = re.compile(
    r"\W*(?:anon(?:ymous)?|an[óo]nimo|no author.*|et\.? al|others|otros|y otros|and others)\W*", re.IGNORECASE
)
_SHORT_NAME = re.compile(r"([^\W\d_].{0,80}?[^\W\d_]) ((?:[A-Z]\.?[- ]?){1,3}|(?:[A-Z][a-z]?\.[- ]?){1,4})")
"""A name as indexes write it: "Quispe Mamani AM", "Quispe A.M.", "Quispe Yu.A."."""
_INITIALS = re.compile(r"(?:[A-Z]\.?[- ]?){1,4}")
_OF_INSTITUTIONS = re.compile(
    r"\b(?:of|the|for|de|del|asociaci|associat|cent(?:er|re|ro)|colectiv|comi|commi|consort|council|consejo|depart|"
    r"direcci|found|fundaci|group|grupo|health|institut|investigator|minist|nacional|national|network|office|"
    r"oficina|organi|policy|program|project|proyecto|red\b|research|rights|salud|societ|sociedad|study|team|trial|"
    r"uni[oó]n\b|universi|world)",
    re.IGNORECASE,
)
_COUNTRIES = frozenset(("EU", "GB", "PE", "UK", "UN", "US", "USA"))
_NUMBER_BEHIND = re.compile(r"\s*\(\d{6,}\)")
_GLUED = re.compile(r"(?:(?<=[a-zà-ÿ] [A-Z]\.)|(?<= [A-Z]\. [A-Z]\.)|(?<= [A-Z]\.[A-Z]\.))(?=[A-Z][a-zà-ÿ])")
"""Between the names of "Quispe A.Poma E. B.Chunga R."."""
_AND = re.compile(r"\s(?:and|&|y|e|und|et)\s", re.IGNORECASE)


def read_person(text: object) -> Json | None:
    """Read "Family, Given", "Family, Given, Jr." or "Family GH"; any other name without a comma is an institution.

    None for nothing.
    """
    written = known_text(text).strip(" ;")
    if not written.strip(" ,") or _NOBODY.fullmatch(written):
        return None
    family, comma, given = written.partition(",")
    if comma:
        return make_person(family, re.sub(r"\s*,\s*", ", ", given.strip(" ,")))
    if (short := _SHORT_NAME.fullmatch(written)) and not _is_institution(short[1], short[2]):
        return make_person(short[1], _spell_initials(short[2]))
    return {"literal": written}


def _is_institution(name: str, end: str) -> bool:
    """Return True for "Grupo AB", "CARE USA", "Oxfam GB", whose end looks like initials."""
    return (
        bool(_OF_INSTITUTIONS.search(name))
        or end in _COUNTRIES
        or (name.isupper() and len(name.split()) == 1 < len(end) and "." not in end)
    )


def _spell_initials(written: str) -> str:
    """Write "AM" and "AM." as "A. M."; initials that have all their points stay."""
    letters = [letter for letter in written if letter.isalpha()]
    is_spelt = written.count(".") == len(letters) or not written.replace(".", "").isupper()
    return written.strip() if is_spelt else " ".join(f"{letter}." for letter in letters)


def make_person(family: object, given: object = "", particle: object = "") -> Json | None:
    """Return an author as records have it, with a lower-case particle apart from the family name; None for nothing."""
    words = plain_text(family).split()
    if not words:
        alone = known_text(given)
        return {"literal": alone} if alone else None
    before = [plain_text(particle)] if plain_text(particle) else []
    while len(words) > 1 and words[0] in _PARTICLES:
        before.append(words.pop(0))
    made = {"family": " ".join(words), "given": plain_text(given), "non-dropping-particle": " ".join(before)}
    return {key: value for key, value in made.items() if value}


def read_people(texts: Iterable[object]) -> list[Json]:
    """Read names, of which one text may hold several; what is empty, and what is given twice, is left out."""
    found: dict[tuple[tuple[str, str], ...], Json] = {}
    for text in texts:
        for name in split_people(text):
            if person := read_person(name):
                found.setdefault(tuple(person.items()), person)
    return list(found.values())


def split_people(text: object) -> list[str]:
    """Split a list of names at whatever parts it: semicolons, bars, "and", a list of Python, commas between names.

    In a list of nothing but persons "Ana Quispe" becomes "Quispe, Ana". A comma inside a name ("Quispe, Ana") and an
    "and" inside an institution ("Health and Human Services") part nothing.
    """
    written = _NUMBER_BEHIND.sub("", plain_text(text)).strip()
    if listed := re.fullmatch(r"\[(['\"].*['\"])\]", written):
        return _stripped(re.split(r"['\"]\s*,\s*['\"]", listed[1].strip("'\" ")))
    for sign in ";|":
        if sign in written:
            parts = _stripped(written.split(sign))
            return [*map(_inverted, parts)] if len(parts) > 1 and all(map(_is_person, parts)) else parts
    if len(glued := _GLUED.split(written)) > 1:
        return _stripped(glued)
    parts = _stripped(_AND.split(written))
    if len(parts) > 1 and (all(map(_is_inverted, parts)) or all(map(_is_person, parts))):
        return [_inverted(part) for part in parts]
    listed_names = _split_at_commas(re.sub(r",?\s(?:and|&|y)\s", ", ", written, flags=re.IGNORECASE))
    return listed_names or [written]


def _stripped(parts: Iterable[str]) -> list[str]:
    return [part.strip(" ,") if part.strip().endswith(",") else part.strip() for part in parts if part.strip(" ,.")]


def _is_inverted(part: str) -> bool:
    """Return True for "Family, Given" of a person."""
    family, comma, given = part.partition(",")
    return bool(comma and given.strip()) and len(family.split()) <= 4 and "," not in given.strip(" ,")


def _is_person(part: str) -> bool:
    """Return True for a name such as "Ana M. Quispe" or "Quispe AM", False for what may be half an institution."""
    words = part.split()
    return (
        2 <= len(words) <= 5
        and "," not in part
        and all(word[0].isupper() or word in _PARTICLES for word in words)
        and not _OF_INSTITUTIONS.search(" ".join(word for word in words if word not in _PARTICLES))
    )


def _inverted(name: str) -> str:
    """Turn "Ana M. Quispe" into "Quispe, Ana M."; what is inverted or short already stays."""
    if "," in name or _SHORT_NAME.fullmatch(name):
        return name
    words = name.split()
    begin = next((place for place, word in enumerate(words[1:-1], start=1) if word in _PARTICLES), len(words) - 1)
    return f"{' '.join(words[begin:])}, {' '.join(words[:begin])}"


def _split_at_commas(written: str) -> list[str]:
    """Split "Quispe A, Poma EB" and "Quispe, A., Poma, E. B." and "Ana Quispe, Elías Poma, Rosa Chunga"; else []."""
    parts = _stripped(written.split(",")) if written.count(",") else []
    parts = [part for part in parts if not _NOBODY.fullmatch(part)]
    if len(parts) > 1 and all(_SHORT_NAME.fullmatch(part) for part in parts):
        return parts
    pairs = list(zip(parts[::2], parts[1::2], strict=False))
    if len(parts) > 3 and len(parts) % 2 == 0 and all(_INITIALS.fullmatch(given) for _family, given in pairs):
        return [f"{family}, {given}" for family, given in pairs]
    if len(parts) > 2 and all(map(_is_person, parts)):
        return [_inverted(part) for part in parts]
    return []
