"""Syntheses: every number equals what its link lists, nothing says more than it knows, files and pictures agree."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import Client
from django.utils.translation import override

from search.criteria.evidence_address import TablePlace
from search.criteria.facets import PARAMETERS
from search.criteria.filters import read_criteria
from search.services.evidence_scope import gather_evidence
from search.web.evidence.answer import Answer, build_answer
from search.web.evidence.axis_view import IntervalSpan
from search.web.evidence.forest_text import unusable_text
from search.web.evidence.page import Synthesis, build_synthesis
from search.web.evidence.study_list import EvidenceList, evidence_list
from search.web.evidence.views import basis_of
from search.web.shared.evidence_request import read_body
from studies.models import Stage
from studies.store import evidence_snapshot, vocabularies
from studies.synthesis.comparators import kind_of
from studies.synthesis.estimates import UnusableReason
from studies.synthesis.nearness import NEARNESS_STEPS
from studies.text.normalize import lower_first
from tests import independent_counts
from tests.factories import make_study, withdraw
from tests.html_pages import page_of, parts, text_of
from tests.search.random_criteria import random_criteria
from tests.thorough import examples, mainly, some_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

WITHOUT_EVALUATIONS = "/evidencia/?population=indigenous&region=andean&region=latin-america-caribbean"
PAGES = (
    "/evidencia/",
    "/evidencia/?country=PE",
    "/evidencia/?q=transferencias",
    "/evidencia/?outcome=ipv-physical&outcome=mental-health&design_family=randomised",
    "/evidencia/?effect=unfavourable&year_from=2015",
    WITHOUT_EVALUATIONS,
    "/temas/attention/",
    "/intervenciones/engaging-men/",
    "/intervenciones/economic-plus/",
    "/intervenciones/shelter/",
)

QUOTED = re.compile(r"«[^»]*»")
VERDICTS = re.compile(r"funciona|\bworks\b|eficaz|effective\b", re.IGNORECASE)


def synthesis_of(query: str, language: str = "es") -> Synthesis:
    return build_synthesis(basis_of(gather_evidence(read_criteria(QueryDict(query))), language))


def answer_of(query: str, language: str = "es") -> Answer:
    return build_answer(basis_of(gather_evidence(read_criteria(QueryDict(query))), language))


def sentences_of(told: Answer) -> Iterator[str]:
    """Yield all that an answer says in words of the bank's own."""
    yield from map(str, (*told.said, *told.costs, *told.reviews, told.harms))
    for fact in told.facts:
        yield f"{fact.label} {fact.text} {fact.note}"
    for group in told.groups:
        yield from map(str, (group.heading, *group.others))
        for row in group.rows:
            yield from map(str, (*row.measured, *row.effect, *row.one_by_one, *row.absolute, *row.sure))
    yield from (f"{fact.label} {fact.text}" for fact in told.how_sure)
    yield from told.not_known


def list_behind(address: str) -> EvidenceList:
    data = QueryDict(urlsplit(address).query)
    return evidence_list(read_body(data), TablePlace.from_query(data), 1, "es")


def agrees_with_picked(number: int, address: str, found: EvidenceList) -> bool:
    """Return True if a number counts the studies of a list, or evaluations that they report.

    A study that reports several trials may be meant for one of them alone.
    """
    ids = QueryDict(urlsplit(address).query).getlist("id")
    reports_several = any(id_ in ids for id_, _trial in evidence_snapshot.current().trial_works)
    is_part = reports_several and number < found.evaluations
    return number in (found.evaluations, found.studies) or is_part


def agrees(said: str, address: str, found: EvidenceList) -> bool:
    """Return True if a link's text tells what its list holds."""
    text = said.replace("\u202f", "")
    if text.isdecimal() and "?id=" in address:
        return agrees_with_picked(int(text), address, found)
    if text.isdecimal() and "kind=review" in address:
        return int(text) == found.reviews
    if counted := re.fullmatch(r"(\d+)( aleatorizadas?| cuasiexperimental(es)?| de otros? diseños?)?", text):
        return int(counted[1]) == found.evaluations
    if text == "La única":
        return found.evaluations == 1
    if text == "Ver la revisión":
        return found.reviews == 1
    told = {noun: int(number) for number, noun in re.findall(r"(\d+) (evaluaci|estudio|revisi|en curso)", text)}
    held = {
        "evaluaci": found.evaluations,
        "estudio": found.studies,
        "revisi": found.reviews,
        "en curso": found.studies,
    }
    return bool(told) and all(held[noun] == number for noun, number in told.items())


