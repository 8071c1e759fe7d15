import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.synthesis.estimates import UnusableReason
from studies.synthesis.evidence import Scope
from studies.synthesis.forest import NoMeanReason, build_forests
from tests.studies.evidence_factory import MEASURES, OUTCOMES, evidence_of, group, study, the_bank
from tests.studies.records_factory import finding


def number(value=0.7, low=0.5, high=0.98, **changes):
    return finding(**{"value": value, "ci_low": low, "ci_high": high, **changes})


def evaluation(id, *findings, **changes):
    return study(id, findings=findings or (number(),), **changes)


THREE = (
    evaluation("a", number(0.6, 0.42, 0.86)),
    evaluation("b", number(0.7, 0.5, 0.98)),
    evaluation("c", number(0.9, 0.7, 1.16)),
)


def found(*studies, groups=(), scope=None):
    return build_forests(studies, evidence_of(studies, groups), MEASURES, OUTCOMES, scope)


def only_set(*studies, **options):
    (forest,) = found(*studies, **options)
    (each,) = forest.sets
    return each


class TestWhatStandsSideBySide:
    def test_is_of_one_measure(self):
        odds, risks = found(evaluation("a", number(measure="odds ratio")), evaluation("b"))
        assert (odds.measure.code, risks.measure.code) == ("odds ratio", "risk ratio")

    def test_is_of_one_outcome_and_one_strength_of_design(self):
        (forest,) = found(
            evaluation("a"),
            evaluation("b", designs=("natural-experiment",)),
            evaluation("c", number(outcome="ipv-any")),
        )
        assert [(each.outcome, each.design, len(each.rows)) for each in forest.sets] == [
            ("ipv-any", "randomised", 1),
            ("ipv-physical", "randomised", 1),
            ("ipv-physical", "quasi-experimental", 1),
        ]

    def test_is_of_one_unit(self):
        points = {"measure": "mean difference", "value": -2, "ci_low": -3, "ci_high": -1}
        first, second = found(
            evaluation("a", finding(unit="days", **points)), evaluation("b", finding(unit="points", **points))
        )
        assert (first.unit, second.unit) == ("days", "points")

    @pytest.mark.parametrize(
        "left_out",
        [
            evaluation("z", number(effect="not-estimated")),
            evaluation("z", finding(measure="prevalence", value=14.5, ci_low=13, ci_high=16)),
            evaluation("z", finding(measure=None, value=None, ci_low=None, ci_high=None)),
            evaluation("z", number(-1, -2, 0)),
            evaluation("z", number(measure="unheard-of")),
            evaluation("z", designs=("systematic-review",)),
            evaluation("z", designs=("cross-sectional",)),
            evaluation("z", interventions=()),
        ],
    )
    def test_is_an_effect_of_an_evaluation(self, left_out):
        assert found(left_out) == ()

    def test_is_of_the_interventions_that_were_asked_for(self):
        arms = evaluation(
            "a",
            number(0.5, 0.4, 0.62, about=("cash-transfer",)),
            number(0.9, 0.7, 1.16, about=("engaging-men",)),
            interventions=("cash-transfer", "engaging-men"),
        )
        (row,) = only_set(arms, scope=Scope(frozenset({"engaging-men"}))).rows
        assert (row.finding.value, row.is_alone, row.passed_over) == (0.9, True, 0)


class TestTheChosenFinding:
    def chosen(self, *findings):
        (row,) = only_set(evaluation("a", *findings)).rows
        return row

    def test_is_that_of_the_longest_follow_up(self):
        row = self.chosen(
            number(0.5, 0.45, 0.56, follow_up_months=12),
            number(0.8, 0.4, 1.6, follow_up_months=24),
            number(0.6, 0.55, 0.66, follow_up_months=None),
        )
        assert (row.finding.value, row.passed_over) == (0.8, 2)

    def test_then_the_most_precise(self):
        assert self.chosen(number(0.5, 0.25, 1), number(0.6, 0.5, 0.72)).finding.value == 0.6
        bare = number(0.4, None, None)
        assert self.chosen(bare, number(0.5, 0.25, 1)).finding.value == 0.5

    def test_then_the_first(self):
        assert self.chosen(number(0.5, 0.25, 1), number(0.5, 0.25, 1, effect="mixed")).finding.effect == "favourable"

    def test_is_one_for_all_papers_of_a_trial(self):
        papers = [evaluation("a", number(follow_up_months=12)), evaluation("b", number(0.6, 0.42, 0.86))]
        (row,) = only_set(*papers, groups=[group("a", "b")]).rows
        assert (row.study.id, row.passed_over) == ("b", 1)


