"""Ten thousand different queries on 10,000 studies: the memory of the process must not grow with their number.

    .venv/bin/python -m benchmarks.flat_memory

The private memory (RssAnon) is read every 500 queries, after 1,000 that fill the caches up to their bounds. Prints the
readings and one line of JSON; ends with 1 if the median of their second half is more than 4 MB above that of the first.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from benchmarks import filling

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria

STUDIES = 10_000
MOST_GROWTH_MB = 4.0
_WARM_UP = 1_000
_EVERY = 500


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=10_000, help="after the first thousand")
    parser.add_argument("--studies", type=int, default=STUDIES)
    given = parser.parse_args()
    filling.start_django(filling.prepare_bank(given.studies))
    from benchmarks.random_queries import RandomQueries, read_bank_words

    queries = iter(RandomQueries(read_bank_words(), seed=2026))
    read = []
    for mbytes in read_memory(islice(queries, _WARM_UP + given.queries), _WARM_UP, _EVERY):
        read.append(mbytes)
        print(f"{_WARM_UP + _EVERY * (len(read) - 1):8,} queries: {mbytes:7.1f} MB", flush=True)
    grown = memory_growth(read)
    print(
        json.dumps(
            {
                "studies": given.studies,
                "queries": given.queries,
                "private_mb": {"warm": round(read[0], 1), "end": round(read[-1], 1)},
                "growth_of_second_half_mb": round(grown, 1),
            }
        )
    )
    return 0 if grown <= MOST_GROWTH_MB else 1


def read_memory(queries: Iterable[Criteria], warm_up: int, every: int) -> Iterator[float]:
    """Yield the private memory in MB after `warm_up` queries, and then after `every` more."""
    from benchmarks.fuzz_queries import ask_query
    from benchmarks.measuring import read_private_mbytes

    for number, criteria in enumerate(queries, start=1):
        ask_query(criteria, "es" if number % 2 else "en")
        if number >= warm_up and (number - warm_up) % every == 0:
            gc.collect()
            yield read_private_mbytes()


def memory_growth(read: Sequence[float]) -> float:
    """Return by how many MB the median of the second half of the readings is above that of the first."""
    half = len(read) // 2
    return statistics.median(read[half:]) - statistics.median(read[:half])


if __name__ == "__main__":
    sys.exit(main())