class TestEveryNumber:
    @pytest.mark.parametrize("address", mainly(4, PAGES))
    def test_is_what_its_link_lists(self, client: Client, address: str):
        assert self.hold(client, address)

    def test_is_so_for_any_criteria(self, client: Client):
        assert sum(self.hold(client, f"/evidencia/?{query}") for query in random_criteria(3, 40))

    def test_is_so_where_any_interventions_stand_side_by_side(self, client: Client):
        chance = random.Random(4)
        for _ in range(examples(12)):
            chosen = chance.sample(PARAMETERS["intervention"].codes(vocabularies.current()), chance.randint(2, 6))
            assert self.hold(client, f"/comparar/?{urlencode({'intervention': chosen}, doseq=True)}")

    def hold(self, client: Client, page: str) -> int:
        """Return how many links a page has, of which all, or many, tell what they lead to."""
        links = page_of(client, page).xpath(".//main//a[contains(@href, '/mapa/estudios/')]")
        for link in some_of(links, 25, random.Random(page)):
            address = link.get("href")
            assert agrees(text_of(link), address, list_behind(address)), (text_of(link), address)
        return len(links)

    def test_of_evaluations_is_the_same_in_head_and_foot(self):
        for code in ("cash-transfer", "economic-plus", "shelter"):
            (first, *_others) = answer_of(f"intervention={code}").facts
            number = synthesis_of(f"intervention={code}").evaluation_count
            assert str(first.text) == (str(number) if number else "Ninguna")

    def test_counts_nothing_that_is_not_public(self):
        before = synthesis_of("intervention=helpline").study_count
        make_study(interventions=("helpline",))
        withdraw(make_study(stage=Stage.PUBLISHED, interventions=("helpline",)))
        evidence_snapshot.forget()
        assert synthesis_of("intervention=helpline").study_count == before


class TestWords:
    @pytest.mark.parametrize("language", ["es", "en"])
    def test_give_no_verdict_on_any_intervention(self, language: str):
        with override(language):
            for term in vocabularies.current().terms("interventions"):
                for sentence in sentences_of(answer_of(f"intervention={term.code}", language)):
                    assert not VERDICTS.search(QUOTED.sub("", sentence)), sentence

    def test_stand_beside_the_reminder_with_date_and_numbers(self, client: Client):
        for address in PAGES:
            text = text_of(page_of(client, address))
            assert "Los conteos describen este banco, que no es una búsqueda sistemática" in text
            assert re.search(r"Datos al \d+ de \w+ de \d{4}", text)

    def test_tell_that_a_choice_by_effect_is_no_finding(self, client: Client):
        notice = "La lista está filtrada por efecto"
        assert client.get("/evidencia/?effect=favourable").content.decode().count(notice) == 1
        assert notice not in client.get("/evidencia/").content.decode()


class TestTheLadder:
    def test_has_every_step_even_where_nothing_stands(self):
        steps = synthesis_of("intervention=workplace").ladder
        assert len(steps) >= len(NEARNESS_STEPS) - 1
        assert {step.text for step in steps if not step.studies} <= {"ninguno en este banco"}

    def test_adds_up_to_the_studies(self):
        shown = synthesis_of("theme=prevention")
        assert sum(step.studies for step in shown.ladder) == shown.study_count


class TestGaps:
    def test_tell_that_nothing_was_appraised_only_while_that_is_so(self):
        assert "Calidad" in {gap.topic for gap in synthesis_of("intervention=shelter").gaps}

    def test_begin_with_the_effect_where_nothing_was_evaluated(self):
        first = synthesis_of("intervention=shelter").gaps[0]
        assert (first.topic, first.text) == ("Efecto", "ninguna evaluación en este banco.")
        assert "Efecto" not in {gap.topic for gap in synthesis_of("intervention=engaging-men").gaps}

    def test_of_no_study_tell_of_nothing_but_the_effect(self):
        assert [gap.topic for gap in synthesis_of("q=xilofonista").gaps] == ["Efecto"]


