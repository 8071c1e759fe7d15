"""The load beside a measurement, and figures that agree or do not."""

from __future__ import annotations

from benchmarks.load import describe_load, halves_agree, repeat_until_steady, watch_load


class TestLoad:
    def test_tells_what_was_before_and_during(self):
        with watch_load() as load:
            sum(range(10_000))
        assert set(load) == {"before", "busy_cores"}
        assert "Load before: 1.5; during: 0.5 of" in describe_load({"before": 1.5, "busy_cores": 0.5})


class TestHalves:
    def test_agree_within_a_tenth(self):
        assert halves_agree([10, 10, 11, 11])
        assert not halves_agree([10, 10, 11.2, 11.2])

    def test_one_outlier_does_not_count(self):
        assert halves_agree([10, 10, 10, 10, 90, 10])

    def test_of_one_figure_there_are_none(self):
        assert not halves_agree([10])


class TestRepeating:
    def test_ends_as_soon_as_halves_agree(self):
        figures = iter([20.0, *[10.0] * 8])
        assert repeat_until_steady(lambda: next(figures), least=2, most=9) == [20.0, *[10.0] * 5]

    def test_ends_without_agreement(self):
        figures = iter([1.0, 2.0, 4.0, 8.0, 16.0])
        assert repeat_until_steady(lambda: next(figures), least=2, most=4) == [1.0, 2.0, 4.0, 8.0]
