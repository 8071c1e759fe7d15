"""Briefs as an analyst meets them: from studies or criteria; her words in them; the files that she takes away."""

from __future__ import annotations

import builtins
import io
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from docx import Document
from lxml import html
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries

from search.lists.selection import MOST_IN_BRIEF
from search.web.brief import pdf
from search.web.brief.author_text import LONGEST
from search.web.brief.content import MOST_STUDIES
from search.web.brief.figures import MOST_HEIGHT_PX
from search.web.brief.views import PDF_LIMIT
from search.web.evidence.answer import Answer, build_answer
from search.web.evidence.views import basis_of
from search.web.shared.evidence_request import read_body
from studies.citations.styles.registry import STYLES
from studies.models import Stage, Study, Term
from studies.store import evidence_snapshot
from tests.factories import make_study, user_with_role, withdraw
from tests.html_pages import page_of, parts, text_of
from tests.search.made_up_lists import QUERY as XYLOPHONES
from tests.search.made_up_lists import publish_on_xylophones
from tests.search.random_criteria import random_criteria
from tests.search.web.test_map import listed
from tests.studies.learning.texts_factory import make_conclusion, make_safety_note, published, term
from tests.studies.records_factory import finding, fixture_studies
from tests.thorough import mainly

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

needs_pango = pytest.mark.skipif(not pdf.is_available(), reason="no pango: sudo apt install libpangoft2-1.0-0")

REVIEWS_ALONE = "design_family=synthesis&theme=attention"
LONGEST_BRIEFS = (
    "theme=prevention",
    "intervention=economic-plus",
    "intervention=cash-transfer",
    "theme=attention",
    "intervention=girls-life-skills",
)
VOTES = re.compile(
    r"ningun[ao]s? (?:lo )?(?:encontr|hall|detect)|none (?:of \S+ )?found|, según sus autores,|"
    r"according to (?:its|their) authors|un cambio favorable|a favourable change|"
    r"\d+ (?:de|of) (?:las |the )?\d+ (?:evaluaciones |evaluations )?(?:encontr|hall|detect|found|show)",
    re.IGNORECASE,
)


SASA, BRAZIL = "abramsky-2014-sasa", "bhalotra-2025-brazil-job-loss"
PAGE, CASH = "/ficha/", "/ficha/?intervention=cash-transfer"
HERS = {
    "title": "Lo que pide el viceministerio",
    "question": "¿Conviene ampliar Juntos?",
    "conclusion": "Antes de ampliar conviene medir.\n\nFalta saber <b>cuánto</b> dura.",
}
CRITERIA = (
    "intervention=cash-transfer",
    "intervention=economic-plus",
    "theme=prevention",
    "country=PE",
    "q=transferencias",
    "intervention=cash-transfer&outcome=ipv-physical",
    "effect=unfavourable",
    REVIEWS_ALONE,
    f"id={SASA}&id={BRAZIL}",
)


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


def text(response: HttpResponse) -> str:
    return unescape(response.content.decode())


def article(client: Client, address: str) -> Any:
    (found,) = parts(page_of(client, address), "brief")
    return found


def answer_to(query: str, theme: str | None = None) -> Answer:
    return build_answer(basis_of(read_body(QueryDict(query)), "es"), theme)


def document_of(response: HttpResponse) -> Any:
    assert response.status_code == 200
    return Document(io.BytesIO(response.content))


def document_text(document: Any) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def pdf_of(response: HttpResponse) -> PdfReader:
    assert response.status_code == 200
    return PdfReader(io.BytesIO(response.content))


