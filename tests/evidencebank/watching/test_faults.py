"""While the database is away, locked or full, people hear soon what to do, and lose nothing that they typed."""

from __future__ import annotations

import errno
import html
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from psycopg import errors

from evidencebank import views
from evidencebank.postgresql.breaker import RETRY_AFTER_S, Breaker
from evidencebank.watching import faults
from evidencebank.watching.faults import Fault
from tests.bank_server import ROOT, environment

DRAFT = "La sobreviviente pidió que no se diga su nombre."


def wrapped(driver: Exception, kind: type[DatabaseError] = OperationalError) -> DatabaseError:
    """Return the error of a driver as Django raises it."""
    error = kind(*driver.args)
    error.__cause__ = driver
    return error


def answer(request: HttpRequest, driver: Exception | None = None) -> HttpResponse:
    """Answer as Django does when a view fails so; by default the server is not there."""
    try:
        raise wrapped(driver or psycopg.OperationalError("connection refused"))
    except OperationalError:
        return views.server_error(request)


def refused_by_sqlite(do: Callable[[Path], None], folder: Path) -> sqlite3.Error:
    """Return the error that SQLite itself raises."""
    with pytest.raises(sqlite3.Error) as refused:
        do(folder)
    return refused.value


def write_locked(folder: Path) -> None:
    file = folder / "locked.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("CREATE TABLE t (n)")
        holder.execute("BEGIN IMMEDIATE")
        with closing(sqlite3.connect(file, timeout=0)) as second:
            second.execute("INSERT INTO t VALUES (1)")


def write_full(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "full.sqlite3")) as connection:
        connection.execute("PRAGMA max_page_count = 2")
        connection.execute("CREATE TABLE t (n)")
        connection.execute("INSERT INTO t VALUES (zeroblob(100000))")


def open_nothing(folder: Path) -> None:
    sqlite3.connect(folder / "nowhere" / "bank.sqlite3")


def write_read_only(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "old.sqlite3")) as connection:
        connection.execute("CREATE TABLE t (n)")
    with closing(sqlite3.connect(f"file:{folder / 'old.sqlite3'}?mode=ro", uri=True)) as connection:
        connection.execute("INSERT INTO t VALUES (1)")


