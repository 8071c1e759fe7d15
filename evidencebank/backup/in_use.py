"""Keeps a restore and the servers of this host apart: servers share a lock, a restore has it for itself."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from evidencebank.backup import BackupError

_NAME = "in-use.lock"


def hold_while_serving() -> None:
    """Share the lock for as long as this process lives. Raises BackupError while a restore has it."""
    if not _lock(_open(), fcntl.LOCK_SH):
        raise BackupError("a backup is being restored: start the bank when that is done")


@contextmanager
def keep_out() -> Iterator[None]:
    """Have the lock. Raises BackupError if a server of this host runs, or another restore."""
    descriptor = _open()
    try:
        if not _lock(descriptor, fcntl.LOCK_EX):
            raise BackupError("the bank is running: stop it first (systemctl stop bank bank-worker)")
        yield
    finally:
        os.close(descriptor)


def _open() -> int:
    settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(settings.VAR_DIR / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
