"""Converting rows to records and back (R1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings

from studies.models import Concept, Evaluation, Programme, Study, Term
from studies.records.appraisal import JudgementRecord
from studies.records.json_fields import RecordInvalid
from studies.records.study import (
    ConceptRecord,
    EvaluationRecord,
    ProgrammeRecord,
    StudyRecord,
    fingerprint,
)
from studies.store import vocabularies
from studies.store.changes import bank_change, vocabulary_change
from studies.store.exchange import evidence
from studies.store.exchange import vocabulary as exchange_vocabulary
from studies.store.exchange.errors import UnknownTerm
from studies.store.exchange.study import save_record, to_record
from tests.factories import make_study
from tests.studies.any_record import any_changes
from tests.studies.appraisals_factory import appraisal_record
from tests.studies.records_factory import author, complete_record, finding, fixture_json, fixture_studies, source
from tests.thorough import examples

pytestmark = pytest.mark.django_db


def saved_and_read(record: StudyRecord, study: Study | None = None) -> StudyRecord:
    with bank_change() as change:
        saved = save_record(record, study)
        change.touch(saved)
    return to_record(Study.objects.for_record().get(pk=saved.pk))


class TestR1ReadBackEqual:
    def test_every_real_study_is_read_back_as_its_line_says(self):
        with vocabularies.bank_state.cached_counter():
            held = {study.slug: to_record(study) for study in Study.objects.for_record()}
        assert held == {record.id: record for record in fixture_studies()}

    def test_every_real_study_is_read_back_after_it_is_saved_over_another(self, empty_bank: None):
        real = {row["name"]: row for row in fixture_json("programmes")}
        with vocabulary_change():
            for row in real.values():
                evidence.save_programme(replace(ProgrammeRecord.from_json(row), adapted_from=None))
        study = make_study()
        for record in fixture_studies()[:40]:
            assert saved_and_read(replace(record, id=study.slug), study) == replace(record, id=study.slug)

    @settings(max_examples=examples(60))
    @given(any_changes)
    def test_any_record_is_read_back_equal(self, changes: dict[str, Any]):
        record = complete_record(**changes)
        with transaction.atomic():
            assert saved_and_read(record) == record
            transaction.set_rollback(True)

    def test_whole_numbers_come_back_equal_whatever_stored_them(self):
        record = saved_and_read(complete_record(findings=(finding(value=9, ci_low=None, ci_high=None, ci_level=None),)))
        assert record.findings[0].value == 9.0
        assert record.to_json()["findings"][0]["value"] == 9

    def test_authors_findings_and_sources_keep_their_order(self):
        record = complete_record(
            authors=(author("Zavala"), author("Alva"), author("Mamani")),
            findings=(finding(value=3, ci_low=None, ci_high=None), finding(value=1, ci_low=None, ci_high=None)),
            sources=(source("https://example.org/z"), source("https://example.org/a")),
        )
        assert saved_and_read(record) == record

    def test_the_main_design_stays_first(self):
        assert saved_and_read(complete_record(designs=("qualitative", "rct"))).designs == ("qualitative", "rct")

    def test_sets_are_read_in_the_order_of_the_taxonomy(self):
        record = complete_record(populations=("men", "women"), countries=("BR", "PE"))
        assert saved_and_read(record).populations == ("women", "men")
        assert saved_and_read(replace(record, id="otro-2020", doi=None)).countries == ("PE", "BR")

    def test_the_appraisal_of_the_main_design_is_written_first(self):
        both = (appraisal_record(), appraisal_record(instrument="casp-qualitative", overall="most", judgements=()))
        assert saved_and_read(complete_record(designs=("rct",), own_appraisals=both[::-1])).own_appraisals == both
        other = complete_record(id="otro-2020", doi=None, designs=("qualitative",), own_appraisals=both)
        assert saved_and_read(other).own_appraisals == both[::-1]

    def test_their_order_is_no_content(self):
        both = (appraisal_record(), appraisal_record(instrument="casp-qualitative", overall="most", judgements=()))
        one, other = complete_record(own_appraisals=both), complete_record(own_appraisals=both[::-1])
        assert fingerprint(one) == fingerprint(other) != fingerprint(complete_record())

    def test_saving_again_replaces_what_was_there(self):
        study = make_study()
        bare = StudyRecord(id=study.slug, title="Solo un título")
        assert saved_and_read(bare, study) == bare


class TestSaving:
    def test_an_unknown_code_is_named_with_its_place(self):
        with pytest.raises(UnknownTerm, match=r"^countries\[1\]: XX$"), bank_change():
            save_record(complete_record(countries=("PE", "XX")))

    def test_a_code_of_another_vocabulary_is_unknown(self):
        with pytest.raises(UnknownTerm, match="themes"), bank_change():
            save_record(complete_record(themes=("rct",)))

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"instrument": "no-existe"}, r"own_appraisals\[0\].instrument"),
            ({"overall": "no-existe"}, r"own_appraisals\[0\].overall"),
            ({"risk_of_bias": "no-existe"}, r"own_appraisals\[0\].risk_of_bias"),
            ({"judgements": (JudgementRecord("no-existe", "low"),)}, r"judgements\[0\].domain"),
            ({"judgements": (JudgementRecord("reporting", "no-existe"),)}, r"judgements\[0\].level"),
        ],
    )
    def test_what_an_instrument_does_not_have_is_named(self, changes: dict[str, Any], path: str):
        with pytest.raises(UnknownTerm, match=path), bank_change():
            save_record(complete_record(own_appraisals=(appraisal_record(**changes),)))

    def test_an_unknown_programme_is_named(self):
        with pytest.raises(UnknownTerm, match="programme: No existe"), bank_change():
            save_record(complete_record(programme="No existe"))

    def test_nothing_is_written_when_a_code_is_unknown(self):
        with pytest.raises(UnknownTerm), bank_change():
            save_record(complete_record(findings=(finding(effect="splendid"),)))
        assert not Study.objects.filter(slug="quispe-2021-hogares").exists()

    def test_a_new_study_is_a_draft(self):
        assert make_study().stage == "draft"

    def test_the_words_for_a_search_without_index_are_folded(self):
        study = make_study(title="ÁRBOL", title_es="Árbol ñandú", authors=(author("Núñez", "María José"),))
        assert (
            study.folded == f"arbol arbol nandu work with men in rural households of peru maria jose nunez {study.doi}"
        )


class TestR3Doi:
    @pytest.mark.parametrize(
        "written",
        ["10.1234/ABC.Def", "https://doi.org/10.1234/abc.DEF", "DOI: 10.1234/abc.def.", "doi:10.1234/ABC.DEF"],
    )
    def test_it_is_stored_bare_and_in_lower_case_whatever_form_it_came_in(self, written: str):
        assert saved_and_read(complete_record(doi=written)).doi == "10.1234/abc.def"

    def test_two_studies_cannot_have_one(self):
        make_study(doi="10.1234/mismo")
        with pytest.raises(IntegrityError), transaction.atomic():
            make_study(doi="https://doi.org/10.1234/MISMO")

    def test_many_studies_may_have_none(self):
        assert make_study(doi=None).doi is None
        assert make_study(doi=None).doi is None


class TestWhatStandsBesideStudies:
    def test_every_real_programme_is_read_back_as_its_entry_says(self):
        held = {row.slug: fingerprint(evidence.programme_to_record(row)) for row in Programme.objects.all()}
        assert held == {row["id"]: fingerprint(ProgrammeRecord.from_json(row)) for row in fixture_json("programmes")}

    def test_every_real_evaluation_is_read_back_as_its_entry_says(self):
        held = {row.slug: evidence.evaluation_to_record(row) for row in Evaluation.objects.all()}
        assert held == {row["id"]: EvaluationRecord.from_json(row) for row in fixture_json("evaluations")}

    def test_every_real_term_is_read_back_as_its_entry_says(self):
        for vocabulary, rows in fixture_json("taxonomy").items():
            held = [
                exchange_vocabulary.term_to_record(term).to_json()
                for term in Term.objects.filter(vocabulary=vocabulary)
            ]
            assert held == rows, vocabulary

    def test_every_real_concept_is_read_back_as_its_entry_says(self):
        held = {row.slug: fingerprint(exchange_vocabulary.concept_to_record(row)) for row in Concept.objects.all()}
        assert held == {row["concept"]: fingerprint(ConceptRecord.from_json(row)) for row in fixture_json("thesaurus")}

    def test_an_unknown_study_of_an_evaluation_is_named(self):
        record = EvaluationRecord("ensayo", "trial", "Ensayo", "Trial", studies=("no-existe",))
        with pytest.raises(UnknownTerm, match=r"ensayo\.studies: no-existe"):
            evidence.save_evaluation(record)

    def test_what_the_format_does_not_hold_of_a_programme_is_left_as_it_is(self):
        sasa = Programme.objects.get(slug="sasa")
        record = evidence.programme_to_record(sasa)
        study = Study.objects.published()[0]
        sasa.rests_on.add(study)
        Programme.objects.filter(pk=sasa.pk).update(question_es="¿Baja?", is_published=False)
        sasa.refresh_from_db()
        with vocabulary_change():
            evidence.save_programme(replace(record, name_es="Otro"), sasa)
        sasa.refresh_from_db()
        assert (sasa.question_es, sasa.is_published, list(sasa.rests_on.all())) == ("¿Baja?", False, [study])

    def test_a_new_programme_is_published_if_it_has_a_source(self):
        with vocabulary_change():
            with_one = evidence.save_programme(ProgrammeRecord("a", "A", "A", "A", sources=("https://example.org",)))
            without = evidence.save_programme(ProgrammeRecord("b", "B", "B", "B"))
        assert with_one.is_published
        assert not without.is_published

    def test_what_a_programme_was_adapted_from_must_be_there(self):
        record = ProgrammeRecord("nuevo", "Nuevo", "Nuevo", "New", adapted_from="no-existe")
        with pytest.raises(UnknownTerm, match=r"nuevo\.adapted_from: no-existe"), vocabulary_change():
            evidence.save_programme(record)

    def test_the_broader_concept_must_be_there(self):
        with pytest.raises(UnknownTerm, match=r"nuevo\.broader: no-existe"), vocabulary_change():
            exchange_vocabulary.save_concept(ConceptRecord("nuevo", broader="no-existe"))


class TestSizes:
    """A row can store what a record may hold: on PostgreSQL a longer text is an error of the database."""

    @pytest.mark.parametrize("year", [-1, 10_000, 10**30])
    def test_a_year_that_no_column_holds_is_refused(self, year: int) -> None:
        with pytest.raises(RecordInvalid):
            StudyRecord.from_json({"id": "a", "title": "A", "year": year})
