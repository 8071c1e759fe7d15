"""Filters and facet counts, document by document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from search.contract import PAIR_OF, PAIRED_FACETS, Document, FacetParameters, Filters


def passes_filters(document: Document, filters: Filters, facets: FacetParameters) -> bool:
    return is_in_years(document, filters) and not _failed_facets(document, filters, facets)


def is_in_years(document: Document, filters: Filters) -> bool:
    return (filters.year_from is None or filters.year_from <= document.year) and (
        filters.year_to is None or document.year <= filters.year_to
    )


def count_facets(matching: list[Document], filters: Filters, facets: FacetParameters) -> dict[str, dict[str, int]]:
    """Count for every option the documents that would pass if it were the only choice in its facet."""
    counts: dict[str, Counter[str]] = {name: Counter() for parameters in facets.values() for name in parameters}
    for document in matching:
        if not is_in_years(document, filters):
            continue
        failed = _failed_facets(document, filters, facets)
        for facet, parameters in facets.items():
            if failed <= _facets_left_out(facet, filters):
                for parameter, codes in _options(document, facet, parameters, filters):
                    counts[parameter].update(codes)
    return {parameter: dict(counter) for parameter, counter in counts.items()}


def count_years(matching: list[Document], filters: Filters, facets: FacetParameters) -> dict[int, int]:
    """Count the documents of every year under the filters, but without the range of years."""
    return dict(Counter(document.year for document in matching if not _failed_facets(document, filters, facets)))


def _failed_facets(document: Document, filters: Filters, facets: FacetParameters) -> set[str]:
    """Return the names of the facets with chosen codes of which `document` carries none."""
    failed: set[str] = set()
    paired: set[str] = set()
    for pair in PAIRED_FACETS:
        firsts, seconds = (_chosen(filters, facet) for facet in pair)
        if firsts and seconds:
            paired.update(pair)
            if not any(first in firsts and second in seconds for first, second in document.pairs[pair]):
                failed.update(pair)
    for facet, parameters in facets.items():
        if facet in paired:
            continue
        chosen = [(parameter, _chosen(filters, parameter)) for parameter in parameters]
        if any(codes for _, codes in chosen) and not any(
            codes & document.codes.get(parameter, frozenset()) for parameter, codes in chosen
        ):
            failed.add(facet)
    return failed


def _chosen_counterparts(facet: str, filters: Filters) -> frozenset[str]:
    """Return what is chosen in the other facet of the pair of `facet`; nothing for a facet in no pair."""
    pair = PAIR_OF.get(facet)
    if pair is None:
        return frozenset()
    first, second = pair
    return _chosen(filters, second if facet == first else first)


def _facets_left_out(facet: str, filters: Filters) -> frozenset[str]:
    """Return the facets whose filters are left out when options of `facet` are counted: itself.

    If codes of the other facet of its pair are chosen, both: the pairs that are counted already satisfy them.
    """
    return frozenset(PAIR_OF[facet]) if _chosen_counterparts(facet, filters) else frozenset({facet})


def _options(
    document: Document, facet: str, parameters: tuple[str, ...], filters: Filters
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the parameters of `facet`, each with its codes that would let `document` pass if chosen."""
    if other := _chosen_counterparts(facet, filters):
        pair = PAIR_OF[facet]
        own = pair.index(facet)
        yield facet, frozenset(codes[own] for codes in document.pairs[pair] if codes[1 - own] in other)
        return
    for parameter in parameters:
        yield parameter, document.codes.get(parameter, frozenset())


def _chosen(filters: Filters, parameter: str) -> frozenset[str]:
    return filters.chosen.get(parameter, frozenset())
