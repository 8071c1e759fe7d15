"""Three hosts of one bank, one on a replica and one killed again and again: are lists right, and is anybody refused?

    .venv/bin/python -m benchmarks.hosts                          # three minutes
    .venv/bin/python -m benchmarks.hosts --seconds 30 --pgbouncer

Makes a PostgreSQL primary and a replica of its own (`benchmarks/replication.py`), and serves the bank by three
gunicorns: `a` and `b` on the primary, `c` with READ_ONLY on the replica. A writer saves, withdraws and restores studies
in a process of its own; `b` is killed (SIGKILL, all its processes), waits, and starts again. Readers come through a
balancer (`benchmarks/balanced.py`) and compare each list with what the writer had committed when they asked: a list
that lacks a change is as old as that change, and wrong if that is more than `--late` seconds and its host had said that
it was ready.

Prints one line of JSON, and ends with 1 if a request failed, a list was wrong, a host ends with another list than the
database, or the read-only host wrote or logged an error.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import re
import signal
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import throwaway
from benchmarks.balanced import CHECK_S, Balancer, Host, describe
from benchmarks.replication import Servers, pooled, replicated_servers

SECRET_KEY = "made-up-for-three-hosts-" * 4  # nosec B105
NEWEST = 12
"""Readers ask for one of so many changes, the newest ones."""
_FAILURES = re.compile(r"Traceback|\bERROR\b|\bCRITICAL\b")
_processes = multiprocessing.get_context("spawn")


class Journal:
    """What the writer has committed, line by line in a file: number, time, study, its word, whether it is public."""

    def __init__(self, path: Path) -> None:
        self._path, self._offset, self._lock = path, 0, threading.Lock()
        self.changes: list[dict[str, Any]] = []
        self.last_of: dict[str, int] = {}

    def read(self) -> int:
        """Read what is new. Return how many changes there are now."""
        with self._lock, self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                change = json.loads(line)
                if "begun" in change:
                    # Committed or not: no list of this study is right or wrong until the change is noted.
                    self.last_of[change["begun"]] = -1
                    continue
                self.last_of[change["slug"]] = len(self.changes)
                self.changes.append(change)
            return len(self.changes)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--readers", type=int, default=6)
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between two changes")
    parser.add_argument("--burst", type=int, default=40, help="changes without a pause, once in ten seconds")
    parser.add_argument("--late", type=float, default=2.0, help="seconds after which every list must have a change")
    parser.add_argument("--pgbouncer", action="store_true", help="reach both databases through PgBouncer")
    given = parser.parse_args()
    # So that a run which is ended leaves no server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        servers = stack.enter_context(replicated_servers())
        os.environ["SECRET_KEY"] = SECRET_KEY
        var = stack.enter_context(throwaway.throwaway_bank(servers.primary))
        database = os.environ["DATABASE_URL"].rpartition("/")[2]
        reached = stack.enter_context(pooled(servers, database)) if given.pgbouncer else servers
        hosts = make_hosts(var, reached, database)
        for host in hosts:
            stack.callback(host.stop)
            host.start()
        for host in hosts:
            host.wait_until_ready()
            host.tally.ready_after_start_s.clear()
        report, faults = measure(hosts, var, servers, database, given)
        print(json.dumps({"pgbouncer": given.pgbouncer, **report, "faults": faults}))
    return 1 if faults else 0


def make_hosts(var: Path, servers: Servers, database: str) -> list[Host]:
    """Return the three hosts, not started. Each is known to PostgreSQL by its name."""
    of_replica = f"{database}_replica" if servers.primary == servers.replica else database
    common = {"READY_DEMANDS": "index,replica", "LOG_LEVEL": "WARNING"}

    def environment(name: str, server: str, database: str) -> dict[str, str]:
        options = "&".join(filter(None, (servers.options, f"application_name=host-{name}")))
        return {**common, "DATABASE_URL": f"{server}/{database}?{options}"}

    a = Host("a", var, environment("a", servers.primary, database))
    b = Host("b", var, environment("b", servers.primary, database))
    told = {"READ_ONLY": "true", "PRIMARY_URL": f"http://127.0.0.1:{a.port}"}
    return [a, b, Host("c", var, {**environment("c", servers.replica, of_replica), **told})]


def measure(
    hosts: list[Host], var: Path, servers: Servers, database: str, given: argparse.Namespace
) -> tuple[dict[str, Any], list[str]]:
    """Let writer, killer and readers work. Return what was seen, and all faults."""
    journal = Journal(var / "journal.jsonl")
    (var / "journal.jsonl").touch()
    ended = threading.Event()
    until = time.time() + given.seconds
    writer = _processes.Process(target=write, args=(var / "journal.jsonl", until, given.pause, given.burst))
    writer.start()
    connections: dict[str, int] = {}
    with Balancer(hosts) as balancer:
        work = [
            threading.Thread(target=read, args=(balancer, journal, ended, given.late)) for _ in range(given.readers)
        ]
        work.append(threading.Thread(target=kill_again_and_again, args=(hosts[1], ended)))
        work.append(threading.Thread(target=count_connections, args=(servers, database, connections, ended)))
        for each in work:
            each.start()
        writer.join()
        ended.set()
        for each in work:
            each.join()
        hosts[1].wait_until_ready()
    changes = journal.read()
    faults = [f"{why} and nobody else answered" for why in balancer.failed]
    faults += [each for host in hosts for each in host.tally.wrong_lists]
    faults += find_differences(hosts)
    faults += check_read_only(hosts[2])
    if writer.exitcode:
        faults.append(f"The writer ended with {writer.exitcode}.")
    report = {
        "seconds": given.seconds,
        "readers": given.readers,
        "changes": changes,
        "check_s": CHECK_S,
        "hosts": {host.name: describe(host) for host in hosts},
        "answers": sum(host.tally.answers for host in hosts),
        "with_none_ready": balancer.with_none_ready,
        "most_connections": connections,
    }
    return report, faults


def write(journal: Path, until: float, pause_s: float, burst: int) -> None:
    """Save a study under a new word, or withdraw it, or restore it, and note each when it is committed."""
    throwaway.start_django()
    from django.contrib.auth.models import User

    from studies.curation import stages
    from studies.models import Stage, Study

    chance = random.Random(7)  # nosec B311
    by = User.objects.create_superuser("three-hosts")
    slugs = throwaway.list_published_slugs()[:60]
    words: dict[str, str] = {}
    next_burst, left, number = time.time() + 10, 0, 0
    with journal.open("a") as file:
        while time.time() < until:
            number += 1
            slug = chance.choice(slugs)
            study = Study.objects.get(slug=slug)
            # Before the commit: it is seen by readers before it can be noted, by seconds on a busy machine.
            file.write(json.dumps({"begun": slug}) + "\n")
            file.flush()
            if study.stage == Stage.WITHDRAWN:
                stages.move(study, "restore", by=by, note="made up")
            elif slug in words and chance.random() < 0.25:
                stages.move(study, "withdraw", by=by, note="made up")
            else:
                words[slug] = f"w{number}x{number * 7}k"
                throwaway.give_word(slug, words[slug])
            study.refresh_from_db(fields=["stage"])
            change = {"at": time.time(), "slug": slug, "word": words.get(slug, "")}
            change["is_public"] = study.stage == Stage.PUBLISHED
            file.write(json.dumps(change) + "\n")
            file.flush()
            if time.time() >= next_burst:
                left, next_burst = burst, time.time() + 10
            left -= 1
            if left < 0:
                time.sleep(pause_s)


def read(balancer: Balancer, journal: Journal, ended: threading.Event, late_s: float) -> None:
    """Ask for one of the newest changes after another, and compare."""
    while not ended.wait(0.05):
        known = journal.read()
        if not known:
            continue
        number = random.randrange(max(0, known - NEWEST), known)  # nosec B311
        change = journal.changes[number]
        asked_at = time.time()
        answered = balancer.ask(f"/api/v1/studies/?q={change['word']}")
        if answered is None:
            continue
        host, body = answered.host, answered.body
        found = [each["id"] for each in json.loads(body).get("results", [{"id": body.decode()}])]
        if found == ([change["slug"]] if change["is_public"] else []):
            continue
        journal.read()
        if journal.last_of[change["slug"]] != number:
            continue
        age_s = asked_at - change["at"]
        if not answered.was_ready:
            host.tally.oldest_list_while_not_ready_s = max(host.tally.oldest_list_while_not_ready_s, age_s)
            continue
        host.tally.oldest_list_s = max(host.tally.oldest_list_s, age_s)
        if age_s > late_s:
            host.tally.wrong_lists.append(f"{host.name} lists {found} for change {number}, {age_s:.1f} s old: {change}")


def kill_again_and_again(host: Host, ended: threading.Event) -> None:
    """Kill the host, leave it down for a moment or for longer, start it, let it serve, and again."""
    chance = random.Random(11)  # nosec B311
    while not ended.wait(chance.uniform(4, 10)):
        host.kill()
        ended.wait(chance.choice((0.2, 2, 8)))
        host.start()
        deadline = time.monotonic() + 60
        while not host.is_in_use and time.monotonic() < deadline:
            time.sleep(0.1)


def count_connections(servers: Servers, database: str, most: dict[str, int], ended: threading.Event) -> None:
    """Note the most connections that each host, or PgBouncer for all of them, held at once."""
    import psycopg

    query = "SELECT application_name, count(*) FROM pg_stat_activity WHERE datname = %s GROUP BY 1"
    options: dict[str, Any] = {"autocommit": True, "application_name": "counter"}
    with (
        psycopg.connect(f"{servers.primary}/{database}", **options) as primary,
        psycopg.connect(f"{servers.replica}/{database}", **options) as replica,
    ):
        while not ended.wait(0.5):
            for server, connection in (("primary", primary), ("replica", replica)):
                counts = {str(name): int(count) for name, count in connection.execute(query, (database,))}
                counts.pop("counter", None)
                seen = {f"{name or 'writer'} ({server})": count for name, count in counts.items()}
                for name, count in (seen | {server: sum(counts.values())}).items():
                    most[name] = max(most.get(name, 0), count)


def find_differences(hosts: list[Host]) -> list[str]:
    """Return in what a host, given two seconds, lists other studies than the database holds."""
    time.sleep(2)
    throwaway.start_django()
    wanted = throwaway.list_published_slugs()
    faults = []
    for host in hosts:
        told, found, page = host.told(), list[str](), 1
        while True:
            body = json.loads(host.ask(f"/api/v1/studies/?page_size=50&page={page}")[1])
            found += [each["id"] for each in body["results"]]
            if page >= body["page_count"]:
                break
            page += 1
        if sorted(found) != sorted(wanted):
            faults.append(f"{host.name} ends with {len(found)} studies, the database with {len(wanted)}.")
        if not told["ready"] or told["index_change"] != told["change"]:
            faults.append(f"{host.name} is not in step at the end: {told}")
    return faults


def check_read_only(host: Host) -> list[str]:
    """Return what the read-only host does that it must not."""
    faults = [] if host.told()["read_only"] else ["c does not say that it only reads."]
    asked = (("GET", "/admin/", 302), ("POST", "/avisos/", 503), ("GET", "/en/alerts/", 302), ("GET", "/", 200))
    for method, path, status in asked:
        if (seen := host.ask(path, method=method)[0]) != status:
            faults.append(f"c answers {method} {path} with {seen}.")
    for command, code in ((["set_up"], 0), (["backup", str(host.var / "bank.tar")], 0), (["housekeeping"], 1)):
        if (done := host.run(*command)).returncode != code:
            faults.append(f"manage.py {command[0]} on c ended with {done.returncode}: {done.stderr[-400:]}")
    faults += [f"c logged: {line}" for line in host.log.splitlines() if _FAILURES.search(line)][:3]
    return faults


if __name__ == "__main__":
    sys.exit(main())
