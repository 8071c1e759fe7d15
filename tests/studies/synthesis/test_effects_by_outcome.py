"""What stands in the figure of effects by outcome, on which axis, and what is told in words instead."""

import pytest

from studies.synthesis.effects_by_outcome import (
    MOST_MARKS,
    MOST_OUTCOMES,
    MeasureKind,
    NotDrawnReason,
    Side,
    gather_effects,
)
from studies.synthesis.forest import build_forests
from tests.studies.evidence_factory import MEASURES, OUTCOMES, evidence_of, study, the_bank
from tests.studies.records_factory import finding


def number(**changes):
    return finding(**{"comparator": "nothing", **changes})


def bare(**changes):
    return number(**{"measure": None, "value": None, "ci_low": None, "ci_high": None, "ci_level": None, **changes})


def gathered(*studies, outcomes=OUTCOMES):
    evidence = evidence_of(studies)
    forests = build_forests(studies, evidence, MEASURES, outcomes)
    return gather_effects(studies, evidence, MEASURES, forests, outcomes)


def effects_of(*findings, outcomes=OUTCOMES):
    """Gather the effects of evaluations of one finding each."""
    return gathered(*(study(f"e{at:03}", findings=(each,)) for at, each in enumerate(findings)), outcomes=outcomes)


def sides_of(*findings):
    effects = effects_of(*findings)
    return [row.side for panel in (*effects.panels, *effects.alone) for row in panel.rows]


def no_difference(code):
    null = MEASURES[code].null
    return {"measure": code, "value": null + 0.2, "ci_low": null + 0.1, "ci_high": null + 0.3}


class TestAnAxis:
    def test_holds_all_ratios(self):
        (panel,) = effects_of(*(number(**no_difference(code)) for code in ("odds ratio", "risk ratio"))).panels
        assert panel.kind is MeasureKind.RATIO
        assert {measure.code for measure in panel.measures} == {"odds ratio", "risk ratio"}

    def test_never_holds_measures_of_two_kinds(self):
        codes = ("risk ratio", "Cohen d", "percentage points", "percent change")
        panels = effects_of(*(number(**no_difference(code)) for code in codes for _ in range(2))).panels
        assert [panel.kind for panel in panels] == list(MeasureKind)
        assert all(len({measure.is_log for measure in panel.measures}) == 1 for panel in panels)

    @pytest.mark.parametrize("code", ["regression coefficient", "mean difference", "correlation"])
    def test_holds_nothing_in_a_scale_of_its_own(self, code: str):
        effects = effects_of(number(), number(), *(number(**no_difference(code)) for _ in range(2)))
        assert [panel.kind for panel in effects.panels] == [MeasureKind.RATIO]
        assert {each.reason for each in effects.not_drawn} == {NotDrawnReason.OWN_SCALE}

    def test_of_one_estimate_is_told_in_words(self):
        effects = effects_of(number(), number(), number(**no_difference("Cohen d")))
        assert [panel.kind for panel in effects.panels] == [MeasureKind.RATIO]
        assert [panel.kind for panel in effects.alone] == [MeasureKind.STANDARDISED]


class TestARow:
    def test_holds_one_estimate_of_each_evaluation(self):
        (panel,) = effects_of(number(), number()).panels
        (row,) = panel.rows
        assert len(row.rows) == 2

    def test_never_holds_two_kinds_of_comparator(self):
        (panel,) = effects_of(number(), number(comparator="same-without")).panels
        assert [row.comparator_kind for row in panel.rows] == ["nothing", "part"]

    def test_holds_what_speaks_for_its_evaluation(self):
        whole, part = number(value=0.8), number(value=0.3, subgroup_es="mujeres jóvenes")
        (panel,) = gathered(study("a", findings=(part, whole)), study("b", findings=(number(),))).panels
        assert 0.3 not in [row.finding.value for row in panel.estimates]

    def test_stands_in_the_order_of_the_outcomes_given(self):
        outcomes = tuple(dict.fromkeys(("ipv-sexual", *OUTCOMES)))
        (panel,) = effects_of(number(), number(outcome="ipv-sexual"), outcomes=outcomes).panels
        assert [row.outcome for row in panel.rows] == ["ipv-sexual", "ipv-physical"]


