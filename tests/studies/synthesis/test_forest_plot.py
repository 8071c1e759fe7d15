"""The geometry of a forest: squares by precision, arrows where the axis cuts, a mean with its interval."""

import pytest

from studies.synthesis.forest import build_forests
from studies.synthesis.forest_plot import LARGEST_SIDE_PX, SMALLEST_SIDE_PX, place_forest
from tests.studies.evidence_factory import MEASURES, OUTCOMES, evidence_of, study
from tests.studies.records_factory import finding


def points(value, half, **changes):
    """Build a finding in percentage points with an interval of `half` points on both sides, None for no interval."""
    low, high = (None, None) if half is None else (value - half, value + half)
    numbers = {"measure": "percentage points", "value": value, "ci_low": low, "ci_high": high}
    return finding(**{"comparator": "nothing", **numbers, **changes})


def rows_of(*findings):
    return [row for each in plot_of(*findings).sets for row in each.rows]


def plot_of(*findings):
    studies = [study(f"e{at:03}", findings=(each,)) for at, each in enumerate(findings)]
    (forest,) = build_forests(studies, evidence_of(studies), MEASURES, OUTCOMES)
    return place_forest(forest)


class TestASquare:
    def test_has_the_area_of_its_precision(self):
        precise, rough = rows_of(points(-4.0, 1.0), points(-3.0, 2.0))
        # Half the standard error is four times the precision, one over its square.
        assert precise.side**2 / rough.side**2 == pytest.approx(4.0)
        assert precise.side == LARGEST_SIDE_PX

    def test_is_never_too_small_to_be_seen(self):
        _, rough = rows_of(points(-4.0, 0.1), points(-3.0, 40.0))
        assert rough.side == SMALLEST_SIDE_PX == 4.5

    def test_is_the_smallest_where_nobody_knows_the_precision(self):
        _, mute = rows_of(points(-4.0, 1.0), points(-3.0, None))
        assert (mute.side, mute.span) == (SMALLEST_SIDE_PX, None)


class TestAnInterval:
    def test_is_cut_at_both_ends_where_the_axis_ends_before(self):
        row = rows_of(*(points(-2.0, 0.5) for _ in range(4)), points(-1.0, 900.0))[-1]
        assert (row.span.is_cut_low, row.span.is_cut_high) == (True, True)
        assert 0 < row.span.low < row.x < row.span.high < 100

    def test_is_whole_within_the_axis(self):
        for row in rows_of(points(-2.0, 0.5), points(-1.0, 3.0)):
            assert not row.span.is_cut_low
            assert not row.span.is_cut_high


class TestAMean:
    def test_stands_on_the_line_of_its_interval_below_its_estimates(self):
        plot = plot_of(*(points(value, 1.5) for value in (-2.0, -3.0, -2.5)))
        (each,) = plot.sets
        assert each.mean is not None
        assert each.mean.span.low < each.mean.x < each.mean.span.high
        assert each.mean.mark_y > max(row.mark_y for row in each.rows)


class TestRegressionCoefficients:
    def test_never_share_an_axis(self):
        studies = [
            study(f"e{at}", findings=(points(value, 1.0, measure="regression coefficient"),))
            for at, value in enumerate((-2.0, -300.0))
        ]
        forests = build_forests(studies, evidence_of(studies), MEASURES, OUTCOMES)
        assert [len(forest.rows) for forest in forests] == [1, 1]
