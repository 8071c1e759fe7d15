"""Finds public pages that are no study, by words: what the search page and the suggestions show of them.

The index of pages is kept for a change number and a vocabulary number of the bank, in each process: some 600 pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from search.criteria import codes
from search.pages.nearest import read_nearest
from search.pages.page_index import Closeness, FoundPage, PageIndex
from search.pages.registry import KINDS
from search.services.query_reader import get_query_reader
from studies.store import bank_state, vocabularies

if TYPE_CHECKING:
    from search.pages.page import Page
    from search.query.parsed_query import ParsedQuery
    from search.query.tree import Code
    from studies.store.vocabularies import Vocabularies

MOST_SHOWN = 5
"""Pages above a list of studies, and among suggestions."""
_MOST_KEPT = 256
"""Queries of which the answer is kept: a reader who turns pages or ticks filters asks again."""

_OF_WORDS = ("word", "name", "phrase")


def find_pages(query: ParsedQuery, *, with_nearest: bool = False) -> tuple[FoundPage, ...]:
    """Return at most MOST_SHOWN pages that answer to the words of a query: no query but when the bank has changed.

    With `with_nearest`, for a list that has nothing or little, also those next to what the words mean.
    """
    index = get_index()
    return index.find_shown(read_words(query), with_nearest) if len(index.pages) else ()


def find_nearest_codes(query: ParsedQuery) -> list[Code]:
    """Return the codes next to what the words of a query mean, if they mean something of which the bank has nothing."""
    return get_index().pages.find_nearest_codes(read_words(query))


def find_next_to(query: ParsedQuery) -> tuple[str, ...]:
    """Return the concepts next to what the words of a query mean, if they mean one thing and nothing else is sought."""
    parts = [part for part in query.parts if not part.is_subject]
    if len(parts) != 1 or not query.added:
        return ()
    return get_index().pages.find_next_to(query.source[parts[0].start : parts[0].end])


def suggest_pages(typed: str) -> list[Page]:
    """Return at most MOST_SHOWN pages for what is being typed: whole names, then beginnings, then by meaning."""
    pages = get_index().pages
    by_words = pages.find(typed, with_nearest=True)
    named = [found.page for found in by_words if found.closeness is Closeness.NAMED]
    others = [found.page for found in by_words if found.closeness is not Closeness.WITHIN]
    return _pick_few(dict.fromkeys([*named, *pages.find_beginnings(typed), *others]))


def read_words(query: ParsedQuery) -> str:
    """Return the words of a query that say what is sought: without exclusions, fields, prefixes and addresses."""
    return " ".join(query.source[part.start : part.end] for part in query.parts if part.kind in _OF_WORDS)


def forget() -> None:
    """Drop the index, so that the next call reads the pages again."""
    global _held
    _held = None


class _HeldIndex:
    """The index of one version of the bank with its last answers."""

    def __init__(self, pages: PageIndex) -> None:
        self.pages = pages
        self.find_shown = lru_cache(maxsize=_MOST_KEPT)(self._find_shown)

    def _find_shown(self, text: str, with_nearest: bool) -> tuple[FoundPage, ...]:
        found = {each.page: each for each in self.pages.find(text, with_nearest=with_nearest)}
        return tuple(found[page] for page in _pick_few(found))


_Version = tuple[str, int, datetime, int, datetime]
_held: tuple[_Version, _HeldIndex] | None = None


def get_index() -> _HeldIndex:
    """Return the index of the bank as it is: no query, or one for each kind that has rows if the bank has changed."""
    global _held
    counter = bank_state.current()
    # After a rollback the same numbers are used again, at other times.
    version = (
        str(counter.bank_id), counter.change_no, counter.changed_at, counter.vocabulary_no, counter.vocabulary_at
    )  # fmt: skip
    # No lock: threads that read at once make equal indexes.
    held = _held
    if held is None or held[0] != version:
        held = _held = (version, _HeldIndex(_build(vocabularies.current())))
    return held[1]


def _build(vocabulary: Vocabularies) -> PageIndex:
    pages = (page for kind in KINDS.values() for page in kind.list_pages(vocabulary))
    thesaurus = get_query_reader(vocabulary).thesaurus
    return PageIndex(pages, thesaurus, codes.iter_concepts(vocabulary), read_nearest())


def _pick_few(pages: Iterable[Page]) -> list[Page]:
    return list(_iterate_few(pages))


def _iterate_few(pages: Iterable[Page]) -> Iterator[Page]:
    """Yield the first MOST_SHOWN pages, of each kind no more than it may show, and no title twice."""
    shown: Counter[str] = Counter()
    titles: set[str] = set()
    for page in pages:
        if shown.total() == MOST_SHOWN:
            return
        if shown[page.kind] < KINDS[page.kind].most_shown and page.title_es not in titles:
            shown[page.kind] += 1
            titles.add(page.title_es)
            yield page
