"""The evidence at a glance on the first page: each number is what its link lists, and no sentence is a verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils.translation import override

from evidencebank.glance import ROWS_OF_A_THEME, GlanceCell, GlanceRow, glance
from evidencebank.home import home_page
from search.criteria.evidence_address import TablePlace
from search.criteria.facets import FACET_PARAMETERS
from search.criteria.filters import read_criteria
from search.engines.memory.engine import MemoryEngine
from search.index import indexing, sync
from search.services import public_search
from search.services.evidence_scope import tally_place
from search.web.evidence.answer import build_answer
from search.web.evidence.basis import Basis
from search.web.shared.evidence_request import read_body
from studies.models import PriorityOutcome, Stage, Study
from studies.store import evidence_snapshot, vocabularies
from studies.synthesis.evidence import Scope
from tests.factories import make_study, withdraw
from tests.html_pages import page_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank without index: the page asks none, and lists are read from the database."""
    engine = MemoryEngine(FACET_PARAMETERS)
    monkeypatch.setattr(indexing, "get_engine", lambda: engine)
    monkeypatch.setattr(sync, "update_before_search", lambda: None)


def rows(language: str = "es") -> Iterator[GlanceRow]:
    for group in glance(vocabularies.current(), language).map.groups:
        yield from group.rows


def cells() -> Iterator[GlanceCell]:
    return (cell for row in rows() for cell in row.cells if cell)


def evaluations_behind(address: str) -> int:
    """Count the evaluations that the list of an address shows."""
    data = QueryDict(urlsplit(address).query)
    body, place = read_body(data), TablePlace.from_query(data)
    found = tally_place(body, place).select_evaluations(
        body.evidence, effect=place.shows, design=place.strength, tested=place.tested
    )
    return len(found)


def studies_behind(address: str) -> int:
    return len(public_search.list_ids(read_criteria(QueryDict(urlsplit(address).query))))


class TestEveryNumber:
    def test_of_a_theme_is_what_its_link_lists(self):
        for theme in home_page("es").themes:
            assert theme.studies == studies_behind(theme.studies_url)
            assert theme.known.evaluations == evaluations_behind(theme.known.url)
            for row in theme.rows:
                assert row.studies == studies_behind(row.url)

    def test_of_a_sentence_is_what_its_link_lists(self):
        with override("es"):
            linked = [part for each in home_page("es").themes for part in each.known.sentence.parts if part.url]
        assert len(linked) > 3
        for part in linked:
            if part.url.startswith("/estudios/"):
                assert part.text == "1"
            else:
                assert int(part.text) == evaluations_behind(part.url)

    def test_of_the_map_is_what_its_link_lists(self):
        for cell in cells():
            assert cell.evaluations == evaluations_behind(cell.url) == sum(mark.count for mark in cell.marks)

    def test_of_empty_cells_is_what_the_whole_map_shows(self, client: Client):
        small = glance(vocabularies.current(), "es").map
        whole = page_of(client, "/mapa/")
        stated = whole.xpath(".//tbody/tr[th[@scope='row']/a]")
        columns = len(vocabularies.current().terms("outcome_groups"))
        shown = [cell for row in stated for cell in row.xpath("./td")[:columns]]
        assert (len(shown), sum(not cell.xpath("./a") for cell in shown)) == (small.crossings, small.empty)

    def test_of_the_bank_is_that_of_the_whole_map(self, client: Client):
        (note,) = page_of(client, "/").xpath(".//section[@aria-labelledby='mapa']/p[@class='note']")
        (total,) = page_of(client, "/mapa/").xpath(".//tfoot//td[last()]/a")
        evaluations = text_of(total.find("b"))
        studies = re.search(r"\d+", text_of(total.find("small")))[0]
        assert f"Evaluaciones: {evaluations}; estudios: {studies}." in text_of(note)

    def test_counts_only_what_is_public_and_counts_anew_after_a_change(self):
        before = next(rows()).cells
        row = next(rows()).url.strip("/").rpartition("/")[2]
        make_study(interventions=(row,))
        withdraw(make_study(stage=Stage.PUBLISHED, interventions=(row,)))
        assert next(rows()).cells == before
        make_study(stage=Stage.PUBLISHED, interventions=(row,))
        assert next(rows()).cells != before


