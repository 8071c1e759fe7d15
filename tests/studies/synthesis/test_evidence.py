import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.records.study import InterventionRecord
from studies.synthesis.evidence import NOT_ESTIMATED, NOT_STATED, Scope, classify_design, combine_effects, list_claims
from studies.synthesis.nearness import NEARNESS_STEPS, find_nearest_step
from tests.studies.evidence_factory import evidence_of, group, study
from tests.studies.records_factory import evaluated, finding

EFFECTS = st.sampled_from(["favourable", "no-effect", "mixed", "unfavourable", NOT_ESTIMATED])


class TestTheEffectOfAnEvaluation:
    def test_is_the_one_that_its_findings_share(self):
        assert combine_effects(["favourable", "favourable"]) == "favourable"

    def test_is_mixed_where_they_differ(self):
        assert combine_effects(["favourable", "no-effect"]) == "mixed"
        assert combine_effects(["favourable", "unfavourable", "favourable"]) == "mixed"

    def test_not_estimated_yields_to_any_other(self):
        assert combine_effects([NOT_ESTIMATED, "unfavourable"]) == "unfavourable"
        assert combine_effects([NOT_ESTIMATED]) == NOT_ESTIMATED
        assert combine_effects([]) == NOT_ESTIMATED

    @given(st.lists(EFFECTS), st.randoms())
    def test_knows_no_order_and_no_repetition(self, effects, chance):
        shuffled = [*effects, *effects[:2]]
        chance.shuffle(shuffled)
        assert combine_effects(shuffled) == combine_effects(effects)

    @given(st.lists(EFFECTS), EFFECTS)
    def test_one_finding_more_never_hides_that_they_differ(self, effects, another):
        if combine_effects(effects) == "mixed":
            assert combine_effects([*effects, another]) == "mixed"


def claims(interventions, outcomes=(), findings=(), *, is_review=False, is_counted=True):
    return list_claims(evaluated(*interventions), outcomes, findings, is_review=is_review, is_counted=is_counted)


class TestClaims:
    def test_a_finding_tests_all_that_its_study_evaluates_unless_it_says_what(self):
        whole, own = finding(), finding(about=("cash-transfer",))
        found = claims(("cash-transfer", "engaging-men"), ("ipv-physical",), (whole, own))
        assert [claim.interventions for claim in found] == [("cash-transfer", "engaging-men"), ("cash-transfer",)]
        assert all(claim.is_test for claim in found)

    def test_a_finding_about_nothing_tests_nothing(self):
        first, second = claims(("cash-transfer",), ("ipv-physical",), (finding(about=()),))
        assert (first.interventions, first.is_test) == ((), False)
        # The study evaluates it all the same: it counts in the total, on no outcome.
        assert (second.interventions, second.outcome, second.is_test) == (("cash-transfer",), None, True)

    def test_what_a_finding_is_about_in_another_role_is_no_test(self):
        described = InterventionRecord("helpline", "described")
        found = claims(("advocacy-casework", described), ("ipv-physical",), (finding(about=("helpline",)),))
        assert not any(claim.is_test for claim in found if "helpline" in claim.interventions)

    def test_an_intervention_without_a_role_is_in_no_claim(self):
        found = claims((InterventionRecord("helpline"),), ("ipv-physical",), (finding(),))
        assert [claim.interventions for claim in found] == [()]

    def test_a_package_is_not_tested_by_each_of_its_parts_alone(self):
        part = InterventionRecord("parenting", "component")
        (claim,) = claims((part, "engaging-men"), ("ipv-physical",), (finding(),))
        assert claim.is_packaged(frozenset({"parenting"}))
        assert not claim.is_packaged(frozenset({"engaging-men"}))
        assert not claim.is_packaged()

    def test_a_review_claims_what_it_reviews_and_tests_nothing(self):
        reviewed = InterventionRecord("parenting", "reviewed")
        (claim,) = claims((reviewed,), ("ipv-physical",), (finding(),), is_review=True)
        assert (claim.interventions, claim.is_test) == (("parenting",), False)

    def test_a_study_that_compares_nothing_tests_nothing(self):
        (claim,) = claims(("parenting",), ("ipv-physical",), (finding(),), is_counted=False)
        assert (claim.interventions, claim.is_test) == (("parenting",), False)

    def test_an_outcome_without_a_finding_was_measured_and_not_estimated(self):
        found = claims(("engaging-men",), ("ipv-physical", "mental-health"), (finding(),))
        assert [(claim.outcome, claim.effect) for claim in found] == [
            ("ipv-physical", "favourable"),
            ("mental-health", NOT_ESTIMATED),
        ]

    def test_a_study_without_outcomes_claims_nothing_in_particular(self):
        (claim,) = claims(())
        assert (claim.interventions, claim.outcome, claim.effect) == ((), None, NOT_ESTIMATED)

    def test_a_scope_asks_for_interventions_and_outcomes(self):
        both = study(
            interventions=("cash-transfer", "engaging-men"),
            outcomes=("ipv-physical", "mental-health"),
            findings=(finding(about=("cash-transfer",)),),
        )
        assert [claim.outcome for claim in Scope(frozenset({"engaging-men"})).filter_claims(both)] == ["mental-health"]
        assert [claim.outcome for claim in Scope(outcomes=frozenset({"ipv-physical"})).filter_claims(both)] == [
            "ipv-physical"
        ]
        bare = study(interventions=(), outcomes=(), findings=())
        assert len(list(Scope(frozenset({NOT_STATED}), frozenset({NOT_STATED})).filter_claims(bare))) == 1


