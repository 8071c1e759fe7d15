"""Names that lead to codes: labels of vocabularies and countries, programmes with their aliases (S1). Pure.

`parser` asks here when it reads a query, so the index holds codes and no label (I2).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from search.query.tree import Code
from search.text.analysis import Stems, words
from search.text.lexicon import STOP_WORDS

NO_CODES: frozenset[Code] = frozenset()


@dataclass(frozen=True, slots=True)
class Name:
    """A code with all that it is called: its labels in both languages, its aliases."""

    parameter: str
    code: str
    texts: tuple[str, ...]


class NameIndex:
    """Finds codes by the words of their names. A word is given by its tokens and matches under either rule set.

    Build it once for a state of the vocabularies: some hundred names take some milliseconds.
    """

    def __init__(self, names: Iterable[Name] = ()) -> None:
        self._holding: tuple[_Postings, _Postings] = (defaultdict(set), defaultdict(set))
        self._named: tuple[_Wholes, _Wholes] = (defaultdict(set), defaultdict(set))
        self._texts: list[tuple[Code, tuple[tuple[str, ...], tuple[str, ...]]]] = []
        self._codes: dict[tuple[str, str], Code] = {}
        for name in names:
            self._codes[name.parameter, name.code.casefold()] = (name.parameter, name.code)
            for text in name.texts:
                self._add((name.parameter, name.code), text)
        self._longest: dict[str, int] = {}
        for wholes in self._named:
            for whole in wholes:
                self._longest[whole[0]] = max(self._longest.get(whole[0], 0), len(whole))

    def codes_holding(self, run: Sequence[Stems]) -> frozenset[Code]:
        """Return the codes with a name that holds the words of `run` side by side, for words that are sought.

        "líderes" leads to "Movilización comunitaria, líderes y normas sociales". Words that are all stop words
        lead to a code only as a whole name of several words ("El que ve y ayuda" is nearly one).
        """
        if all(self.is_stop_word(stems) for stems in run):
            return self.codes_named(run) if len(run) > 1 else NO_CODES
        texts = self._texts_holding(run, 0) | self._texts_holding(run, 1)
        return self.codes_named(run).union(self._texts[number][0] for number in texts)

    def codes_named(self, run: Sequence[Stems]) -> frozenset[Code]:
        """Return the codes with a name that is `run` as a whole, for words that are excluded.

        "-brasil" takes Brazil's studies away, but "-mujeres" must not take every study of "Autonomía de las mujeres".
        What stands in brackets in a name may be left out.
        """
        if len(run) == 1 and self.is_stop_word(run[0]):
            return NO_CODES
        sides = (self._named[side].get(tuple(stems[side] for stems in run), ()) for side in (0, 1))
        return frozenset(code for codes in sides for code in codes)

    def codes_beginning(self, letters: str, parameter: str = "") -> frozenset[Code]:
        """Return the codes with a name that holds a word which begins with these folded letters."""
        numbers = {
            number
            for holding in self._holding
            for token, texts in holding.items()
            if token.startswith(letters)
            for number in texts
        }
        found = frozenset(self._texts[number][0] for number in numbers)
        return frozenset(code for code in found if code[0] == parameter) if parameter else found

    def codes_of(self, parameter: str, run: Sequence[Stems], typed: str) -> frozenset[Code]:
        """Return the codes of one parameter for a value that a reader gave to its field.

        The code itself counts first ("PE"), then a whole name, then names that hold the words ("corea").
        """
        if code := self._codes.get((parameter, typed.casefold())):
            return frozenset({code})
        for codes in (self.codes_named(run), self.codes_holding(run)):
            if found := frozenset(code for code in codes if code[0] == parameter):
                return found
        return NO_CODES

    @property
    def longest(self) -> int:
        """The number of words of the longest name."""
        return max(self._longest.values(), default=0)

    def longest_from(self, first: Stems) -> int:
        """Return how many words the longest name has that begins with the word `first`, or 0."""
        return max(self._longest.get(first.es, 0), self._longest.get(first.en, 0))

    def name_at(self, run: Sequence[Stems], start: int) -> int:
        """Return how many words from `start` on are the longest whole name of two or more words, or 0."""
        most = self.longest_from(run[start]) if start < len(run) else 0
        for length in range(min(most, len(run) - start), 1, -1):
            if self.codes_named(run[start : start + length]):
                return length
        return 0

    @staticmethod
    def is_stop_word(stems: Stems) -> bool:
        """Say whether a word is a stop word, given its tokens."""
        return stems in _STOP_STEMS

    def _add(self, code: Code, text: str) -> None:
        stems = _stems_of(text)
        number = len(self._texts)
        self._texts.append((code, _sides(stems)))
        for side in (0, 1):
            for token in self._texts[number][1][side]:
                self._holding[side][token].add(number)
        for whole in (stems, _stems_of(_BRACKETS.sub(" ", text))):
            if whole:
                for side, tokens in enumerate(_sides(whole)):
                    self._named[side][tokens].add(code)

    def _texts_holding(self, run: Sequence[Stems], side: int) -> set[int]:
        sought = tuple(stems[side] for stems in run)
        numbers = set.intersection(*(self._holding[side].get(token, set()) for token in sought))
        if len(sought) == 1:
            return numbers
        return {number for number in numbers if _stands_in(sought, self._texts[number][1][side])}


_Postings = defaultdict[str, set[int]]
_Wholes = defaultdict[tuple[str, ...], set[Code]]

_BRACKETS = re.compile(r"\([^()]*\)")
_STOP_STEMS = frozenset(stems for word in STOP_WORDS for _, _, stems in words(word))


def _stems_of(text: str) -> list[Stems]:
    return [stems for _, _, stems in words(text)]


def _sides(run: Sequence[Stems]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(stems.es for stems in run), tuple(stems.en for stems in run)


def _stands_in(sought: tuple[str, ...], text: tuple[str, ...]) -> bool:
    return any(text[at : at + len(sought)] == sought for at in _places(sought[0], text))


def _places(token: str, text: tuple[str, ...]) -> Iterator[int]:
    return (at for at, other in enumerate(text) if other == token)
