"""How far a replica is behind, from what it has received and replayed; nobody guesses where nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection

from studies.store import replica
from studies.store.replica import ReplicaState


@pytest.fixture
def positions(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that lets PostgreSQL tell these positions, the last one for ever."""
    monkeypatch.setattr(connection, "vendor", "postgresql")
    monkeypatch.setattr(replica, "REPLAY_WAIT_S", 0.05)

    def tell(*told: replica._Positions) -> None:
        left = list(told)
        monkeypatch.setattr(replica, "_read_positions", lambda: left.pop(0) if len(left) > 1 else left[0])

    return tell


def at(replayed: int, **changes: Any) -> replica._Positions:
    told = {"is_replica": True, "is_receiving": True, "received": 100, "replayed": replayed, "age_s": 3600.0}
    return replica._Positions(**(told | changes))


class TestTheLag:
    def test_is_none_where_all_is_replayed_however_old_the_last_change_is(self, positions):
        positions(at(100))
        assert replica.read_state() == ReplicaState(True, 0.0)

    def test_is_none_where_it_is_replayed_within_a_moment(self, positions):
        """After an hour of rest the first change is an hour younger than the one before it."""
        positions(at(90), at(95), at(100))
        assert replica.read_state() == ReplicaState(True, 0.0)

    def test_is_the_age_of_what_was_replayed_last_where_more_waits(self, positions):
        positions(at(90, age_s=4.0))
        assert replica.read_state() == ReplicaState(True, 4.0)

    def test_is_unknown_while_nothing_is_received(self, positions):
        positions(at(100, is_receiving=False))
        assert replica.read_state() == ReplicaState(True, None)

    def test_does_not_exist_on_a_primary(self, positions):
        positions(at(0, is_replica=False))
        assert replica.read_state() == ReplicaState(False, 0.0)

    @pytest.mark.django_db
    def test_of_the_database_of_these_tests_is_none(self):
        assert replica.read_state() == ReplicaState(False, 0.0)


class TestAHostThatIsToWrite:
    def test_is_misplaced_on_a_replica(self, positions, caplog):
        positions(at(100))
        replica.warn_at_start()
        assert "PRIMARY_URL" in caplog.text

    def test_is_not_misplaced_if_it_only_reads(self, positions, settings):
        settings.READ_ONLY = True
        positions(at(100))
        assert not replica.is_misplaced()

    def test_starts_without_a_database(self, monkeypatch, caplog):
        def away() -> bool:
            raise DatabaseError("away")

        monkeypatch.setattr(replica, "is_misplaced", away)
        replica.warn_at_start()
        assert caplog.text == ""
