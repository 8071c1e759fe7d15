"""What readers see, and how soon, while the database is away, locked or full: served by gunicorn, asked by many.

    .venv/bin/python -m benchmarks.faults
    .venv/bin/python -m benchmarks.faults --server postgres://postgres@127.0.0.1:5432    # and one that stops

States: `closed` (nobody listens at PostgreSQL's port), `silent` (it takes connections and says nothing), `locked`
(another process holds SQLite's lock), `full` (SQLite on a full disk of its own; needs the right to mount one),
`stopped` (a PostgreSQL that served pages and then says nothing more on connections that stay open).

Prints a line of figures for each address: statuses, the slowest and the middle answer in milliseconds, the bound.
Ends with 1 if a status is wrong or a bound is not kept. On a busy machine the slowest tell of the machine.
"""

from __future__ import annotations

import argparse
import html
import http.client
import os
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from benchmarks.throwaway import ROOT, throwaway_bank

READERS = 4
"""Fewer than the eight threads: with more at once, a quick answer waits for slow ones of any kind."""
ROUNDS = 5
PAUSE_S = 0.2
START_TIMEOUT_S = 90
DRAFT = "La sobreviviente pidió que no se diga su nombre."
FORM = "/seleccion/"
# Address, the most milliseconds, and the status while there is no database.
ASKED = (
    ("/healthz", 100, 200),
    ("/readyz", 1_000, 503),
    ("/", 2_000, 503),
    ("/estudios/?q=violencia", 2_000, 503),
    ("/en/studies/", 2_000, 503),
    ("/api/v1/studies/", 2_000, 503),
    (FORM, 2_000, 503),
)


@dataclass(slots=True)
class Seen:
    """The answers of one address."""

    ms: list[float] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)
    keeps_draft: bool = True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="", help="postgres://user:password@host:port")
    parser.add_argument("--bank", type=Path, help="a VAR_DIR on SQLite to copy")
    given = parser.parse_args()
    good: list[bool] = []
    with throwaway_bank(template=given.bank) as var:
        good += [measure_state(state, var) for state in ("closed", "silent", "locked", "full")]
    if given.server:
        with throwaway_bank(given.server) as var:
            good.append(measure_state("stopped", var))
    return 0 if all(good) else 1


def measure_state(state: str, var: Path) -> bool:
    """Serve the bank, bring that state about, ask as many do. Print the figures; return True if all bounds are kept."""
    with ExitStack() as stack:
        environment = dict(os.environ)
        begin: Callable[[], object] | None = None
        if state == "closed":
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                environment["DATABASE_URL"] = f"postgres://x:x@127.0.0.1:{taken.getsockname()[1]}/x"
        elif state == "silent":
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=100))
            environment["DATABASE_URL"] = f"postgres://x:x@127.0.0.1:{listener.getsockname()[1]}/x"
        elif state == "locked":
            holder = stack.enter_context(closing(sqlite3.connect(var / "bank.sqlite3", isolation_level=None)))
            begin = partial(holder.execute, "BEGIN IMMEDIATE")
        elif state == "full":
            if (disk := stack.enter_context(small_disk(var))) is None:
                print(f"{state}: not tried, as no disk can be mounted here")
                return True
            environment |= {"VAR_DIR": str(disk), "INDEX_DIR": str(disk / "index-0"), "DATABASE_URL": ""}
            begin = partial(fill, disk)
        else:
            proxy = stack.enter_context(StoppableProxy(environment["DATABASE_URL"]))
            environment["DATABASE_URL"] = proxy.address
            begin = proxy.stop
        url = stack.enter_context(serving(environment, var))
        if begin:
            # The first page of each worker loads what it needs: it is no measure of the fault.
            for path, _bound, _status in ASKED * 6:
                ask(url, path)
            begin()
        return report(state, ask_as_many_do(url), has_pages=state in ("locked", "full"))


