"""Which way an outcome moved: from the value first, else from the authors' judgement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.synthesis.direction import (
    ForWomen,
    Movement,
    combine_movements,
    includes_no_difference,
    read_direction,
)
from tests.studies.evidence_factory import MEASURES, TAXONOMY
from tests.studies.records_factory import finding


def direction(**changes):
    return read_direction(finding(**{"value": None, "measure": None, **WITHOUT, **changes}), MEASURES, TAXONOMY)


WITHOUT = {"ci_low": None, "ci_high": None, "ci_level": None, "p": None}


def ratio(value, low=None, high=None, **changes):
    return direction(measure="risk ratio", value=value, ci_low=low, ci_high=high, **changes)


class TestAValue:
    def test_tells_less_violence_whatever_the_authors_say_of_chance(self):
        found = ratio(0.48, 0.16, 1.39, effect="no-effect", higher_is="worse")
        assert (found.movement, found.for_women) == (Movement.LESS, ForWomen.BETTER)
        assert found.includes_no_difference
        assert found.is_unclear
        assert found.is_from_value

    def test_tells_more_violence(self):
        assert ratio(1.2, effect="no-effect").movement is Movement.MORE

    def test_of_a_scale_without_its_sense_tells_nothing(self):
        # A gain counted as positive: less violence, by a positive number.
        found = direction(measure="Cohen d", value=0.78, effect="favourable", outcome="ipv-any")
        assert (found.movement, found.is_from_value) == (Movement.LESS, False)

    def test_of_a_scale_where_higher_is_better_is_turned(self):
        found = direction(measure="standard deviations", value=0.3, higher_is="better", effect="favourable")
        assert (found.movement, found.is_from_value) == (Movement.LESS, True)

    def test_of_no_difference_is_none(self):
        assert ratio(1, effect="no-effect").movement is Movement.NO_DIFFERENCE

    def test_against_the_authors_judgement_leaves_the_direction_open(self):
        found = ratio(1.4, effect="favourable", higher_is="worse")
        assert (found.movement, found.for_women) == (Movement.MOVED, ForWomen.UNKNOWN)
        assert not found.is_from_value

    @pytest.mark.parametrize(("measure", "value"), [("prevalence", 30), ("area under the curve", 0.8), ("unheard", 3)])
    def test_that_does_not_compare_tells_no_direction(self, measure, value):
        found = direction(measure=measure, value=value, higher_is="better", effect="favourable")
        assert (found.movement, found.is_from_value) == (Movement.LESS, False)

    def test_of_no_difference_needs_no_sense_of_the_scale(self):
        assert direction(measure="Cohen d", value=0, effect="no-effect").is_from_value

    def test_of_a_ratio_of_something_good_needs_its_sense(self):
        found = direction(outcome="help-seeking", measure="risk ratio", value=7, effect="no-effect")
        assert (found.movement, found.is_from_value) == (Movement.NO_DIFFERENCE, False)

    def test_of_attitudes_follows_what_higher_means(self):
        found = direction(
            outcome="attitudes-norms",
            measure="regression coefficient",
            value=-0.89,
            higher_is="worse",
            effect="favourable",
        )
        assert (found.movement, found.for_women) == (Movement.MORE, ForWomen.BETTER)


class TestWithoutAValue:
    @pytest.mark.parametrize(
        ("effect", "movement", "for_women"),
        [
            ("favourable", Movement.LESS, ForWomen.BETTER),
            ("unfavourable", Movement.MORE, ForWomen.WORSE),
            ("no-effect", Movement.NO_DIFFERENCE, ForWomen.NEITHER),
            ("ambiguous", Movement.MOVED, ForWomen.UNKNOWN),
            ("mixed", Movement.MIXED, ForWomen.UNKNOWN),
        ],
    )
    def test_the_authors_judgement_tells(self, effect, movement, for_women):
        found = direction(effect=effect)
        assert (found.movement, found.for_women, found.is_from_value) == (movement, for_women, False)

    def test_what_is_not_estimated_has_no_direction(self):
        assert direction(effect="not-estimated") is None

    def test_a_figure_that_the_caller_takes_as_no_effect_has_none(self):
        assert read_direction(finding(effect="favourable"), MEASURES, TAXONOMY, "not-estimated") is None


class TestWhatTheAuthorsCall:
    def test_ambiguous_moved_without_direction_even_with_a_value(self):
        assert ratio(1.5, effect="ambiguous").movement is Movement.MOVED

    def test_mixed_stays_mixed(self):
        assert ratio(0.5, effect="mixed").movement is Movement.MIXED

    def test_inconclusive_is_kept(self):
        assert ratio(0.9, 0.6, 1.3, effect="no-effect", inconclusive=True).is_inconclusive


class TestComplaints:
    def test_are_told_as_more_and_never_as_good(self):
        found = direction(outcome="reporting", measure="percent change", value=22, effect="favourable")
        assert (found.movement, found.for_women) == (Movement.MORE, ForWomen.NEITHER)

    def test_are_more_by_judgement_where_the_record_says_what_higher_means(self):
        found = direction(outcome="reporting", higher_is="better", effect="favourable")
        assert found.movement is Movement.MORE

    def test_are_fewer_by_judgement_where_more_is_taken_as_bad(self):
        assert direction(outcome="reporting", higher_is="worse", effect="favourable").movement is Movement.LESS
        assert direction(outcome="reporting", higher_is="worse", effect="unfavourable").movement is Movement.MORE

    def test_only_moved_where_it_does_not(self):
        assert direction(outcome="reporting", effect="favourable").movement is Movement.MOVED

    def test_are_told_by_the_number_where_the_authors_see_no_clear_difference(self):
        found = direction(outcome="reporting", measure="percent change", value=-22, effect="no-effect")
        assert (found.movement, found.is_from_value) == (Movement.LESS, True)

    def test_do_not_differ_where_neither_number_nor_authors_say_so(self):
        assert direction(outcome="reporting", higher_is="better", effect="no-effect").movement is Movement.NO_DIFFERENCE
        same = direction(outcome="reporting", measure="percent change", value=0, effect="favourable")
        assert same.movement is Movement.NO_DIFFERENCE

    def test_that_authors_call_ambiguous_only_moved(self):
        found = direction(outcome="reporting", measure="percent change", value=22, effect="ambiguous")
        assert (found.movement, found.for_women) == (Movement.MOVED, ForWomen.UNKNOWN)

    def test_that_authors_call_mixed_stay_mixed(self):
        assert direction(outcome="reporting", effect="mixed").movement is Movement.MIXED


class TestSeparations:
    def test_have_no_more_and_less(self):
        found = direction(
            outcome="family-structure", measure="percent change", value=55, higher_is="better", effect="favourable"
        )
        assert (found.movement, found.for_women, found.is_from_value) == (Movement.MOVED, ForWomen.NEITHER, False)

    def test_do_not_differ_where_the_authors_say_so(self):
        assert direction(outcome="family-structure", effect="no-effect").movement is Movement.NO_DIFFERENCE


class TestWhatIsBetter:
    @pytest.mark.parametrize("outcome", ["ipv-any", "femicide", "violence-children", "child-marriage", "alcohol-use"])
    def test_is_less_of_what_harms(self, outcome):
        assert direction(outcome=outcome, effect="favourable").movement is Movement.LESS

    @pytest.mark.parametrize("outcome", ["employment-income", "mental-health", "knowledge-rights"])
    def test_is_more_of_the_rest(self, outcome):
        assert direction(outcome=outcome, effect="favourable").movement is Movement.MORE


class TestAnInterval:
    @pytest.mark.parametrize(("low", "high", "expected"), [(0.5, 1, True), (0.5, 0.99, False), (0.9, 1.4, True)])
    def test_includes_no_difference_if_it_reaches_it(self, low, high, expected):
        each = finding(measure="risk ratio", value=0.95, ci_low=low, ci_high=high)
        assert includes_no_difference(each, MEASURES["risk ratio"]) is expected

    def test_that_is_not_there_says_nothing(self):
        assert ratio(0.5).includes_no_difference is None
        assert ratio(0.5, low=0.4).includes_no_difference is None

    def test_around_what_only_describes_says_nothing(self):
        assert includes_no_difference(finding(), MEASURES["prevalence"]) is None
        assert includes_no_difference(finding(ci_low=0.4), MEASURES["area under the curve"]) is None
        assert includes_no_difference(finding(), None) is None


class TestSeveralDirections:
    def test_have_a_movement_only_where_all_share_it(self):
        less, more = ratio(0.5, effect="no-effect"), ratio(1.5, effect="no-effect")
        assert combine_movements([less, less]) is Movement.LESS
        assert combine_movements([less, more]) is None
        assert combine_movements([]) is None


class TestAnyNumber:
    @given(st.floats(0.01, 100), st.sampled_from(["better", "worse"]))
    def test_and_its_inverse_point_opposite_ways(self, value, higher_is):
        one, other = (ratio(number, effect="no-effect", higher_is=higher_is).for_women for number in (value, 1 / value))
        if value != 1 and 1 / value != 1:
            assert {one, other} == {ForWomen.BETTER, ForWomen.WORSE}

    @given(st.floats(0.01, 100))
    def test_turns_with_what_higher_means(self, value):
        one, other = (ratio(value, effect="no-effect", higher_is=each).for_women for each in ("better", "worse"))
        assert (one == other) == (value == 1)
