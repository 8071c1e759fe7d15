"""Marks what a query sought in a text, and cuts the best piece out of a long one. Pure; templates print it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from search.names import NameIndex
from search.querytree import Doi, Phrase, Prefix, Word, Worded
from search.text import Stems, words

ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A run of text, marked or not."""

    text: str
    marked: bool = False


_Found = tuple[int, int, Stems]
"""Start, end and tokens of a word of the text."""
_Run = tuple[int, int, frozenset[Worded]]
"""Start, end, and the leaves that match there."""
_Phrases = defaultdict[str, list[tuple[tuple[str, ...], Phrase]]]


class Sought:
    """What a query sought, made ready to be found in many texts."""

    def __init__(self, leaves: Iterable[Worded | Doi]) -> None:
        self._leaves = tuple(leaf for leaf in leaves if not isinstance(leaf, Doi))
        self._by_field: dict[str, Sought] = {}
        self._words: tuple[dict[str, Worded], dict[str, Worded]] = ({}, {})
        self._phrases: tuple[_Phrases, _Phrases] = (defaultdict(list), defaultdict(list))
        self._prefixes = [leaf for leaf in self._leaves if isinstance(leaf, Prefix)]
        for leaf in self._leaves:
            for side, tokens in enumerate((leaf.es, leaf.en)):
                if isinstance(leaf, Phrase):
                    self._phrases[side][tokens[0]].append((tuple(tokens), leaf))
                elif isinstance(leaf, Prefix) or not _is_stop_word(leaf):
                    self._words[side].setdefault(str(tokens), leaf)

    def __bool__(self) -> bool:
        return bool(self._leaves)

    def within(self, field: str) -> Sought:
        """Return what is sought in one field of the studies: all but what was asked for in another."""
        if all(not leaf.field for leaf in self._leaves):
            return self
        if field not in self._by_field:
            self._by_field[field] = Sought(leaf for leaf in self._leaves if leaf.field in ("", field))
        return self._by_field[field]

    def matches(self, found: Sequence[_Found]) -> Iterator[tuple[int, int, Worded]]:
        """Yield start, end and leaf of what matches among the words of a text."""
        for at, (start, end, stems) in enumerate(found):
            if leaf := self._words[0].get(stems.es) or self._words[1].get(stems.en) or self._begun(stems):
                yield start, end, leaf
            for side in (0, 1):
                for tokens, phrase in self._phrases[side].get(stems[side], ()):
                    if tuple(stems[side] for _, _, stems in found[at : at + len(tokens)]) == tokens:
                        yield start, found[at + len(tokens) - 1][1], phrase

    def _begun(self, stems: Stems) -> Prefix | None:
        return next((leaf for leaf in self._prefixes if any(token.startswith(leaf.letters) for token in stems)), None)


def highlight(text: str, sought: Sought) -> tuple[Fragment, ...]:
    """Mark the words and phrases that were sought in `text`; the fragments joined are `text`.

    A word matches under either rule set, as in a search. A phrase is one mark; a stop word that stands alone is none.
    """
    runs = _runs(list(words(text)), sought)
    return _fragments(text, 0, len(text), [(start, end) for start, end, _ in runs])


def snippet(text: str, sought: Sought, length: int) -> tuple[Fragment, ...]:
    """Return at most `length` characters of `text` at word boundaries, with an ellipsis where something is cut off.

    The window shows the most different leaves, then the most marks, then comes first; without any it is the beginning.
    The ellipses are fragments of their own and not counted in `length`.
    """
    found = list(words(text))
    runs = _runs(found, sought)
    if len(text) <= length:
        return _fragments(text, 0, len(text), [(start, end) for start, end, _ in runs])
    start, end = _best_window(text, found, runs, length)
    marks = [(max(first, start), min(last, end)) for first, last, _ in runs if first < end and last > start]
    before = (Fragment(ELLIPSIS + " "),) if start else ()
    after = (Fragment(" " + ELLIPSIS),) if end < len(text.rstrip()) else ()
    return before + _fragments(text, start, end, marks) + after


_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_MOST_WINDOWS = 60
"""Windows that are compared; a text with more marks is about its subject anywhere."""


def _runs(found: list[_Found], sought: Sought) -> list[_Run]:
    """Return what matches in order; overlapping matches are one run, words side by side are several."""
    if not sought:
        return []
    return _merged(sorted(sought.matches(found), key=lambda match: (match[0], -match[1])))


def _is_stop_word(word: Word) -> bool:
    return NameIndex.is_stop_word(Stems(word.es, word.en))


def _merged(matches: Iterable[tuple[int, int, Worded]]) -> list[_Run]:
    runs: list[_Run] = []
    for start, end, leaf in matches:
        if runs and start < runs[-1][1]:
            first, last, others = runs[-1]
            runs[-1] = (first, max(last, end), others | {leaf})
        else:
            runs.append((start, end, frozenset({leaf})))
    return runs


def _best_window(text: str, found: list[_Found], runs: list[_Run], length: int) -> tuple[int, int]:
    starts = [0, *(_start_before(text, found, run, length) for run in runs[:_MOST_WINDOWS])]
    windows = [(start, _end_within(text, found, start, length)) for start in dict.fromkeys(starts)]
    return max(windows, key=lambda window: (*_worth(runs, *window), -window[0]))


def _start_before(text: str, found: list[_Found], run: _Run, length: int) -> int:
    """Return where a window around `run` begins: at its sentence if that fits, else some words ahead of it."""
    earliest = max(0, min(run[0], run[1] - length // 2, len(text) - length))
    if earliest == 0:
        return 0
    if sentence := _SENTENCE.search(text, earliest, run[0]):
        return sentence.end()
    return found[bisect_left(found, earliest, key=itemgetter(0))][0]


def _end_within(text: str, found: list[_Found], start: int, length: int) -> int:
    """Return the last end of a word that a window from `start` on reaches; inside a word only if it is longer."""
    limit = start + length
    if limit >= len(text):
        return len(text)
    at = bisect_right(found, limit, key=itemgetter(1)) - 1
    end = found[at][1] if at >= 0 else 0
    return end if end > start else limit


def _worth(runs: list[_Run], start: int, end: int) -> tuple[int, int]:
    inside = [leaves for first, last, leaves in runs if start <= first and last <= end]
    return len(frozenset().union(*inside)), len(inside)


def _fragments(text: str, start: int, end: int, marks: Iterable[tuple[int, int]]) -> tuple[Fragment, ...]:
    fragments: list[Fragment] = []
    at = start
    for first, last in marks:
        if first > at:
            fragments.append(Fragment(text[at:first]))
        fragments.append(Fragment(text[first:last], marked=True))
        at = last
    if at < end:
        fragments.append(Fragment(text[at:end]))
    return tuple(fragments)
