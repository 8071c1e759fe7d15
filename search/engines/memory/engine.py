"""The engine on documents in the memory of one process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from search.contract import (
    ChangeBatch,
    Document,
    EngineStatus,
    FacetParameters,
    Hit,
    IndexMissing,
    Position,
    SearchRequest,
    SearchResult,
    can_apply_after,
    is_already_applied,
)
from search.engines.memory.counting import count_facets, count_years, passes_filters
from search.engines.memory.matching import QueryScorer, TokenCache
from search.query.tree import Node

SORT_KEYS: Mapping[str, Callable[[Document, int], tuple[object, ...]]] = {
    "relevance": lambda document, score: (-score, -document.year, document.slug),
    "newest": lambda document, score: (-document.year, document.slug),
    "oldest": lambda document, score: (document.year, document.slug),
    "title": lambda document, score: (document.title_key, document.slug),
    "added": lambda document, score: (-document.added, document.slug),
    "nearness": lambda document, score: (document.nearness, -document.year, document.slug),
}


_MOST_ANSWERED = 4


@dataclass(frozen=True, slots=True)
class _Index:
    """The documents at a position, with a cache of their tokens and of the last query."""

    documents: Mapping[int, Document]
    position: Position
    tokens: TokenCache = field(default_factory=TokenCache)
    answered: dict[Node, tuple[Mapping[int, int], tuple[str, ...]]] = field(default_factory=dict)

    def answer(self, query: Node) -> tuple[Mapping[int, int], tuple[str, ...]]:
        """Return the scores by study id and the truncated prefixes of a query.

        The last few queries are cached for the next page or filter of the same list: one is ranked by two of them.
        """
        held = self.answered.get(query)
        if held is None:
            scorer = QueryScorer(list(self.documents.values()), self.tokens)
            held = (scorer.scores(query), scorer.truncated_prefixes(query))
            if len(self.answered) >= _MOST_ANSWERED:
                self.answered.clear()
            self.answered[query] = held
        return held


class MemoryEngine:
    """Stores documents in one dict, which every change replaces, so that a search in progress sees no change."""

    is_shared = False

    def __init__(self, facets: FacetParameters) -> None:
        self._facets = facets
        self._index: _Index | None = None
        self._writing = threading.Lock()

    def search(self, request: SearchRequest) -> SearchResult:
        """Return the result of a request; time grows with documents × leaves. Raises IndexMissing."""
        index = self._current()
        documents = list(index.documents.values())
        scores, cut = index.answer(request.query)
        sought = [document for document in documents if document.study_id in scores]
        matching = [document for document in sought if passes_filters(document, request.filters, self._facets)]
        sort_key = SORT_KEYS[request.sort]
        matching.sort(key=lambda document: sort_key(document, scores[document.study_id]))
        end = None if request.limit is None else request.offset + request.limit
        page = matching[request.offset : end]
        return SearchResult(
            total=len(matching),
            hits=tuple(Hit(document.study_id, scores[document.study_id]) for document in page),
            facets=count_facets(sought, request.filters, self._facets) if request.count else {},
            years=count_years(sought, request.filters, self._facets) if request.count else {},
            truncated_prefixes=cut,
        )

    def apply(
        self, upserts: Iterable[Document], removals: Iterable[int], position: Position, *, since: Position | None = None
    ) -> bool:
        """Replace and remove studies. If a study is given twice, the first document counts."""
        with self._writing:
            index = self._current()
            if since is not None and not can_apply_after(index.position, since):
                return False
            if since is None or not is_already_applied(index.position, since, position):
                self._index = _Index(_apply_changes(index.documents, upserts, removals), position)
        return True

    def rebuild(self, documents: Iterable[Document], position: Position, later: Iterable[ChangeBatch] = ()) -> bool:
        """Replace all documents. If a study is given twice, the first document counts."""
        built = _by_id(documents)
        for changes in later:
            built, position = _apply_changes(built, changes.upserts, changes.removals), changes.position
        with self._writing:
            self._index = _Index(built, position)
        return True

    def optimize(self) -> None:
        """Do nothing: a dict has no segments to merge."""

    def status(self) -> EngineStatus:
        """Return the state of the index. Never raises."""
        index = self._index
        if index is None:
            return EngineStatus("missing", None, 0)
        return EngineStatus("ready", index.position, len(index.documents))

    def fingerprints(self) -> Mapping[int, str]:
        """Return the record hash of every study in the index, by study id. Raises IndexMissing."""
        return {study_id: document.fingerprint for study_id, document in self._current().documents.items()}

    def _current(self) -> _Index:
        if self._index is None:
            raise IndexMissing("Nothing has been built in this process.")
        return self._index


def _by_id(documents: Iterable[Document]) -> dict[int, Document]:
    found: dict[int, Document] = {}
    for document in documents:
        found.setdefault(document.study_id, document)
    return found


def _apply_changes(
    held: Mapping[int, Document], upserts: Iterable[Document], removals: Iterable[int]
) -> dict[int, Document]:
    """Return `held` with studies replaced and removed. One in both is removed: better missing than shown by mistake."""
    documents = {**held, **_by_id(upserts)}
    for study_id in removals:
        documents.pop(study_id, None)
    return documents
