"""A thousand random queries on the real bank: the short form of benchmarks/fuzz_queries.py and flat_memory.py."""

from __future__ import annotations

from itertools import islice

import pytest

from benchmarks.flat_memory import memory_growth
from benchmarks.fuzz_queries import FuzzReport, fuzz, summarise
from benchmarks.random_queries import RandomQueries, read_bank_words
from search.criteria.criteria import Criteria

pytestmark = pytest.mark.django_db

QUERIES = 1_000


def queries(number: int, seed: int = 7) -> list[Criteria]:
    return list(islice(RandomQueries(read_bank_words(), seed), number))


class TestRandomQueries:
    def test_a_seed_gives_the_same_queries_again_and_another_seed_others(self):
        assert queries(50) == queries(50) != queries(50, seed=8)

    def test_they_hold_what_is_hard_to_read(self):
        typed = [criteria.q for criteria in queries(QUERIES)]
        assert max(map(len, typed)) > 300
        for sign in '"()*-:\x00\u202e暴א😀\u0301':
            assert any(sign in q for q in typed), sign
        assert any(criteria.chosen for criteria in queries(QUERIES))


class TestAThousandRandomQueries:
    def test_none_fails(self, whoosh_engine):
        report = fuzz(queries(QUERIES), one_page_in=20)
        assert report.faults == []
        assert summarise(report)["queries"] == QUERIES


class TestReport:
    def test_a_query_that_fails_is_a_fault_and_the_rest_is_asked(self, memory_engine, monkeypatch):
        def fail(criteria: Criteria, language: str) -> None:
            raise ZeroDivisionError(criteria.q)

        monkeypatch.setattr("benchmarks.fuzz_queries.ask_query", fail)
        report = fuzz([Criteria(q="uno"), Criteria(q="dos"), Criteria(q="tres")])
        assert len(report.faults) == 2  # the first goes through the view
        assert "ZeroDivisionError: dos" in report.faults[0]

    def test_the_slowest_are_kept(self):
        report = FuzzReport()
        for ms in (3.0, 700.0, 1.0):
            report.add(Criteria(q=str(ms)), ms)
        assert summarise(report) == {
            "queries": 3,
            "faults": 0,
            "slower_than_half_a_second": 1,
            "p50_ms": 3.0,
            "p99_ms": 700.0,
            "slowest_ms": 700.0,
        }


class TestGrowth:
    def test_is_what_the_second_half_of_the_readings_is_above_the_first(self):
        assert memory_growth([100.0, 101.0, 100.0, 107.0, 107.0, 106.0]) == 7.0
