"""The summary of findings: groups, rows, what each row holds, and the facts beside it, on made-up studies."""

from dataclasses import replace

import pytest

from studies.records.finding import ArmRecord
from studies.records.study import CostRecord, InterventionRecord
from studies.synthesis.absolute_effect import AbsoluteEffect
from studies.synthesis.answer_facts import (
    describe_all,
    describe_row,
    find_not_known,
    list_costs,
    list_harms,
    list_reviews,
)
from studies.synthesis.direction import ForWomen, Movement
from studies.synthesis.evidence import NOT_STATED, Scope
from studies.synthesis.forest import build_forests
from studies.synthesis.people import UNITS_OF_PEOPLE
from studies.synthesis.summary_of_findings import SummaryInput, build_summary
from tests.studies.evidence_factory import MEASURES, OUTCOMES, as_details, as_evidence, evidence_of, group, the_bank
from tests.studies.records_factory import complete_record, finding, fixture_json, fixture_studies

PRIORITY = ("ipv-any", "ipv-physical", "ipv-sexual")


def record(id, *findings, **changes):
    """Build a made-up randomised evaluation of work with men; `findings` are on any outcomes."""
    return complete_record(id=id, findings=findings or (told(),), **{"sample_unit": "women", **changes})


def told(**changes):
    return finding(**{"comparator": "nothing", "reporter": "women", "higher_is": "worse", **changes})


def given(*records, groups=(), scope=None, **changes):
    studies = [as_evidence(each) for each in records]
    values = {
        "studies": studies,
        "evidence": evidence_of(studies, groups),
        "scope": scope or Scope(),
        "measures": MEASURES,
        "outcomes": OUTCOMES,
        "priority": PRIORITY,
        "details": {each.id: as_details(each) for each in records},
    }
    return SummaryInput(**{**values, **changes})


def only_row(*records, **options):
    (each,) = build_summary(given(*records, **options))
    (row,) = each.rows
    return row


class TestGroups:
    def test_are_of_one_kind_of_comparator(self):
        found = build_summary(given(record("a", told(comparator="same-without")), record("b"), record("c")))
        assert [(each.kind, len(each.works)) for each in found] == [("nothing", 2), ("part", 1)]

    def test_put_what_names_no_comparator_last(self):
        found = build_summary(given(record("a", told(comparator=None)), record("b", told(comparator="same-without"))))
        assert [each.kind for each in found] == ["part", NOT_STATED]

    def test_tell_outcomes_in_the_order_of_priority_and_then_the_rest(self):
        outcomes = ("mental-health", "ipv-physical", "attitudes-norms", "ipv-any")
        (found,) = build_summary(
            given(record("a", *(told(outcome=code) for code in outcomes), outcomes=("ipv-physical",)))
        )
        assert [row.outcome for row in found.lead] == ["ipv-any", "ipv-physical"]
        assert [row.outcome for row in found.others] == ["attitudes-norms", "mental-health"]

    def test_do_not_tell_a_cost_as_an_effect(self):
        assert not build_summary(given(record("a", told(outcome="cost-effectiveness"))))


