"""The workplace's page on which curators search the studies of every stage and choose among them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from studies.models import BulkChange, Study
from tests.factories import make_study, user_with_role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]
PATH = "/admin/trabajo-en-grupo/"


@pytest.fixture
def curator() -> Client:
    return client_as("Curaduría")


def client_as(role: str | None) -> Client:
    client = Client()
    client.force_login(user_with_role(role))
    return client


def shown(client: Client, **criteria: object) -> list[Study]:
    return [study for study, _is_ticked in client.get(PATH, criteria).context["rows"]]


class TestThePage:
    def test_is_for_those_who_write(self, client):
        assert client.get(PATH).status_code == 302
        assert client_as(None).get(PATH).status_code == 403
        assert client_as("Curaduría").get(PATH).status_code == 200
        assert client_as("Curaduría").put(PATH).status_code == 405
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(user_with_role("Curaduría"))
        assert strict.post(PATH, {"all": "x"}).status_code == 403

    def test_narrows_by_words_filters_and_stage(self, curator):
        draft = make_study(title_es="Ñandutí y violencia")
        assert shown(curator, q="ñanduti", stage="draft") == [draft]
        assert shown(curator, q="ñanduti", stage="withdrawn") == []
        found = shown(curator, theme="autonomy", country="PE", stage="published")
        assert found
        assert all({"autonomy", "PE"} <= set(study.terms.values_list("code", flat=True)) for study in found)

    def test_tells_what_it_could_not_read(self, curator):
        page = curator.get(PATH, {"theme": "nada", "year_from": "abcd"}).content.decode()
        assert "«nada» no es una opción de los filtros" in page
        assert "Escriba un año con cuatro cifras" in page

    @pytest.mark.parametrize(
        "query", ["q=%00", "p=x", "p=999", "p=-1", "stage=x", f"page={'9' * 40}", "sort=x", "q=((("]
    )
    def test_odd_queries_get_an_answer(self, curator, query):
        assert curator.get(f"{PATH}?{query}").status_code == 200
        assert curator.post(f"{PATH}?{query}", {"study": ["\x00", "9" * 40, "²", "x"]}).status_code == 200

    def test_asks_the_same_number_of_questions_for_any_number_of_studies(self, curator, django_assert_num_queries):
        curator.get(PATH)
        for criteria in ({"q": "sasa"}, {}, {"stage": "published"}):
            with django_assert_num_queries(7 if criteria.get("stage") else 8):
                curator.get(PATH, criteria)


class TestChoosing:
    def test_the_ticked_ones(self, curator):
        one, _other = make_study(), make_study()
        response = curator.post(f"{PATH}?stage=draft", {"study": [one.pk], "ticked": "x"})
        change = BulkChange.objects.get()
        assert response.url == reverse("admin:studies_bulkchange_prepare", args=[change.pk])
        assert [item.study for item in change.items.all()] == [one]

    def test_all_of_them_on_whatever_page(self, curator):
        curator.post(f"{PATH}?theme=prevention&stage=published", {"all": "x"})
        change = BulkChange.objects.get()
        wanted = Study.objects.published().filter(terms__code="prevention").values_list("pk", flat=True)
        assert {item.study_id for item in change.items.all()} == set(wanted)
        assert change.criteria == "theme=prevention&stage=published"

    def test_none_is_refused_in_words(self, curator):
        assert "Marque al menos un estudio" in curator.post(PATH, {"ticked": "x"}).content.decode()

    def test_too_many_are_refused_with_the_bound_and_the_marks_are_kept(self, curator, monkeypatch):
        monkeypatch.setattr("studies.curation.bulk.making.MOST_STUDIES", 1)
        one, other = make_study(), make_study()
        page = curator.post(f"{PATH}?stage=draft", {"study": [one.pk, other.pk], "ticked": "x"})
        assert "abarca hasta 1" in page.content.decode()
        assert [is_ticked for _study, is_ticked in page.context["rows"]] == [True, True]
