"""Decisions on programmes: what the database refuses, the form in the workplace, and what the public sees."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db.utils import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studies.learning import dependents
from studies.models import Decision, Programme, Stage
from tests.factories import edit, make_study, user_with_role, withdraw
from tests.studies.admin_forms import form_values

pytestmark = pytest.mark.django_db
SASA = "/programas/sasa/"


def make_decision(**changes: Any) -> Decision:
    """Record a public decision on SASA! in 2025."""
    values = {
        "programme": Programme.objects.get(slug="sasa"),
        "decided_on": datetime.date(2025, 3, 8),
        "text_es": "El ministerio amplió el programa a tres regiones.",
        "text_en": "The ministry extended the programme to three regions.",
        "document_title": "Resolución de prueba 1",
        "document_url": "https://example.org/resolucion",
        "is_published": True,
    }
    return Decision.objects.create(**{**values, **changes})


def client_as(role: str | None) -> Client:
    client = Client()
    client.force_login(user_with_role(role))
    return client


def sent(client: Client, path: str, **changes: Any) -> Any:
    values = form_values(client.get(path).content.decode(), "decision_form")
    return client.post(path, {**values, **changes})


def filled_in(**changes: Any) -> dict[str, Any]:
    values = {
        "programme": Programme.objects.get(slug="sasa").pk,
        "decided_on": "08/03/2025",
        "text_es": "Se amplía.",
        "document_url": "https://example.org/resolucion",
        "is_published": "on",
    }
    return {**values, **changes}


ADD = "/admin/studies/decision/add/"


class TestRules:
    def test_none_is_published_without_a_document(self):
        make_decision(document_url="", is_published=False)
        with pytest.raises(IntegrityError, match="decision_published_has_document"):
            make_decision(document_url="")

    def test_each_says_what_was_decided(self):
        with pytest.raises(IntegrityError, match="decision_says_what"):
            make_decision(text_es="")


class TestTheProgrammesPage:
    def test_shows_date_text_document_and_studies(self, client):
        study = make_study(stage=Stage.PUBLISHED, title_es="El estudio citado")
        make_decision().studies.add(study)
        html = client.get(SASA).content.decode()
        assert "8 de marzo de 2025" in html
        assert '<a href="https://example.org/resolucion" rel="noreferrer">Resolución de prueba 1</a>' in html
        assert "El estudio citado" in html[html.index('id="decisiones"') :]
        assert html.count("El ministerio amplió el programa a tres regiones.") == 2
        english = client.get("/en/programmes/sasa/").content.decode()
        assert "8 March 2025" in english
        assert "The ministry extended the programme" in english

    def test_shows_no_draft_and_no_study_that_is_not_public(self, client):
        make_decision(text_es="Zarzaparrilla", is_published=False)
        gone = make_study(stage=Stage.PUBLISHED, title_es="Xilofonista")
        decision = make_decision()
        decision.studies.add(gone, make_study(title_es="Xilofonista"))
        withdraw(gone)
        html = client.get(SASA).content.decode()
        assert "Zarzaparrilla" not in html
        assert "Xilofonista" not in html

    def test_costs_as_many_queries_whatever_the_number(self, client, django_assert_max_num_queries):
        for _each in range(4):
            make_decision().studies.add(*(make_study(stage=Stage.PUBLISHED) for _study in range(2)))
        client.get(SASA)
        with django_assert_max_num_queries(27):
            client.get(SASA)


class TestTheForm:
    def test_is_for_who_may_change_programmes(self):
        decision = make_decision()
        change = reverse("admin:studies_decision_change", args=[decision.pk])
        assert Client().get(ADD).status_code == 302
        assert client_as(None).get(ADD).status_code == 403
        curator = client_as("Curaduría")
        assert curator.get("/admin/studies/decision/").status_code == 200
        assert curator.get(change).status_code == 200
        assert curator.get(ADD).status_code == 403
        assert curator.post(change, filled_in()).status_code == 403
        assert client_as("Revisión").get(ADD).status_code == 200
        assert client_as("Administración").post(f"{change}../delete/", {"post": "yes"}).status_code in (403, 404)

    def test_records_a_decision_with_its_studies_by_typing(self):
        reviewer = client_as("Revisión")
        study = make_study(stage=Stage.PUBLISHED, title_es="Ñandutí y violencia")
        query = {"app_label": "studies", "model_name": "decision", "field_name": "studies", "term": "nanduti"}
        found = reviewer.get(reverse("admin:autocomplete"), query).json()["results"]
        assert [entry["id"] for entry in found] == [str(study.pk)]
        assert sent(reviewer, ADD, **filled_in(studies=[study.pk])).status_code == 302
        decision = Decision.objects.get()
        assert list(decision.studies.all()) == [study]
        assert decision.is_published
        page = reviewer.get(reverse("admin:studies_programme_change", args=[decision.programme_id])).content.decode()
        assert f"/admin/studies/decision/{decision.pk}/change/" in page
        assert f"{ADD}?programme={decision.programme_id}" in page

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"document_url": ""}, "Una decisión publicada necesita la dirección de su documento."),
            ({"document_url": "javascript:alert(1)"}, "Escriba una dirección completa"),
            ({"decided_on": "08/03/2999"}, "Esta fecha todavía no ha llegado."),
            ({"decided_on": "ayer"}, "errorlist"),
            ({"text_es": ""}, "errorlist"),
            ({"text_es": "\x00"}, "caracteres nulos"),
            ({"programme": "x"}, "errorlist"),
            ({"studies": ["999999999"]}, "errorlist"),
        ],
    )
    def test_says_what_is_wrong(self, changes: dict[str, Any], sentence: str):
        response = sent(client_as("Revisión"), ADD, **filled_in(**changes))
        assert response.status_code == 200
        assert sentence in response.content.decode()
        assert not Decision.objects.exists()

    def test_takes_published_studies_and_keeps_one_that_was_withdrawn_since(self):
        reviewer = client_as("Revisión")
        assert "no está publicado" in sent(reviewer, ADD, **filled_in(studies=[make_study().pk])).content.decode()
        study = make_study(stage=Stage.PUBLISHED)
        decision = make_decision()
        decision.studies.add(study)
        withdraw(study)
        change = reverse("admin:studies_decision_change", args=[decision.pk])
        assert sent(reviewer, change).status_code == 302
        assert list(decision.studies.all()) == [study]

    def test_remembers_which_change_of_the_bank_the_decision_rests_on(self):
        reviewer = client_as("Revisión")
        study = make_study(stage=Stage.PUBLISHED)
        sent(reviewer, ADD, **filled_in(decided_on=f"{timezone.localdate():%d/%m/%Y}"))
        assert Decision.objects.get().seen_no == study.changed_no
        sent(reviewer, reverse("admin:studies_decision_change", args=[Decision.objects.get().pk]), text_es="Otro texto")
        edit(study, title_es="Otro título")
        assert Decision.objects.get().seen_no == study.changed_no
        sent(reviewer, reverse("admin:studies_decision_change", args=[Decision.objects.get().pk]), **filled_in())
        assert Decision.objects.get().seen_no == 0

    def test_a_day_that_is_over_has_the_number_of_its_last_change(self):
        study = make_study(stage=Stage.PUBLISHED)
        yesterday = timezone.now() - datetime.timedelta(days=1)
        study.revisions.update(at=yesterday)
        last = study.revisions.first().change_no
        assert dependents.find_change_no(timezone.localdate(yesterday)) == last
        assert dependents.find_change_no(timezone.localdate(yesterday) - datetime.timedelta(days=1)) == 0
