"""The workplace on vocabularies and thesaurus, and who may change these, programmes and evaluations."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studies.models import BankCounter, Concept, Evaluation, Instrument, Programme, Study, Term
from studies.store import vocabularies
from tests.factories import make_study, user_with_role
from tests.studies.admin_forms import form_values

pytestmark = pytest.mark.django_db
MODELS = ("term", "concept", "programme", "evaluation")


@pytest.fixture
def reviewer() -> Client:
    return client_as("Revisión")


def client_as(role: str | None) -> Client:
    client = Client()
    client.force_login(user_with_role(role))
    return client


def change_address(row: Any) -> str:
    return reverse(f"admin:studies_{row._meta.model_name}_change", args=[row.pk])


def add_address(model: str) -> str:
    return reverse(f"admin:studies_{model}_add")


def sent(client: Client, path: str, model: str, **changes: Any) -> Any:
    values = form_values(client.get(path).content.decode(), f"{model}_form")
    return client.post(path, {**values, **changes})


def term(vocabulary: str, code: str) -> Term:
    return Term.objects.get(vocabulary=vocabulary, code=code)


class TestAccess:
    @pytest.mark.parametrize("model", MODELS)
    def test_strangers_are_led_to_the_sign_in(self, client: Client, model: str):
        for name in ("changelist", "add"):
            assert client.get(reverse(f"admin:studies_{model}_{name}")).status_code == 302

    @pytest.mark.parametrize("model", MODELS)
    def test_staff_without_a_role_are_refused(self, model: str):
        assert client_as(None).get(reverse(f"admin:studies_{model}_changelist")).status_code == 403

    @pytest.mark.parametrize("model", MODELS)
    def test_curators_read_and_do_not_write(self, model: str):
        client = client_as("Curaduría")
        row = {"term": Term, "concept": Concept, "programme": Programme, "evaluation": Evaluation}[
            model
        ].objects.first()
        assert client.get(reverse(f"admin:studies_{model}_changelist")).status_code == 200
        assert client.get(change_address(row)).status_code == 200
        assert client.post(change_address(row), {"slug": "x"}).status_code == 403
        assert client.get(add_address(model)).status_code == 403

    @pytest.mark.parametrize("model", MODELS)
    def test_nobody_deletes(self, model: str):
        client = Client()
        client.force_login(User.objects.create_superuser("jefa"))
        row = {"term": Term, "concept": Concept, "programme": Programme, "evaluation": Evaluation}[
            model
        ].objects.first()
        path = reverse(f"admin:studies_{model}_delete", args=[row.pk])
        assert client.post(path, {"post": "yes"}).status_code == 403
        bulk = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        client.post(reverse(f"admin:studies_{model}_changelist"), bulk)
        assert type(row).objects.filter(pk=row.pk).exists()

    @pytest.mark.parametrize("model", MODELS)
    def test_bad_ids_are_404_and_wrong_methods_405(self, reviewer: Client, model: str):
        for bad in ("999999999", "9" * 30, "x"):
            assert reviewer.get(reverse(f"admin:studies_{model}_change", args=[bad])).status_code == 404
        assert reviewer.put(reverse(f"admin:studies_{model}_changelist")).status_code == 405

    @pytest.mark.parametrize("name", ["retire", "merge"])
    def test_terms_are_retired_and_merged_by_reviewers_alone(self, reviewer: Client, name: str):
        path = reverse(f"admin:studies_term_{name}", args=[term("settings", "rural").pk])
        assert Client().get(path).status_code == 302
        assert client_as(None).get(path).status_code == 403
        assert client_as("Curaduría").post(path, {"into": term("settings", "urban").pk}).status_code == 403
        assert reviewer.get(path).status_code == 200
        assert reviewer.get(reverse(f"admin:studies_term_{name}", args=[999_999_999])).status_code == 404
        assert reviewer.delete(path).status_code == 405

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize("query", ["q=%00", "q=((", "vocabulary=x", "retired=%00", "p=x"])
    def test_odd_queries_get_an_answer(self, reviewer: Client, model: str, query: str):
        response = reviewer.get(f"{reverse(f'admin:studies_{model}_changelist')}?{query}", follow=True)
        assert response.status_code in (200, 400)


class TestTerms:
    def test_is_found_without_accents(self, reviewer: Client):
        response = reviewer.get("/admin/studies/term/", {"q": "PERU", "vocabulary": "countries"})
        assert [row.code for row in response.context["cl"].result_list] == ["PE"]

    def test_the_list_asks_the_same_number_of_questions_for_any_number_of_rows(
        self, reviewer: Client, django_assert_num_queries
    ):
        reviewer.get("/admin/studies/term/")
        for vocabulary in ("themes", "countries"):
            with django_assert_num_queries(7):
                reviewer.get("/admin/studies/term/", {"vocabulary": vocabulary})

    def test_a_label_changes_and_every_page_hears_of_it(self, reviewer: Client):
        rural = term("settings", "rural")
        before = BankCounter.current().vocabulary_no
        response = sent(reviewer, change_address(rural), "term", label_es="Campo", code="otro", vocabulary="themes")
        assert response.status_code == 302
        rural.refresh_from_db()
        assert (rural.label_es, rural.code, rural.vocabulary) == ("Campo", "rural", "settings")
        assert BankCounter.current().vocabulary_no == before + 1
        assert vocabularies.current().label("settings", "rural", "es") == "Campo"

    def test_a_save_without_changes_raises_nothing(self, reviewer: Client):
        before = BankCounter.current().vocabulary_no
        sent(reviewer, change_address(term("settings", "rural")), "term")
        assert BankCounter.current().vocabulary_no == before

    def test_another_parent_touches_the_studies(self, reviewer: Client):
        study = make_study()
        men = term("interventions", "engaging-men")
        sent(reviewer, change_address(men), "term", parent=term("themes", "autonomy").pk)
        seen = study.changed_no
        study.refresh_from_db()
        assert study.changed_no > seen

    def test_a_parent_is_of_the_right_vocabulary(self, reviewer: Client):
        men = term("interventions", "engaging-men")
        response = sent(reviewer, change_address(men), "term", parent=term("regions", "peru").pk)
        assert response.status_code == 200
        men.refresh_from_db()
        assert men.parent == term("themes", "prevention")

    def test_a_new_one_goes_to_the_end_of_its_vocabulary(self, reviewer: Client):
        new = {"vocabulary": "settings", "code": "ferry", "label_es": "Lancha", "label_en": "Ferry"}
        assert sent(reviewer, add_address("term"), "term", **new).status_code == 302
        assert [row.code for row in vocabularies.current().terms("settings")][-1] == "ferry"

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"code": "Con espacios"}, "Use solo minúsculas"),
            ({"code": "rural"}, "ya existe"),
            ({"vocabulary": "countries", "code": "ferry"}, "las dos mayúsculas de ISO 3166"),
            ({"vocabulary": "interventions"}, "Elija un término de «Temas»"),
            ({"vocabulary": "units", "code": "beds"}, "Escriba también el singular"),
            ({"vocabulary": "measures"}, "Escoja una opción válida"),
            ({"label_en": ""}, "Este campo es obligatorio"),
            ({"label_es": "a\x00b"}, "caracteres nulos"),
            ({"label_es": "RURAL"}, "Ya se llama así otro término"),
            ({"label_en": "urban"}, "Ya se llama así otro término"),
        ],
    )
    def test_what_is_wrong_is_told(self, reviewer: Client, changes: dict[str, str], sentence: str):
        new = {"vocabulary": "settings", "code": "ferry", "label_es": "Lancha", "label_en": "Ferry"}
        response = sent(reviewer, add_address("term"), "term", **{**new, **changes})
        assert response.status_code == 200
        assert sentence in response.content.decode()
        assert not Term.objects.filter(code="ferry").exists()

    def test_a_new_unit_has_its_singular(self, reviewer: Client):
        new = {"vocabulary": "units", "code": "beds", "label_es": "camas", "label_en": "beds", "singular_es": "cama"}
        sent(reviewer, add_address("term"), "term", **new)
        assert term("units", "beds").attributes == {"es_singular": "cama"}

    def test_is_moved_behind_another_or_to_the_front(self, reviewer: Client):
        def order() -> list[str]:
            return [row.code for row in vocabularies.current().terms("settings")]

        first, second, third = order()[:3]
        sent(reviewer, change_address(term("settings", first)), "term", after=term("settings", second).pk)
        assert order()[:3] == [second, first, third]
        sent(reviewer, change_address(term("settings", third)), "term", after="")
        assert order()[:3] == [third, second, first]

    @pytest.mark.parametrize("after", ["x", "\x00", "9" * 30, "999999999"])
    def test_a_place_that_is_none_is_refused(self, reviewer: Client, after: str):
        response = sent(reviewer, change_address(term("settings", "rural")), "term", after=after)
        assert response.status_code == 200
        assert "errorlist" in response.content.decode()

    def test_its_page_tells_its_use_and_the_words_that_lead_to_it(self, reviewer: Client):
        rural = term("settings", "rural")
        concept = Concept.objects.create(slug="campo-abierto", words_es=["campo abierto"])
        concept.terms.add(rural)
        page = reviewer.get(change_address(rural)).content.decode()
        assert f"{Study.objects.filter(terms=rural).count()} estudios" in page
        assert "campo abierto" in page
        assert change_address(concept) in page

    def test_a_term_without_other_words_offers_to_add_some(self, reviewer: Client):
        bare = Term.objects.filter(concepts=None, is_retired=False)[0]
        path = f"{add_address('concept')}?terms={bare.pk}"
        assert path in reviewer.get(change_address(bare)).content.decode()
        offered = form_values(reviewer.get(path).content.decode(), "concept_form")
        assert offered["terms"] == [str(bare.pk)]

    @pytest.mark.parametrize("name", ["retire", "merge"])
    def test_what_the_program_gives_a_meaning_to_is_neither_retired_nor_merged(self, reviewer: Client, name: str):
        mixed = term("effects", "mixed")
        path = reverse(f"admin:studies_term_{name}", args=[mixed.pk])
        for response in (
            reviewer.get(path, follow=True),
            reviewer.post(path, {"into": term("effects", "favourable").pk}, follow=True),
        ):
            assert "tienen un sentido en el programa" in response.content.decode()
        mixed.refresh_from_db()
        assert not mixed.is_retired


class TestRetiring:
    def test_a_term_in_use_is_not_retired(self, reviewer: Client):
        make_study()
        rural = term("settings", "rural")
        path = reverse("admin:studies_term_retire", args=[rural.pk])
        assert "está en uso" in reviewer.get(path).content.decode()
        assert "está en uso" in reviewer.post(path, follow=True).content.decode()
        rural.refresh_from_db()
        assert not rural.is_retired

    def test_an_unused_one_is_retired_and_then_left_alone(self, reviewer: Client):
        new = {"vocabulary": "settings", "code": "ferry", "label_es": "Lancha", "label_en": "Ferry"}
        sent(reviewer, add_address("term"), "term", **new)
        ferry = term("settings", "ferry")
        path = reverse("admin:studies_term_retire", args=[ferry.pk])
        assert "no se usará otra vez" in reviewer.get(path).content.decode()
        assert not term("settings", "ferry").is_retired
        reviewer.post(path)
        assert term("settings", "ferry").is_retired
        assert reviewer.get(path).status_code == 403
        assert reviewer.post(change_address(ferry), {"label_es": "x"}).status_code == 403


class TestMerging:
    def test_is_chosen_told_and_made(self, reviewer: Client):
        study = make_study(settings=("rural",))
        rural, urban = term("settings", "rural"), term("settings", "urban")
        path = reverse("admin:studies_term_merge", args=[rural.pk])
        assert "Elija el término" in reviewer.get(path).content.decode()
        carrying = Study.objects.filter(terms=rural).count()
        told = reviewer.get(path, {"into": urban.pk}).content.decode()
        assert f"Estudios que cambian: <strong>{carrying}</strong>" in told
        assert not term("settings", "rural").is_retired
        response = reviewer.post(path, {"into": urban.pk})
        assert response.url == change_address(urban)
        assert term("settings", "rural").merged_into == urban
        assert [row.code for row in study.terms.filter(vocabulary="settings")] == ["urban"]

    def test_tells_all_that_would_change(self, reviewer: Client):
        make_study(themes=("prevention", "autonomy"))
        path = reverse("admin:studies_term_merge", args=[term("themes", "autonomy").pk])
        into = term("themes", "prevention")
        page = reviewer.get(path, {"into": into.pk}).content.decode()
        assert into.definition_es in page
        assert "ya llevan los dos" in page
        assert "Pasan a estar dentro de" in page
        assert "Conceptos del tesauro que llevarán a" in page
        assert "Programas que cambian" in page

    def test_tells_the_instruments_that_follow_a_design(self, reviewer: Client):
        path = reverse("admin:studies_term_merge", args=[term("designs", "qualitative").pk])
        page = reviewer.get(path, {"into": term("designs", "rct").pk}).content.decode()
        assert "Instrumentos de evaluación de calidad que se propondrán para" in page
        assert str(Instrument.objects.get(slug="casp-qualitative")) in page

    @pytest.mark.parametrize("into", ["", "x", "\x00", "9" * 30, "999999999"])
    def test_garbage_is_answered_and_nothing_merged(self, reviewer: Client, into: str):
        path = reverse("admin:studies_term_merge", args=[term("settings", "rural").pk])
        assert reviewer.post(path, {"into": into}).status_code == 200
        assert reviewer.get(path, {"into": into}).status_code == 200
        assert not term("settings", "rural").is_retired

    def test_only_terms_of_the_same_vocabulary_are_offered(self, reviewer: Client):
        rural = term("settings", "rural")
        path = reverse("admin:studies_term_merge", args=[rural.pk])
        assert reviewer.post(path, {"into": term("themes", "autonomy").pk}).status_code == 200
        assert reviewer.post(path, {"into": rural.pk}).status_code == 200
        assert not term("settings", "rural").is_retired


class TestConcepts:
    def test_words_stand_one_a_line_and_raise_the_vocabulary_number(self, reviewer: Client):
        concept = Concept.objects.exclude(words_es=[]).first()
        before = BankCounter.current().vocabulary_no
        words = "\r\n".join([*concept.words_es, "palabra nueva", "", "palabra nueva"])
        assert sent(reviewer, change_address(concept), "concept", words_es=words).status_code == 302
        held = list(concept.words_es)
        concept.refresh_from_db()
        assert concept.words_es == [*held, "palabra nueva"]
        assert BankCounter.current().vocabulary_no == before + 1

    def test_a_save_without_changes_raises_nothing(self, reviewer: Client):
        before = BankCounter.current().vocabulary_no
        for concept in Concept.objects.order_by("pk")[:3]:
            assert sent(reviewer, change_address(concept), "concept").status_code == 302
        assert BankCounter.current().vocabulary_no == before

    def test_is_found_by_any_of_its_words(self, reviewer: Client):
        Concept.objects.create(slug="rareza", words_es=["Cañón raro"])
        response = reviewer.get("/admin/studies/concept/", {"q": "canon RARO"})
        assert [row.slug for row in response.context["cl"].result_list] == ["rareza"]

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"words_es": "canon raro\nCañón raro"}, "«Cañón raro» está dos veces"),
            ({"words_es": "canon raro", "words_typed": "CAÑÓN RARO"}, "«CAÑÓN RARO» está dos veces"),
            ({"words_en": "  Transferencias  MONETARIAS "}, "ya lleva al concepto «"),
        ],
    )
    def test_a_word_twice_is_refused_and_what_was_typed_stays(
        self, reviewer: Client, changes: dict[str, str], sentence: str
    ):
        response = sent(reviewer, add_address("concept"), "concept", slug="rareza", **changes)
        page = response.content.decode()
        assert response.status_code == 200
        assert sentence in page
        assert form_values(page, "concept_form")["slug"] == ["rareza"]
        assert not Concept.objects.filter(slug="rareza").exists()

    def test_a_word_of_two_meanings_is_marked_as_ambiguous(self, reviewer: Client):
        new = {"slug": "rareza", "words_es": "transferencias monetarias", "is_ambiguous": "on"}
        assert sent(reviewer, add_address("concept"), "concept", **new).status_code == 302

    def test_every_concept_of_the_bank_is_sent_back_as_it_came(self, reviewer: Client):
        # The ambiguous ones, and as many others as a test has time for.
        for concept in (*Concept.objects.filter(is_ambiguous=True), *Concept.objects.filter(is_ambiguous=False)[:10]):
            assert sent(reviewer, change_address(concept), "concept").status_code == 302

    def test_no_circle_is_made(self, reviewer: Client):
        upper = Concept.objects.create(slug="arriba")
        lower = Concept.objects.create(slug="abajo", broader=upper)
        response = sent(reviewer, change_address(upper), "concept", broader=lower.pk)
        assert "dentro de sí mismo" in response.content.decode()

    @pytest.mark.parametrize("value", ["a\x00b", "x" * 20_000])
    def test_garbage_is_refused_in_words(self, reviewer: Client, value: str):
        concept = Concept.objects.first()
        response = sent(reviewer, change_address(concept), "concept", words_es=value)
        assert response.status_code == 200
        assert "errorlist" in response.content.decode()
