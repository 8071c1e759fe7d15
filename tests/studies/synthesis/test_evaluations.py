import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.records.study import EvaluationRecord
from studies.synthesis.evaluations import COUNTED_FAMILIES, NO_PROGRAMME, count_evaluations, list_evaluations
from tests.studies.records_factory import complete_record, fixture_json, fixture_studies

GROUPS = [EvaluationRecord.from_json(each) for each in fixture_json("evaluations")]
FAMILIES = {term["code"]: term["family"] for term in fixture_json("taxonomy")["designs"]}


def group(*studies, kind="trial", id="un-ensayo"):
    return EvaluationRecord(id=id, kind=kind, name_es="Un ensayo", name_en="A trial", studies=studies)


def found(studies, groups=()):
    return [each.id for each in list_evaluations(studies, groups, FAMILIES)]


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
            {"interventions": ("economic-context",)},
        ],
    )
    def test_what_compares_nothing_or_is_no_programme_is_none(self, changes):
        assert found([complete_record(**changes)]) == []

    def test_a_programme_beside_its_context_is_one(self):
        assert len(found([complete_record(interventions=("cash-transfer", "economic-context"))])) == 1

    def test_the_studies_of_a_trial_are_one(self):
        studies = [complete_record(id="a"), complete_record(id="b", designs=("qualitative",)), complete_record(id="c")]
        (trial, alone) = list_evaluations(studies, [group("a", "b")], FAMILIES)
        assert (trial.id, trial.studies) == ("un-ensayo", ("a", "b"))
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
    def test_a_theme_counts_each_evaluation_on_which_any_of_its_real_studies_reports(self):
        trial_of = {id_: each.id for each in GROUPS if each.kind == "trial" for id_ in each.studies}
        reported: dict[str, set[str]] = {}
        for study in fixture_studies():
            for theme in study.themes:
                reported.setdefault(theme, set()).add(trial_of.get(study.id, study.id))
        counted = set(found(fixture_studies(), GROUPS))
        counts = count_evaluations(fixture_studies(), GROUPS, FAMILIES)
        assert counts.by_theme == {theme: len(counted & names) for theme, names in reported.items()}
        assert 0 < counts.total == len(counted) < len(fixture_studies())

    def test_every_real_study_that_compares_is_counted_and_no_review(self):
        members = {id_ for each in list_evaluations(fixture_studies(), GROUPS, FAMILIES) for id_ in each.studies}
        in_a_trial = {id_ for each in GROUPS if each.kind == "trial" for id_ in each.studies}
        for study in fixture_studies():
            compares = study.status == "completed" and FAMILIES[study.designs[0]] in COUNTED_FAMILIES
            if study.id not in in_a_trial:
                assert (study.id in members) is (compares and bool({*study.interventions} - {NO_PROGRAMME})), study.id
            elif compares:
                assert study.id in members

    @given(st.data())
    def test_no_study_is_counted_twice_and_fewer_studies_never_count_more(self, data):
        some = data.draw(st.lists(st.sampled_from(fixture_studies()), unique_by=lambda study: study.id, max_size=30))
        members = [id_ for each in list_evaluations(some, GROUPS, FAMILIES) for id_ in each.studies]
        assert len(members) == len(set(members))
        fewer = some[: len(some) // 2]
        assert len(found(fewer, GROUPS)) <= len(found(some, GROUPS))
