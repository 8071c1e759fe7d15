"""What filters leave of the documents, and how many each option would find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from search.contract import FINDING_FACETS, Document, FacetParameters, Filters


def passes(document: Document, filters: Filters, facets: FacetParameters) -> bool:
    return is_in_years(document, filters) and not _refusing(document, filters, facets)


def is_in_years(document: Document, filters: Filters) -> bool:
    return (filters.year_from is None or filters.year_from <= document.year) and (
        filters.year_to is None or document.year <= filters.year_to
    )


def facet_counts(sought: list[Document], filters: Filters, facets: FacetParameters) -> dict[str, dict[str, int]]:
    """Count for every option the documents that it would find as the only choice in its facet."""
    counts: dict[str, Counter[str]] = {name: Counter() for parameters in facets.values() for name in parameters}
    for document in sought:
        if not is_in_years(document, filters):
            continue
        refusing = _refusing(document, filters, facets)
        for facet, parameters in facets.items():
            if refusing <= _cleared_with(facet, filters):
                for parameter, codes in _options(document, facet, parameters, filters):
                    counts[parameter].update(codes)
    return {parameter: dict(counter) for parameter, counter in counts.items()}


def year_counts(sought: list[Document], filters: Filters, facets: FacetParameters) -> dict[int, int]:
    return dict(Counter(document.year for document in sought if not _refusing(document, filters, facets)))


def _refusing(document: Document, filters: Filters, facets: FacetParameters) -> set[str]:
    """Return the names of the facets with choices of which `document` has none."""
    refusing: set[str] = set()
    outcomes, effects = _chosen(filters, "outcome"), _chosen(filters, "effect")
    one_finding = bool(outcomes and effects)
    if one_finding and not any(outcome in outcomes and effect in effects for outcome, effect in document.findings):
        refusing.update(FINDING_FACETS)
    for facet, parameters in facets.items():
        if one_finding and facet in FINDING_FACETS:
            continue
        chosen = [(parameter, _chosen(filters, parameter)) for parameter in parameters]
        if any(codes for _, codes in chosen) and not any(
            codes & document.codes.get(parameter, frozenset()) for parameter, codes in chosen
        ):
            refusing.add(facet)
    return refusing


def _other_of_pair(facet: str, filters: Filters) -> frozenset[str]:
    """Return the effects chosen, for the facet of outcomes, and the outcomes for that of effects; else nothing."""
    if facet not in FINDING_FACETS:
        return frozenset()
    return _chosen(filters, "effect" if facet == "outcome" else "outcome")


def _cleared_with(facet: str, filters: Filters) -> frozenset[str]:
    """Return the facets whose refusal does not keep a document from being counted in `facet`.

    Where the other half of a finding is chosen, the pairs that are counted already hold it.
    """
    return FINDING_FACETS if _other_of_pair(facet, filters) else frozenset({facet})


def _options(
    document: Document, facet: str, parameters: tuple[str, ...], filters: Filters
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the codes, by parameter, by which a choice in `facet` would find `document`."""
    if other := _other_of_pair(facet, filters):
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
