"""The bank as people meet it: set up by its command, served by gunicorn, asked over HTTP.

A plugin of the tests: `bank_server` is one bank for a whole run's readers, which nobody may change; `own_bank` is
one that a test may. Each is SQLite in a folder of its own, whatever database the other tests run on.
"""

from __future__ import annotations

import fcntl
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[1]
ADMINISTRATOR = "administrador"
START_TIMEOUT_S = 60
ANSWER_TIMEOUT_S = 30
# What a person's shell may hold and a test must not see. LANG too: an answer must not depend on it.
_KEPT_ENVIRONMENT = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "VIRTUAL_ENV")
_FAILURES = re.compile("Internal Server Error|Error handling request|WORKER TIMEOUT|could not follow|was sent SIG")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came over the wire: names of headers in lower case, the body not decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True, slots=True)
class BankServer:
    """A running bank. `url` has no slash at its end."""

    url: str
    var: Path
    password: str

    def get(self, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        """Ask once, following no redirect. `path` goes out as it is, byte by byte."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=ANSWER_TIMEOUT_S)
        # http.client refuses what a hostile reader would send.
        connection._validate_path = lambda url: None  # type: ignore[attr-defined]
        try:
            connection.request(method, path, headers=dict(headers or {}))
            answer = connection.getresponse()
            body = answer.read()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)
        finally:
            connection.close()

    def page(self, path: str) -> str:
        """Return the text of a page that must be there."""
        answer = self.get(path)
        assert answer.status == 200, (path, answer.status)
        return answer.text

    def add_person(self, name: str, role: str) -> None:
        """Make a person of the staff with a role ("Curaduría", "Revisión"), whose password is `password` too."""
        make = (
            "from django.contrib.auth.models import Group, User; "
            f"person = User.objects.create_user({name!r}, password={self.password!r}, is_staff=True); "
            f"person.groups.add(Group.objects.get(name={role!r}))"
        )
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", make]
        subprocess.run(command, cwd=ROOT, env=environment(self.var), check=True)

    @property
    def log(self) -> str:
        """What the server has said so far."""
        return (self.var / "server.log").read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="session")
def set_up_bank(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder with a bank that `manage.py set_up` made, once for all processes of the run. To be copied, not used."""
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    var = shared / "set-up-bank"
    with (shared / "set-up-bank.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (var / "password").exists():
            shutil.rmtree(var, ignore_errors=True)
            done = subprocess.run(
                [sys.executable, "manage.py", "set_up"],
                cwd=ROOT,
                env=environment(var),
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            shown = re.search(r"^  password +(\S+)$", done.stdout, re.MULTILINE)
            assert shown, done.stdout
            _keep_printed_password(var)
            (var / "password").write_text(shown[1])
    return var


@pytest.fixture(scope="session")
def bank_server(set_up_bank: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BankServer]:
    """A bank for readers only, one for all tests of a process."""
    with serving(set_up_bank, tmp_path_factory.mktemp("bank") / "var") as server:
        yield server


@pytest.fixture
def own_bank(set_up_bank: Path, tmp_path: Path) -> Iterator[BankServer]:
    """A bank that the test may change. Costs about two seconds."""
    with serving(set_up_bank, tmp_path / "var") as server:
        yield server


@contextmanager
def serving(template: Path, var: Path) -> Iterator[BankServer]:
    """Serve a copy of the bank in `template` as `make run` does, on a port that the system chooses.

    A failure that the server logged, though nobody saw it, fails the test that asked last.
    """
    shutil.copytree(template, var)
    with (var / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:evidencebank.serving"],
            cwd=ROOT,
            env=environment(var) | {"GUNICORN_CMD_ARGS": "--bind 127.0.0.1:0"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        server = BankServer(_address(process, var / "server.log"), var, (var / "password").read_text())
        _wait_until_ready(server)
        yield server
    finally:
        _stop(process)
    assert _FAILURES.findall(server.log) == [], server.log[-4000:]


def _keep_printed_password(var: Path) -> None:
    """Spare the tests the change at the first sign-in, which has tests of its own."""
    code = "from accounts.models import RequiredPasswordChange as Required; Required.objects.all().delete()"
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", code]
    subprocess.run(command, cwd=ROOT, env=environment(var), check=True)


def environment(var: Path) -> dict[str, str]:
    """Return the environment of a laptop whose bank is kept in `var`."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return kept | {
        "VAR_DIR": str(var),
        "CONTACT_EMAIL": "errores@example.pe",
        # All readers of a test come from one address.
        "EXPENSIVE_REQUESTS_PER_MINUTE": "0",
    }


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"Listening at: (http://[\d.:]+)", log.read_text()):
            return found[1]
        time.sleep(0.05)
    raise AssertionError(f"The server did not start:\n{log.read_text()}")


def _wait_until_ready(server: BankServer) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if server.get("/readyz").status == 200:
            return
        time.sleep(0.05)
    raise AssertionError(f"The server is not ready:\n{server.log}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)
