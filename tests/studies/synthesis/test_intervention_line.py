"""The line of an intervention: each evaluation once, ratios that may share an axis, counts of its own page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studies.records.study import InterventionRecord
from studies.synthesis.direction import Movement
from studies.synthesis.evidence import Scope
from studies.synthesis.intervention_line import STRIP, InterventionLine, build_line
from tests.search.web.answer_cases import bare, given, record, told
from tests.studies.evidence_factory import evidence_of, group

CODE = "engaging-men"


def line(*records: Any, **options: Any) -> InterventionLine:
    """Build the line of the intervention that made-up records test."""
    own = given(*records, **options)
    studies = [study for study in own.studies if CODE in study.interventions]
    return build_line(CODE, replace(own, studies=studies, scope=Scope(frozenset({CODE}))))


class TestAnEvaluation:
    def test_stands_with_the_first_outcome_of_violence_that_it_tells(self):
        own = line(record("a", told(outcome="ipv-sexual", value=0.5), told(outcome="ipv-physical", value=0.8)))
        (effect,) = own.first_effects()
        assert (effect.outcome, effect.ratios[0][0]) == ("ipv-physical", 0.8)
        (effect,) = own.first_effects("ipv-sexual")
        assert effect.ratios[0][0] == 0.5
        assert own.first_effects("femicide") == ()

    def test_keeps_what_its_other_findings_on_violence_show_the_other_way(self):
        null, worse = bare(outcome="ipv-any", effect="no-effect"), bare(outcome="ipv-emotional", effect="unfavourable")
        (effect,) = line(record("a", null, worse, bare(outcome="ipv-physical", effect="no-effect"))).first_effects()
        assert (effect.movement, effect.elsewhere) == (Movement.NO_DIFFERENCE, {Movement.MORE: "a"})
        (effect,) = line(record("a", worse, bare(outcome="ipv-physical", effect="unfavourable"))).first_effects()
        assert effect.elsewhere == {}

    def test_counts_once_against_two_kinds_of_comparator(self):
        own = line(
            record(
                "a",
                told(value=0.5, arm_en="One"),
                told(comparator="usual-services", effect="unfavourable", value=1.4, ci_high=1.9, arm_en="Two"),
            )
        )
        (effect,) = own.first_effects()
        assert sorted(ratio[0] for ratio in effect.ratios) == [0.5, 1.4]
        assert effect.movement is None
        assert own.evaluations == 1

    def test_of_two_papers_counts_once(self):
        records = (record("a", told(value=0.5)), record("b", told(value=0.5)))
        studies = given(*records).studies
        own = line(*records, studies=studies, evidence=evidence_of(studies, [group("a", "b")]))
        assert (own.evaluations, len(own.first_effects())) == (1, 1)

    def test_without_a_result_on_violence_counts_all_the_same(self):
        own = line(record("a", told(outcome="mental-health", higher_is="worse")))
        assert (own.evaluations, own.randomised, own.first_effects()) == (1, 1, ())

    def test_of_another_intervention_is_not_counted(self):
        own = line(record("a", interventions=(InterventionRecord("cash-transfer", "tested"),)))
        assert (own.evaluations, own.effects, own.nearness) == (0, {}, frozenset())


class TestARatio:
    def test_keeps_its_interval(self):
        own = line(record("a", told(measure="risk ratio", value=0.63, ci_low=0.41, ci_high=0.98)))
        assert own.first_effects()[0].ratios == ((0.63, 0.41, 0.98),)
        assert own.first_effects()[0].has_interval

    def test_without_an_interval_says_so(self):
        own = line(record("a", told(measure="odds ratio", value=0.63, ci_low=None, ci_high=None, ci_level=None)))
        assert own.first_effects()[0].ratios == ((0.63, None, None),)
        assert not own.first_effects()[0].has_interval

    def test_is_none_in_points_or_without_a_number(self):
        points = told(measure="percentage points", value=-3.0, ci_low=-5.0, ci_high=-1.0)
        for each in (points, bare(effect="favourable")):
            (effect,) = line(record("a", each)).first_effects()
            assert (effect.ratios, effect.movement) == ((), Movement.LESS)

    def test_of_a_scale_turned_round_does_not_stand_on_the_wrong_side(self):
        (effect,) = line(record("a", told(value=1.5, ci_low=1.1, ci_high=2.0, higher_is="better"))).first_effects()
        assert (effect.movement, effect.ratios) == (Movement.LESS, ())

    def test_that_nobody_can_tell_for_good_or_bad_has_no_side(self):
        (effect,) = line(record("a", told(effect="ambiguous", value=0.5, ci_low=0.2, ci_high=0.9))).first_effects()
        assert (effect.movement, effect.ratios) == (Movement.MOVED, ())


class TestTheAxis:
    def test_has_one_in_the_same_place_for_all_and_the_ends_of_what_it_shows(self):
        assert STRIP.to_x(0.125) == STRIP.to_x(0.01) < STRIP.to_x(1) < STRIP.to_x(4) == STRIP.to_x(9)
        assert STRIP.contains(0.5)
        assert not STRIP.contains(4.1)
