"""The evidence map and the lists behind its numbers."""

from __future__ import annotations

import csv
import io
import random
import re
from itertools import product
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from django.http import QueryDict
from django.test import Client

from search.contract import NOT_STATED
from search.criteria.evidence_address import TablePlace
from search.criteria.facets import FACET_PARAMETERS
from search.criteria.filters import read_criteria
from search.engines.memory.engine import MemoryEngine
from search.index import indexing
from search.services.evidence_scope import gather_evidence, tally_place
from search.web.evidence.dimensions import NAMES
from search.web.evidence.study_list import evidence_list
from search.web.map.axes import Axes, EvidenceMap, choose_place
from search.web.map.figure import draw_map
from search.web.map.page import MapCell, map_page
from studies.models import Evaluation, EvaluationStudy, Stage
from studies.records.study import InterventionRecord
from studies.store import evidence_snapshot, vocabularies
from studies.synthesis.evidence import Evidence
from studies.synthesis.tables import EvidenceTable, tabulate
from tests.factories import make_intervention, make_study
from tests.html_pages import page_of, parts, text_of
from tests.search.random_criteria import random_criteria
from tests.studies.records_factory import finding
from tests.thorough import mainly, some_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

CRITERIA = (
    "",
    "theme=autonomy",
    "country=PE",
    "intervention=engaging-men",
    "intervention=cash-transfer&outcome=ipv-physical&outcome=ipv-any",
    "q=transferencias",
    "q=violencia+de+pareja&design_family=randomised&year_from=2015",
    "effect=unfavourable",
    "region=andean&region=peru&population=women",
    "intervention=none",
    "outcome=none",
    "status=ongoing",
    "type=report&language=es&year_to=2018",
)


def map_of(query: str = "", **axes: str) -> EvidenceMap:
    return EvidenceMap(gather_evidence(read_criteria(QueryDict(query))), Axes.of(axes), "es")


def numbers(text: str) -> tuple[int, int, int]:
    """Read "11 evaluaciones, 23 estudios (8 revisiones)"."""
    found = re.findall(r"([\d\u202f]+) (evaluaci|estudio|revisi)", text)
    counts = {noun: int(number.replace("\u202f", "")) for number, noun in found}
    return counts.get("evaluaci", 0), counts.get("estudio", 0), counts.get("revisi", 0)


def listed(client: Client, address: str) -> tuple[tuple[int, int, int], int]:
    """Return what a list says of itself, and how many studies stand on all its pages.

    A paper on two trials stands under each, and is one study.
    """
    studies, following = set(), address
    while following:
        page = page_of(client, following)
        studies |= {title.find("a").get("href") for title in parts(page, "list__title")}
        forward = page.xpath(".//a[@rel='next']")
        following = forward[0].get("href") if forward else ""
    return numbers(text_of(page.find(".//h1"))), len(studies)


def cell_of(page: Any, row: str, column: str) -> Any:
    (link,) = page.xpath(f".//td/a[contains(@href, 'row={row}&column={column}')]")
    return link


