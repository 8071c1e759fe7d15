import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.synthesis.evidence import NOT_STATED, Scope
from studies.synthesis.tables import DIMENSIONS, Tally, Total, iterate_works, tabulate, tally_by_dimension, tally_claims
from tests.studies.evidence_factory import evidence_of, group, study, the_bank
from tests.studies.records_factory import finding

MEN, CASH = "engaging-men", "cash-transfer"


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

    def test_a_study_of_two_interventions_stands_in_both_rows_as_tested_together(self):
        both = study(interventions=(MEN, CASH))
        found = table([both])
        for code in (MEN, CASH):
            cell = found.cell(code, "partner-violence")
            assert (cell.evaluations, len(cell.together)) == (1, 1)
        assert found.total().evaluations == 1

    def test_a_finding_that_names_its_own_intervention_stands_in_that_row_alone(self):
        both = study(interventions=(MEN, CASH), findings=(finding(interventions=(CASH,)),))
        found = table([both])
        assert found.cell(MEN, "partner-violence").studies == set()
        cell = found.cell(CASH, "partner-violence")
        assert (cell.evaluations, cell.together) == (1, set())

    def test_a_review_is_no_evaluation_and_several_papers_of_it_are_one(self):
        reviews = [study("a", designs=("systematic-review",)), study("b", designs=("meta-analysis",))]
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
            study("c", interventions=(MEN, CASH)),
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
        evaluations = {work.id for each in some if (work := evidence.works[each.id]).is_evaluation}
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
            own = tally_by_dimension(dimension, studies, evidence, scope)
            assert set(own) == set(totals)
            for code, total in totals.items():
                cell = own[code]
                assert total == Total(cell.evaluations, len(cell.studies), len(cell.reviews))

    def test_the_works_of_a_tally_come_once_each(self):
        studies, evidence = the_bank()
        found = tally_claims(studies, evidence)
        works = [work.id for work in iterate_works(found, evidence)]
        assert len(works) == len(set(works))
        assert {work.id for work in iterate_works(found, evidence) if work.is_evaluation} == set(found.effects)
        assert list(iterate_works(Tally(), evidence)) == []


class TestTheBank:
    def test_a_column_counts_the_evaluations_whose_real_studies_measured_something_of_it(self):
        studies, evidence = the_bank()
        measured: dict[str, set[str]] = {}
        for each in studies:
            for outcome in each.outcomes:
                group_of_outcome = evidence.taxonomy.group_of_outcome[outcome]
                measured.setdefault(group_of_outcome, set()).add(evidence.works[each.id].id)
        works = {work.id: work for work in evidence.works.values()}
        totals = tabulate(studies, evidence, "intervention", "outcome_group").column_totals()
        assert {code: total.evaluations for code, total in totals.items() if code != NOT_STATED} == {
            code: sum(works[id_].is_evaluation for id_ in ids) for code, ids in measured.items()
        }

    def test_a_whole_table_counts_every_evaluation_and_every_study_once(self):
        studies, evidence = the_bank()
        evaluations = {work.id for work in evidence.works.values() if work.is_evaluation}
        total = tabulate(studies, evidence, "intervention", "outcome_group").total()
        assert (total.evaluations, total.studies) == (len(evaluations), len(studies))
