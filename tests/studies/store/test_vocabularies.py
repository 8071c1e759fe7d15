"""The vocabularies as one value in memory."""

from __future__ import annotations

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from studies.curation import terms
from studies.models import Programme, Term
from studies.store import bank_state, vocabularies
from studies.store.changes import vocabulary_change
from studies.store.vocabularies import UnknownCode
from tests.studies.records_factory import fixture_json

pytestmark = pytest.mark.django_db


class TestReading:
    def test_terms_stand_in_the_order_of_the_taxonomy(self):
        for vocabulary, rows in fixture_json("taxonomy").items():
            assert [term.code for term in vocabularies.current().terms(vocabulary)] == [row["code"] for row in rows]

    def test_a_term_is_named_and_defined_in_both_languages(self):
        term = vocabularies.current().term("themes", "autonomy")
        assert (term.label("es"), term.label("en")) == ("Autonomía de las mujeres", "Women's autonomy")
        assert term.definition("es") != term.definition("en") != ""

    def test_terms_stand_below_their_parents(self):
        vocabulary = vocabularies.current()
        assert vocabulary.term("countries", "PE").parent == "peru"
        assert [term.code for term in vocabulary.children("countries", "peru")] == ["PE"]

    def test_a_code_that_never_was_is_unknown(self):
        assert vocabularies.current().find("themes", "no-such") is None
        with pytest.raises(UnknownCode, match="themes: no-such"):
            vocabularies.current().label("themes", "no-such", "es")

    def test_programmes_are_found_by_slug_with_their_other_names(self):
        programme = vocabularies.current().programme_by_slug["actv"]
        assert "ACTV" in programme.aliases
        assert programme.label("en") == Programme.objects.get(slug="actv").name_en


class TestKeeping:
    def test_what_the_process_holds_costs_one_query_or_none_in_a_request(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ):
        vocabularies.current()
        with django_assert_num_queries(1):
            vocabularies.current()
        with bank_state.cached_counter():
            vocabularies.current()
            with django_assert_num_queries(0):
                vocabularies.current()

    def test_a_change_makes_a_new_one_and_leaves_the_old_as_it_was(self):
        before = vocabularies.current()
        with vocabulary_change():
            Term.objects.filter(vocabulary="themes", code="autonomy").update(label_es="Otra")
        assert before.label("themes", "autonomy", "es") == "Autonomía de las mujeres"
        assert vocabularies.current().label("themes", "autonomy", "es") == "Otra"

    def test_what_was_rolled_back_is_not_kept_though_its_number_comes_again(self):
        with transaction.atomic():
            with vocabulary_change():
                Term.objects.filter(vocabulary="themes", code="autonomy").update(label_es="Deshecha")
            number = vocabularies.current().number
            transaction.set_rollback(True)
        bank_state.clear_cache()
        with vocabulary_change():
            pass
        assert vocabularies.current().number == number
        assert vocabularies.current().label("themes", "autonomy", "es") == "Autonomía de las mujeres"

    def test_a_new_term_is_there_for_who_asks_next(self):
        terms.edit(Term(vocabulary="settings", code="camp", label_es="Campamento", label_en="Camp"), by=None)
        assert vocabularies.current().label("settings", "camp", "en") == "Camp"