class TestEveryNumber:
    """Each number equals what its link lists."""

    @pytest.mark.parametrize("query", mainly(4, CRITERIA))
    @pytest.mark.parametrize(
        "axes",
        [{}, {"rows": "country", "columns": "design_family"}, {"rows": "population", "columns": "outcome"}],
        ids=["default", "country by design", "population by outcome"],
    )
    def test_of_the_model_is_that_of_its_list(self, query: str, axes: dict[str, str]):
        self.hold(query, axes)

    def test_is_so_for_any_criteria_and_any_two_vocabularies(self):
        chance = random.Random(6)
        for query in random_criteria(6, 20):
            rows, columns = chance.sample(sorted(NAMES), 2)
            self.hold(query, {"rows": rows, "columns": columns})

    def hold(self, query: str, axes: dict[str, str]) -> None:
        shown = map_of(query, **axes)
        page = map_page(shown.body, shown.axes, "es")
        cells = [cell for group in page.groups for row in group.rows for cell in row.cells if cell]
        lines = [*page.columns, *(row.head for group in page.groups for row in group.rows)]
        told = [(cell.url, (cell.evaluations, *numbers(cell.note)[1:])) for cell in cells]
        told += [(line.total_url, (line.total.evaluations, *numbers(line.studies)[1:])) for line in lines]
        told = [(url, total) for url, total in told if url]
        told.append((page.total_url, (page.total.evaluations, *numbers(page.total_studies)[1:])))
        assert [(url, self.counted(shown, url)) for url, _ in told] == told, (query, axes)
        for url, total in some_of(told, 4, random.Random(6)):
            data = QueryDict(urlsplit(url).query)
            found = evidence_list(gather_evidence(read_criteria(data)), TablePlace.from_query(data), 1, "es")
            assert (found.evaluations, found.studies, found.reviews) == total
        for cell in cells:
            assert sum(mark.count for mark in cell.marks) == cell.evaluations

    def counted(self, shown: EvidenceMap, url: str) -> tuple[int, int, int]:
        data = QueryDict(urlsplit(url).query)
        assert read_criteria(data) == shown.body.criteria
        found = tally_place(shown.body, TablePlace.from_query(data))
        return found.evaluations, len(found.studies), len(found.reviews)

    def test_of_the_page_is_that_of_its_list(self, client: Client):
        chance = random.Random(6)
        for query in chance.sample(CRITERIA[:9], 4):
            links = page_of(client, f"/mapa/?{query}").xpath(".//td/a")
            for link in some_of(links, 4, chance):
                said, studies = listed(client, urljoin("/mapa/", link.get("href")))
                big = link.find("b")
                assert said[0] == (int(big.text) if big is not None else 0)
                assert said[1] == numbers(text_of(link.find("small")))[1] == studies

    def test_of_the_whole_map_is_that_of_the_search(self, client: Client):
        for query in ("theme=autonomy", "q=transferencias", "effect=mixed"):
            found = page_of(client, f"/estudios/?{query}")
            total = numbers(text_of(found.get_element_by_id("n")))[1]
            last = page_of(client, f"/mapa/?{query}").xpath(".//tfoot//td[last()]//small")[0]
            assert numbers(text_of(last))[1] == total


class TestCountingTwice:
    def test_three_papers_of_one_trial_are_one_evaluation_and_three_studies(self, client: Client):
        self.make("trial")
        (cell,) = self.cells()
        assert (cell.evaluations, numbers(cell.note)[1]) == (1, 3)
        said, studies = listed(client, urljoin("/mapa/", cell.url))
        assert (said, studies) == ((1, 3, 0), 3)

    def test_three_analyses_of_one_survey_are_three(self, client: Client):
        self.make("data-set")
        (cell,) = self.cells()
        assert (cell.evaluations, numbers(cell.note)[1]) == (3, 3)

    def make(self, kind: str) -> None:
        group = Evaluation.objects.create(slug="hecho-a-mano", kind=kind, name_es="Hecho a mano", name_en="Made up")
        for _ in range(3):
            study = make_study(stage=Stage.PUBLISHED, countries=("BO",), title="Xilofonista", year=2024)
            EvaluationStudy.objects.create(evaluation=group, study=study)
        evidence_snapshot.forget()

    def cells(self) -> list[MapCell]:
        shown = map_of("q=xilofonista", rows="country")
        page = map_page(shown.body, shown.axes, "es")
        return [cell for group in page.groups for row in group.rows for cell in row.cells if cell]


