"""Reads words with the names and the thesaurus of the bank. Kept for as long as the vocabularies stay the same."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from search.criteria import codes
from search.query import parser
from search.query.names import NameIndex
from search.query.thesaurus import Thesaurus

if TYPE_CHECKING:
    from search.query.parsed_query import ParsedQuery
    from studies.store.vocabularies import Vocabularies

_MOST_PARSED = 64


class QueryReader:
    """A parser of queries with the names that lead to codes and the thesaurus. `parse` caches its results."""

    def __init__(self, names: NameIndex, thesaurus: Thesaurus) -> None:
        self.names = names
        self.thesaurus = thesaurus
        # A reader who turns pages or ticks filters keeps the words, and the help of a page reads the same ones again.
        self.parse = lru_cache(maxsize=_MOST_PARSED)(self._parse)

    def _parse(self, q: str, without: frozenset[str] = frozenset(), *, exact: bool = False) -> ParsedQuery:
        return parser.parse(q, self.names, self.thesaurus, without=without, exact=exact)


def get_query_reader(vocabulary: Vocabularies) -> QueryReader:
    """Return the reader for `vocabulary`, built once for each version of the vocabularies."""
    global _cached
    held = _cached
    if held is None or held[0] is not vocabulary:
        names, thesaurus = NameIndex(codes.iter_names(vocabulary)), Thesaurus(codes.iter_concepts(vocabulary))
        held = _cached = (vocabulary, QueryReader(names, thesaurus))
    return held[1]


_cached: tuple[Vocabularies, QueryReader] | None = None
