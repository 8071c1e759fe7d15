"""What was worked out from the evidence of the present version of the bank, kept in memory: answers, tables, plots.

A page prints the same answer as long as nothing changes, and works on all studies to make it. Any change of studies or
vocabularies makes another snapshot (`studies.store.evidence_snapshot`), and with it all that was kept goes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from studies.synthesis.evidence import Evidence

Value = TypeVar("Value")
MOST_KEPT = 120
"""Values of a process, those used last: of thirty pages or so. That of the largest page takes some megabytes."""

_lock = threading.Lock()
_evidence: Evidence | None = None
_values: OrderedDict[Hashable, object] = OrderedDict()


def keep(evidence: Evidence, key: Hashable, make: Callable[[], Value]) -> Value:
    """Return what `make` made of this evidence, made now if it is not kept. It must not be changed: all share it.

    `key` holds everything else that `make` depends on, the language of the texts too. Nothing waits for another thread:
    two that ask at once both make it.
    """
    global _evidence
    with _lock:
        if _evidence is not evidence:
            _values.clear()
            _evidence = evidence
        if key in _values:
            _values.move_to_end(key)
            return cast(Value, _values[key])
    made = make()
    with _lock:
        if _evidence is evidence:
            _values[key] = made
            while len(_values) > MOST_KEPT:
                _values.popitem(last=False)
    return made
