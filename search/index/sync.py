"""Decides which process brings the index up to date, when, and how long a request waits for it (I3).

A command does all of it. A server writes a few studies within the request and leaves the rest to a helper, a process
of its own (`studies.background`).
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

if TYPE_CHECKING:
    import subprocess  # nosec B404

_log = logging.getLogger(__name__)

FEW = 10
"""Studies that are written within a request: a tenth of a second."""

_LONGEST_S = 0.3
_PATIENCE_S = 0.2
_PAUSE_S = 0.01
_PAUSE_AFTER_FAILURE_S = 60


class Helper:
    """Starts `manage.py sync_index --background`: one at a time on a host, and after a failure not for a minute."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._starting = threading.Lock()

    def start(self) -> None:
        """Have the index caught up, built or tidied by another process, without waiting for it."""
        settings.INDEX_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._starting:
            if self._has_just_failed():
                return
            lock = os.open(settings.INDEX_DIR / "helper.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # The lock goes over to the new process, and is free when that one ends, in whatever way.
                self._process = background.start_command("sync_index", "--background", pass_fds=[lock])
                self._started_at = time.monotonic()
            except BlockingIOError:
                pass
            finally:
                os.close(lock)

    def _has_just_failed(self) -> bool:
        has_failed = self._process is not None and bool(self._process.poll())
        return has_failed and time.monotonic() - self._started_at < _PAUSE_AFTER_FAILURE_S


_helper: Helper | None = None
_catching_up = threading.Lock()


def serve() -> None:
    """Mark this process as a server: it leaves whatever takes long to a helper from now on."""
    global _helper
    _helper = Helper()


def after_commit() -> None:
    """Bring a change into the index at once, unless another writes. Never raises: the change is saved."""
    follow(patience_s=0)


def before_search() -> None:
    """Catch up if the index is behind the database as this request reads it. Never raises."""
    if indexing.health().state != "ready":
        follow()


def follow(patience_s: float = _PATIENCE_S) -> None:
    """Catch up; a server waits for another writer for `patience_s` at most, and leaves long work to its helper.

    A failure is logged: the next search or command repeats it.
    """
    try:
        if _helper is None or not indexing.engine().is_shared:
            _follow_to_the_end()
        else:
            _follow_briefly(patience_s, _helper)
    except IndexMissing:
        # Nothing is wrong on a first start, which loads the bank before it builds the index.
        _log.debug("There is no search index: `manage.py rebuild_index` makes it.")
    except (EngineError, OSError, DatabaseError):
        _log.exception("The search index could not follow; searches and `manage.py sync_index` will try again.")


def _follow_to_the_end() -> None:
    # Again after each round: a thread that committed meanwhile found the lock taken and left its change to this one.
    while _catching_up.acquire(blocking=False):
        try:
            is_done = not indexing.catch_up() or indexing.is_in_step()
            if is_done:
                indexing.tidy()
        finally:
            _catching_up.release()
        if is_done:
            return


def _follow_briefly(patience_s: float, helper: Helper) -> None:
    begun = time.monotonic()
    try:
        while not indexing.is_in_step():
            is_busy = not _catch_up_briefly()
            if time.monotonic() - begun >= (patience_s if is_busy else _LONGEST_S):
                return
            if is_busy:
                time.sleep(_PAUSE_S)
        if indexing.engine().status().is_scattered:
            helper.start()
    except (IndexMissing, indexing.TooMuch):
        helper.start()


def _catch_up_briefly() -> bool:
    """Write a few studies. Return False if another thread or process is writing."""
    if not _catching_up.acquire(blocking=False):
        return False
    try:
        return indexing.catch_up(most=FEW)
    finally:
        _catching_up.release()
