"""From criteria to studies: read the words, look up the codes, ask the engine, fetch the rows.

Pages, exports and feeds all come through here, so that a total, its facets and its list agree (S6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from search.contract import Filters, IndexMissing, SearchRequest, SearchResult
from search.criteria import codes
from search.criteria.filters import narrowed, with_words
from search.index import indexing, sync
from search.query import parser
from search.query.names import NameIndex
from search.query.thesaurus import Thesaurus
from studies.models import Study
from studies.models.querysets import StudyQuerySet
from studies.store import vocabularies

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from search.query.parsed_query import ParsedQuery
    from search.query.tree import Node
    from studies.store.vocabularies import Vocabularies

FIRST_BATCH, EXPORT_BATCH = 10, 200
"""Studies that an export reads at once: few at first, so that the reader's file begins."""

Rows = Callable[[StudyQuerySet], StudyQuerySet]
"""Adds to published studies the rows that are to be printed of them."""

# What the database alone can sort by; the other orders need the index.
_ORDER_BY = {
    "oldest": ("year", "slug"),
    "title": ("folded", "slug"),
    "added": ("-published_at", "slug"),
}
_NEWEST_FIRST = ("-year", "slug")


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to criteria: one page of studies, and what is known of the whole list.

    `criteria` has the page that is shown: a page past the end became the last one. Without an index `total` is None
    and nothing is counted (I1).
    """

    criteria: Criteria
    asked: Criteria
    query: ParsedQuery
    filters: Filters
    unknown: tuple[tuple[str, str], ...]
    studies: list[Study]
    total: int | None
    result: SearchResult
    has_more: bool

    @property
    def has_index(self) -> bool:
        """Say whether the index answered."""
        return self.total is not None

    @property
    def page_count(self) -> int:
        """The number of pages; without an index, those known to exist."""
        if self.total is None:
            return self.criteria.page + self.has_more
        return max(1, -(-self.total // self.criteria.page_size))


@dataclass(frozen=True, slots=True)
class _Question:
    """Criteria, read: what is asked of an engine."""

    criteria: Criteria
    query: ParsedQuery
    filters: Filters
    unknown: tuple[tuple[str, str], ...]

    def request(self, *, count: bool) -> SearchRequest:
        size = self.criteria.page_size
        offset = (self.criteria.page - 1) * size
        return SearchRequest(self.query.node, self.filters, self.criteria.order, offset, size, count)


def find(criteria: Criteria, *, rows: Rows = StudyQuerySet.for_results, count: bool = True) -> Found:
    """Return one page of the list with its facet counts: five queries, whatever the number of studies.

    Other `rows` than those of a card cost as many as they say; without `count` no facet is counted.
    """
    question = _read(criteria)
    try:
        sync.update_before_search()
        return _ask(question, rows, count=count)
    except IndexMissing:
        return _without_index(question, rows)


def total(criteria: Criteria) -> int:
    """Count a list as the index holds it now, reading no study: no query. Raises IndexMissing."""
    return _search(replace(_read(criteria).request(count=False), offset=0, limit=0)).total


def counts() -> Mapping[str, Mapping[str, int]]:
    """Count every code over the whole bank, by parameter: no query while the index is in step. Raises IndexMissing."""
    sync.update_before_search()
    return _search(SearchRequest(limit=0)).facets


def whole_bank() -> tuple[int, Mapping[str, Mapping[str, int]]]:
    """Return the number of studies in the index and how many carry each code: no query. Raises IndexMissing."""
    found = _search(SearchRequest(limit=0))
    return found.total, found.facets


def read(criteria: Criteria) -> tuple[Node, Filters]:
    """Return what an engine is asked for these criteria, to ask it something beside them."""
    question = _read(criteria)
    return question.query.node, question.filters


def closest(query: Node, filters: Filters, most: int, sort: str = "relevance") -> list[int]:
    """Return the keys of the first studies of a list that no criteria give: no query. Raises IndexMissing."""
    request = SearchRequest(query, filters, sort, limit=most, count=False)
    return [hit.study_id for hit in _search(request).hits]


@dataclass(frozen=True, slots=True)
class Listed:
    """The keys of every study of a list, in its order. `filters` and `unknown` are as in `Found`.

    The index may know of a change before this request does: a study behind a key may be public no more.
    """

    keys: list[int]
    filters: Filters
    unknown: tuple[tuple[str, str], ...]


def whole_list(criteria: Criteria) -> Listed:
    """Return all of the list at once: no query while the index is in step, one without it."""
    question = _read(criteria)
    try:
        found = _indexed(question)
    except IndexMissing:
        found = list(_on_the_orm(Study.objects.published(), question).values_list("pk", flat=True))
    return Listed(found, question.filters, question.unknown)


def listing(criteria: Criteria) -> Iterator[Study]:
    """Yield every published study of the list in its order, with the rows of its record, a batch at a time.

    What stopped being published meanwhile is left out.
    """
    found = keys(criteria)
    start, size = 0, FIRST_BATCH
    while start < len(found):
        yield from Study.objects.for_export().in_order_of(found[start : start + size])
        start, size = start + size, EXPORT_BATCH


def keys(criteria: Criteria) -> list[int]:
    """Return the keys of all studies of the list in its order: no query while the index is in step, one without it."""
    return whole_list(criteria).keys


def indexed_keys(criteria: Criteria) -> list[int]:
    """Return the keys of all studies of the list in its order, as the index has it. Raises IndexMissing."""
    return _indexed(_read(criteria))


def unpublished(studies: StudyQuerySet, criteria: Criteria) -> StudyQuerySet:
    """Narrow studies that no index holds by the criteria; words are looked up in folded titles, names and DOI."""
    return _on_the_orm(studies, _read(criteria))


class Knowledge:
    """What a query is read with: the names that lead to codes, and the thesaurus."""

    def __init__(self, names: NameIndex, thesaurus: Thesaurus) -> None:
        self.names = names
        self.thesaurus = thesaurus
        # Readers turn pages and tick filters with the words as they are, and help reads the same ones again.
        self.parse = lru_cache(maxsize=_MOST_PARSED)(self._parse)

    def _parse(self, q: str, without: frozenset[str] = frozenset(), *, exact: bool = False) -> ParsedQuery:
        return parser.parse(q, self.names, self.thesaurus, without=without, exact=exact)


_MOST_PARSED = 64


def knowledge(vocabulary: Vocabularies) -> Knowledge:
    """Return what queries are read with, made once per version of the vocabularies."""
    global _knowledge
    held = _knowledge
    if held is None or held[0] is not vocabulary:
        held = (vocabulary, Knowledge(NameIndex(codes.names(vocabulary)), Thesaurus(codes.concepts(vocabulary))))
        _knowledge = held
    return held[1]


_knowledge: tuple[Vocabularies, Knowledge] | None = None


def _search(request: SearchRequest) -> SearchResult:
    return indexing.get_engine().search(request)


def _indexed(question: _Question) -> list[int]:
    sync.update_before_search()
    request = replace(question.request(count=False), offset=0, limit=None)
    return [hit.study_id for hit in _search(request).hits]


def _read(criteria: Criteria) -> _Question:
    vocabulary = vocabularies.current()
    resolved = codes.resolve(criteria, vocabulary)
    known = knowledge(vocabulary)
    query = known.parse(criteria.q, frozenset(criteria.without), exact=criteria.exact)
    return _Question(criteria, query, resolved.filters, resolved.unknown)


def _ask(question: _Question, rows: Rows, *, count: bool) -> Found:
    found = _page(question, rows, count=count)
    if len(found.studies) < len(found.result.hits):
        # The index still holds a study that is no longer public: bring it up to date and ask once more.
        sync.update_index()
        found = _page(question, rows, count=count)
    return found


def _page(question: _Question, rows: Rows, *, count: bool) -> Found:
    engine = indexing.get_engine()
    shown = question.criteria
    result = engine.search(question.request(count=count))
    last_page = max(1, -(-result.total // shown.page_size))
    if shown.page > last_page:
        shown = shown.with_page(last_page)
        hits = engine.search(replace(question, criteria=shown).request(count=False)).hits
        result = replace(result, hits=hits)
    studies = rows(Study.objects.published()).in_order_of(hit.study_id for hit in result.hits)
    return Found(
        criteria=shown,
        asked=question.criteria,
        query=question.query,
        filters=question.filters,
        unknown=question.unknown,
        studies=studies,
        total=result.total,
        result=result,
        has_more=shown.page < last_page,
    )


def _without_index(question: _Question, rows: Rows) -> Found:
    size, page = question.criteria.page_size, question.criteria.page
    start = (page - 1) * size
    # One more than a page tells whether there is a next one, without counting.
    studies = list(rows(_on_the_orm(Study.objects.published(), question))[start : start + size + 1])
    return Found(
        criteria=question.criteria,
        asked=question.criteria,
        query=question.query,
        filters=question.filters,
        unknown=question.unknown,
        studies=studies[:size],
        total=None,
        result=SearchResult(total=0, hits=()),
        has_more=len(studies) > size,
    )


def _on_the_orm(studies: StudyQuerySet, question: _Question) -> StudyQuerySet:
    found = with_words(narrowed(studies, question.filters), question.criteria.q)
    return found.order_by(*_ORDER_BY.get(question.criteria.order, _NEWEST_FIRST))
