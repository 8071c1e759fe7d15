"""Two hosts are renewed one after the other, and one goes back, while people read and write: is anybody refused?

    .venv/bin/python -m benchmarks.rolling_upgrade

Makes a PostgreSQL of its own and two copies of this program with a made-up migration each: one that only adds a table
and a column (`0098_expand_made_up`, which the version before can live with), and one that is not marked so
(`0099_made_up`). Readers come through a balancer that asks `/readyz`; a writer of the old version saves all the time.
Each host is drained, stopped, set up and started: `b`, then `a`. Then `b` goes back to the old version. At last `b`
gets the migration that is not marked: `a`, which still runs, must say that it is not ready.

Prints one line of JSON, and ends with 1 if a request or a save failed, or a host said that it is ready or not when it
should have said the other.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks import throwaway
from benchmarks.balanced import Balancer, Host, describe
from benchmarks.replication import replicated_servers

PATHS = ("/", "/estudios/?q=violencia", "/en/studies/?theme=prevention", "/api/v1/studies/?q=police", "/mapa/")
_LEFT_OUT = shutil.ignore_patterns(".*", "var", "var-*", "tests", "__pycache__", "docs", "node_modules")
_MIGRATION = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("studies", "{before}")]
    operations = [
        migrations.AddField("study", "made_up_{number}", models.CharField(max_length=20, null=True)),
        migrations.CreateModel("MadeUp{number}", [("id", models.BigAutoField(primary_key=True))]),
    ]
"""
_processes = multiprocessing.get_context("spawn")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between two saves")
    given = parser.parse_args()
    # So that a run which is ended leaves no server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        servers = stack.enter_context(replicated_servers())
        var = stack.enter_context(throwaway.throwaway_bank(servers.primary))
        environment = {"DATABASE_URL": os.environ["DATABASE_URL"], "LOG_LEVEL": "WARNING", "READY_DEMANDS": "index"}
        hosts = [Host(name, var, environment) for name in ("a", "b")]
        for host in hosts:
            stack.callback(host.stop)
            host.start()
        for host in hosts:
            host.wait_until_ready()
        report, faults = measure(hosts, var, given)
        print(json.dumps({**report, "faults": faults}))
    return 1 if faults else 0


def measure(hosts: list[Host], var: Path, given: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """Renew both hosts under readers and a writer. Return what was seen, and all faults."""
    a, b = hosts
    old, newest = a.code, _name_newest_migration()
    marked, unmarked = ("0098_expand_made_up", newest), ("0099_made_up", "0098_expand_made_up")
    expanded = make_version(var.parent / "expanded", marked)
    changed = make_version(var.parent / "changed", marked, unmarked)
    steps: dict[str, float] = {}
    faults: list[str] = []
    with Balancer(hosts) as balancer, readers(balancer, given.readers), saves(var, given.pause) as saved:
        time.sleep(2)
        for host in (b, a):
            with timed(steps, f"renew {host.name}"):
                move(host, expanded)
            expect(faults, host, ready=True, schema="same")
            if host is b:
                expect(faults, a, ready=True, schema="expanded")
        with timed(steps, "b goes back"):
            move(b, old)
        expect(faults, b, ready=True, schema="expanded")
        in_order = (balancer.with_none_ready, sum(host.tally.moved for host in hosts))
        with timed(steps, "b gets what is not marked"):
            move(b, changed)
        expect(faults, b, ready=True, schema="same")
        expect(faults, a, ready=False, schema="newer")
        time.sleep(2)
    faults += [f"{why} and nobody else answered" for why in balancer.failed]
    faults += saved.failures
    report = {
        "readers": given.readers,
        "saves": saved.count,
        "step_s": {name: round(seconds, 1) for name, seconds in steps.items()},
        "hosts": {host.name: describe(host) for host in hosts},
        "with_none_ready": in_order[0],
        "with_none_ready_while_not_marked": balancer.with_none_ready - in_order[0],
    }
    return report, faults


def make_version(folder: Path, *migrations: tuple[str, str]) -> Path:
    """Copy the program, and give the copy these migrations of `studies`, each with the one before it."""
    shutil.copytree(throwaway.ROOT, folder, ignore=_LEFT_OUT)
    for name, before in migrations:
        text = _MIGRATION.format(before=before, number=name[:4])
        (folder / "studies" / "migrations" / f"{name}.py").write_text(text)
    return folder


def move(host: Host, code: Path) -> None:
    """Bring a host to another version, as docs/operations.md says."""
    host.drain()
    host.stop()
    host.code = code
    done = host.run("set_up", "--no-admin")
    if done.returncode:
        raise RuntimeError(f"set_up on {host.name} ended with {done.returncode}:\n{done.stderr[-4000:]}")
    host.start()
    host.wait_until_ready()
    host.is_drained = False
    host.check()


def expect(faults: list[str], host: Host, *, ready: bool, schema: str) -> None:
    told = host.told()
    if (told["ready"], told["schema"]) != (ready, schema):
        faults.append(f"{host.name} should be ready={ready} with {schema} tables, and says {told}.")


class Saves:
    """What the writer did."""

    def __init__(self) -> None:
        self.count = 0
        self.failures: list[str] = []


@contextmanager
def saves(var: Path, pause_s: float) -> Iterator[Saves]:
    """Let a process of the old version save one study after another."""
    ended, told = _processes.Event(), _processes.Queue()
    writer = _processes.Process(target=save_again_and_again, args=(var / "index-0", pause_s, ended, told))
    writer.start()
    saved = Saves()
    try:
        yield saved
    finally:
        ended.set()
        saved.count, saved.failures = told.get(timeout=60)
        writer.join()


def save_again_and_again(index: Path, pause_s: float, ended: Any, told: Any) -> None:
    os.environ["INDEX_DIR"] = str(index)
    throwaway.start_django()
    slugs, count, failures = throwaway.list_published_slugs(), 0, list[str]()
    while not ended.wait(pause_s):
        try:
            throwaway.give_word(slugs[count % len(slugs)], f"rolled{count}k")
            count += 1
        except Exception as error:  # whatever it is, it is what this looks for
            failures.append(f"a save failed: {type(error).__name__}: {error}")
    told.put((count, failures))


@contextmanager
def readers(balancer: Balancer, number: int) -> Iterator[None]:
    """Let so many people read one page after another."""
    ended = threading.Event()

    def read(first: int) -> None:
        turn = first
        while not ended.wait(0.05):
            balancer.ask(PATHS[turn % len(PATHS)])
            turn += 1

    threads = [threading.Thread(target=read, args=(each,)) for each in range(number)]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        ended.set()
        for each in threads:
            each.join()


@contextmanager
def timed(steps: dict[str, float], name: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    steps[name] = time.monotonic() - begun


def _name_newest_migration() -> str:
    return max(each.stem for each in (throwaway.ROOT / "studies" / "migrations").glob("0*.py"))


if __name__ == "__main__":
    sys.exit(main())
