"""Processes on one or two hosts that write and search at once: is anything lost, refused, or found too late?

    .venv/bin/python -m benchmarks.followers                              # four processes for a minute, on SQLite
    .venv/bin/python -m benchmarks.followers --hosts 2 --away 1000 --server postgres://postgres@127.0.0.1:5432

Each process does as a server does: it gives a study a word of its own, and searches for the newest word that another
process gave one. A host is a folder for the index; all share one database (`benchmarks/throwaway.py`). With `--away`,
the last host then sleeps through so many changes, and is asked again.

Prints one line of JSON, and ends with 1 if a process failed, a change was lost or found later than `--late` seconds, a
host does not come to hold what the database holds, or two hosts list it in another order.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import throwaway

SEARCHES = ("violencia", "mujeres rurales", '"medidas de protección"', "police", "xilófonos", "")

# Not fork: a child would share the parent's connections and open index.
_processes = multiprocessing.get_context("spawn")


@dataclass
class WorkReport:
    """What one process did. Times in milliseconds; `behind_ms`: how old the changes were that a search did not find."""

    saves: int = 0
    searches: int = 0
    save_ms: list[float] = field(default_factory=list)
    search_ms: list[float] = field(default_factory=list)
    behind_ms: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--hosts", type=int, default=1)
    parser.add_argument("--away", type=int, default=0, help="changes that the last host sleeps through")
    parser.add_argument("--late", type=float, default=2, help="seconds after which every host must have a change")
    parser.add_argument("--server", default="", help="postgres://user:password@host:port")
    parser.add_argument("--bank", type=Path, help="a VAR_DIR to copy")
    given = parser.parse_args()
    with throwaway.throwaway_bank(given.server, given.bank) as var, ExitStack() as stack:
        hosts = [Host(var / f"index-{number}", stack) for number in range(given.hosts)]
        for other in hosts[1:]:
            shutil.copytree(hosts[0].index, other.index)
        report, faults = measure(hosts, given.processes, given.seconds, given.late)
        if given.away:
            report["away"] = hosts[0].ask(change_many, given.away) | hosts[-1].ask(come_back)
            faults += find_differences(hosts, catches_up=False)
        print(json.dumps({"database": "postgresql" if given.server else "sqlite", **report, "faults": faults}))
    return 1 if faults else 0


class Host:
    """A folder for an index, and a worker of a server there that does what it is asked."""

    def __init__(self, index: Path, stack: ExitStack) -> None:
        self.index = index
        self._worker = stack.enter_context(_processes.Pool(1, initializer=serve, initargs=(index,)))

    def ask(self, do: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
        """Return what `do` returns there."""
        return self._worker.apply(do, given)


def measure(hosts: list[Host], processes: int, seconds: float, late_s: float) -> tuple[dict[str, Any], list[str]]:
    """Let the processes work, then compare every host with the database. Return what was measured, and all faults."""
    before = hosts[0].ask(read_counts)
    said = hosts[0].index.parent / "said.txt"
    said.touch()
    places = [(hosts[number % len(hosts)].index, number, seconds, said) for number in range(processes)]
    with _processes.Pool(processes) as pool:
        done = pool.starmap(work, places)
    after = hosts[0].ask(read_counts)
    behind = [each for one in done for each in one.behind_ms]
    report: dict[str, Any] = {
        "hosts": len(hosts),
        "processes": [{"saves": one.saves, "searches": one.searches} for one in done],
        "saves": sum(one.saves for one in done),
        "changes": after["change"] - before["change"],
        "revisions": after["revisions"] - before["revisions"],
        "save_ms": _summarise([each for one in done for each in one.save_ms]),
        "search_ms": _summarise([each for one in done for each in one.search_ms]),
        "not_yet_found": len(behind),
        "oldest_not_found_ms": round(max(behind, default=0)),
    }
    faults = [failure for one in done for failure in one.failures]
    if not all(one.saves and one.searches for one in done):
        faults.append("A process did nothing.")
    if not report["saves"] == report["changes"] == report["revisions"]:
        faults.append("A save is no change, or no revision.")
    if report["oldest_not_found_ms"] > 1000 * late_s:
        faults.append(f"A change was not found {report['oldest_not_found_ms']} ms after it was made.")
    return report, faults + find_differences(hosts, catches_up=True)


def find_differences(hosts: list[Host], *, catches_up: bool) -> list[str]:
    """Return in what hosts differ from the database or from one another, first letting them catch up or not."""
    states = {host.index.name: host.ask(read_state, catches_up) for host in hosts}
    faults = [f"{name} is not where the database is." for name, state in states.items() if not state["is_in_step"]]
    faults += [f"{name} holds other records." for name, state in states.items() if not state["is_equal"]]
    lists = [state["lists"] for state in states.values()]
    if any(each != lists[0] for each in lists):
        faults.append("Two hosts list the same search in another way.")
    return faults


def work(host: Path, number: int, seconds: float, said: Path) -> WorkReport:
    """Save and search, again and again. Half of the saves meet on a few studies."""
    serve(host)
    from search.criteria.criteria import Criteria
    from search.services import public_search
    from studies.models import Study

    chance, done, until = random.Random(number), WorkReport(), time.monotonic() + seconds
    slugs = throwaway.list_published_slugs()
    while time.monotonic() < until:
        slug, word = chance.choice(slugs[:4] if chance.random() < 0.5 else slugs), f"w{number}x{done.saves}k"
        try:
            with _record_time(done.save_ms):
                throwaway.give_word(slug, word)
            done.saves += 1
            with said.open("a") as file:
                file.write(f"{number} {time.time()} {slug} {word}\n")
            newest = _newest_of_others(said, number)
            asked_at = time.time()
            with _record_time(done.search_ms):
                found = public_search.search(Criteria(q=newest[2] if newest else chance.choice(SEARCHES), page_size=20))
            done.searches += 1
            if newest and _is_missed(newest[1], newest[2], found.studies):
                done.behind_ms.append((asked_at - newest[0]) * 1000)
            Study.objects.for_detail().get(slug=chance.choice(slugs))
        except Exception as error:  # whatever it is, it is what this looks for
            done.failures.append(f"{type(error).__name__}: {error}")
    return done


def serve(host: Path) -> None:
    """Make this process a worker of a server on `host`."""
    os.environ["INDEX_DIR"] = str(host)
    throwaway.start_django()
    from search.index import sync

    sync.leave_long_work_to_background()


def read_counts() -> dict[str, int]:
    """Return the change number and the number of revisions."""
    from search.index import indexing
    from studies.models import Revision

    return {"change": indexing.read_wanted_position().change_no, "revisions": Revision.objects.count()}


def read_state(catches_up: bool) -> dict[str, Any]:
    """Return whether this host holds what the database holds, and how it lists some searches."""
    from search.criteria.criteria import Criteria
    from search.index import indexing
    from search.services import public_search

    if catches_up:
        indexing.rebuild_if_needed()
    return {
        "is_in_step": indexing.is_up_to_date(),
        "is_equal": dict(indexing.get_engine().fingerprints()) == throwaway.read_fingerprints(),
        "lists": [[record.id for record in public_search.iterate(Criteria(q=q))] for q in SEARCHES],
    }


def change_many(changes: int) -> dict[str, Any]:
    """Change one study after another, so many times."""
    slugs = throwaway.list_published_slugs()
    for number in range(changes):
        throwaway.give_word(slugs[number % len(slugs)], f"away{number}k")
    return {"changes": changes}


def come_back() -> dict[str, Any]:
    """Search on a host that was away: how long its first reader waited, and when it held everything."""
    from search.criteria.criteria import Criteria
    from search.index import indexing
    from search.services import public_search

    begun = time.monotonic()
    found = public_search.search(Criteria(q="violencia", page_size=20))
    first_answer_ms = (time.monotonic() - begun) * 1000
    while not indexing.is_up_to_date() and time.monotonic() - begun < 120:
        time.sleep(0.1)
    in_step_s = time.monotonic() - begun
    return {"first_answer_ms": round(first_answer_ms), "found": found.total, "in_step_after_s": round(in_step_s, 1)}


def _is_missed(slug: str, word: str, studies: list[Any]) -> bool:
    """Return True if `word` did not find a study and should: not where the study has got another word meanwhile."""
    from studies.models import Study

    is_found = slug in [study.slug for study in studies]
    return not is_found and Study.objects.filter(slug=slug, publisher=word).exists()


def _newest_of_others(said: Path, number: int) -> tuple[float, str, str] | None:
    with said.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 4000))
        lines = file.read().decode().split("\n")
    for line in reversed(lines[1:-1]):
        by, at, slug, word = line.split(" ")
        if int(by) != number:
            return float(at), slug, word
    return None


@contextmanager
def _record_time(times_ms: list[float]) -> Iterator[None]:
    begun = time.monotonic()
    yield
    times_ms.append((time.monotonic() - begun) * 1000)


def _summarise(times_ms: list[float]) -> dict[str, int]:
    if not times_ms:
        return {}
    ordered = sorted(times_ms)
    p95 = ordered[int(len(ordered) * 0.95)]
    return {"median": round(ordered[len(ordered) // 2]), "p95": round(p95), "slowest": round(ordered[-1])}


if __name__ == "__main__":
    sys.exit(main())
