"""Standard errors, quantiles and pooling.

The values of `tests/data/pooling.json` are those of SciPy and statsmodels; `python -m benchmarks.pooling_oracle
--write` made them, in an environment with benchmarks/oracle-requirements.in.
"""

import json
import math
from pathlib import Path
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.pooling_oracle import largest_difference, results_of
from studies.synthesis.distributions import chi_square_cdf, chi_square_quantile, normal_quantile, t_cdf, t_quantile
from studies.synthesis.estimates import (
    MAX_ROUNDING_FACTOR,
    ErrorSource,
    Estimate,
    UnusableReason,
    read_estimate,
)
from studies.synthesis.pooling import MIN_FOR_PREDICTION, PoolingRefused, pool
from tests.studies.evidence_factory import MEASURES
from tests.studies.records_factory import finding

EXAMPLES = json.loads((Path(__file__).parents[2] / "data" / "pooling.json").read_text(encoding="utf-8"))


def read(measure="odds ratio", **changes):
    return read_estimate(finding(measure=measure, **changes), MEASURES[measure])


def estimates(example):
    return [Estimate(*each) for each in zip(example["x"], example["se"], strict=True)]


class TestStandardErrors:
    def test_of_a_ratio_come_from_its_interval_on_the_log_scale(self):
        found = read(value=0.5, ci_low=0.25, ci_high=1)
        assert found.x == pytest.approx(math.log(0.5))
        assert found.se == pytest.approx(math.log(4) / (2 * 1.959964), rel=1e-6)

    def test_of_a_difference_come_from_its_interval_as_it_is(self):
        assert read("percentage points", value=-3, ci_low=-5, ci_high=-1).se == pytest.approx(2 / 1.959964, rel=1e-6)

    def test_heed_the_level_of_the_interval(self):
        narrow = read("percentage points", value=-3, ci_low=-5, ci_high=-1, ci_level=90)
        assert narrow.se == pytest.approx(2 / 1.644854, rel=1e-6)
        without = read("percentage points", value=-3, ci_low=-5, ci_high=-1, ci_level=None)
        assert without == read("percentage points", value=-3, ci_low=-5, ci_high=-1)

    def test_are_those_that_the_source_states_where_there_is_no_interval(self):
        found = read(value=0.5, ci_low=None, ci_high=None, se=0.2, p=0.03)
        assert (found.x, found.se, found.source) == (math.log(0.5), 0.2, ErrorSource.STATED)
        assert read(value=0.5, ci_low=0.25, ci_high=1, se=0.2).source == ErrorSource.INTERVAL

    def test_come_from_p_where_there_is_neither_interval_nor_error(self):
        found = read(value=0.52, ci_low=None, ci_high=None, p=0.051)
        assert found.se == pytest.approx(-math.log(0.52) / -normal_quantile(0.051 / 2), rel=1e-12)
        assert found.source == ErrorSource.P

    @pytest.mark.parametrize(
        ("value", "p"),
        [
            (0.99, 0.9),  # the value may have been 0.985 or 0.995, p 0.85 or 0.95: a factor of 9
            (0.98, 0.8),
            (0.97, 0.6),
            (0.5, 0.05),  # 0.45 to 0.55, and 0.045 to 0.055
            (0.51, 0.9),
            (1.0, 0.5),  # no distance at all
            (0.4, 0.9999),
        ],
    )
    def test_are_not_read_from_a_p_that_is_too_rough(self, value, p):
        assert read(value=value, ci_low=None, ci_high=None, p=p) == UnusableReason.ROUGH_P

    @pytest.mark.parametrize("bound", [0.05, 0.001])
    def test_never_come_from_a_bound_of_p(self, bound):
        assert read(value=0.52, ci_low=None, ci_high=None, p_below=bound) == UnusableReason.NO_PRECISION

    @given(st.floats(-2, 2), st.floats(0.02, 1), st.integers(1, 4), st.integers(1, 4), st.booleans())
    def test_from_p_are_as_near_to_the_true_one_as_promised(self, x, se, decimals, decimals_of_p, is_ratio):
        value = round(math.exp(x) if is_ratio else x, decimals)
        p = round(2 * (1 - NormalDist().cdf(abs(x) / se)), decimals_of_p)
        measure = "odds ratio" if is_ratio else "standard deviations"
        found = read(measure, value=value, ci_low=None, ci_high=None, p=p)
        if isinstance(found, Estimate):
            assert 1 / MAX_ROUNDING_FACTOR <= found.se / se <= MAX_ROUNDING_FACTOR

    @given(st.floats(-3, 3), st.floats(0.01, 2), st.sampled_from([80, 90, 95, 99]), st.booleans())
    def test_an_interval_gives_back_the_error_that_made_it(self, x, se, level, is_ratio):
        reach = normal_quantile(0.5 + level / 200) * se
        ends = (x, x - reach, x + reach)
        value, low, high = (math.exp(end) for end in ends) if is_ratio else ends
        measure = "risk ratio" if is_ratio else "standard deviations"
        found = read(measure, value=value, ci_low=low, ci_high=high, ci_level=level)
        assert (found.x, found.se) == pytest.approx((x, se), abs=1e-9)

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"value": None}, UnusableReason.NO_VALUE),
            ({"ci_low": None, "ci_high": None}, UnusableReason.NO_PRECISION),
            ({"ci_high": None}, UnusableReason.NO_PRECISION),
            ({"value": 0}, UnusableReason.NOT_POSITIVE),
            ({"value": -0.5}, UnusableReason.NOT_POSITIVE),
            ({"ci_low": 0}, UnusableReason.NOT_POSITIVE),
            ({"ci_low": -0.1}, UnusableReason.NOT_POSITIVE),
            ({"value": 1.2}, UnusableReason.WRONG_SIDE),
            ({"ci_low": 0.9, "ci_high": 0.5}, UnusableReason.WRONG_SIDE),
            ({"value": 0.5, "ci_low": 0.5, "ci_high": 0.5}, UnusableReason.NO_WIDTH),
            ({"value": 0.55, "ci_low": 0.1, "ci_high": 0.9}, UnusableReason.LOPSIDED),
            ({"ci_level": 100}, UnusableReason.BAD_LEVEL),
            ({"ci_level": 0}, UnusableReason.BAD_LEVEL),
            ({"value": 1e-200, "ci_low": 1e-201, "ci_high": 1e300}, UnusableReason.LOPSIDED),
            ({"ci_low": None, "ci_high": None, "p": 0}, UnusableReason.ROUGH_P),
            ({"ci_low": None, "ci_high": None, "p": 1}, UnusableReason.ROUGH_P),
            ({"ci_low": None, "ci_high": None, "se": 0}, UnusableReason.BAD_ERROR),
            ({"ci_low": None, "ci_high": None, "se": -0.2}, UnusableReason.BAD_ERROR),
        ],
    )
    def test_what_gives_none_says_why(self, changes, reason):
        assert read("risk ratio", **changes) == reason

    def test_numbers_beyond_reason_give_none(self):
        assert read("percentage points", value=1e200, ci_low=0.9e200, ci_high=1.1e200) == UnusableReason.OUT_OF_RANGE
        assert read("percentage points", value=1e-12, ci_low=0, ci_high=2e-12) == UnusableReason.OUT_OF_RANGE

    def test_what_only_describes_gives_none(self):
        assert read("prevalence", value=14.5, ci_low=13, ci_high=16) == UnusableReason.NOT_A_COMPARISON

    def test_an_interval_may_lean_by_rounding(self):
        """1.1 [1.0; 1.3] was 1.14 [1.02; 1.27]: one decimal hides the middle."""
        assert isinstance(read("risk ratio", value=1.1, ci_low=1.0, ci_high=1.3), Estimate)
        assert read("risk ratio", value=1.10, ci_low=1.002, ci_high=1.3) == UnusableReason.LOPSIDED

    @given(*[st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))] * 6, st.sampled_from([*MEASURES]))
    def test_any_numbers_get_an_answer(self, value, low, high, p, se, level, measure):
        found = read(measure, value=value, ci_low=low, ci_high=high, ci_level=level, p=p, se=se)
        assert isinstance(found, UnusableReason) or (math.isfinite(found.x) and 0 < found.se < math.inf)