def report(state: str, seen: dict[str, Seen], *, has_pages: bool) -> bool:
    """Print what was seen. While SQLite is locked or full only what is written is refused."""
    print(f"{state}: {READERS} readers, {ROUNDS} rounds each")
    is_good = True
    for path, bound_ms, status in ASKED:
        each = seen[path]
        expected = {status if path == FORM or not has_pages else 200}
        if path == FORM and state == "full":
            # SQLite still has room in its log for a few changes. The form names no study, which is told by 400.
            each.statuses.discard(400)
        kept = each.statuses == expected and max(each.ms) <= bound_ms
        note = "" if path != FORM or not kept else f", draft {'offered again' if each.keeps_draft else 'LOST'}"
        is_good &= kept and each.keeps_draft
        print(
            f"  {'POST' if path == FORM else 'GET':4} {path:26} {sorted(each.statuses)!s:12} "
            f"middle {statistics.median(each.ms):6.0f} ms, slowest {max(each.ms):6.0f} of {bound_ms} ms"
            f"{'' if kept else '  NOT KEPT'}{note}"
        )
    return is_good


def ask_as_many_do(url: str) -> dict[str, Seen]:
    """Let READERS ask all addresses, ROUNDS times, at once."""
    seen = {path: Seen() for path, _bound, _status in ASKED}

    def read() -> None:
        for _round in range(ROUNDS):
            for path, _bound, _status in ASKED:
                time.sleep(PAUSE_S)
                started = time.monotonic()
                status, text = ask(url, path)
                seen[path].ms.append((time.monotonic() - started) * 1000)
                seen[path].statuses.add(status)
                if path == FORM and status == 503:
                    seen[path].keeps_draft &= f'name="title" value="{DRAFT}"' in html.unescape(text)

    readers = [threading.Thread(target=read) for _reader in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return seen


def ask(url: str, path: str) -> tuple[int, str]:
    """Return status and text of an answer. FORM is sent, with a draft in it."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        if path == FORM:
            body = urlencode({"freeze": "1", "title": DRAFT})
            connection.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        else:
            connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        connection.close()


@contextmanager
def serving(environment: dict[str, str], var: Path) -> Iterator[str]:
    """Serve the bank as an installation does. Yields its address."""
    log = var / "server.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:evidencebank.serving"],
            cwd=ROOT,
            env=environment | {"GUNICORN_CMD_ARGS": "--bind 127.0.0.1:0"},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (found := re.search(r"Listening at: (http://[\d.:]+)", log.read_text())):
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError(f"The server did not start:\n{log.read_text()}")
            time.sleep(0.1)
        for _worker in range(8):
            ask(found[1], "/healthz")
        yield found[1]
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def small_disk(var: Path) -> Iterator[Path | None]:
    """Yield a copy of the bank on a disk of its own in memory, None where this process may not mount one."""
    size_mb = sum(file.stat().st_size for file in var.rglob("*") if file.is_file()) // 2**20 + 40
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", folder]
        if shutil.which("mount") is None or subprocess.run(command, check=False, capture_output=True).returncode:
            yield None
            return
        try:
            yield Path(shutil.copytree(var, Path(folder) / "var"))
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> None:
    """Write until nothing more goes in."""
    with (folder / "ballast").open("wb", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue


class StoppableProxy:
    """Hands bytes on between the bank and PostgreSQL, until `stop`. Connections stay open, and new ones are taken."""

    def __init__(self, database_url: str) -> None:
        parts = urlsplit(database_url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        port = self._listener.getsockname()[1]
        user = parts.netloc.rpartition("@")[0]
        self.address = parts._replace(netloc=f"{user}@127.0.0.1:{port}").geturl()
        self._stopped = threading.Event()
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> StoppableProxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        for each in (self._listener, *self._sockets):
            each.close()

    def stop(self) -> None:
        self._stopped.set()

    def _accept(self) -> None:
        try:
            while True:
                near, _address = self._listener.accept()
                self._sockets.append(near)
                if self._stopped.is_set():
                    continue
                far = socket.create_connection(self._target)
                self._sockets.append(far)
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._hand_on, args=(source, target), daemon=True).start()
        except OSError:
            return

    def _hand_on(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if self._stopped.is_set():
                    return
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return


if __name__ == "__main__":
    sys.exit(main())
