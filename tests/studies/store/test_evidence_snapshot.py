"""The evidence in memory equals the records, and follows every change of the bank."""

from __future__ import annotations

import dataclasses

import pytest
from django.db import transaction

from studies.models import Evaluation, EvaluationStudy, Stage, Study, Term
from studies.store import bank_state, evidence_snapshot
from studies.store.changes import answer_change, vocabulary_change
from studies.synthesis.evidence import Evidence
from tests.factories import edit, make_study, merge_studies, withdraw
from tests.studies.appraisals_factory import appraisal_record
from tests.studies.evidence_factory import the_bank
from tests.studies.records_factory import finding

pytestmark = pytest.mark.django_db


def read_anew() -> Evidence:
    held = evidence_snapshot.current()
    evidence_snapshot.forget()
    anew = evidence_snapshot.current()
    assert anew is not held
    return anew


def by_id(found: Evidence) -> dict[str, object]:
    return {study.id: dataclasses.replace(study, key=0) for study in found.studies.values()}


class TestTheEvidence:
    def test_is_what_the_records_of_the_real_bank_say(self):
        studies, expected = the_bank()
        found = evidence_snapshot.current()
        programmes = {programme.name: programme for programme in evidence_snapshot.vocabularies.current().programmes}
        for study in studies:
            own = by_id(found)[study.id]
            programme = programmes[study.programme] if study.programme else None
            assert own == dataclasses.replace(
                study,
                key=0,
                programme=programme and programme.slug,
                programme_stage=programme and programme.stage,
            )
        assert found.works == expected.works
        assert found.data_sets == expected.data_sets

    def test_is_read_in_few_queries_and_kept_without_any(self, django_assert_num_queries):
        with bank_state.cached_counter():
            bank_state.current()
            evidence_snapshot.vocabularies.current()
            with django_assert_num_queries(12):
                first = evidence_snapshot.current()
            with django_assert_num_queries(0):
                assert evidence_snapshot.current() is first

    def test_reads_only_what_has_changed(self, django_assert_num_queries):
        before = evidence_snapshot.current()
        study = make_study(stage=Stage.PUBLISHED)
        with bank_state.cached_counter():
            evidence_snapshot.vocabularies.current()
            with django_assert_num_queries(14):
                found = evidence_snapshot.current()
        assert study.pk in found.studies
        others = [key for key in before.studies if found.studies[key] is before.studies[key]]
        assert len(others) == len(before.studies)

    def test_is_kept_but_for_what_changed_after_a_text_did(self):
        before, study = evidence_snapshot.current(), make_study(stage=Stage.PUBLISHED)
        with answer_change():
            pass
        evidence_snapshot.current()
        edit(study, key_finding_es="Otro hallazgo")
        found = evidence_snapshot.current()
        others = [key for key in before.studies if found.studies[key] is before.studies[key]]
        assert len(others) == len(before.studies)


class TestChanges:
    """After any change, the updated evidence equals that of a process that reads the whole bank."""

    def assert_follows(self) -> Evidence:
        followed = evidence_snapshot.current()
        assert followed == read_anew()
        return followed

    def test_a_study_comes_changes_and_goes(self):
        evidence_snapshot.current()
        study = make_study(stage=Stage.PUBLISHED)
        assert study.pk in self.assert_follows().studies
        edit(study, findings=(finding(effect="unfavourable"),))
        claims = self.assert_follows().studies[study.pk].claims
        assert [claim.effect for claim in claims] == ["unfavourable"]
        withdraw(study)
        assert study.pk not in self.assert_follows().studies

    def test_nothing_unpublished_is_in_it(self):
        evidence_snapshot.current()
        made = [make_study(stage=Stage.DRAFT), make_study(stage=Stage.IN_REVIEW), make_study(stage=Stage.WITHDRAWN)]
        merged = make_study(stage=Stage.PUBLISHED)
        merge_studies(merged, Study.objects.get(slug="abramsky-2014-sasa"))
        held = self.assert_follows()
        assert {study.pk for study in [*made, merged]}.isdisjoint(held.studies)

    def test_studies_are_put_under_one_evaluation(self):
        studies = [make_study(stage=Stage.PUBLISHED) for _ in range(3)]
        before = evidence_snapshot.current()
        assert len({before.works[study.slug] for study in studies}) == 3
        with vocabulary_change():
            trial = Evaluation.objects.create(slug="un-ensayo", kind="trial", name_es="Un ensayo", name_en="A trial")
            for study in studies:
                EvaluationStudy.objects.create(evaluation=trial, study=study)
        held = self.assert_follows()
        assert len({held.works[study.slug] for study in studies}) == 1

    def test_a_term_moves_below_another(self):
        evidence_snapshot.current()
        with vocabulary_change():
            region = Term.objects.get(vocabulary="regions", code="andean")
            Term.objects.filter(vocabulary="countries", code="CL").update(parent=region)
        assert self.assert_follows().taxonomy.region_of_country["CL"] == "andean"

    def test_an_appraisal_is_known(self):
        study = make_study(stage=Stage.PUBLISHED)
        assert not evidence_snapshot.current().studies[study.pk].is_appraised
        edit(study, own_appraisals=(appraisal_record(),))
        assert self.assert_follows().studies[study.pk].is_appraised

    def test_more_than_can_be_named_in_a_query_are_read_with_all_others(self, monkeypatch):
        monkeypatch.setattr(evidence_snapshot, "_MOST_CHANGED", 1)
        evidence_snapshot.current()
        studies = [make_study(stage=Stage.PUBLISHED) for _ in range(3)]
        assert {study.pk for study in studies} <= set(self.assert_follows().studies)

    def test_a_change_that_was_taken_back_leaves_nothing(self):
        with transaction.atomic():
            study = make_study(stage=Stage.PUBLISHED)
            assert study.pk in evidence_snapshot.current().studies
            transaction.set_rollback(True)
        bank_state.clear_cache()
        other = make_study(stage=Stage.PUBLISHED)
        held = self.assert_follows()
        assert other.pk in held.studies
        assert {study.id for study in held.studies.values()} == set(
            Study.objects.published().values_list("slug", flat=True)
        )
