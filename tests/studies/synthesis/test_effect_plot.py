"""The geometry of effects by outcome."""

from itertools import pairwise

from studies.synthesis.effect_plot import CIRCLE, NAME_LINE_PX, SQUARE, TRIANGLE, place_effects, shape_of
from studies.synthesis.effects_by_outcome import gather_effects
from studies.synthesis.forest import build_forests
from tests.studies.evidence_factory import MEASURES, OUTCOMES, evidence_of, study
from tests.studies.records_factory import finding


def panel_of(*findings, name_lines=None):
    studies = [study(f"e{at:03}", findings=(each,)) for at, each in enumerate(findings)]
    evidence = evidence_of(studies)
    forests = build_forests(studies, evidence, MEASURES, OUTCOMES)
    (panel,) = place_effects(gather_effects(studies, evidence, MEASURES, forests, OUTCOMES), name_lines or {})
    return panel


def marks_of(panel):
    return [mark for side in panel.sides for each in side.outcomes for mark in each.marks]


class TestAMark:
    def test_is_left_of_no_difference_where_its_ratio_is_below_one(self):
        panel = panel_of(finding(value=0.5, ci_low=0.4, ci_high=0.6), finding(value=1.5, ci_low=1.2, ci_high=1.9))
        null = next(tick.x for tick in panel.ticks if tick.is_null)
        low, high = sorted(mark.x for mark in marks_of(panel))
        assert low < null < high

    def test_is_open_where_its_source_gives_no_interval(self):
        found = marks_of(panel_of(finding(), finding(value=0.8, ci_low=None, ci_high=None)))
        assert [mark.is_open for mark in found] == [False, True]

    def test_has_a_line_of_its_own(self):
        panel = panel_of(finding(), finding(), finding(outcome="ipv-any"), finding(comparator="nothing"))
        heights = [mark.y for mark in marks_of(panel)]
        assert all(below - above >= 12 for above, below in pairwise(heights))
        assert max(heights) < panel.frame.axis_y

    def test_tells_families_of_ratios_apart_by_its_shape(self):
        assert {shape_of(code) for code in ("risk ratio", "prevalence ratio")} == {CIRCLE}
        assert shape_of("odds ratio") == SQUARE
        assert {shape_of(code) for code in ("hazard ratio", "incidence rate ratio", "ratio")} == {TRIANGLE}


class TestAName:
    def test_of_an_outcome_stands_once_over_its_comparators(self):
        panel = panel_of(finding(comparator="nothing"), finding(comparator="same-without"))
        (side,) = panel.sides
        assert [each.outcome_y is None for each in side.outcomes] == [False, True]

    def test_of_two_lines_moves_what_is_below_it(self):
        plain, long = (panel_of(finding(), finding(), name_lines=each) for each in ({}, {"ipv-physical": 2}))
        assert long.frame.height - plain.frame.height == NAME_LINE_PX
