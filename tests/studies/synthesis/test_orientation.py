import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.synthesis.orientation import Orientation, choose_orientation, read_orientation, turn
from tests.studies.evidence_factory import TAXONOMY
from tests.studies.records_factory import finding

BETTER, WORSE, UNKNOWN = Orientation.BETTER, Orientation.WORSE, Orientation.UNKNOWN
DIFFERENCES = ("percentage points", "standard deviations", "Hedges g", "Cohen d", "mean difference")


class TestWhatAHigherValueMeans:
    @pytest.mark.parametrize(
        ("outcome", "measure", "higher_is", "expected"),
        [
            ("ipv-any", "risk ratio", None, WORSE),
            ("ipv-any", "percentage points", None, WORSE),
            ("violence-children", "odds ratio", None, WORSE),
            ("ipv-any", "risk ratio", "better", BETTER),  # of women without violence
            # Of a scale nobody knows: a Cohen d of 0.78 in the bank is less violence.
            ("ipv-any", "Cohen d", None, UNKNOWN),
            ("ipv-any", "mean difference", None, UNKNOWN),
            ("ipv-any", "Cohen d", "worse", WORSE),
            ("employment-income", "risk ratio", None, UNKNOWN),
            ("reporting", "risk ratio", None, UNKNOWN),
        ],
    )
    def test_is_told_by_the_record_or_by_what_is_counted(self, outcome, measure, higher_is, expected):
        assert read_orientation(finding(outcome=outcome, measure=measure, higher_is=higher_is), TAXONOMY) is expected

    def test_is_made_what_most_findings_have(self):
        assert choose_orientation([BETTER, BETTER, WORSE]) is BETTER
        assert choose_orientation([BETTER, WORSE]) is WORSE
        assert choose_orientation([]) is WORSE


class TestTurning:
    def test_changes_the_sign_of_a_difference_and_swaps_its_bounds(self):
        found = turn(finding(measure="Cohen d", value=0.3, ci_low=0.1, ci_high=0.5, higher_is="better"), WORSE)
        assert (found.value, found.ci_low, found.ci_high, found.higher_is) == (-0.3, -0.5, -0.1, "worse")

    def test_inverts_odds(self):
        found = turn(finding(measure="odds ratio", value=0.5, ci_low=0.25, ci_high=1), BETTER)
        assert (found.value, found.ci_low, found.ci_high, found.higher_is) == (2, 1, 4, "better")

    def test_needs_no_interval(self):
        found = turn(finding(measure="odds ratio", value=0.5, ci_low=None, ci_high=None), BETTER)
        assert (found.value, found.ci_low, found.ci_high) == (2, None, None)

    @pytest.mark.parametrize("measure", ["risk ratio", "hazard ratio", "percent change", "regression coefficient"])
    def test_is_not_possible_for_what_has_another_size_the_other_way(self, measure):
        assert turn(finding(measure=measure), BETTER) is None

    def test_of_odds_of_zero_is_not_possible(self):
        assert turn(finding(measure="odds ratio", value=0.5, ci_low=0, ci_high=1), BETTER) is None

    def test_never_makes_a_negative_zero(self):
        assert str(turn(finding(measure="Cohen d", value=0.0, ci_low=-1, ci_high=1), BETTER).value) == "0.0"

    @given(st.sampled_from([*DIFFERENCES, "odds ratio"]), st.floats(0.01, 100), st.floats(0.01, 5))
    def test_twice_gives_back_what_was(self, measure, value, width):
        once = finding(measure=measure, value=value, ci_low=value, ci_high=value + width, higher_is="worse")
        twice = turn(turn(once, BETTER), WORSE)
        numbers = (twice.value, twice.ci_low, twice.ci_high)
        assert numbers == pytest.approx((once.value, once.ci_low, once.ci_high))
        assert twice.higher_is == "worse"