class TestTheMean:
    def test_is_made_of_three_independent_evaluations(self):
        each = only_set(*THREE)
        assert each.no_mean is None
        assert each.pooled.k == 3
        assert sum(row.weight for row in each.rows) == pytest.approx(1)

    def test_leaves_out_and_names_what_tells_no_precision(self):
        each = only_set(*THREE, evaluation("d", number(0.5, None, None)))
        assert [(row.study.id, row.unusable) for row in each.left_out] == [("d", UnusableReason.NO_PRECISION)]
        assert (each.pooled.k, [row.weight is None for row in each.rows]) == (3, [False, False, False, True])

    def test_needs_three_evaluations(self):
        assert only_set(*THREE[:2]).no_mean == NoMeanReason.TOO_FEW
        papers = only_set(*THREE, groups=[group("a", "b")])
        assert (papers.no_mean, len(papers.rows)) == (NoMeanReason.TOO_FEW, 2)

    def test_needs_three_standard_errors(self):
        each = only_set(*THREE[:2], evaluation("d", number(0.5, None, None)))
        assert each.no_mean == NoMeanReason.TOO_FEW_USABLE

    def test_is_barred_by_shared_data(self):
        each = only_set(*THREE, groups=[group("b", "c", kind="data-set")])
        assert (each.no_mean, each.sharing) == (NoMeanReason.SHARED_DATA, (("study b", "study c"),))

    def test_names_who_shares_data_whatever_bars_the_mean(self):
        each = only_set(*THREE[:2], groups=[group("a", "b", kind="data-set")])
        assert (each.no_mean, each.sharing) == (NoMeanReason.TOO_FEW, (("study a", "study b"),))

    def test_shared_data_elsewhere_bar_nothing(self):
        assert only_set(*THREE, groups=[group("b", "elsewhere", kind="data-set")]).pooled

    def test_is_barred_by_scales_that_run_against_one_another(self):
        other_way = evaluation("d", number(1.4, 1.1, 1.78))
        assert only_set(*THREE, other_way).no_mean == NoMeanReason.OPPOSITE
        worse = evaluation("d", number(1.4, 1.1, 1.78, effect="unfavourable"))
        assert only_set(*THREE, worse).pooled

    def test_is_barred_where_all_are_the_same(self):
        assert only_set(evaluation("a"), evaluation("b"), evaluation("c")).no_mean == NoMeanReason.IDENTICAL

    @pytest.mark.parametrize(
        ("measure", "unit", "has_mean"),
        [
            ("regression coefficient", None, False),
            ("percent change", None, False),
            ("correlation", None, False),
            ("mean difference", None, False),
            ("mean difference", "days", True),
            ("standard deviations", None, True),
        ],
    )
    def test_needs_a_common_scale(self, measure, unit, has_mean):
        numbers = [(-3, -5, -1), (-2, -4, 0), (-4, -6, -2)]
        studies = [
            evaluation(id_, number(*each, measure=measure, unit=unit)) for id_, each in zip("abc", numbers, strict=True)
        ]
        assert (only_set(*studies).no_mean is None) == has_mean
        assert has_mean or only_set(*studies).no_mean == NoMeanReason.NO_COMMON_SCALE


class TestTheBank:
    @given(st.data())
    def test_no_evaluation_stands_twice_in_a_set_and_every_set_has_a_mean_or_a_reason(self, data):
        studies, evidence = the_bank()
        some = data.draw(st.lists(st.sampled_from(studies), unique_by=lambda each: each.key, max_size=80))
        for forest in build_forests(some, evidence, MEASURES, OUTCOMES):
            for each in forest.sets:
                works = [row.work_id for row in each.rows]
                assert len(works) == len(set(works))
                assert (each.pooled is None) == (each.no_mean is not None)

    def test_no_mean_of_the_real_bank_is_of_evaluations_that_share_data(self):
        studies, evidence = the_bank()
        sets = [each for forest in build_forests(studies, evidence, MEASURES, OUTCOMES) for each in forest.sets]
        pooled = [each for each in sets if each.pooled]
        assert pooled
        for each in pooled:
            weighed = {row.work_id for row in each.rows if row.weight is not None}
            assert all(len(weighed.intersection(own)) < 2 for own in each.sharing)
