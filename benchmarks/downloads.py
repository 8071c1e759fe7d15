"""Readers beside downloads at 20,000 studies: what `/healthz`, a search and pages take while files are written.

    .venv/bin/python -m benchmarks.downloads

On a copy of a bank of `filling`, served as `make run` does (SQLite, two workers). Two parts:

- *Eight downloads.* One reader searches, another list each time, alone and then beside eight clients, each with an
  address of its own, that take whole lists again and again. `/healthz` is asked on its own socket four times a second.
  It must come within 100 ms, the median search within twice its time of before, and whoever is refused must be told
  when to come again (429 with Retry-After). A ninth client asks a hundred times from one address. Afterwards the
  memory of the workers is read again: most of what they took must be given back, but for 60 MB each.
- *A minute of work.* 32 readers, each a page a second, four downloads and one curator who changes a study every two
  seconds: no error, and 95 of 100 pages within 500 ms.

The clients run on the same cores. Prints the load of the machine before and during each part, and ends with 1 if a
bound is not kept. `--keep` writes the section "downloads" of the results; `--quick` tries it.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks import filling, http_page, results
from benchmarks.http_page import Server, start_server
from benchmarks.load import describe_load, watch_load
from benchmarks.public_load import Seen
from benchmarks.throwaway import give_word, list_published_slugs, start_django, throwaway_bank

STUDIES = 20_000
IDLE_S, EIGHT_S, WORK_S = 15, 40, 60
READERS, DOWNLOADS_AT_WORK, EIGHT = 32, 4, 8
MOST_HEALTH_MS, MOST_SEARCH_TIMES, MOST_P95_MS, MOST_KEPT_MB = 100.0, 2.0, 500.0, 60.0
_PAUSE_S, _SEARCH_PAUSE_S, _HEALTH_PAUSE_S, _EDIT_PAUSE_S, _TIMEOUT_S = 1.0, 0.2, 0.25, 2.0, 60
_FILES = ("csv", "xlsx", "ris", "csv?theme=prevention", "json", "bib", "txt?style=apa", "docx?style=vancouver")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=STUDIES)
    parser.add_argument("--share", type=float, default=1.0, help="of the seconds that each part takes, for a trial")
    parser.add_argument("--quick", action="store_true", help="1,000 studies, a tenth of the seconds")
    parser.add_argument("--keep", action="store_true", help="write it into the results")
    given = parser.parse_args()
    studies, share = (1_000, 0.1) if given.quick else (given.studies, given.share)
    with throwaway_bank(template=filling.prepare_bank(studies)) as var:
        start_django()
        section = measure(var, studies, share)
    print_section(section)
    if given.keep:
        results.save_section("downloads", section)
    print(json.dumps(section, ensure_ascii=False))
    return 1 if section["faults"] else 0


def measure(var: Path, studies: int, share: float) -> dict[str, Any]:
    """Measure both parts on the bank of this process. The server opens the index where the bank of the process does."""
    (var / "index-0").rename(var / "index")
    slugs = list_published_slugs()
    folder = Path(tempfile.mkdtemp(prefix="bank-", dir="/tmp"))
    try:
        health = folder / "health.sock"
        with start_server(var, variables={"HEALTH_SOCKET": str(health), "LOG_LEVEL": "ERROR"}) as server:
            client = Clients(server, health)
            pages = choose_pages(slugs)
            client.warm_up(pages)
            eight = measure_eight(client, share)
            work = measure_work(client, pages, slugs, share)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    section = {"machine": results.describe_machine(), "studies": studies, "eight": eight, "work": work}
    return section | {"faults": find_faults(section)}


def measure_eight(clients: Clients, share: float) -> dict[str, Any]:
    """Search alone and then beside eight downloads. Return times, statuses and the memory of all workers in MB."""
    before_mb = clients.server.private_mbytes()
    idle, busy, files, health, insisting = (Seen() for _ in range(5))
    with watch_load() as idle_load:
        clients.run([clients.search(idle)], IDLE_S * share)
    most_mb = [before_mb]
    with watch_load() as load:
        downloads = [clients.download(files, number) for number in range(EIGHT)]
        others = [clients.search(busy), clients.ask_for_health(health), clients.insist(insisting)]
        clients.run([*downloads, *others, clients.watch_memory(most_mb)], EIGHT_S * share)
    time.sleep(2)
    return {
        "load": {"idle": idle_load, "beside downloads": load},
        "search_ms": {"idle": summarise(idle), "beside downloads": summarise(busy)},
        "healthz_ms": summarise(health),
        "downloads": summarise(files),
        "one_address": summarise(insisting),
        "wrong": [*idle.wrong, *busy.wrong, *files.wrong, *health.wrong, *insisting.wrong][:20],
        "memory_mb": {"before": before_mb, "most": max(most_mb), "after": clients.server.private_mbytes()},
    }


def measure_work(clients: Clients, pages: Sequence[str], slugs: Sequence[str], share: float) -> dict[str, Any]:
    """Let readers, downloads and a curator work at once."""
    seen, files, edits = Seen(), Seen(), Seen()
    with watch_load() as load:
        readers = [clients.read_pages(seen, pages, number) for number in range(READERS)]
        downloads = [clients.download(files, number) for number in range(DOWNLOADS_AT_WORK)]
        clients.run([*readers, *downloads, edit_studies(edits, slugs)], WORK_S * share)
    return {
        "load": load,
        "pages_ms": summarise(seen),
        "downloads": summarise(files),
        "edits_ms": summarise(edits),
        "wrong": [*seen.wrong, *files.wrong, *edits.wrong][:20],
    }


def find_faults(section: dict[str, Any]) -> list[str]:
    """Return which bounds are not kept."""
    eight, work = section["eight"], section["work"]
    search, memory = eight["search_ms"], eight["memory_mb"]
    times = search["beside downloads"]["p50"] / search["idle"]["p50"]
    found = [*eight["wrong"], *work["wrong"]]
    if eight["healthz_ms"]["slowest"] > MOST_HEALTH_MS:
        found.append(f"/healthz took {eight['healthz_ms']['slowest']} ms beside eight downloads")
    if times > MOST_SEARCH_TIMES:
        found.append(f"a search took {times:.1f} times as long beside eight downloads")
    if memory["after"] - memory["before"] > MOST_KEPT_MB * 2:
        found.append(f"the workers kept {memory['after'] - memory['before']:.0f} MB")
    if "429" not in eight["one_address"]["statuses"]:
        found.append("nobody refused an address that asked without end")
    if work["pages_ms"]["p95"] > MOST_P95_MS:
        found.append(f"95 of 100 pages took up to {work['pages_ms']['p95']} ms")
    return found


def choose_pages(slugs: Sequence[str]) -> list[str]:
    """Return what readers ask for: half of it searches, half pages of all other kinds."""
    searches = [path for _kind, path in http_page.choose_paths()]
    others = [
        *("/", "/en/", "/mapa/", "/intervenciones/", "/programas/", "/temas/prevention/", "/en/themes/attention/"),
        *(
            "/intervenciones/cash-transfer/",
            "/en/interventions/engaging-men/",
            "/evidencia/?theme=attention",
            "/ayuda/",
        ),
        *(f"/estudios/{slug}/" for slug in random.Random(1).sample(list(slugs), 40)),
    ]
    return searches + others * max(1, len(searches) // len(others))


Client = Callable[[float], None]
"""Asks again and again until a time of the monotonic clock."""


class Clients:
    """The clients of one server. Each method returns what a thread of its own does."""

    def __init__(self, server: Server, health: Path) -> None:
        self.server, self._health = server, health

    def run(self, clients: Sequence[Client], seconds: float) -> None:
        """Let all work at once for so long."""
        end = time.monotonic() + seconds
        threads = [threading.Thread(target=client, args=(end,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def warm_up(self, pages: Sequence[str]) -> None:
        """Ask for every page some times: a site that was just started is another measure."""
        seen = Seen()
        with self._connect("127.1.0.1") as connection:
            for path in sorted(set(pages)) * 3:
                ask(connection, path, seen)
        if seen.wrong:
            raise RuntimeError(f"Pages of the load do not answer 200: {seen.wrong[:5]}")

    def search(self, seen: Seen) -> Client:
        """Search for a word of the thesaurus from some year on, each time another: no page of these is kept."""
        words, draw = _read_words(), random.Random(time.monotonic_ns())

        def work(end: float) -> None:
            with self._connect("127.1.0.2") as connection:
                while time.monotonic() < end:
                    path = f"/estudios/?q={quote(draw.choice(words))}&year_from={draw.randint(1980, 2015)}"
                    ask(connection, path, seen)
                    time.sleep(_SEARCH_PAUSE_S)

        return work

    def read_pages(self, seen: Seen, pages: Sequence[str], number: int) -> Client:
        """Ask for a page a second."""

        def work(end: float) -> None:
            draw, wait = random.Random(number), _PAUSE_S * number / READERS
            with self._connect(f"127.1.1.{number + 1}") as connection:
                while time.monotonic() + wait < end:
                    time.sleep(wait)
                    begun = time.monotonic()
                    ask(connection, draw.choice(pages), seen)
                    wait = max(0.0, _PAUSE_S - (time.monotonic() - begun))

        return work

    def download(self, seen: Seen, number: int) -> Client:
        """Take a file again and again, and wait when told to."""

        def work(end: float) -> None:
            while time.monotonic() < end:
                with self._connect(f"127.2.0.{number + 1}") as connection:
                    wait_s = ask(connection, f"/estudios/exportar.{_FILES[number % len(_FILES)]}", seen)
                time.sleep(max(0.0, min(wait_s, end - time.monotonic())))

        return work

    def insist(self, seen: Seen) -> Client:
        """Ask a hundred times for a small file, deaf to what the answers say."""

        def work(end: float) -> None:
            for _ in range(100):
                if time.monotonic() > end:
                    return
                with self._connect("127.2.1.1") as connection:
                    ask(connection, "/estudios/exportar.ris?q=sasa", seen)

        return work

    def ask_for_health(self, seen: Seen) -> Client:
        def work(end: float) -> None:
            while time.monotonic() < end:
                with socket.socket(socket.AF_UNIX) as way:
                    way.settimeout(_TIMEOUT_S)
                    way.connect(str(self._health))
                    connection = http.client.HTTPConnection("localhost")
                    connection.sock = way
                    ask(connection, "/healthz", seen)
                time.sleep(_HEALTH_PAUSE_S)

        return work

    def watch_memory(self, read_mb: list[float]) -> Client:
        def work(end: float) -> None:
            while time.monotonic() < end:
                read_mb.append(self.server.private_mbytes())
                time.sleep(_HEALTH_PAUSE_S)

        return work

    @contextmanager
    def _connect(self, source: str) -> Iterator[http.client.HTTPConnection]:
        connection = http.client.HTTPConnection(*self.server.address, timeout=_TIMEOUT_S, source_address=(source, 0))
        try:
            yield connection
        finally:
            connection.close()


def ask(connection: http.client.HTTPConnection, path: str, seen: Seen) -> int:
    """Ask for a path and read the answer to its end. Return the seconds that it says to wait, 0 where it says none."""
    begun = time.monotonic()
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        while answer.read(65_536):
            pass
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        seen.wrong.append(f"{error!r} {path}")
        return 1
    seen.add(path, answer.status, answer.headers, (time.monotonic() - begun) * 1000)
    return int(answer.headers["Retry-After"] or 0)


def edit_studies(seen: Seen, slugs: Sequence[str]) -> Client:
    """Change a study every two seconds as the workplace does when a curator saves: rows, revision, change number."""

    def work(end: float) -> None:
        from django.db import connection

        draw = random.Random(2)
        while time.monotonic() < end:
            begun = time.monotonic()
            try:
                give_word(draw.choice(slugs), f"medida{draw.randrange(10**6)}")
                seen.statuses["saved"] += 1
                seen.ms.append((time.monotonic() - begun) * 1000)
            except Exception as error:  # whatever it is, it is told
                seen.wrong.append(f"a save: {error!r}")
            time.sleep(_EDIT_PAUSE_S)
        connection.close()

    return work


def summarise(seen: Seen) -> dict[str, Any]:
    times = sorted(seen.ms) or [0.0]
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {
        **{name: round(times[min(len(times) - 1, int(share * len(times)))], 1) for name, share in shares.items()},
        "slowest": round(times[-1], 1),
        "statuses": dict(sorted(seen.statuses.items())),
    }


def _read_words() -> list[str]:
    from studies.store import vocabularies

    words = (word for concept in vocabularies.current().concepts for word in (*concept.es, *concept.en))
    return sorted({word for word in words if word.isalpha()})


def print_section(section: dict[str, Any]) -> None:
    eight, work = section["eight"], section["work"]
    print(f"{section['studies']:,} studies\nEight downloads")
    for name, load in eight["load"].items():
        print(f"  {name}: {describe_load(load)}")
    for name, figures in (
        ("search, alone", eight["search_ms"]["idle"]),
        ("search, beside downloads", eight["search_ms"]["beside downloads"]),
        *((name, eight[name]) for name in ("healthz_ms", "downloads", "one_address")),
    ):
        print(f"  {name:26}{figures}")
    print(f"  memory of the workers, MB {eight['memory_mb']}\nA minute of work\n  {describe_load(work['load'])}")
    for name in ("pages_ms", "downloads", "edits_ms"):
        print(f"  {name:26}{work[name]}")
    print("\n".join(section["faults"]) or "All bounds are kept.")


if __name__ == "__main__":
    sys.exit(main())
