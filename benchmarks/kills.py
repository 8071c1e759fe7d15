"""Processes that save, merge and rebuild, killed at random moments: does the site go on, and the index heal? (I4)

    .venv/bin/python -m benchmarks.kills                                                    # 300 kills, on SQLite
    .venv/bin/python -m benchmarks.kills --server postgres://postgres@127.0.0.1:5432

A process writes as a command does, and reports through a pipe when it enters and leaves a phase. When it enters the
one whose turn it is, it gets SIGKILL after a random part of the time that the phase took before. Then another process,
which serves readers all along, searches at once, catches up, and compares every record with the database.

Phases: `indexing` (a batch is written), `commit` (of that batch), `merge` (segments are copied), `place` (the new one
is put in their place), `rebuild`, `swap`; `after` one of them where the writer was quicker this time.

Prints one line of JSON, and ends with 1 if a search failed, a lock stayed, or the index did not come to equal the
database.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks import throwaway

PHASES = ("indexing", "commit", "merge", "place", "rebuild", "swap")
_PATIENCE_S = 120

# Forked from a process that has loaded the program and opened nothing: a new one would take a second each time.
_processes = multiprocessing.get_context("fork")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server", default="", help="postgres://user:password@host:port")
    parser.add_argument("--bank", type=Path, help="a VAR_DIR to copy")
    given = parser.parse_args()
    with throwaway.throwaway_bank(given.server, given.bank):
        throwaway.start_django()
        from search.services import public_search  # noqa: F401 - loaded before the first fork

        report = measure(given.kills, random.Random(given.seed))
    print(json.dumps({"database": "postgresql" if given.server else "sqlite", **report}))
    return 1 if report["faults"] else 0


def measure(kills: int, chance: random.Random) -> dict[str, Any]:
    """Kill so many writers, each phase in turn. Return the kills by phase and all faults."""
    ours, theirs = _processes.Pipe()
    site = _processes.Process(target=serve, args=(theirs,), daemon=True)
    site.start()
    theirs.close()
    lasting_s = _time_phases("rebuild") | _time_phases("place")
    killed: Counter[str] = Counter()
    faults: list[str] = []
    for number in range(kills):
        phase = PHASES[number % len(PHASES)]
        killed[_kill_writer(phase, number, chance.uniform(0, lasting_s[phase]))] += 1
        ours.send(number)
        if not ours.poll(_PATIENCE_S):
            faults.append(f"{phase}: the site hangs.")
            break
        faults += [f"{phase}, kill {number}: {fault}" for fault in ours.recv()]
    ours.send(None)
    site.join(_PATIENCE_S)
    return {"kills": killed.total(), "by_phase": dict(killed), "faults": faults}


def _time_phases(last: str) -> dict[str, float]:
    """Let a writer go on until phase `last` ends. Return how many seconds each phase took."""
    lasting_s: dict[str, float] = {}
    with _started_writer(last, 0) as (_, events):
        entered_at: dict[str, float] = {}
        while last not in lasting_s:
            phase, is_begin, at = events.recv()
            if is_begin:
                entered_at[phase] = at
            else:
                lasting_s[phase] = at - entered_at[phase]
    return lasting_s


def _kill_writer(phase: str, number: int, delay_s: float) -> str:
    """Kill a writer so long after it entered `phase`. Return the phase, or "after it" if it was quicker this time."""
    with _started_writer(phase, number) as (kill, events):
        while (event := events.recv())[:2] != (phase, True):
            pass
        time.sleep(max(0, event[2] + delay_s - time.monotonic()))
        kill()
        with suppress(EOFError):
            while events.recv()[:2] != (phase, False):
                pass
            return f"after {phase}"
    return phase


@contextmanager
def _started_writer(phase: str, number: int) -> Iterator[tuple[Callable[[], None], Connection]]:
    """Let a process write in the way that comes to `phase`. Yields what kills it, and the pipe of its events."""
    ours, theirs = _processes.Pipe(duplex=False)
    writes = rebuild_again_and_again if phase in ("rebuild", "swap") else save_again_and_again
    writer = _processes.Process(target=write, args=(theirs, writes, number), daemon=True)
    writer.start()
    theirs.close()

    def kill() -> None:
        writer.kill()
        writer.join()

    try:
        yield kill, ours
    finally:
        kill()
        ours.close()


# What is killed


def write(pipe: Connection, writes: Callable[[int], None], number: int) -> None:
    """Report every phase, and write until somebody puts an end to it."""
    from search.engines.whoosh import merging
    from search.engines.whoosh.directory import IndexDirectory
    from search.engines.whoosh.engine import WhooshEngine
    from search.engines.whoosh.schema import DurableWriter
    from search.index import indexing

    _report(pipe, "indexing", WhooshEngine, "_write")
    _report(pipe, "commit", DurableWriter, "commit")
    _report(pipe, "merge", merging, "_copy_segments")
    _report(pipe, "place", merging, "_replace_segments")
    _report(pipe, "rebuild", indexing, "rebuild")
    _report(pipe, "swap", IndexDirectory, "swap")
    writes(number)


def _report(pipe: Connection, phase: str, owner: Any, name: str) -> None:
    whole = getattr(owner, name)

    def reporting(*given: Any, **named: Any) -> Any:
        pipe.send((phase, True, time.monotonic()))
        try:
            return whole(*given, **named)
        finally:
            pipe.send((phase, False, time.monotonic()))

    setattr(owner, name, reporting)


def save_again_and_again(number: int) -> None:
    """Save one study after another: every few saves, segments are merged."""
    slugs, chance = throwaway.list_published_slugs(), random.Random(number)
    while True:
        throwaway.give_word(chance.choice(slugs), f"k{number}x{chance.randrange(10**6)}k")


def rebuild_again_and_again(number: int) -> None:
    """Rebuild without end."""
    from search.index import indexing

    while True:
        indexing.rebuild()


# What must go on


def serve(pipe: Connection) -> None:
    """After each kill, search, catch up and compare; answer with a list of faults."""
    held: dict[int, str] = {}
    change_no = -1
    while pipe.recv() is not None:
        faults: list[str] = []
        try:
            faults += search()
            change_no, told = compare_index(held, change_no)
            faults += told + find_locks()
        except Exception as error:  # whatever it is, it is what this looks for
            faults.append(f"{type(error).__name__}: {error}")
        pipe.send(faults)


def search() -> list[str]:
    """Ask the index as it was left, and the site."""
    from search.contract import SearchRequest
    from search.criteria.criteria import Criteria
    from search.index import indexing
    from search.services import public_search

    result = indexing.get_engine().search(SearchRequest(limit=None))
    faults = [] if result.total == len(result.hits) > 0 else ["The index as it was left lists other than it counts."]
    found = public_search.search(Criteria(q="violencia", page_size=20))
    return faults + ([] if found.has_index and found.studies else ["The site answers without its index."])


def compare_index(held: dict[int, str], change_no: int) -> tuple[int, list[str]]:
    """Catch up, and bring `held` to what the database holds. Return the change number, and all differences."""
    from search.index import indexing

    faults = [] if indexing.catch_up() else ["Somebody who is dead still writes."]
    now = indexing.read_wanted_position().change_no
    held |= throwaway.read_fingerprints(changed_since=change_no)
    if not indexing.is_up_to_date() or dict(indexing.get_engine().fingerprints()) != held:
        faults.append("The index does not hold what the database holds.")
    return now, faults


def find_locks() -> list[str]:
    """Return the locks that are not free though nobody is at work."""
    from django.conf import settings

    from search.criteria.facets import PARAMETERS
    from search.engines.whoosh.directory import IndexDirectory
    from search.engines.whoosh.schema import schema_id
    from search.text.analysis import ANALYSIS_VERSION

    directory = IndexDirectory(settings.INDEX_DIR, schema_id(PARAMETERS), ANALYSIS_VERSION)
    generation = directory.current()
    taken = {
        "write": directory.writing(generation),
        "merge": directory.merging(generation),
        "rebuild": directory.rebuilding(),
    }
    faults = []
    for name, lock in taken.items():
        with lock as is_mine:
            faults += [] if is_mine else [f"The lock {name} stays."]
    return faults


if __name__ == "__main__":
    sys.exit(main())