class TestThePage:
    def test_says_what_an_empty_cell_is(self, client: Client):
        page = page_of(client, "/mapa/")
        empty = page.xpath(".//tbody//td[not(a)]")
        assert {text_of(cell) for cell in empty} == {"·Ninguno en este banco"}
        assert "no se ha buscado de forma sistemática" in page.text_content()

    def test_has_a_row_for_each_intervention_under_its_theme_and_one_for_none(self, client: Client):
        page = page_of(client, "/en/map/")
        assert [text_of(each) for each in parts(page, "map__theme")][:2] == [
            "Response services",
            "Prevention",
        ]
        heads = [text_of(each) for each in page.xpath(".//tbody//th[@scope='row']")]
        interventions = vocabularies.current().terms("interventions")
        assert (len(heads), heads[-1]) == (len(interventions) + 1, "Without a type of intervention")

    def test_reads_out_each_cell_as_a_sentence(self, client: Client):
        code = make_intervention().code
        alike = {"stage": Stage.PUBLISHED, "year": 2023, "interventions": (code,), "designs": ("matched-comparison",)}
        for effect in ("no-effect", "unfavourable"):
            make_study(**{**alike, "findings": (finding(effect=effect),)})
        package = tuple(InterventionRecord(each, "component") for each in (code, "shelter"))
        reviewed = {"interventions": (InterventionRecord(code, "reviewed"),), "designs": ("systematic-review",)}
        for changes in ({}, {"interventions": package}, reviewed):
            make_study(**{**alike, "findings": (), **changes})
        link = cell_of(page_of(client, "/mapa/"), code, "partner-violence")
        for seen in link.xpath(".//*[@aria-hidden]"):
            seen.drop_tree()
        assert text_of(link) == (
            "4 evaluaciones. Sin efecto detectable: 1, Desfavorable: 1, Dato descriptivo: 2. "
            "5 estudios (1 revisión) · 1 con otras · 2023 · cuasiexperimental"
        )

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("rows=theme&columns=nearness", ("theme", "nearness")),
            ("rows=nada&columns=<script>", ("intervention", "outcome_group")),
            ("rows=outcome_group", ("outcome_group", "intervention")),
            ("rows=country&columns=country", ("country", "outcome_group")),
            ("rows=all&columns=follow_up", ("intervention", "outcome_group")),
        ],
    )
    def test_takes_any_two_vocabularies_that_differ(self, client: Client, query: str, expected: tuple[str, str]):
        axes = Axes.of({name: values[0] for name, values in parse_qs(query).items()})
        assert (axes.rows, axes.columns) == expected
        assert client.get(f"/mapa/?{query}").status_code == 200

    @pytest.mark.parametrize(
        ("place", "regions"),
        [
            ("peru", ("peru",)),
            ("latin-america", ("andean", "latin-america-caribbean", "peru")),
            ("all", ()),
            ("filtered", ("south-asia",)),
            ("", ("south-asia",)),
        ],
    )
    def test_goes_to_a_place(self, place: str, regions: tuple[str, ...]):
        criteria = choose_place(read_criteria(QueryDict("region=south-asia&theme=autonomy")), place)
        assert criteria.chosen.get("region", ()) == regions
        assert criteria.chosen["theme"] == ("autonomy",)

    def test_tells_that_a_choice_by_effect_is_no_finding(self, client: Client):
        notice = "La lista está filtrada por efecto"
        assert notice in client.get("/mapa/?effect=favourable").content.decode()
        assert notice not in client.get("/mapa/").content.decode()

    def test_names_an_unknown_code_and_carries_words_on(self, client: Client):
        text = client.get("/mapa/?q=transferencias&country=PE&country=XX").content.decode()
        assert "«XX»" in text
        assert '<input type="hidden" name="q" value="transferencias">' in text

    def test_shows_its_words_with_a_way_to_take_them_away(self, client: Client):
        page = page_of(client, "/mapa/?q=transferencias+%3Cb%3E&country=PE")
        words, country, everything = parts(page, "chip")
        assert text_of(words).startswith("Palabras: transferencias <b>")
        assert words.get("href") == "/mapa/?country=PE"
        assert text_of(country).startswith("País: Perú")
        assert everything.get("href") == "/mapa/"

    def test_without_results_says_so_and_counts_nothing(self, client: Client):
        page = page_of(client, "/mapa/?q=xilofonista")
        assert text_of(parts(page, "empty")[0]) == "Ningún estudio de este banco con estos criterios."
        assert not parts(page, "lead")
        assert "0 evaluaciones" not in text_of(page)
        assert "datos.csv" not in client.get("/mapa/?q=xilofonista").content.decode()

    def test_marks_show_design_or_nearness_too(self, client: Client):
        code = make_intervention().code
        for _ in range(2):
            make_study(stage=Stage.PUBLISHED, interventions=(code,), countries=("PE",), designs=("rct",))
        for marks, expected in (("design", "2 aleatorizadas"), ("nearness", "Perú")):
            cell = cell_of(page_of(client, f"/mapa/?marks={marks}"), code, "partner-violence")
            assert expected in text_of(parts(cell, "marks")[0])

    def test_is_light(self, client: Client):
        # The picture and its twin: 12 kB as sent.
        assert len(client.get("/mapa/").content) < 125_000

    def test_is_light_even_where_the_empty_cells_are_like_the_fullest(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ):
        shown = map_of()
        fullest = max(
            shown.table.cells.values(), key=lambda cell: len(cell.count_by_effect()) * 1000 + len(cell.studies)
        )
        rows, columns = shown.row_entries, shown.column_entries
        every = {(row.code, column.code): fullest for row in rows for column in columns}
        filled = EvidenceTable({**every, **shown.table.cells})
        monkeypatch.setattr("search.web.map.axes.tabulate", lambda *_: filled)
        page = page_of(client, "/mapa/")
        assert len(page.xpath(".//tbody//td/a")) == len(rows) * (len(columns) + 1)
        assert len(client.get("/mapa/").content) < 190_000

    def test_asks_as_few_queries_as_any_page(self, client: Client, django_assert_num_queries: Any):
        client.get("/mapa/")
        with django_assert_num_queries(1):
            client.get("/mapa/")
        with django_assert_num_queries(1):
            client.get("/mapa/?theme=autonomy&rows=country")
        with django_assert_num_queries(6):
            client.get("/mapa/estudios/?row=cash-transfer")


