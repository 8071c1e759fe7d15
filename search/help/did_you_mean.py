"""A query of the bank's own words for one that finds nothing or little. Only offered: Enter sends what was typed (S8).

What is offered has been asked for: it finds studies under the present filters, and so does each word put into it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING

from search.text.analysis import fold, iterate_words
from search.text.lexicon import STOP_WORDS
from search.text.spelling import LONGEST_WORD

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from search.text.spelling import Wordlist

FEW = 3
"""Studies up to which a list is short enough to ask whether other words were meant."""

Count = Callable[["Criteria"], int]


@dataclass(frozen=True, slots=True)
class Correction:
    """Criteria with other words, the number of studies that they find, and the words that were put in."""

    criteria: Criteria
    total: int
    words: tuple[str, ...]


def corrected(
    criteria: Criteria, total: int, wordlist: Wordlist, count: Count, spelled: Collection[str] = ()
) -> Correction | None:
    """Return the likeliest correction that finds studies, or None. `total`: what the criteria find as they are.

    Words of `spelled`, folded, are never doubted: the thesaurus has them, whether or not a study does.
    With studies found, only a word is doubted that hardly any text holds while a near one is common, and the
    correction must find more. Asks `count` at most MOST_QUESTIONS times.
    """
    if total > FEW:
        return None
    count = _remembering(count)
    doubtful = (word for word in _correctable(criteria.q) if fold(word.text) not in spelled)
    typed = list(islice(doubtful, _MOST_WORDS))
    if total:
        doubted = [word for word in typed if _is_rare(word, wordlist)]
    else:
        doubted = [word for word in typed if not count(replace(criteria.without_filters(), q=word.text, page=1))]
    doubted = doubted[:_MOST_DOUBTED]
    choices = [list(islice(_choices(word, criteria, wordlist, count), _MOST_CHOICES)) for word in doubted]
    if not any(choices):
        return None
    # A doubted word without any near one is left out, if total is 0: no study has it.
    slots = [choice or ([] if total else [""]) for choice in choices]
    if not all(slots):
        return None
    ranked = sorted(product(*(enumerate(slot) for slot in slots)), key=lambda chosen: sum(rank for rank, _ in chosen))
    for chosen in ranked[:_MOST_TRIES]:
        put_in = tuple(text for _, text in chosen)
        offered = replace(criteria, q=_replaced(criteria.q, doubted, put_in), page=1)
        found = count(offered) if offered.q else 0
        if found > total:
            return Correction(offered, found, tuple(filter(None, put_in)))
    return None


_MOST_WORDS = 8
_MOST_DOUBTED = 3
_MOST_NEAR = 6
_MOST_CHOICES = 3
_MOST_TRIES = 6
_COMMON = 20
"""Times that a near word must be as frequent as a typed one that finds something."""
MOST_QUESTIONS = _MOST_WORDS + _MOST_DOUBTED * (_MOST_NEAR + 1) + _MOST_TRIES

_OPERATORS = frozenset(("O", "OR", "Y", "AND", "NO", "NOT"))
_UNTOUCHED = re.compile(r"""\S*(?:10\.\d{4,}|://|www\.)\S*|\S*\*|(?<!\S)-\S+|\b(?:NO|NOT)\s+\S+|[^\W\d_]+:""")


@dataclass(frozen=True, slots=True)
class _Typed:
    text: str
    start: int
    end: int


def _remembering(count: Count) -> Count:
    held: dict[str, int] = {}

    def counted(criteria: Criteria) -> int:
        address = criteria.query_string
        if address not in held:
            held[address] = count(criteria)
        return held[address]

    return counted


def _correctable(q: str) -> Iterator[_Typed]:
    """Yield the words of a query that may be slips: no operators, stop words, exclusions, beginnings, addresses."""
    untouched = [match.span() for match in _UNTOUCHED.finditer(q)]
    for start, end, _ in iterate_words(q):
        text = q[start:end]
        is_word = text.isalpha() and 3 < len(text) <= LONGEST_WORD
        if text in _OPERATORS or fold(text) in STOP_WORDS or not is_word:
            continue
        if not any(first <= start < last for first, last in untouched):
            yield _Typed(text, start, end)


def _is_rare(word: _Typed, wordlist: Wordlist) -> bool:
    known = wordlist.lookup(word.text)
    return known is None or (known.texts <= FEW and not known.is_name)


def _choices(word: _Typed, criteria: Criteria, wordlist: Wordlist, count: Count) -> Iterator[str]:
    """Yield what may stand for `word`, all of it giving results under the filters."""
    known = wordlist.lookup(word.text)
    least = _COMMON * known.texts if known else 1
    halves = wordlist.split_in_two(word.text) if known is None else None
    offered = [(halves[0].text + " " + halves[1].text)] if halves else []
    offered += [near.text for near in wordlist.find_near(word.text, _MOST_NEAR) if near.texts >= least]
    for text in offered:
        if all(count(replace(criteria, q=part, page=1)) for part in text.split()):
            yield text


def _replaced(q: str, doubted: list[_Typed], put_in: tuple[str, ...]) -> str:
    for word, text in reversed(list(zip(doubted, put_in, strict=True))):
        q = q[: word.start] + text + q[word.end :]
    return " ".join(q.split())
