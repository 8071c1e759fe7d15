"""Finds codes by names: labels of vocabularies and countries, names and aliases of programmes (S1). Pure.

Names are looked up when a query is read, by `resolver` and `tokenizer`: the index stores codes and no label (I2).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from search.query.tree import Code
from search.text.analysis import Stems, iterate_words
from search.text.lexicon import STOP_WORDS

NO_CODES: frozenset[Code] = frozenset()


@dataclass(frozen=True, slots=True)
class NamedCode:
    """A code with its names: labels in both languages, aliases."""

    parameter: str
    code: str
    texts: tuple[str, ...]


class NameIndex:
    """An index of codes by the words of their names. A word is given by its tokens, and matches under either rule set.

    Building it takes some milliseconds, so build it once for each version of the vocabularies.
    """

    def __init__(self, names: Iterable[NamedCode] = ()) -> None:
        self._texts_by_token: tuple[_Postings, _Postings] = (defaultdict(set), defaultdict(set))
        self._codes_by_name: tuple[_CodesByName, _CodesByName] = (defaultdict(set), defaultdict(set))
        self._texts: list[tuple[Code, tuple[tuple[str, ...], tuple[str, ...]]]] = []
        self._codes: dict[tuple[str, str], Code] = {}
        for name in names:
            self._codes[name.parameter, name.code.casefold()] = (name.parameter, name.code)
            for text in name.texts:
                self._add((name.parameter, name.code), text)
        self._longest: dict[str, int] = {}
        for wholes in self._codes_by_name:
            for whole in wholes:
                self._longest[whole[0]] = max(self._longest.get(whole[0], 0), len(whole))

    def find_codes_containing(self, run: Sequence[Stems]) -> frozenset[Code]:
        """Return the codes with a name that contains the words of `run` side by side: for words that are searched for.

        "líderes" leads to "Movilización comunitaria, líderes y normas sociales". Stop words alone lead to a code only
        if they are a whole name of several words ("El que ve y ayuda" is nearly one).
        """
        if all(self.is_stop_word(stems) for stems in run):
            return self.find_codes_named(run) if len(run) > 1 else NO_CODES
        texts = self._find_texts(run, 0) | self._find_texts(run, 1)
        return self.find_codes_named(run).union(self._texts[number][0] for number in texts)

    def find_codes_named(self, run: Sequence[Stems]) -> frozenset[Code]:
        """Return the codes with a name that is `run` as a whole: for words that are excluded.

        "-brasil" removes Brazil's studies, but "-mujeres" must not remove every study of "Autonomía de las mujeres".
        What a name has in brackets may be left out.
        """
        if len(run) == 1 and self.is_stop_word(run[0]):
            return NO_CODES
        sides = (self._codes_by_name[side].get(tuple(stems[side] for stems in run), ()) for side in (0, 1))
        return frozenset(code for codes in sides for code in codes)

    def find_codes_by_prefix(self, letters: str, parameter: str = "") -> frozenset[Code]:
        """Return the codes (of one parameter if given) with a name that has a word with this folded prefix."""
        numbers = {
            number
            for holding in self._texts_by_token
            for token, texts in holding.items()
            if token.startswith(letters)
            for number in texts
        }
        found = frozenset(self._texts[number][0] for number in numbers)
        return frozenset(code for code in found if code[0] == parameter) if parameter else found

    def find_codes_of_value(self, parameter: str, run: Sequence[Stems], typed: str) -> frozenset[Code]:
        """Return the codes of `parameter` for a value typed in its field, as in "country:peru".

        The code itself is tried first ("PE"), then whole names, then names that contain the words ("corea").
        """
        if code := self._codes.get((parameter, typed.casefold())):
            return frozenset({code})
        for codes in (self.find_codes_named(run), self.find_codes_containing(run)):
            if found := frozenset(code for code in codes if code[0] == parameter):
                return found
        return NO_CODES

    @property
    def words_in_longest_name(self) -> int:
        """Number of words of the longest name."""
        return max(self._longest.values(), default=0)

    def count_longest_from(self, first: Stems) -> int:
        """Return the number of words of the longest name that begins with the word `first`, or 0."""
        return max(self._longest.get(first.es, 0), self._longest.get(first.en, 0))

    def count_name_words_at(self, run: Sequence[Stems], start: int) -> int:
        """Return the number of words, two or more, of the longest whole name in `run` at `start`, or 0."""
        most = self.count_longest_from(run[start]) if start < len(run) else 0
        for length in range(min(most, len(run) - start), 1, -1):
            if self.find_codes_named(run[start : start + length]):
                return length
        return 0

    @staticmethod
    def is_stop_word(stems: Stems) -> bool:
        """Return True if these are the tokens of a stop word."""
        return stems in _STOP_STEMS

    def _add(self, code: Code, text: str) -> None:
        stems = _stems_of(text)
        number = len(self._texts)
        self._texts.append((code, _tokens_by_rules(stems)))
        for side in (0, 1):
            for token in self._texts[number][1][side]:
                self._texts_by_token[side][token].add(number)
        for whole in (stems, _stems_of(_BRACKETS.sub(" ", text))):
            if whole:
                for side, tokens in enumerate(_tokens_by_rules(whole)):
                    self._codes_by_name[side][tokens].add(code)

    def _find_texts(self, run: Sequence[Stems], side: int) -> set[int]:
        sought = tuple(stems[side] for stems in run)
        numbers = set.intersection(*(self._texts_by_token[side].get(token, set()) for token in sought))
        if len(sought) == 1:
            return numbers
        return {number for number in numbers if _contains_run(sought, self._texts[number][1][side])}


_Postings = defaultdict[str, set[int]]
_CodesByName = defaultdict[tuple[str, ...], set[Code]]

_BRACKETS = re.compile(r"\([^()]*\)")
_STOP_STEMS = frozenset(stems for word in STOP_WORDS for _, _, stems in iterate_words(word))


def _stems_of(text: str) -> list[Stems]:
    return [stems for _, _, stems in iterate_words(text)]


def _tokens_by_rules(run: Sequence[Stems]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(stems.es for stems in run), tuple(stems.en for stems in run)


def _contains_run(sought: tuple[str, ...], text: tuple[str, ...]) -> bool:
    return any(text[at : at + len(sought)] == sought for at in _find_token(sought[0], text))


def _find_token(token: str, text: tuple[str, ...]) -> Iterator[int]:
    return (at for at, other in enumerate(text) if other == token)
