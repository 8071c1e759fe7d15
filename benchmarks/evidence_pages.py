"""The pages of evidence at a size of the bank: processor time, queries and bytes of each.

    .venv/bin/python -m benchmarks.evidence_pages
    .venv/bin/python -m benchmarks.evidence_pages --studies 5000 --rounds 3

On a bank of `filling`, each page is asked for through middleware, view and templates:

- "warm": all that the process keeps of the evidence is there, and the page is made anew;
- "changed": as warm, but one study of the page's changed since;
- "cold": nothing is kept, as after a change of the vocabularies;
- "first": the first page of a process, which has done what a server does at its start.

"start" is what a process takes before that page. Times are medians in milliseconds of the processor; the load of the
machine is told before and after. Warm and changed must take at most 150 ms, cold and first at most a second. Prints one
line of JSON at the end, and ends with 1 if one of these fails. `--keep` writes the section "evidence_pages" of the
results; `--quick` measures 1,000 studies, few times.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import filling, results
from benchmarks.bank import ROOT
from evidencebank import collector

if TYPE_CHECKING:
    from django.test import Client

    from studies.models import Study

STUDIES, QUICK_STUDIES = 20_000, 1_000
PAGES = (
    "/",
    "/mapa/",
    "/temas/prevention/",
    "/intervenciones/",
    "/intervenciones/economic-plus/",
    "/evidencia/",
    "/evidencia/?theme=prevention",
    "/ficha/?theme=prevention",
    "/sitemap.xml",
    "/sitemap-studies.xml",
)
KINDS = ("warm", "changed", "cold", "first")
MOST_MS: Mapping[str, int] = {"warm": 150, "changed": 150, "cold": 1000, "first": 1000}
_ROUNDS, _QUICK_ROUNDS = 5, 1


@dataclass(frozen=True, slots=True)
class PageCost:
    """What one page cost: milliseconds of the processor, queries, and bytes before compression."""

    cpu_ms: float
    queries: int
    html_bytes: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=STUDIES)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--pages", nargs="*", default=PAGES, help="only these")
    parser.add_argument("--quick", action="store_true", help="1,000 studies, few rounds")
    parser.add_argument("--keep", action="store_true", help="write it into the results")
    parser.add_argument("--first", metavar="PAGE", help=argparse.SUPPRESS)
    given = parser.parse_args()
    studies = QUICK_STUDIES if given.quick else given.studies
    var = filling.prepare_bank(studies) if not given.first else Path(os.environ["VAR_DIR"])
    filling.start_django(var)
    collector.tune_garbage_collector()  # as in a server
    if given.first:
        print(json.dumps(measure_first(given.first)))
        return 0
    load_before = os.getloadavg()[0]
    pages = measure(given.pages, _QUICK_ROUNDS if given.quick else given.rounds)
    firsts = {path: _ask_new_process(var, path) for path in given.pages}
    for path, first in firsts.items():
        pages[path]["first"] = {"cpu_ms": round(first["cpu_ms"]), "queries": first["queries"]}
    section = {
        "machine": results.describe_machine(),
        "studies": studies,
        "rounds": given.rounds,
        "load": {"before": round(load_before, 1), "after": round(os.getloadavg()[0], 1)},
        "start_cpu_ms": round(statistics.median(first["start_cpu_ms"] for first in firsts.values())),
        "pages": pages,
        "bounds": dict(MOST_MS),
    }
    section |= {"is_within_bounds": not list_slow_pages(section)}
    print_section(section)
    if given.keep:
        results.save_section("evidence_pages", section)
    print(json.dumps(section, ensure_ascii=False))
    return 0 if section["is_within_bounds"] else 1


def measure(paths: Iterable[str], rounds: int) -> dict[str, dict[str, Any]]:
    """Measure pages on the bank of this process: warm, after a change of one study, and cold."""
    client = make_client()
    found: dict[str, dict[str, Any]] = {}
    for path in paths:
        costs: dict[str, list[PageCost]] = {"cold": [], "warm": [], "changed": []}
        get_page(client, path)
        for turn in range(rounds):
            forget_all()
            costs["cold"].append(get_page(client, path))
            costs["warm"] += [get_page(client, path) for _ in range(3)]
            change_study(turn)
            costs["changed"].append(get_page(client, path))
        found[path] = {kind: summarise(own) for kind, own in costs.items()}
        found[path]["html_bytes"] = max(each.html_bytes for own in costs.values() for each in own)
    return found


def measure_first(path: str) -> dict[str, float]:
    """Measure the first page of this process, and what a server does before it."""
    begun = time.process_time()
    start_server()
    start_cpu_ms = (time.process_time() - begun) * 1000
    return asdict(get_page(make_client(), path)) | {"start_cpu_ms": start_cpu_ms}


def make_client() -> Client:
    from django.test import Client

    return Client(headers={"host": "127.0.0.1"})


def get_page(client: Client, path: str) -> PageCost:
    """Ask for a page. Raises RuntimeError if the answer is none."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        begun = time.process_time()
        response = client.get(path)
        cpu_ms = (time.process_time() - begun) * 1000
    if response.status_code != 200 or not response.content.rstrip().endswith((b"</html>", b"set>", b"index>")):
        raise RuntimeError(f"{path} was answered with {response.status_code}, or not whole.")
    return PageCost(cpu_ms, len(queries), len(response.content))


