"""A test double: an engine whose postings are dictionaries, to show that the arrays need nothing of Whoosh."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Set
from typing import TypeVar

import numpy as np

from search.contract import FIELDS, PAIRED_FACETS, Document, FacetPair, SearchRequest, SearchResult
from search.criteria.facets import FACET_PARAMETERS, PARAMETERS
from search.engines.arrays.cache import ByteCache
from search.engines.arrays.search import search
from search.engines.arrays.segment import ENTRY_BITS, TEXT_FIELDS, Ints, Places, Postings
from search.engines.arrays.snapshot import Snapshot
from search.engines.memory.engine import MemoryEngine
from search.text.analysis import BREAK, FieldTokens

Key = TypeVar("Key", bound=Hashable)


class DictEngine(MemoryEngine):
    """Holds documents as `memory` does, and searches them by the arrays: two in a segment, one more deleted from it."""

    def search(self, request: SearchRequest) -> SearchResult:
        documents = list(self._current().documents.values())
        pairs = [documents[start : start + 2] for start in range(0, len(documents), 2)]
        segments = [(DictSegment([pair[0], *pair]), {0}) for pair in pairs]
        return search(Snapshot(segments, FACET_PARAMETERS), request, ByteCache(1 << 20))


class DictSegment:
    """What an engine has to give of documents that were written together."""

    def __init__(self, documents: list[Document]) -> None:
        self._keys = [(each.slug, each.fingerprint, each.title_key) for each in documents]
        self._places: dict[tuple[str, str], dict[int, list[int]]] = {}
        self.study_ids = np.array([each.study_id for each in documents], np.int64)
        self.years = np.array([each.year for each in documents], np.int32)
        self.added = np.array([each.added for each in documents], np.int64)
        self.nearness = np.array([each.nearness for each in documents], np.int32)
        self.lengths = np.zeros((len(documents), len(TEXT_FIELDS)), np.uint32)
        self.order = np.array(sorted(range(len(documents)), key=self.sort_key), np.int32)
        self.codes: Mapping[str, Mapping[str, Ints]] = {
            parameter: _inverted(each.codes[parameter] for each in documents) for parameter in PARAMETERS
        }
        self.pairs: Mapping[FacetPair, Mapping[tuple[str, str], Ints]] = {
            pair: _inverted(each.pairs[pair] for each in documents) for pair in PAIRED_FACETS
        }
        self._dois = _inverted({each.doi} for each in documents)
        for number, each in enumerate(documents):
            for column, (name, rule) in enumerate(TEXT_FIELDS):
                entry = number << ENTRY_BITS | FIELDS.index(name)
                for position, token in enumerate(getattr(each.texts.get(name, FieldTokens()), rule)):
                    if token != BREAK:
                        self.lengths[number, column] += 1
                        self._places.setdefault((rule, token), {}).setdefault(entry, []).append(position)

    def keys(self) -> list[tuple[str, str, str]]:
        return self._keys

    def sort_key(self, document: int) -> tuple[int, str]:
        return -int(self.years[document]), self._keys[document][0]

    def with_doi(self, doi: str) -> Ints:
        return self._dois.get(doi, np.empty(0, np.int32))

    def identify(self, rule: str, token: str) -> Hashable:
        return (rule, token)

    def frequency(self, rule: str, token: str) -> int:
        return len({entry >> ENTRY_BITS for entry in self._places.get((rule, token), ())})

    def postings(self, rule: str, token: str) -> Postings:
        (places,) = self.places(rule, token)
        return Postings(places.entries, places.occurrences.astype(np.int32))

    def places(self, rule: str, token: str) -> list[Places]:
        found = self._places.get((rule, token), {})
        positions = [position for of_entry in found.values() for position in of_entry]
        counts = [len(of_entry) for of_entry in found.values()]
        return [Places(np.array([*found], np.uint32), np.array(counts, np.uint32), np.array(positions, np.uint32))]

    def tokens(self, rule: str, beginning: str) -> list[str]:
        return [token for under, token in self._places if under == rule and token.startswith(beginning)]


def _inverted(carried: Iterable[Set[Key]]) -> dict[Key, Ints]:
    """Return by key the numbers of the sets that hold it."""
    found: dict[Key, list[int]] = {}
    for number, keys in enumerate(carried):
        for key in keys:
            found.setdefault(key, []).append(number)
    return {key: np.array(numbers, np.int32) for key, numbers in found.items()}
