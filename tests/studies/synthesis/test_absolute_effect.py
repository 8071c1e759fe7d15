"""Of each 1,000: the arithmetic, what it may be based on, and where there is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.records.finding import ArmRecord
from studies.synthesis.absolute_effect import (
    ANY_FORM,
    EVER,
    LAST_12_MONTHS,
    PHYSICAL_OR_SEXUAL,
    AbsoluteEffect,
    Baseline,
    NoAbsoluteReason,
    compute_absolute_effect,
    find_form,
    find_window,
)
from tests.studies.records_factory import finding

SURVEY = Baseline("ipv-physical", LAST_12_MONTHS, 7.0, 2024, "Encuesta inventada")


def told(value=0.63, low=None, high=None, *, measure="risk ratio", statement_en="Past-year violence fell.", **changes):
    return finding(value=value, ci_low=low, ci_high=high, measure=measure, statement_en=statement_en, **changes)


def arms(comparison=None, intervention=None):
    return tuple(
        ArmRecord(arm=name, **numbers)
        for name, numbers in (("intervention", intervention), ("comparison", comparison))
        if numbers
    )


class TestTheArithmetic:
    def test_applies_a_risk_ratio_straight(self):
        found = compute_absolute_effect(told(0.63), [SURVEY])
        assert (found.without, round(found.with_programme), round(found.difference)) == (70, 44, -26)

    def test_applies_an_odds_ratio_by_way_of_odds(self):
        found = compute_absolute_effect(told(0.63, 0.41, 0.98, measure="odds ratio"), [SURVEY])
        assert (round(found.with_programme), round(found.low), round(found.high)) == (45, 30, 69)

    def test_reads_a_prevalence_ratio_as_a_risk_ratio(self):
        one, other = (
            compute_absolute_effect(told(measure=name), [SURVEY]) for name in ("risk ratio", "prevalence ratio")
        )
        assert one == other

    def test_adds_percentage_points(self):
        found = compute_absolute_effect(told(-8.8, -14, -3, measure="percentage points", arms=arms({"percent": 42.2})))
        assert [round(each) for each in (found.without, found.with_programme, found.low, found.high)] == [
            422,
            334,
            282,
            392,
        ]


class TestTheBase:
    def test_is_the_comparison_arm_of_the_trial_first(self):
        found = compute_absolute_effect(told(0.5, arms=arms({"n": 200, "events": 42})), [SURVEY])
        assert (found.without, found.baseline) == (210, None)

    def test_is_the_percentage_of_that_arm_without_events(self):
        assert compute_absolute_effect(told(0.5, arms=arms({"percent": 21}))).without == 210

    def test_is_else_the_newest_survey_of_the_same_outcome_and_window(self):
        old = Baseline("ipv-physical", LAST_12_MONTHS, 9.0, 2018, "Encuesta inventada")
        assert compute_absolute_effect(told(), [SURVEY, old]).baseline is SURVEY

    def test_is_never_of_another_window(self):
        ever = Baseline("ipv-physical", EVER, 25.5, 2024, "Encuesta inventada")
        assert compute_absolute_effect(told(), [ever]) is NoAbsoluteReason.NO_BASELINE

    def test_is_none_where_the_record_does_not_say_the_window(self):
        found = compute_absolute_effect(told(statement_en="Violence fell."), [SURVEY])
        assert found is NoAbsoluteReason.WINDOW_NOT_STATED

    def test_is_of_the_same_forms_of_violence(self):
        both = Baseline("ipv-any", LAST_12_MONTHS, 8.0, 2024, "Encuesta inventada", form=PHYSICAL_OR_SEXUAL)
        all_forms = Baseline("ipv-any", LAST_12_MONTHS, 33.9, 2024, "Encuesta inventada", form=ANY_FORM)
        named = told(outcome="ipv-any", statement_en="Past-year physical or sexual violence fell.")
        assert compute_absolute_effect(named, [both, all_forms]).baseline is both
        unnamed = told(outcome="ipv-any", statement_en="Past-year violence fell.")
        assert compute_absolute_effect(unnamed, [both, all_forms]) is NoAbsoluteReason.FORM_NOT_STATED

    def test_is_none_for_a_measure_of_the_absence_of_violence(self):
        assert compute_absolute_effect(told(higher_is="better"), [SURVEY]) is NoAbsoluteReason.TURNED_ROUND


class TestWithoutAFittingMeasure:
    def test_the_shares_of_two_arms_stand_for_themselves(self):
        each = told(-20, measure="percent change", arms=arms({"percent": 11.4}, {"percent": 9.1}))
        assert compute_absolute_effect(each) == AbsoluteEffect(114, 91)

    @pytest.mark.parametrize("measure", ["percent change", "hazard ratio", "standard deviations"])
    def test_there_is_no_absolute_effect(self, measure):
        assert compute_absolute_effect(told(measure=measure), [SURVEY]) is NoAbsoluteReason.MEASURE

    def test_nor_without_a_value(self):
        each = told(None, measure=None)
        assert compute_absolute_effect(each, [SURVEY]) is NoAbsoluteReason.NO_VALUE

    def test_nor_where_it_leads_below_none(self):
        each = told(-9, measure="percentage points")
        assert compute_absolute_effect(each, [SURVEY]) is NoAbsoluteReason.OUT_OF_RANGE

    def test_nor_where_a_risk_ratio_leads_above_all(self):
        each = told(3, arms=arms({"percent": 40}))
        assert compute_absolute_effect(each) is NoAbsoluteReason.OUT_OF_RANGE

    def test_an_odds_ratio_never_does(self):
        assert compute_absolute_effect(told(3, measure="odds ratio", arms=arms({"percent": 40}))).with_programme < 1000

    def test_points_may_lead_to_none(self):
        assert compute_absolute_effect(told(-7, measure="percentage points"), [SURVEY]).with_programme == 0

    def test_nor_where_a_share_is_no_share(self):
        each = told(None, measure=None, arms=arms({"percent": 120}, {"percent": 10}))
        assert compute_absolute_effect(each) is NoAbsoluteReason.OUT_OF_RANGE

    def test_nor_of_one_arm_alone(self):
        each = told(None, measure=None, arms=arms({"n": 100}, {"percent": 10}))
        assert compute_absolute_effect(each) is NoAbsoluteReason.NO_VALUE

    def test_an_interval_that_no_ratio_can_have_is_left_out(self):
        found = compute_absolute_effect(told(0.5, -0.1, 1.1), [SURVEY])
        assert (found.low, found.high) == (None, None)


class TestTheStatement:
    @pytest.mark.parametrize(
        ("text", "window"),
        [
            ("Past-year violence fell.", LAST_12_MONTHS),
            ("In the last 12 months it was lower.", LAST_12_MONTHS),
            ("Women who ever lived it", EVER),
            ("Lifetime and past-year violence fell.", None),
            ("However, violence fell.", None),
        ],
    )
    def test_names_the_window(self, text, window):
        assert find_window(finding(statement_en=text)) == window

    @pytest.mark.parametrize(
        ("text", "form"),
        [
            ("physical or sexual violence", PHYSICAL_OR_SEXUAL),
            ("physical and/or sexual violence", PHYSICAL_OR_SEXUAL),
            ("emotional, physical or sexual violence", ANY_FORM),
            ("physical violence", None),
        ],
    )
    def test_names_the_forms_of_violence(self, text, form):
        assert find_form(finding(statement_en=text)) == form


percents = st.floats(0, 100)
ratios = st.floats(0.01, 50)


class TestAnyNumbers:
    @given(percents, ratios, st.sampled_from(["risk ratio", "odds ratio", "prevalence ratio"]))
    def test_stay_between_none_and_all(self, percent, value, measure):
        each = told(value, value * 0.7, value * 1.4, measure=measure, arms=arms({"percent": percent}))
        found = compute_absolute_effect(each)
        if isinstance(found, AbsoluteEffect):
            assert 0 <= found.low <= found.with_programme <= found.high <= 1000 + 1e-9

    @given(percents, st.floats(-100, 100))
    def test_of_points_stay_between_none_and_all(self, percent, points):
        each = told(points, points - 5, points + 5, measure="percentage points", arms=arms({"percent": percent}))
        found = compute_absolute_effect(each)
        if isinstance(found, AbsoluteEffect):
            assert 0 <= found.low <= found.with_programme <= found.high <= 1000

    @given(percents, st.floats(0.01, 0.99))
    def test_below_one_never_raise(self, percent, value):
        for measure in ("risk ratio", "odds ratio"):
            found = compute_absolute_effect(told(value, measure=measure, arms=arms({"percent": percent})))
            assert found.with_programme <= found.without + 1e-9

    @given(percents, st.sampled_from(["risk ratio", "odds ratio", "prevalence ratio"]))
    def test_of_one_change_nothing(self, percent, measure):
        found = compute_absolute_effect(told(1, measure=measure, arms=arms({"percent": percent})))
        assert found.with_programme == pytest.approx(found.without)
