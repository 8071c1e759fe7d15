"""Filters and facet counts, document by document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from search.contract import FINDING_FACETS, Document, FacetParameters, Filters


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
    outcomes, effects = _chosen(filters, "outcome"), _chosen(filters, "effect")
    one_finding = bool(outcomes and effects)
    if one_finding and not any(outcome in outcomes and effect in effects for outcome, effect in document.findings):
        failed.update(FINDING_FACETS)
    for facet, parameters in facets.items():
        if one_finding and facet in FINDING_FACETS:
            continue
        chosen = [(parameter, _chosen(filters, parameter)) for parameter in parameters]
        if any(codes for _, codes in chosen) and not any(
            codes & document.codes.get(parameter, frozenset()) for parameter, codes in chosen
        ):
            failed.add(facet)
    return failed


def _chosen_counterparts(facet: str, filters: Filters) -> frozenset[str]:
    """Return the chosen effects for the facet of outcomes, the chosen outcomes for that of effects, else nothing."""
    if facet not in FINDING_FACETS:
        return frozenset()
    return _chosen(filters, "effect" if facet == "outcome" else "outcome")


def _facets_left_out(facet: str, filters: Filters) -> frozenset[str]:
    """Return the facets whose filters are left out when options of `facet` are counted: itself.

    If codes of the other half of a finding are chosen, both halves: the pairs that are counted already satisfy them.
    """
    return FINDING_FACETS if _chosen_counterparts(facet, filters) else frozenset({facet})


def _options(
    document: Document, facet: str, parameters: tuple[str, ...], filters: Filters
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the parameters of `facet`, each with its codes that would let `document` pass if chosen."""
    if other := _chosen_counterparts(facet, filters):
        pairs = document.findings
        if facet == "outcome":
            yield "outcome", frozenset(outcome for outcome, effect in pairs if effect in other)
        else:
            yield "effect", frozenset(effect for outcome, effect in pairs if outcome in other)
        return
    for parameter in parameters:
        yield parameter, document.codes.get(parameter, frozenset())


def _chosen(filters: Filters, parameter: str) -> frozenset[str]:
    return filters.chosen.get(parameter, frozenset())
