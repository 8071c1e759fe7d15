"""Which findings speak for an evaluation: each step of the rule, and what holds for any findings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.synthesis.chosen_estimate import choose_estimates, collect_candidates, find_arm
from studies.synthesis.comparators import kind_of
from studies.synthesis.evidence import Scope
from tests.studies.evidence_factory import evidence_of, group, study, the_bank
from tests.studies.records_factory import finding


def choices(*findings, papers=None, interventions=frozenset()):
    """Choose among findings on one outcome of one made-up trial; `papers` gives more papers with theirs."""
    studies = [study("a", findings=findings)]
    studies += [study(id, findings=own, year=2021) for id, own in (papers or {}).items()]
    evidence = evidence_of(studies, [group(*(each.id for each in studies))])
    scope = Scope(interventions=interventions)
    ((work, outcome), candidates), *others = collect_candidates(studies, evidence, scope).items()
    assert not others
    return choose_estimates(work, outcome, candidates, interventions)


def chosen_values(*findings, **options):
    (choice,) = choices(*findings, **options)
    return [each.finding.value for each in choice.chosen]


def number(value, **changes):
    return finding(value=value, ci_low=None, ci_high=None, **changes)


class TestWhatIsNeverSetAgainstEachOther:
    def test_are_kinds_of_comparator(self):
        first, second = choices(number(0.5, comparator="nothing"), number(0.9, comparator="same-without"))
        assert (first.comparator_kind, second.comparator_kind) == ("nothing", "part")

    def test_two_comparators_of_one_kind_are(self):
        (choice,) = choices(number(0.5, comparator="nothing"), number(0.9, comparator="wait-list"))
        assert len(choice.chosen) == 2

    def test_are_arms(self):
        first, second = choices(number(0.5, arm_es="dinero"), number(0.9, arm_es="alimentos"))
        assert (first.arm.name, second.arm.name) == ("dinero", "alimentos")

    def test_are_arms_told_apart_by_what_they_test(self):
        both = ("engaging-men", "school-based")
        studies = [
            study(
                "a",
                interventions=both,
                findings=(number(0.5, about=("engaging-men",)), number(0.9, about=("school-based",))),
            )
        ]
        evidence = evidence_of(studies)
        (((work, outcome), candidates),) = collect_candidates(studies, evidence, Scope()).items()
        assert len(choose_estimates(work, outcome, candidates)) == 2


class TestTheOrderOfPreference:
    def test_puts_the_whole_sample_before_a_subgroup(self):
        assert chosen_values(number(0.5, subgroup_es="jóvenes", primary=True), number(0.9)) == [0.9]

    def test_puts_arms_before_people_who_are_in_none(self):
        neighbours = number(0.9, subgroup_es="vecinas que no recibieron nada")
        first, second = choices(neighbours, number(0.5, arm_es="dinero"), number(0.6, arm_es="alimentos"))
        assert [each.finding.value for each in (*first.chosen, *second.chosen)] == [0.5, 0.6]
        assert [each.finding for each in first.passed_over] == [neighbours]

    def test_lets_people_in_no_arm_speak_where_no_arm_does(self):
        chosen = [
            each.finding.value
            for choice in choices(
                number(0.9, subgroup_es="rurales"), number(0.5, arm_es="dinero", subgroup_es="urbanas")
            )
            for each in choice.chosen
        ]
        assert sorted(chosen) == [0.5, 0.9]

    def test_puts_what_authors_declare_primary_first(self):
        assert chosen_values(number(0.5, adjusted=True), number(0.9, primary=True)) == [0.9]

    def test_puts_adjusted_first_where_nothing_is_declared_primary(self):
        assert chosen_values(number(0.5), number(0.9, adjusted=True)) == [0.9]

    def test_puts_what_women_report_before_what_others_report(self):
        assert chosen_values(number(0.5, reporter="men"), number(0.9, reporter="women")) == [0.9]

    def test_puts_the_longest_follow_up_first(self):
        months = [number(value, follow_up=f"{n} months", follow_up_months=n) for value, n in ((0.5, 12), (0.9, 24))]
        assert chosen_values(number(0.2, follow_up=None, follow_up_months=None), *months) == [0.9]

    def test_puts_the_declared_outcome_before_a_longer_follow_up(self):
        early = number(0.5, primary=True, follow_up="3 months", follow_up_months=3)
        assert chosen_values(early, number(0.9, follow_up="12 months", follow_up_months=12)) == [0.5]


class TestWhatIsStillSeveral:
    def test_is_returned_as_several(self):
        assert chosen_values(number(0.5), number(0.9)) == [0.5, 0.9]

    def test_keeps_reporters_other_than_women_side_by_side(self):
        by_men = number(0.5, reporter="men", follow_up="6 months", follow_up_months=6)
        assert chosen_values(by_men, number(0.9, reporter="records")) == [0.5, 0.9]

    def test_tells_the_paper_of_each(self):
        (choice,) = choices(number(0.5), papers={"b": [number(0.9)]})
        assert [each.study.id for each in choice.chosen] == ["a", "b"]

    def test_keeps_another_paper_that_does_not_say_who_reported(self):
        by_women, unsaid = number(0.5, reporter="women"), number(0.9, reporter=None)
        assert chosen_values(by_women, papers={"b": [unsaid]}) == [0.5, 0.9]
        assert chosen_values(by_women, papers={"b": [number(0.9, reporter="records")]}) == [0.5]

    def test_is_not_what_the_same_paper_says_without_a_reporter(self):
        assert chosen_values(number(0.5, reporter="women"), number(0.9, reporter=None)) == [0.5]

    def test_keeps_what_was_passed_over(self):
        early, late = (number(0.5, follow_up=f"{n} months", follow_up_months=n) for n in (12, 24))
        (choice,) = choices(early, late, number(0.9, subgroup_es="jóvenes", follow_up="6 months", follow_up_months=6))
        assert [each.finding for each in choice.other_times] == [early]
        assert len(choice.passed_over) == 2


class TestCandidates:
    def test_leave_out_what_estimates_no_effect(self):
        studies = [study("a", findings=(finding(effect="not-estimated"),))]
        assert not collect_candidates(studies, evidence_of(studies), Scope())

    def test_leave_out_a_cost(self):
        cost = finding(outcome="cost-effectiveness", effect="favourable")
        studies = [study("a", findings=(cost,))]
        assert not collect_candidates(studies, evidence_of(studies), Scope())


any_finding = st.builds(
    number,
    st.sampled_from([0.3, 0.6, 1.0, 1.4]),
    comparator=st.sampled_from([None, "nothing", "wait-list", "same-without"]),
    arm_es=st.sampled_from([None, "dinero", "alimentos"]),
    subgroup_es=st.sampled_from([None, None, "jóvenes"]),
    primary=st.sampled_from([None, True, False]),
    adjusted=st.sampled_from([None, True]),
    reporter=st.sampled_from([None, "women", "men", "records"]),
    follow_up_months=st.sampled_from([None, 6, 12.5, 24]),
)


class TestAnyFindings:
    @given(st.lists(any_finding, min_size=1, max_size=6, unique_by=repr), st.randoms())
    def test_are_chosen_whatever_their_order(self, findings, random):
        studies = [study("a", findings=tuple(findings))]
        evidence = evidence_of(studies)
        (((work, outcome), candidates),) = collect_candidates(studies, evidence, Scope()).items()
        shuffled = list(candidates)
        random.shuffle(shuffled)
        assert choose_estimates(work, outcome, shuffled) == choose_estimates(work, outcome, candidates)

    @given(st.lists(any_finding, min_size=1, max_size=6, unique_by=repr))
    def test_never_mix_comparators_or_arms_and_never_vanish(self, findings):
        found = choices(*findings)
        assert len({(each.comparator_kind, each.arm) for each in found}) == len(found)
        kept = []
        for choice in found:
            assert choice.chosen
            for each in (*choice.chosen, *choice.passed_over):
                assert kind_of(each.finding.comparator) == choice.comparator_kind
                assert find_arm(each.claim) == choice.arm or (each.finding.subgroup_es and not each.finding.arm_es)
                kept.append(each.finding)
        assert sorted(map(repr, kept)) == sorted(map(repr, findings))

    @given(any_finding)
    def test_the_only_one_speaks(self, only):
        (choice,) = choices(only)
        assert [each.finding for each in choice.chosen] == [only]
        assert choice.passed_over == ()


class TestTheRealBank:
    @pytest.mark.parametrize("code", ["economic-plus", "cash-transfer", "school-based"])
    def test_has_a_choice_for_each_evaluation_and_outcome(self, code):
        studies, evidence = the_bank()
        for (work, outcome), candidates in collect_candidates(studies, evidence, Scope({code})).items():
            found = choose_estimates(work, outcome, candidates, {code})
            assert found
            assert sum(len(each.chosen) + len(each.passed_over) for each in found) == len(candidates)
