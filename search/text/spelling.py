"""Spelling correction over the bank's own words. Pure; `known_words` collects the words, `did_you_mean` calls this.

It works on words as they are written, never on tokens, because people read what it offers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from search.text.analysis import fold

SHORTEST_WORD = 3
"""Letters of a word that a list keeps; shorter ones are near to everything."""
LONGEST_WORD = 40
"""Letters of a word that a list keeps, and of one that is looked up."""


@dataclass(frozen=True, slots=True)
class BankWord:
    """A word of the bank in its most frequent spelling. `texts`: how many texts have it; `is_name`: part of a name."""

    text: str
    texts: int
    is_name: bool = False


class Wordlist:
    """The bank's words by their folded form. Immutable; a lookup among 30,000 words takes some milliseconds."""

    def __init__(self, words: Mapping[str, BankWord]) -> None:
        self._words = words
        self._by_length: dict[int, list[str]] = {}
        for folded in words:
            self._by_length.setdefault(len(folded), []).append(folded)

    def __len__(self) -> int:
        return len(self._words)

    def lookup(self, typed: str) -> BankWord | None:
        """Return the word equal to `typed` but for case and accents, or None."""
        return self._words.get(fold(typed))

    def find_near(self, typed: str, most: int) -> list[BankWord]:
        """Return at most `most` other words that `typed` may be a misspelling of, the likeliest first.

        Allowed are one to three edits, depending on the length of the word: letters left out, added, replaced or
        swapped with the next. Letters that sound alike in Spanish (b and v, s, c and z, a mute h) or that are
        neighbours on the keyboard cost less.
        """
        folded = fold(typed)[: LONGEST_WORD + 1]
        if not SHORTEST_WORD < len(folded) <= LONGEST_WORD:
            return []
        bound = _max_slips(len(folded))
        found = []
        for length in range(len(folded) - bound, len(folded) + bound + 1):
            choices = self._by_length.get(length, ())
            matches = process.extract(folded, choices, scorer=OSA.distance, score_cutoff=bound, limit=None)
            found += [(other, int(slips)) for other, slips, _ in matches if other != folded]
        ranked = sorted(found, key=lambda pair: (self._rate_cost(folded, *pair), pair[0]))
        return [self._words[other] for other, _ in ranked[:most]]

    def split_in_two(self, typed: str) -> tuple[BankWord, BankWord] | None:
        """Return the two words that `typed` joins without a space, or None. The rarer word decides between pairs."""
        folded = fold(typed)[: LONGEST_WORD + 1]
        pairs = [
            (first, second)
            for at in range(SHORTEST_WORD, len(folded) - SHORTEST_WORD + 1)
            if (first := self._words.get(folded[:at])) and (second := self._words.get(folded[at:]))
        ]
        return max(pairs, key=lambda pair: (min(word.texts for word in pair), pair[0].text), default=None)

    def _rate_cost(self, typed: str, other: str, slips: int) -> float:
        """Weigh edits against frequency: a word that is a hundred times as frequent makes up for half an edit."""
        cost = float(slips)
        if phonetic_key(typed) == phonetic_key(other):
            cost = 0.5
        elif slips == 1 and _is_next_key(typed, other):
            cost = 0.75
        if typed[0] != other[0]:
            cost += 0.25
        return cost - 0.25 * math.log10(1 + self._words[other].texts)


def extract_words(text: str) -> Iterator[str]:
    """Yield the words of a text that a `Wordlist` may keep, as they are spelled there."""
    for word in _LETTERS.findall(text):
        if len(word) <= LONGEST_WORD:
            yield word


@lru_cache(maxsize=10_000)
def phonetic_key(folded: str) -> str:
    """Return a phonetic key: words that sound alike in Latin American Spanish share it."""
    for pattern, replacement in _SOUNDS:
        folded = pattern.sub(replacement, folded)
    return folded


_LETTERS = re.compile(rf"[^\W\d_]{{{SHORTEST_WORD},}}")
# In this order; capitals are sounds that a later rule must not replace again.
_SOUNDS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        ("qu(?=[ei])", "k"),
        ("gu(?=[ei])", "G"),
        ("g(?=[ei])", "j"),
        ("ch", "C"),
        ("ph", "f"),
        ("h", ""),
        ("ll", "y"),
        ("c(?=[ei])|z|x|sc(?=[ei])", "s"),
        ("c|q", "k"),
        ("v|w", "b"),
        ("mb", "nb"),
        ("i(?=[aeou])", "y"),
        (r"(.)\1+", r"\1"),
    )
)
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEY_PLACES = {key: (row, column) for row, keys in enumerate(_KEYBOARD) for column, key in enumerate(keys)}


def _max_slips(length: int) -> int:
    if length <= 6:
        return 1
    return 2 if length <= 11 else 3


def _is_next_key(typed: str, other: str) -> bool:
    """Return True if the words differ in one letter only, typed on a neighbouring key."""
    if len(typed) != len(other):
        return False
    differing = [(a, b) for a, b in zip(typed, other, strict=True) if a != b]
    if len(differing) != 1 or not all(letter in _KEY_PLACES for letter in differing[0]):
        return False
    (row, column), (other_row, other_column) = (_KEY_PLACES[letter] for letter in differing[0])
    return abs(row - other_row) <= 1 and abs(column - other_column) <= 1
