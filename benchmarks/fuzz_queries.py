"""A hundred thousand random queries on 10,000 studies: none may fail, and none may take longer than half a second.

    .venv/bin/python -m benchmarks.fuzz_queries --queries 100000

Each is asked of `services.find` and made into the page's model; one in twenty goes through the real view. Counted is
processor time, which does not grow while other programs have the machine. Prints what failed, the slowest queries, and
one line of JSON; ends with 1 on a fault.
"""

from __future__ import annotations

import argparse
import heapq
import json
import sys
import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from benchmarks import filling
from evidencebank import collector

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria

STUDIES = 10_000
LONGEST_MS = 500
_SHOWN = 10
_VIEWED = 20
"""One page in so many is made by the view."""


@dataclass(slots=True)
class FuzzReport:
    """What came of the queries. `faults` are exceptions and other answers than pages; times are of the processor."""

    queries: int = 0
    faults: list[str] = field(default_factory=list)
    slower_than_bound: int = 0
    slowest: list[tuple[float, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def add(self, criteria: Criteria, ms: float) -> None:
        """Note what a query took."""
        self.queries += 1
        self.times.append(ms)
        self.slower_than_bound += ms > LONGEST_MS
        (heapq.heappush if len(self.slowest) < _SHOWN else heapq.heappushpop)(
            self.slowest, (round(ms, 1), criteria.query_string)
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=100_000)
    parser.add_argument("--studies", type=int, default=STUDIES)
    parser.add_argument("--seed", type=int, default=2026)
    given = parser.parse_args()
    filling.start_django(filling.prepare_bank(given.studies))
    from benchmarks.random_queries import RandomQueries, read_bank_words
    from search.criteria.criteria import Criteria

    collector.tune_garbage_collector()  # as in a server
    # A process opens the index and reads thesaurus and templates once: that is no query's time.
    for q in ("", "violencia"):
        ask_query(Criteria(q=q), "es")
    report = fuzz(islice(RandomQueries(read_bank_words(), given.seed), given.queries))
    for fault in report.faults[:_SHOWN]:
        print(fault)
    for ms, query in sorted(report.slowest, reverse=True):
        print(f"{ms:8} ms  {query}")
    print(json.dumps({"studies": given.studies, "seed": given.seed} | summarise(report)))
    return 1 if report.faults or report.slower_than_bound else 0


def summarise(report: FuzzReport) -> dict[str, Any]:
    """Return the report as numbers."""
    ordered = sorted(report.times)
    shares = {"p50_ms": 0.5, "p99_ms": 0.99, "slowest_ms": 1.0}
    return {
        "queries": report.queries,
        "faults": len(report.faults),
        "slower_than_half_a_second": report.slower_than_bound,
        **{name: round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) for name, share in shares.items()},
    }


def fuzz(queries: Iterable[Criteria], *, one_page_in: int = 1) -> FuzzReport:
    """Ask each query, in Spanish and English by turns; of one in so many the page is made, the others are counted."""
    from django.test import Client

    from search.services import public_search

    client, report = Client(), FuzzReport()
    for number, criteria in enumerate(queries):
        begun = time.process_time()
        try:
            if number % one_page_in:
                public_search.count(criteria)
            elif number // one_page_in % _VIEWED == 0:
                path = "/estudios/" if number % 2 else "/en/studies/"
                status = client.get(f"{path}?{criteria.query_string}", headers={"host": "localhost"}).status_code
                if status != 200:
                    report.faults.append(f"status {status}: {criteria.query_string}")
            else:
                ask_query(criteria, "es" if number % 2 else "en")
        except Exception:  # whatever it is, it is what this looks for
            report.faults.append(f"{criteria.query_string}\n{traceback.format_exc()}")
        report.add(criteria, (time.process_time() - begun) * 1000)
    return report


def ask_query(criteria: Criteria, language: str) -> None:
    """Find, and make the page's model: all that a request does but reading its address and printing the page."""
    from django.utils import translation

    from search.services import public_search
    from search.web.results.page import result_page
    from studies.store import bank_state

    with bank_state.cached_counter(), translation.override(language):
        found = public_search.search(criteria)
        result_page(
            found,
            errors={},
            typed={"year_from": "", "year_to": ""},
            expanded=frozenset(),
            language=language,
            is_staff=False,
            notices=(),
        )


if __name__ == "__main__":
    sys.exit(main())
