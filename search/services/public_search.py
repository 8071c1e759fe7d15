"""The public search: from criteria to published studies, through the engine or, without an index, the database.

Pages, exports, feeds and the API all use it, so that a total, its facets and its list agree (S6). It reads the words,
looks up the codes, asks the engine and fetches the rows; it prints nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from search.contract import Filters, IndexMissing, SearchRequest, SearchResult
from search.criteria import codes
from search.criteria.filters import filter_by_words, filter_studies
from search.index import indexing, sync
from search.query.tree import AnyOf, Everything, Not, combine_all
from search.services.query_reader import get_query_reader
from search.services.shared_codes import list_shared_codes
from search.services.some_words import split_query
from studies.models import Study
from studies.models.querysets import StudyQuerySet
from studies.store import vocabularies
from studies.store.exchange.reading import read_public_records

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from search.query.parsed_query import ParsedQuery
    from search.query.tree import Node
    from search.services.some_words import SplitQuery
    from studies.records.study import StudyRecord
    from studies.store.vocabularies import Vocabularies

FIRST_BATCH, EXPORT_BATCH = 10, 200
"""The numbers of studies that an export reads at once: few at first, so that the download begins at once."""

_SEEDS = 8
"""The first studies of a list, whose common codes rank it."""
LEAST_RANKED = 21
"""Studies of a list that is ranked so: a page shows a shorter one whole."""

Prefetch = Callable[[StudyQuerySet], StudyQuerySet]
"""Adds to published studies the related rows that a page prints."""

# What the database alone can sort by; the other orders need the index.
_ORDER_BY = {
    "oldest": ("year", "slug"),
    "title": ("folded", "slug"),
    "added": ("-published_at", "slug"),
}
_NEWEST_FIRST = ("-year", "slug")


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of the studies that criteria find, and what is known of the whole list.

    `criteria` has the number of the page that is shown: for a page past the end, that of the last one. `requested` are
    the criteria as they were given, `unknown` the codes (parameter, code) that no vocabulary has. Without an index
    `total` is None and nothing is counted (I1). `part_count` is the number of parts of the query of which `match` asks
    for some, 0 where it asks for all; `missing` has then the parts that each study of the page lacks, as typed.
    """

    criteria: Criteria
    requested: Criteria
    query: ParsedQuery
    filters: Filters
    unknown: tuple[tuple[str, str], ...]
    studies: list[Study]
    total: int | None
    result: SearchResult
    has_more: bool
    missing: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    part_count: int = 0

    @property
    def has_index(self) -> bool:
        """Whether the index answered."""
        return self.total is not None

    @property
    def page_count(self) -> int:
        """The number of pages; without an index, of those known to exist."""
        if self.total is None:
            return self.criteria.page + self.has_more
        return max(1, -(-self.total // self.criteria.page_size))


@dataclass(frozen=True, slots=True)
class _ReadCriteria:
    """Criteria with their words parsed and their codes looked up."""

    criteria: Criteria
    query: ParsedQuery
    filters: Filters
    unknown: tuple[tuple[str, str], ...]
    node: Node
    split: SplitQuery | None = None

    def to_request(self, *, count: bool) -> SearchRequest:
        size = self.criteria.page_size
        offset = (self.criteria.page - 1) * size
        return SearchRequest(self.query.rank(self.node), self.filters, self.criteria.order, offset, size, count)


def search(
    criteria: Criteria, *, prefetch: Prefetch = StudyQuerySet.for_results, count_facets: bool = True
) -> SearchPage:
    """Return one page of the list, with the counts of its facets: five queries, whatever the number of studies.

    `prefetch` other than that of result cards costs its own number of queries.
    """
    read = _read(criteria)
    try:
        sync.update_before_search()
        return _search_index(read, prefetch, count_facets=count_facets)
    except IndexMissing:
        return _search_database(read, prefetch)


def count(criteria: Criteria) -> int:
    """Return the total of a list in the index as it is: no query. Raises IndexMissing."""
    return _ask_engine(replace(_read(criteria).to_request(count=False), offset=0, limit=0)).total


def list_ids(criteria: Criteria) -> list[int]:
    """Return the ids of all studies of the list, in order: no query while the index is in step, one without an index.

    The index may be ahead of what this request has read: a study may no longer be public.
    """
    read = _read(criteria)
    try:
        return _list_indexed_ids(read)
    except IndexMissing:
        return list(_filter_in_database(Study.objects.published(), read).values_list("pk", flat=True))


def list_indexed_ids(criteria: Criteria) -> list[int]:
    """Return the ids of all studies of the list, in order, by the index alone. Raises IndexMissing."""
    return _list_indexed_ids(_read(criteria))


def iterate(criteria: Criteria, *, references_only: bool = False) -> Iterator[StudyRecord]:
    """Yield the record of every published study of the list in order, read in batches.

    With `references_only`, of the rows below a study only what a reference is made of, in less time. A study that is no
    longer published is left out.
    """
    # Now: an export is written after the request has ended, and with it the memory of vocabularies.
    return _read_in_batches(criteria, vocabularies.current(), references_only=references_only)


def _read_in_batches(criteria: Criteria, vocabulary: Vocabularies, *, references_only: bool) -> Iterator[StudyRecord]:
    study_ids = list_ids(criteria)
    start, size = 0, FIRST_BATCH
    while start < len(study_ids):
        yield from read_public_records(study_ids[start : start + size], vocabulary, references_only=references_only)
        start, size = start + size, EXPORT_BATCH


def count_codes(*, catch_up: bool = True) -> tuple[int, Mapping[str, Mapping[str, int]]]:
    """Return the number of studies in the index, and how many carry each code, by parameter. Raises IndexMissing.

    No query while the index is in step, nor with `catch_up` False, which asks the index as it is.
    """
    if catch_up:
        sync.update_before_search()
    result = _ask_engine(SearchRequest(limit=0))
    return result.total, result.facets


def interpret(criteria: Criteria) -> tuple[Node, Filters]:
    """Return the query tree and the filters that criteria mean to an engine, to combine them with other queries."""
    read = _read(criteria)
    return read.node, read.filters


def list_top_ids(query: Node, filters: Filters, limit: int, sort: str = "relevance") -> list[int]:
    """Return the ids of the first studies for a query tree that no criteria express: no query. Raises IndexMissing."""
    request = SearchRequest(query, filters, sort, limit=limit, count=False)
    return [hit.study_id for hit in _ask_engine(request).hits]


def filter_in_database(studies: StudyQuerySet, criteria: Criteria) -> StudyQuerySet:
    """Return those of `studies`, which no index holds, that match the criteria, in their order.

    Words are looked up in folded titles, names and DOI.
    """
    return _filter_in_database(studies, _read(criteria))


def _read(criteria: Criteria) -> _ReadCriteria:
    vocabulary = vocabularies.current()
    resolved = codes.resolve_codes(criteria, vocabulary)
    query = get_query_reader(vocabulary).parse(criteria.q, frozenset(criteria.without), exact=criteria.exact)
    read = _ReadCriteria(criteria, query, resolved.filters, resolved.unknown, query.node)
    split = split_words(criteria) if criteria.match is not None else None
    if split is None or criteria.match is None or criteria.match >= len(split.parts):
        return read
    return replace(read, node=split.at_least(criteria.match), split=split)


def split_words(criteria: Criteria) -> SplitQuery | None:
    """Return the parts of the words of criteria, of which `match` may ask for some; None if there are not two."""
    reader, without = get_query_reader(vocabularies.current()), frozenset(criteria.without)

    def parse(q: str) -> Node:
        return reader.parse(q, without, exact=criteria.exact).node

    return split_query(reader.parse(criteria.q, without, exact=criteria.exact), parse)


def _rank(read: _ReadCriteria) -> _ReadCriteria:
    """Return criteria ranked by what the first studies are about, too, if the list is one of words by relevance.

    It finds the same. A search more, or two with some of the words; and one query where it applies.
    """
    if not read.criteria.q or read.criteria.order != "relevance":
        return read
    match = read.criteria.match
    if read.split is not None and match is not None:
        seeds = list_top_ids(read.query.node, read.filters, _SEEDS) or list_top_ids(read.node, read.filters, _SEEDS)
        return replace(read, node=read.split.at_least(match, list_shared_codes(seeds))) if seeds else read
    if not read.query.preferred and split_words(read.criteria) is None:
        # Of one word, what says it comes before what the thesaurus knows of it (S3).
        return read
    first = list_top_ids(read.query.rank(read.node), read.filters, LEAST_RANKED)
    alike = list_shared_codes(first[:_SEEDS]) if len(first) == LEAST_RANKED else ()
    return replace(read, node=combine_all((read.node, AnyOf((Everything(), *alike))))) if alike else read


def _find_missing(read: _ReadCriteria) -> dict[int, tuple[str, ...]]:
    """Return by study the parts that it lacks, as typed, for the list up to the end of the page: a search each."""
    if read.split is None:
        return {}
    missing: dict[int, tuple[str, ...]] = {}
    most = read.criteria.page * read.criteria.page_size
    for text, node in read.split.parts:
        # An exclusion adds no score: these come in the order of the list.
        lacking = read.query.rank(combine_all((read.node, Not(node))))
        for key in list_top_ids(lacking, read.filters, most, read.criteria.order):
            missing[key] = (*missing.get(key, ()), text)
    return missing


def _ask_engine(request: SearchRequest) -> SearchResult:
    sync.note_if_behind()
    return indexing.get_engine().search(request)


def _list_indexed_ids(read: _ReadCriteria) -> list[int]:
    sync.update_before_search()
    request = replace(_rank(read).to_request(count=False), offset=0, limit=None)
    return [hit.study_id for hit in _ask_engine(request).hits]


def _search_index(read: _ReadCriteria, prefetch: Prefetch, *, count_facets: bool) -> SearchPage:
    read = _rank(read)
    page = _load_page(read, prefetch, count_facets=count_facets)
    if len(page.studies) < len(page.result.hits):
        # The index still holds a study that is no longer public: bring it up to date and search once more.
        sync.update_index()
        page = _load_page(read, prefetch, count_facets=count_facets)
    return page


def _load_page(read: _ReadCriteria, prefetch: Prefetch, *, count_facets: bool) -> SearchPage:
    engine = indexing.get_engine()
    shown = read.criteria
    result = engine.search(read.to_request(count=count_facets))
    last_page = max(1, -(-result.total // shown.page_size))
    if shown.page > last_page:
        shown = shown.with_page(last_page)
        hits = engine.search(replace(read, criteria=shown).to_request(count=False)).hits
        result = replace(result, hits=hits)
    studies = prefetch(Study.objects.published()).in_order_of(hit.study_id for hit in result.hits)
    return SearchPage(
        criteria=shown,
        requested=read.criteria,
        query=read.query,
        filters=read.filters,
        unknown=read.unknown,
        studies=studies,
        total=result.total,
        result=result,
        has_more=shown.page < last_page,
        missing=_find_missing(replace(read, criteria=shown)),
        part_count=len(read.split.parts) if read.split else 0,
    )


def _search_database(read: _ReadCriteria, prefetch: Prefetch) -> SearchPage:
    size, page = read.criteria.page_size, read.criteria.page
    start = (page - 1) * size
    # One more than a page shows whether there is a next one, without counting.
    studies = list(prefetch(_filter_in_database(Study.objects.published(), read))[start : start + size + 1])
    return SearchPage(
        criteria=read.criteria,
        requested=read.criteria,
        query=read.query,
        filters=read.filters,
        unknown=read.unknown,
        studies=studies[:size],
        total=None,
        result=SearchResult(total=0, hits=()),
        has_more=len(studies) > size,
    )


def _filter_in_database(studies: StudyQuerySet, read: _ReadCriteria) -> StudyQuerySet:
    found = filter_by_words(filter_studies(studies, read.filters), read.criteria.q)
    return found.order_by(*_ORDER_BY.get(read.criteria.order, _NEWEST_FIRST))
