"""Keeps the index in step with the database: catching up, rebuilding, telling how far it is (I1 to I3).

The database is the truth; the index only follows. Nothing here is called by `studies`, and nothing of it may fail
a save.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from django.conf import settings
from django.db import DatabaseError

from search.documenting import document
from search.documents import Document
from search.engines import Engine, EngineError, IndexMissing
from search.results import Position
from search.text import ANALYSIS_VERSION
from studies import bank, vocabularies
from studies.models import BankCounter, Stage, Study

_log = logging.getLogger(__name__)
_BATCH = 500


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """What `/readyz` and `check_bank` tell of the index; `position` None while there is none."""

    state: Literal["ready", "behind", "rebuilding", "missing"]
    position: Position | None
    wanted: Position
    studies: int


@cache
def engine() -> Engine:
    """Return the engine of this process, as the settings name it."""
    if settings.SEARCH_ENGINE == "memory":
        from search.engines.memory import MemoryEngine

        held_in_memory = MemoryEngine()
        # It begins empty in every process, and no command can fill that of another.
        held_in_memory.rebuild(_documents(), wanted_position())
        return held_in_memory
    from search.engines.whoosh import WhooshEngine

    return WhooshEngine(settings.INDEX_DIR, analysis_version=ANALYSIS_VERSION)


def wanted_position() -> Position:
    """Return where an index should be now: one query."""
    return _position(BankCounter.current())


def health() -> IndexHealth:
    """Compare the index with the database as this request reads it: at most one query."""
    status, wanted = engine().status(), _position(bank.current())
    state: Literal["ready", "behind", "rebuilding", "missing"] = status.state
    if state == "ready" and status.position != wanted:
        state = "behind"
    return IndexHealth(state, status.position, wanted, status.studies)


def catch_up() -> bool:
    """Bring the index to the database's change number. Return whether it is there now.

    A busy writer is not waited for: whoever holds it, or the next change, brings the rest. An index of another bank,
    or ahead of this one (a restored database), is built anew. Raises IndexMissing where there is none.
    """
    wanted = wanted_position()
    held = engine().status().position
    if held is None:
        raise IndexMissing
    if held == wanted:
        return True
    if held.bank_id != wanted.bank_id or held.change_no > wanted.change_no:
        return rebuild()
    changed = Study.objects.changed_since(held.change_no)
    removals = list(changed.exclude(stage=Stage.PUBLISHED).values_list("pk", flat=True))
    return engine().apply(_documents(since=held.change_no), removals, wanted)


def rebuild() -> bool:
    """Build the index anew beside the old one and swap. Return False if another process is at it."""
    wanted = wanted_position()
    return engine().rebuild(_documents(), wanted)


def rebuild_if_needed() -> bool:
    """Build the index where there is none that can be read, else catch up. Return whether it is in step now."""
    try:
        return catch_up()
    except IndexMissing:
        return rebuild()


def follow_quietly() -> None:
    """Catch up after a commit, if the writer is free. A failure is logged: the next search or command repeats it."""
    # Again after each round: who committed meanwhile found the lock taken, and left the change to this thread.
    while _catching_up.acquire(blocking=False):
        try:
            is_done = not catch_up() or engine().status().position == wanted_position()
        except IndexMissing:
            # Nothing is wrong on a first start, which loads the bank before it builds the index.
            _log.debug("There is no search index: `manage.py rebuild_index` makes it.")
            return
        except (EngineError, OSError, DatabaseError):
            _log.exception("The search index could not follow; searches and `manage.py sync_index` will try again.")
            return
        finally:
            _catching_up.release()
        if is_done:
            return


_catching_up = threading.Lock()


def _position(counter: BankCounter) -> Position:
    return Position(str(counter.bank_id), counter.change_no)


def _documents(since: int | None = None) -> Iterator[Document]:
    """Yield the documents of published studies, in batches, so that memory stays flat."""
    studies = Study.objects.published()
    if since is not None:
        studies = studies.changed_since(since)
    keys = list(studies.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), _BATCH):
        batch = Study.objects.published().filter(pk__in=keys[start : start + _BATCH]).for_indexing()
        found = list(batch.order_by("pk"))
        # After the studies: no term that they carry is missing then.
        vocabulary = vocabularies.current()
        for study in found:
            yield document(study, vocabulary)
