"""Tells whether the database is a replica of PostgreSQL, and how far it is behind its primary."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

REPLAY_WAIT_S = 0.2
"""How long a replica gets to replay what it has received: a replica that keeps up needs a few milliseconds."""
_PAUSE_S = 0.02
MISPLACED = (
    "the database is a replica, which takes no changes: let DATABASE_URL name the primary, or make this a host that "
    "only reads (READ_ONLY=true and PRIMARY_URL)"
)

# Without the right to read statistics a user still sees the row of the receiver, with its pid alone.
_POSITIONS = """
    SELECT pg_is_in_recovery(),
        CASE WHEN pg_is_in_recovery() THEN EXISTS (SELECT FROM pg_stat_wal_receiver WHERE pid IS NOT NULL) END,
        CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0') END,
        CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') END,
        extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())
"""


@dataclass(frozen=True, slots=True)
class ReplicaState:
    """`lag_s` is None if nobody knows: the replica receives nothing from its primary. 0 for what is no replica."""

    is_replica: bool
    lag_s: float | None


@dataclass(frozen=True, slots=True)
class _Positions:
    """How many bytes of the log of changes were received and replayed, and how old the last replayed change is."""

    is_replica: bool
    is_receiving: bool
    received: int
    replayed: int
    age_s: float | None


def read_state() -> ReplicaState:
    """Ask PostgreSQL: one query, more for up to REPLAY_WAIT_S while it has something to replay; none on SQLite.

    The age of the last replayed change is no lag, as a bank in which nobody writes has only old ones. It counts where
    something is received and, after a moment, still not replayed. What the primary has not sent yet nobody here sees:
    `wal_receiver_timeout` ends a connection that has gone silent, and then the lag is unknown.
    """
    if connection.vendor != "postgresql":
        return ReplicaState(is_replica=False, lag_s=0.0)
    first = seen = _read_positions()
    if not seen.is_replica:
        return ReplicaState(is_replica=False, lag_s=0.0)
    deadline = time.monotonic() + REPLAY_WAIT_S
    while seen.replayed < first.received and time.monotonic() < deadline:
        time.sleep(_PAUSE_S)
        seen = _read_positions()
    if not seen.is_receiving:
        return ReplicaState(is_replica=True, lag_s=None)
    return ReplicaState(is_replica=True, lag_s=0.0 if seen.replayed >= first.received else seen.age_s)


def is_misplaced() -> bool:
    """Return True if this host is to write and its database is a replica: one query on PostgreSQL."""
    return not settings.READ_ONLY and connection.vendor == "postgresql" and _read_positions().is_replica


def warn_at_start() -> None:
    """Log MISPLACED where it holds. The server starts: its pages can be read, and the replica may be promoted."""
    try:
        if is_misplaced():
            logger.error("%s", MISPLACED)
    except DatabaseError:
        return  # `schema.check_at_start` has told that it is away


def _read_positions() -> _Positions:
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS)
        is_replica, is_receiving, received, replayed, age_s = cursor.fetchone()
    age = None if age_s is None else max(0.0, float(age_s))
    return _Positions(is_replica, bool(is_receiving), int(received or 0), int(replayed or 0), age)
