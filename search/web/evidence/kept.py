"""What was worked out from the evidence, kept in memory: answers, tables, plots.

A page prints the same answer as long as none of its studies changes, and works on all of them to make it. A change of
few studies drops what rests on these or on papers of the same evaluations; one of the vocabularies drops everything.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from studies.synthesis.evidence_changes import find_affected

if TYPE_CHECKING:
    from studies.synthesis.evidence import Evidence

Value = TypeVar("Value")
MOST_KEPT = 200
"""Values of a process, those used last: of thirty pages or so, and a line for each intervention.

That of the largest page takes some megabytes."""

_lock = threading.Lock()
_evidence: Evidence | None = None
_values: OrderedDict[Hashable, _KeptValue] = OrderedDict()


@dataclass(frozen=True, slots=True)
class _KeptValue:
    value: object
    studies: frozenset[int]


def keep(evidence: Evidence, key: Hashable, studies: Collection[int], make: Callable[[], Value]) -> Value:
    """Return what `make` made of this evidence, made now if it is not kept. It must not be changed: all share it.

    `studies` are the primary keys of all studies that `make` reads, beside papers of the same evaluations. `key` holds
    everything else that it depends on, the language of the texts too. Nothing waits for another thread: two that ask
    at once both make it.
    """
    with _lock:
        _follow(evidence)
        if key in _values:
            _values.move_to_end(key)
            return cast(Value, _values[key].value)
    made = make()
    with _lock:
        if _evidence is evidence:
            _values[key] = _KeptValue(made, frozenset(studies))
            while len(_values) > MOST_KEPT:
                _values.popitem(last=False)
    return made


def _follow(evidence: Evidence) -> None:
    """Drop what is no longer true of this evidence, if another was asked for last."""
    global _evidence
    if _evidence is evidence:
        return
    affected = find_affected(_evidence, evidence) if _evidence is not None else None
    for key, kept in list(_values.items()):
        if affected is None or not affected.isdisjoint(kept.studies):
            del _values[key]
    _evidence = evidence
