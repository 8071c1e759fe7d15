"""The page of all interventions: every number is the one of the intervention's page, sorted and filtered by links."""

from __future__ import annotations

import itertools
import re
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils.translation import override

from search.criteria.evidence_address import TablePlace
from search.services.evidence_scope import tally_place
from search.web.evidence import intervention_rows
from search.web.evidence.answer import summary_input
from search.web.evidence.intervention import basis_of_intervention
from search.web.evidence.intervention_index import InterventionIndex, intervention_list
from search.web.evidence.intervention_rows import InterventionRow
from search.web.shared.evidence_request import read_body
from studies.models import PriorityOutcome, Stage, Study
from studies.store import evidence_snapshot, vocabularies
from studies.synthesis.answer_facts import HARMS_FOUND, list_costs, list_harms
from studies.synthesis.evidence import classify_design
from studies.synthesis.nearness import NEARNESS_STEPS
from studies.synthesis.summary_of_findings import build_summary
from studies.synthesis.tables import iterate_works, tally_claims
from studies.text.numbers import format_number
from tests.factories import make_intervention, make_study
from tests.html_pages import page_of, parts, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

ORDERS = ("name", "violence", "evaluations", "randomised", "interval", "nearness")
VERDICTS = re.compile(r"\bfunciona|\bworks\b|eficaz|effective|encontr|\bfound\b", re.IGNORECASE)


def shown(language: str = "es", **data: str) -> InterventionIndex:
    return intervention_list(vocabularies.current(), language, data)


def rows(language: str = "es", **data: str) -> list[InterventionRow]:
    return [row for group in shown(language, **data).groups for row in group.rows]


def behind(url: str) -> set[str]:
    """Return the works that the list of an address shows, or the studies that it names one by one."""
    address = urlsplit(url)
    if not address.query:
        return {address.path}
    data = QueryDict(address.query)
    if data.getlist("id"):
        return set(data.getlist("id"))
    body, place = read_body(data), TablePlace.from_query(data)
    return set(tally_place(body, place).select_evaluations(body.evidence, design=place.strength))


class TestEveryNumber:
    @pytest.mark.parametrize("language", ["es", "en"])
    def test_is_that_of_the_interventions_own_page(self, language: str):
        vocabulary = vocabularies.current()
        with override(language):
            for row in rows(language):
                basis = basis_of_intervention(vocabulary.term("interventions", row.code), vocabulary, language)
                given = summary_input(basis)
                groups = build_summary(given)
                works = list(iterate_works(tally_claims(basis.studies, basis.evidence, basis.scope), basis.evidence))
                assert row.evaluations.number == len(works)
                assert row.randomised.number == [classify_design(work) for work in works].count("randomised")
                costs = {each.study for each in list_costs(given.studies, given.details, given.scope)}
                assert row.costs.number == len(costs)
                harms = [each for each in list_harms(groups, given.details, given.scope) if each.code == HARMS_FOUND]
                assert row.harms.number == len({each.studies[0] for each in harms})
                told = [each for group in groups for each in group.rows for each in each.told]
                nearest = min((each.candidate.study.nearness for each in told), default=len(NEARNESS_STEPS))
                assert row.nearness == nearest

    def test_of_a_strip_is_an_estimate_on_its_page(self):
        vocabulary = vocabularies.current()
        drawn = 0
        for row in rows(outcome="ipv-physical"):
            basis = basis_of_intervention(vocabulary.term("interventions", row.code), vocabulary, "es")
            told = {
                format_number(each.candidate.finding.value, "es")
                for group in build_summary(summary_input(basis))
                for own in group.rows
                if own.outcome == "ipv-physical"
                for each in own.told
                if each.candidate.finding.value is not None
            }
            assert {each.split(" ")[0] for each in row.strip_words.split("; ") if each} <= told
            assert len(row.marks) <= len(row.strip_words.split("; "))
            drawn += len(row.marks)
        assert drawn

    def test_leads_to_as_many(self):
        for row in rows():
            for cell in (row.evaluations, row.randomised, row.with_interval, row.costs, row.harms):
                if cell.number:
                    assert len(behind(cell.url)) == cell.number, (row.code, cell)
            for part in row.directions.parts:
                if part.url:
                    assert len(behind(part.url)) <= int(part.text)
            # Behind "otros hall." stands what some of these evaluations show besides.
            parts = itertools.takewhile(lambda part: "otros hall." not in part.text, row.directions.parts)
            assert sum(int(part.text) for part in parts if part.url) == row.violence

    def test_counts_only_what_is_public_and_anew_after_a_change(self):
        code = rows()[0].code
        before = {row.code: row for row in rows()}[code]
        make_study(interventions=(code,))
        assert {row.code: row for row in rows()}[code] == before
        make_study(stage=Stage.PUBLISHED, interventions=(code,))
        assert {row.code: row for row in rows()}[code].evaluations.number == before.evaluations.number + 1

    def test_follows_the_order_of_outcomes_that_curators_keep(self):
        before = [row.size for row in rows()]
        PriorityOutcome.objects.filter(outcome__code="ipv-any").update(position=999)
        assert [row.size for row in rows()] != before


