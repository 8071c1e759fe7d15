import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.records.finding import ArmRecord
from studies.synthesis.comparators import kind_of
from studies.synthesis.estimates import UnusableReason
from studies.synthesis.evidence import NOT_STATED, Scope
from studies.synthesis.forest import Change, NoMeanReason, build_forests
from studies.synthesis.orientation import Orientation, read_orientation
from studies.synthesis.summary_of_findings import SummaryInput, build_summary
from tests.studies.evidence_factory import MEASURES, OUTCOMES, evidence_of, group, study, the_bank
from tests.studies.records_factory import finding


def number(value=0.7, low=0.5, high=0.98, **changes):
    return finding(**{"value": value, "ci_low": low, "ci_high": high, "comparator": "nothing", **changes})


def arms(events, n, compared_events, compared_n):
    return (
        ArmRecord("intervention", n=n, events=events),
        ArmRecord("comparison", n=compared_n, events=compared_events),
    )


NO_NUMBERS = {"measure": None, "value": None, "low": None, "high": None}


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


def only_set_of_kind(kind, *studies):
    (forest,) = found(*studies)
    return next(each for each in forest.sets if each.kind == kind)


class TestWhatStandsSideBySide:
    def test_is_of_one_measure(self):
        odds, risks = found(evaluation("a", number(measure="odds ratio")), evaluation("b"))
        assert (odds.measure.code, risks.measure.code) == ("odds ratio", "risk ratio")

    def test_may_be_of_two_measures_that_are_one_by_another_name(self):
        (forest,) = found(evaluation("a", number(measure="prevalence ratio")), evaluation("b"))
        assert [measure.code for measure in forest.measures] == ["risk ratio", "prevalence ratio"]
        assert [len(each.rows) for each in forest.sets] == [2]
        codes = ("standard deviations", "Hedges g", "Cohen d")
        (forest,) = found(*(evaluation(code[0], number(measure=code, higher_is="worse")) for code in codes))
        assert [measure.code for measure in forest.measures] == list(codes)
        assert [len(each.rows) for each in forest.sets] == [3]

    def test_is_never_two_regression_coefficients(self):
        first, second = found(*(evaluation(id_, number(measure="regression coefficient")) for id_ in "ab"))
        assert (len(first.rows), len(second.rows)) == (1, 1)

    def test_was_compared_with_one_kind_of_thing(self):
        (forest,) = found(
            evaluation("a"),
            evaluation("b", number(comparator="wait-list")),
            evaluation("c", number(comparator="usual-services")),
            evaluation("d", number(comparator=None)),
        )
        assert [(each.kind, len(each.rows)) for each in forest.sets] == [("nothing", 2), ("usual", 1), (NOT_STATED, 1)]
        assert [each.without_comparator for each in forest.sets] == [1, 1, 1]

    def test_does_not_show_twice_an_evaluation_whose_comparator_is_told_once(self):
        some = evaluation("a", number(comparator=None, follow_up_months=36), number(0.8, 0.6, 1.07))
        (row,) = only_set(some).rows
        assert row.finding.comparator == "nothing"

    def test_may_show_an_evaluation_against_two_kinds_of_comparator(self):
        first, second = found(evaluation("a", number(), number(comparator="same-without")))[0].sets
        assert (first.kind, second.kind) == ("nothing", "part")

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
    """The rule is that of `chosen_estimate`, whose tests ask for each step of it."""

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

    def test_is_what_authors_declare_primary_before_what_is_later_or_more_precise(self):
        row = self.chosen(
            number(0.8, 0.4, 1.6, primary=True, follow_up_months=6), number(0.5, 0.45, 0.56, follow_up_months=24)
        )
        assert (row.finding.value, row.passed_over) == (0.8, 1)

    def test_is_of_the_whole_sample(self):
        row = self.chosen(number(0.5, 0.45, 0.56, subgroup_es="jóvenes"), number(0.8, 0.4, 1.6))
        assert row.finding.value == 0.8

    def test_is_what_women_report(self):
        row = self.chosen(number(0.5, 0.45, 0.56, reporter="men"), number(0.8, 0.4, 1.6, reporter="women"))
        assert row.finding.value == 0.8

    def test_is_none_where_what_speaks_for_the_evaluation_has_no_number(self):
        bare = number(**NO_NUMBERS, primary=True)
        assert found(evaluation("a", bare, number())) == ()

    def test_is_one_for_all_arms_of_a_trial(self):
        """The summary of findings tells each arm; as two rows they would count the comparison group twice."""
        row = self.chosen(number(0.8, 0.4, 1.6, arm_es="dinero"), number(0.6, 0.5, 0.72, arm_es="alimentos"))
        assert (row.finding.value, row.passed_over) == (0.6, 1)

    def test_then_the_first(self):
        assert self.chosen(number(0.5, 0.25, 1), number(0.5, 0.25, 1, effect="mixed")).finding.effect == "favourable"

    def test_is_one_for_all_papers_of_a_trial(self):
        papers = [evaluation("a", number(follow_up_months=12)), evaluation("b", number(0.6, 0.42, 0.86))]
        (row,) = only_set(*papers, groups=[group("a", "b")]).rows
        assert (row.study.id, row.passed_over) == ("b", 1)

    def test_is_what_the_source_prints_before_what_the_bank_computes(self):
        row = self.chosen(number(**NO_NUMBERS, arms=arms(20, 100, 40, 100)), number(0.5, None, None))
        assert (row.finding.value, row.change) == (0.5, None)


