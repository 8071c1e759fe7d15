"""The measuring of the evidence map, in a short form, and what is told of it; milliseconds are for a quiet machine."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from benchmarks import report
from benchmarks.evidence_map import PAGES, MapAnswer, get_page, is_within_bounds, measure, summarise
from tests.studies.records_factory import fixture_lines

SLOW, FAST = MapAnswer(1500, 1000, 90_000, 11_000), MapAnswer(200, 150, 90_000, 11_000)
HEAVY = MapAnswer(200, 150, 150_000, 11_000)


def section(cold: MapAnswer = FAST, warm: MapAnswer = FAST) -> dict[str, Any]:
    return {"pages": {path: summarise([cold], [FAST, warm, warm]) for path in PAGES}}


@pytest.mark.django_db
@pytest.mark.usefixtures("memory_engine")
class TestMeasuring:
    def test_the_map_of_the_real_bank_is_whole_and_light(self):
        measured = measure(len(fixture_lines()), 1)
        for page in measured["pages"].values():
            assert page["cold"]["cpu_ms"] > 0 < page["warm"]["cpu_ms"]
            assert page["sent_bytes"] < page["html_bytes"] < 125_000
        assert 0 < measured["cells"]["filled"] < measured["cells"]["all"]
        assert "| /en/map/ |" in report.SECTIONS["evidence_map"](measured)

    def test_an_answer_that_is_no_page_is_none_to_measure(self):
        client = Client(headers={"accept-encoding": "gzip"})
        with pytest.raises(RuntimeError, match="404"):
            get_page(client, "/intervenciones/nada/")


class TestBounds:
    @pytest.mark.parametrize(
        ("measured", "is_met"),
        [
            (section(), True),
            (section(cold=SLOW), False),
            (section(warm=SLOW), False),
            (section(cold=HEAVY), False),
        ],
    )
    def test_hold_for_cold_and_warm_pages_and_for_their_size(self, measured: dict[str, Any], is_met: bool):
        assert is_within_bounds(measured) is is_met