class TestTheOrder:
    def test_is_by_theme_and_in_it_by_evaluations_of_violence(self):
        groups = shown().groups
        labels = [term.label("es") for term in vocabularies.current().terms("themes")]
        assert [group.label for group in groups] == labels
        for group in groups:
            counts = [row.violence for row in group.rows]
            assert counts == sorted(counts, reverse=True)

    @pytest.mark.parametrize(
        ("order", "key"),
        [
            ("violence", lambda row: -row.violence),
            ("evaluations", lambda row: -row.evaluations.number),
            ("randomised", lambda row: -row.randomised.number),
            ("interval", lambda row: -row.with_interval.number),
            ("nearness", lambda row: row.nearness),
        ],
    )
    def test_is_what_the_address_asks_for(self, order: str, key: Any):
        keys = [key(row) for row in rows(order=order)]
        assert keys == sorted(keys)
        assert len(keys) == len(rows())

    def test_by_name_does_not_mind_accents(self):
        names = [row.label for row in rows(order="name")]
        assert names[0].startswith("A")
        assert len(names) == len(set(names)) == shown().total

    def test_is_told_in_the_head_of_the_column_and_keeps_the_filters(self, client: Client):
        for order in ORDERS:
            page = page_of(client, f"/intervenciones/?order={order}&theme=prevention")
            (head,) = page.xpath(".//thead//th[@aria-sort]")
            assert head.get("aria-sort") == ("ascending" if order in ("name", "nearness") else "descending")
            assert head.xpath("./a/@href") == [f"/intervenciones/?order={order}&theme=prevention"]

    @pytest.mark.parametrize("order", ORDERS)
    def test_of_another_kind_tells_the_theme_in_each_line(self, client: Client, order: str):
        page = page_of(client, f"/intervenciones/?order={order}")
        themes = {row.code: row.short_theme for row in rows(order=order)}
        for row in page.xpath(".//tbody/tr"):
            code = row.xpath("./th/a/@href")[0].strip("/").rpartition("/")[2]
            assert text_of(row.xpath("./td")[0]) == themes[code]
        assert not page.xpath(".//tr[contains(@class, 'toolkit__theme')]")

    @pytest.mark.parametrize("language", ["es", "en"])
    def test_keeps_short_themes_apart(self, language: str):
        with override(language):
            named = {(row.theme, row.short_theme) for row in rows(language)}
        assert len({theme for theme, _name in named}) == len({name for _theme, name in named}) == len(named)

    def test_is_never_one_of_effect(self):
        offered = {choice.code for choice in shown().filters[0].choices}
        assert offered == {"", *ORDERS}


class TestAFilter:
    def test_of_a_theme_leaves_its_interventions(self):
        own = {term.code for term in vocabularies.current().children("interventions", "autonomy")}
        assert {row.code for row in rows(theme="autonomy")} == own

    def test_of_a_place_leaves_those_with_an_evaluation_there(self):
        assert {row.nearest for row in rows(place="peru")} == {"Perú"}
        assert {row.code for row in rows(place="peru")} < {row.code for row in rows(place="latin-america")}

    def test_of_a_population_leaves_those_with_an_evaluation_of_it(self):
        (population,) = (each for each in shown().filters if each.name == "population")
        code = population.choices[1].code
        lines = intervention_rows.current_lines(vocabularies.current())
        assert {row.code for row in rows(population=code)} == {each.code for each in lines if code in each.populations}

    def test_of_an_outcome_changes_the_strip_and_hides_no_line(self):
        assert len(rows(outcome="femicide")) == len(rows())
        assert sum(row.violence for row in rows(outcome="femicide")) < sum(row.violence for row in rows())
        assert [row.evaluations for row in rows(outcome="femicide", order="name")] == [
            row.evaluations for row in rows(order="name")
        ]

    def test_that_leaves_none_says_so(self, client: Client):
        make_study(stage=Stage.PUBLISHED, interventions=("helpline",), populations=("indigenous",))
        page = page_of(client, "/intervenciones/?theme=attention&place=peru&population=older-women")
        if not page.xpath(".//tbody"):
            assert text_of(parts(page, "empty")[0]) == "Ninguna intervención con estos filtros."
        assert page.xpath(".//main//a[@href='/intervenciones/']")

    @pytest.mark.parametrize(
        "value", ["\x00", "<script>alert(1)</script>", "x" * 5000, "😀", "-1", "' OR 1=1", "nada", "%"]
    )
    @pytest.mark.parametrize("name", ["order", "theme", "outcome", "place", "population"])
    def test_that_nobody_knows_is_none(self, client: Client, name: str, value: str):
        for path in ("/intervenciones/", "/en/interventions/"):
            answer = client.get(f"{path}?{name}={quote(value)}&{name}=otra")
            assert answer.status_code == 200
            assert b"<script>alert" not in answer.content
        assert len(rows(**{name: value})) == len(rows())