class TestTheTableByTheme:
    def test_says_of_how_many_evaluations_of_the_theme_each_sentence_tells(self, client: Client):
        rows = page_of(client, "/evidencia/").xpath(".//section[@aria-labelledby='por-tema']//tbody/tr")
        assert rows
        for row in rows:
            all_, found = (text_of(cell) for cell in row.xpath("td")[1:])
            told = re.search(r"\((\d+) de (?:las )?(\d+) evaluaci(?:ón|ones) del tema\)$", found)
            assert told is not None or found == "Sin dato", found
            assert told is None or (int(told[1]) <= int(told[2]) and told[2] == all_)


class TestCriteriaThatNameNoIntervention:
    """A reader who asks for a factor, or for a source of data, must not take it for what was put to the test."""

    def test_are_answered_with_what_was_tested_first(self, client: Client):
        for query in ("exposure=lockdown", "studied=exposure", "data_source=helpline-calls"):
            told = parts(page_of(client, f"/evidencia/?{query}"), "lead")
            assert text_of(told[0]).startswith("Lo que estas evaluaciones ponen a prueba es: ")
            assert "Ninguna pone a prueba un factor" in text_of(told[0])

    def test_name_each_intervention_with_its_evaluations(self):
        studies = independent_counts.bank()[0].values()
        held = [study for study in studies if "lockdown" in study["exposures"] and independent_counts.is_counted(study)]
        tested = {code for study in held for code in independent_counts.tested(study)}
        told = synthesis_of("exposure=lockdown").tested
        for term in vocabularies.current().terms("interventions"):
            assert (f"{lower_first(term.label('es'))} (" in told) is (term.code in tested), term.code

    def test_with_an_intervention_need_no_such_sentence(self):
        assert synthesis_of("exposure=lockdown&intervention=cash-transfer").tested == ""
        assert synthesis_of("theme=prevention").tested == ""

    def test_without_an_evaluation_need_none_either(self):
        assert synthesis_of("exposure=lockdown&design_family=qualitative-policy").tested == ""


class TestRefusals:
    @pytest.mark.parametrize("language", ["es", "en"])
    def test_of_an_estimate_have_words(self, language: str):
        with override(language):
            texts = [unusable_text(reason) for reason in UnusableReason]
        assert len(set(texts)) == len(UnusableReason)

    def test_stand_on_the_page(self, client: Client):
        text = text_of(page_of(client, "/intervenciones/economic-plus/"))
        sets = [each for forest in synthesis_of("intervention=economic-plus").forests for each in forest.sets]
        assert any(each.is_too_small for each in sets)
        assert "se calcula un promedio: hay menos de tres evaluaciones independientes" in text
        for each in sets:
            assert each.is_too_small or each.no_mean in text


class TestForests:
    def test_have_a_row_of_the_table_for_each_estimate_of_the_plot(self, client: Client):
        page = page_of(client, "/intervenciones/economic-plus/")
        shown = synthesis_of("intervention=economic-plus").forests
        assert shown
        rows = page.xpath(".//section[@aria-labelledby='cifras']//tbody/tr")
        assert len(rows) == sum(len(each.rows) for forest in shown for each in forest.sets)

    def test_are_files_too(self, client: Client):
        svg = ElementTree.fromstring(client.get("/evidencia/figura.svg?intervention=economic-plus&forest=1").content)
        assert svg.find("{http://www.w3.org/2000/svg}style") is not None
        told = " ".join(" ".join(svg.itertext()).split())
        (forest, *_others) = synthesis_of("intervention=economic-plus").forests
        assert f"Una estimación por evaluación: {forest.measure}" in told
        assert "Intervención: Programas económicos con formación en género" in told
        assert f"La línea punteada ({forest.null}) es «sin diferencia»." in told
        assert "Fuente: Banco de Evidencias, versión" in told
        assert "Licencia CC BY 4.0" in told
        for number in ("0", "99", "x"):
            assert client.get(f"/evidencia/figura.svg?forest={number}").status_code == 404

    def test_name_the_measure_below_their_axis(self):
        for forest in synthesis_of("intervention=economic-plus").forests:
            title = " ".join(line for _y, line in forest.axis_title.lines)
            assert title == (f"{forest.measure}; escala logarítmica" if forest.is_log else forest.measure)
            assert max(y for y, _line in forest.axis_title.lines) <= forest.axis_title.height

    def test_end_in_an_arrow_where_the_axis_cuts_an_interval(self):
        arrow, bar = "M6-5 0 0l6 5", "M0-5v10"
        for is_cut in (True, False):
            span = IntervalSpan("4.0%", "50.0%", is_cut_low=is_cut, is_cut_high=False)
            drawn = render_to_string("evidence/forest_span.html", {"span": span, "y": 33, "class": "plot__predicted"})
            assert (arrow in drawn) is is_cut
            assert drawn.count(bar) == (1 if is_cut else 2)


