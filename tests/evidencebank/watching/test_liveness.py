"""`/healthz` of a public site: gunicorn's master answers for its workers, whatever they are busy with."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evidencebank.watching import liveness
from tests.bank_server import ROOT


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path, as the path of a socket has to be."""
    with tempfile.TemporaryDirectory(prefix="bank-", dir="/tmp") as path:
        yield Path(path)


@dataclass(frozen=True)
class Told:
    status: int
    headers: Message
    body: bytes


def ask(path: Path, method: str = "GET", timeout_s: float = 10) -> Told:
    with connect(path, timeout_s) as asking:
        connection = HTTPConnection("bank")
        connection.sock = asking
        connection.request(method, "/healthz")
        with connection.getresponse() as answer:
            return Told(answer.status, answer.headers, answer.read())


def connect(path: Path, timeout_s: float = 10) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(timeout_s)
    connection.connect(str(path))
    return connection


class TestWhoLives:
    @dataclass
    class Arbiter:
        """What gunicorn's `Arbiter` tells of its workers, by the seconds since their last signs of life."""

        silent_s: list[float]
        timeout: int = 60
        WORKERS: dict[int, Any] = field(default_factory=dict)

        def __post_init__(self) -> None:
            for number, silent in enumerate(self.silent_s):
                seen = time.monotonic() - silent
                self.WORKERS[number] = SimpleNamespace(tmp=SimpleNamespace(last_update=lambda seen=seen: seen))

    @pytest.mark.parametrize(
        ("silent_s", "lives"),
        [([], False), ([1.0], True), ([61.0], False), ([61.0, 59.0], True), ([90.0, 61.0], False)],
    )
    def test_one_worker_that_gave_a_sign_within_the_limit_is_enough(self, silent_s, lives):
        assert liveness.has_living_worker(self.Arbiter(silent_s)) is lives

    def test_a_worker_that_ends_at_this_moment_does_not_count(self):
        def closed() -> float:
            raise ValueError("I/O operation on closed file")

        arbiter = self.Arbiter([])
        arbiter.WORKERS[1] = SimpleNamespace(tmp=SimpleNamespace(last_update=closed))
        assert not liveness.has_living_worker(arbiter)


class TestAnswers:
    @pytest.fixture
    def answer_on(self, folder: Path) -> Iterator[Callable[[Callable[[], bool]], Path]]:
        servers = []

        def answer(is_alive: Callable[[], bool]) -> Path:
            servers.append(liveness.answer_on(folder / "health.sock", is_alive))
            return folder / "health.sock"

        yield answer
        for server in servers:
            server.shutdown()
            server.server_close()

    def test_tell_whether_a_worker_lives(self, answer_on):
        lives = [True]
        path = answer_on(lambda: lives[0])
        told = ask(path)
        assert (told.status, told.body, told.headers["Cache-Control"]) == (200, b"ok\n", "no-store")
        lives[0] = False
        assert ask(path).status == 503

    def test_to_head_are_without_a_body_and_other_methods_are_refused(self, answer_on):
        path = answer_on(lambda: True)
        told = ask(path, "HEAD")
        assert (told.status, told.headers["Content-Length"], told.body) == (200, "3", b"")
        assert ask(path, "POST").status == 501

    def test_are_not_held_up_by_who_connects_and_says_nothing(self, answer_on):
        path = answer_on(lambda: True)
        with connect(path):
            assert ask(path).status == 200

    def test_do_not_tell_which_program_answers(self, answer_on):
        assert "Python" not in str(ask(answer_on(lambda: True)).headers)

    def test_begin_again_where_a_killed_server_left_its_socket(self, answer_on, folder):
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(folder / "health.sock"))
        assert ask(answer_on(lambda: True)).status == 200

    def test_are_given_only_where_the_environment_names_a_socket(self, monkeypatch, folder):
        monkeypatch.delenv(liveness.SOCKET_VARIABLE, raising=False)
        liveness.start(SimpleNamespace(WORKERS={}, timeout=60))
        assert not list(folder.iterdir())


SLEEPER = """
import time

def app(environ, start_response):
    open("begun", "w").close()
    time.sleep(60)
"""


def test_gunicorn_answers_while_each_of_its_threads_is_busy(folder):
    (folder / "sleeper.py").write_text(SLEEPER)
    environment = {**os.environ, "HEALTH_SOCKET": f"{folder}/health.sock", "PYTHONPATH": f"{ROOT}:{folder}"}
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "python:evidencebank.serving", "--bind", f"unix:{folder}/bank.sock",
         "--chdir", str(folder), "--workers", "1", "--threads", "1", "--graceful-timeout", "0", "sleeper:app"],
        cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        wait_for(lambda: (folder / "bank.sock").exists() and ask(folder / "health.sock").status == 200)
        with connect(folder / "bank.sock") as page:
            page.sendall(b"GET / HTTP/1.1\r\nHost: bank\r\n\r\n")
            wait_for(lambda: (folder / "begun").exists())
            with pytest.raises(TimeoutError):
                ask(folder / "bank.sock", timeout_s=0.2)
            assert ask(folder / "health.sock").status == 200
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
