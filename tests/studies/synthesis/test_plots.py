import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.synthesis.axis import LEFT, RIGHT
from studies.synthesis.plots import REGRESSION_COEFFICIENT, Measure, build_plots
from tests.studies.records_factory import finding, fixture_json, fixture_studies

MEASURES = {
    term["code"]: Measure(term["code"], term["null"], term["scale"], term["kind"])
    for term in fixture_json("taxonomy")["measures"]
}
DRAWN = [code for code, measure in MEASURES.items() if measure.is_drawn and code != REGRESSION_COEFFICIENT]
NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(0.01, 100),
    st.sampled_from([0, -0.0, 5e-324, 1e-300, 1e-250, 1e250, 1e300, -1e300, 1, 1.0000000001]),
)


def drawn(*findings):
    return build_plots(findings, MEASURES)


def point(value, **changes):
    return finding(value=value, **{"ci_low": None, "ci_high": None, "ci_level": None, **changes})


@st.composite
def any_findings(draw):
    findings = []
    for _ in range(draw(st.integers(1, 6))):
        low, value, high = sorted(draw(st.tuples(NUMBERS, NUMBERS, NUMBERS)))
        interval = {"ci_low": low, "ci_high": high} if draw(st.booleans()) else {"ci_low": None, "ci_high": None}
        findings.append(finding(measure=draw(st.sampled_from(DRAWN)), value=value, **interval))
    return findings


class TestWhatIsDrawn:
    def test_findings_of_one_measure_share_an_axis(self):
        (ratios, points) = drawn(
            finding(), point(-3, measure="percentage points"), finding(outcome="ipv-sexual", value=0.8)
        )
        assert (ratios.measure, [row.index for row in ratios.rows]) == ("risk ratio", [0, 2])
        assert (points.measure, [row.index for row in points.rows]) == ("percentage points", [1])

    @pytest.mark.parametrize(
        "left_out",
        [
            point(None, measure=None),
            point(14.5, measure="prevalence"),
            point(0.8, measure="area under the curve"),
            point(0.5, measure="unheard-of"),
            point(0),
            point(-0.5),
        ],
    )
    def test_what_has_no_place_against_a_null_is_left_out(self, left_out):
        assert drawn(left_out) == ()
        assert [row.index for row in drawn(left_out, finding())[0].rows] == [1]

    def test_numbers_in_other_units_or_in_the_scale_of_another_outcome_do_not_share_an_axis(self):
        calls, points = (point(3, measure="mean difference", unit=unit) for unit in ("calls per day", "index points"))
        assert len(drawn(calls, points)) == 2
        differences = (point(3, measure="mean difference", outcome=code) for code in ("ipv-any", "education"))
        assert len(drawn(*differences)) == 2

    def test_regression_coefficients_are_not_drawn(self):
        assert drawn(point(3, measure="regression coefficient")) == ()

    def test_the_level_is_told_where_all_intervals_share_it(self):
        assert drawn(finding(), point(0.5))[0].level == 95
        assert drawn(finding(), finding(ci_level=90))[0].level is None
        # An interval of which the record says no level is one of 95 %.
        assert drawn(finding(), finding(ci_level=None))[0].level == 95
        assert drawn(finding(ci_level=None))[0].level == 95
        assert drawn(point(0.5))[0].level is None
        assert not drawn(point(0.5))[0].has_intervals


class TestAxes:
    def test_ratios_stand_on_a_log_scale(self):
        half, double = drawn(point(0.5), point(2))[0].rows
        null = drawn(point(0.5), point(2))[0].null_x
        assert null - half.x == pytest.approx(double.x - null, abs=0.2)

    def test_differences_stand_on_a_linear_scale(self):
        (plot,) = drawn(*(point(value, measure="percentage points") for value in (-10, -5, 5)))
        first, second, third = (row.x for row in plot.rows)
        assert plot.null_x - second == pytest.approx(second - first, abs=0.2)
        assert third > plot.null_x

    def test_the_ticks_of_a_ratio_are_round(self):
        (plot,) = drawn(point(0.2), point(1.9))
        assert [tick.value for tick in plot.ticks] == [0.2, 0.5, 1, 2]
        assert [tick.value for tick in plot.ticks if tick.is_null] == [1]

    def test_the_ticks_of_a_difference_are_written_as_people_write_them(self):
        (plot,) = drawn(point(0.31, measure="standard deviations"))
        assert [tick.value for tick in plot.ticks] == [0, 0.1, 0.2, 0.3]

    def test_an_interval_that_would_squash_the_rest_is_cut(self):
        wild = finding(value=0.7, ci_low=0.0001, ci_high=50_000)
        (plot,) = drawn(finding(), finding(), finding(), wild)
        assert (plot.rows[3].is_cut_low, plot.rows[3].is_cut_high) == (True, True)
        assert (plot.rows[3].low, plot.rows[3].high) == (LEFT, RIGHT)
        assert (plot.rows[0].is_cut_low, plot.rows[0].is_cut_high) == (False, False)

    def test_an_interval_that_reaches_zero_is_cut_on_a_log_scale(self):
        (plot,) = drawn(finding(ci_low=0))
        assert (plot.rows[0].low, plot.rows[0].is_cut_low) == (LEFT, True)

    def test_half_an_interval_is_none(self):
        (plot,) = drawn(finding(ci_high=None))
        assert (plot.rows[0].low, plot.rows[0].high) == (None, None)

    def test_rows_stand_where_the_design_has_them(self):
        (plot,) = drawn(*[finding()] * 4)
        assert [row.label_y for row in plot.rows] == [22, 76, 130, 184]
        assert [row.mark_y for row in plot.rows] == [39, 93, 147, 201]
        assert (plot.frame.axis_y, plot.frame.tick_label_y, plot.frame.height) == (224, 240, 268)


class TestAnyNumbers:
    @given(any_findings())
    def test_everything_stands_on_the_axis_in_its_order(self, findings):
        for plot in drawn(*findings):
            for row in plot.rows:
                places = [row.x] if row.low is None else [row.low, row.x, row.high]
                assert all(LEFT <= place <= RIGHT for place in places)
                assert places == sorted(places)
            by_value = sorted(plot.rows, key=lambda row: findings[row.index].value)
            assert [row.x for row in by_value] == sorted(row.x for row in plot.rows)

    @given(any_findings())
    def test_no_value_is_cut_and_the_null_parts_the_values(self, findings):
        for plot in drawn(*findings):
            null = MEASURES[plot.measure].null
            for row in plot.rows:
                value = findings[row.index].value
                assert row.x <= plot.null_x if value <= null else row.x >= plot.null_x

    @given(any_findings())
    def test_there_are_a_few_ticks_in_order_and_the_null_is_one_of_them(self, findings):
        for plot in drawn(*findings):
            assert [tick.is_null for tick in plot.ticks].count(True) == 1
            assert 2 <= len(plot.ticks) <= 8
            assert [tick.value for tick in plot.ticks] == sorted({tick.value for tick in plot.ticks})
            assert all(math.isfinite(tick.value) and LEFT <= tick.x <= RIGHT for tick in plot.ticks)

    def test_every_real_finding_with_a_comparison_is_drawn_whole(self):
        rows = [row for study in fixture_studies() for plot in drawn(*study.findings) for row in plot.rows]
        wanted = [
            finding
            for study in fixture_studies()
            for finding in study.findings
            if finding.measure in DRAWN and finding.value is not None
        ]
        assert len(rows) == len(wanted)
        assert not any(row.is_cut_low or row.is_cut_high for row in rows)
