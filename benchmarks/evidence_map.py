"""The evidence map of all studies at 20,000: the whole page through middleware, view and templates, and its size.

    .venv/bin/python -m benchmarks.evidence_map

Asks for the map in both languages in one process, on a bank of `filling`, compressed as a browser asks: the first page
of the process; cold, with the evidence of the bank forgotten, as after a restart or a change of the vocabularies; and
warm. Cold and warm must take less than a second of processor time, and the HTML less than 150 kB before compression.
Prints one line of JSON at the end, and ends with 1 if one of these fails. Writes the section "evidence_map" of the
results with `--keep`; `--quick` measures 1,000 studies, few times.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks import filling, results
from evidencebank import collector

if TYPE_CHECKING:
    from django.test import Client

STUDIES, QUICK_STUDIES = 20_000, 1_000
PAGES = ("/mapa/", "/en/map/")
MOST_CPU_MS = 1000
MOST_BYTES = 150_000
_ROUNDS, _QUICK_ROUNDS = 7, 2


@dataclass(frozen=True, slots=True)
class MapAnswer:
    """A page: milliseconds that passed, those of the processor, bytes of the HTML, and bytes as they were sent."""

    ms: float
    cpu_ms: float
    html_bytes: int
    sent_bytes: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="1,000 studies, few rounds")
    parser.add_argument("--keep", action="store_true", help="write it into the results")
    given = parser.parse_args()
    studies = QUICK_STUDIES if given.quick else STUDIES
    filling.start_django(filling.prepare_bank(studies))
    collector.tune_garbage_collector()  # as in a server
    section = measure(studies, _QUICK_ROUNDS if given.quick else _ROUNDS)
    _print(section)
    if given.keep:
        results.save_section("evidence_map", section)
    print(json.dumps(section, ensure_ascii=False))
    return 0 if section["is_within_bounds"] else 1


def measure(studies: int, rounds: int) -> dict[str, Any]:
    """Measure the map on the bank of this process, which has asked for no page yet."""
    from django.test import Client

    from studies.store import evidence_snapshot

    client = Client(headers={"host": "127.0.0.1", "accept-encoding": "gzip"})
    first = get_page(client, PAGES[0])
    pages = {}
    for path in PAGES:
        cold, warm = [], []
        for _ in range(rounds):
            evidence_snapshot.forget()
            cold.append(get_page(client, path))
            warm += [get_page(client, path) for _ in range(3)]
        pages[path] = summarise(cold, warm)
    section = {
        "machine": results.describe_machine(),
        "studies": studies,
        "rounds": rounds,
        "first": {"ms": round(first.ms), "cpu_ms": round(first.cpu_ms)},
        "pages": pages,
        "cells": _count_cells(),
        "bounds": {"cpu_ms": MOST_CPU_MS, "bytes": MOST_BYTES},
    }
    return section | {"is_within_bounds": is_within_bounds(section)}


def get_page(client: Client, path: str) -> MapAnswer:
    """Ask for a page. Raises RuntimeError if the answer is none."""
    begun, cpu_begun = time.perf_counter(), time.process_time()
    response = client.get(path)
    ms, cpu_ms = (time.perf_counter() - begun) * 1000, (time.process_time() - cpu_begun) * 1000
    html = gzip.decompress(response.content)
    if response.status_code != 200 or not html.rstrip().endswith(b"</html>"):
        raise RuntimeError(f"{path} was answered with {response.status_code}, or not whole.")
    return MapAnswer(ms, cpu_ms, len(html), len(response.content))


def summarise(cold: Sequence[MapAnswer], warm: Sequence[MapAnswer]) -> dict[str, Any]:
    """Return the medians and the slowest of both, in milliseconds, and the largest page."""
    every = [*cold, *warm]
    return {
        "cold": _summarise_times(cold),
        "warm": _summarise_times(warm),
        "html_bytes": max(answer.html_bytes for answer in every),
        "sent_bytes": max(answer.sent_bytes for answer in every),
    }


def is_within_bounds(section: Mapping[str, Any]) -> bool:
    """Return True if both pages are light and fast enough, cold too."""
    return all(
        page["html_bytes"] < MOST_BYTES and max(page["cold"]["cpu_ms"], page["warm"]["cpu_ms"]) < MOST_CPU_MS
        for page in section["pages"].values()
    )


def _summarise_times(answers: Sequence[MapAnswer]) -> dict[str, int]:
    return {
        "cpu_ms": round(statistics.median(answer.cpu_ms for answer in answers)),
        "slowest_cpu_ms": round(max(answer.cpu_ms for answer in answers)),
        "ms": round(statistics.median(answer.ms for answer in answers)),
    }


def _count_cells() -> dict[str, int]:
    """Count the cells of the map, on which its size depends, and those in which anything stands."""
    from search.criteria.criteria import Criteria
    from search.services.evidence_scope import gather_evidence
    from search.web.map.axes import Axes, EvidenceMap

    shown = EvidenceMap(gather_evidence(Criteria()), Axes(), "es")
    return {"filled": len(shown.table.cells), "all": len(shown.row_entries) * len(shown.column_entries)}


def _print(section: Mapping[str, Any]) -> None:
    print(f"The map of all studies at {section['studies']:,}, in ms of the processor")
    print(f"  first page of the process: {section['first']['cpu_ms']}")
    for path, page in section["pages"].items():
        print(
            f"  {path:10} cold {page['cold']['cpu_ms']:5} warm {page['warm']['cpu_ms']:5}"
            f"   {page['html_bytes']:,} bytes, compressed {page['sent_bytes']:,}"
        )


if __name__ == "__main__":
    sys.exit(main())
