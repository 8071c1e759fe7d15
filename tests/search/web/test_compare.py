"""The comparison: the same rows for all, nothing that is not public, every number what its list holds."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils.translation import override

from search.criteria.evidence_address import TablePlace
from search.web.compare.interventions import compare_interventions
from search.web.compare.side_by_side import MOST, ComparisonRow, SideBySide
from search.web.compare.views import compare_url
from search.web.evidence.answer import build_answer
from search.web.evidence.intervention import basis_of_intervention
from search.web.evidence.study_list import evidence_list
from search.web.shared.evidence_request import read_body
from studies.models import Evaluation, EvaluationStudy, Stage, Study
from studies.store import evidence_snapshot, vocabularies
from tests.factories import make_intervention, make_study, merge_studies, withdraw
from tests.html_pages import page_of, parts, text_of
from tests.studies.appraisals_factory import appraisal_record
from tests.studies.learning.texts_factory import make_certainty, term
from tests.studies.learning.texts_factory import published as publish_text
from tests.studies.records_factory import finding

VERDICTS = re.compile(r"funciona|\bworks\b|\bworked\b|effective|efectiv|eficaz|demuestra|proves", re.IGNORECASE)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

SASA, HIDROBO = "abramsky-2014-sasa", "hidrobo-2016-ecuador-transfers"
JUNTOS = ("diaz-2022-juntos-peru", "alencastre-2017-juntos")


def address(*slugs: str, language: str = "es") -> str:
    path = "/en/compare/" if language == "en" else "/comparar/"
    return f"{path}?{'&'.join(f'id={slug}' for slug in slugs)}"


def cells(page: Any) -> dict[str, list[str]]:
    """Return the texts of each row by its name."""
    return {text_of(row.find("th")): [text_of(cell) for cell in row.findall("td")] for row in page.xpath(".//tbody/tr")}


def notices(page: Any) -> list[str]:
    return [text_of(notice) for notice in parts(page, "notice")]


def published(**changes: Any) -> Study:
    return make_study(stage=Stage.PUBLISHED, **changes)


class TestStudies:
    def test_have_the_same_rows_in_the_order_of_the_address(self, client: Client):
        page = page_of(client, address(SASA, HIDROBO))
        assert [text_of(link) for link in page.xpath(".//thead//a")] == [
            "Abramsky y otros, 2014",
            "Hidrobo, Peterman y Heise, 2016",
        ]
        told = cells(page)
        assert list(told) == [
            "En breve", "Intervención", "Programa", "Diseño", "Población", "Lugar", "Muestra", "Qué se encontró",
            "Medido a los", "Calidad", "Costo", "Límites", "Cercanía al Perú", "Fuente",
        ]  # fmt: skip
        assert {len(texts) for texts in told.values()} == {2}
        assert told["Muestra"] == ["2 532 personas", "sin dato"]
        assert told["Cercanía al Perú"] == ["Otros países de ingresos bajos y medios", "Países andinos"]
        assert told["Calidad"] == ["aún sin revisar", "aún sin revisar"]

    def test_show_effect_outcome_number_interval_and_measure_of_each_finding(self, client: Client):
        told = cells(page_of(client, address(SASA, HIDROBO)))["Qué se encontró"][0]
        assert "Sin efecto detectable: violencia física de pareja, 0,48 [0,16; 1,39] (razón de riesgos)" in told

    def test_read_in_english_too(self, client: Client):
        page = page_of(client, address(SASA, HIDROBO, language="en"))
        assert text_of(page.find(".//h1")) == "2 studies, side by side"
        assert cells(page)["Nearness to Peru"] == ["Other low- and middle-income countries", "Andean countries"]

    def test_that_share_an_intervention_are_named_by_it(self, client: Client):
        page = page_of(client, address(HIDROBO, JUNTOS[0]))
        assert text_of(page.find(".//h1")) == "2 estudios sobre transferencias monetarias y en especie"

    def test_that_use_the_same_data_are_said_not_to_be_independent(self, client: Client):
        lead = text_of(parts(page_of(client, address(*JUNTOS)), "lead")[0])
        assert lead.startswith("Díaz y Saldarriaga, 2022 y Alencastre Medrano y Del Pozo Loayza, 2017 ")
        assert lead.endswith("usan los mismos datos: no son pruebas independientes.")

    def test_of_one_trial_are_one_evaluation(self, client: Client):
        group = Evaluation.objects.create(slug="hecho-a-mano", kind="trial", name_es="Hecho a mano", name_en="Made up")
        studies = [published(), published()]
        for study in studies:
            EvaluationStudy.objects.create(evaluation=group, study=study)
        evidence_snapshot.forget()
        page = page_of(client, address(*(study.slug for study in studies)))
        assert "informan sobre la misma evaluación: se cuenta una sola vez." in text_of(parts(page, "lead")[0])
        assert "Evaluaciones: 1; estudios: 2." in text_of(page)

    def test_tell_cost_apart(self, client: Client):
        own = finding(
            outcome="cost-effectiveness", statement_es="Costó poco (hecho a mano).", statement_en="It cost little."
        )
        first = published(outcomes=("ipv-physical", "cost-effectiveness"), findings=(finding(), own))
        second = published(outcomes=("ipv-physical", "cost-effectiveness"))
        told = cells(page_of(client, address(first.slug, second.slug)))
        assert told["Costo"] == ["Costó poco (hecho a mano).", "Lo midió; el registro no trae el hallazgo"]
        assert "Costó poco" not in told["Qué se encontró"][0]

    def test_show_their_appraisal_in_words(self, client: Client):
        study = published(own_appraisals=(appraisal_record(),))
        assert cells(page_of(client, address(SASA, study.slug)))["Calidad"] == [
            "aún sin revisar",
            "Riesgo de sesgo bajo",
        ]

    def test_under_way_have_no_results_yet(self, client: Client):
        study = published(status="ongoing", findings=())
        told = cells(page_of(client, address(SASA, study.slug)))["Qué se encontró"]
        assert told[1] == "En curso, sin resultados todavía"

    def test_can_be_taken_along(self, client: Client):
        link = page_of(client, address(SASA, HIDROBO)).xpath(".//a[@download]")[0].get("href")
        assert client.get(link).status_code == 200
        assert QueryDict(urlsplit(link).query).getlist("id") == [SASA, HIDROBO]


class TestWhatIsNotShown:
    def test_is_named_as_not_found_whatever_it_is(self, client: Client):
        hidden = [
            make_study(title="Xilofonista"),
            make_study(stage=Stage.IN_REVIEW, title="Xilofonista"),
            withdraw(published(title="Xilofonista")),
        ]
        page = page_of(client, address(SASA, HIDROBO, "nada", *(study.slug for study in hidden)))
        names = ", ".join(f"«{name}»" for name in ("nada", hidden[0].slug, hidden[1].slug))
        assert notices(page) == [f"No se encontró en el banco: {names} y «{hidden[2].slug}»."]
        assert "Xilofonista" not in page.text_content()
        assert len(page.xpath(".//thead//a")) == 2

    @pytest.mark.parametrize("slugs", [(SASA,), ("nada",), (SASA, SASA), (SASA, "nada")])
    def test_leaves_too_few_to_compare(self, client: Client, slugs: tuple[str, ...]):
        page = page_of(client, address(*slugs))
        assert notices(page)[0] == "Para comparar hacen falta al menos dos estudios publicados."
        assert page.find(".//table") is None
        assert page.xpath(".//main//a[@href='/seleccion/']")

    def test_is_what_comes_after_six(self, client: Client):
        slugs = list(Study.objects.published().order_by("slug").values_list("slug", flat=True)[: MOST + 2])
        page = page_of(client, address(*slugs))
        assert notices(page) == ["Se comparan seis como máximo: quedaron fuera 2 de los elegidos."]
        assert len(page.xpath(".//thead//a")) == MOST

    def test_leads_from_a_merged_study_to_the_one_that_it_went_into(self, client: Client):
        merged = published()
        merge_studies(merged, Study.objects.get(slug=HIDROBO))
        page = page_of(client, address(SASA, merged.slug))
        assert notices(page) == []
        assert "Hidrobo, Peterman y Heise, 2016" in text_of(page.find(".//thead"))

    @pytest.mark.parametrize(
        "query", ["id=%00", "id=", "id=<script>&id=%F0%9F%98%80", "intervention=%00&intervention=x", "id=a&" * 200]
    )
    def test_never_fails(self, client: Client, query: str):
        for path in ("/comparar/", "/en/compare/"):
            answer = client.get(f"{path}?{query}")
            assert answer.status_code == 200
            assert b"<script>&" not in answer.content


class TestInterventions:
    def table(self, *codes: str, language: str = "es") -> SideBySide:
        vocabulary = vocabularies.current()
        terms = [vocabulary.term("interventions", code) for code in codes]
        return compare_interventions(terms, vocabulary, language)

    def row(self, table: SideBySide, label: str) -> ComparisonRow:
        return next(row for row in table.rows if row.label == label)

    def test_have_the_same_rows_with_their_numbers_linked(self, client: Client):
        page = page_of(client, "/comparar/?intervention=cash-transfer&intervention=engaging-men")
        told = cells(page)
        assert {len(texts) for texts in told.values()} == {2}
        assert text_of(page.find(".//h1")) == "2 tipos de intervención, lado a lado"
        for link in page.xpath(".//tbody//a[contains(@href, '/mapa/estudios/')]"):
            data = QueryDict(urlsplit(link.get("href")).query)
            found = evidence_list(read_body(data), TablePlace.from_query(data), 1, "es")
            assert int(text_of(link)) in (found.evaluations, found.studies)

    @pytest.mark.parametrize("language", ["es", "en"])
    def test_are_told_by_their_answers(self, language: str):
        vocabulary = vocabularies.current()
        with override(language):
            table = self.table("cash-transfer", "engaging-men", language=language)
            for place, code in enumerate(("cash-transfer", "engaging-men")):
                answer = build_answer(
                    basis_of_intervention(vocabulary.term("interventions", code), vocabulary, language)
                )
                told = [line.sentence for row in table.rows for line in row.cells[place] if line.sentence]
                facts = [
                    fact.text for fact in answer.facts if not fact.is_lacking and fact.label not in ("Daños", "Harms")
                ]
                assert set(told) == {*answer.said, *facts, answer.harms}
                plain = [str(line.text.text) for row in table.rows for line in row.cells[place] if line.text]
                assert set(answer.not_known) <= set(plain)
                assert {f"{fact.label}: {fact.text}" for fact in answer.how_sure} <= set(plain)

    def test_show_what_stands_in_several_columns_and_count_it_once(self):
        table = self.table("cash-transfer", "economic-plus")
        assert "más de una columna" in table.notes[0]
        held = evidence_snapshot.current()
        studies = [
            study
            for study in held.studies.values()
            if {"cash-transfer", "economic-plus"} & {code for claim in study.claims for code in claim.interventions}
        ]
        assert table.studies == len(studies)

    def test_without_studies_say_so_in_each_row(self):
        row = self.row(self.table(make_intervention().code, "cash-transfer"), "La respuesta")
        assert [str(line.text.text) for line in row.cells[0] if line.text] == [
            "Este banco no tiene ninguna evaluación de esta intervención: no permite decir qué efecto tiene.",
            "Tampoco tiene otros estudios sobre ella.",
        ]

    def test_show_first_what_people_judged_of_certainty(self):
        table = self.table("cash-transfer", "engaging-men")
        assert self.row(table, "Certeza").missing == "sin juicio: nadie la ha juzgado aún"
        judgement = make_certainty(intervention=term("cash-transfer"))
        assert not self.row(self.table("cash-transfer", "engaging-men"), "Certeza").cells[0]
        publish_text(judgement)
        row = self.row(self.table("cash-transfer", "engaging-men"), "Certeza")
        assert [len(cell) for cell in row.cells] == [1, 0]
        assert row.cells[0][0].text is not None
        assert row.cells[0][0].text.text.startswith("Baja: ")

    def test_that_nobody_evaluated_are_said_to_lack_it_and_to_be_sure_of_nothing(self):
        table = self.table(make_intervention().code, "cash-transfer")
        for name, said in (
            ("Qué no se sabe", ["Qué efecto tiene: ninguna evaluación en este banco."]),
            ("Cuán seguros podemos estar", []),
            ("Evaluaciones", []),
        ):
            assert [line.text.text for line in self.row(table, name).cells[0] if line.text] == said

    @pytest.mark.parametrize("language", ["es", "en"])
    def test_give_no_verdict(self, client: Client, language: str):
        path = "/en/compare/" if language == "en" else "/comparar/"
        page = page_of(client, f"{path}?intervention=cash-transfer&intervention=helpline")
        assert not VERDICTS.search(text_of(page.find(".//table")))

    def test_are_offered_where_none_is_chosen(self, client: Client):
        page = page_of(client, "/comparar/")
        assert notices(page) == []
        offered = [box.get("value") for box in page.xpath(".//input[@name='intervention']")]
        assert sorted(offered) == sorted(term.code for term in vocabularies.current().terms("interventions"))

    def test_unknown_ones_are_told(self, client: Client):
        page = page_of(client, "/comparar/?intervention=helpline&intervention=nada")
        assert notices(page) == ["No se encontró en el banco: «nada»."]
        assert page.xpath(".//input[@checked]/@value") == ["helpline"]

    def test_are_left_aside_where_studies_are_asked_for(self, client: Client):
        page = page_of(client, f"{address(SASA, HIDROBO)}&intervention=helpline")
        assert notices(page) == [
            "Se comparan estudios, programas o tipos de intervención, sin mezclarlos: aquí, los estudios."
        ]


class TestTheWay:
    def test_leads_from_the_selection_with_two_to_six_studies(self, client: Client):
        def links(*slugs: str) -> list[str]:
            shared = f"/seleccion/?{'&'.join(f'id={slug}' for slug in slugs)}"
            return [
                str(href)
                for href in page_of(client, shared).xpath(".//main//a[starts-with(@href, '/comparar/')]/@href")
            ]

        assert links(SASA) == []
        assert links(SASA, "nada", HIDROBO) == [compare_url([SASA, HIDROBO])]
        assert compare_url("abcdefg") == ""

    def test_leads_from_an_intervention_and_back(self, client: Client):
        page = page_of(client, "/intervenciones/helpline/")
        (link,) = page.xpath(".//a[starts-with(@href, '/comparar/')]/@href")
        assert page_of(client, link).xpath(".//input[@checked]/@value") == ["helpline"]

    def test_from_an_intervention_asks_with_what_to_compare_it(self, client: Client):
        page = page_of(client, "/comparar/?intervention=helpline")
        label = vocabularies.current().label("interventions", "helpline", "es")
        assert text_of(page.find(".//h1")) == f"¿Con qué se compara «{label}»?"
        assert notices(page) == []

    def test_asks_as_many_queries_whatever_is_compared(self, client: Client, django_assert_num_queries: Any):
        client.get(address(SASA, HIDROBO))
        with django_assert_num_queries(13):
            client.get(address(SASA, HIDROBO))
        with django_assert_num_queries(13):
            client.get(address(SASA, HIDROBO, *JUNTOS))
        for codes, number in (("cash-transfer", "helpline"), 7), (("cash-transfer", "helpline", "engaging-men"), 9):
            with django_assert_num_queries(number):
                client.get(f"/comparar/?{'&'.join(f'intervention={code}' for code in codes)}")