class TestTheGoodSide:
    def test_of_violence_is_less_of_it(self):
        assert sides_of(number()) == [Side.LESS_VIOLENCE_LEFT]

    def test_of_a_scale_is_what_its_record_says(self):
        scale = {**no_difference("Cohen d"), "outcome": "decision-making"}
        assert sides_of(number(higher_is="better", **scale)) == [Side.BETTER_RIGHT]
        assert sides_of(number(higher_is="worse", effect="unfavourable", **scale)) == [Side.BETTER_LEFT]

    def test_is_unknown_where_no_record_says_it(self):
        assert sides_of(number(outcome="decision-making", **no_difference("Cohen d"))) == [Side.UNKNOWN]

    @pytest.mark.parametrize("effect", ["ambiguous", "mixed"])
    def test_is_unknown_where_the_authors_do_not_take_it_so(self, effect: str):
        assert sides_of(number(effect=effect, higher_is="worse")) == [Side.UNKNOWN]

    def test_is_unknown_where_value_and_authors_contradict_each_other(self):
        assert sides_of(number(effect="unfavourable", higher_is="worse")) == [Side.UNKNOWN]

    def test_is_neither_of_complaints(self):
        assert sides_of(number(outcome="reporting", higher_is="better", value=1.4, ci_low=1.1, ci_high=1.8)) == [
            Side.NEITHER
        ]


class TestWhatIsNotDrawn:
    def test_is_an_evaluation_without_a_number(self):
        (each,) = effects_of(number(), number(), bare()).not_drawn
        assert (each.study.id, each.reason) == ("e002", NotDrawnReason.NO_NUMBER)

    def test_is_one_of_which_only_a_finding_that_does_not_speak_for_it_has_a_number(self):
        mute = study("mute", findings=(bare(), number(subgroup_es="mujeres jóvenes")))
        effects = gathered(study("a", findings=(number(),)), study("b", findings=(number(),)), mute)
        (each,) = effects.not_drawn
        assert (each.study.id, each.reason) == ("mute", NotDrawnReason.ONLY_ANOTHER_HAS_NUMBER)

    def test_is_told_only_of_outcomes_that_are_shown(self):
        assert not effects_of(number(), number(), bare(outcome="ipv-sexual")).not_drawn

    def test_are_the_outcomes_after_those_that_fit(self):
        codes = [code for code in OUTCOMES if code not in ("prevalence", "cost-effectiveness")][: MOST_OUTCOMES + 2]
        effects = effects_of(*(number(outcome=code) for code in codes))
        assert {row.outcome for panel in effects.panels for row in panel.rows} <= set(codes[:MOST_OUTCOMES])
        assert {row.outcome for panel in effects.left_out for row in panel.rows} == set(codes[MOST_OUTCOMES:])

    def test_is_an_outcome_of_which_a_part_would_not_fit(self):
        effects = effects_of(*(number() for _ in range(MOST_MARKS + 1)))
        assert not effects.panels
        assert effects.outcomes_left_out == 1


class TestTheBank:
    def test_shows_every_evaluation_of_its_outcomes_or_says_why_not(self):
        studies, evidence = the_bank()
        for code in ("engaging-men", "cash-transfer", "economic-plus"):
            own = [each for each in studies if code in each.tested]
            forests = build_forests(own, evidence, MEASURES, OUTCOMES)
            effects = gather_effects(own, evidence, MEASURES, forests, OUTCOMES)
            drawn = {
                (row.work_id, each.outcome)
                for panel in (*effects.panels, *effects.alone)
                for each in panel.rows
                for row in each.rows
            }
            told = {(each.work_id, each.outcome) for each in effects.not_drawn}
            assert not drawn & told
            assert {outcome for _, outcome in told} <= {outcome for _, outcome in drawn}
