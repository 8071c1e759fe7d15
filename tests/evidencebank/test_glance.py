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
from search.services.evidence_scope import gather_evidence, tally_place
from studies.models import Stage
from studies.store import vocabularies
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
    body, place = gather_evidence(read_criteria(data)), TablePlace.from_query(data)
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
        linked = [part for each in home_page("es").themes for part in each.known.sentence.parts if part.url]
        assert len(linked) > 6
        for part in linked:
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
    def test_is_the_one_that_opens_its_synthesis(self, client: Client):
        for theme in home_page("es").themes:
            lead = page_of(client, theme.url).xpath(".//section[@aria-labelledby='dice']/p[@class='lead']")
            assert [text_of(each) for each in lead] == [str(theme.known.sentence)]

    @pytest.mark.parametrize("language", ["es", "en"])
    def test_tells_what_authors_found_and_gives_no_verdict(self, language: str):
        with override(language):
            for theme in home_page(language).themes:
                told = str(theme.known.sentence)
                assert {"es": "según sus autores", "en": "according to"}[language] in told
                assert not re.search(r"funciona|\bworks?\b|eficaz|effective", told, re.IGNORECASE)


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