class TestTheFile:
    def test_has_a_row_for_each_cell_empty_ones_too(self, client: Client):
        unused, current = make_intervention().code, vocabularies.current()
        text = b"".join(client.get("/mapa/datos.csv")).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        places = [(row["intervention"], row["outcome_group"]) for row in rows]
        # Some studies have no outcome, and some no intervention.
        interventions = [*(term.code for term in current.terms("interventions")), NOT_STATED]
        groups = [*(term.code for term in current.terms("outcome_groups")), NOT_STATED]
        assert sorted(places) == sorted(product(interventions, groups))
        bank = evidence_snapshot.current()
        cells = tabulate(bank.studies.values(), bank, "intervention", "outcome_group")
        for row in rows:
            cell = cells.cell(row["intervention"], row["outcome_group"])
            told = (row["evaluations"], row["studies"], row["favourable"])
            assert told == (str(cell.evaluations), str(len(cell.studies)), str(cell.count_by_effect()["favourable"]))
        assert {row["evaluations"] for row in rows if row["intervention"] == unused} == {"0"}

    def test_cannot_run_anything_in_a_spreadsheet(self, client: Client):
        text = b"".join(client.get("/en/map/data.csv?rows=country")).decode()
        assert not re.search(r"^[=+@-]", text, re.MULTILINE)


