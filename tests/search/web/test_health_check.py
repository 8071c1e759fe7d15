"""What a balancer and an operator read about this host, and for what a balancer sends readers elsewhere."""

from __future__ import annotations

import shutil
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import DatabaseError, InterfaceError

from search.contract import Position
from search.index import indexing, sync
from search.index.indexing import IndexHealth
from studies.store import replica
from studies.store.replica import ReplicaState

pytestmark = pytest.mark.django_db


def ask(client: Any) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


@pytest.fixture
def index_at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that puts the index so many seconds behind the database, or takes it away (None)."""
    monkeypatch.setattr(sync, "update_before_search", lambda: None)

    def put(seconds_behind: float | None) -> None:
        wanted = Position("bank", 1_000, 0)
        held = None if seconds_behind is None else Position("bank", 999, 0) if seconds_behind else wanted
        state: Any = "missing" if held is None else "ready" if held == wanted else "behind"
        monkeypatch.setattr(indexing, "check_health", lambda: IndexHealth(state, held, wanted, 0))
        monkeypatch.setattr(indexing, "read_seconds_behind", lambda health: seconds_behind)

    return put


@pytest.fixture
def replica_at(monkeypatch: pytest.MonkeyPatch, index_at: Any, settings: Any) -> Any:
    """Return a function that makes the database of a read-only host a replica, so many seconds behind or unknown."""
    settings.READ_ONLY = True
    index_at(0)
    return lambda lag_s: monkeypatch.setattr(replica, "read_state", lambda: ReplicaState(True, lag_s))


class TestTheDatabase:
    @pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
    def test_that_does_not_answer_makes_a_host_not_ready(self, client, monkeypatch, error):
        def fail() -> None:
            raise error("gone")

        monkeypatch.setattr(indexing, "check_health", fail)
        status, told = ask(client)
        assert (status, told["ready"], told["database"]) == (503, False, "missing")


class TestTheIndex:
    @pytest.mark.parametrize("seconds_behind", [None, 0, 900.0])
    def test_is_only_told_without_the_setting(self, client, index_at, seconds_behind):
        index_at(seconds_behind)
        status, told = ask(client)
        assert (status, told["index_seconds_behind"]) == (200, seconds_behind)

    @pytest.mark.parametrize(("seconds_behind", "status"), [(None, 503), (1.1, 503), (1.0, 200), (0, 200)])
    def test_makes_a_host_not_ready_by_setting_if_it_is_missing_or_too_old(
        self, client, settings, index_at, seconds_behind, status
    ):
        settings.READY_DEMANDS, settings.READY_SECONDS_BEHIND = ["index"], 1.0
        index_at(seconds_behind)
        assert ask(client)[0] == status

    def test_is_brought_further_by_asking(self, client, index_at, monkeypatch):
        """A host that a balancer spares is searched by nobody."""
        asked = Mock()
        index_at(5.0)
        monkeypatch.setattr(sync, "update_before_search", asked)
        ask(client)
        asked.assert_called_once_with()

    def test_is_named_as_missing(self, client, index_at):
        index_at(None)
        assert ask(client)[1]["index"] == "missing"


class TestTheReplica:
    @pytest.mark.parametrize(
        ("lag_s", "state", "status"), [(0.0, "ready", 200), (1.5, "behind", 503), (None, "unknown", 503)]
    )
    def test_makes_a_host_not_ready_by_setting(self, client, settings, replica_at, lag_s, state, status):
        settings.READY_DEMANDS = ["replica"]
        replica_at(lag_s)
        seen, told = ask(client)
        assert (seen, told["replica"], told["read_only"]) == (status, state, True)

    def test_is_only_told_without_the_setting(self, client, replica_at):
        replica_at(None)
        assert ask(client)[0] == 200

    def test_is_not_named_where_there_is_none(self, client, index_at):
        index_at(0)
        assert "replica" not in ask(client)[1]


class TestTheDisk:
    @pytest.fixture(autouse=True)
    def nearly_full(self, monkeypatch: pytest.MonkeyPatch, index_at: Any) -> None:
        index_at(0)
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=499 * 2**20))

    def test_that_is_nearly_full_is_told(self, client):
        status, told = ask(client)
        assert (status, told["disk"]) == (200, "nearly full")

    def test_makes_a_host_not_ready_by_setting(self, client, settings):
        settings.READY_DEMANDS = ["disk"]
        assert ask(client)[0] == 503

    def test_has_room_where_the_setting_asks_for_less(self, client, settings):
        settings.READY_DEMANDS, settings.READY_FREE_MB = ["disk"], 499
        assert ask(client) == (200, ask(client)[1] | {"disk": "ready"})

    def test_tells_no_stranger_how_much_room_there_is(self, client):
        assert "499" not in client.get("/readyz").content.decode()
