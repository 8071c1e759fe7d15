"""Decides which process updates the index, when, and how long a request waits for it (I3). `indexing` does the work.

A command updates it completely. A server writes a few studies within the request, and leaves more to a process of its
own (`studies.background`).
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError

from search.contract import EngineError, IndexMissing
from search.index import indexing
from studies import background
from studies.store import bank_state

if TYPE_CHECKING:
    import subprocess  # nosec B404

_log = logging.getLogger(__name__)

MOST_STUDIES_IN_REQUEST = 10
"""Studies that a server writes within a request: a tenth of a second."""

MOST_TIME_AT_START_S = 10.0
"""Nearly a thousand changes."""

_MOST_TIME_IN_REQUEST_S = 0.3
_PATIENCE_S = 0.2
_PAUSE_S = 0.01
_PAUSE_AFTER_FAILURE_S = 60


class BackgroundSync:
    """Runs `manage.py sync_index --background`: one at a time on a host, and none for a minute after a failure."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._starting = threading.Lock()

    def start(self) -> None:
        """Start the process that updates, builds or tidies the index, unless one runs; does not wait for it."""
        settings.INDEX_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._starting:
            if self._has_just_failed():
                return
            lock = os.open(settings.INDEX_DIR / "helper.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # The new process inherits the lock, which is released when it ends, even if it is killed.
                self._process = background.start_command("sync_index", "--background", pass_fds=[lock])
                self._started_at = time.monotonic()
            except BlockingIOError:
                pass
            finally:
                os.close(lock)

    def _has_just_failed(self) -> bool:
        has_failed = self._process is not None and bool(self._process.poll())
        return has_failed and time.monotonic() - self._started_at < _PAUSE_AFTER_FAILURE_S


_background_sync: BackgroundSync | None = None
_catching_up = threading.Lock()


def leave_long_work_to_background() -> None:
    """Mark this process as a server: from now on it leaves what takes long to a background process."""
    global _background_sync
    _background_sync = BackgroundSync()


def catch_up_at_start(limit_s: float = MOST_TIME_AT_START_S) -> None:
    """Update the index before a server's first request, so that a host that comes back has the lists of now.

    Waits at most `limit_s`; what takes longer goes on beside the server, and `/readyz` says so. Waits for no index that
    is missing, as pages answer without one. Never raises.
    """
    helper = _background_sync
    if helper is None or not indexing.get_engine().is_shared:
        return
    deadline = time.monotonic() + limit_s
    try:
        while indexing.check_health().state in ("behind", "rebuilding") and time.monotonic() < deadline:
            _update_briefly(_PATIENCE_S, helper)
            time.sleep(_PAUSE_S)
    except (EngineError, OSError, DatabaseError) as error:
        _log.warning("The search index could not follow at the start (%s); searches will try again.", error)


def update_after_commit() -> None:
    """Index a change at once, unless another process is writing. Never raises: the change is saved already."""
    update_index(patience_s=0)


def update_before_search() -> None:
    """Update the index if it is behind the database as this request has read it. Never raises."""
    if indexing.check_health().state != "ready":
        update_index()
        note_if_behind()


def note_if_behind() -> None:
    """Mark the present answer as provisional if the index it comes from is not in step: at most one query."""
    if indexing.check_health().state != "ready":
        bank_state.note_provisional("index")


def update_index(patience_s: float = _PATIENCE_S) -> None:
    """Update the index. A server waits for another writer at most `patience_s`, and leaves long work to the background.

    A failure is logged, not raised: the next search or command tries again.
    """
    try:
        if _background_sync is None or not indexing.get_engine().is_shared:
            _update_fully()
        else:
            _update_briefly(patience_s, _background_sync)
    except IndexMissing:
        # Nothing is wrong on a first start, which loads the bank before it builds the index.
        _log.debug("There is no search index: `manage.py rebuild_index` makes it.")
    except (EngineError, OSError, DatabaseError):
        _log.exception("The search index could not follow; searches and `manage.py sync_index` will try again.")


def _update_fully() -> None:
    # Check again after each round: a thread that committed meanwhile found the lock taken, and left its change to us.
    while _catching_up.acquire(blocking=False):
        try:
            is_done = not indexing.catch_up() or indexing.is_up_to_date()
            if is_done:
                indexing.tidy()
        finally:
            _catching_up.release()
        if is_done:
            return


def _update_briefly(patience_s: float, helper: BackgroundSync) -> None:
    begun = time.monotonic()
    try:
        while not indexing.is_up_to_date():
            is_busy = not _catch_up_briefly()
            if time.monotonic() - begun >= (patience_s if is_busy else _MOST_TIME_IN_REQUEST_S):
                return
            if is_busy:
                time.sleep(_PAUSE_S)
        if indexing.get_engine().status().needs_optimizing:
            helper.start()
    except (IndexMissing, indexing.TooManyChanges):
        helper.start()


def _catch_up_briefly() -> bool:
    """Write at most MOST_STUDIES_IN_REQUEST studies. Return False if another thread or process is writing."""
    if not _catching_up.acquire(blocking=False):
        return False
    try:
        return indexing.catch_up(most=MOST_STUDIES_IN_REQUEST)
    finally:
        _catching_up.release()