class TestQuantiles:
    @pytest.mark.parametrize(
        ("degrees", "expected"), [(1, 12.7062), (2, 4.3027), (5, 2.5706), (10, 2.2281), (30, 2.0423), (100, 1.9840)]
    )
    def test_of_student_are_those_of_the_tables(self, degrees, expected):
        assert round(t_quantile(0.975, degrees), 4) == expected

    @given(st.floats(-50, 50))
    def test_one_and_two_degrees_have_closed_forms(self, t):
        assert t_cdf(t, 1) == pytest.approx(0.5 + math.atan(t) / math.pi, abs=1e-12)
        assert t_cdf(t, 2) == pytest.approx(0.5 + t / (2 * math.sqrt(2 + t * t)), abs=1e-12)

    @given(st.floats(0.001, 0.999), st.integers(1, 200))
    def test_the_quantile_undoes_the_distribution(self, share, degrees):
        assert t_cdf(t_quantile(share, degrees), degrees) == pytest.approx(share, abs=1e-10)

    @pytest.mark.parametrize(("share", "degrees"), [(0, 5), (1, 5), (0.5, 0)])
    def test_there_is_none_beyond(self, share, degrees):
        with pytest.raises(ValueError, match="no quantile"):
            t_quantile(share, degrees)


class TestQuantilesOfChiSquare:
    @pytest.mark.parametrize(
        ("share", "degrees", "expected"), [(0.975, 2, 7.378), (0.025, 2, 0.051), (0.975, 12, 23.337), (0.5, 1, 0.455)]
    )
    def test_are_those_of_the_tables(self, share, degrees, expected):
        assert round(chi_square_quantile(share, degrees), 3) == expected

    @given(st.floats(0, 60))
    def test_one_and_two_degrees_have_closed_forms(self, value):
        assert chi_square_cdf(value, 1) == pytest.approx(math.erf(math.sqrt(value / 2)), abs=1e-12)
        assert chi_square_cdf(value, 2) == pytest.approx(1 - math.exp(-value / 2), abs=1e-12)

    @given(st.floats(0.001, 0.999), st.integers(1, 200))
    def test_the_quantile_undoes_the_distribution(self, share, degrees):
        assert chi_square_cdf(chi_square_quantile(share, degrees), degrees) == pytest.approx(share, abs=1e-10)

    @pytest.mark.parametrize(("share", "degrees"), [(0, 5), (1, 5), (0.5, 0)])
    def test_there_is_none_beyond(self, share, degrees):
        with pytest.raises(ValueError, match="no quantile"):
            chi_square_quantile(share, degrees)


