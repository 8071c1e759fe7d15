"""Answers a `SearchRequest` from a snapshot: matches, filters, counts, sorts and cuts out the page."""

from __future__ import annotations

import numpy as np

from search.contract import Hit, SearchRequest, SearchResult
from search.engines.arrays.cache import ByteCache
from search.engines.arrays.counting import apply_filters
from search.engines.arrays.matching import Match, QueryEvaluator
from search.engines.arrays.occurrences import OccurrenceFinder
from search.engines.arrays.segment import Keys, Mask
from search.engines.arrays.snapshot import Snapshot


def search(snapshot: Snapshot, request: SearchRequest, cache: ByteCache) -> SearchResult:
    """Return the result of a request. The engine keeps one `cache` for all its snapshots."""
    evaluator = QueryEvaluator(snapshot, cache, OccurrenceFinder(snapshot))
    match = evaluator.evaluate(request.query)
    found = apply_filters(snapshot, match.mask, request.filters)
    mask = found.mask()
    facets, years = found.count_options() if request.count else ({}, {})
    truncated_prefixes = evaluator.truncated_prefixes(request.query)
    evaluator.finder.release_memory()
    return SearchResult(
        total=int(np.count_nonzero(mask)),
        hits=_page(snapshot, match, mask, request),
        facets=facets,
        years=years,
        truncated_prefixes=truncated_prefixes,
    )


def _page(snapshot: Snapshot, match: Match, mask: Mask, request: SearchRequest) -> tuple[Hit, ...]:
    """Return the hits of the page. Only hits up to its end are sorted."""
    numbers = np.flatnonzero(mask)
    end = len(numbers) if request.limit is None else request.offset + request.limit
    if request.sort == "newest":
        # Study numbers are in this order.
        numbers = numbers[request.offset : end]
    else:
        keys = _sort_keys(snapshot, numbers, match.scores, request.sort)
        if end < len(numbers):
            best = np.argpartition(keys, end)[:end]
            numbers, keys = numbers[best], keys[best]
        numbers = numbers[np.argsort(keys)[request.offset : end]]
    found = zip(snapshot.study_ids[numbers].tolist(), match.scores[numbers].tolist(), strict=True)
    return tuple(Hit(study_id, score) for study_id, score in found)


def _sort_keys(snapshot: Snapshot, numbers: Keys, scores: Keys, sort: str) -> Keys:
    """Return a distinct key for each of `numbers`; the smallest sorts first."""
    if sort == "relevance":
        # Score and number in one integer: sorting by one key is faster than by two.
        return numbers - scores[numbers] * snapshot.studies
    keys: Keys = snapshot.rank(sort)[numbers]
    return keys