def forget_all() -> None:
    """Forget what this process read and worked out of the evidence."""
    from studies.store import evidence_snapshot

    evidence_snapshot.forget()


def change_study(turn: int) -> None:
    """Make a change of one study that every measured page counts, each time another one."""
    from studies.store.changes import bank_change

    with bank_change(note="Cambio para medir.") as change:
        change.touch(_choose_study(turn))


def _choose_study(turn: int) -> Study:
    from studies.models import Study

    both = Study.objects.published().filter(terms__code="prevention").filter(terms__code="economic-plus")
    return both.distinct().order_by("pk")[turn % both.distinct().count()]


def start_server() -> None:
    """Do what a worker of the server does before it answers."""
    import evidencebank.wsgi  # noqa: F401


def summarise(costs: Iterable[PageCost]) -> dict[str, int]:
    """Return the median and the slowest of the times, and the most queries."""
    costs = list(costs)
    return {
        "cpu_ms": round(statistics.median(each.cpu_ms for each in costs)),
        "slowest_cpu_ms": round(max(each.cpu_ms for each in costs)),
        "queries": max(each.queries for each in costs),
    }


def list_slow_pages(section: Mapping[str, Any]) -> list[str]:
    """Return the pages that take longer than MOST_MS, with what they took."""
    return [
        f"{path}, {kind}: {page[kind]['cpu_ms']} ms"
        for path, page in section["pages"].items()
        for kind, most_ms in section["bounds"].items()
        if page[kind]["cpu_ms"] > most_ms
    ]


def print_section(section: Mapping[str, Any]) -> None:
    load = section["load"]
    print(f"Pages of evidence at {section['studies']:,} studies, in ms of the processor (queries)")
    print(f"Load before {load['before']}, after {load['after']}; start of a process {section['start_cpu_ms']} ms")
    print(f"{'':34}" + "".join(f"{kind:>14}" for kind in KINDS) + f"{'bytes':>10}")
    for path, page in section["pages"].items():
        told = "".join(f"{page[kind]['cpu_ms']:>8} ({page[kind]['queries']:>3})" for kind in KINDS)
        print(f"  {path:32}{told}{page['html_bytes']:>10,}")
    print("\n".join(list_slow_pages(section)) or "All within their bounds.")


def _ask_new_process(var: Path, path: str) -> dict[str, Any]:
    made = subprocess.run(
        [sys.executable, "-m", "benchmarks.evidence_pages", "--first", path],
        cwd=ROOT, env=filling.environment(var), check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    first: dict[str, Any] = json.loads(made.stdout)
    return first


if __name__ == "__main__":
    sys.exit(main())
