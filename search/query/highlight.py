"""Marks what a query sought in a text, and cuts the best piece out of a long one. Pure; templates print it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from search.query.matcher import Found, Sought
from search.text.analysis import APOSTROPHES, word_ends, words

ELLIPSIS = "…"


class Fragment(NamedTuple):
    """A run of text, marked or not."""

    text: str
    marked: bool = False


_Run = tuple[int, int, frozenset[int]]
"""Start, end, and the leaves that match there, by number."""


def highlight(text: str, sought: Sought) -> tuple[Fragment, ...]:
    """Mark the words and phrases that were sought in `text`; the fragments joined are `text`.

    A word matches under either rule set, as in a search. A phrase is one mark; a stop word that stands alone is none.
    """
    return _whole(text, _runs(text, sought))


def snippet(text: str, sought: Sought, length: int) -> tuple[Fragment, ...]:
    """Return at most `length` characters of `text` at word boundaries, with an ellipsis where something is cut off.

    The window shows the most different leaves, then the most marks, then comes first; without any it is the beginning.
    The ellipses are fragments of their own and not counted in `length`.
    """
    runs = _runs(text, sought)
    if len(text) <= length:
        return _whole(text, runs)
    start, end = _best_window(text, runs, length)
    marks = [(max(first, start), min(last, end)) for first, last, _ in runs if first < end and last > start]
    before = (Fragment(ELLIPSIS + " "),) if start else ()
    after = (Fragment(" " + ELLIPSIS),) if end < len(text.rstrip()) else ()
    return before + _fragments(text, start, end, marks) + after


_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_MOST_WINDOWS = 60
"""Windows that are compared; a text with more marks is about its subject anywhere."""
_LETTER_APOSTROPHE = "ʼ"
"""Alone among the apostrophes it counts as a letter in Unicode; `text` ends a word at it."""
_NEAR = 20
"""Characters in which a word mostly ends."""


def _runs(text: str, sought: Sought) -> list[_Run]:
    """Return what matches in order; overlapping matches are one run, words side by side are several."""
    if not sought:
        return []
    return _merged(sorted(sought.matches(text), key=lambda match: (match[0], -match[1])))


def _merged(matches: Iterable[Found]) -> list[_Run]:
    runs: list[_Run] = []
    for start, end, leaf in matches:
        if runs and start < runs[-1][1]:
            first, last, others = runs[-1]
            runs[-1] = (first, max(last, end), others | {leaf})
        else:
            runs.append((start, end, frozenset({leaf})))
    return runs


def _best_window(text: str, runs: list[_Run], length: int) -> tuple[int, int]:
    best = (0, _end_within(text, 0, length))
    most, all_runs = _worth(runs, *best), _worth(runs, 0, len(text))
    for run in runs[:_MOST_WINDOWS]:
        if most == all_runs:
            break
        earliest = max(0, min(run[0], run[1] - length // 2, len(text) - length))
        # Most windows cannot show more than the best one: where exactly they begin need not be looked up.
        if _worth(runs, earliest, run[0] + length) <= most:
            continue
        start = _start_from(text, earliest, run)
        window = (start, _end_within(text, start, length))
        worth = _worth(runs, *window)
        if worth > most:
            best, most = window, worth
    return best


def _start_from(text: str, earliest: int, run: _Run) -> int:
    """Return where a window around `run` begins: at its sentence if that fits, else some words ahead of it."""
    if earliest == 0:
        return 0
    if sentence := _SENTENCE.search(text, earliest, run[0]):
        return sentence.end()
    return next(start for start, _, _ in words(text, _space_before(text, earliest)) if start >= earliest)


def _end_within(text: str, start: int, length: int) -> int:
    """Return the last end of a word that a window from `start` on reaches; inside a word only if it is longer."""
    limit = start + length
    if limit >= len(text):
        return len(text)
    # Nearly always: the limit is within a word, or on the space after one.
    space = text.rfind(" ", start, limit + 1)
    if space > start and _ends_word(text, space) and _is_one_word(text[space + 1 : limit + 1]):
        return space
    last = _last_end(text, _space_before(text, limit - _NEAR), limit) or _last_end(text, 0, limit)
    return last if last > start else limit


def _ends_word(text: str, space: int) -> bool:
    """Say whether a word surely ends at this space; a possessive 's is none."""
    before = text[space - 1]
    return (
        before.isalnum() and before != _LETTER_APOSTROPHE and (before not in "sS" or text[space - 2] not in APOSTROPHES)
    )


def _is_one_word(text: str) -> bool:
    """Say whether a text is surely empty or the beginning of one word."""
    return not text or (text.isalnum() and _LETTER_APOSTROPHE not in text)


def _last_end(text: str, start: int, limit: int) -> int:
    """Return the end of the last word after `start` that ends at `limit` or before; 0 if none does."""
    last = 0
    for end in word_ends(text, start):
        if end > limit:
            break
        last = end
    return last


def _space_before(text: str, at: int) -> int:
    """Return where the text may be cut before `at` without cutting a word."""
    return max(0, text.rfind(" ", 0, max(0, at)))


def _worth(runs: list[_Run], start: int, end: int) -> tuple[int, int]:
    inside = [leaves for first, last, leaves in runs if start <= first and last <= end]
    return len(frozenset().union(*inside)), len(inside)


def _whole(text: str, runs: list[_Run]) -> tuple[Fragment, ...]:
    return _fragments(text, 0, len(text), [(start, end) for start, end, _ in runs])


def _fragments(text: str, start: int, end: int, marks: Sequence[tuple[int, int]]) -> tuple[Fragment, ...]:
    if not marks:
        return (Fragment(text[start:end]),) if end > start else ()
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
