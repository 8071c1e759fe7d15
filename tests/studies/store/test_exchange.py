"""Converting rows to records and back (R1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from studies.models import Concept, Evaluation, Programme, Study, Term
from studies.records.appraisal import AppraisalRecord, InstrumentRecord, JudgementRecord
from studies.records.finding import FindingRecord
from studies.records.json_fields import RecordInvalid
from studies.records.study import (
    AuthorRecord,
    ConceptRecord,
    EvaluationRecord,
    ProgrammeRecord,
    SourceRecord,
    StudyRecord,
    fingerprint,
)
from studies.store import vocabularies
from studies.store.changes import bank_change, vocabulary_change
from studies.store.exchange import evidence
from studies.store.exchange import vocabulary as exchange_vocabulary
from studies.store.exchange.errors import UnknownTerm
from studies.store.exchange.study import LISTS, save_record, to_record
from tests.factories import make_study
from tests.studies.appraisals_factory import appraisal_record
from tests.studies.records_factory import author, complete_record, finding, fixture_json, fixture_studies, source
from tests.thorough import examples

pytestmark = pytest.mark.django_db


def saved_and_read(record: StudyRecord, study: Study | None = None) -> StudyRecord:
    with bank_change() as change:
        saved = save_record(record, study)
        change.touch(saved)
    return to_record(Study.objects.for_record().get(pk=saved.pk))


def codes(vocabulary: str) -> list[str]:
    return [row["code"] for row in fixture_json("taxonomy")[vocabulary]]


def texts(max_size: int = 40) -> st.SearchStrategy[str]:
    """Any text that a record may have: all characters but NUL and surrogates, and not blank."""
    letters = st.characters(exclude_characters="\x00", exclude_categories=("Cs",))
    return st.text(letters, min_size=1, max_size=max_size).filter(str.strip)


def sets(vocabulary: str) -> st.SearchStrategy[tuple[str, ...]]:
    known = codes(vocabulary)
    return st.sets(st.sampled_from(known), max_size=4).map(lambda found: tuple(sorted(found, key=known.index)))


maybe_text = st.none() | texts()
numbers = st.none() | st.integers(-(2**53), 2**53) | st.floats(-1e300, 1e300)
authors = st.builds(
    AuthorRecord, family=texts(), given=maybe_text, non_dropping_particle=maybe_text, dropping_particle=maybe_text
) | st.builds(AuthorRecord, literal=texts())


@st.composite
def findings(draw: st.DrawFn) -> FindingRecord:
    low, high = sorted([draw(st.floats(-1e9, 1e9)), draw(st.floats(-1e9, 1e9))])
    return FindingRecord(
        outcome=draw(st.sampled_from(codes("outcomes"))),
        effect=draw(st.sampled_from(codes("effects"))),
        interventions=draw(sets("interventions")),
        statement_es=draw(maybe_text),
        statement_en=draw(maybe_text),
        measure=draw(st.none() | st.sampled_from(codes("measures"))),
        unit=draw(st.none() | st.sampled_from(codes("units"))),
        value=draw(numbers),
        ci_low=draw(st.sampled_from([None, low])),
        ci_high=draw(st.sampled_from([None, high])),
        ci_level=draw(numbers),
        p=draw(st.none() | st.floats(0, 1)),
        follow_up=draw(maybe_text),
        follow_up_months=draw(numbers),
    )


@st.composite
def appraisals(draw: st.DrawFn) -> AppraisalRecord:
    """A final appraisal with any instrument and its codes."""
    instrument = InstrumentRecord.from_json(draw(st.sampled_from(fixture_json("instruments"))))
    judgement = st.builds(
        JudgementRecord,
        domain=st.sampled_from([domain.code for domain in instrument.domains]),
        level=st.sampled_from([level.code for level in instrument.levels]),
        quote=maybe_text,
        page=maybe_text,
        not_reported=st.booleans(),
    )
    return AppraisalRecord(
        instrument=instrument.id,
        overall=draw(st.sampled_from([level.code for level in instrument.overall])),
        certainty=draw(st.sampled_from(codes("certainty"))),
        appraised_on=draw(st.dates()).isoformat(),
        appraisers=draw(st.integers(1, 20)),
        judgements=tuple(draw(st.lists(judgement, unique_by=lambda one: one.domain, max_size=4))),
        note_es=draw(maybe_text),
        note_en=draw(maybe_text),
    )


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "title": texts(),
    **dict.fromkeys(("title_es", "title_en", "container_title", "volume", "issue", "pages"), maybe_text),
    **dict.fromkeys(("publisher", "number", "url", "period", "summary_es", "summary_en"), maybe_text),
    **dict.fromkeys(("key_finding_es", "key_finding_en", "limitations_es", "limitations_en"), maybe_text),
    "language": st.none() | st.sampled_from(codes("languages")),
    "type": st.none() | st.sampled_from(codes("types")),
    "status": st.none() | st.sampled_from(codes("statuses")),
    "year": st.none() | st.integers(0, 3000),
    "doi": st.none() | st.from_regex(r"10\.[0-9]{4}/[a-z0-9]{1,20}", fullmatch=True),
    "open_access": st.none() | st.booleans(),
    "programme": st.none() | st.sampled_from([row["name"] for row in fixture_json("programmes")]),
    "sample_size": st.integers(0, 2**53),
    "sample_unit": st.none() | st.sampled_from(codes("sample_units")),
    **{name: sets(vocabulary) for name, vocabulary in LISTS.items() if name != "designs"},
    "designs": st.lists(st.sampled_from(codes("designs")), unique=True, max_size=4).map(tuple),
    "authors": st.lists(authors, max_size=4).map(tuple),
    "findings": st.lists(findings(), max_size=3).map(tuple),
    "sources": st.lists(
        st.builds(
            SourceRecord,
            url=texts(),
            supports=st.lists(st.sampled_from(["bibliography", "findings", "design"]), unique=True).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    "appraisals": st.lists(appraisals(), unique_by=lambda one: one.instrument, max_size=1).map(tuple),
}


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
    @given(st.fixed_dictionaries({}, optional=FIELDS))
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
        assert saved_and_read(complete_record(designs=("rct",), appraisals=both[::-1])).appraisals == both
        other = complete_record(id="otro-2020", doi=None, designs=("qualitative",), appraisals=both)
        assert saved_and_read(other).appraisals == both[::-1]

    def test_their_order_is_no_content(self):
        both = (appraisal_record(), appraisal_record(instrument="casp-qualitative", overall="most", judgements=()))
        one, other = complete_record(appraisals=both), complete_record(appraisals=both[::-1])
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
            ({"instrument": "no-existe"}, r"appraisals\[0\].instrument"),
            ({"overall": "no-existe"}, r"appraisals\[0\].overall"),
            ({"certainty": "no-existe"}, r"appraisals\[0\].certainty"),
            ({"judgements": (JudgementRecord("no-existe", "low"),)}, r"judgements\[0\].domain"),
            ({"judgements": (JudgementRecord("reporting", "no-existe"),)}, r"judgements\[0\].level"),
        ],
    )
    def test_what_an_instrument_does_not_have_is_named(self, changes: dict[str, Any], path: str):
        with pytest.raises(UnknownTerm, match=path), bank_change():
            save_record(complete_record(appraisals=(appraisal_record(**changes),)))

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
        held = {programme.slug: evidence.programme_to_record(programme) for programme in Programme.objects.all()}
        assert held == {row["id"]: ProgrammeRecord.from_json(row) for row in fixture_json("programmes")}

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
        held = {row.slug: exchange_vocabulary.concept_to_record(row) for row in Concept.objects.all()}
        assert held == {row["concept"]: ConceptRecord.from_json(row) for row in fixture_json("thesaurus")}

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