class TestThePicture:
    def test_has_a_bubble_for_each_cell_with_studies(self, client: Client):
        svg = ElementTree.fromstring(client.get("/mapa/figura.svg").content)
        circles = svg.findall(".//{http://www.w3.org/2000/svg}circle")
        assert len(circles) == len(map_of().table.cells)
        assert svg.find("{http://www.w3.org/2000/svg}style") is not None

    def test_stands_in_the_page_before_the_table(self, client: Client):
        page = page_of(client, "/mapa/")
        (figure,) = parts(page, "plot--wide")
        (table,) = figure.xpath("following::table[@data-map]")
        assert table.xpath("ancestor::details")

    def test_stands_in_the_page_in_place_of_the_table(self, client: Client):
        page = page_of(client, "/mapa/?view=figure")
        assert [figure.get("class").split()[-1] for figure in parts(page, "plot--wide")] == [
            "plot--desk",
            "plot--phone",
        ]
        assert parts(page, "map") == page.xpath(".//style") == []

    def test_shows_nine_columns_on_a_phone_with_every_bubble(self):
        wide, narrow = draw_map(map_of()), draw_map(map_of(), is_narrow=True)
        assert len(narrow.columns) == 9
        assert narrow.width <= 328
        assert [bubble.count for bubble in narrow.bubbles] == [bubble.count for bubble in wide.bubbles]

    def test_says_in_its_file_what_it_is_and_where_it_comes_from(self, client: Client):
        file = " ".join(ElementTree.fromstring(client.get("/mapa/figura.svg?country=PE").content).itertext())
        assert "Mapa de evidencia: evaluaciones por intervención y grupo de resultados" in file
        assert "País: Perú" in file
        assert "El área de cada disco es el número de evaluaciones" in file
        assert re.search(r"Fuente: Banco de Evidencias, versión \S+ del \d+ de \w+ de \d+", file)
        assert "Licencia CC BY 4.0" in file
        assert "/mapa/?country=PE" in file.replace(" ", "")

    @pytest.mark.parametrize("query", ["q=xilofonista", "rows=country", "rows=outcome&columns=country"])
    def test_can_be_of_anything(self, client: Client, query: str):
        ElementTree.fromstring(client.get(f"/mapa/figura.svg?{query}").content)


class TestTheList:
    def test_groups_the_papers_of_a_trial_under_its_name(self, client: Client):
        page = page_of(client, "/mapa/estudios/?row=engaging-men&column=partner-violence")
        trial = next(item for item in page.xpath(".//main//li") if "Bandebereho en Ruanda" in item.text_content())
        assert len(parts(trial, "list__title")) == 2
        assert "Favorable" in text_of(trial)

    def test_chooses_evaluations_by_effect_design_and_company(self, client: Client):
        all_of_them, _ = listed(client, "/mapa/estudios/?row=engaging-men&column=partner-violence")
        counts = [
            listed(client, f"/mapa/estudios/?row=engaging-men&column=partner-violence&shows={effect}")[0]
            for effect in ("favourable", "no-effect", "mixed", "unfavourable", "not-estimated")
        ]
        assert sum(evaluations for evaluations, _, _ in counts) == all_of_them[0]
        assert {reviews for _, _, reviews in counts} == {0}
        for name, values in {
            "strength": ("randomised", "quasi-experimental", "other"),
            "tested": ("alone", "together"),
        }.items():
            parts = [
                listed(client, f"/mapa/estudios/?row=engaging-men&column=partner-violence&{name}={value}")[0][0]
                for value in values
            ]
            assert sum(parts) == all_of_them[0]

    @pytest.mark.parametrize(
        "query",
        [
            "row=xx", "rows=xx&row=yy", "row=%00", "rows=nearness&row=peru", "shows=xx&strength=yy&tested=zz",
            "shows=estimated&strength=randomised", "kind=review", "kind=ongoing&tested=alone",
            "page=999", "row=engaging-men&page=0", "q=xilofonista", "rows=follow_up&row=longer",
            "rows=programme&row=juntos",
        ],
    )  # fmt: skip
    def test_any_address_has_an_answer(self, client: Client, query: str):
        assert client.get(f"/mapa/estudios/?{query}").status_code == 200

    def test_an_empty_place_says_so(self, client: Client):
        assert (
            "Ninguno en este banco." in client.get(f"/mapa/estudios/?row={make_intervention().code}").content.decode()
        )


class TestWithoutIndex:
    def test_the_map_is_counted_all_the_same(self, client: Client, monkeypatch: pytest.MonkeyPatch):
        expected = map_of("theme=autonomy").table
        without = MemoryEngine(FACET_PARAMETERS)
        monkeypatch.setattr(indexing, "get_engine", lambda: without)
        assert map_of("theme=autonomy").table == expected


def test_the_evidence_is_read_once(client: Client):
    client.get("/mapa/")
    held: Evidence = evidence_snapshot.current()
    client.get("/en/map/?country=PE")
    assert evidence_snapshot.current() is held
