"""The pages of the bank that one search finds: each kind, in both languages, and never what is not published."""

from __future__ import annotations

import datetime
import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from search.pages import finding, nearest
from search.pages.sources import help as help_pages
from search.web.results.other_pages import page_url
from studies.models import PolicyQuestion, Programme
from studies.store import vocabularies
from studies.store.changes import answer_change, vocabulary_change
from tests.factories import user_with_role
from tests.studies.admin_forms import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

LISTS = {"es": ("/estudios/", "/estudios/sugerencias.json"), "en": ("/en/studies/", "/en/studies/suggestions.json")}


def make_question(**changes: Any) -> PolicyQuestion:
    values = {
        "slug": "xilofonos",
        "question_es": "¿Los xilófonos reducen la violencia?",
        "question_en": "Do xylophones reduce violence?",
        "answer_es": "No se sabe.",
        "reviewed_by": "Equipo de evidencia",
        "reviewed_on": datetime.date(2026, 11, 2),
        "sources": ["https://example.org/pedido"],
        "is_published": True,
    }
    with answer_change():
        return PolicyQuestion.objects.create(**{**values, **changes})


def make_programme(**changes: Any) -> Programme:
    values = {
        "slug": "zarza",
        "name": "Zarzaparrilla",
        "name_es": "Zarzaparrilla de Lima",
        "name_en": "Sarsaparilla of Lima",
        "sources": ["https://example.org/programa"],
        "is_published": True,
    }
    with vocabulary_change():
        return Programme.objects.create(**{**values, **changes})


def shown(client: Client, q: str, language: str = "es", **criteria: str) -> list[tuple[str, str, str]]:
    """Return kind, title and address of each page above the studies."""
    html = client.get(LISTS[language][0], {"q": q, **criteria}).content.decode()
    pattern = r'kinds__kind">([^<]*)</span>\s*<div>\s*<a href="([^"]*)"[^>]*>([^<]*)</a>'
    return [(unescape(kind), unescape(title), unescape(url)) for kind, url, title in re.findall(pattern, html)]


def suggested(client: Client, q: str, language: str = "es") -> list[tuple[str, str, str]]:
    groups = client.get(LISTS[language][1], {"q": q}).json()["groups"]
    label = {"es": "Páginas del banco", "en": "Pages of the bank"}[language]
    options = [option for group in groups if group["label"] == label for option in group["options"]]
    return [(option["note"], option["text"], option["url"]) for option in options]


class TestEachKind:
    CASES = (
        ("es", "transferencias monetarias", "Intervención", "/intervenciones/cash-transfer/"),
        ("en", "cash transfers", "Intervention", "/en/interventions/cash-transfer/"),
        ("en", "transferencias monetarias", "Intervention", "/en/interventions/cash-transfer/"),
        ("es", "SAU", "Programa", "/programas/sau/"),
        ("en", "urgent care service", "Programme", "/en/programmes/sau/"),
        ("es", "personas LGBTI", "Glosario", "/glosario/#populations-lgbti"),
        ("en", "LGBTQ", "Glossary", "/en/glossary/#populations-lgbti"),
        ("es", "zotero", "Ayuda", "/ayuda/#exportar"),
        ("en", "download", "Help", "/en/help/#exportar"),
    )

    @pytest.mark.parametrize(("language", "q", "kind", "url"), CASES)
    def test_stands_above_the_studies(self, language: str, q: str, kind: str, url: str, client: Client) -> None:
        assert (kind, url) in [(each[0], each[2]) for each in shown(client, q, language)]

    @pytest.mark.parametrize(("language", "q", "kind", "url"), CASES)
    def test_is_suggested(self, language: str, q: str, kind: str, url: str, client: Client) -> None:
        assert (kind, url) in [(each[0], each[2]) for each in suggested(client, q, language)]

    def test_a_question_too(self, client: Client) -> None:
        make_question()
        assert shown(client, "xilófonos violencia") == [
            ("Pregunta", "¿Los xilófonos reducen la violencia?", "/preguntas/xilofonos/")
        ]
        assert shown(client, "xylophones", "en") == [
            ("Question", "Do xylophones reduce violence?", "/en/questions/xilofonos/")
        ]
        assert suggested(client, "xilo", "en")[0][2] == "/en/questions/xilofonos/"

    def test_every_address_answers(self, client: Client) -> None:
        pages = [held.page for held in finding.get_index().pages._held]
        assert {page.kind for page in pages} >= {"intervention", "programme", "glossary", "help"}
        sample = {page_url(page).partition("#")[0] for page in pages[::9]}
        assert {url: client.get(url).status_code for url in sample} == dict.fromkeys(sample, 200)


