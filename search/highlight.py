"""Marks what a query sought in a text, and cuts the best piece out of a long one. Pure; templates print it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from search.names import NameIndex
from search.querytree import Leaf, Phrase, Word
from search.text import Stems, words

ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A run of text, marked or not."""

    text: str
    marked: bool = False


def highlight(text: str, leaves: Iterable[Leaf]) -> tuple[Fragment, ...]:
    """Mark the words and phrases of `leaves` in `text`; the fragments joined are `text`.

    A word matches under either rule set, as in a search. A phrase is one mark; a stop word that stands alone is none.
    """
    runs = _runs(list(words(text)), tuple(leaves))
    return _fragments(text, 0, len(text), [(start, end) for start, end, _ in runs])


def snippet(text: str, leaves: Iterable[Leaf], length: int) -> tuple[Fragment, ...]:
    """Return at most `length` characters of `text` at word boundaries, with an ellipsis where something is cut off.

    The window shows the most different leaves, then the most marks, then comes first; without any it is the beginning.
    The ellipses are fragments of their own and not counted in `length`.
    """
    found = list(words(text))
    runs = _runs(found, tuple(leaves))
    if len(text) <= length:
        return _fragments(text, 0, len(text), [(start, end) for start, end, _ in runs])
    start, end = _best_window(text, found, runs, length)
    marks = [(max(first, start), min(last, end)) for first, last, _ in runs if first < end and last > start]
    before = (Fragment(ELLIPSIS + " "),) if start else ()
    after = (Fragment(" " + ELLIPSIS),) if end < len(text.rstrip()) else ()
    return before + _fragments(text, start, end, marks) + after


_Found = tuple[int, int, Stems]
"""Start, end and tokens of a word of the text."""
_Run = tuple[int, int, frozenset[Leaf]]
"""Start, end, and the leaves that match there."""

_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_MOST_WINDOWS = 60
"""Windows that are compared; a text with more marks is about its subject anywhere."""


def _runs(found: list[_Found], leaves: tuple[Leaf, ...]) -> list[_Run]:
    """Return what matches in order; overlapping matches are one run, words side by side are several."""
    sought_words = [leaf for leaf in leaves if isinstance(leaf, Word) and not _is_stop_word(leaf)]
    phrases = [leaf for leaf in leaves if isinstance(leaf, Phrase)]
    if not sought_words and not phrases:
        return []
    by_es = {leaf.es: leaf for leaf in sought_words}
    by_en = {leaf.en: leaf for leaf in sought_words}
    matches: list[tuple[int, int, Leaf]] = []
    for start, end, stems in found:
        if leaf := by_es.get(stems.es) or by_en.get(stems.en):
            matches.append((start, end, leaf))
    for phrase in phrases:
        matches.extend(_phrase_matches(found, phrase))
    return _merged(sorted(matches, key=lambda match: (match[0], -match[1])))


def _is_stop_word(word: Word) -> bool:
    return NameIndex.is_stop_word(Stems(word.es, word.en))


def _phrase_matches(found: Sequence[_Found], phrase: Phrase) -> Iterable[tuple[int, int, Leaf]]:
    for side, sought in enumerate((phrase.es, phrase.en)):
        tokens = [stems[side] for _, _, stems in found]
        for at, token in enumerate(tokens):
            if token == sought[0] and tuple(tokens[at : at + len(sought)]) == sought:
                yield found[at][0], found[at + len(sought) - 1][1], phrase


def _merged(matches: Iterable[tuple[int, int, Leaf]]) -> list[_Run]:
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
