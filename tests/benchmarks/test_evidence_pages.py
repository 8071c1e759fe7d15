"""The measuring of pages of evidence, in a short form, and that no page asks more queries of a larger bank."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.evidence_pages import KINDS, MOST_MS, PAGES, get_page, list_slow_pages, make_client, measure
from tests.factories import make_study, publish

FAST = {kind: {"cpu_ms": 100, "queries": 5} for kind in KINDS}


def section(**slow: int) -> dict[str, Any]:
    page = FAST | {kind: {"cpu_ms": cpu_ms, "queries": 5} for kind, cpu_ms in slow.items()}
    return {"pages": {"/": FAST, "/mapa/": page}, "bounds": dict(MOST_MS)}


@pytest.mark.django_db
@pytest.mark.usefixtures("memory_engine")
class TestMeasuring:
    def test_tells_times_queries_and_bytes_of_a_page_of_the_real_bank(self):
        page = measure(["/mapa/"], 1)["/mapa/"]
        assert page["cold"]["cpu_ms"] > 0 < page["warm"]["cpu_ms"]
        assert min(page["cold"]["queries"], page["changed"]["queries"]) > page["warm"]["queries"]
        assert page["html_bytes"] > 10_000

    def test_an_answer_that_is_no_page_is_none_to_measure(self):
        with pytest.raises(RuntimeError, match="404"):
            get_page(make_client(), "/intervenciones/nada/")


@pytest.mark.django_db
@pytest.mark.usefixtures("memory_engine")
class TestQueries:
    def test_of_a_page_are_as_many_for_a_larger_bank(self):
        client = make_client()
        for path in PAGES:
            get_page(client, path)
        before = {path: get_page(client, path).queries for path in PAGES}
        for _ in range(20):
            publish(make_study())
        for path in PAGES:
            get_page(client, path)
        assert {path: get_page(client, path).queries for path in PAGES} == before
        assert max(before.values()) <= 21


@pytest.mark.parametrize(("slow", "told"), [({}, []), ({"warm": 151}, ["/mapa/, warm: 151 ms"]), ({"first": 900}, [])])
def test_a_page_beyond_its_bound_is_named(slow: dict[str, int], told: list[str]):
    assert list_slow_pages(section(**slow)) == told
