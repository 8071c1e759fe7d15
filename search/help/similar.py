"""Similar studies: of the same programme, of the same interventions with other outcomes, and close in content.

Studies of the same evaluation are not found here: the study's own page lists them, and passes them as `shown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from search.contract import Filters, IndexMissing
from search.query.tree import AllOf, AnyOf, Not
from search.services import public_search
from search.services.shared_codes import COMPARED, PARAMETER_OF, make_code_leaf
from studies.models import Study, Vocabulary
from studies.store import vocabularies

if TYPE_CHECKING:
    from search.query.tree import Node
    from studies.store.vocabularies import TermView, Vocabularies

MOST_OF_A_KIND = 3

SimilarityKind = Literal["programme", "intervention", "content"]


@dataclass(frozen=True, slots=True)
class SimilarStudy:
    """A similar study, and why: `shared` are the terms that both have, the most telling first."""

    kind: SimilarityKind
    study: Study
    shared: tuple[TermView, ...] = ()


def find_similar_studies(study: Study, shown: Iterable[int]) -> tuple[SimilarStudy, ...]:
    """Return at most MOST_OF_A_KIND studies of each kind, each once, kinds in the order of `SimilarityKind`.

    `study` is a row of `for_detail`. Three searches and four queries; empty without an index.
    """
    vocabulary = vocabularies.current()
    try:
        chosen = dict(_choose(study, vocabulary, {study.pk, *shown}))
    except IndexMissing:
        return ()
    own = set(_iterate_term_ids(study))
    found = Study.objects.for_results().in_order_of(chosen)
    return tuple(
        SimilarStudy(chosen[each.pk], each, tuple(_iterate_shared_terms(each, own, vocabulary))) for each in found
    )


def _choose(study: Study, vocabulary: Vocabularies, taken: set[int]) -> Iterator[tuple[int, SimilarityKind]]:
    codes = _codes_by_parameter(study, vocabulary)
    # Enough even if those that are shown already and those of the other two kinds all come first.
    most = MOST_OF_A_KIND + len(taken) + 2 * MOST_OF_A_KIND
    for kind, query, filters in _iterate_searches(study, codes):
        fresh = [key for key in public_search.list_top_ids(query, filters, most) if key not in taken][:MOST_OF_A_KIND]
        taken.update(fresh)
        yield from ((key, kind) for key in fresh)


def _iterate_searches(
    study: Study, codes: dict[str, tuple[str, ...]]
) -> Iterator[tuple[SimilarityKind, Node, Filters]]:
    """Yield kind, query and filters of each search. Shared codes score by their rarity, as words do."""
    leaves = tuple(make_code_leaf(parameter, code) for parameter in COMPARED for code in codes.get(parameter, ()))
    if not leaves:
        return
    alike = AnyOf(leaves)
    if study.programme is not None:
        # The programme is a leaf too, so that studies that share nothing else are found.
        programme = make_code_leaf("programme", study.programme.slug)
        yield "programme", AnyOf((programme, *leaves)), Filters({"programme": frozenset({study.programme.slug})})
    interventions, outcomes = codes.get("intervention", ()), codes.get("outcome", ())
    if interventions and outcomes:
        other_outcome = Not(AnyOf(tuple(make_code_leaf("outcome", code) for code in outcomes)))
        yield "intervention", AllOf((alike, other_outcome)), Filters({"intervention": frozenset(interventions)})
    telling = AnyOf(tuple(make_code_leaf(p, code) for p in ("intervention", "outcome") for code in codes.get(p, ())))
    yield "content", AllOf((alike, telling)) if telling.parts else alike, Filters()


def _codes_by_parameter(study: Study, vocabulary: Vocabularies) -> dict[str, tuple[str, ...]]:
    codes: dict[str, tuple[str, ...]] = {}
    for term_id in _iterate_term_ids(study):
        term = vocabulary.by_id[term_id]
        if parameter := PARAMETER_OF.get(term.vocabulary):
            codes[parameter] = (*codes.get(parameter, ()), term.code)
    return codes


def _iterate_term_ids(study: Study) -> Iterator[int]:
    """Yield the ids of its terms, without interventions of which no role is known: they count nowhere."""
    by_id = vocabularies.current().by_id
    for row in study.study_terms.all():
        if row.role_id is not None or by_id[row.term_id].vocabulary != Vocabulary.INTERVENTIONS:
            yield row.term_id


def _iterate_shared_terms(other: Study, own: set[int], vocabulary: Vocabularies) -> Iterator[TermView]:
    shared = [vocabulary.by_id[term_id] for term_id in _iterate_term_ids(other) if term_id in own]
    compared = [term for term in shared if term.vocabulary in PARAMETER_OF]
    yield from sorted(compared, key=lambda term: COMPARED.index(PARAMETER_OF[term.vocabulary]))