class TestARow:
    def test_counts_the_papers_of_a_trial_once(self):
        row = only_row(record("a"), record("b"), groups=[group("a", "b")])
        assert row.is_single
        assert row.evaluations[0].members == ("a", "b")

    def test_tells_once_what_two_papers_print_alike(self):
        row = only_row(record("a"), record("b", told(arm_es="el mismo grupo")), groups=[group("a", "b")])
        (only,) = row.told
        assert (only.candidate.study.id, only.same_in) == ("a", ("b",))
        assert row.evaluations[0].papers == ("a", "b")

    def test_gives_the_range_of_effects_of_each_measure(self):
        row = only_row(
            record("a", told(value=0.5)),
            record("b", told(value=0.8)),
            record("c", told(value=0.9, measure="odds ratio")),
        )
        assert [(each.measure, each.low, each.high, len(each.works)) for each in row.ranges] == [
            ("risk ratio", 0.5, 0.8, 2),
            ("odds ratio", 0.9, 0.9, 1),
        ]

    def test_keeps_apart_ranges_of_scales_turned_round(self):
        scales = {"measure": "standard deviations", "ci_low": None, "ci_high": None}
        row = only_row(
            record("a", told(value=-0.3, higher_is="worse", **scales)),
            record("b", told(value=0.2, higher_is="better", **scales)),
        )
        assert len(row.ranges) == 2
        assert row.evaluations[0].movement == row.evaluations[1].movement == Movement.LESS

    def test_has_no_movement_where_parts_differ(self):
        row = only_row(
            record("a", told(value=0.5, arm_es="dinero"), told(value=1.2, arm_es="alimentos", effect="no-effect"))
        )
        assert row.evaluations[0].movement is None
        assert [each.direction.movement for each in row.told] == [Movement.LESS, Movement.MORE]

    def test_keeps_another_time_of_the_same_people(self):
        early = told(value=0.5, follow_up="12 months", follow_up_months=12)
        late = told(value=1, ci_low=0.8, ci_high=1.2, effect="no-effect")
        (evaluation,) = only_row(record("a", early, late)).evaluations
        assert evaluation.movement is Movement.NO_DIFFERENCE
        assert [(each.finding, direction.movement) for each, direction in evaluation.other_times] == [
            (early, Movement.LESS)
        ]

    def test_is_in_a_package_if_nothing_asked_about_is_tested_alone(self):
        package = (InterventionRecord("engaging-men", "component"), InterventionRecord("school-based", "component"))
        assert only_row(record("a", interventions=package)).evaluations[0].is_packaged
        assert not only_row(record("a")).evaluations[0].is_packaged

    def test_has_the_absolute_effect_of_the_trials_own_comparison_arm(self):
        (only,) = only_row(record("a", told(arms=(ArmRecord("comparison", percent=20.0),)))).told
        assert isinstance(only.absolute, AbsoluteEffect)
        assert only.absolute.without == 200

    def test_has_the_mean_of_its_own_kind_of_comparator_alone(self):
        records = [record(id, told(value=value, ci_low=value * 0.7, ci_high=value / 0.7)) for id, value in VALUES]
        asked = given(*records)
        forests = build_forests(asked.studies, asked.evidence, MEASURES, OUTCOMES)
        (row,) = build_summary(replace(asked, forests=forests))[0].rows
        assert row.pooled[0].studies == ("a", "b", "c")
        other = given(*records[:2], record("c", told(value=0.9, ci_low=0.63, ci_high=1.29, comparator=None)))
        mixed = build_forests(other.studies, other.evidence, MEASURES, OUTCOMES)
        assert not any(row.pooled for each in build_summary(replace(other, forests=mixed)) for row in each.rows)


VALUES = (("a", 0.6), ("b", 0.7), ("c", 0.9))


class TestPeople:
    def test_are_those_of_the_finding(self):
        assert only_row(record("a", told(n=919))).people == 919

    def test_are_else_the_sum_of_the_arms(self):
        arms = (ArmRecord("intervention", n=120), ArmRecord("comparison", n=130))
        assert only_row(record("a", told(arms=arms))).people == 250

    def test_are_else_the_sample_where_its_unit_is_of_people(self):
        assert only_row(record("a")).people == 1200
        assert only_row(record("a", sample_unit="villages")).people is None

    def test_are_counted_in_units_that_the_vocabulary_has(self):
        assert {term["code"] for term in fixture_json("taxonomy")["sample_units"]} >= UNITS_OF_PEOPLE

    def test_of_a_trial_are_not_added_over_its_papers(self):
        row = only_row(record("a"), record("b", told(value=0.6), sample_size=900), groups=[group("a", "b")])
        assert row.people == 1200

    def test_are_added_over_evaluations_that_give_them(self):
        row = only_row(record("a"), record("b", sample_unit="villages"), record("c", told(n=300)))
        assert (row.people, row.people_known) == (1500, 2)


class TestHowSure:
    def test_counts_each_evaluation_once_over_all_rows(self):
        asked = given(record("a", told(), told(outcome="ipv-any", effect="no-effect", value=0.9, ci_high=1.3)))
        facts = describe_all(build_summary(asked), asked.details)
        assert (facts.evaluations, facts.with_interval) == (1, 1)
        assert (facts.all_include_no_difference, facts.some_include_no_difference) == (0, 1)
        assert facts.for_women == {ForWomen.BETTER: 1}
        assert facts.nearness == {"peru": 1}
        assert facts.designs == {"randomised": 1}

    def test_tells_registered_and_appraised_from_any_paper_of_the_trial(self):
        asked = given(record("a"), record("b", registration=("NCT00000000",)), groups=[group("a", "b")])
        (each,) = build_summary(asked)
        assert describe_row(each.rows[0], asked.details).registered == 1

    def test_counts_teams_by_common_authors(self):
        asked = given(record("a"), record("b"))
        (each,) = build_summary(asked)
        assert describe_row(each.rows[0], asked.details).teams == 1

    def test_does_not_count_teams_where_authors_are_not_known(self):
        asked = given(record("a"), record("b", authors=()))
        (each,) = build_summary(asked)
        assert describe_row(each.rows[0], asked.details).teams is None