class TestNumbersOfArms:
    """Handbook, chapter 6: an odds ratio is brought to a risk ratio where both arms are known one by one."""

    def row(self, *findings, **changes):
        (forest,) = found(evaluation("a", *findings, **changes))
        (row,) = forest.rows
        return row

    def test_make_a_risk_ratio_where_the_source_compares_nothing(self):
        row = self.row(number(**NO_NUMBERS, arms=arms(20, 100, 40, 100)))
        assert (row.change, row.finding.measure, row.printed.measure) == (Change.COMPUTED, "risk ratio", None)
        assert row.finding.value == pytest.approx(0.5)
        assert row.estimate.se == pytest.approx((1 / 20 - 1 / 100 + 1 / 40 - 1 / 100) ** 0.5)

    def test_give_what_others_compute(self):
        """The first trial of `dat.bcg` in the documentation of metafor's `escalc`: -0.8893, variance 0.3256."""
        row = self.row(number(**NO_NUMBERS, arms=arms(4, 4 + 119, 11, 11 + 128)))
        assert (round(row.estimate.x, 4), round(row.estimate.se**2, 4)) == (-0.8893, 0.3256)

    def test_take_the_place_of_an_odds_ratio_that_is_not_adjusted(self):
        odds = number(0.375, 0.2, 0.7, measure="odds ratio", adjusted=False, arms=arms(20, 100, 40, 100))
        assert (self.row(odds).change, self.row(odds).finding.measure) == (Change.COMPUTED, "risk ratio")

    @pytest.mark.parametrize(
        ("printed", "designs"),
        [
            ({"measure": "odds ratio", "adjusted": True}, ("rct",)),
            ({"measure": "odds ratio", "adjusted": None}, ("rct",)),
            ({"measure": "odds ratio", "adjusted": False}, ("cluster-rct",)),
            ({"measure": "odds ratio", "adjusted": False}, ("natural-experiment",)),
            ({"measure": "risk ratio", "adjusted": False}, ("rct",)),
            ({"measure": "percentage points", "adjusted": False}, ("rct",)),
        ],
    )
    def test_replace_no_better_estimate(self, printed, designs):
        row = self.row(number(**printed, arms=arms(20, 100, 40, 100)), designs=designs)
        assert (row.change, row.finding.value) == (None, 0.7)

    def test_give_a_risk_ratio_its_error_where_it_has_none(self):
        bare = number(0.5, None, None, adjusted=False, arms=arms(20, 100, 40, 100))
        assert self.row(bare).change is Change.COMPUTED

    def test_of_a_single_event_are_enough(self):
        assert self.row(number(**NO_NUMBERS, arms=arms(1, 100, 4, 100))).finding.value == pytest.approx(0.25)

    def test_may_be_shares_of_people(self):
        of_people = (ArmRecord("intervention", n=237, percent=26), ArmRecord("comparison", n=223, percent=44))
        assert self.row(number(**NO_NUMBERS, arms=of_people)).finding.value == pytest.approx(62 / 237 / (98 / 223))

    @pytest.mark.parametrize(
        "without",
        [
            arms(0, 100, 40, 100),
            arms(100, 100, 100, 100),
            arms(120, 100, 40, 100),
            arms(20, None, 40, 100),
            arms(20, 100, 40, None),
            (*arms(20, 100, 40, 100), ArmRecord("second programme", n=100, events=30)),
            (ArmRecord("cases", n=100, events=20), ArmRecord("controls", n=100, events=40)),
        ],
    )
    def test_that_do_not_allow_it_give_nothing(self, without):
        assert found(evaluation("a", number(**NO_NUMBERS, arms=without))) == ()