class TestOnlyWhatIsPublished:
    def test_a_draft_of_a_programme_is_neither_shown_nor_suggested(self, client: Client) -> None:
        make_programme(is_published=False)
        assert shown(client, "zarzaparrilla") == suggested(client, "zarzapa") == []
        with vocabulary_change():
            Programme.objects.filter(slug="zarza").update(is_published=True)
        assert shown(client, "zarzaparrilla")[0][2] == suggested(client, "zarzapa")[0][2] == "/programas/zarza/"

    def test_a_draft_of_a_question_is_neither_shown_nor_suggested(self, client: Client) -> None:
        make_question(is_published=False)
        assert shown(client, "xilófonos violencia") == suggested(client, "xilo") == []

    def test_a_question_goes_as_soon_as_it_is_withdrawn_in_the_workplace(self, client: Client) -> None:
        question = make_question()
        assert shown(client, "xilófonos violencia")
        curator = Client()
        curator.force_login(user_with_role("Revisión"))
        path = reverse("admin:studies_policyquestion_change", args=[question.pk])
        values = form_values(curator.get(path).content.decode(), "policyquestion_form")
        del values["is_published"]
        assert curator.post(path, values).status_code == 302
        question.refresh_from_db()
        assert not question.is_published
        assert shown(client, "xilófonos violencia") == suggested(client, "xilo") == []


class TestWhatIsShown:
    def test_is_at_most_five_and_never_twice_the_same(self, client: Client) -> None:
        for q in ("violencia", "mujeres", "programa", "acoso", "evaluación", "SAU", "salud mental"):
            pages = shown(client, q)
            assert len(pages) == len(set(pages)) <= finding.MOST_SHOWN

    def test_is_nothing_on_later_pages_nor_beside_filters_that_find_studies(self, client: Client) -> None:
        assert shown(client, "alcohol")
        assert shown(client, "alcohol", page="2") == []
        assert shown(client, "alcohol", country="PE") == []
        assert shown(client, "botón de pánico", country="PE")

    def test_is_called_the_nearest_where_no_study_is_found(self, client: Client) -> None:
        html = client.get("/estudios/?q=SAU").content.decode()
        assert "Lo más cercano en este banco" in html
        assert 'class="hidden">Otras' not in html

    @pytest.mark.parametrize("q", ["SAU", "ciberacoso", "botón de pánico", "LGBTI", "serenazgo", "asháninka"])
    def test_leads_on_from_what_the_thesaurus_knows(self, q: str, client: Client) -> None:
        assert shown(client, q)

    @pytest.mark.parametrize("q", ["\x00", "x" * 5_000, '"', "%_\\'", "🙂", "-alcohol", "año:2015", "título:alcohol"])
    def test_odd_input_has_an_answer_without_pages(self, q: str, client: Client) -> None:
        assert shown(client, q) == []

    def test_costs_no_query_until_the_bank_changes(self, client: Client) -> None:
        client.get("/estudios/?q=SAU")
        with CaptureQueriesContext(connection) as captured:
            client.get("/estudios/?q=alcohol&page_size=20")
            client.get("/estudios/sugerencias.json?q=zz")
        assert not [each["sql"] for each in captured if "policyquestion" in each["sql"] or "programme" in each["sql"]]


class TestData:
    def test_what_is_nearest_names_concepts_and_programmes_of_the_bank(self) -> None:
        vocabulary = vocabularies.current()
        concepts = {concept.slug for concept in vocabulary.concepts}
        programmes = {programme.slug for programme in vocabulary.programmes}
        for slug, near in nearest.read_nearest().items():
            assert {slug, *near.concepts} <= concepts
            assert set(near.programmes) <= programmes

    @pytest.mark.parametrize("language", ["es", "en"])
    def test_help_has_the_headings_of_its_pages(self, language: str, client: Client) -> None:
        with override(language):
            for route, anchor, title, _words in help_pages.SECTIONS:
                html = re.sub(r"\s+", " ", client.get(reverse(route)).content.decode())
                heading = f'id="{anchor}">' if anchor else "<h1>"
                assert f"{heading}{title}</h" in unescape(html), (route, anchor)

    def test_every_section_of_the_help_page_is_found(self, client: Client) -> None:
        headings = set(re.findall(r'<h[23] id="([^"]+)"', client.get("/ayuda/").content.decode()))
        assert headings == {anchor for route, anchor, *_ in help_pages.SECTIONS if route == "help" and anchor}
