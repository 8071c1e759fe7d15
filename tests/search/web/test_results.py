"""The search page and its exports as a reader gets them: served by gunicorn, on the Whoosh engine."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from dataclasses import dataclass
from functools import cache
from html import unescape
from urllib.parse import parse_qsl, urlencode

import bibtexparser
import openpyxl
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from search.criteria.criteria import Criteria
from search.criteria.facets import FACET_OF
from search.query.tokenizer import LONGEST_QUERY
from search.services import public_search
from search.web.shared import cards
from studies.models import Stage
from tests.bank_server import BankServer
from tests.factories import make_study
from tests.search.help.test_known_words import read_all
from tests.search.services.test_public_search import word_pairs
from tests.studies.records_factory import author, finding, fixture_lines, fixture_studies

TITLES = (
    "Violencia & género: ¿qué cambió en Perú? Niñas, corações y 'comillas'",
    "Costs of 50% & $3_000 #1 ~ a_b \\textbf",
    "ER - a title that looks like RIS; TY - JOUR",
)
LISTS = {"es": "/estudios/", "en": "/en/studies/"}


@dataclass(frozen=True)
class ListPage:
    """A result page, read back from its HTML."""

    html: str

    @property
    def total(self) -> int:
        """The number that the page prints above its cards; 0 where it says that there is none."""
        heading = re.search(r'<h2 id="n">([^<]*)</h2>', self.html)
        assert heading, "no heading with the count"
        said = heading[1].strip()
        number = re.match(r"[\d\u202f,]+", said)
        if number is None:
            assert said.startswith(
                ("La búsqueda no encontró", "The search found no study", "Ningún estudio", "No study")
            ), said
            return 0
        return int(re.sub(r"\D", "", number[0]))

    @property
    def slugs(self) -> list[str]:
        return re.findall(r'class="card__title"><a href="/(?:en/studies|estudios)/([a-z0-9-]+)/"', self.html)

    @property
    def options(self) -> dict[tuple[str, str], int]:
        """The numbers printed beside the options, by parameter and code."""
        pattern = r'name="([a-z_]+)" value="([^"]*)"[^>]*>[^<]*<span class="check__count">([\d\u202f,]+)</span>'
        found = re.findall(pattern, self.html)
        return {(name, unescape(code)): int(re.sub(r"\D", "", number)) for name, code, number in found}


def listed(server: BankServer, **criteria: object) -> ListPage:
    return ListPage(server.page(f"/estudios/?{urlencode(criteria, doseq=True)}"))


def with_only(query: str, parameter: str, code: str) -> str:
    """Return the criteria of `query` with `code` as the only choice in its facet."""
    own = FACET_OF[parameter].parameters
    rest = [(name, value) for name, value in parse_qsl(query) if name not in own and name != "all"]
    return urlencode([*rest, (parameter, code)])


class TestTotals:
    @pytest.mark.parametrize("language", ["es", "en"])
    def test_without_criteria_the_list_holds_every_line_of_the_fixtures(self, bank_server, language):
        assert ListPage(bank_server.page(LISTS[language])).total == len(fixture_lines())

    @pytest.mark.parametrize("language", ["es", "en"])
    def test_its_pages_show_each_study_once(self, bank_server, language):
        last = -(-len(fixture_lines()) // 50)
        pages = [ListPage(bank_server.page(f"{LISTS[language]}?page_size=50&page={n}")) for n in range(1, last + 1)]
        slugs = [slug for page in pages for slug in page.slugs]
        assert sorted(slugs) == sorted(record.id for record in fixture_studies())

    def test_a_plural_and_a_wrong_accent_give_the_same_total(self, bank_server):
        totals = {listed(bank_server, q=q).total for q in ("mujer", "mujeres", "MUJÉR")}
        assert len(totals) == 1
        assert totals.pop() > 0

    def test_both_words_of_a_pair_give_the_same_total(self, bank_server):
        """A sample: all pairs are walked at the level of the service."""
        pairs = [(row["a"], row["b"]) for row in word_pairs() if row["relation"] == "same"]
        differing = {}
        for pair in random.Random(2).sample(pairs, 8):
            totals = [listed(bank_server, q=word).total for word in pair]
            if totals[0] != totals[1] or not totals[0]:
                differing[pair] = totals
        assert differing == {}

    def test_the_language_of_the_page_changes_neither_total_nor_order(self, bank_server):
        query = "q=policía&design_family=randomised".replace("í", "%C3%AD")
        spanish, english = (ListPage(bank_server.page(f"{path}?{query}")) for path in LISTS.values())
        assert spanish.total == english.total > 0
        assert spanish.slugs == english.slugs


class TestFacetNumbers:
    """S5 over HTTP: the number beside an option is the total of the page behind it."""

    @pytest.mark.parametrize(
        "query",
        ["", "country=PE", "q=violencia+pareja", "q=women&theme=prevention", "outcome=ipv-physical&effect=favourable"],
        ids=lambda query: query or "all",
    )
    def test_each_option_gives_the_number_printed_beside_it(self, bank_server, query):
        printed = ListPage(bank_server.page(f"/estudios/?{query}&all=outcome&all=country&all=design")).options
        assert {FACET_OF[parameter].name for parameter, _ in printed} >= {"theme", "outcome", "country", "effect"}
        sample = random.Random(query).sample(sorted(printed), 7)
        given = {
            option: ListPage(bank_server.page(f"/estudios/?{with_only(query, *option)}")).total for option in sample
        }
        assert given == {option: printed[option] for option in sample}

    def test_both_languages_print_the_same_numbers(self, bank_server):
        spanish, english = (ListPage(bank_server.page(f"{path}?q=alcohol")) for path in LISTS.values())
        assert spanish.options == english.options

    def test_choosing_an_option_changes_no_number_of_its_own_facet(self, bank_server):
        before, after = listed(bank_server).options, listed(bank_server, theme="autonomy").options
        themes = {key for key in before if key[0] == "theme"}
        assert len(themes) == 3
        assert {key: after[key] for key in themes} == {key: before[key] for key in themes}


@cache
def exported(server: BankServer, ext: str, query: str = "") -> str:
    answer = server.get(f"/estudios/exportar.{ext}?{query}")
    assert answer.status == 200
    return answer.body.decode("utf-8-sig" if ext == "csv" else "utf-8")


@pytest.fixture(scope="session")
def slugs_in_order(bank_server: BankServer) -> list[str]:
    """All studies in the order of the list, as its pages show them."""
    numbers = range(1, -(-len(fixture_lines()) // 50) + 1)
    return [slug for n in numbers for slug in listed(bank_server, page=n, page_size=50).slugs]


class TestExportOfTheWholeBank:
    """Each file is read back by a library that others read it with; order and titles are those of the list."""

    @pytest.fixture
    def titles(self, slugs_in_order: list[str]) -> list[str]:
        title_of = {record.id: record.title for record in fixture_studies()}
        return [title_of[slug] for slug in slugs_in_order]

    def test_some_titles_hold_what_formats_stumble_over(self, titles):
        text = "".join(titles)
        assert [sign for sign in "áéíóúñ¿:'’“ãê" if sign not in text] == []

    def test_ris_gives_the_same_titles_to_rispy(self, bank_server, titles):
        assert [entry["title"] for entry in rispy.loads(exported(bank_server, "ris"))] == titles

    def test_bibtex_gives_the_same_titles_to_bibtexparser(self, bank_server, titles):
        library = bibtexparser.parse_string(exported(bank_server, "bib"), append_middleware=[LatexDecodingMiddleware()])
        assert library.failed_blocks == []
        assert [entry["title"] for entry in library.entries] == titles

    def test_csl_json_gives_the_same_ids(self, bank_server, slugs_in_order):
        assert [item["id"] for item in json.loads(exported(bank_server, "json"))] == slugs_in_order

    def test_csv_opens_with_a_mark_for_spreadsheets_and_one_row_a_study(self, bank_server, slugs_in_order):
        assert bank_server.get("/estudios/exportar.csv").body.startswith(b"\xef\xbb\xbf")
        rows = list(csv.DictReader(io.StringIO(exported(bank_server, "csv"), newline="")))
        assert [row["id"] for row in rows] == slugs_in_order
        assert all(len(row) == len(rows[0]) and None not in row for row in rows)


class TestExportOfAList:
    def test_holds_what_the_page_counts_in_its_order(self, bank_server):
        query = "q=polic%C3%ADa&sort=title&theme=autonomy"
        page = ListPage(bank_server.page(f"/estudios/?{query}&page_size=50"))
        ids = [item["id"] for item in json.loads(exported(bank_server, "json", query))]
        assert 0 < page.total == len(ids) <= 50
        assert ids == page.slugs

    def test_an_empty_list_is_an_empty_file_that_can_be_read(self, bank_server):
        nothing = "q=xilofonista"
        assert json.loads(exported(bank_server, "json", nothing)) == []
        assert rispy.loads(exported(bank_server, "ris", nothing)) == []
        assert bibtexparser.parse_string(exported(bank_server, "bib", nothing)).entries == []
        assert len(exported(bank_server, "csv", nothing).splitlines()) == 1

    @pytest.mark.parametrize("ext", ["ris", "bib", "json", "csv"])
    def test_comes_as_a_named_file_of_its_type(self, bank_server, ext):
        spanish = bank_server.get(f"/estudios/exportar.{ext}?q=kampala").headers
        assert spanish["content-disposition"] == f'attachment; filename="estudios.{ext}"'
        assert spanish["x-content-type-options"] == "nosniff"
        assert not spanish["content-type"].startswith("text/html")
        english = bank_server.get(f"/en/studies/export.{ext}?q=kampala").headers
        assert english["content-disposition"] == f'attachment; filename="studies.{ext}"'

    def test_words_of_the_reader_reach_no_header(self, bank_server):
        headers = bank_server.get("/estudios/exportar.ris?q=%0d%0aSet-Cookie:%20a=b&theme=%22%0d%0aX-A:1").headers
        assert "set-cookie" not in headers
        assert "x-a" not in headers

    def test_a_study_alone_is_the_record_of_the_list(self, bank_server):
        alone = bank_server.get("/estudios/abramsky-2014-sasa/cita.json")
        assert alone.headers["content-disposition"] == 'attachment; filename="abramsky-2014-sasa.json"'
        of_list = {item["id"]: item for item in json.loads(exported(bank_server, "json"))}
        assert json.loads(alone.text) == [of_list["abramsky-2014-sasa"]]

    @pytest.mark.django_db
    @pytest.mark.parametrize("title", TITLES)
    def test_keeps_every_sign_of_a_title(self, client, memory_engine, title):
        """No title of the bank holds an ampersand, or what BibTeX takes for a command."""
        slug = make_study(stage=Stage.PUBLISHED, title=title, title_es="Los xilófonos").slug
        ris, bib, csl = (
            b"".join(client.get(f"/estudios/exportar.{ext}?q=xil%C3%B3fonos")).decode()
            for ext in ("ris", "bib", "json")
        )
        assert [entry["title"] for entry in rispy.loads(ris)] == [title]
        library = bibtexparser.parse_string(bib, append_middleware=[LatexDecodingMiddleware()])
        assert [entry["title"] for entry in library.entries] == [title]
        assert [(item["id"], item["title"]) for item in json.loads(csl)] == [(slug, title)]

    @pytest.mark.django_db
    def test_a_workbook_has_the_findings_that_the_list_asks_for(self, client, memory_engine):
        found = (finding(effect="favourable"), finding(effect="unfavourable"))
        make_study(stage=Stage.PUBLISHED, title_es="Los xilófonos", findings=found)

        def effects(query: str) -> list[object]:
            content = b"".join(client.get(f"/en/studies/export.xlsx?q=xil%C3%B3fonos{query}"))
            head, *rows = openpyxl.load_workbook(io.BytesIO(content))["Findings"].iter_rows(values_only=True)
            return [row[head.index("Effect (code)")] for row in rows]

        assert effects("") == ["favourable", "unfavourable"]
        assert effects("&effect=unfavourable") == ["unfavourable"]

    @pytest.mark.django_db
    @pytest.mark.parametrize("path", ["/estudios/exportar.ris", "/estudios/abramsky-2014-sasa/cita.ris"])
    def test_is_streamed(self, client, memory_engine, path):
        assert isinstance(client.get(path), StreamingHttpResponse)


BATCH_QUERIES = 11
"""Of an export: the studies, and one for each kind of rows that belong to them."""
REFERENCE_QUERIES = 4
"""Of an export of references: the studies, their terms, authors and sources."""


@pytest.mark.django_db
class TestCostOfASearchPage:
    """Pinned: a page costs the same whatever it shows, and whatever is chosen."""

    PINNED = 2
    """The counter, and the state of each study of the page."""
    PINNED_FOR_NEW_CARDS = 4
    """Studies whose cards this process does not hold, and three for what these print: terms, authors, findings."""

    def cost(self, client: Client, **criteria: object) -> int:
        path = f"/estudios/?{urlencode(criteria, doseq=True)}"
        read_all()
        assert client.get(path).status_code == 200  # what is kept between requests is kept now
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        assert response.status_code == 200
        return len(captured)

    def test_does_not_grow_with_the_number_of_studies(self, client, memory_engine):
        costs = {
            "1 study": self.cost(client, q="abramsky", theme="prevention", year_from=2014, year_to=2014),
            "20 studies": self.cost(client),
            "50 studies": self.cost(client, page_size=50),
            "many choices": self.cost(client, sort="title", country=["PE", "BR"], effect="favourable", all="outcome"),
            "the last page": self.cost(client, page=16),
        }
        assert costs == dict.fromkeys(costs, self.PINNED)

    def test_new_cards_cost_four_more_however_many(self, client, memory_engine, monkeypatch):
        client.get("/estudios/?q=abramsky")
        for path in ("/estudios/", "/estudios/?page_size=50", "/estudios/?q=abramsky"):
            monkeypatch.setattr(cards, "_card_cache", cards._CardCache())
            with CaptureQueriesContext(connection) as captured:
                client.get(path)
            assert len(captured) == self.PINNED + self.PINNED_FOR_NEW_CARDS

    def test_partial_matches_below_a_short_list_cost_two_more(self, client, memory_engine):
        assert self.cost(client, q="transferencias alcohol") == self.PINNED + 2

    def test_a_list_of_words_that_fills_more_than_a_page_costs_one_more(self, client, memory_engine):
        assert self.cost(client, q="salud mujer pareja", theme=["attention", "prevention"]) == self.PINNED + 1

    def test_a_list_of_some_words_costs_one_more(self, client, memory_engine):
        assert self.cost(client, q="transferencias alcohol xyzzy", match=1) == self.PINNED + 1

    def test_does_not_grow_with_authors_and_findings(self, client, memory_engine):
        for number in range(3):
            make_study(
                stage=Stage.PUBLISHED,
                title_es=f"Xilófonos {number}",
                authors=tuple(author(f"Autora {n}") for n in range(40)),
                findings=tuple(finding(value=0.5 + n / 100) for n in range(40)),
            )
        assert self.cost(client, q="xilófonos") == self.PINNED

    def test_a_page_past_the_end_or_without_studies_costs_no_more(self, client, memory_engine):
        assert self.cost(client, page=999) <= self.PINNED
        assert self.cost(client, q="xilofonista") <= self.PINNED

    @pytest.mark.parametrize(("ext", "of_a_batch"), [("csv", BATCH_QUERIES), ("ris", REFERENCE_QUERIES)])
    def test_an_export_costs_the_same_queries_a_batch(self, client, memory_engine, ext, of_a_batch):
        def cost(query: str) -> int:
            b"".join(client.get(f"/estudios/exportar.{ext}?{query}"))
            with CaptureQueriesContext(connection) as captured:
                b"".join(client.get(f"/estudios/exportar.{ext}?{query}"))
            return len(captured)

        one, many = cost("country=UG&year_from=2014&year_to=2014"), cost("country=PE")
        # The counter at three moments, and which studies are public, as a review may include one that is not.
        assert one <= 4 + of_a_batch
        # The first batch is small, so that the file begins at once; all others cost what it does.
        listed = public_search.count(Criteria(chosen={"country": ("PE",)}))
        later = -(-(listed - public_search.FIRST_BATCH) // public_search.EXPORT_BATCH)
        assert later > 0
        assert many - one == later * of_a_batch


class TestWhatAPageSays:
    def test_the_words_stay_in_the_box_and_the_choices_stay_chosen(self, bank_server):
        html = listed(bank_server, q='"medidas de protección" -perú', theme="attention", sort="oldest").html
        assert 'value="&quot;medidas de protección&quot; -perú"' in html
        assert re.search(r'name="theme" value="attention" checked', html)
        assert re.search(r'<option value="oldest" selected', html)

    def test_the_box_takes_as_many_characters_as_are_read(self, bank_server):
        assert f'maxlength="{LONGEST_QUERY}"' in listed(bank_server).html

    def test_every_list_that_it_links_to_keeps_the_words(self, bank_server):
        html = listed(bank_server, q="mujeres rurales", theme="autonomy").html
        main = html[html.index("<main") : html.index("</main>")]
        links = [unescape(link) for link in re.findall(r'href="(/estudios/[^"]*\?[^"]*)"', main)]
        assert links
        assert [link for link in links if ("q", "mujeres rurales") not in parse_qsl(link.partition("?")[2])] == []