class TestPooling:
    @pytest.mark.parametrize("name", EXAMPLES)
    def test_equals_an_independent_implementation(self, name):
        found = results_of(pool(estimates(EXAMPLES[name])))
        assert largest_difference(EXAMPLES[name]["oracle"], found) < 1e-9

    def test_equals_the_published_variance_of_nine_measurements(self):
        """Kacker, Metrologia 41 (2004), 132-136, table 1, first row: Paule and Mandel's standard deviation 0.8399."""
        assert round(math.sqrt(pool(estimates(EXAMPLES["nine-measurements"])).tau2), 4) == 0.8399

    def test_equals_the_published_mean_of_the_aspirin_trials(self):
        """DerSimonian and Kacker 2007, tables 3 and 4, in metafor's `test_analysis_example_dersimonian2007.r`.

        For the method of Paule and Mandel: τ = 0.3681, mean -0.3811, its standard error 0.2060.
        """
        found = pool(estimates(EXAMPLES["clasp"]))
        assert (round(math.sqrt(found.tau2), 4), round(found.mean, 4), round(found.se, 4)) == (0.3681, -0.3811, 0.2060)

    def test_equals_the_published_heterogeneity_of_the_bcg_trials(self):
        """Q = 152.23 on 12 degrees of freedom: the documentation of metafor, for its `dat.bcg`.

        The Q profile gives τ² from 0.1197 to 1.1115, and I² from 81.92 % to 97.68 %: `test_misc_confint.r` of metafor.
        """
        found = pool(estimates(EXAMPLES["bcg"]))
        assert round(found.q, 2) == 152.23
        assert [round(bound, 4) for bound in found.tau2_bounds] == [0.1197, 1.1115]
        assert [round(100 * bound, 2) for bound in found.i2_bounds] == [81.92, 97.68]

    @pytest.mark.parametrize("number", range(3))
    def test_fewer_than_three_are_refused(self, number):
        with pytest.raises(PoolingRefused):
            pool([Estimate(x, 0.1) for x in range(number)])

    def test_estimates_without_any_difference_have_the_interval_that_their_errors_give(self):
        found = pool([Estimate(-0.2, 0.3)] * 3)
        assert (found.mean, found.tau2, found.tau2_bounds, found.i2_bounds) == (pytest.approx(-0.2), 0, None, None)
        assert found.se == pytest.approx(0.3 / math.sqrt(3))

    def test_there_is_no_prediction_from_fewer_than_five(self):
        some = [Estimate(x, 0.1) for x in (0.1, 0.4, -0.2, 0.9, 0.3)]
        assert pool(some[: MIN_FOR_PREDICTION - 1]).predicted is None
        assert pool(some).predicted is not None

    def test_the_prediction_is_on_two_degrees_of_freedom_less_than_estimates(self):
        found = pool(estimates(EXAMPLES["bcg"]))
        reach = t_quantile(0.975, 11) * math.sqrt(found.tau2 + found.se**2)
        assert found.predicted == pytest.approx((found.mean - reach, found.mean + reach))

    def test_heterogeneity_beside_equal_errors_is_the_share_that_they_leave(self):
        """Where all variances are v, the typical one is v too."""
        found = pool([Estimate(x, 0.2) for x in (0, 1, -0.5, 0.7)])
        assert found.i2 == pytest.approx(found.tau2 / (found.tau2 + 0.2**2))

    SETS = st.lists(st.builds(Estimate, st.floats(-5, 5), st.floats(0.01, 3)), min_size=3, max_size=12).filter(
        lambda each: max(one.x for one in each) - min(one.x for one in each) > 1e-6
    )

    @given(SETS)
    def test_the_mean_lies_among_the_estimates_and_within_its_intervals(self, some):
        found = pool(some)
        assert min(each.x for each in some) <= found.mean <= max(each.x for each in some)
        assert found.low <= found.mean <= found.high
        if found.predicted is not None:
            assert found.predicted[0] <= found.low
            assert found.high <= found.predicted[1]
        assert sum(found.weights) == pytest.approx(1)
        assert found.tau2 >= 0
        assert 0 <= found.i2 < 1

    @given(SETS, st.floats(-3, 3), st.randoms())
    def test_moves_with_its_estimates_and_knows_no_order(self, some, by, chance):
        moved = [Estimate(each.x + by, each.se) for each in some]
        chance.shuffle(moved)
        first, second = pool(some), pool(moved)
        assert second.mean == pytest.approx(first.mean + by, abs=1e-6)
        assert (second.tau2, second.se) == pytest.approx((first.tau2, first.se), rel=1e-5, abs=1e-6)

    @given(SETS)
    def test_solves_the_equation_of_paule_and_mandel(self, some):
        found = pool(some)
        if found.tau2 > 0:
            weights = [1 / (each.se**2 + found.tau2) for each in some]
            spread = sum(w * (each.x - found.mean) ** 2 for w, each in zip(weights, some, strict=True))
            assert spread == pytest.approx(len(some) - 1, rel=1e-6)
        else:
            assert found.q <= len(some) - 1 + 1e-9

    @given(SETS)
    def test_the_interval_is_never_narrower_than_that_of_a_common_effect(self, some):
        common = normal_quantile(0.975) / math.sqrt(sum(each.se**-2 for each in some))
        found = pool(some)
        assert found.high - found.mean >= common * (1 - 1e-9)

    @given(SETS)
    def test_the_bounds_of_the_variance_are_where_q_is_a_usual_value_of_its_distribution(self, some):
        found = pool(some)
        if found.tau2_bounds is None:
            assert found.q < chi_square_quantile(0.025, len(some) - 1)
            return
        low, high = found.tau2_bounds
        assert low <= found.tau2 <= high
        assert found.i2_bounds[0] <= found.i2 <= found.i2_bounds[1] < 1
        for bound, share in ((low, 0.975), (high, 0.025)):
            if bound > 0:
                assert spread(some, bound) == pytest.approx(chi_square_quantile(share, len(some) - 1), rel=1e-6)


def spread(some, tau2):
    weights = [1 / (each.se**2 + tau2) for each in some]
    mean = sum(w * each.x for w, each in zip(weights, some, strict=True)) / sum(weights)
    return sum(w * (each.x - mean) ** 2 for w, each in zip(weights, some, strict=True))
