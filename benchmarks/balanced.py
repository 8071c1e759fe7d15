"""Hosts of one bank on this machine, and readers who come to them as through a balancer that asks `/readyz`.

A host is a gunicorn with a VAR_DIR, an index and a port of its own. The balancer asks each host every CHECK_S seconds
and uses those that say they are ready. Where a host does not answer it asks the next one; one that is not ready last.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.replication import find_free_port
from benchmarks.throwaway import ROOT

CHECK_S = 1.0
CHECK_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 15.0
START_TIMEOUT_S = 90.0


@dataclass
class Tally:
    """What readers saw of one host. `moved` are requests that it refused or dropped and another one answered."""

    answers: int = 0
    moved: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    slowest_ms: float = 0.0
    oldest_list_s: float = 0.0
    oldest_list_while_not_ready_s: float = 0.0
    wrong_lists: list[str] = field(default_factory=list)
    ready_after_kill_s: list[float] = field(default_factory=list)
    ready_after_start_s: list[float] = field(default_factory=list)
    not_ready_s: float = 0.0


class Host:
    """One host: `start`, `kill`, `stop`, and what its `/readyz` said last. Drained, it gets no readers."""

    def __init__(self, name: str, bank: Path, environment: Mapping[str, str], code: Path = ROOT) -> None:
        """Give the host its own copy of the bank's VAR_DIR, with the index, but without the database's file."""
        self.name, self.code, self.port = name, code, find_free_port()
        self.var = bank.parent / f"host-{name}"
        shutil.copytree(bank, self.var, ignore=shutil.ignore_patterns("index-0", "*.lock", "throttle"))
        shutil.copytree(bank / "index-0", self.var / "index", ignore=shutil.ignore_patterns("helper.lock"))
        self.environment = {
            **os.environ,
            **environment,
            "VAR_DIR": str(self.var),
            "INDEX_DIR": str(self.var / "index"),
            "API_REQUESTS_PER_MINUTE": "0",
        }
        self.tally, self.is_in_use, self.is_drained = Tally(), False, False
        self._process: subprocess.Popen[bytes] | None = None
        self._killed_at: float | None = None
        self._started_at: float | None = None

    def start(self) -> None:
        self._started_at = time.monotonic()
        with (self.var / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "python:evidencebank.serving"],
                cwd=self.code,
                env=self.environment | {"GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{self.port}"},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End all its processes at once, as a failing machine does."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._killed_at = time.monotonic()

    def drain(self) -> None:
        """Let the balancer send nobody any more, and what is being answered end."""
        self.is_drained, self.is_in_use = True, False
        time.sleep(1)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `manage.py` with this host's version and settings."""
        line = [sys.executable, "manage.py", *command]
        return subprocess.run(line, cwd=self.code, env=self.environment, check=False, capture_output=True, text=True)

    def stop(self) -> None:
        """End it as a service manager does: what is being answered is answered."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            self._process = None

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.check():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} is not ready:\n{self.log[-4000:]}")
            time.sleep(0.1)

    def check(self) -> bool:
        """Ask `/readyz` once, as the balancer does."""
        try:
            status, _body = self.ask("/readyz", CHECK_TIMEOUT_S)
        except OSError:
            status = 0
        is_ready = status == 200
        self.is_in_use = is_ready and not self.is_drained
        if is_ready:
            now = time.monotonic()
            if self._killed_at is not None:
                self.tally.ready_after_kill_s.append(now - self._killed_at)
            if self._started_at is not None:
                self.tally.ready_after_start_s.append(now - self._started_at)
            self._killed_at = self._started_at = None
        return is_ready

    def ask(self, path: str, timeout_s: float = ANSWER_TIMEOUT_S, method: str = "GET") -> tuple[int, bytes]:
        """Return status and body. Raises OSError where the host gives no whole answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, path, headers={"Host": "localhost"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()

    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ask("/readyz")[1])
        return found

    @property
    def log(self) -> str:
        return (self.var / "server.log").read_text(errors="replace")


@dataclass(frozen=True)
class Answer:
    """What a host answered, and whether it had said that it was ready."""

    host: Host
    body: bytes
    was_ready: bool


class Balancer:
    """Sends requests to hosts that say they are ready. Within `with` it asks them so every CHECK_S seconds."""

    def __init__(self, hosts: list[Host]) -> None:
        self.hosts = hosts
        self.failed: list[str] = []
        self.with_none_ready = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._checks = [threading.Thread(target=self._check, args=(host,), daemon=True) for host in hosts]

    def __enter__(self) -> Balancer:
        for each in self._checks:
            each.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        for each in self._checks:
            each.join()

    def ask(self, path: str) -> Answer | None:
        """Return who answered, and what; None where nobody did, which is noted as failed."""
        ready = [host for host in self.hosts if host.is_in_use]
        others = [host for host in self.hosts if not host.is_in_use and not host.is_drained]
        if not ready:
            with self._lock:
                self.with_none_ready += 1
        why = ""
        for host in [*random.sample(ready, len(ready)), *random.sample(others, len(others))]:  # nosec B311
            begun = time.monotonic()
            try:
                status, body = host.ask(path)
            except OSError as error:
                # As a balancer does with a server that refuses: none more until its next check.
                host.is_in_use, status, body, why = False, 0, b"", f"{host.name}: {type(error).__name__}"
            with self._lock:
                tally = host.tally
                if 200 <= status < 500:
                    tally.answers += 1
                    tally.statuses[status] = tally.statuses.get(status, 0) + 1
                    tally.slowest_ms = max(tally.slowest_ms, (time.monotonic() - begun) * 1000)
                    return Answer(host, body, was_ready=host in ready)
                tally.moved += 1
                why = why or f"{host.name}: {status}"
        with self._lock:
            self.failed.append(why)
        return None

    def _check(self, host: Host) -> None:
        last = time.monotonic()
        while not self._ended.wait(CHECK_S):
            host.check()
            now = time.monotonic()
            host.tally.not_ready_s += 0.0 if host.is_in_use else now - last
            last = now


def describe(host: Host) -> dict[str, Any]:
    """Return what is printed of a host."""
    tally = host.tally
    return {
        "answers": tally.answers,
        "moved_to_another": tally.moved,
        "statuses": tally.statuses,
        "slowest_ms": round(tally.slowest_ms),
        "oldest_list_s": round(tally.oldest_list_s, 2),
        "oldest_list_while_not_ready_s": round(tally.oldest_list_while_not_ready_s, 2),
        "wrong_lists": len(tally.wrong_lists),
        "not_ready_s": round(tally.not_ready_s, 1),
        "ready_after_kill_s": [round(each, 1) for each in sorted(tally.ready_after_kill_s)],
        "ready_after_start_s": [round(each, 1) for each in sorted(tally.ready_after_start_s)],
    }
