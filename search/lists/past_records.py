"""Searches records of the past: which of them match the criteria, as today's vocabularies read both.

The index has no past, so the few records in question are searched in memory, by the engine that is the specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from search.contract import Position, SearchRequest
from search.criteria.facets import FACET_PARAMETERS
from search.engines import scoring
from search.engines.memory.engine import MemoryEngine
from search.index.builder import build_document_of_record
from search.query.tree import AllOf, AnyOf, CodeMatch, Not, WithExpansion
from search.services import public_search
from studies.models import Vocabulary
from studies.store import vocabularies
from studies.store.exchange.merged import MergedCodes

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from search.query.tree import Code, Node
    from studies.records.study import StudyRecord
    from studies.store.vocabularies import Vocabularies

_NOWHERE = Position("", 0)


def match_past_records(criteria: Criteria, records: Mapping[int, StudyRecord]) -> frozenset[int]:
    """Return the keys of the records that match `criteria`: no query.

    Raises IndexMissing if the thesaurus adds codes to the words: the index tells which of them are rare enough.
    """
    if not records:
        return frozenset()
    vocabulary = vocabularies.current()
    merged = _list_merged_codes(vocabulary)
    programmes = {programme.name: programme.slug for programme in vocabulary.programmes}
    engine = MemoryEngine(FACET_PARAMETERS)
    engine.rebuild(
        (
            build_document_of_record(
                merged.replace_in_study(record),
                study_id=key,
                added=0,
                programme=programmes.get(record.programme or ""),
                vocabulary=vocabulary,
            )
            for key, record in records.items()
        ),
        _NOWHERE,
    )
    node, filters = public_search.interpret(criteria)
    request = SearchRequest(_fix_telling_codes(node), filters, "newest", limit=None, count=False)
    return frozenset(hit.study_id for hit in engine.search(request).hits)


def _list_merged_codes(vocabulary: Vocabularies) -> MergedCodes:
    """Return the codes of terms that were merged since, with those of today, which criteria have too."""
    leads_to = {
        (term.vocabulary, term.code): current.code
        for kind in Vocabulary
        for term in vocabulary.every_term(kind)
        if term.current != term.code and (current := vocabulary.find(kind, term.code))
    }
    return MergedCodes(leads_to)


def _fix_telling_codes(node: Node) -> Node:
    """Return a tree that matches the same whatever the other documents are.

    An engine drops added codes that most of its documents have; here the whole bank decides instead of a few records.
    """
    match node:
        case WithExpansion(own, added):
            telling = frozenset(code for code in added.codes if _is_telling(code)) if added.codes else frozenset()
            return AnyOf((_fix_telling_codes(own), *added.leaves, *((CodeMatch(telling),) if telling else ())))
        case AllOf(parts):
            return AllOf(tuple(map(_fix_telling_codes, parts)))
        case AnyOf(parts):
            return AnyOf(tuple(map(_fix_telling_codes, parts)))
        case Not(part):
            return Not(_fix_telling_codes(part))
        case _:
            return node


def _is_telling(code: Code) -> bool:
    parameter, value = code
    total, counts = public_search.count_codes(catch_up=False)
    return scoring.is_selective(total, counts.get(parameter, {}).get(value, 0))
