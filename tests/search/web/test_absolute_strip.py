"""The strip of an absolute effect: lengths that are the numbers, and nothing that the words beside it don't say."""

from __future__ import annotations

from search.web.evidence.absolute_strip import absolute_strip, draw_strip
from studies.records.finding import ArmRecord
from studies.synthesis.absolute_effect import AbsoluteEffect
from tests.search.web.answer_cases import bare, only_row, record, told

ARMS = (ArmRecord("comparison", percent=20.0),)


def width(percent: str) -> float:
    return float(percent.rstrip("%"))


class TestTheStrip:
    def test_has_bars_as_long_as_its_numbers(self):
        strip = draw_strip(AbsoluteEffect(200, 100, 50, 180), "es")
        assert strip is not None
        assert (strip.without.number, strip.with_programme.number) == ("200", "100")
        assert width(strip.without.percent) == 2 * width(strip.with_programme.percent)
        assert width(strip.low) < width(strip.with_programme.percent) < width(strip.high)

    def test_keeps_the_end_of_the_interval_and_the_numbers_inside(self):
        strip = draw_strip(AbsoluteEffect(100, 90, 10, 1000), "es")
        assert strip is not None
        assert all(width(each) < 85 for each in (strip.high, strip.without.text_at, strip.with_programme.text_at))

    def test_has_no_line_without_an_interval(self):
        strip = draw_strip(AbsoluteEffect(200, 100), "es")
        assert strip is not None
        assert (strip.low, strip.high) == ("", "")

    def test_of_nobody_is_none(self):
        assert draw_strip(AbsoluteEffect(0, 0), "es") is None

    def test_is_of_one_estimate_only(self):
        one = told(measure="risk ratio", value=0.5, ci_low=0.3, ci_high=0.8, arms=ARMS)
        assert absolute_strip(only_row(record("a", one)), "es") is not None
        assert absolute_strip(only_row(record("a", one), record("b", one)), "es") is None
        assert absolute_strip(only_row(record("a", bare())), "es") is None