class TestOrientation:
    def scale(self, value, higher_is, **changes):
        low, high = value - 0.2, value + 0.2
        return number(value, low, high, measure="Cohen d", outcome="mental-health", higher_is=higher_is, **changes)

    def test_of_what_counts_violence_is_known(self):
        assert only_set(*THREE).orientation is Orientation.WORSE

    @pytest.mark.parametrize("outcome", ["ipv-any", "mental-health"])
    def test_of_a_scale_only_the_record_tells(self, outcome):
        some = [evaluation(id_, number(measure="Cohen d", outcome=outcome)) for id_ in "abc"]
        each = only_set(*some)
        assert (each.orientation, each.no_mean) == (Orientation.UNKNOWN, NoMeanReason.NO_ORIENTATION)

    def test_is_made_the_same_in_all(self):
        """Depression fell by 0.3, and well-being rose by 0.12 and 0.15: all three are better, and are averaged so."""
        each = only_set(
            evaluation("a", self.scale(-0.3, "worse")),
            evaluation("b", self.scale(0.12, "better")),
            evaluation("c", self.scale(0.15, "better")),
        )
        assert [(row.finding.value, row.change) for row in each.rows] == [
            (0.3, Change.TURNED),
            (0.12, None),
            (0.15, None),
        ]
        assert (each.orientation, each.rows[0].printed.value) == (Orientation.BETTER, -0.3)
        assert each.pooled.mean > 0

    def test_that_is_unknown_is_in_no_set_with_one_that_is_known(self):
        (forest,) = found(evaluation("a", self.scale(0.3, "better")), evaluation("b", self.scale(0.3, None)))
        assert [each.orientation for each in forest.sets] == [Orientation.BETTER, Orientation.UNKNOWN]

    def test_of_odds_is_turned_by_their_inverse(self):
        kept = evaluation("a", number(1.25, 1.0, 1.6, measure="odds ratio", higher_is="better"))
        others = (evaluation(id_, number(measure="odds ratio")) for id_ in "bc")
        row = next(row for row in only_set(kept, *others).rows if row.study.id == "a")
        assert (row.finding.value, row.finding.ci_low, row.finding.ci_high) == pytest.approx((0.8, 0.625, 1.0))

    def test_of_risks_cannot_be_turned(self):
        (forest,) = found(evaluation("a", number(1.2, 1, 1.44, higher_is="better")), evaluation("b"))
        assert [(each.orientation, len(each.rows)) for each in forest.sets] == [
            (Orientation.WORSE, 1),
            (Orientation.BETTER, 1),
        ]


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

    def test_is_barred_where_what_authors_judge_contradicts_the_scale(self):
        other_way = evaluation("d", number(1.4, 1.1, 1.78))
        assert only_set(*THREE, other_way).no_mean == NoMeanReason.OPPOSITE
        worse = evaluation("d", number(1.4, 1.1, 1.78, effect="unfavourable"))
        assert only_set(*THREE, worse).pooled

    def test_needs_a_comparator(self):
        some = [evaluation(id_, number(comparator=None)) for id_ in "abc"]
        assert only_set(*some).no_mean == NoMeanReason.NO_COMPARATOR
        each = only_set_of_kind("nothing", *THREE, *(evaluation(id_, number(comparator=None)) for id_ in "de"))
        assert (each.pooled.k, each.without_comparator) == (3, 2)

    @pytest.mark.parametrize(
        ("measure", "unit", "has_mean"),
        [
            ("percent change", None, False),
            ("correlation", None, False),
            ("mean difference", None, False),
            ("mean difference", "points on the scale", False),
            ("mean difference", "days", True),
            ("standard deviations", None, True),
        ],
    )
    def test_needs_a_common_scale(self, measure, unit, has_mean):
        numbers = [(-3, -5, -1), (-2, -4, 0), (-4, -6, -2)]
        studies = [
            evaluation(id_, number(*each, measure=measure, unit=unit, higher_is="worse"))
            for id_, each in zip("abc", numbers, strict=True)
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

    @pytest.mark.parametrize("code", [None, "economic-plus", "cash-transfer", "school-based", "engaging-men"])
    def test_every_row_is_told_by_the_summary_of_findings(self, code):
        studies, evidence = the_bank()
        scope = Scope(frozenset({code} if code else ()))
        told = {
            (group.kind, row.outcome, each.work.id, told.candidate.study.id, told.candidate.finding)
            for group in build_summary(SummaryInput(studies, evidence, scope, MEASURES, OUTCOMES, priority=()))
            for row in group.rows
            for each in row.evaluations
            for told in each.told
        }
        rows = {
            (each.kind, each.outcome, row.work_id, row.study.id, row.printed)
            for forest in build_forests(studies, evidence, MEASURES, OUTCOMES, scope)
            for each in forest.sets
            for row in each.rows
        }
        assert rows
        assert rows <= told

    def test_no_mean_of_the_real_bank_mixes_what_cannot_be_compared(self):
        studies, evidence = the_bank()
        for forest in build_forests(studies, evidence, MEASURES, OUTCOMES):
            for each in forest.sets:
                weighed = [row for row in each.rows if row.weight is not None]
                works = {row.work_id for row in weighed}
                assert all(len(works.intersection(own)) < 2 for own in each.sharing)
                assert all(kind_of(row.finding.comparator) == each.kind != NOT_STATED for row in weighed)

    def test_all_rows_of_a_set_agree_on_what_a_higher_value_means(self):
        studies, evidence = the_bank()
        for forest in build_forests(studies, evidence, MEASURES, OUTCOMES):
            for each in forest.sets:
                found = {read_orientation(row.finding, evidence.taxonomy) for row in each.rows}
                assert found == {each.orientation}
