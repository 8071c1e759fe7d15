"""Numbers and words that somebody should look at, as they follow the changes of the bank."""

from __future__ import annotations

import pytest

from studies.health import remarks
from studies.models import Evaluation, EvaluationStudy, Stage, Study
from studies.records.editorial import find_remarks
from studies.records.study import InterventionRecord
from studies.store import bank_state, vocabularies
from studies.store.exchange.study import to_record
from tests.factories import edit, make_study, withdraw
from tests.studies.records_factory import finding, source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_bank")]
UNLISTED = remarks.TRIAL_NOT_LISTED


class TestDoubtfulNumbers:
    def test_follow_every_change(self):
        study = make_study(findings=(finding(value=52, ci_low=None, ci_high=None, ci_level=None),))
        other = make_study()
        assert [one.code for one in remarks.list_doubtful_numbers()[study.pk]] == ["ratio-far"]
        edit(study, findings=(finding(),))
        edit(other, findings=(finding(value=-1, ci_low=None, ci_high=None, ci_level=None),))
        assert {key: [one.code for one in found] for key, found in remarks.list_doubtful_numbers().items()} == {
            other.pk: ["ratio-not-positive"]
        }

    def test_are_as_those_of_the_whole_record(self):
        study = make_study(
            sample_size=10**8, findings=(finding(), finding(p=0, follow_up="1 month", follow_up_months=9))
        )
        told = [(one.field, one.code) for one in remarks.list_doubtful_numbers()[study.pk]]
        assert told == [
            ("findings[1].p", "p-zero"),
            ("findings[1].follow_up_months", "follow-up-differs"),
            ("sample_size", "sample-huge"),
        ]

    def test_ask_nothing_while_nothing_changes(self, django_assert_num_queries):
        make_study()
        with bank_state.cached_counter():
            remarks.list_doubtful_numbers()
            with django_assert_num_queries(0):
                remarks.list_doubtful_numbers()
                remarks.list_remarks()


class TestRemarks:
    def test_are_as_those_of_the_whole_record(self):
        study = make_study(
            interventions=(
                InterventionRecord("helpline", "described"),
                InterventionRecord("advocacy-casework", "component"),
            ),
            outcomes=("harassment", "ipv-physical"),
            findings=(finding(outcome="ipv-physical", about=("helpline", "advocacy-casework")), finding(about=())),
            countries=(),
            delivery_es="palabra " * 60,
            delivery_en="word",
            key_finding_es="Es el primer ensayo.",
            url="https://es.scribd.com/document/1",
            pages="pp. 4-5",
            sample_unit=None,
            sources=(source("https://www.gob.pe/a"), source("https://example.org/b")),
        )
        record = to_record(Study.objects.for_record().get(pk=study.pk))
        whole = find_remarks(record, remarks.read_coding(vocabularies.current()))
        assert remarks.list_remarks()[study.pk] == whole
        assert len({one.code for one in whole}) > 8

    def test_a_note_of_the_bank_ends_one(self):
        study = make_study(findings=())
        assert "violence-without-finding" in codes(study)
        edit(study, note_es="El artículo no lo da.", note_en="The article does not give it.")
        assert "violence-without-finding" not in codes(study)

    def test_are_made_on_live_studies_alone(self):
        study = make_study(stage=Stage.PUBLISHED)
        assert study.pk in remarks.list_remarks()
        withdraw(study)
        assert study.pk not in remarks.list_remarks()


class TestTheTrialOfAFinding:
    def test_is_one_that_lists_the_study(self):
        study = make_study(findings=(finding(), finding(trial="made-up")))
        assert [one.field for one in remarks.list_unlisted_trials()[study.pk]] == ["findings[1].trial"]
        assert UNLISTED in doubts(study)
        trial = make_evaluation(study, Evaluation.Kind.TRIAL)
        assert remarks.list_unlisted_trials() == {}
        assert UNLISTED not in doubts(study)
        trial.evaluation_studies.all().delete()
        assert study.pk in remarks.list_unlisted_trials()

    def test_is_no_data_set(self):
        study = make_study(findings=(finding(trial="made-up"),))
        make_evaluation(study, Evaluation.Kind.DATA_SET)
        assert UNLISTED in doubts(study)
        assert study.pk in remarks.list_unlisted_trials()

    def test_costs_the_form_no_query_where_no_finding_names_one(self, django_assert_num_queries):
        study = Study.objects.for_record().get(pk=make_study().pk)
        record = to_record(study)
        with bank_state.cached_counter():
            vocabularies.current()
            with django_assert_num_queries(0):
                remarks.find_doubts(study, record)


def make_evaluation(study: Study, kind: Evaluation.Kind) -> Evaluation:
    evaluation = Evaluation.objects.create(slug="made-up", kind=kind, name_es="Ensayo", name_en="Trial")
    EvaluationStudy.objects.create(evaluation=evaluation, study=study)
    return evaluation


def codes(study: Study) -> set[str]:
    return {one.code for one in remarks.list_remarks().get(study.pk, ())}


def doubts(study: Study) -> set[str]:
    row = Study.objects.for_record().get(pk=study.pk)
    return {one.code for one in remarks.find_doubts(row, to_record(row))}
