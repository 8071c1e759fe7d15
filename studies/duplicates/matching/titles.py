"""How alike two titles are, and what tells them apart: replaced words, other years, a protocol. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from studies.duplicates.matching.portrait import Portrait, TitleForm
from studies.duplicates.matching.wording import words

NEAR_WORD = 65
"""From this likeness (0 to 100) two words count as one with a slip."""
NEAR_HEAD = 92
SHORTEST_PREFIX = 40
"""Letters of a cut title that can still stand for the whole."""
PART = 0.94
"""What a title counts that lacks its subtitle or its end, however well the rest agrees."""

_TELLS_APART = frozenset(
    """
    protocol protocolo protocols erratum errata fe corrigendum correction correccion retraction retraccion
    reply response respuesta comment comentario commentary replication replicacion
    ii iii iv baseline endline
    """.split()  # noqa: SIM905 - as readable as a list
)


@dataclass(frozen=True, slots=True)
class TitleLikeness:
    """`alike` from 0 to 1; `is_part` where one lacks its subtitle; `replaced` counts words that the other has not.

    `is_apart` says that a year, a number, a place or a word like "protocol" makes them two. `is_translated`: one of
    them is not the title as published. `words` is the number of words of the shorter one.
    """

    alike: float
    is_part: bool
    replaced: int
    is_apart: bool
    is_translated: bool
    words: int
    same_head: bool


def place_words(names: Iterable[str]) -> frozenset[str]:
    """Return the words by which titles name these countries or regions."""
    return frozenset(word for name in names for word in words(name))


def compare_titles(one: Portrait, other: Portrait, places: frozenset[str], least: float) -> TitleLikeness | None:
    """Compare the titles of two records in the forms that are nearest; None where none is alike by `least` (0 to 1).

    A title that lacks its subtitle, or has another one, counts as alike by PART before its words are looked at.
    """
    pairs = [(a, b) for a in one.titles for b in other.titles]
    if one.language and one.language == other.language:
        # Originals in one language: translations, the bank's own, would only add their own likeness.
        pairs = [(a, b) for a, b in pairs if a.is_original and b.is_original] or pairs
    found = [_likeness(a, b, places) for a, b in pairs if _may_be(a, b, least)]
    return max(found, key=lambda likeness: (not likeness.is_apart, likeness.alike), default=None)


def _may_be(one: TitleForm, other: TitleForm, least: float) -> bool:
    """Say whether the words of two titles are worth a look, by what is quickly told."""
    return _whole(one, other) >= least or (least <= PART and (_is_part(one, other) or _same_head(one, other)))


def _whole(one: TitleForm, other: TitleForm) -> float:
    return max(fuzz.ratio(one.text, other.text), fuzz.token_sort_ratio(one.text, other.text)) / 100


def _likeness(one: TitleForm, other: TitleForm, places: frozenset[str]) -> TitleLikeness:
    whole = _whole(one, other)
    only_one, only_other = _unmatched(_uncut(one, other), _uncut(other, one), places)
    is_part = (not only_one or not only_other) and _is_part(one, other)
    return TitleLikeness(
        alike=max(whole, PART) if is_part else whole,
        is_part=is_part and whole < PART,
        replaced=min(sum(map(_has_meaning, only_one)), sum(map(_has_meaning, only_other))),
        is_apart=_are_apart(only_one, only_other, places),
        is_translated=not (one.is_original and other.is_original),
        words=min(len(one.words), len(other.words)),
        same_head=_same_head(one, other),
    )


def _same_head(one: TitleForm, other: TitleForm) -> bool:
    return any(fuzz.ratio(a, b, score_cutoff=NEAR_HEAD) for a in one.heads for b in other.heads)


def _is_part(one: TitleForm, other: TitleForm) -> bool:
    """Say whether one title is the other without its subtitle, or cut off where a field was too short."""
    short, long = sorted((one, other), key=lambda form: len(form.text))
    if any(fuzz.ratio(short.text, head) >= NEAR_HEAD for head in long.heads):
        return True
    return len(short.text) >= SHORTEST_PREFIX and fuzz.ratio(short.text, long.text[: len(short.text)]) >= 95


def _uncut(one: TitleForm, other: TitleForm) -> tuple[str, ...]:
    """Return the words of a title with its last one whole, where a field was too short for it."""
    place = len(one.words) - 1
    if place < len(other.words) and other.words[place].startswith(one.words[place]):
        return (*one.words[:place], other.words[place])
    return one.words


def _unmatched(one: Iterable[str], other: Iterable[str], places: frozenset[str]) -> tuple[list[str], list[str]]:
    """Return the words that only one of the two has; slips, and words cut or run together, count as matched."""
    first, second = Counter(one), Counter(other)
    only_one, only_other = list((first - second).elements()), list((second - first).elements())
    twins = [word for word in only_other if _can_slip(word)]
    for word in filter(_can_slip, list(only_one)):
        near = next((twin for twin in twins if _is_slip(word, twin, places)), None)
        if near is not None:
            only_one.remove(word)
            only_other.remove(near)
            twins.remove(near)
    return _without_joined(only_one, only_other), _without_joined(only_other, only_one)


def _can_slip(word: str) -> bool:
    """Say whether a slip leaves `word` what it is: numbers, and those in Roman letters, are others then."""
    return len(word) > 3 and word.isalpha()


def _is_slip(word: str, twin: str, places: frozenset[str]) -> bool:
    # Uruguay is no slip for Paraguay.
    return fuzz.ratio(word, twin) >= NEAR_WORD and not (word in places and twin in places)


def _without_joined(words: list[str], others: list[str]) -> list[str]:
    """Leave out words that stand in the other title without the space or the hyphen: "intimate partner"."""
    joined = "".join(others)
    return [word for word in words if len(word) < 4 or word not in joined] if joined else words


def _are_apart(only_one: list[str], only_other: list[str], places: frozenset[str]) -> bool:
    if any(word in _TELLS_APART for word in (*only_one, *only_other)):
        return True
    kinds = (_has_digit, places.__contains__)
    return any(any(map(kind, only_one)) and any(map(kind, only_other)) for kind in kinds)


def _has_meaning(word: str) -> bool:
    """Say whether another word in the place of `word` counts: a slip turns "the" into "hte"."""
    return len(word) > 3 or _has_digit(word)


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)
