"""The workplace on programmes and evaluations. Who may change them: `test_vocabulary`."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from studies.models import BankCounter, Evaluation, Programme
from studies.store import vocabularies
from tests.factories import make_study
from tests.studies.admin.test_vocabulary import add_address, change_address, client_as, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer() -> Client:
    return client_as("Revisión")


class TestProgrammes:
    def test_a_new_name_is_written_into_every_study_that_carries_it(self, reviewer: Client):
        study = make_study(programme="SASA!")
        sasa = Programme.objects.get(name="SASA!")
        assert sent(reviewer, change_address(sasa), "programme", name="SASA Juntos").status_code == 302
        latest = study.revisions.first()
        assert latest.record["programme"] == "SASA Juntos"
        assert "se llama ahora «SASA Juntos»" in latest.note
        assert vocabularies.current().programme_by_slug[sasa.slug].name == "SASA Juntos"

    def test_another_field_touches_no_study(self, reviewer: Client):
        study = make_study(programme="SASA!")
        sasa = Programme.objects.get(name="SASA!")
        before = BankCounter.current().vocabulary_no
        sent(reviewer, change_address(sasa), "programme", organisation="Otra")
        assert study.revisions.count() == 1
        assert BankCounter.current().vocabulary_no == before + 1

    def test_every_form_is_sent_back_as_it_came(self, reviewer: Client):
        before = BankCounter.current().vocabulary_no
        for programme in Programme.objects.exclude(aliases=[]).order_by("pk")[:4]:
            assert sent(reviewer, change_address(programme), "programme").status_code == 302
        assert BankCounter.current().vocabulary_no == before

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"sources": "javascript:alert(1)"}, "No es una dirección completa"),
            ({"slug": "Con Mayúsculas"}, "errorlist"),
            ({"name": "SASA!"}, "errorlist"),
            ({"name": ""}, "errorlist"),
            ({"description_es": "\x00"}, "caracteres nulos"),
            ({"programme_studies-TOTAL_FORMS": "x"}, "errornote"),
        ],
    )
    def test_what_is_wrong_is_told(self, reviewer: Client, changes: dict[str, str], sentence: str):
        new = {"slug": "nuevo", "name": "Nuevo", "name_es": "Nuevo", "name_en": "New"}
        response = sent(reviewer, add_address("programme"), "programme", **{**new, **changes})
        assert response.status_code == 200
        assert sentence in response.content.decode()

    def test_one_without_a_source_is_not_published(self, reviewer: Client):
        new = {"slug": "nuevo", "name": "Nuevo", "name_es": "Nuevo", "name_en": "New"}
        response = sent(reviewer, add_address("programme"), "programme", **new, is_published="on")
        assert "Un programa publicado necesita al menos una fuente." in response.content.decode()
        assert sent(reviewer, add_address("programme"), "programme", **new).status_code == 302
        assert not Programme.objects.get(slug="nuevo").is_published
        page = change_address(Programme.objects.get(slug="sasa"))
        response = sent(reviewer, page, "programme", sources="")
        assert "Un programa publicado necesita al menos una fuente." in response.content.decode()

    def test_gets_its_question_and_the_studies_that_it_rests_on_by_typing(self, reviewer: Client):
        sasa = Programme.objects.get(slug="sasa")
        study = make_study(title_es="Ñandutí y violencia")
        query = {"app_label": "studies", "model_name": "programme", "field_name": "rests_on", "term": "nanduti"}
        found = reviewer.get(reverse("admin:autocomplete"), query).json()["results"]
        assert [entry["id"] for entry in found] == [str(study.pk)]
        changes = {"question_es": "¿Baja la violencia?", "rests_on": [study.pk]}
        assert sent(reviewer, change_address(sasa), "programme", **changes).status_code == 302
        sasa.refresh_from_db()
        assert sasa.question_es == "¿Baja la violencia?"
        assert list(sasa.rests_on.all()) == [study]

    @pytest.mark.parametrize("origin", ["sasa", "sasa-haiti"])
    def test_none_is_adapted_from_itself_by_any_way(self, reviewer: Client, origin: str):
        sasa = Programme.objects.get(slug="sasa")
        changes = {"adapted_from": Programme.objects.get(slug=origin).pk}
        response = sent(reviewer, change_address(sasa), "programme", **changes)
        assert "Así el programa se adaptaría de sí mismo." in response.content.decode()

    def test_two_programmes_share_no_other_name(self, reviewer: Client):
        Programme.objects.create(slug="uno", name="Uno", name_es="Uno", name_en="One", aliases=["El Primero"])
        new = {"slug": "dos", "name": "Dos", "name_es": "Dos", "name_en": "Two", "aliases": "EL PRIMERO"}
        response = sent(reviewer, add_address("programme"), "programme", **new)
        assert "Otro programa ya tiene este nombre" in response.content.decode()


class TestEvaluations:
    def test_a_study_is_of_one_trial_at_most(self, reviewer: Client):
        taken = Evaluation.objects.filter(kind="trial").first().studies.first()
        new = {
            "slug": "otro-ensayo",
            "kind": "trial",
            "name_es": "Otro",
            "name_en": "Other",
            "evaluation_studies-0-study": taken.pk,
            "evaluation_studies-0-position": "0",
        }
        response = sent(reviewer, add_address("evaluation"), "evaluation", **new)
        assert "un estudio es de un solo ensayo" in response.content.decode()
        assert sent(reviewer, add_address("evaluation"), "evaluation", **{**new, "kind": "data-set"}).status_code == 302

    def test_studies_are_chosen_by_typing(self, reviewer: Client):
        study = make_study(title_es="Ñandutí y violencia")
        query = {"app_label": "studies", "model_name": "evaluationstudy", "field_name": "study", "term": "nanduti"}
        found = reviewer.get(reverse("admin:autocomplete"), query).json()["results"]
        assert [entry["id"] for entry in found] == [str(study.pk)]