def pdf_text(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def page_of_post(client: Client, address: str, typed: dict[str, str]) -> Any:
    response = client.post(address, typed)
    assert response.status_code == 200
    return html.fromstring(response.content)


class TestABrief:
    @pytest.mark.parametrize("query", CRITERIA)
    def test_says_everything_in_order(self, client: Client, query: str):
        headings = [text_of(heading) for heading in article(client, f"{PAGE}?{query}").iter("h2")]
        findings = [
            "Qué muestran los estudios",
            "Cuán seguros podemos estar",
            "Qué no se sabe",
            "Qué tan cerca del Perú",
        ]
        none = ["Qué estudios hay", "Qué dicen las revisiones", "Qué no se sabe", "Qué tan cerca del Perú"]
        wanted = none if query == REVIEWS_ALONE else [*findings, "Costos y daños"]
        assert headings == [*wanted, "Cómo se buscó", "Referencias APA, 7.ª edición"]

    @pytest.mark.parametrize("path", [PAGE, "/en/brief/"])
    @pytest.mark.parametrize("query", CRITERIA)
    def test_counts_no_votes(self, client: Client, path: str, query: str):
        said = text_of(article(client, f"{path}?{query}"))
        assert not VOTES.search(said.partition("Referencias")[0].partition("References")[0])

    def test_has_the_sentences_of_the_answer(self, client: Client):
        (said,) = article(client, CASH).xpath(".//*[@class='brief__answer']")
        plain = re.sub(r" \[\d[\d, ]*\](?= |$)", "", text_of(said))
        assert plain.split() == answer_to("intervention=cash-transfer").description.split()

    def test_has_rows_of_outcomes_that_come_first_behind_what_they_are_compared_with(self, client: Client):
        answer = answer_to("intervention=economic-plus")
        rows = article(client, f"{PAGE}?intervention=economic-plus").xpath(".//table/tbody/tr")
        assert text_of(rows[0]) in [str(group.heading) for group in answer.groups]
        of_answer = {
            (row.outcome, " ".join(str(row.briefly[0]).split())) for group in answer.groups for row in group.rows
        }
        shown = [row for row in rows if len(row) > 1]
        assert len(shown) > 1
        for row in shown:
            assert any(
                text_of(row[0]) == outcome and effect in " ".join(text_of(row[2]).split())
                for outcome, effect in of_answer
            )

    def test_says_how_many_rows_it_has_no_room_for_and_where_they_are(self, client: Client):
        brief = article(client, f"{PAGE}?theme=prevention")
        (note,) = brief.xpath(".//table[contains(@class, 'brief__findings')]/following-sibling::p[1]")
        told = re.search(r"faltan (\d+) filas", text_of(note))
        assert told
        shown = [row for row in brief.xpath(".//table[1]/tbody/tr") if len(row) > 1]
        every = [row for group in answer_to("theme=prevention", "prevention").groups for row in group.rows]
        assert len(shown) + int(told[1]) == len(every)
        assert "/evidencia/?theme=prevention" in [link.get("href") for link in note.iter("a")]

    def test_without_an_outcome_that_comes_first_tells_the_others(self, client: Client):
        estimate = finding(outcome="employment-income", effect="favourable")
        publish_on_xylophones(
            1, interventions=("employment-training",), outcomes=("employment-income",), findings=(estimate,)
        )
        brief = article(client, f"{PAGE}?{XYLOPHONES}")
        assert not brief.xpath(".//table")
        assert "Comparación sin clasificar o sin dato: 1 evaluación. Empleo, ingresos y activos: más" in text_of(brief)

    @pytest.mark.parametrize("query", mainly(3, CRITERIA))
    def test_every_number_equals_what_its_link_lists(self, client: Client, query: str):
        assert self.hold(client, query)

    def test_so_does_one_of_any_criteria(self, client: Client):
        assert sum(self.hold(client, query) for query in random_criteria(8, 20))

    def hold(self, client: Client, query: str) -> int:
        """Return how many links a brief has, of which all tell what they lead to."""
        links = [
            (text_of(link), link.get("href"))
            for brief in parts(page_of(client, f"{PAGE}?{query}"), "brief")
            for link in brief.iter("a")
            if link.get("href").startswith("/mapa/estudios/")
        ]
        for words, address in links:
            (evaluations, studies, reviews), found = listed(client, address)
            if "?id=" in address and words.isdecimal():
                ids = QueryDict(address.partition("?")[2]).getlist("id")
                # A study that reports several trials may be meant for one of them alone.
                reports_several = any(id_ in ids for id_, _trial in evidence_snapshot.current().trial_works)
                is_part = reports_several and int(words) < evaluations
                assert is_part or int(words) in (evaluations, studies), (words, address)
                continue
            if "kind=review" in address and words.isdecimal():
                assert int(words) == reviews
                continue
            noun = {"evaluaci": evaluations, "estudio": studies, "revisi": reviews}
            of_evaluations = re.search(r"shows=|strength=|kind=evaluation", address)
            first = re.sub("(estudios?) de .*", r"\1", words)
            for number, word in re.findall(r"([\d\u202f]+)(?: (evaluaci|estudio|revisi))?", first):
                expected = noun[word] if word else evaluations if of_evaluations else studies
                assert int(number.replace("\u202f", "")) == expected, (words, address)
            assert found == studies or of_evaluations or "kind=review" in address
        return len(links)

    @pytest.mark.parametrize("query", mainly(3, CRITERIA))
    def test_every_reference_is_cited_and_every_citation_has_its_reference(self, client: Client, query: str):
        brief = article(client, f"{PAGE}?{query}")
        cited = {link.get("href") for link in brief.xpath(".//*[@class='ref']/a")}
        listed_here = {f"#{entry.get('id')}" for entry in brief.xpath(".//*[@class='refs']/li")}
        assert cited == listed_here

    def test_says_that_studies_go_from_the_nearest_to_peru_only_where_they_do(self, client: Client):
        for code in ("UG", "BR", "PE", "EC"):
            publish_on_xylophones(1, countries=(code,), designs=("qualitative",))
        brief = article(client, f"{PAGE}?{XYLOPHONES}")
        places = [text_of(cell) for cell in brief.xpath(".//td[@data-label='Lugar']")]
        assert places == ["Perú", "Ecuador", "Brasil", "Uganda"]
        assert text_of(brief.find(".//caption")) == "4 estudios, del más cercano al Perú al más lejano"

    def test_does_not_say_so_where_nobody_knows_how_far_a_study_is(self, client: Client):
        for countries in (("PE",), ()):
            publish_on_xylophones(1, countries=countries, designs=("qualitative",))
        assert text_of(article(client, f"{PAGE}?{XYLOPHONES}").find(".//caption")) == "2 estudios"

    def test_does_not_say_so_of_studies_that_are_equally_near(self, client: Client):
        for code in ("UG", "KE"):
            publish_on_xylophones(1, countries=(code,), designs=("qualitative",))
        assert text_of(article(client, f"{PAGE}?{XYLOPHONES}").find(".//caption")) == "2 estudios"

    def test_has_few_studies_and_says_where_the_others_are(self, client: Client):
        publish_on_xylophones(MOST_STUDIES + 2, designs=("qualitative",))
        brief = article(client, f"{PAGE}?{XYLOPHONES}")
        assert len(brief.xpath(".//td[@data-label='Lugar']")) == MOST_STUDIES
        assert f"La tabla muestra {MOST_STUDIES} de {MOST_STUDIES + 2} estudios" in text_of(brief)

    def test_leads_to_no_copy_on_a_site_for_sharing_documents(self, client: Client):
        publish_on_xylophones(1, url="https://es.scribd.com/document/1/Copia", doi=None, designs=("qualitative",))
        brief = article(client, f"{PAGE}?{XYLOPHONES}")
        assert brief.xpath(".//ol[@class='refs']/li")
        assert not [link for link in brief.iter("a") if "scribd" in link.get("href")]
        assert "scribd" not in text_of(brief)

    @pytest.mark.parametrize(
        ("query", "title"),
        [
            (
                "outcome=ipv-physical&setting=rural&q=violencia+física+rural",
                "Violencia física de pareja en zonas rurales",
            ),
            ("outcome=ipv-physical&country=PE", "Violencia física de pareja (Perú)"),
            (
                "intervention=cash-transfer&outcome=ipv-physical",
                "Transferencias monetarias y en especie y violencia física de pareja",
            ),
            ("country=PE", "País: Perú"),
            ("q=transferencias", "«transferencias»"),
        ],
    )
    def test_has_a_title_in_words_where_there_are_words(self, client: Client, query: str, title: str):
        assert text_of(article(client, f"{PAGE}?{query}").find(".//h1")) == title

    def test_has_a_title_in_words_in_english(self, client: Client):
        brief = article(client, "/en/brief/?outcome=ipv-physical&setting=rural")
        assert text_of(brief.find(".//h1")).endswith(" in rural areas")

    def test_never_says_that_something_works(self, client: Client):
        for query in CRITERIA:
            said = text_of(article(client, f"{PAGE}?{query}"))
            own = said.partition("Referencias APA")[0]
            assert not re.search(r"\bfuncionan?\b|\bno sirven?\b", own)
            english = text_of(article(client, f"/en/brief/?{query}"))
            assert not re.search(r"\b(?:does not work|it works)\b", english)

    def test_says_that_nobody_judged_or_concluded(self, client: Client):
        said = text_of(article(client, CASH))
        assert "Nadie ha escrito aún una conclusión" in said
        assert "Certeza: Sin juicio" in said

    def test_takes_the_conclusion_of_people_as_its_answer_with_names_and_date(self, client: Client):
        study = Study.objects.get(slug=SASA)
        published(make_conclusion(study, term=term("community-mobilisation")))
        brief = article(client, f"{PAGE}?intervention=community-mobilisation")
        (answer,) = brief.xpath(".//*[@class='brief__answer']")
        assert "Una oración de prueba. [" in text_of(answer)
        assert "Escribió Ana Prueba, oficina de prueba; revisó Eva Prueba. Versión 1," in text_of(answer)
        assert "Por revisar" not in text_of(answer)
        assert "Nadie ha escrito aún una conclusión" not in text_of(brief)
        assert SASA.partition("-")[0].capitalize() in text_of(brief.xpath(".//ol[@class='refs']/li[1]")[0])

    def test_says_that_a_conclusion_is_to_be_reviewed_once_a_study_under_it_changes(self, client: Client):
        study = make_study(stage=Stage.PUBLISHED)
        published(make_conclusion(study, term=term("community-mobilisation")))
        withdraw(study)
        (answer,) = article(client, f"{PAGE}?intervention=community-mobilisation").xpath(".//*[@class='brief__answer']")
        assert "Por revisar desde el" in text_of(answer)

    @pytest.mark.parametrize("code", ["helpline", "shelter", "community-mobilisation"])
    def test_has_conclusion_and_safety_note_whatever_was_evaluated(self, client: Client, code: str):
        published(make_conclusion(term=term(code)))
        published(make_safety_note(intervention=term(code)))
        for path, sentence, head, note in (
            (PAGE, "Una oración de prueba.", "Nota de seguridad", "Cuidado."),
            ("/en/brief/", "A made-up sentence.", "Safety note", "Care."),
        ):
            brief = article(client, f"{path}?intervention={code}")
            (answer,) = brief.xpath(".//*[@class='brief__answer']")
            assert sentence in text_of(answer)
            (heading,) = [each for each in brief.iter("h2") if text_of(each) == head]
            said, signed = heading.xpath("following-sibling::p")[:2]
            assert text_of(said) == note
            assert "Ana Prueba" in text_of(signed)

    def test_shows_no_draft_of_a_safety_note(self, client: Client):
        make_safety_note()
        assert "Nota de seguridad" not in text_of(article(client, f"{PAGE}?intervention=shelter"))

    def test_of_a_conclusion_on_what_nobody_evaluated_still_says_that_nobody_did(self, client: Client):
        published(make_conclusion(term=term("shelter")))
        said = text_of(article(client, f"{PAGE}?intervention=shelter"))
        assert "Este banco no tiene ninguna evaluación de esta intervención" in said

    def test_shows_no_draft_of_a_conclusion(self, client: Client):
        make_conclusion(term=term("community-mobilisation"))
        said = text_of(article(client, f"{PAGE}?intervention=community-mobilisation"))
        assert "Una oración de prueba." not in said

    def test_tells_in_its_table_what_its_answer_tells(self, client: Client):
        for query in ("intervention=economic-plus", "intervention=couples-programme", "theme=prevention"):
            brief = article(client, f"{PAGE}?{query}")
            (said,) = brief.xpath(".//*[@class='brief__answer']")
            heads = [text_of(row).partition(":")[0] for row in brief.xpath(".//tr[@class='brief__group']")]
            told = [head.replace("Comparación sin clasificar o sin dato", "Sin dato de con qué") for head in heads]
            # What stands in Peru has a section of its own.
            first = text_of(said).partition("En el Perú.")[0]
            named = re.findall(r"(?:^|(?<=\. ))(Frente a [^.]+|Sin dato de con qué)", first)
            assert named
            assert set(named) <= set(told)

    def test_draws_no_points_without_an_interval(self, client: Client):
        for value in (-8.0, -12.6):
            point = finding(measure="percentage points", value=value, ci_low=None, ci_high=None, ci_level=None)
            publish_on_xylophones(1, interventions=("engaging-men",), findings=(point,))
        assert not article(client, f"{PAGE}?{XYLOPHONES}").xpath(".//figure")

    @pytest.mark.parametrize(("value", "is_explained"), [(0.7, False), (0.95, True)])
    def test_explains_only_the_words_that_it_uses(self, client: Client, value: float, is_explained: bool):
        one = finding(value=value, ci_low=value - 0.2, ci_high=value + 0.2)
        publish_on_xylophones(1, interventions=("engaging-men",), findings=(one,))
        said = text_of(article(client, f"{PAGE}?{XYLOPHONES}"))
        assert ("«No concluye»: el intervalo incluye menos y más." in said) is is_explained
        assert ("no concluye:" in said) is is_explained

    def test_has_a_column_on_each_thousand_only_where_a_row_has_a_number(self, client: Client):
        publish_on_xylophones(1, interventions=("engaging-men",), findings=(finding(statement_en="Less.", arms=()),))
        brief = article(client, f"{PAGE}?{XYLOPHONES}")
        assert "De cada 1\u202f000" not in [head.text for head in brief.iter("th")]
        assert "Cuántas personas de cada 1\u202f000: sin dato en estas filas." in brief.text_content()

    def test_names_few_programmes_of_a_place_and_counts_the_others(self, client: Client):
        said = text_of(article(client, f"{PAGE}?theme=prevention"))
        ((named, more),) = re.findall(r"Perú: [^(]*\(([^)]*(?:\([^)]*\)[^)]*)*) y (\d+) más\)", said)
        assert int(more) > 0
        assert named

    def test_draws_a_forest_whole_or_none(self, client: Client):
        assert not article(client, f"{PAGE}?intervention=shelter").xpath(".//figure")
        (drawn,) = article(client, f"{PAGE}?intervention=economic-plus").xpath(".//figure//svg[@role='img']")
        assert int(drawn.get("height")) <= MOST_HEIGHT_PX

    def test_carries_the_reminder_the_version_and_its_address(self, client: Client):
        said = text_of(article(client, CASH))
        assert "que no es una búsqueda sistemática" in said
        assert re.search(r"versión \d+ del \d+ de \w+ de \d{4}, consultado el", said)
        assert f"http://testserver{CASH}" in said

    def test_tells_a_mean_with_its_measure(self, client: Client):
        for value in (0.6, 0.7, 0.8):
            estimate = finding(value=value, ci_low=value * 0.75, ci_high=value / 0.75, comparator="wait-list")
            publish_on_xylophones(1, interventions=("engaging-men",), findings=(estimate,))
        said = text_of(article(client, f"{PAGE}?{XYLOPHONES}&intervention=engaging-men"))
        assert re.search(r"Promedio de 3 evaluaciones: razón de", said)

    def test_says_that_the_choice_was_made_by_effect(self, client: Client):
        assert "La lista está filtrada por efecto" in text_of(article(client, f"{PAGE}?effect=favourable"))

    def test_of_studies_without_an_evaluation_does_not_pretend_to_answer(self, client: Client):
        said = text_of(article(client, f"{PAGE}?design_family=synthesis&theme=attention"))
        assert "Este banco no tiene ninguna evaluación con estos criterios: no permite decir qué efecto hay." in said

    def test_of_a_factor_says_first_what_was_put_to_the_test(self, client: Client):
        said = text_of(article(client, f"{PAGE}?exposure=lockdown"))
        assert said.index("Lo que estas evaluaciones ponen a prueba es") < said.index("Qué muestran los estudios")

    def test_says_where_studies_that_only_use_records_are_found(self, client: Client):
        told = "Los que solo usan sus registros se buscan por la fuente de los datos."
        assert told in text_of(article(client, f"{PAGE}?intervention=helpline"))
        assert told not in text_of(article(client, f"{PAGE}?intervention=shelter"))

    @pytest.mark.parametrize("style", STYLES)
    def test_has_its_references_in_any_style_with_numbers_in_the_text(self, client: Client, style: str):
        brief = article(client, f"{CASH}&style={style}")
        assert STYLES[style].label("es") in text_of(brief)
        assert brief.xpath(".//ol[@class='refs']/li[1]")
        assert "[1]" in text_of(brief)

    def test_of_one_study_and_in_english(self, client: Client):
        brief = article(client, f"/en/brief/?id={SASA}")
        assert text_of(brief.find(".//h1")) == "1 chosen study"
        assert "What do the chosen studies say?" in text_of(brief)
        assert text_of(brief.find(".//caption")) == "Summary of findings"

    def test_costs_few_queries(self, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries):
        for query in ("theme=prevention", "intervention=shelter"):
            client.get(f"{PAGE}?{query}")
            with django_assert_max_num_queries(17):
                client.get(f"{PAGE}?{query}")


class TestWhatABriefCanBeOf:
    def test_nothing_asked_for_offers_themes_and_interventions(self, client: Client):
        page = page_of(client, PAGE)
        links = [link.get("href") for link in page.iter("a")]
        assert f"{PAGE}?theme=prevention" in links
        assert CASH in links
        assert "Su selección está vacía" in text_of(page)

    def test_the_readers_own_selection(self, client: Client):
        client.post("/seleccion/", {"add": SASA})
        assert f"{PAGE}?id={SASA}" in [link.get("href") for link in page_of(client, PAGE).iter("a")]
        assert f"{PAGE}?id={SASA}" in [link.get("href") for link in page_of(client, "/seleccion/").iter("a")]

    @pytest.mark.parametrize(
        "path",
        ["/estudios/?intervention=shelter", "/evidencia/?intervention=shelter", "/intervenciones/shelter/"],
    )
    def test_is_offered_where_its_studies_stand(self, client: Client, path: str):
        assert f"{PAGE}?intervention=shelter" in [link.get("href") for link in page_of(client, path).iter("a")]

    def test_a_theme_offers_its_own(self, client: Client):
        links = [link.get("href") for link in page_of(client, "/temas/attention/").iter("a")]
        assert f"{PAGE}?theme=attention" in links

    def test_no_results_is_said(self, client: Client):
        response = client.get(f"{PAGE}?q=xilofonista")
        assert response.status_code == 200
        assert "Ningún estudio de este banco con estos criterios" in text(response)

    def test_an_unknown_option_is_told_and_makes_no_brief_of_the_whole_bank(self, client: Client):
        response = client.get(f"{PAGE}?theme=nada")
        assert "no tiene la opción «nada»" in text(response)
        assert "De un tema o una intervención" in text(response)

    def test_what_is_not_public_is_as_unknown_as_what_never_was(self, client: Client):
        draft = make_study(title="zarzaparrilla", title_es="zarzaparrilla")
        client.force_login(user_with_role("Curaduría"))
        for slug in (draft.slug, "nada", "\x00", "a" * 3000):
            response = client.get(PAGE, {"id": [SASA, slug]})
            assert "1 de los estudios pedidos no está publicado" in text(response)
            assert "zarzaparrilla" not in text(response)
            alone = client.get(PAGE, {"id": slug})
            assert (alone.status_code, "Ninguno de los estudios pedidos" in text(alone)) == (404, True)

    def test_a_withdrawn_study_stands_in_none(self, client: Client):
        study = make_study(stage=Stage.PUBLISHED, title="zarzaparrilla", title_es="zarzaparrilla")
        assert "zarzaparrilla" in text(client.get(PAGE, {"id": study.slug}))
        withdraw(study)
        assert client.get(PAGE, {"id": [study.slug]}).status_code == 404

    def test_too_many_studies_are_refused_in_words(self, client: Client):
        slugs = [record.id for record in fixture_studies()[: MOST_IN_BRIEF + 1]]
        response = client.get(PAGE, {"id": slugs})
        assert (response.status_code, f"hasta {MOST_IN_BRIEF} estudios elegidos" in text(response)) == (400, True)
        assert client.get(PAGE, {"id": slugs[:MOST_IN_BRIEF]}).status_code == 200

    def test_a_long_selection_is_told_to_be_too_long(self, client: Client):
        slugs = [record.id for record in fixture_studies()[: MOST_IN_BRIEF + 1]]
        client.post("/seleccion/", {"join": "", "id": slugs})
        assert f"más de {MOST_IN_BRIEF} estudios" in text(client.get(PAGE))
        assert "/ficha/?id=" not in text(client.get("/seleccion/"))

    def test_the_lists_behind_the_numbers_of_picked_studies_hold_only_these(self, client: Client):
        page = page_of(client, f"/mapa/estudios/?id={SASA}&id={BRAZIL}")
        assert len(parts(page, "list__title")) == 2
        assert f"/seleccion/?id={SASA}&id={BRAZIL}" in [link.get("href") for link in page.iter("a")]
        synthesis = page_of(client, f"/evidencia/?id={SASA}")
        assert "estudios elegidos" in text_of(synthesis.find(".//h1"))


class TestHerWords:
    def test_stand_on_the_page_as_text_and_are_told_apart(self, client: Client):
        response = client.post(CASH, HERS)
        assert response.status_code == 200
        assert "&lt;b&gt;cuánto&lt;/b&gt;" in response.content.decode()
        said = text(response)
        assert "Texto de quien preparó la ficha: título, pregunta, conclusión." in said
        for words in ("Conclusión de quien preparó la ficha", "Respuesta del banco, hecha por reglas", HERS["title"]):
            assert words in said

    def test_what_she_did_not_change_stays_the_banks(self, client: Client):
        title = "Transferencias monetarias y en especie"
        said = text(client.post(CASH, {"title": title, "question": "", "conclusion": " \r\n "}))
        assert "Texto de quien preparó la ficha:" not in said

    def test_stand_in_the_form_again(self, client: Client):
        (conclusion,) = page_of_post(client, CASH, HERS).xpath("//textarea[@name='conclusion']")
        assert conclusion.text.strip() == HERS["conclusion"]

    @pytest.mark.parametrize("path", [CASH, CASH.replace("?", "ficha.docx?"), CASH.replace("?", "ficha.pdf?")])
    def test_are_kept_nowhere(self, client: Client, path: str):
        response = client.post(path, HERS)
        assert not response.cookies
        assert "no-store" in response["Cache-Control"]
        assert not re.search("viceministerio", str(dict(response.headers)))
        assert "viceministerio" not in text(client.get(CASH))

    def test_make_no_write_and_no_session(self, client: Client):
        with CaptureQueriesContext(connection) as asked:
            client.post(CASH, HERS)
        assert not [each for each in asked if not each["sql"].startswith("SELECT")]
        assert not Session.objects.exists()

    @pytest.mark.parametrize("ext", ["", "ficha.docx", "ficha.pdf"])
    def test_too_long_are_given_back_with_what_to_do(self, client: Client, ext: str):
        long = "ñ" * (LONGEST["conclusion"] + 1)
        response = client.post(CASH.replace("?", f"{ext}?"), {**HERS, "conclusion": long})
        assert response.status_code == 400
        assert f"Hay {LONGEST['conclusion'] + 1} caracteres y caben {LONGEST['conclusion']}" in text(response)
        assert long in text(response)
        assert HERS["title"] in text(response)

    def test_are_taken_only_from_the_banks_own_pages(self, client: Client):
        for path in (CASH, CASH.replace("?", "ficha.docx?")):
            assert client.post(path, HERS, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403

    def test_need_no_token_and_get_no_cookie(self):
        client = Client(enforce_csrf_checks=True)
        assert client.post(CASH, HERS).status_code == 200
        assert not client.cookies

    @pytest.mark.parametrize(
        "words",
        [
            "\x00\x08\ufffe\u202e",
            "]]>",
            "{{ bank }}",
            "=1+1",
            "😀",
        ],
    )
    def test_may_be_any_text(self, client: Client, words: str):
        typed = dict.fromkeys(HERS, f"zarza{words}parrilla")
        assert client.post(CASH, typed).status_code == 200
        said = document_text(document_of(client.post(CASH.replace("?", "ficha.docx?"), typed)))
        assert said.count("zarza" + re.sub("[\x00\x08\ufffe\u202e]", "", words) + "parrilla") == len(HERS)

    def test_choose_the_style_too(self, client: Client):
        assert "Vancouver (ICMJE y NLM)" in text_of(
            page_of_post(client, CASH, {**HERS, "style": "vancouver"}).find(".//h2[@id='referencias']")
        )

    def test_other_methods_are_refused(self, client: Client):
        assert client.put(CASH).status_code == 405


class TestTheWordFile:
    @pytest.fixture
    def document(self, client: Client) -> Any:
        return document_of(client.get("/ficha/ficha.docx?intervention=cash-transfer"))

    def test_says_what_the_page_says(self, client: Client, document: Any):
        said, page = " ".join(document_text(document).split()), article(client, CASH)
        for paragraph in page.xpath(".//*[@class='brief__answer']/p | .//ul[@class='bullets']/li"):
            assert text_of(paragraph) in said
        for row in page.xpath(".//table/tbody/tr"):
            assert text_of(row[-1]) in said
            assert text_of(row[0]) in said

    def test_has_headings_and_tables_with_a_header_row(self, document: Any):
        levels = [each.style.name for each in document.paragraphs if each.style.name.startswith("Heading")]
        assert levels[0] == "Heading 1"
        assert set(levels[1:]) == {"Heading 2"}
        assert document.tables
        for table in document.tables:
            assert "w:tblHeader" in table.rows[0]._tr.xml

    def test_names_its_language_title_and_author(self, document: Any):
        properties = document.core_properties
        assert (properties.language, properties.author) == ("es-PE", "Banco de Evidencias")
        assert properties.title == "Transferencias monetarias y en especie"
        assert 'w:lang w:val="en-US"' in document.element.xml  # the English titles among the references

    def test_has_links_with_whole_addresses(self, document: Any):
        links = {each.target_ref for each in document.part.rels.values() if each.is_external}
        assert f"http://testserver{CASH}" in links
        assert any(link.startswith("http://testserver/mapa/estudios/?intervention=cash-transfer") for link in links)
        assert all(re.match("https?://", link) for link in links)

    def test_tells_her_words_apart(self, client: Client):
        document = document_of(client.post("/ficha/ficha.docx?intervention=cash-transfer", HERS))
        styles = {each.text: each.style.name for each in document.paragraphs}
        assert styles[HERS["title"]] == "Heading 1"
        assert styles["Antes de ampliar conviene medir."] == "Texto de quien preparó la ficha"
        assert styles["Falta saber <b>cuánto</b> dura."] == "Texto de quien preparó la ficha"
        said = document_text(document)
        assert "Texto de quien preparó la ficha: título, pregunta, conclusión. Lo demás es del banco." in said
        assert "Respuesta del banco, hecha por reglas" in said

    def test_its_tables_have_their_widths_for_word_and_for_libreoffice(self, client: Client):
        """Equal columns make the text of one so long that the brief takes a third sheet."""
        document = document_of(client.get("/ficha/ficha.docx?intervention=economic-plus"))
        section = document.sections[0]
        room = section.page_width - section.left_margin - section.right_margin
        for table in document.tables:
            columns = [column.width for column in table.columns]
            # The first row is the head, the last one of the kind that has a cell for each column.
            assert columns == [cell.width for cell in table.rows[0].cells] == [c.width for c in table.rows[-1].cells]
            assert columns[0] != columns[1]
            assert sum(columns) <= room + 10_000  # EMU, of rounding

    def test_in_english_with_the_same_numbers(self, client: Client):
        document = document_of(client.get("/en/brief/brief.docx?intervention=economic-plus"))
        assert document.core_properties.language == "en-US"
        assert "How sure we can be" in document_text(document)

    @pytest.mark.parametrize("query", mainly(3, CRITERIA))
    def test_of_anything_opens_again(self, client: Client, query: str):
        assert document_of(client.get(f"/ficha/ficha.docx?{query}")).tables

    def test_is_named_by_the_bank_and_not_for_robots(self, client: Client):
        response = client.post("/ficha/ficha.docx?theme=autonomy", HERS)
        assert response["Content-Disposition"] == 'attachment; filename="ficha-de-evidencia.docx"'
        assert response["X-Robots-Tag"] == "noindex"

    def test_another_ending_is_not_found(self, client: Client):
        assert client.get("/ficha/ficha.exe?theme=autonomy").status_code == 404


@needs_pango
class TestThePdf:
    @pytest.mark.parametrize(
        "query",
        mainly(1, [XYLOPHONES, f"{XYLOPHONES}&theme=autonomy", f"{XYLOPHONES}&effect=favourable"]),
    )
    @pytest.mark.parametrize("path", mainly(1, ["/ficha/ficha.pdf", "/en/brief/brief.pdf"]))
    def test_has_two_sheets_of_a4_even_with_the_longest_words(self, client: Client, path: str, query: str):
        sentence = "La conclusión de quien prepara la ficha ocupa su lugar. " * 20
        longest = {name: sentence[:most] for name, most in LONGEST.items()}
        publish_on_xylophones(12)
        for reader in (pdf_of(client.get(f"{path}?{query}")), pdf_of(client.post(f"{path}?{query}", longest))):
            assert len(reader.pages) == 2
            assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]

    @pytest.mark.parametrize("query", mainly(3, LONGEST_BRIEFS))
    @pytest.mark.parametrize("path", ["/ficha/ficha.pdf", "/en/brief/brief.pdf"])
    def test_of_the_most_evidence_has_two_sheets(self, client: Client, path: str, query: str):
        assert len(pdf_of(client.get(f"{path}?{query}")).pages) <= 2

    @pytest.mark.parametrize("q", ["xilófonos", f"xilófonos O {'W' * 280}"], ids=["words", "one wide word"])
    def test_has_two_sheets_of_a4_for_the_longest_criteria(self, client: Client, q: str):
        publish_on_xylophones(12)
        countries = Term.objects.filter(vocabulary="countries").values_list("code", flat=True)
        query = urlencode({"q": q, "country": list(countries)}, doseq=True)
        reader = pdf_of(client.post(f"/ficha/ficha.pdf?{query}", HERS))
        assert len(reader.pages) == 2
        assert "… (criterios completos en la dirección de esta ficha)" in pdf_text(reader)

    def test_says_what_the_page_says(self, client: Client):
        reader = pdf_of(client.post("/ficha/ficha.pdf?intervention=cash-transfer", HERS))
        said = pdf_text(reader)
        for words in (HERS["title"], "Antes de ampliar conviene medir.", "Respuesta del banco, hecha por reglas"):
            assert words in said
        assert "que no es una búsqueda sistemática" in said
        assert reader.metadata.title == HERS["title"]
        assert reader.root_object["/Lang"] == "es"

    def test_has_links_with_whole_addresses(self, client: Client):
        links = {
            note.get_object()["/A"]["/URI"]
            for page in pdf_of(client.get("/ficha/ficha.pdf?intervention=cash-transfer")).pages
            for note in page.get("/Annots", ())
            if "/URI" in note.get_object().get("/A", {})
        }
        assert f"http://testserver{CASH}" in links
        assert all(re.match("https?://", link) for link in links)

    def test_fetches_nothing_but_our_style_sheets(self):
        fetcher = pdf._stylesheet_fetcher({"https://bank.example/css/print.css": "print"})
        assert b"@page" in fetcher.fetch("https://bank.example/css/print.css").read()
        for url in (
            "file:///etc/passwd",
            "https://evil.example/",
            "data:text/css,a{}",
            "https://bank.example/css/base.css",
        ):
            with pytest.raises(ValueError, match="Not a style sheet"):
                fetcher.fetch(url)

    def test_too_many_are_refused_with_her_words_given_back(self, client: Client):
        for _ in range(PDF_LIMIT.most):
            PDF_LIMIT.consume("127.0.0.1")
        response = client.post("/ficha/ficha.pdf?intervention=cash-transfer", HERS)
        assert response.status_code == 429
        assert 0 < int(response["Retry-After"]) <= PDF_LIMIT.per_s
        assert HERS["conclusion"].split("\n")[0] in text(response)


class TestWithoutPango:
    @pytest.fixture(autouse=True)
    def _no_pango(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(pdf, "is_available", lambda: False)

    def test_the_page_offers_printing_instead(self, client: Client):
        page = page_of(client, CASH)
        assert "Imprimir o guardar como PDF" in text_of(page)
        assert "Descargar PDF" not in text_of(page)

    def test_the_address_answers_in_words_and_gives_her_words_back(self, client: Client):
        response = client.post("/ficha/ficha.pdf?intervention=cash-transfer", HERS)
        assert response.status_code == 404
        assert "Este servidor no hace archivos PDF" in text(response)
        assert HERS["title"] in text(response)

    def test_a_missing_library_is_found_out_without_a_fault(self, monkeypatch: pytest.MonkeyPatch):
        real_import = builtins.__import__

        def without(name: str, *others: Any) -> Any:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")
            return real_import(name, *others)

        monkeypatch.undo()
        monkeypatch.setattr(builtins, "__import__", without)
        assert pdf.is_available.__wrapped__() is False
