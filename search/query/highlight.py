"""Marks the matches of a query in a text, and cuts the best snippet out of a long one. Pure; templates print it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from search.query.matcher import TextMatch, TextMatcher
from search.text.analysis import APOSTROPHES, iterate_word_ends, iterate_words

ELLIPSIS = "…"


class Fragment(NamedTuple):
    """A run of text, marked or not."""

    text: str
    marked: bool = False


_Run = tuple[int, int, frozenset[int]]
"""Start, end, and the leaves that match there, by number."""


def highlight(text: str, matcher: TextMatcher) -> tuple[Fragment, ...]:
    """Return `text` in fragments, with the words and phrases of the query marked; joined they are `text`.

    A word matches under either rule set, as in a search. A phrase is one mark; a single stop word is not marked.
    """
    return _split_whole(text, _find_runs(text, matcher))


def cut_snippet(text: str, matcher: TextMatcher, length: int) -> tuple[Fragment, ...]:
    """Return at most `length` characters of `text`, cut between words, with an ellipsis where something is left out.

    The window with the most different leaves is taken, then that with the most marks, then the first; without any
    match the beginning. Ellipses are fragments of their own and do not count in `length`.
    """
    runs = _find_runs(text, matcher)
    if len(text) <= length:
        return _split_whole(text, runs)
    start, end = _find_best_window(text, runs, length)
    marks = [(max(first, start), min(last, end)) for first, last, _ in runs if first < end and last > start]
    before = (Fragment(ELLIPSIS + " "),) if start else ()
    after = (Fragment(" " + ELLIPSIS),) if end < len(text.rstrip()) else ()
    return before + _split_at_marks(text, start, end, marks) + after


_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_MOST_WINDOWS = 60
"""Windows that are compared; a text with more marks is about its subject everywhere."""
_LETTER_APOSTROPHE = "ʼ"
"""The one apostrophe that is a letter in Unicode, though `analysis` ends a word at it."""
_NEAR = 20
"""Characters before the limit of a window in which a word nearly always ends."""


def _find_runs(text: str, matcher: TextMatcher) -> list[_Run]:
    """Return the matches in order; overlapping ones are merged into one run, adjacent words are not."""
    if not matcher:
        return []
    return _merge_matches(sorted(matcher.find_matches(text), key=lambda match: (match[0], -match[1])))


def _merge_matches(matches: Iterable[TextMatch]) -> list[_Run]:
    runs: list[_Run] = []
    for start, end, leaf in matches:
        if runs and start < runs[-1][1]:
            first, last, others = runs[-1]
            runs[-1] = (first, max(last, end), others | {leaf})
        else:
            runs.append((start, end, frozenset({leaf})))
    return runs


def _find_best_window(text: str, runs: list[_Run], length: int) -> tuple[int, int]:
    best = (0, _find_window_end(text, 0, length))
    most, all_runs = _rate_window(runs, *best), _rate_window(runs, 0, len(text))
    for run in runs[:_MOST_WINDOWS]:
        if most == all_runs:
            break
        earliest = max(0, min(run[0], run[1] - length // 2, len(text) - length))
        # Most windows cannot beat the best one even at their widest: skip the costly search for their exact start.
        if _rate_window(runs, earliest, run[0] + length) <= most:
            continue
        start = _find_window_start(text, earliest, run)
        window = (start, _find_window_end(text, start, length))
        worth = _rate_window(runs, *window)
        if worth > most:
            best, most = window, worth
    return best


def _find_window_start(text: str, earliest: int, run: _Run) -> int:
    """Return the start of a window around `run`: that of its sentence if it fits, else some words before it."""
    if earliest == 0:
        return 0
    if sentence := _SENTENCE.search(text, earliest, run[0]):
        return sentence.end()
    return next(start for start, _, _ in iterate_words(text, _space_before(text, earliest)) if start >= earliest)


def _find_window_end(text: str, start: int, length: int) -> int:
    """Return the end of the last word that fits into a window from `start`; inside a word only if none fits."""
    limit = start + length
    if limit >= len(text):
        return len(text)
    # The usual case, without cutting words: the limit is within a word, or on the space after one.
    space = text.rfind(" ", start, limit + 1)
    if space > start and _is_word_end(text, space) and _is_one_word(text[space + 1 : limit + 1]):
        return space
    last = _find_last_word_end(text, _space_before(text, limit - _NEAR), limit) or _find_last_word_end(text, 0, limit)
    return last if last > start else limit


def _is_word_end(text: str, space: int) -> bool:
    """Return True if a word certainly ends at this space; a possessive 's is not part of its word."""
    before = text[space - 1]
    return (
        before.isalnum() and before != _LETTER_APOSTROPHE and (before not in "sS" or text[space - 2] not in APOSTROPHES)
    )


def _is_one_word(text: str) -> bool:
    """Return True if a text is certainly empty or the beginning of a single word."""
    return not text or (text.isalnum() and _LETTER_APOSTROPHE not in text)


def _find_last_word_end(text: str, start: int, limit: int) -> int:
    """Return the end of the last word after `start` that ends at `limit` or before, or 0 if none does."""
    last = 0
    for end in iterate_word_ends(text, start):
        if end > limit:
            break
        last = end
    return last


def _space_before(text: str, at: int) -> int:
    """Return the last place before `at` where the text can be cut without cutting a word."""
    return max(0, text.rfind(" ", 0, max(0, at)))


def _rate_window(runs: list[_Run], start: int, end: int) -> tuple[int, int]:
    inside = [leaves for first, last, leaves in runs if start <= first and last <= end]
    return len(frozenset().union(*inside)), len(inside)


def _split_whole(text: str, runs: list[_Run]) -> tuple[Fragment, ...]:
    return _split_at_marks(text, 0, len(text), [(start, end) for start, end, _ in runs])


def _split_at_marks(text: str, start: int, end: int, marks: Sequence[tuple[int, int]]) -> tuple[Fragment, ...]:
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
