"""Compares titles: how similar two are, and what makes them different works, such as years or "protocol". Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from studies.duplicates.matching.record_profile import NormalizedTitle, RecordProfile
from studies.duplicates.matching.wording import split_words

NEAR_WORD = 65
"""From this similarity (0 to 100), two words count as one that is misspelt."""
NEAR_HEAD = 92
SHORTEST_PREFIX = 40
"""The fewest letters of a truncated title that can still identify the whole."""
PART_SIMILARITY = 0.94
"""The similarity of a title without its subtitle or its end, however well the rest agrees."""

_DISTINGUISHING_WORDS = frozenset(
    """
    protocol protocolo protocols erratum errata fe corrigendum correction correccion retraction retraccion
    reply response respuesta comment comentario commentary replication replicacion
    ii iii iv baseline endline
    """.split()  # noqa: SIM905 - as readable as a list
)


@dataclass(frozen=True, slots=True)
class TitleSimilarity:
    """How similar two titles are: `alike` from 0 to 1, and `replaced`, the number of words that differ.

    `is_part` says that one lacks its subtitle, `same_head` that they are equal before it. `is_apart` says that a year,
    a number, a place or a word like "protocol" makes them two works. `is_translated` says that one of them is not the
    title as published. `words` is the number of words of the shorter one.
    """

    alike: float
    is_part: bool
    replaced: int
    is_apart: bool
    is_translated: bool
    words: int
    same_head: bool


def split_place_names(names: Iterable[str]) -> frozenset[str]:
    """Return the normalized words of these names of countries or regions."""
    return frozenset(word for name in names for word in split_words(name))


def compare_titles(
    one: RecordProfile, other: RecordProfile, places: frozenset[str], least: float
) -> TitleSimilarity | None:
    """Compare all titles of two records and return the best result, or None if none reaches `least` (0 to 1).

    A title that lacks its subtitle, or has another one, passes a `least` of up to PART_SIMILARITY.
    """
    pairs = [(a, b) for a in one.titles for b in other.titles]
    if one.language and one.language == other.language:
        # Originals in one language are enough: translations are the bank's own, and resemble one another.
        pairs = [(a, b) for a, b in pairs if a.is_original and b.is_original] or pairs
    found = [_compare_forms(a, b, places) for a, b in pairs if _is_worth_comparing(a, b, least)]
    return max(found, key=lambda likeness: (not likeness.is_apart, likeness.alike), default=None)


def _is_worth_comparing(one: NormalizedTitle, other: NormalizedTitle, least: float) -> bool:
    """Return True if two titles are worth the slower comparison by words."""
    return _compute_similarity(one, other) >= least or (
        least <= PART_SIMILARITY and (_is_part(one, other) or _has_same_head(one, other))
    )


def _compute_similarity(one: NormalizedTitle, other: NormalizedTitle) -> float:
    return max(fuzz.ratio(one.text, other.text), fuzz.token_sort_ratio(one.text, other.text)) / 100


def _compare_forms(one: NormalizedTitle, other: NormalizedTitle, places: frozenset[str]) -> TitleSimilarity:
    whole = _compute_similarity(one, other)
    only_one, only_other = _find_unmatched_words(
        _complete_last_word(one, other), _complete_last_word(other, one), places
    )
    is_part = (not only_one or not only_other) and _is_part(one, other)
    return TitleSimilarity(
        alike=max(whole, PART_SIMILARITY) if is_part else whole,
        is_part=is_part and whole < PART_SIMILARITY,
        replaced=min(sum(map(_has_meaning, only_one)), sum(map(_has_meaning, only_other))),
        is_apart=_are_apart(only_one, only_other, places),
        is_translated=not (one.is_original and other.is_original),
        words=min(len(one.words), len(other.words)),
        same_head=_has_same_head(one, other),
    )


def _has_same_head(one: NormalizedTitle, other: NormalizedTitle) -> bool:
    return any(fuzz.ratio(a, b, score_cutoff=NEAR_HEAD) for a in one.heads for b in other.heads)


def _is_part(one: NormalizedTitle, other: NormalizedTitle) -> bool:
    """Return True if one title is the other without its subtitle, or truncated by a field that was too short."""
    short, long = sorted((one, other), key=lambda form: len(form.text))
    if any(fuzz.ratio(short.text, head) >= NEAR_HEAD for head in long.heads):
        return True
    return len(short.text) >= SHORTEST_PREFIX and fuzz.ratio(short.text, long.text[: len(short.text)]) >= 95


def _complete_last_word(one: NormalizedTitle, other: NormalizedTitle) -> tuple[str, ...]:
    """Return the words of a title, with a truncated last word completed from the other title."""
    place = len(one.words) - 1
    if place < len(other.words) and other.words[place].startswith(one.words[place]):
        return (*one.words[:place], other.words[place])
    return one.words


def _find_unmatched_words(
    one: Iterable[str], other: Iterable[str], places: frozenset[str]
) -> tuple[list[str], list[str]]:
    """Return the words that only one title has. Misspelt words, and words split or joined, count as matched."""
    first, second = Counter(one), Counter(other)
    only_one, only_other = list((first - second).elements()), list((second - first).elements())
    twins = [word for word in only_other if _can_be_misspelt(word)]
    for word in filter(_can_be_misspelt, list(only_one)):
        near = next((twin for twin in twins if _is_misspelling(word, twin, places)), None)
        if near is not None:
            only_one.remove(word)
            only_other.remove(near)
            twins.remove(near)
    return _drop_joined(only_one, only_other), _drop_joined(only_other, only_one)


def _can_be_misspelt(word: str) -> bool:
    """Return True if `word` may be misspelt. A changed number, also in Roman numerals, is another number."""
    return len(word) > 3 and word.isalpha()


def _is_misspelling(word: str, twin: str, places: frozenset[str]) -> bool:
    # "Uruguay" is similar to "Paraguay", but not a misspelling of it.
    return fuzz.ratio(word, twin) >= NEAR_WORD and not (word in places and twin in places)


def _drop_joined(words: list[str], others: list[str]) -> list[str]:
    """Drop words that the other title has without the space or the hyphen, as in "intimate partner"."""
    joined = "".join(others)
    return [word for word in words if len(word) < 4 or word not in joined] if joined else words


def _are_apart(only_one: list[str], only_other: list[str], places: frozenset[str]) -> bool:
    if any(word in _DISTINGUISHING_WORDS for word in (*only_one, *only_other)):
        return True
    kinds = (_has_digit, places.__contains__)
    return any(any(map(kind, only_one)) and any(map(kind, only_other)) for kind in kinds)


def _has_meaning(word: str) -> bool:
    """Return True if replacing `word` counts. A typing error turns "the" into "hte", which must not."""
    return len(word) > 3 or _has_digit(word)


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)
