"""Did you mean: a corrected query for one that finds nothing or little, in words of the bank (S8).

It is only offered: what was typed is what is searched. Each offer has been counted: it finds studies under the present
filters, and so does each corrected word alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING

from search.help.dictionary import is_spanish_word
from search.text.analysis import fold, iterate_words
from search.text.lexicon import STOP_WORDS
from search.text.spelling import LONGEST_WORD

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from search.text.spelling import Wordlist

FEW_STUDIES = 3
"""A list of at most so many studies gets a correction."""

Count = Callable[["Criteria"], int]


@dataclass(frozen=True, slots=True)
class Correction:
    """Criteria with corrected words, the number of studies that they find, and the corrected words alone."""

    criteria: Criteria
    total: int
    words: tuple[str, ...]


def find_correction(
    criteria: Criteria, total: int, wordlist: Wordlist, count: Count, spelled: Collection[str] = ()
) -> Correction | None:
    """Return the likeliest correction that finds studies, or None. `total` is what the criteria find as they are.

    Words of `spelled`, which are folded, are taken as correct: the thesaurus has them, even if no study does; and so
    are the words of a Spanish dictionary. If
    studies were found, a word is corrected only if it is rare and a similar one is common, and the correction must
    find more. Calls `count` at most MOST_COUNTS times.
    """
    if total > FEW_STUDIES:
        return None
    count = _memoize(count)
    doubtful = (word for word in _iterate_correctable(criteria.q) if not _is_spelled(word.text, spelled))
    typed = list(islice(doubtful, _MOST_WORDS))
    if total:
        doubted = [word for word in typed if _is_rare(word, wordlist)]
    else:
        doubted = [word for word in typed if not count(replace(criteria.without_filters(), q=word.text, page=1))]
    doubted = doubted[:_MOST_DOUBTED]
    choices = [list(islice(_iterate_replacements(word, criteria, wordlist, count), _MOST_CHOICES)) for word in doubted]
    if not any(choices):
        return None
    # If nothing was found, a word without a replacement is left out, as no study has it.
    slots = [choice or ([] if total else [""]) for choice in choices]
    if not all(slots):
        return None
    ranked = sorted(product(*(enumerate(slot) for slot in slots)), key=lambda chosen: sum(rank for rank, _ in chosen))
    for chosen in ranked[:_MOST_TRIES]:
        put_in = tuple(text for _, text in chosen)
        offered = replace(criteria, q=_replace_words(criteria.q, doubted, put_in), page=1)
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
"""How many times as frequent a replacement must be, if the typed word is in the bank too."""
MOST_COUNTS = _MOST_WORDS + _MOST_DOUBTED * (_MOST_NEAR + 1) + _MOST_TRIES

_OPERATORS = frozenset(("O", "OR", "Y", "AND", "NO", "NOT"))
# DOIs and addresses, prefixes, exclusions, names of fields.
_UNTOUCHED = re.compile(r"""\S*(?:10\.\d{4,}|://|www\.)\S*|\S*\*|(?<!\S)-\S+|\b(?:NO|NOT)\s+\S+|[^\W\d_]+:""")


@dataclass(frozen=True, slots=True)
class _TypedWord:
    text: str
    start: int
    end: int


def _is_spelled(word: str, spelled: Collection[str]) -> bool:
    return fold(word) in spelled or is_spanish_word(word)


def _memoize(count: Count) -> Count:
    held: dict[str, int] = {}

    def counted(criteria: Criteria) -> int:
        address = criteria.query_string
        if address not in held:
            held[address] = count(criteria)
        return held[address]

    return counted


def _iterate_correctable(q: str) -> Iterator[_TypedWord]:
    """Yield the words of a query to check: no operators, stop words, exclusions, prefixes, field names, addresses."""
    untouched = [match.span() for match in _UNTOUCHED.finditer(q)]
    for start, end, _ in iterate_words(q):
        text = q[start:end]
        is_word = text.isalpha() and 3 < len(text) <= LONGEST_WORD
        if text in _OPERATORS or fold(text) in STOP_WORDS or not is_word:
            continue
        if not any(first <= start < last for first, last in untouched):
            yield _TypedWord(text, start, end)


def _is_rare(word: _TypedWord, wordlist: Wordlist) -> bool:
    known = wordlist.lookup(word.text)
    return known is None or (known.texts <= FEW_STUDIES and not known.is_name)


def _iterate_replacements(word: _TypedWord, criteria: Criteria, wordlist: Wordlist, count: Count) -> Iterator[str]:
    """Yield replacements of `word`, one or two words, that all find studies under the filters."""
    known = wordlist.lookup(word.text)
    least = _COMMON * known.texts if known else 1
    halves = wordlist.split_in_two(word.text) if known is None else None
    offered = [(halves[0].text + " " + halves[1].text)] if halves else []
    offered += [near.text for near in wordlist.find_near(word.text, _MOST_NEAR) if near.texts >= least]
    for text in offered:
        if all(count(replace(criteria, q=part, page=1)) for part in text.split()):
            yield text


def _replace_words(q: str, doubted: list[_TypedWord], put_in: tuple[str, ...]) -> str:
    for word, text in reversed(list(zip(doubted, put_in, strict=True))):
        q = q[: word.start] + text + q[word.end :]
    return " ".join(q.split())
