from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.records.study import InterventionRecord
from studies.synthesis.evidence import NOT_STATED, Evidence, Scope, StudyEvidence
from studies.synthesis.tables import (
    DIMENSIONS,
    UNCOUNTED,
    Tally,
    Total,
    find_shared_data,
    group_by_work,
    iterate_works,
    tabulate,
    tally_by_dimension,
    tally_claims,
)
from tests import independent_counts
from tests.studies.evidence_factory import evidence_of, group, study, the_bank
from tests.studies.records_factory import finding

MEN, CASH = "engaging-men", "cash-transfer"
PACKAGE = (InterventionRecord(MEN, "component"), InterventionRecord(CASH, "component"))


def table(studies, rows="intervention", columns="outcome_group", groups=(), scope=None):
    return tabulate(studies, evidence_of(studies, groups), rows, columns, scope)


class TestACell:
    def test_counts_a_trial_once_and_its_papers_each(self):
        papers = [study("a"), study("b"), study("c")]
        cell = table(papers, groups=[group("a", "b", "c")]).cell(MEN, "partner-violence")
        assert (cell.evaluations, len(cell.studies)) == (1, 3)

    def test_counts_three_analyses_of_one_survey_as_three(self):
        analyses = [study("a"), study("b"), study("c")]
        data_set = group("a", "b", "c", kind="data-set")
        assert table(analyses, groups=[data_set]).cell(MEN, "partner-violence").evaluations == 3

    def test_joins_the_effects_of_all_papers_of_a_trial(self):
        papers = [study("a"), study("b", findings=(finding(effect="no-effect"),))]
        cell = table(papers, groups=[group("a", "b")]).cell(MEN, "partner-violence")
        assert cell.count_by_effect() == {"mixed": 1}

    def test_a_study_of_a_package_stands_in_the_rows_of_both_components_as_tested_together(self):
        both = study(interventions=PACKAGE)
        found = table([both])
        for code in (MEN, CASH):
            cell = found.cell(code, "partner-violence")
            assert (cell.evaluations, len(cell.together)) == (1, 1)
        assert found.total().evaluations == 1

    def test_a_finding_that_names_its_own_intervention_stands_in_that_row_alone(self):
        both = study(interventions=(MEN, CASH), findings=(finding(about=(CASH,)),))
        found = table([both])
        assert (MEN, "partner-violence") not in found.cells
        cell = found.cell(CASH, "partner-violence")
        assert (cell.evaluations, cell.together) == (1, set())

    def test_a_review_is_no_evaluation_and_several_papers_of_it_are_one(self):
        reviewed = (InterventionRecord(MEN, "reviewed"),)
        designs = ("systematic-review", "meta-analysis")
        reviews = [study(id_, interventions=reviewed, designs=(own,)) for id_, own in zip("ab", designs, strict=True)]
        cell = table(reviews, groups=[group("a", "b")]).cell(MEN, "partner-violence")
        assert (cell.evaluations, len(cell.studies), len(cell.reviews)) == (0, 2, 1)

    def test_what_is_not_stated_has_a_row_of_its_own(self):
        bare = study(interventions=(), outcomes=(), findings=())
        assert table([bare]).cell(NOT_STATED, NOT_STATED).studies == {bare.key}

    def test_an_empty_one_holds_nothing(self):
        assert table([study()]).cell(CASH, "childhood").studies == set()
        assert table([]).cell("no-such-row").evaluations == 0


class TestChoosing:
    def found(self):
        studies = [
            study("a"),
            study("b", findings=(finding(effect="no-effect"),), designs=("natural-experiment",)),
            study("c", interventions=PACKAGE),
        ]
        evidence = evidence_of(studies)
        return tally_claims(studies, evidence), evidence

    @pytest.mark.parametrize(
        ("choice", "expected"),
        [
            ({}, {"study a", "study b", "study c"}),
            ({"effect": "favourable"}, {"study a", "study c"}),
            ({"design": "quasi-experimental"}, {"study b"}),
            ({"tested": "together"}, {"study c"}),
            ({"tested": "alone", "effect": "favourable"}, {"study a"}),
            ({"design": "other"}, set()),
        ],
    )
    def test_gives_the_evaluations_that_fit(self, choice, expected):
        found, evidence = self.found()
        assert set(found.select_evaluations(evidence, **choice)) == expected


