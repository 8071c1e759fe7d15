"""Alternatives for criteria that find nothing: similar criteria that do find studies, with exact numbers (S7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from search.criteria.criteria import Criteria
from search.criteria.facet import Facet
from search.criteria.facets import FACETS, LATIN_AMERICA, PARAMETERS
from search.pages.finding import find_nearest_codes

if TYPE_CHECKING:
    from search.query.parsed_query import ParsedQuery
    from studies.store.vocabularies import Vocabularies

MOST_ALTERNATIVES = 6
AlternativeKind = Literal["nearest", "widen", "facet", "years", "word", "quotes", "filters", "words", "everything"]

_CLOSENESS: Mapping[AlternativeKind, int] = {
    "nearest": 0, "widen": 0, "quotes": 0, "facet": 1, "years": 1, "word": 1, "filters": 2, "words": 2, "everything": 3
}  # fmt: skip
_MOST_WORDS = 8
_MOST_NEAREST = 3
# Codes next to the words, each facet removed, two of them widened twice, years, quotation marks, words one by one and
# all, and distant ones.
MOST_COUNTS = len(FACETS) + 4 + _MOST_NEAREST + 1 + 1 + _MOST_WORDS + 1 + 3

Count = Callable[[Criteria], int]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Other criteria, which find `total` studies.

    `facet` is the facet that is changed, `parameter` and `codes` what it is widened to, or what is next to the words;
    `word` the word left out.
    """

    kind: AlternativeKind
    criteria: Criteria
    total: int
    facet: Facet | None = None
    parameter: str = ""
    codes: tuple[str, ...] = ()
    word: str = ""


def find_alternatives(
    criteria: Criteria, query: ParsedQuery, vocabulary: Vocabularies, count: Count
) -> tuple[Alternative, ...]:
    """Return at most MOST_ALTERNATIVES that find studies: the closest first, and of these the one with most studies.

    Calls `count` at most MOST_COUNTS times. Never empty in a bank with studies: at worst it offers all of them.
    """
    found: dict[str, Alternative] = {}
    for way in _iterate_near(criteria, query, vocabulary):
        _keep_if_found(way, found, count)
    if not found:
        for way in _iterate_far(criteria):
            _keep_if_found(way, found, count)
    ranked = sorted(found.values(), key=lambda way: (_CLOSENESS[way.kind], -way.total))
    return tuple(ranked[:MOST_ALTERNATIVES])


def _keep_if_found(way: Alternative, found: dict[str, Alternative], count: Count) -> None:
    address = way.criteria.query_string
    if address not in found and (total := count(way.criteria)):
        found[address] = replace(way, total=total)


def _iterate_near(criteria: Criteria, query: ParsedQuery, vocabulary: Vocabularies) -> Iterator[Alternative]:
    """Yield alternatives that change one thing, with total 0 until they are counted."""
    base = criteria.with_page(1)
    for parameter, code in find_nearest_codes(query)[:_MOST_NEAREST]:
        yield Alternative("nearest", Criteria(chosen={parameter: (code,)}), 0, parameter=parameter, codes=(code,))
    for facet in FACETS:
        if any(base.chosen.get(parameter) for parameter in facet.parameters):
            yield from _iterate_wider(base, facet, vocabulary)
            yield Alternative("facet", _without_facet(base, facet), 0, facet)
    if base.year_from is not None or base.year_to is not None:
        yield Alternative("years", base.without_years(), 0)
    if any(part.kind == "phrase" for part in query.parts):
        yield Alternative("quotes", replace(base, q=" ".join(_QUOTES.sub(" ", base.q).split())), 0)
    parts = [part for part in query.parts if part.kind != "excluded"]
    if len(parts) > 1:
        for part in parts[:_MOST_WORDS]:
            q = query.without_part(part)
            if q and q != base.q:
                yield Alternative("word", replace(base, q=q), 0, word=part.text)
    if base.q and base.has_filters:
        yield Alternative("words", base.without_words(), 0)


def _iterate_far(criteria: Criteria) -> Iterator[Alternative]:
    """Yield alternatives that change several things, for criteria that no single change helps."""
    base = criteria.with_page(1)
    if base.q and base.has_filters:
        yield Alternative("filters", base.without_filters(), 0)
    yield Alternative("everything", base.without_filters().without_words(), 0)


def _iterate_wider(criteria: Criteria, facet: Facet, vocabulary: Vocabularies) -> Iterator[Alternative]:
    """Yield alternatives with broader codes of a facet: a country's region, Latin America, a design's family."""
    if len(facet.parameters) < 2:
        return
    wider, narrower = facet.parameters
    terms = [vocabulary.find(PARAMETERS[narrower].vocabulary, code) for code in criteria.chosen.get(narrower, ())]
    parents = sorted({term.parent for term in terms if term and term.parent})
    bare = _without_facet(criteria, facet)
    own = tuple(criteria.chosen.get(wider, ()))
    choices = [tuple(sorted({*own, *parents}))] if parents else []
    if wider == "region" and {*own, *parents} & set(LATIN_AMERICA):
        choices.append(tuple(sorted({*own, *parents, *LATIN_AMERICA})))
    for wider_codes in choices:
        if wider_codes != own or criteria.chosen.get(narrower):
            chosen = {**bare.chosen, wider: wider_codes}
            yield Alternative("widen", replace(bare, chosen=chosen), 0, facet, wider, wider_codes)


def _without_facet(criteria: Criteria, facet: Facet) -> Criteria:
    chosen = {name: codes for name, codes in criteria.chosen.items() if name not in facet.parameters}
    return replace(criteria, chosen=chosen, page=1)


_QUOTES = re.compile('["“”„‟«»＂]')
