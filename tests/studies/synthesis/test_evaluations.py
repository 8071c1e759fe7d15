import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.records.study import EvaluationRecord, InterventionRecord
from studies.synthesis.evaluations import count_evaluations, list_evaluations
from studies.synthesis.evidence import Scope
from studies.synthesis.tables import tabulate, tally_by_dimension, tally_claims
from tests import independent_counts
from tests.studies.evidence_factory import the_bank
from tests.studies.records_factory import complete_record, finding, fixture_json, fixture_studies

GROUPS = [EvaluationRecord.from_json(each) for each in fixture_json("evaluations")]
FAMILIES = {term["code"]: term["family"] for term in fixture_json("taxonomy")["designs"]}
INTERVENTIONS = [term["code"] for term in fixture_json("taxonomy")["interventions"]]


def group(*studies, kind="trial", id="un-ensayo"):
    return EvaluationRecord(id=id, kind=kind, name_es="Un ensayo", name_en="A trial", studies=studies)


def found(studies, groups=()):
    return [each.id for each in list_evaluations(studies, groups, FAMILIES)]


def interventions_of(studies, groups=()):
    return {each.id: set(each.interventions) for each in list_evaluations(studies, groups, FAMILIES)}


class TestWhatIsAnEvaluation:
    @pytest.mark.parametrize("design", ["rct", "cluster-rct", "natural-experiment", "matched-comparison"])
    def test_a_completed_study_with_a_comparison_is_one(self, design):
        assert found([complete_record(designs=(design,))]) == ["quispe-2021-hogares"]

    @pytest.mark.parametrize(
        "changes",
        [
            {"designs": ("systematic-review",)},
            {"designs": ("protocol",)},
            {"designs": ("qualitative", "rct")},
            {"designs": ()},
            {"designs": ("unheard-of",)},
            {"status": "ongoing"},
            {"status": None},
            {"interventions": ()},
            {"interventions": (), "exposures": ("lockdown",), "data_sources": ("helpline-calls",)},
        ],
    )
    def test_what_compares_nothing_or_offers_nothing_is_none(self, changes):
        assert found([complete_record(**changes)]) == []

    @pytest.mark.parametrize("role", ["described", "reviewed", None])
    def test_what_is_not_evaluated_in_it_is_not_tested_by_it(self, role):
        record = complete_record(interventions=(InterventionRecord("helpline", role), "engaging-men"))
        assert interventions_of([record]) == {"quispe-2021-hogares": {"engaging-men"}}
        assert found([complete_record(interventions=(InterventionRecord("helpline", role),))]) == []

    def test_a_component_of_a_package_is_tested(self):
        record = complete_record(interventions=(InterventionRecord("parenting", "component"), "engaging-men"))
        assert interventions_of([record]) == {"quispe-2021-hogares": {"parenting", "engaging-men"}}

    def test_the_studies_of_a_trial_that_test_are_one(self):
        studies = [complete_record(id="a"), complete_record(id="b", designs=("qualitative",)), complete_record(id="c")]
        (trial, alone) = list_evaluations(studies, [group("a", "b")], FAMILIES)
        assert (trial.id, trial.studies) == ("un-ensayo", ("a",))
        assert alone.studies == ("c",)

    def test_a_trial_none_of_whose_studies_is_here_is_none(self):
        assert found([complete_record(id="c")], [group("a", "b")]) == ["c"]

    def test_a_trial_without_results_is_none(self):
        assert found([complete_record(id="a", status="ongoing")], [group("a", "b")]) == []

    def test_a_review_with_several_papers_is_none(self):
        """What it gathers is counted already."""
        reviews = [complete_record(id=id_, designs=("systematic-review",)) for id_ in ("a", "b")]
        assert found(reviews, [group("a", "b")]) == []
        assert found([*reviews, complete_record(id="c")], [group("a", "b", "c")]) == ["un-ensayo"]

    def test_a_data_set_joins_nothing(self):
        studies = [complete_record(id="a"), complete_record(id="b")]
        assert found(studies, [group("a", "b", kind="data-set")]) == ["a", "b"]

    def test_a_paper_of_two_trials_gives_each_only_what_its_findings_are_about(self):
        paper = complete_record(
            id="a",
            interventions=("economic-plus", "group-workshops"),
            findings=(
                finding(trial="con-microcredito", about=("economic-plus",)),
                finding(trial="sin-microcredito", about=("group-workshops",)),
                finding(about=("group-workshops",)),
            ),
        )
        trials = [group("a", "b", id="con-microcredito"), group("a", id="sin-microcredito")]
        assert interventions_of([paper], trials) == {
            "con-microcredito": {"economic-plus"},
            "sin-microcredito": {"group-workshops"},
        }

    def test_an_evaluation_counts_in_every_theme_of_its_studies(self):
        studies = [
            complete_record(id="a", themes=("prevention",), interventions=("engaging-men",)),
            complete_record(id="b", themes=("autonomy", "prevention"), interventions=("cash-transfer",)),
        ]
        counts = count_evaluations(studies, [group("a", "b")], FAMILIES)
        assert counts.total == 1
        assert counts.by_theme == {"prevention": 1, "autonomy": 1}
        assert counts.by_intervention == {"engaging-men": 1, "cash-transfer": 1}


class TestTheBank:
    """Held against a count that reads the fixtures' JSON by itself."""

    def test_every_intervention_has_the_evaluations_of_the_independent_count(self):
        counted = {}
        for each in list_evaluations(fixture_studies(), GROUPS, FAMILIES):
            for code in each.interventions:
                counted.setdefault(code, set()).add(each.id)
        assert counted == independent_counts.evaluations()

    def test_so_has_every_row_of_the_evidence(self):
        studies, evidence = the_bank()
        rows = tally_by_dimension("intervention", studies, evidence)
        expected = independent_counts.evaluations()
        for code in INTERVENTIONS:
            found = {name.partition(" ")[2] for name in rows[code].effects} if code in rows else set()
            assert found == expected.get(code, set()), code
        total = tally_claims(studies, evidence)
        assert {name.partition(" ")[2] for name in total.effects} == set().union(*expected.values())

    def test_so_has_every_cell_of_intervention_and_outcome(self):
        studies, evidence = the_bank()
        table = tabulate(studies, evidence, "intervention", "outcome")
        cells = {
            place: {name.partition(" ")[2] for name in cell.effects}
            for place, cell in table.cells.items()
            if cell.effects and place[0] != "none" and place[1] != "none"
        }
        assert cells == independent_counts.evaluations_by_outcome()

    def test_no_claim_tests_an_intervention_that_its_record_does_not_evaluate(self):
        records = {record.id: record for record in fixture_studies()}
        for study in the_bank()[0]:
            for code in INTERVENTIONS:
                if code not in records[study.id].tested:
                    assert not any(claim.is_test for claim in Scope(frozenset({code})).filter_claims(study)), (
                        study.id,
                        code,
                    )

    @given(st.data())
    def test_no_study_that_stands_alone_is_counted_twice_and_fewer_studies_never_count_more(self, data):
        some = data.draw(st.lists(st.sampled_from(fixture_studies()), unique_by=lambda study: study.id, max_size=30))
        assert len(found(some, GROUPS)) == len(set(found(some, GROUPS)))
        fewer = some[: len(some) // 2]
        assert set(found(fewer, GROUPS)) <= set(found(some, GROUPS))
