"""The load on the real server, in a short form, and what is told of it."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import pytest

from benchmarks import report, results
from benchmarks.http_page import KINDS, PageAnswer, choose_paths, is_within_bounds, load_pages, summarise
from tests.bank_server import BankServer


def section(**changes: Any) -> dict[str, Any]:
    answers = [PageAnswer(kind, float(ms), 12_000) for ms, kind in enumerate(KINDS, start=10)]
    run = summarise(answers, seconds=2.0)
    return {
        "machine": results.describe_machine(),
        "studies": 10_000,
        "pages": len(answers),
        "readers": {"1": run, "8": run},
        "one_core": {
            **run,
            "cpu_ms_a_page": 9.0,
            "conditional_cpu_ms": 0.5,
            "is_conditional_noisy": False,
            "load": {"before": 0.1, "busy_cores": 1.2},
            **changes,
        },
        "bytes": {"median": 12_000, "largest": 30_000},
        "bounds": {"p50_ms": 40, "p95_ms": 100, "bytes": 30_000},
    }


class TestLoad:
    def test_asks_for_every_kind_as_often_and_gets_whole_pages(self, bank_server: BankServer):
        where = urlsplit(bank_server.url)
        answers, _seconds = load_pages(
            (str(where.hostname), int(where.port or 0)), readers=4, pages=len(choose_paths())
        )
        assert [answer.error for answer in answers if answer.error] == []
        assert set(Counter(answer.kind for answer in answers).values()) == {len(choose_paths()) // len(KINDS)}
        assert max(answer.sent_bytes for answer in answers) < 30_000

    def test_tells_an_answer_that_is_no_page(self, bank_server: BankServer, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("benchmarks.http_page.choose_paths", lambda: [("word", "/estudios/no-existe/")])
        where = urlsplit(bank_server.url)
        answers, _seconds = load_pages((str(where.hostname), int(where.port or 0)), readers=1, pages=1)
        assert [answer.error for answer in answers] == ["404 /estudios/no-existe/"]


class TestToldFigures:
    def test_percentiles_are_times_that_were_measured(self):
        run = summarise([PageAnswer("word", float(ms)) for ms in range(1, 101)], seconds=4.0)
        assert (run["p50_ms"], run["p95_ms"], run["p99_ms"], run["slowest_ms"]) == (51.0, 96.0, 100.0, 100.0)
        assert run["pages_a_second"] == 25.0

    @pytest.mark.parametrize(
        ("changes", "is_met"),
        [
            ({}, True),
            ({"p50_ms": 40.0}, False),
            ({"p95_ms": 100.0}, False),
            ({"errors": ["500 /"]}, False),
            ({"conditional_cpu_ms": 1.0}, False),
        ],
    )
    def test_a_run_meets_the_bounds_or_not(self, changes, is_met):
        assert is_within_bounds(section(**changes)) is is_met

    def test_stand_on_the_page_of_figures(self):
        page = report.SECTIONS["http_page"](section())
        assert "| one, on one core |" in page
        assert "answered with 304 takes 0.5 ms of the processor" in page
        assert "one, on one core: Load before: 0.1" in page
        assert "12.0 kB compressed" in page
