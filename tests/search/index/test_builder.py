"""Documents that are built from studies (I5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from search.contract import FIELDS, NOT_STATED, Document
from search.criteria.facets import PARAMETERS
from search.index.builder import build_document, compute_nearness
from search.text.analysis import BREAK, tokenize_field
from studies.models import Stage, Study
from studies.records.study import InterventionRecord, fingerprint
from studies.store import vocabularies
from studies.store.exchange.study import to_record
from tests.factories import edit, make_study
from tests.studies.appraisals_factory import appraisal_record, proposed
from tests.studies.records_factory import author, finding, institution

pytestmark = pytest.mark.django_db


def described(**changes: Any) -> Document:
    return read(make_study(stage=Stage.PUBLISHED, **changes))


def read(study: Study) -> Document:
    return build_document(Study.objects.for_indexing().get(pk=study.pk))


def without_role(code: str, *others: InterventionRecord) -> Document:
    """Describe a study that was published before roles were known: nobody could publish it today."""
    study = make_study(stage=Stage.PUBLISHED)
    return read(edit(study, interventions=(*others, InterventionRecord(code))))


class TestI5OnlyPublishedStudies:
    def test_a_draft_cannot_be_described(self):
        with pytest.raises(ValueError, match="is not published"):
            read(make_study())

    @pytest.mark.parametrize("stage", [Stage.IN_REVIEW, Stage.WITHDRAWN])
    def test_nor_can_what_is_no_longer_or_not_yet_public(self, stage: Stage):
        with pytest.raises(ValueError, match="is not published"):
            read(make_study(stage=stage))


class TestTexts:
    def test_each_field_holds_the_tokens_of_its_texts_with_breaks_between(self):
        made = described(
            title="Mujeres",
            title_es="Mujeres",
            title_en="Women",
            authors=(author("Núñez", "Ana"), institution("Flora Tristán")),
            key_finding_es="Uno",
            key_finding_en=None,
            summary_es="Dos",
            summary_en=None,
            findings=(
                finding(statement_es="Tres", statement_en=None),
                finding(statement_es="Tres", statement_en="Four"),
            ),
        )
        assert set(made.texts) == set(FIELDS)
        assert made.texts["title"] == tokenize_field(["Mujeres", "Women"])
        assert made.texts["authors"] == tokenize_field(["Ana Núñez", "Flora Tristán"])
        assert made.texts["summary"] == tokenize_field(["Uno", "Dos"])
        assert made.texts["findings"] == tokenize_field(["Tres", "Tres", "Four"])
        assert made.texts["title"].es.count(BREAK) == 1

    def test_what_was_done_and_to_whom_is_found_by_its_words(self):
        made = described(
            key_finding_es="Uno",
            key_finding_en=None,
            summary_es="Dos",
            summary_en=None,
            delivery_es="Consejeras",
            delivery_en="Counsellors",
            harms="found",
            harms_es="Angustia",
            harms_en="Distress",
            note_es="Nota",
            note_en="Note",
            findings=(
                finding(
                    statement_es="Bajó", statement_en=None, arm_es="Brazo", subgroup_en="Widows", comparator_es="Espera"
                ),
            ),
        )
        texts = ["Uno", "Dos", "Consejeras", "Counsellors", "Angustia", "Distress", "Nota", "Note"]
        assert made.texts["summary"] == tokenize_field(texts)
        assert made.texts["findings"] == tokenize_field(["Bajó", "Brazo", "Widows", "Espera"])

    def test_a_number_of_registration_is_found(self):
        made = described(container_title="Revista", publisher=None, registration=("NCT01165489", "AEARCTR-0010043"))
        assert made.texts["publication"] == tokenize_field(["Revista", "NCT01165489", "AEARCTR-0010043"])

    def test_particles_belong_to_the_name(self):
        made = described(authors=(author("Ommeren", "Mark", non_dropping_particle="van"),))
        assert made.texts["authors"] == tokenize_field(["Mark van Ommeren"])

    def test_no_label_is_stored(self):
        made = described(title="Casas", title_es=None, title_en=None, countries=("PE",))
        assert "peru" not in made.texts["title"].es


class TestCodes:
    def test_every_parameter_has_codes(self):
        assert set(described().codes) == set(PARAMETERS)
        assert all(described().codes.values())

    def test_what_is_stated_is_held_with_what_follows_from_it(self):
        made = described(countries=("PE", "BR"), designs=("rct", "qualitative"))
        assert made.codes["country"] == {"PE", "BR"}
        assert made.codes["region"] == {"peru", "latin-america-caribbean"}
        assert made.codes["design_family"] == {"randomised", "qualitative-policy"}
        assert made.codes["open_access"] == {"yes"}
        assert made.codes["risk_of_bias"] == {"not-appraised"}

    def test_of_several_appraisals_that_of_the_main_design_is_held(self):
        both = (
            appraisal_record(),
            appraisal_record(instrument="casp-qualitative", overall="few", risk_of_bias="high", judgements=()),
        )
        assert described(designs=("rct",), own_appraisals=both).codes["risk_of_bias"] == {"low"}
        assert described(designs=("qualitative", "rct"), own_appraisals=both).codes["risk_of_bias"] == {"high"}

    def test_what_is_not_final_is_not_appraised(self):
        study = make_study(stage=Stage.PUBLISHED)
        before = read(study)
        proposed(study)
        assert read(study) == before

    def test_what_is_not_stated_is_held_as_such(self):
        made = described(countries=(), type=None, findings=(), outcomes=(), open_access=None)
        for parameter in ("country", "region", "type", "outcome", "effect", "programme"):
            assert made.codes[parameter] == {NOT_STATED}, parameter
        assert made.codes["open_access"] == {"unknown"}

    def test_findings_are_pairs_and_outcomes_without_one_stand_bare(self):
        made = described(
            outcomes=("ipv-physical", "ipv-sexual"), findings=(finding(), finding(effect="mixed"), finding())
        )
        assert made.pairs["outcome", "effect"] == {
            ("ipv-physical", "favourable"),
            ("ipv-physical", "mixed"),
            ("ipv-sexual", "none"),
        }
        assert made.codes["effect"] == {"favourable", "mixed"}

    def test_interventions_are_pairs_with_their_roles_and_without_a_role_they_are_none(self):
        made = without_role(
            "police-response", InterventionRecord("helpline", "evaluated"), InterventionRecord("shelter", "described")
        )
        assert made.pairs["intervention", "role"] == {("helpline", "evaluated"), ("shelter", "described")}
        assert made.codes["intervention"] == {"helpline", "shelter"}
        assert made.codes["role"] == {"evaluated", "described"}

    def test_no_intervention_in_a_role_is_a_pair_of_its_own(self):
        made = without_role("helpline")
        assert made.pairs["intervention", "role"] == {("none", "none")}
        assert made.codes["intervention"] == made.codes["role"] == made.codes["studied"] == {"none"}

    def test_neither_outcome_nor_finding_is_a_pair_of_its_own(self):
        assert described(findings=(), outcomes=()).pairs["outcome", "effect"] == {("none", "none")}


class TestSortKeys:
    @pytest.mark.parametrize(
        ("countries", "expected"),
        [(("PE", "US"), 0), (("EC",), 1), (("BR",), 2), (("KE",), 3), (("US",), 4), ((), 5), (("US", "BR"), 2)],
    )
    def test_nearness_counts_the_nearest_country(self, countries: tuple[str, ...], expected: int):
        assert compute_nearness(countries, vocabularies.current()) == expected

    def test_titles_sort_without_case_and_accents(self):
        assert described(title="ÁRBOL de Vida").title_key == "arbol de vida"

    def test_added_is_the_first_publication(self):
        study = make_study(stage=Stage.PUBLISHED)
        before = read(study).added
        edit(study, title="Otro título")
        assert read(study).added == before


class TestFingerprint:
    def test_it_is_that_of_the_record(self):
        study = make_study(stage=Stage.PUBLISHED)
        record = to_record(Study.objects.for_record().get(pk=study.pk))
        assert read(study).fingerprint == fingerprint(record)
        assert read(study).fingerprint != fingerprint(replace(record, title="Otro"))


class TestCost:
    def test_a_batch_costs_the_same_whatever_its_size(self, django_assert_num_queries: DjangoAssertNumQueries):
        vocabulary = vocabularies.current()
        for size in (1, 20):
            with django_assert_num_queries(11):
                for study in Study.objects.published().for_indexing()[:size]:
                    build_document(study, vocabulary)
