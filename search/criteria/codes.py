"""Between codes and names: what a parameter may hold, how it is called, which criteria are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from search.contract import NOT_STATED, Filters
from search.criteria.criteria import Criteria
from search.criteria.facets import FACETS, LATIN_AMERICA, LATIN_AMERICA_NAMES, VOCABULARY_OF
from search.query.names import Name
from search.query.thesaurus import Concept, Expand
from studies.store.vocabularies import ProgrammeView, Vocabularies

OPEN_ACCESS = {"yes": gettext_lazy("Sí"), "no": gettext_lazy("No"), "unknown": gettext_lazy("Sin dato")}

_NEVER_MISSING = ("open_access", "appraisal")
"""Parameters that have a code of their own for what a record does not state."""

_NAMED_IN_QUERIES = (
    "theme",
    "intervention",
    "outcome",
    "design_family",
    "design",
    "region",
    "country",
    "population",
    "setting",
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The choices with old codes led to today's, and the codes that no vocabulary holds, as (parameter, code)."""

    filters: Filters
    unknown: tuple[tuple[str, str], ...]


def resolve(criteria: Criteria, vocabularies: Vocabularies) -> Resolved:
    """Look up the codes of `criteria`.

    An unknown code beside a known one of its facet is left out; alone it stays and matches nothing.
    """
    chosen: dict[str, frozenset[str]] = {}
    unknown: list[tuple[str, str]] = []
    for facet in FACETS:
        known: dict[str, frozenset[str]] = {}
        strange: dict[str, frozenset[str]] = {}
        for parameter in facet.parameters:
            found = {code: current_code(parameter, code, vocabularies) for code in criteria.chosen.get(parameter, ())}
            known[parameter] = frozenset(code for code in found.values() if code is not None)
            strange[parameter] = frozenset(code for code, current in found.items() if current is None)
            unknown += [(parameter, code) for code in sorted(strange[parameter])]
        kept = known if any(known.values()) else strange
        chosen.update({parameter: codes for parameter, codes in kept.items() if codes})
    return Resolved(Filters(chosen, criteria.year_from, criteria.year_to), tuple(unknown))


def current_code(parameter: str, code: str, vocabularies: Vocabularies) -> str | None:
    """Return the code that `code` stands for today: itself, or that of the term it was merged into; None if unknown."""
    if parameter == "open_access":
        return code if code in OPEN_ACCESS else None
    if code == NOT_STATED:
        return None if parameter in _NEVER_MISSING else code
    if parameter == "programme":
        return code if _named_programme(code, vocabularies) else None
    term = vocabularies.find(VOCABULARY_OF[parameter], code)
    return term.code if term else None


def label(parameter: str, code: str, vocabularies: Vocabularies, language: str) -> str:
    """Return the name of a code as a reader sees it; an unknown code is its own name."""
    if parameter == "open_access":
        return str(OPEN_ACCESS.get(code, code))
    if code == NOT_STATED:
        return _("Varios países o sin dato") if parameter in ("country", "region") else _("Sin dato")
    if parameter == "programme":
        programme = _named_programme(code, vocabularies)
        return programme.label(language) if programme else code
    term = vocabularies.find(VOCABULARY_OF[parameter], code)
    return term.label(language) if term else code


def _named_programme(slug: str, vocabularies: Vocabularies) -> ProgrammeView | None:
    """Return the programme with `slug`; None too for one whose name is not public yet."""
    programme = vocabularies.programme_by_slug.get(slug)
    return programme if programme and programme.is_named else None


def all_codes(parameter: str, vocabularies: Vocabularies) -> tuple[str, ...]:
    """Return every code that the parameter may hold, in the order of its vocabulary, "not stated" last."""
    if parameter == "open_access":
        return tuple(OPEN_ACCESS)
    if parameter == "programme":
        return (*(programme.slug for programme in vocabularies.programmes if programme.is_named), NOT_STATED)
    codes = tuple(term.code for term in vocabularies.terms(VOCABULARY_OF[parameter]))
    return codes if parameter in _NEVER_MISSING else (*codes, NOT_STATED)


def names(vocabularies: Vocabularies) -> Iterator[Name]:
    """Yield the names that lead to codes when a query is read: terms, countries, regions, programmes (S1)."""
    for parameter in _NAMED_IN_QUERIES:
        for term in vocabularies.terms(VOCABULARY_OF[parameter]):
            yield Name(parameter, term.code, (term.es, term.en))
    for region in LATIN_AMERICA:
        yield Name("region", region, LATIN_AMERICA_NAMES)
    for programme in filter(attrgetter("is_named"), vocabularies.programmes):
        texts = (programme.name, programme.name_es, programme.name_en, *programme.aliases)
        yield Name("programme", programme.slug, tuple(dict.fromkeys(texts)))


def concepts(vocabularies: Vocabularies) -> Iterator[Concept]:
    """Yield the thesaurus with the codes of its terms as parameters of the criteria (S3)."""
    for concept in vocabularies.concepts:
        found = (
            (_PARAMETER_OF[vocabulary], term.code)
            for vocabulary, code in concept.terms
            if vocabulary in _PARAMETER_OF and (term := vocabularies.find(vocabulary, code))
        )
        yield Concept(
            slug=concept.slug,
            es=concept.es,
            en=concept.en,
            typed=concept.typed,
            broader=concept.broader,
            expand=cast(Expand, concept.expand),
            only_in_capitals=concept.only_in_capitals,
            is_ambiguous=concept.is_ambiguous,
            codes=frozenset(found),
        )


_PARAMETER_OF = {vocabulary: parameter for parameter, vocabulary in VOCABULARY_OF.items() if vocabulary}


def without_unknown(criteria: Criteria, unknown: tuple[tuple[str, str], ...]) -> Criteria:
    """Return `criteria` without these codes."""
    for parameter, code in unknown:
        criteria = criteria.without_code(parameter, code)
    return criteria