class TestHarms:
    @pytest.mark.parametrize(
        ("said", "expected"),
        [("found", "found"), ("none-found", "none-found"), ("not-stated", "not-stated"), (None, "not-looked-up")],
    )
    def test_are_told_as_the_source_does(self, said, expected):
        asked = given(record("a", harms=said))
        assert [each.code for each in list_harms(build_summary(asked), asked.details, asked.scope)] == [expected]

    def test_of_any_paper_are_those_of_the_trial(self):
        asked = given(record("a"), record("b", harms="found"), groups=[group("a", "b")])
        (harm,) = list_harms(build_summary(asked), asked.details, asked.scope)
        assert (harm.code, harm.studies) == ("found", ("b",))

    def test_of_another_arm_are_not_those_of_what_is_asked_about(self):
        asked = given(
            record("a", interventions=("engaging-men", "school-based"), harms="found", harms_about=("school-based",)),
            scope=Scope(frozenset({"engaging-men"})),
        )
        (harm,) = list_harms(build_summary(asked), asked.details, asked.scope)
        assert harm.code == "not-stated"


class TestTheRest:
    def test_costs_are_told_as_stated(self):
        cost = CostRecord(amount=74, currency="USD", year=2015, per="couple")
        asked = given(record("a", costs=(cost,)))
        assert [(each.study, each.cost) for each in list_costs(asked.studies, asked.details, asked.scope)] == [
            ("a", cost)
        ]

    def test_what_violence_costs_is_no_cost_of_a_programme(self):
        cost = CostRecord(amount=9100, currency="USD", year=2014)
        asked = given(record("a", costs=(cost,), interventions=(), exposures=("workplace-violence",)))
        assert list_costs(asked.studies, asked.details, asked.scope) == ()

    def test_reviews_tell_their_pooled_values_and_what_of_them_is_here(self):
        review = complete_record(
            id="r",
            designs=("systematic-review",),
            interventions=(InterventionRecord("engaging-men", "reviewed"),),
            includes=("a", "elsewhere"),
        )
        (told_review,) = list_reviews(given(record("a"), review))
        assert (told_review.held, told_review.results[0].is_pooled) == (("a",), True)

    def test_a_review_that_was_updated_is_told_once_by_its_newest_version(self):
        versions = [
            complete_record(
                id=f"r-{year}",
                year=year,
                designs=("systematic-review",),
                interventions=(InterventionRecord("engaging-men", "reviewed"),),
            )
            for year in (2008, 2022)
        ]
        asked = given(*versions, groups=[group("r-2008", "r-2022")])
        assert [each.study.id for each in list_reviews(asked)] == ["r-2022"]

    def test_what_is_not_known_is_named(self):
        asked = given(record("a", countries=("KE",), populations=("women",)))
        missing = find_not_known(build_summary(asked), asked, ("indigenous", "women"))
        assert missing.outcomes == ("ipv-any", "ipv-sexual")
        assert missing.populations == ("indigenous",)
        assert missing.in_peru
        assert missing.cost
        assert missing.harms
        assert missing.subgroups

    def test_nothing_is_told_of_no_evaluation(self):
        asked = given(record("a", designs=("qualitative",)))
        assert build_summary(asked) == ()
        assert describe_all((), asked.details).evaluations == 0


class TestTheRealBank:
    @pytest.mark.parametrize("code", ["economic-plus", "cash-transfer", "school-based", "couples-programme"])
    def test_holds_each_evaluation_that_estimates_an_effect(self, code):
        studies, evidence = the_bank()
        own = [each for each in studies if code in each.interventions]
        asked = SummaryInput(
            studies=own,
            evidence=evidence,
            scope=Scope(frozenset({code})),
            measures=MEASURES,
            outcomes=OUTCOMES,
            priority=PRIORITY,
            details={each.id: as_details(each) for each in fixture_studies()},
        )
        told_works = {work for each in build_summary(asked) for work in each.works}
        expected = {
            evidence.work(each, claim).id
            for each in own
            for claim in asked.scope.filter_claims(each)
            if claim.is_test and claim.effect != "not-estimated" and evidence.work(each, claim).is_evaluation
        }
        assert told_works == expected
