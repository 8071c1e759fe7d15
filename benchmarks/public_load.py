"""A public site under the load of a working day: 200 readers, four exports, twenty slow clients, for a minute.

    .venv/bin/python -m benchmarks.public_load --server postgres://user:password@127.0.0.1:5432
    .venv/bin/python -m benchmarks.public_load --readers 20 --seconds 10    # on SQLite, a short trial

The shipped nginx with TLS, gunicorn as the unit starts it, today's bank. Each reader has an address and a connection of
its own, and asks for a page each five seconds, among them pages of searches, studies, themes, interventions and the
map; each export is asked for again as soon as it is there, or when its 429 said; slow clients send a byte a second,
half of them of the head of a request, half of its body, and come again when nginx has closed them. `/healthz` is asked
four times a second by a connection of its own.

Prints statuses and times, and the load of the machine before and during. Ends with 1 if anything but 200 and 429 with
`Retry-After` was answered, or `/healthz` took 100 ms or more. The clients run on the same cores.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import http_page
from benchmarks.load import describe_load, watch_load
from benchmarks.shipped_proxy import NAME, ShippedProxy, serve_proxy
from benchmarks.throwaway import ROOT, list_published_slugs, start_django, throwaway_bank

READERS, SECONDS, PAUSE_S = 200, 60, 5.0
SLOW_CLIENTS = 20
EXPORTS = (
    "/estudios/exportar.csv",
    "/estudios/exportar.xlsx?theme=prevention",
    "/en/studies/export.ris?q=violence",
    "/ficha/ficha.pdf?intervention=cash-transfer",
)
MOST_HEALTH_MS = 100
_HEALTH_PAUSE_S = 0.25
_TIMEOUT_S = 60


@dataclass(slots=True)
class Seen:
    """What one kind of client got: the milliseconds of each answer, how many of each status, what failed."""

    ms: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, path: str, status: int, headers: http.client.HTTPMessage, ms: float) -> None:
        self.statuses[str(status)] += 1
        if status == 200:
            self.ms.append(ms)
        elif status != 429 or not headers["Retry-After"]:
            self.wrong.append(f"{status} {path}")

    def describe(self) -> str:
        times = sorted(self.ms) or [0.0]
        shares = [times[min(len(times) - 1, int(share * len(times)))] for share in (0.5, 0.95, 0.99)]
        counts = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        p50, p95, p99 = (f"{ms:.0f}" for ms in shares)
        return f"{counts}; p50 {p50} ms, p95 {p95}, p99 {p99}, slowest {times[-1]:.0f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="", help="postgres://user:password@host:port; SQLite without it")
    parser.add_argument("--readers", type=int, default=READERS)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    given = parser.parse_args()
    with throwaway_bank(given.server) as var, _short_folder() as folder:
        start_django()
        paths = choose_pages()
        with serve_bank(var, folder), serve_proxy(folder) as proxy:
            _warm_up(proxy, paths)
            with watch_load() as load:
                seen = put_under_load(proxy, paths, given.readers, given.seconds)
    print(f"{given.readers} readers for {given.seconds} s, one page each {PAUSE_S:.0f} s; {os.cpu_count()} cores")
    print(describe_load(load))
    for kind, each in seen.items():
        print(f"  {kind:14}{each.describe()}")
    wrong = [f"{kind}: {sentence}" for kind, each in seen.items() for sentence in each.wrong]
    print("\n".join(wrong[:20]) or "Nothing but 200 and 429 with Retry-After.")
    slowest = max(seen["/healthz"].ms, default=0.0)
    if slowest >= MOST_HEALTH_MS:
        print(f"/healthz took {slowest:.0f} ms, and the bound is {MOST_HEALTH_MS}.")
    return 0 if not wrong and slowest < MOST_HEALTH_MS else 1


def choose_pages() -> list[str]:
    """Return the pages that readers ask for: half of them searches, half of all other kinds."""
    others = [
        *("/", "/en/", "/mapa/", "/intervenciones/", "/programas/", "/temas/prevention/", "/temas/autonomy/"),
        *("/en/themes/attention/", "/intervenciones/cash-transfer/", "/en/interventions/engaging-men/"),
        *("/evidencia/?theme=attention", "/ayuda/", "/glosario/"),
        *(f"/estudios/{slug}/" for slug in list_published_slugs()[::20]),
    ]
    searches = [path for _kind, path in http_page.choose_paths()]
    return random.Random(1).sample(searches, len(searches)) + others * (len(searches) // len(others))


def put_under_load(proxy: ShippedProxy, paths: list[str], readers: int, seconds: float) -> dict[str, Seen]:
    """Let all clients ask until the time is over, and return what each kind of them saw."""
    seen = {kind: Seen() for kind in ("pages", "exports", "slow clients", "/healthz")}
    end = time.monotonic() + seconds
    clients: list[Callable[[], None]] = [
        *(
            lambda number=number: read_pages(proxy, paths, number, end, seen["pages"], readers)
            for number in range(readers)
        ),
        *(
            lambda path=path, number=number: take_export(proxy, path, number, end, seen["exports"])
            for number, path in enumerate(EXPORTS)
        ),
        *(lambda number=number: be_slow(proxy, number, end, seen["slow clients"]) for number in range(SLOW_CLIENTS)),
        lambda: ask_for_health(proxy, end, seen["/healthz"]),
    ]
    threads = [threading.Thread(target=client) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def read_pages(proxy: ShippedProxy, paths: list[str], number: int, end: float, seen: Seen, readers: int) -> None:
    """Ask for a page each PAUSE_S; the readers begin evenly over the first of these."""
    draw = random.Random(number)
    source = f"127.1.{number // 250}.{number % 250 + 1}"
    wait = PAUSE_S * number / readers
    connection: http.client.HTTPConnection | None = None
    while time.monotonic() + wait < end:
        time.sleep(wait)
        begun = time.monotonic()
        path = draw.choice(paths)
        try:
            connection = connection or _open(proxy, source)
            _ask(connection, path, seen)
        except (OSError, http.client.HTTPException) as error:
            seen.wrong.append(f"{error!r} {path}")
            connection = None
        wait = max(0.0, PAUSE_S - (time.monotonic() - begun))
    if connection:
        connection.close()


def take_export(proxy: ShippedProxy, path: str, number: int, end: float, seen: Seen) -> None:
    """Ask for a file again and again, and wait when told to."""
    while time.monotonic() < end:
        try:
            connection = _open(proxy, f"127.2.0.{number + 1}")
            wait_s = _ask(connection, path, seen)
            connection.close()
        except (OSError, http.client.HTTPException) as error:
            seen.wrong.append(f"{error!r} {path}")
            wait_s = 1
        time.sleep(max(0.0, min(wait_s, end - time.monotonic())))


def be_slow(proxy: ShippedProxy, number: int, end: float, seen: Seen) -> None:
    """Send a byte a second, until nginx has enough or the time is over; then come again."""
    head = f"POST /avisos/ HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 100000\r\n\r\n".encode()
    while time.monotonic() < end:
        begun = time.monotonic()
        with suppress(OSError), proxy.connect(f"127.3.0.{number + 1}") as connection:
            if number % 2:
                connection.sendall(head)
            connection.settimeout(1)
            for byte in head * 100:
                if time.monotonic() >= end:
                    return
                connection.sendall(bytes([byte]))
                try:
                    if not connection.recv(100):
                        break
                except (TimeoutError, ssl.SSLWantReadError):
                    continue
                break
        seen.statuses["closed by nginx"] += 1
        seen.ms.append((time.monotonic() - begun) * 1000)


def ask_for_health(proxy: ShippedProxy, end: float, seen: Seen) -> None:
    connection = _open(proxy, "127.0.0.1")
    while time.monotonic() < end:
        try:
            _ask(connection, "/healthz", seen)
        except (OSError, http.client.HTTPException) as error:
            seen.wrong.append(f"{error!r} /healthz")
            connection = _open(proxy, "127.0.0.1")
        time.sleep(_HEALTH_PAUSE_S)


def _open(proxy: ShippedProxy, source: str) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(NAME, timeout=_TIMEOUT_S)
    connection.sock = proxy.connect(source, _TIMEOUT_S)
    return connection


def _ask(connection: http.client.HTTPConnection, path: str, seen: Seen) -> int:
    """Ask for a path. Return the seconds that the answer says to wait, 0 where it says none."""
    begun = time.monotonic()
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    answer.read()
    seen.add(path, answer.status, answer.headers, (time.monotonic() - begun) * 1000)
    return int(answer.headers["Retry-After"] or 0)


def _warm_up(proxy: ShippedProxy, paths: list[str]) -> None:
    """Ask for every page some times: a site that was just started is another measure."""
    unmeasured = Seen()
    connection = _open(proxy, "127.1.200.1")
    for path in sorted(set(paths)) * 3:
        _ask(connection, path, unmeasured)
    if unmeasured.wrong:
        raise RuntimeError(f"Pages of the load do not answer 200: {unmeasured.wrong[:5]}")


@contextmanager
def _short_folder() -> Iterator[Path]:
    """Yield a folder whose path leaves room for the name of a socket."""
    folder = Path(tempfile.mkdtemp(prefix="bank-", dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serve_bank(var: Path, folder: Path) -> Iterator[None]:
    """Serve the bank as a public site behind the proxy, as its unit does."""
    public = {
        "SITE_URL": f"https://{NAME}",
        "SECRET_KEY": "of-a-measurement-and-of-nothing-else-0123456789-abcdefghij",
        "CONTACT_EMAIL": "errores@example.pe",
        "TRUSTED_PROXY": "unix",
        "DATABASE_URL": os.environ["DATABASE_URL"] or f"sqlite:///{var}/bank.sqlite3",
        "HEALTH_SOCKET": f"{folder}/health.sock",
        "GUNICORN_CMD_ARGS": f"--bind unix:{folder}/bank.sock --umask 0",
    }
    with (var / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:evidencebank.serving"],
            cwd=ROOT, env=os.environ | public, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 90
        while not (folder / "bank.sock").exists():
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError(f"The server did not start:\n{(var / 'server.log').read_text()}")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    sys.exit(main())
