"""A PostgreSQL that is there and does not answer is given up, and its connection is used by nobody else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from evidencebank.postgresql import patience
from evidencebank.postgresql.patience import BoundedConnection
from evidencebank.watching import faults
from tests.bank_server import ROOT

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite is in this process"),
]


@pytest.fixture
def bounded(monkeypatch: pytest.MonkeyPatch) -> Iterator[BoundedConnection]:
    """A connection of its own that waits for a tenth of a second."""
    monkeypatch.setattr(patience, "QUERY_LIMIT_S", 0.1)
    monkeypatch.setattr(BoundedConnection, "_limit_s", 0.1)
    opened = BoundedConnection.connect(**connection.get_connection_params())
    yield opened
    opened.close()


AFTER_THE_START = """
import django
django.setup()
from django.db import connection
connection.ensure_connection()
connection.close()
from evidencebank.watching import faults
faults.fail_fast()
connection.ensure_connection()
print(connection.pool.timeout, type(connection.connection).__name__)
connection.close_pool()
"""


def test_a_server_waits_for_no_connection_as_long_as_its_checks_at_the_start(tmp_path):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "evidencebank.settings", "VAR_DIR": str(tmp_path)}
    command = [sys.executable, "-c", AFTER_THE_START]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(faults.POOL_WAIT_S), "BoundedConnection"]


class TestAConnection:
    def test_answers_as_any_other(self, bounded):
        assert bounded.execute("SELECT 1").fetchone()[0] == 1

    def test_gives_up_a_query_that_takes_too_long_and_is_closed(self, bounded):
        with pytest.raises(psycopg.OperationalError, match="did not answer"):
            # Not longer: the server sleeps on, and its database cannot be dropped meanwhile.
            bounded.execute("SELECT pg_sleep(1)")
        assert bounded.closed

    def test_is_checked_with_less_patience_than_it_answers_with(self, bounded, monkeypatch):
        monkeypatch.setattr(patience, "QUERY_LIMIT_S", 20.0)
        limits = []
        wait = psycopg.Connection.wait

        def noting(own, gen, interval=0.1, timeout=None):
            limits.append(timeout)
            return wait(own, gen, interval=interval, timeout=timeout)

        monkeypatch.setattr(psycopg.Connection, "wait", noting)
        bounded.execute("SELECT 1")
        assert set(limits) == {20.0}
        limits.clear()
        bounded.execute("")
        assert set(limits) == {patience.CHECK_LIMIT_S}