class TestFiles:
    def rows(self, client: Client, address: str) -> list[dict[str, str]]:
        text = b"".join(client.get(address)).decode("utf-8-sig")  # type: ignore[arg-type]
        return list(csv.DictReader(io.StringIO(text)))

    def test_of_effects_have_a_row_for_each_evaluation_and_outcome(self, client: Client):
        rows = self.rows(client, "/evidencia/datos.csv?intervention=cash-transfer")
        basis = basis_of(gather_evidence(read_criteria(QueryDict("intervention=cash-transfer"))), "es")
        # An evaluation that names no outcome has no row.
        tallies = {code: tally for code, tally in basis.outcomes().items() if code in basis.outcome_codes()}
        assert len(rows) == sum(tally.evaluations for tally in tallies.values())
        assert {row["tested"] for row in rows} == {"alone", "together"}

    def test_of_estimates_have_the_means_or_the_reasons(self, client: Client):
        rows = self.rows(client, "/en/evidence/data.csv?intervention=economic-plus&table=estimates")
        means = [row for row in rows if row["row"] == "mean"]
        assert means
        assert all(bool(row["value"]) != bool(row["reason"]) for row in means)
        estimates = [row for row in rows if row["row"] == "estimate"]
        assert all(bool(row["x"]) == bool(row["se_from"]) for row in estimates)
        assert all(row["comparator_kind"] == kind_of(row["comparator"]) for row in estimates)


class TestPages:
    @pytest.mark.parametrize(("address", "status"), [("/intervenciones/nada/", 404), ("/temas/nada/", 404)])
    def test_of_unknown_codes_are_not_there(self, client: Client, address: str, status: int):
        assert client.get(address).status_code == status

    @pytest.mark.parametrize("query", ["q=xilofonista", "intervention=nada", "page=99", "q=%00", "theme=%F0%9F%98%80"])
    def test_of_any_criteria_answer(self, client: Client, query: str):
        for path in ("/evidencia/", "/evidencia/datos.csv", "/en/evidence/"):
            assert client.get(f"{path}?{query}").status_code == 200

    def test_without_results_say_so(self, client: Client):
        page = page_of(client, "/evidencia/?q=xilofonista")
        assert text_of(parts(page, "empty")[0]) == "Ningún estudio de este banco con estos criterios."

    @pytest.mark.parametrize("address", [page for page in PAGES if page != WITHOUT_EVALUATIONS])
    def test_ask_few_queries_whatever_they_show(self, client: Client, address: str, django_assert_max_num_queries: Any):
        client.get(address)
        # The whole bank also asks for the outcomes that come first in each theme.
        asks_more = address.startswith("/intervenciones/") or address == "/evidencia/"
        with django_assert_max_num_queries(15 if asks_more else 10):
            client.get(address)

    @pytest.mark.parametrize(
        ("address", "queries"),
        [(WITHOUT_EVALUATIONS, 4), ("/evidencia/?q=xilofonista", 3), ("/intervenciones/workplace/", 6)],
    )
    def test_that_draw_no_evaluation_ask_for_what_people_wrote_and_curators_keep(
        self, client: Client, address: str, queries: int, django_assert_num_queries: Any
    ):
        # The version of the bank, the order of outcomes, baselines; with studies what happened to them; of an
        # intervention also the three kinds of texts.
        client.get(address)
        with django_assert_num_queries(queries):
            client.get(address)
