"""Updates and rebuilds the index from the database, and compares the two (I1, I2). `sync` decides who does so and when.

The database is the source of truth; the index is derived from it and can be rebuilt at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Literal

from django.conf import settings
from django.utils import timezone

from search.contract import ChangeBatch, Document, Engine, EngineOptions, IndexMissing, Position
from search.criteria.facets import FACET_PARAMETERS
from search.engines import make_engine
from search.index.builder import build_document
from search.text.analysis import ANALYSIS_VERSION
from studies.models import BankCounter, Stage, Study
from studies.store import bank_state, vocabularies

_BATCH = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Studies that are written at once: a second's work, during which no other process can write."""

_MOST_ROUNDS = 5


class TooManyChanges(Exception):
    """More studies have to be written than the caller allows."""


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """The state of the index, as `/readyz` and `check_bank` print it; `position` is None while there is none."""

    state: Literal["ready", "behind", "rebuilding", "missing"]
    position: Position | None
    wanted: Position
    studies: int


@cache
def get_engine() -> Engine:
    """Return the engine of this process, which SEARCH_ENGINE names."""
    options = EngineOptions(
        settings.INDEX_DIR, FACET_PARAMETERS, ANALYSIS_VERSION, settings.SEARCH_CACHE_MB * 1024 * 1024
    )
    made = make_engine(settings.SEARCH_ENGINE, options)
    if not made.is_shared:
        # An engine in memory begins empty in every process, and no command can fill that of another process.
        made.rebuild(_iterate_all_documents(), read_wanted_position())
    return made


def read_wanted_position() -> Position:
    """Read the position that an up-to-date index has: one query."""
    return _position_of(BankCounter.current())


def check_health() -> IndexHealth:
    """Compare the index with the database: at most one query.

    The database's position is the one that this request has read already (`bank_state`), if it has.
    """
    status, wanted = get_engine().status(), _position_of(bank_state.current())
    state: Literal["ready", "behind", "rebuilding", "missing"] = status.state
    if state == "ready" and status.position != wanted:
        state = "behind"
    return IndexHealth(state, status.position, wanted, status.studies)


def read_seconds_behind(health: IndexHealth) -> float | None:
    """Return for how long the index has lacked a change: 0 if it lacks none, None if there is no index of this bank.

    One query if it is behind. The moments are those of the hosts that wrote: their clocks and this one have to agree.
    """
    held, wanted = health.position, health.wanted
    if held == wanted:
        return 0.0
    if held is None or held.bank_id != wanted.bank_id or held.change_no >= wanted.change_no:
        return None
    since = bank_state.read_first_change_after(held.change_no) or _EPOCH + timedelta(microseconds=wanted.made_at)
    return max(0.0, (timezone.now() - since).total_seconds())


def catch_up(most: int | None = None) -> bool:
    """Bring the index to the database's change number, in batches. Return True if it is there now.

    Returns False at once if another process is writing, as that one does the same work. An index of another bank, or
    of changes that this one does not know (a restored database), is rebuilt. With `most`, raises TooManyChanges
    instead of rebuilding or of writing more studies than that. Raises IndexMissing if there is no index.
    """
    held = get_engine().status().position
    # Read after the index's position: another process may update the index between the two.
    wanted = read_wanted_position()
    if held is None:
        raise IndexMissing
    if held == wanted:
        return True
    if not _is_earlier_state(held, wanted):
        if most is not None:
            raise TooManyChanges
        return rebuild()
    for changes in _iterate_changes(held, wanted, most):
        if not get_engine().apply(changes.upserts, changes.removals, changes.position, since=held):
            return False
        held = changes.position
    return True


def rebuild() -> bool:
    """Build a new index beside the old one and swap them. Return False if another process is doing so."""
    wanted = read_wanted_position()
    return get_engine().rebuild(_iterate_all_documents(), wanted, later=_iterate_changes_during_rebuild(wanted))


def is_up_to_date() -> bool:
    """Return True if the index has the database's change number: one query."""
    return get_engine().status().position == read_wanted_position()


def tidy() -> None:
    """Merge the segments of an index that has too many. May take minutes; others can search and write meanwhile."""
    if get_engine().status().needs_optimizing:
        get_engine().optimize()


def rebuild_if_needed() -> bool:
    """Catch up, or build the index if there is none that can be read. Return True if it is up to date now."""
    try:
        return catch_up()
    except IndexMissing:
        return rebuild()


def _position_of(counter: BankCounter) -> Position:
    return Position(str(counter.bank_id), counter.change_no, _microseconds(counter.changed_at))


def _microseconds(moment: datetime | None) -> int:
    return round(moment.timestamp() * 1_000_000) if moment else 0


def _is_earlier_state(held: Position, wanted: Position) -> bool:
    """Return True if the index is at an earlier state of this very database, so that changes can be added to it."""
    if held.bank_id != wanted.bank_id or held.change_no >= wanted.change_no:
        return False
    return not held.made_at or bank_state.was_made_at(held.change_no, _EPOCH + timedelta(microseconds=held.made_at))


def _iterate_changes_during_rebuild(begun: Position) -> Iterator[ChangeBatch]:
    """Yield what changed after a rebuild began, so that the new index is not behind the old one that it replaces."""
    for _ in range(_MOST_ROUNDS):
        wanted = read_wanted_position()
        if wanted == begun or wanted.bank_id != begun.bank_id:
            return
        yield from _iterate_changes(begun, wanted)
        begun = wanted


def _iterate_changes(held: Position, wanted: Position, most: int | None = None) -> Iterator[ChangeBatch]:
    """Yield the changes from `held` to `wanted` in batches, by change number. Raises TooManyChanges beyond `most`.

    One change may touch more studies than a batch has: the position stays before it until all of them are written.
    """
    changed = Study.objects.changed_since(held.change_no).order_by("changed_no", "pk")
    if most is not None:
        changed = changed[: most + 1]
    rows = list(changed.values_list("pk", "changed_no", "stage"))
    if most is not None and len(rows) > most:
        raise TooManyChanges
    # The last ones may have been changed after `wanted` was read.
    last = max([wanted.change_no, *(change_no for _, change_no, _ in rows[-1:])])
    starts = [*range(0, len(rows) or 1, _BATCH), len(rows)]
    for start, end in pairwise(starts):
        reached = last if end == len(rows) else rows[end][1] - 1
        shown = [key for key, _, stage in rows[start:end] if stage == Stage.PUBLISHED]
        gone = [key for key, _, stage in rows[start:end] if stage != Stage.PUBLISHED]
        yield ChangeBatch(_iterate_documents(shown), gone, _position_at(wanted, reached))


def _position_at(wanted: Position, change_no: int) -> Position:
    if change_no == wanted.change_no:
        return wanted
    return Position(wanted.bank_id, change_no, _microseconds(bank_state.read_change_time(change_no)))


def _iterate_all_documents() -> Iterator[Document]:
    yield from _iterate_documents(list(Study.objects.published().order_by("pk").values_list("pk", flat=True)))


def _iterate_documents(keys: Sequence[int]) -> Iterator[Document]:
    """Yield the documents of those of `keys` that are published, in batches, so that memory stays flat."""
    for start in range(0, len(keys), _BATCH):
        batch = Study.objects.published().filter(pk__in=keys[start : start + _BATCH]).for_indexing()
        found = list(batch.order_by("pk"))
        # Read after the studies, so that no term that they have is missing.
        vocabulary = vocabularies.current()
        for study in found:
            yield build_document(study, vocabulary)
