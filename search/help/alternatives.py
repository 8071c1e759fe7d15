"""Ways out of a list that finds nothing: other criteria near these that do find studies, with exact numbers (S7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from search.criteria.facet import Facet
from search.criteria.facets import FACETS, LATIN_AMERICA, PARAMETERS

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from search.query.parsed_query import ParsedQuery
    from studies.store.vocabularies import Vocabularies

MOST_WAYS = 6
WayKind = Literal["widen", "facet", "years", "word", "quotes", "filters", "words", "everything"]

_CLOSENESS: Mapping[WayKind, int] = {
    "widen": 0, "quotes": 0, "facet": 1, "years": 1, "word": 1, "filters": 2, "words": 2, "everything": 3
}  # fmt: skip
_MOST_WORDS = 8
# Each facet removed, two of them widened twice, years, quotation marks, words one by one and all, and what is far.
MOST_QUESTIONS = len(FACETS) + 4 + 1 + 1 + _MOST_WORDS + 1 + 3

Count = Callable[["Criteria"], int]


@dataclass(frozen=True, slots=True)
class Way:
    """Criteria that find `total` studies.

    `facet` is the facet concerned; `parameter` and `codes` are what it is widened to; `word` is the word left out.
    """

    kind: WayKind
    criteria: Criteria
    total: int
    facet: Facet | None = None
    parameter: str = ""
    codes: tuple[str, ...] = ()
    word: str = ""


def ways_out(criteria: Criteria, query: ParsedQuery, vocabulary: Vocabularies, count: Count) -> tuple[Way, ...]:
    """Return at most MOST_WAYS ways, the closest first, then those that find the most.

    Asks `count` at most MOST_QUESTIONS times. None is left out that is the only one: in a bank with studies there is
    always a way.
    """
    found: dict[str, Way] = {}
    for way in _near(criteria, query, vocabulary):
        _keep(way, found, count)
    if not found:
        for way in _far(criteria):
            _keep(way, found, count)
    ranked = sorted(found.values(), key=lambda way: (_CLOSENESS[way.kind], -way.total))
    return tuple(ranked[:MOST_WAYS])


def _keep(way: Way, found: dict[str, Way], count: Count) -> None:
    address = way.criteria.query_string
    if address not in found and (total := count(way.criteria)):
        found[address] = replace(way, total=total)


def _near(criteria: Criteria, query: ParsedQuery, vocabulary: Vocabularies) -> Iterator[Way]:
    """Yield what changes one thing, total not known yet."""
    base = criteria.with_page(1)
    for facet in FACETS:
        if any(base.chosen.get(parameter) for parameter in facet.parameters):
            yield from _wider(base, facet, vocabulary)
            yield Way("facet", _without_facet(base, facet), 0, facet)
    if base.year_from is not None or base.year_to is not None:
        yield Way("years", base.without_years(), 0)
    if any(part.kind == "phrase" for part in query.parts):
        yield Way("quotes", replace(base, q=" ".join(_QUOTES.sub(" ", base.q).split())), 0)
    parts = [part for part in query.parts if part.kind != "excluded"]
    if len(parts) > 1:
        for part in parts[:_MOST_WORDS]:
            q = query.without_part(part)
            if q and q != base.q:
                yield Way("word", replace(base, q=q), 0, word=part.text)
    if base.q and base.has_filters:
        yield Way("words", base.without_words(), 0)


def _far(criteria: Criteria) -> Iterator[Way]:
    """Yield what changes several things, for criteria that no single change helps."""
    base = criteria.with_page(1)
    if base.q and base.has_filters:
        yield Way("filters", base.without_filters(), 0)
    yield Way("everything", base.without_filters().without_words(), 0)


def _wider(criteria: Criteria, facet: Facet, vocabulary: Vocabularies) -> Iterator[Way]:
    """Yield the facet with wider codes: a country's region, Latin America, a design's family."""
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
            yield Way("widen", replace(bare, chosen=chosen), 0, facet, wider, wider_codes)


def _without_facet(criteria: Criteria, facet: Facet) -> Criteria:
    chosen = {name: codes for name, codes in criteria.chosen.items() if name not in facet.parameters}
    return replace(criteria, chosen=chosen, page=1)


_QUOTES = re.compile('["“”„‟«»＂]')