class TestWorks:
    def test_three_papers_of_one_trial_are_one_evaluation(self):
        studies = [study("a"), study("b", designs=("qualitative",)), study("c", designs=("cluster-rct",))]
        evidence = evidence_of(studies, [group("a", "b", "c")])
        works = {evidence.works[each.id] for each in studies}
        assert len(works) == 1
        assert works.pop().is_evaluation

    def test_three_analyses_of_one_survey_are_three(self):
        studies = [study(id_) for id_ in "abc"]
        evidence = evidence_of(studies, [group("a", "b", "c", kind="data-set", id="endes")])
        assert len({evidence.works[each.id].id for each in studies}) == 3
        assert set(evidence.data_sets.values()) == {frozenset({"endes"})}
        assert len(evidence.data_sets) == 3

    def test_a_review_with_two_papers_is_one_review(self):
        reviews = [study(id_, designs=("systematic-review",)) for id_ in "ab"]
        evidence = evidence_of(reviews, [group("a", "b")])
        (work,) = {evidence.works[each.id] for each in reviews}
        assert (work.is_evaluation, work.is_review) == (False, True)

    def test_a_trial_named_as_a_study_is_not_taken_for_it(self):
        studies = [study("a"), study("b"), study("un-ensayo")]
        evidence = evidence_of(studies, [group("a", "b")])
        assert evidence.works["a"].id != evidence.works["un-ensayo"].id

    @pytest.mark.parametrize(
        ("designs", "expected"),
        [
            (["qualitative", "cluster-rct"], "randomised"),
            (["process-evaluation", "natural-experiment"], "quasi-experimental"),
            (["cohort"], "other"),
            ([None], "other"),
        ],
    )
    def test_the_strongest_design_of_an_evaluation_is_that_of_all_its_papers(self, designs, expected):
        studies = [
            study(letter, designs=(design,) if design else ()) for letter, design in zip("ab", designs, strict=False)
        ]
        evidence = evidence_of(studies, [group("a", "b")])
        assert classify_design(evidence.works["a"]) == expected


class TestNearness:
    @pytest.mark.parametrize(
        ("places", "step"),
        [
            ([("peru", "upper-middle")], "peru"),
            ([("andean", "upper-middle")], "andean"),
            ([("latin-america-caribbean", "high")], "latin-america"),
            ([("sub-saharan-africa", "low")], "poorer"),
            ([("south-asia", "lower-middle")], "poorer"),
            ([("north-america", "high")], "richer"),
            ([("europe-central-asia", None)], "richer"),
            ([("north-america", "high"), ("andean", None), ("south-asia", "low")], "andean"),
            ([], "unknown"),
        ],
    )
    def test_the_nearest_country_counts(self, places, step):
        assert NEARNESS_STEPS[find_nearest_step(places)] == step
