"""Searches records of the past: which of them match the criteria, as today's vocabularies read both.

The index has no past, so the few records in question are searched in memory, by the engine that is the specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from search.contract import Position, SearchRequest
from search.criteria.facets import FACET_PARAMETERS
from search.engines import scoring
from search.engines.memory.engine import MemoryEngine
from search.index.builder import build_document_of_record
from search.query.tree import AllOf, AnyOf, CodeMatch, Not, WithExpansion
from search.services import public_search
from studies.store import vocabularies
from studies.store.exchange.study import LISTS

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from search.query.tree import Code, Node
    from studies.records.study import StudyRecord
    from studies.store.vocabularies import Vocabularies

_NOWHERE = Position("", 0)
_SINGLE_CODES = (("type", "types"), ("language", "languages"), ("status", "statuses"))


def match_past_records(criteria: Criteria, records: Mapping[int, StudyRecord]) -> frozenset[int]:
    """Return the keys of the records that match `criteria`: no query.

    Raises IndexMissing if the thesaurus adds codes to the words: the index tells which of them are rare enough.
    """
    if not records:
        return frozenset()
    vocabulary = vocabularies.current()
    programmes = {programme.name: programme.slug for programme in vocabulary.programmes}
    engine = MemoryEngine(FACET_PARAMETERS)
    engine.rebuild(
        (
            build_document_of_record(
                _update_codes(record, vocabulary),
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


def _update_codes(record: StudyRecord, vocabulary: Vocabularies) -> StudyRecord:
    """Replace codes of terms that were merged since by those of today, as is done for criteria."""

    def today(kind: str, code: str) -> str:
        term = vocabulary.find(kind, code)
        return term.code if term else code

    changed: dict[str, Any] = {
        name: tuple(today(kind, code) for code in getattr(record, name)) for name, kind in LISTS.items()
    }
    for name, kind in _SINGLE_CODES:
        code = getattr(record, name)
        changed[name] = today(kind, code) if code else None
    changed["findings"] = tuple(
        replace(each, outcome=today("outcomes", each.outcome), effect=today("effects", each.effect))
        for each in record.findings
    )
    return replace(record, **changed)


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
