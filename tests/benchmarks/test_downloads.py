"""What benchmarks/downloads.py tells of a run: bounds that were not kept, and the page of figures."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import downloads, report, results
from benchmarks.public_load import Seen


def figures(ms: float, **statuses: int) -> dict[str, Any]:
    seen = Seen()
    seen.ms = [ms] * 20
    seen.statuses.update(statuses or {"200": 20})
    return downloads.summarise(seen)


def section(
    *, health: float = 5, search: float = 30, page: float = 90, kept: float = 20, **refused: int
) -> dict[str, Any]:
    load = {"before": 0.1, "busy_cores": 1.2}
    made = {
        "machine": results.describe_machine(),
        "studies": 20_000,
        "eight": {
            "load": {"idle": load, "beside downloads": load},
            "search_ms": {"idle": figures(20), "beside downloads": figures(search)},
            "healthz_ms": figures(health),
            "downloads": figures(4000),
            "one_address": figures(50, **(refused or {"200": 60, "429": 40})),
            "wrong": [],
            "memory_mb": {"before": 300.0, "most": 380.0, "after": 300.0 + kept},
        },
        "work": {"load": load, "pages_ms": figures(page), "downloads": figures(9), "edits_ms": figures(9), "wrong": []},
    }
    return made | {"faults": downloads.find_faults(made)}


class TestBounds:
    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({}, ""),
            ({"health": 101}, "/healthz took 101"),
            ({"search": 41}, "2.0 times as long"),
            ({"page": 501}, "95 of 100 pages took up to 501"),
            ({"kept": 121}, "kept 121 MB"),
        ],
    )
    def test_that_are_not_kept_are_told(self, changes: dict[str, Any], told: str):
        faults = section(**changes)["faults"]
        assert told in " ".join(faults)
        assert bool(faults) is bool(told)

    def test_an_address_that_nobody_refuses_is_a_fault(self):
        assert section(**{"200": 100})["faults"] == ["nobody refused an address that asked without end"]


class TestPage:
    def test_tells_times_load_and_memory(self):
        page = report.SECTIONS["downloads"](section())
        assert "| /healthz beside eight downloads | 5 | 5 | 5 | 5 |" in page
        assert "Load before: 0.1" in page
        assert "320 afterwards. Bounds that were not kept: none." in page
