"""Looks up the codes of criteria, and lists the names and concepts that lead words of a query to codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from search.contract import Filters
from search.criteria.criteria import Criteria
from search.criteria.facets import FACETS, PARAMETERS
from search.query.names import NamedCode
from search.query.thesaurus import ExpandMode, ThesaurusConcept
from studies.store.vocabularies import Vocabularies


@dataclass(frozen=True, slots=True)
class ResolvedCodes:
    """Filters with the codes of today, and the codes that no vocabulary has, as (parameter, code)."""

    filters: Filters
    unknown: tuple[tuple[str, str], ...]


def resolve_codes(criteria: Criteria, vocabularies: Vocabularies) -> ResolvedCodes:
    """Look up the codes of `criteria`; a code of a merged term becomes that of the term it was merged into.

    An unknown code is left out if its facet has a known one too. Otherwise it stays, and matches nothing.
    """
    chosen: dict[str, frozenset[str]] = {}
    unknown: list[tuple[str, str]] = []
    for facet in FACETS:
        known: dict[str, frozenset[str]] = {}
        not_known: dict[str, frozenset[str]] = {}
        for parameter in facet.code_parameters:
            name = parameter.name
            current = {code: parameter.current_code(code, vocabularies) for code in criteria.chosen.get(name, ())}
            known[name] = frozenset(code for code in current.values() if code is not None)
            not_known[name] = frozenset(given for given, code in current.items() if code is None)
            unknown += [(name, code) for code in sorted(not_known[name])]
        applied = known if any(known.values()) else not_known
        chosen.update({name: codes for name, codes in applied.items() if codes})
    return ResolvedCodes(Filters(chosen, criteria.year_from, criteria.year_to), tuple(unknown))


def iter_names(vocabularies: Vocabularies) -> Iterator[NamedCode]:
    """Yield the names that lead words of a query to codes: terms, countries, regions, programmes (S1)."""
    for parameter in PARAMETERS.values():
        yield from parameter.names(vocabularies)


def iter_concepts(vocabularies: Vocabularies) -> Iterator[ThesaurusConcept]:
    """Yield the concepts of the thesaurus, with their terms as (parameter, code) of the criteria (S3)."""
    parameter_of = {parameter.vocabulary: name for name, parameter in PARAMETERS.items() if parameter.vocabulary}
    for concept in vocabularies.concepts:
        found = (
            (parameter_of[vocabulary], term.code)
            for vocabulary, code in concept.terms
            if vocabulary in parameter_of and (term := vocabularies.find(vocabulary, code))
        )
        yield ThesaurusConcept(
            slug=concept.slug,
            es=concept.es,
            en=concept.en,
            typed=concept.typed,
            broader=concept.broader,
            expand=cast(ExpandMode, concept.expand),
            only_in_capitals=concept.only_in_capitals,
            is_ambiguous=concept.is_ambiguous,
            codes=frozenset(found),
        )