def ask_nonsense(folder: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("SELECT nada FROM ninguna")


def write_badly(folder: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("SELEC 1")


class TestAPage:
    def test_says_what_to_do_and_when_to_come_back(self, rf):
        response = answer(rf.get("/estudios/"))
        assert (response.status_code, response["Retry-After"]) == (503, str(faults.RETRY_AFTER_S))
        assert "El banco no alcanza su base de datos." in response.content.decode()

    def test_is_in_english_on_english_addresses(self, rf):
        told = answer(rf.get("/en/studies/")).content.decode()
        assert "The bank cannot reach its database." in told
        assert 'lang="en"' in told

    def test_of_the_api_is_a_problem_with_the_same_status(self, rf):
        response = answer(rf.get("/api/v1/studies/"))
        assert (response.status_code, response["Content-Type"]) == (503, "application/problem+json")
        assert int(response["Retry-After"]) > 0

    def test_is_not_stored_by_any_cache(self, rf):
        assert "no-store" in answer(rf.get("/estudios/"))["Cache-Control"]

    def test_of_a_bug_is_still_an_error(self, rf, tmp_path):
        assert answer(rf.get("/estudios/"), refused_by_sqlite(ask_nonsense, tmp_path)).status_code == 500


class TestAForm:
    def test_is_offered_again_with_all_that_was_typed(self, rf):
        typed = {"note": DRAFT, "themes": ["a", "b"], "csrfmiddlewaretoken": "x"}
        response = answer(rf.post("/admin/studies/study/1/?lista=2", typed), errors.LockNotAvailable("locked"))
        told = html.unescape(response.content.decode())
        assert response.status_code == 503
        assert 'action="/admin/studies/study/1/?lista=2"' in told
        assert f'name="note" value="{DRAFT}"' in told
        assert told.count('name="themes"') == 2
        assert "Puede que lo que envió no se haya guardado." in told

    def test_escapes_what_was_typed(self, rf):
        told = answer(rf.post("/x/", {"note": '"><script>alert(1)</script> y todo lo demás'})).content.decode()
        assert "<script>" not in told

    @pytest.mark.parametrize("field", ["password", "new_password1", "old_password", "otp_token"])
    def test_with_a_secret_in_it_is_not_repeated(self, rf, field):
        told = answer(rf.post("/admin/login/", {"username": "rosa", field: "tortuga-lámpara"})).content.decode()
        assert "tortuga" not in told
        assert "Vuelva atrás" in told

    def test_that_was_carried_through_a_sign_in_is_kept_without_the_password(self, rf):
        typed = {"note": DRAFT, "sign_in-username": "rosa", "sign_in-password": "tortuga-lámpara"}
        told = answer(rf.post("/x/", typed)).content.decode()
        assert DRAFT in told
        assert "tortuga" not in told

    def test_cannot_be_sent_to_another_site(self, rf):
        request = rf.post("/x/", {"note": DRAFT})
        request.path = "//elsewhere.example/x/"
        assert 'action="//' not in answer(request).content.decode()

    @pytest.mark.parametrize(
        "headers",
        [
            {"sec-fetch-site": "cross-site"},
            {"origin": "https://elsewhere.example"},
            {"origin": "null"},
        ],
    )
    def test_of_another_site_is_not_offered_to_be_sent_as_the_banks_own(self, rf, headers):
        told = answer(rf.post("/avisos/", {"email": "ana@example.org"}, headers=headers)).content.decode()
        assert "ana@example.org" not in told
        assert "<form" not in told


class TestKindsOfFault:
    @pytest.mark.parametrize(
        ("do", "fault"),
        [
            (write_locked, Fault.LOCKED),
            (write_full, Fault.FULL),
            (open_nothing, Fault.AWAY),
            (write_read_only, Fault.AWAY),
            (ask_nonsense, None),
            (write_badly, None),
        ],
    )
    def test_of_sqlite_are_told_apart(self, tmp_path, do, fault):
        assert faults.find_fault(wrapped(refused_by_sqlite(do, tmp_path))) == fault

    @pytest.mark.parametrize(
        ("driver", "fault"),
        [
            (psycopg.OperationalError("couldn't get a connection after 0.80 sec"), Fault.AWAY),
            (errors.AdminShutdown("terminating connection"), Fault.AWAY),
            (errors.TooManyConnections("sorry, too many clients already"), Fault.AWAY),
            (errors.ReadOnlySqlTransaction("cannot execute INSERT"), Fault.AWAY),
            (errors.DiskFull("could not extend file"), Fault.FULL),
            (errors.LockNotAvailable("could not obtain lock"), Fault.LOCKED),
            (errors.DeadlockDetected("deadlock detected"), Fault.LOCKED),
            (errors.UndefinedTable("no such relation"), None),
            (errors.OutOfMemory("out of memory"), None),
        ],
    )
    def test_of_postgresql_are_told_apart(self, driver, fault):
        assert faults.find_fault(wrapped(driver)) == fault

    @pytest.mark.parametrize(
        ("error", "fault"),
        [
            (OSError(errno.ENOSPC, "No space left on device"), Fault.FULL),
            (wrapped(psycopg.ProgrammingError("one placeholder, no parameter"), ProgrammingError), None),
            (IntegrityError("UNIQUE constraint failed"), None),
            (ValueError("x"), None),
            (None, None),
        ],
    )
    def test_of_others_are_told_apart(self, error, fault):
        assert faults.find_fault(error) == fault

    def test_are_found_behind_another_error(self):
        outer = RuntimeError("while saving")
        outer.__cause__ = wrapped(errors.LockNotAvailable("locked"))
        assert faults.find_fault(outer) == Fault.LOCKED


class TestBreaker:
    def test_lets_one_caller_a_moment_try_while_the_database_is_away(self, monkeypatch):
        now = [100.0]
        monkeypatch.setattr("evidencebank.postgresql.breaker.time.monotonic", lambda: now[0])
        breaker = Breaker()
        breaker.is_on = True
        assert breaker.may_try()
        breaker.failed()
        assert not breaker.may_try()
        now[0] += RETRY_AFTER_S
        assert [breaker.may_try(), breaker.may_try()] == [True, False]
        breaker.succeeded()
        assert [breaker.may_try(), breaker.may_try()] == [True, True]

    def test_never_keeps_a_command_from_waiting(self):
        breaker = Breaker()
        breaker.failed()
        assert breaker.may_try()


@pytest.fixture
def silent_database() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(50)
        yield silent.getsockname()[1]


@pytest.fixture
def closed_database() -> int:
    """A port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class TestPostgresThatIsAway:
    """What is answered; benchmarks/faults.py measures how fast, with many readers at once."""

    CODE = """
from evidencebank.wsgi import application
from django.test import Client
client = Client(raise_request_exception=False)
for path in ("/healthz", "/readyz", "/", "/en/studies/", "/api/v1/studies/", "/estudios/exportar.csv"):
    answer = client.get(path, headers={"host": "localhost"})
    print(path, answer.status_code, answer.headers.get("Retry-After"))
typed = {"username": "rosa", "password": "tortuga"}
print(client.post("/admin/login/", typed, headers={"host": "localhost"}).status_code)
"""

    @pytest.mark.parametrize("kind", ["silent_database", "closed_database"])
    def test_makes_pages_answer_503_and_the_process_is_told_to_live(
        self, tmp_path: Path, request: pytest.FixtureRequest, kind: str
    ):
        address = f"postgres://nobody:x@127.0.0.1:{request.getfixturevalue(kind)}/bank"
        done = subprocess.run(
            [sys.executable, "-c", self.CODE],
            cwd=ROOT,
            env=environment(tmp_path) | {"DATABASE_URL": address},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        told = [line.split() for line in done.stdout.splitlines()]
        assert told == [
            ["/healthz", "200", "None"],
            ["/readyz", "503", "None"],
            *([path, "503", "30"] for path in ("/", "/en/studies/", "/api/v1/studies/", "/estudios/exportar.csv")),
            ["503"],
        ]
        assert "tortuga" not in done.stderr
        lines = done.stderr.splitlines()
        after = [lines[at + 1] for at, line in enumerate(lines) if " ERROR django.request: " in line]
        assert after, done.stderr
        assert {line.split(":")[0] for line in after if line.startswith(" ")} == {"  OperationalError"}, (
            "a stack for each fills the disk"
        )


class TestAServer:
    def test_waits_for_the_database_less_than_a_page_may_take(self):
        assert faults.POOL_WAIT_S < 1
        assert faults.LOCK_WAIT_S < 2

    def test_says_so_to_its_connections(self, settings, monkeypatch):
        from django.db import connection

        options = {"pool": {"timeout": 10, "max_size": 8}}
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
        monkeypatch.setattr("evidencebank.watching.faults.breaker", Breaker())
        # A pool that was opened before goes: tests/evidencebank/postgresql/test_patience.py.
        monkeypatch.setattr(connection, "close_pool", lambda: None, raising=False)
        faults.fail_fast()
        assert options["pool"]["timeout"] == faults.POOL_WAIT_S
        assert options["pool"]["max_size"] == 8