class TestEveryTable:
    @given(st.data())
    def test_totals_count_distinct_works_and_studies(self, data):
        studies, evidence = the_bank()
        some = data.draw(st.lists(st.sampled_from(studies), unique_by=lambda each: each.key, max_size=40))
        rows, columns = data.draw(st.sampled_from([*DIMENSIONS])), data.draw(st.sampled_from([*DIMENSIONS]))
        found = tabulate(some, evidence, rows, columns)
        evaluations = evaluations_in(some, evidence) if UNCOUNTED.isdisjoint((rows, columns)) else set()
        assert (found.total().evaluations, found.total().studies) == (len(evaluations), len(some))
        for row, total in found.row_totals().items():
            cells = [cell for (own, _), cell in found.cells.items() if own == row]
            assert max(cell.evaluations for cell in cells) <= total.evaluations
            assert total.evaluations <= sum(cell.evaluations for cell in cells)
            assert max(len(cell.studies) for cell in cells) <= total.studies
        for cell in found.cells.values():
            assert sum(cell.count_by_effect().values()) == cell.evaluations
            assert cell.together <= set(cell.effects)

    @given(st.data())
    def test_a_total_is_what_its_own_table_holds(self, data):
        """The list behind a total is counted by another table than the total: both must be the same."""
        studies, evidence = the_bank()
        rows, columns = data.draw(st.sampled_from([*DIMENSIONS])), data.draw(st.sampled_from([*DIMENSIONS]))
        interventions = data.draw(st.sampled_from([frozenset(), frozenset({MEN}), frozenset({CASH, NOT_STATED})]))
        scope = Scope(interventions)
        by_both = tabulate(studies, evidence, rows, columns, scope)
        for totals, dimension in ((by_both.row_totals(), rows), (by_both.column_totals(), columns)):
            is_counted = UNCOUNTED.isdisjoint((rows, columns))
            table = tabulate(studies, evidence, dimension, scope=scope, is_counted=is_counted)
            own = {row: cell for (row, _), cell in table.cells.items()}
            assert set(own) == set(totals)
            for code, total in totals.items():
                cell = own[code]
                assert total == Total(cell.evaluations, len(cell.studies), len(cell.reviews))

    def test_the_works_of_a_tally_come_once_each(self):
        studies, evidence = the_bank()
        found = tally_claims(studies, evidence)
        works = [work.id for work in iterate_works(found, evidence)]
        assert len(works) == len(set(works))
        assert set(works) == set(found.effects)
        assert list(iterate_works(Tally(), evidence)) == []


class TestTheBank:
    def test_a_column_counts_the_evaluations_that_claim_something_on_it(self):
        studies, evidence = the_bank()
        measured: dict[str, set[str]] = {}
        for each in studies:
            for claim in each.claims:
                if claim.is_test and claim.outcome:
                    group_of_outcome = evidence.taxonomy.group_of_outcome[claim.outcome]
                    measured.setdefault(group_of_outcome, set()).add(evidence.work(each, claim).id)
        totals = tabulate(studies, evidence, "intervention", "outcome_group").column_totals()
        assert {code: total.evaluations for code, total in totals.items() if code != NOT_STATED} == {
            code: len(works) for code, works in measured.items()
        }

    def test_a_whole_table_counts_every_evaluation_and_every_study_once(self):
        studies, evidence = the_bank()
        total = tabulate(studies, evidence, "intervention", "outcome_group").total()
        assert (total.evaluations, total.studies) == (len(evaluations_in(studies, evidence)), len(studies))
        assert total.evaluations == len(set[str]().union(*independent_counts.evaluations().values()))

    def test_each_intervention_and_outcome_counts_what_the_json_holds(self):
        studies, evidence = the_bank()
        by_intervention = tally_by_dimension("intervention", studies, evidence)
        assert {code: cell.evaluations for code, cell in by_intervention.items() if cell.evaluations} == {
            code: len(works) for code, works in independent_counts.evaluations().items()
        }
        by_both = tabulate(studies, evidence, "intervention", "outcome").cells
        held = {
            place: cell.evaluations for place, cell in by_both.items() if cell.evaluations and NOT_STATED not in place
        }
        assert held == {place: len(works) for place, works in independent_counts.evaluations_by_outcome().items()}


def evaluations_in(studies: Iterable[StudyEvidence], evidence: Evidence) -> set[str]:
    """Return the ids of the evaluations that these studies report on."""
    return {evidence.work(each, claim).id for each in studies for claim in each.claims if claim.is_test}


class TestWhatIsNotTested:
    def test_a_study_that_only_describes_an_intervention_is_in_its_cell_and_apart_from_what_it_evaluates(self):
        both = study("a", interventions=(InterventionRecord(MEN, "evaluated"), InterventionRecord(CASH, "described")))
        found = tally_by_dimension("intervention", [both], evidence_of([both]))
        assert (found[MEN].evaluations, found[CASH].evaluations) == (1, 0)
        (own,) = group_by_work(found[CASH], evidence_of([both]))
        assert (own.is_evaluation, [each.id for each in own.studies]) == (False, ["a"])

    def test_a_companion_paper_that_tests_nothing_is_not_among_the_papers_of_its_trial(self):
        trial, companion = study("a"), study("b", interventions=(InterventionRecord(MEN, "described"),))
        evidence = evidence_of([trial, companion], [group("a", "b")])
        found = tally_by_dimension("intervention", [trial, companion], evidence)[MEN]
        told = [(each.is_evaluation, [own.id for own in each.studies]) for each in group_by_work(found, evidence)]
        assert told == [(True, ["a"]), (False, ["b"])]

    def test_a_factor_that_nobody_offered_counts_studies_and_no_evaluation(self):
        studies = [study("a", exposures=("lockdown",)), study("b", interventions=(), exposures=("lockdown",))]
        cell = tally_by_dimension("exposure", studies, evidence_of(studies))["lockdown"]
        assert (len(cell.studies), cell.evaluations, cell.count_by_effect()) == (2, 0, {})

    def test_a_cost_has_no_direction(self):
        costs = study("a", outcomes=("cost-effectiveness",), findings=(finding(outcome="cost-effectiveness"),))
        evidence = evidence_of([costs])
        cell = tally_by_dimension("outcome", evidence.studies.values(), evidence)["cost-effectiveness"]
        assert dict(cell.count_by_effect()) == {"not-estimated": 1}


class TestSharedData:
    def test_each_evaluation_counts_and_stands_with_those_that_use_the_same_data(self):
        studies = [study("a"), study("b"), study("c")]
        evidence = evidence_of(studies, [group("a", "b", kind="data-set", id="una-encuesta")])
        found = tally_claims(studies, evidence)
        assert found.evaluations == 3
        assert find_shared_data(found, evidence) == {"una-encuesta": ("study a", "study b")}