class TestThePage:
    def test_has_a_line_for_each_intervention_also_without_an_evaluation(self, client: Client):
        make_intervention()
        page = page_of(client, "/intervenciones/")
        links = page.xpath(".//tbody/tr/th[@scope='row']/a/@href")
        codes = {term.code for term in vocabularies.current().terms("interventions")}
        assert {link.strip("/").rpartition("/")[2] for link in links} == codes
        for row in page.xpath(".//tbody/tr[th[@scope='row']]"):
            (link,) = row.xpath("./th/a/@href")
            code = link.strip("/").rpartition("/")[2]
            evaluations = {each.code: each for each in rows()}[code].evaluations.number
            assert ("Ninguna evaluación en este banco" in text_of(row)) is (evaluations == 0)

    def test_has_no_blank_cell_but_where_no_estimate_stands(self, client: Client):
        page = page_of(client, "/intervenciones/")
        blank = [cell for cell in page.xpath(".//tbody//td") if not text_of(cell) and not cell.xpath("./svg")]
        assert {cell.get("class") for cell in blank} == {"is-blank"}

    @pytest.mark.parametrize(("path", "said"), [("/intervenciones/", "Ninguna"), ("/en/interventions/", "None")])
    def test_of_an_empty_bank_keeps_the_lines(self, client: Client, path: str, said: str):
        Study.objects.update(stage=Stage.IN_REVIEW)
        evidence_snapshot.forget()
        page = page_of(client, path)
        lines = page.xpath(".//tbody/tr[th[@scope='row']]")
        assert len(lines) == len(vocabularies.current().terms("interventions"))
        assert not page.xpath(".//tbody//svg")
        assert all(said in text_of(line) or "No evaluation" in text_of(line) for line in lines)

    @pytest.mark.parametrize("path", ["/intervenciones/", "/en/interventions/"])
    def test_gives_no_verdict(self, client: Client, path: str):
        assert not VERDICTS.search(text_of(page_of(client, path).find(".//main")))

    def test_says_in_words_what_the_strip_shows(self, client: Client):
        strips = page_of(client, "/intervenciones/").xpath(".//tbody//svg")
        assert strips
        for strip in strips:
            assert strip.get("role") == "img"
            assert len(strip.get("aria-label").split("; ")) >= len(strip.xpath("./circle"))

    def test_reads_in_english_with_points(self, client: Client):
        page = page_of(client, "/en/interventions/")
        assert text_of(page.find(".//h1")) == "What has been tested"
        assert re.search(r"0\.\d", text_of(page.find(".//tbody")))
        assert not page.xpath(".//*[contains(@cx, ',')]")

    @pytest.mark.parametrize("query", ["", "?order=name", "?theme=prevention&outcome=ipv-physical"])
    def test_asks_few_queries_whatever_it_shows(self, client: Client, query: str, django_assert_num_queries: Any):
        client.get("/intervenciones/")
        with django_assert_num_queries(3):
            client.get(f"/intervenciones/{query}")

    def test_is_on_the_map_of_the_site_and_in_the_other_language(self, client: Client):
        assert "/intervenciones/" in client.get("/sitemap-pages.xml").content.decode()
        page = page_of(client, "/intervenciones/?order=name")
        assert page.xpath(".//div[@class='tools']/a/@href")[0] == "/en/interventions/?order=name"
