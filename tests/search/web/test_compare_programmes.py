"""Programmes side by side: the same rows for all, each number what its list holds, nothing that is not public."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from search.criteria.evidence_address import TablePlace
from search.web.compare.side_by_side import MOST
from search.web.evidence.study_list import evidence_list
from search.web.shared.evidence_request import read_body
from studies.models import Programme, Stage, Term
from studies.store.changes import vocabulary_change
from tests.factories import make_study
from tests.html_pages import page_of, parts, text_of
from tests.search.web.test_compare import VERDICTS, cells, notices
from tests.studies.records_factory import finding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

ROWS = [
    "Lugar", "Quiénes", "Etapa", "Qué es", "Modalidad", "Evaluaciones", "Qué se encontró", "Cuán seguros podemos estar",
    "Costo", "Daños", "Evaluación más cercana al Perú", "Qué no se sabe",
]  # fmt: skip


def make_programme(slug: str, **changes: Any) -> Programme:
    values = {
        "slug": slug,
        "name": f"Programa {slug}",
        "name_es": f"Programa {slug}",
        "name_en": f"Programme {slug}",
        "stage": "results",
        "sources": ["https://example.org/programa"],
        "is_published": True,
    }
    with vocabulary_change():
        made = Programme.objects.create(**{**values, **changes})
        made.countries.add(Term.objects.get(vocabulary="countries", code="PE"))
    return made


@pytest.fixture
def two() -> tuple[Programme, Programme]:
    return make_programme("uno", organisation="MIMP; IPA"), make_programme("dos")


def address(*slugs: str, language: str = "es") -> str:
    path = "/en/compare/" if language == "en" else "/comparar/"
    return f"{path}?{'&'.join(f'programme={quote(slug)}' for slug in slugs)}"


def test_have_the_same_rows_in_the_order_of_the_address(client: Client, two: tuple[Programme, Programme]):
    page = page_of(client, address("dos", "uno"))
    assert text_of(page.find(".//h1")) == "2 programas, lado a lado"
    assert page.xpath(".//thead//a/@href") == ["/programas/dos/", "/programas/uno/"]
    told = cells(page)
    assert list(told) == ROWS
    assert told["Lugar"] == ["Perú", "Perú"]
    assert told["Etapa"] == ["Etapa 5 de 6: con resultados"] * 2
    assert told["Quiénes"][0] == "sin dato"


def test_without_evaluation_say_so_and_are_near_to_nothing(client: Client, two: tuple[Programme, Programme]):
    told = cells(page_of(client, address("uno", "dos")))
    assert told["Evaluaciones"] == ["ninguna en este banco"] * 2
    assert told["Qué se encontró"] == ["ninguna evaluación en este banco"] * 2
    assert told["Cuán seguros podemos estar"] == ["ninguna en este banco"] * 2
    assert told["Evaluación más cercana al Perú"] == ["ninguna en este banco"] * 2
    assert told["Qué no se sabe"] == ["Qué efecto tiene: ninguna evaluación en este banco."] * 2


def test_tell_what_their_own_studies_found(client: Client, two: tuple[Programme, Programme]):
    make_study(
        stage=Stage.PUBLISHED,
        programme="Programa uno",
        countries=("PE",),
        findings=(finding(outcome="ipv-physical", measure="risk ratio", value=0.63, ci_low=0.41, ci_high=0.98),),
    )
    told = cells(page_of(client, address("uno", "dos")))
    assert re.search(r"violencia física de pareja: menos \(.*0,63 \[0,41; 0,98\]\)", told["Qué se encontró"][0], re.I)
    assert told["Evaluación más cercana al Perú"] == ["Perú", "ninguna en este banco"]
    assert told["Evaluaciones"][0].startswith("1 (")


def test_whose_evaluation_has_no_result_in_its_record_say_that(client: Client, two: tuple[Programme, Programme]):
    make_study(stage=Stage.PUBLISHED, programme="Programa uno", findings=())
    told = cells(page_of(client, address("uno", "dos")))
    assert told["Qué se encontró"][0] == "De 1 evaluación el registro no trae ningún resultado que contar."


def test_announce_results_and_name_a_registration(client: Client, two: tuple[Programme, Programme]):
    Programme.objects.filter(slug="uno").update(expected_results="2027", registration="NCT03609801")
    told = cells(page_of(client, address("uno", "dos")))
    assert "Resultados anunciados para: 2027." in told["Etapa"][0]
    assert told["Evaluaciones"][0] == "Registro: NCT03609801"


@pytest.mark.parametrize("language", ["es", "en"])
def test_lead_from_each_number_to_what_it_counts_and_give_no_verdict(client: Client, language: str):
    slugs = Programme.objects.public().filter(stage="results").order_by("slug").values_list("slug", flat=True)
    for start in range(0, 18, MOST):
        page = page_of(client, address(*slugs[start : start + MOST], language=language))
        # A description, which says what a programme works on, is a curator's.
        told = [text for name, texts in cells(page).items() if name not in ("Qué es", "What it is") for text in texts]
        assert not VERDICTS.search(" ".join(told))
        for link in page.xpath(".//tbody//a[contains(@href, '/mapa/estudios/') or contains(@href, '/map/studies/')]"):
            if text_of(link).isdigit():
                data = QueryDict(urlsplit(link.get("href")).query)
                found = evidence_list(read_body(data), TablePlace.from_query(data), 1, language)
                assert int(text_of(link)) in (found.evaluations, found.studies), link.get("href")


def test_that_are_not_public_look_as_if_they_did_not_exist(client: Client, two: tuple[Programme, Programme]):
    make_programme("tres", is_published=False, name="Zarzaparrilla", name_es="Zarzaparrilla")
    make_study(programme="Programa uno", title_es="Zarzaparrilla", key_finding_es="Zarzaparrilla")
    page = page_of(client, address("uno", "tres", "nada", "dos"))
    assert notices(page) == ["No se encontró en el banco: «tres» y «nada»."]
    assert "Zarzaparrilla" not in page.text_content()
    assert cells(page)["Evaluaciones"] == ["ninguna en este banco"] * 2


@pytest.mark.parametrize("slugs", [("uno",), ("uno", "uno"), ("uno", "nada")])
def test_of_which_only_one_is_found_are_asked_with_what_to_compare_it(
    client: Client, two: tuple[Programme, Programme], slugs: tuple[str, ...]
):
    page = page_of(client, address(*slugs))
    assert text_of(page.find(".//h1")) == "¿Con qué se compara «Programa uno»?"
    assert page.find(".//table") is None
    (way,) = page.xpath(".//main//a[contains(@class, 'button')]/@href")
    chosen = page_of(client, way.partition("#")[0]).xpath(".//input[@type='checkbox' and @checked]/@value")
    assert chosen == ["uno"]


def test_beyond_six_are_left_out_and_said_to_be(client: Client):
    slugs = list(Programme.objects.public().order_by("slug").values_list("slug", flat=True)[: MOST + 1])
    page = page_of(client, address(*slugs))
    assert notices(page) == ["Se comparan seis como máximo: quedó fuera 1 de los elegidos."]
    assert len(page.xpath(".//thead//a")) == MOST


def test_are_not_mixed_with_others(client: Client, two: tuple[Programme, Programme]):
    page = page_of(client, f"{address('uno', 'dos')}&intervention=helpline")
    assert notices(page) == [
        "Se comparan estudios, programas o tipos de intervención, sin mezclarlos: aquí, los programas."
    ]


@pytest.mark.parametrize(
    "query", ["programme=%00", "programme=", "programme=<script>&programme=😀", "programme=a&" * 200]
)
def test_never_fail(client: Client, query: str):
    for path in ("/comparar/", "/en/compare/", "/programas/"):
        answer = client.get(f"{path}?{query}")
        assert answer.status_code == 200
        assert b"<script>&" not in answer.content


def test_cost_two_queries_each_and_three_in_all(client: Client, django_assert_num_queries: Any):
    slugs = list(Programme.objects.public().order_by("slug").values_list("slug", flat=True)[:4])
    client.get(address(*slugs))
    for number in (2, 4):
        with django_assert_num_queries(3 + 2 * number):
            client.get(address(*slugs[:number]))


class TestTheChoice:
    def test_is_made_in_the_list_of_programmes(self, client: Client):
        page = page_of(client, "/programas/")
        (form,) = page.xpath(".//form[@action='/comparar/']")
        offered = form.xpath(".//input[@type='checkbox' and @name='programme']/@value")
        assert sorted(offered) == sorted(Programme.objects.public().values_list("slug", flat=True))
        assert all(text_of(label).startswith("Comparar ") for label in form.xpath(".//label"))

    def test_is_kept_when_a_filter_leaves_a_marked_one_out(self, client: Client, two: tuple[Programme, Programme]):
        page = page_of(client, "/programas/?programme=uno&programme=sasa&country=PE")
        (form,) = page.xpath(".//form[@action='/comparar/']")
        assert form.xpath(".//input[@checked]/@value") == ["uno"]
        assert form.xpath(".//input[@type='hidden']/@value") == ["sasa"]
        assert sorted(page.xpath(".//form[not(@action)]//input[@type='hidden']/@value")) == ["sasa", "uno"]
        assert "Ya marcados:" in text_of(parts(page, "comparebar")[0])

    def test_is_offered_on_the_page_of_a_programme(self, client: Client):
        (way,) = page_of(client, "/programas/sasa/").xpath(".//a[starts-with(@href, '/programas/?programme=')]/@href")
        page = page_of(client, way.partition("#")[0])
        assert page.xpath(".//input[@type='checkbox' and @checked]/@value") == ["sasa"]
