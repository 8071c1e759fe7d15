"""Brings the index up to the database, and compares the two (I1, I2). `sync` decides who does so and when.

The database is the truth; the index only follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Literal

from django.conf import settings

from search.contract import Changes, Document, Engine, EngineOptions, IndexMissing, Position
from search.engines import make_engine
from search.index.builder import document
from search.text.analysis import ANALYSIS_VERSION
from studies.models import BankCounter, Stage, Study
from studies.store import bank_state, vocabularies

_BATCH = 100
"""Studies that are written together: a second's work, in which no other process can write."""

_MOST_ROUNDS = 5


class TooMuch(Exception):
    """More has to be written than the caller has time for."""


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """The state of the index, as `/readyz` and `check_bank` print it; `position` is None while there is none."""

    state: Literal["ready", "behind", "rebuilding", "missing"]
    position: Position | None
    wanted: Position
    studies: int


@cache
def engine() -> Engine:
    """Return the engine of this process, as the settings name it."""
    options = EngineOptions(settings.INDEX_DIR, ANALYSIS_VERSION, settings.SEARCH_CACHE_MB * 1024 * 1024)
    made = make_engine(settings.SEARCH_ENGINE, options)
    if not made.is_shared:
        # It begins empty in every process, and no command can fill that of another.
        made.rebuild(_all_documents(), wanted_position())
    return made


def wanted_position() -> Position:
    """Return where an index should be now: one query."""
    return _position(BankCounter.current())


def health() -> IndexHealth:
    """Compare the index with the database as this request reads it: at most one query."""
    status, wanted = engine().status(), _position(bank_state.current())
    state: Literal["ready", "behind", "rebuilding", "missing"] = status.state
    if state == "ready" and status.position != wanted:
        state = "behind"
    return IndexHealth(state, status.position, wanted, status.studies)


def catch_up(most: int | None = None) -> bool:
    """Bring the index to the database's change number, in batches. Return whether it is there now.

    It does not wait for a busy writer, who is doing the same. An index of another bank, or of changes that this one
    does not know (a restored database), is rebuilt. With `most`, raises TooMuch instead of rebuilding or of writing
    more studies than that. Raises IndexMissing where there is none.
    """
    held = engine().status().position
    # Only now: read before, it would be behind an index that others bring further meanwhile.
    wanted = wanted_position()
    if held is None:
        raise IndexMissing
    if held == wanted:
        return True
    if not _is_on_the_way(held, wanted):
        if most is not None:
            raise TooMuch
        return rebuild()
    for changes in _changes(held, wanted, most):
        if not engine().apply(changes.upserts, changes.removals, changes.position, since=held):
            return False
        held = changes.position
    return True


def rebuild() -> bool:
    """Build a new index beside the old one and swap. Return False if another process is doing so."""
    wanted = wanted_position()
    return engine().rebuild(_all_documents(), wanted, later=_changes_during_a_rebuild(wanted))


def is_in_step() -> bool:
    """Return True if the index is where the database is now: one query."""
    return engine().status().position == wanted_position()


def tidy() -> None:
    """Merge the segments of an index that has too many. May take minutes; others search and write meanwhile."""
    if engine().status().is_scattered:
        engine().tidy()


def rebuild_if_needed() -> bool:
    """Build the index if there is none that can be read, else catch up. Return whether it is up to date now."""
    try:
        return catch_up()
    except IndexMissing:
        return rebuild()


def _position(counter: BankCounter) -> Position:
    return Position(str(counter.bank_id), counter.change_no, _microseconds(counter.changed_at))


def _microseconds(moment: datetime | None) -> int:
    return round(moment.timestamp() * 1_000_000) if moment else 0


def _is_on_the_way(held: Position, wanted: Position) -> bool:
    """Return True if the database once was where the index is, and has changed since."""
    if held.bank_id != wanted.bank_id or held.change_no >= wanted.change_no:
        return False
    made_at = _microseconds(bank_state.read_change_time(held.change_no))
    return made_at == held.made_at or 0 in (made_at, held.made_at)


def _changes_during_a_rebuild(begun: Position) -> Iterator[Changes]:
    """Yield what was changed since a rebuild began, so that the new index is not behind the old one it replaces."""
    for _ in range(_MOST_ROUNDS):
        wanted = wanted_position()
        if wanted == begun or wanted.bank_id != begun.bank_id:
            return
        yield from _changes(begun, wanted)
        begun = wanted


def _changes(held: Position, wanted: Position, most: int | None = None) -> Iterator[Changes]:
    """Yield in batches, by change number, what brings an index from `held` to `wanted`. Raises TooMuch.

    A number may have touched more studies than one batch holds: the position stays before it until all are through.
    """
    changed = Study.objects.changed_since(held.change_no).order_by("changed_no", "pk")
    if most is not None:
        changed = changed[: most + 1]
    rows = list(changed.values_list("pk", "changed_no", "stage"))
    if most is not None and len(rows) > most:
        raise TooMuch
    # The last ones may have been changed after `wanted` was read.
    last = max([wanted.change_no, *(change_no for _, change_no, _ in rows[-1:])])
    starts = [*range(0, len(rows) or 1, _BATCH), len(rows)]
    for start, end in pairwise(starts):
        reached = last if end == len(rows) else rows[end][1] - 1
        shown = [key for key, _, stage in rows[start:end] if stage == Stage.PUBLISHED]
        gone = [key for key, _, stage in rows[start:end] if stage != Stage.PUBLISHED]
        yield Changes(_documents(shown), gone, _at(wanted, reached))


def _at(wanted: Position, change_no: int) -> Position:
    if change_no == wanted.change_no:
        return wanted
    return Position(wanted.bank_id, change_no, _microseconds(bank_state.read_change_time(change_no)))


def _all_documents() -> Iterator[Document]:
    yield from _documents(list(Study.objects.published().order_by("pk").values_list("pk", flat=True)))


def _documents(keys: Sequence[int]) -> Iterator[Document]:
    """Yield the documents of those of `keys` that are published, in batches, so that memory stays flat."""
    for start in range(0, len(keys), _BATCH):
        batch = Study.objects.published().filter(pk__in=keys[start : start + _BATCH]).for_indexing()
        found = list(batch.order_by("pk"))
        # After the studies: no term that they carry is missing then.
        vocabulary = vocabularies.current()
        for study in found:
            yield document(study, vocabulary)
