"""Which of the bank's own words a reader may have meant. Pure; `known_words` collects the words, `did_you_mean` asks.

Only surface words are here, never tokens: what is offered is read by people.
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

SHORTEST = 3
"""Letters of a word that is kept; shorter ones are near to everything."""
LONGEST = 40
"""Letters of a word that is kept and of one that is looked up."""


@dataclass(frozen=True, slots=True)
class BankWord:
    """A word of the bank by its most frequent spelling. `texts`: how many texts hold it; `is_name`: part of a name."""

    text: str
    texts: int
    is_name: bool = False


class Wordlist:
    """Words by their folded form, with the lookup of near ones. Immutable; 30,000 words take some milliseconds each."""

    def __init__(self, words: Mapping[str, BankWord]) -> None:
        self._words = words
        self._by_length: dict[int, list[str]] = {}
        for folded in words:
            self._by_length.setdefault(len(folded), []).append(folded)

    def __len__(self) -> int:
        return len(self._words)

    def find(self, typed: str) -> BankWord | None:
        """Return the word that is `typed`, case and accents aside."""
        return self._words.get(fold(typed))

    def near(self, typed: str, most: int) -> list[BankWord]:
        """Return other words that `typed` may be a slip for, the likeliest first.

        Slips are letters left out, added, exchanged or swapped with the next, one to three by the length of the word.
        What sounds alike in Spanish (b and v, s, c and z, a mute h) or lies side by side on the keyboard counts less.
        """
        folded = fold(typed)[: LONGEST + 1]
        if not SHORTEST < len(folded) <= LONGEST:
            return []
        bound = _most_slips(len(folded))
        found = []
        for length in range(len(folded) - bound, len(folded) + bound + 1):
            choices = self._by_length.get(length, ())
            matches = process.extract(folded, choices, scorer=OSA.distance, score_cutoff=bound, limit=None)
            found += [(other, int(slips)) for other, slips, _ in matches if other != folded]
        ranked = sorted(found, key=lambda pair: (self._unlikeliness(folded, *pair), pair[0]))
        return [self._words[other] for other, _ in ranked[:most]]

    def halves(self, typed: str) -> tuple[BankWord, BankWord] | None:
        """Return the two words that stand in `typed` without the space between them; the least rare pair."""
        folded = fold(typed)[: LONGEST + 1]
        pairs = [
            (first, second)
            for at in range(SHORTEST, len(folded) - SHORTEST + 1)
            if (first := self._words.get(folded[:at])) and (second := self._words.get(folded[at:]))
        ]
        return max(pairs, key=lambda pair: (min(word.texts for word in pair), pair[0].text), default=None)

    def _unlikeliness(self, typed: str, other: str, slips: int) -> float:
        """Weigh slips against frequency: a word a hundred times as frequent makes up for half a slip."""
        cost = float(slips)
        if sound(typed) == sound(other):
            cost = 0.5
        elif slips == 1 and _is_next_key(typed, other):
            cost = 0.75
        if typed[0] != other[0]:
            cost += 0.25
        return cost - 0.25 * math.log10(1 + self._words[other].texts)


def kept_words(text: str) -> Iterator[str]:
    """Yield the words of a text that a list keeps, as they are spelled there."""
    for word in _LETTERS.findall(text):
        if len(word) <= LONGEST:
            yield word


@lru_cache(maxsize=10_000)
def sound(folded: str) -> str:
    """Return a key that words share which sound alike in Latin American Spanish, doubled letters made single."""
    for pattern, replacement in _SOUNDS:
        folded = pattern.sub(replacement, folded)
    return folded


_LETTERS = re.compile(rf"[^\W\d_]{{{SHORTEST},}}")
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
_PLACE = {key: (row, column) for row, keys in enumerate(_KEYBOARD) for column, key in enumerate(keys)}


def _most_slips(length: int) -> int:
    if length <= 6:
        return 1
    return 2 if length <= 11 else 3


def _is_next_key(typed: str, other: str) -> bool:
    """Say whether one letter was hit beside the key that was meant."""
    if len(typed) != len(other):
        return False
    differing = [(a, b) for a, b in zip(typed, other, strict=True) if a != b]
    if len(differing) != 1 or not all(letter in _PLACE for letter in differing[0]):
        return False
    (row, column), (other_row, other_column) = (_PLACE[letter] for letter in differing[0])
    return abs(row - other_row) <= 1 and abs(column - other_column) <= 1