class TestTheSentenceOfATheme:
    @pytest.mark.parametrize("language", ["es", "en"])
    def test_is_one_of_the_head_of_its_answer(self, language: str):
        vocabulary, snapshot = vocabularies.current(), evidence_snapshot.current()
        with override(language):
            for theme in home_page(language).themes:
                studies = [study for study in snapshot.studies.values() if theme.code in study.themes]
                basis = Basis(studies, snapshot, Scope(), f"theme={theme.code}", vocabulary, language)
                told, answer = str(theme.known.sentence), build_answer(basis, theme.code)
                labels = [
                    vocabulary.label("outcomes", group.rows[0].code, language) for group in answer.groups if group.rows
                ]
                assert any(f". {label}: " in told for label in labels)

    @pytest.mark.parametrize("language", ["es", "en"])
    def test_gives_no_verdict_and_counts_no_significant_results(self, language: str, client: Client):
        with override(language):
            for theme in home_page(language).themes:
                told = str(theme.known.sentence)
                assert not re.search(r"funciona|\bworks?\b|eficaz|effective|encontr|\bfound\b", told, re.IGNORECASE)
        page = page_of(client, "/en/" if language == "en" else "/")
        (themes,) = page.xpath(".//section[@aria-labelledby='temas']")
        assert {"es": "según los autores", "en": "according to the authors"}[language] in text_of(themes)

    def test_follows_the_order_that_curators_keep(self):
        with override("es"):
            before = str(home_page("es").themes[0].known.sentence)
            PriorityOutcome.objects.exclude(outcome__code="safety").update(is_retired=True)
            label = vocabularies.current().label("outcomes", "safety", "es")
            assert f"{label}: " in str(home_page("es").themes[0].known.sentence)
        assert f"{label}: " not in before

    def test_is_missing_without_an_evaluation(self, client: Client):
        Study.objects.update(stage=Stage.IN_REVIEW)
        evidence_snapshot.forget()
        assert [theme.known.sentence for theme in home_page("es").themes] == [None] * 3
        assert "Ninguna evaluación en este banco" in text_of(page_of(client, "/"))


class TestTheWayToTheAnswers:
    def test_leads_to_the_table_of_interventions_from_the_head_of_the_page(self, client: Client):
        assert page_of(client, "/").xpath(".//main//a[@href='/intervenciones/']")
        assert page_of(client, "/en/").xpath(".//main//a[@href='/en/interventions/']")

    @pytest.mark.parametrize(("path", "name"), [("/", "Respuestas"), ("/en/", "Answers")])
    def test_is_the_first_entry_of_the_navigation(self, client: Client, path: str, name: str):
        first = page_of(client, path).xpath(".//nav[@class='nav']//a")[0]
        assert text_of(first) == name
        assert client.get(first.get("href")).status_code == 200


class TestTheMap:
    def test_has_no_column_of_figures_which_are_no_effects(self):
        vocabulary = vocabularies.current()
        labels = {term.label("es") for term in vocabulary.terms("outcome_groups")}
        shown = set(glance(vocabulary, "es").map.columns)
        assert labels - shown == {vocabulary.label("outcome_groups", "methods-cost", "es")}

    def test_has_the_most_evaluated_interventions_of_each_theme(self, client: Client):
        for group in glance(vocabularies.current(), "es").map.groups:
            whole = page_of(client, "/mapa/").xpath(".//tbody/tr")
            heads = [text_of(each) for each in whole]
            start = heads.index(group.label)
            totals: dict[str, int] = {}
            for line in whole[start + 1 :]:
                if line.xpath("./th[@scope='rowgroup']"):
                    break
                number = line.xpath("./td[last()]/a/b")
                totals[text_of(line.xpath("./th")[0])] = int(number[0].text) if number else 0
            shown = [row.label for row in group.rows]
            assert len(shown) == ROWS_OF_A_THEME
            assert [totals[label] for label in shown] == sorted(totals.values(), reverse=True)[:ROWS_OF_A_THEME]

    def test_says_of_an_empty_cell_that_this_bank_has_none(self, client: Client):
        (section,) = page_of(client, "/").xpath(".//section[@aria-labelledby='mapa']")
        empty = section.xpath(".//td[not(a)]")
        assert {text_of(cell) for cell in empty} == {"·Ninguno en este banco"}
        assert len(empty) == sum(cell is None for row in rows() for cell in row.cells)
        assert "no se ha buscado de forma sistemática" in text_of(section)
        assert section.xpath(".//a[@href='/mapa/']")

    def test_reads_out_each_cell_as_a_sentence(self, client: Client):
        (section,) = page_of(client, "/en/").xpath(".//section[@aria-labelledby='mapa']")
        for link in section.xpath(".//td/a"):
            for seen in link.xpath(".//*[@aria-hidden]"):
                seen.drop_tree()
            assert re.fullmatch(r"\d+ evaluations?(\. [\w ]+: \d+(, [\w ]+: \d+)*)?", text_of(link))
