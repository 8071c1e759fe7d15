"""Soft hyphens for the heads of Word's tables: LibreOffice breaks a long word in a narrow cell at any letter."""

from __future__ import annotations

import re

SOFT_HYPHEN = "\u00ad"

_SHORTEST = 9
"""Letters of a word that may be too long for a cell."""

_MARGIN = 3
"""Letters that stay together at the beginning and at the end of a word."""

_VOWELS = "aeiouáéíóúüAEIOUÁÉÍÓÚÜ"
# A syllable begins with one consonant, or with a pair that Spanish does not part: "des-fa-vo-ra-ble".
_PAIRS = "ch|ll|rr|qu|gu|[bcdfgpt]r|[bcfgp]l"
_BEFORE_SYLLABLE = re.compile(rf"(?=(?:{_PAIRS}|[^\W\d_{_VOWELS}])[{_VOWELS}])", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


def hyphenate(text: str) -> str:
    """Return a Spanish text whose long words carry soft hyphens between syllables."""
    return _WORD.sub(lambda match: _hyphenate_word(match[0]), text)


def _hyphenate_word(word: str) -> str:
    if len(word) < _SHORTEST:
        return word
    places: list[int] = []
    for match in _BEFORE_SYLLABLE.finditer(word):
        place = match.start()
        is_inside_pair = re.match(rf"(?:{_PAIRS})[{_VOWELS}]", word[place - 1 :], re.IGNORECASE) if place else None
        if _MARGIN <= place <= len(word) - _MARGIN and not is_inside_pair:
            places.append(place)
    pieces = [word[start:end] for start, end in zip([0, *places], [*places, len(word)], strict=True)]
    return SOFT_HYPHEN.join(pieces)
