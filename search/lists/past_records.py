"""Which records of the past a list would hold: the criteria of today, asked of what studies said then.

No index remembers; the few records in question are described and searched by the engine that is the specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Any as Whatever

from search.contract import Position, SearchRequest
from search.engines import scoring
from search.engines.memory.engine import MemoryEngine
from search.index.builder import describe
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


def matching(criteria: Criteria, records: Mapping[int, StudyRecord]) -> frozenset[int]:
    """Return the keys of the records that `criteria` find, as today's vocabularies read both: no query.

    Raises IndexMissing where the criteria have words of the thesaurus: which codes tell is known by the index alone.
    """
    if not records:
        return frozenset()
    vocabulary = vocabularies.current()
    programmes = {programme.name: programme.slug for programme in vocabulary.programmes}
    engine = MemoryEngine()
    engine.rebuild(
        (
            describe(
                _with_codes_of_today(record, vocabulary),
                study_id=key,
                added=0,
                programme=programmes.get(record.programme or ""),
                vocabulary=vocabulary,
            )
            for key, record in records.items()
        ),
        _NOWHERE,
    )
    node, filters = public_search.read(criteria)
    request = SearchRequest(_settled(node), filters, "newest", limit=None, count=False)
    return frozenset(hit.study_id for hit in engine.search(request).hits)


def _with_codes_of_today(record: StudyRecord, vocabulary: Vocabularies) -> StudyRecord:
    """Lead codes of terms that were merged since to those that they went into, as criteria are led."""

    def today(kind: str, code: str) -> str:
        term = vocabulary.find(kind, code)
        return term.code if term else code

    changed: dict[str, Whatever] = {
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


def _settled(node: Node) -> Node:
    """Return a tree that matches the same in any company: which added codes tell is decided by the whole bank."""
    match node:
        case WithExpansion(own, added):
            telling = frozenset(code for code in added.codes if _is_telling(code)) if added.codes else frozenset()
            return AnyOf((_settled(own), *added.leaves, *((CodeMatch(telling),) if telling else ())))
        case AllOf(parts):
            return AllOf(tuple(map(_settled, parts)))
        case AnyOf(parts):
            return AnyOf(tuple(map(_settled, parts)))
        case Not(part):
            return Not(_settled(part))
        case _:
            return node


def _is_telling(code: Code) -> bool:
    parameter, value = code
    total, counts = public_search.whole_bank()
    return scoring.is_telling(total, counts.get(parameter, {}).get(value, 0))
