"""What to show for concepts of which the bank has no study: `nearest.tsv`, as whoever wrote the thesaurus judged it.

A slug that the bank of today does not have is passed over, so that terms may be merged and programmes withdrawn.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from search.pages.page_index import Nearest

FILE = Path(__file__).with_name("nearest.tsv")


@cache
def read_nearest() -> dict[str, Nearest]:
    """Return what is nearest to each concept, by slug."""
    lines = (line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {
        row["concept"]: Nearest(_split(row["programme_page"]), _split(row["nearest_concept"]))
        for row in csv.DictReader(lines, delimiter="\t")
    }


def _split(listed: str) -> tuple[str, ...]:
    return tuple(filter(None, (each.strip() for each in listed.split(","))))
