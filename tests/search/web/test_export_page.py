"""The page on which a reader chooses how to take a list away: what it says, and that each choice gives a file."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from lxml import html

from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.index import indexing
from studies.citations.styles.registry import STYLES
from studies.exports.registry import EXPORTS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> MemoryEngine:
    made = MemoryEngine(FACET_PARAMETERS)
    monkeypatch.setattr(indexing, "get_engine", lambda: made)
    return made


def choices(client: Client, path: str) -> dict[str, str]:
    """Return the addresses that the form's buttons lead to, by their names, as a browser without script sends them."""
    page = html.fromstring(client.get(path).content.decode())
    (form,) = page.xpath("//main//form")
    hidden = [(field.get("name"), field.get("value")) for field in form.xpath(".//input[@type='hidden']")]
    query = "&".join(f"{name}={value}" for name, value in [*hidden, ("style", "chicago")])
    return {button.text_content(): f"{button.get('formaction')}?{query}" for button in form.xpath(".//button")}


def body(client: Client, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200
    return b"".join(response.streaming_content)


class TestExportPage:
    def test_offers_every_format(self, client):
        text = client.get("/estudios/exportar/").content.decode()
        offered = set(re.findall(r'(?:href|formaction)="/estudios/exportar\.(\w+)', text))
        assert offered == set(EXPORTS)

    def test_offers_every_style_with_apa_chosen(self, client):
        page = html.fromstring(client.get("/estudios/exportar/").content.decode())
        options = page.xpath("//select[@name='style']/option")
        assert [option.get("value") for option in options] == list(STYLES)
        assert [option.get("value") for option in options if option.get("selected") is not None] == ["apa"]

    def test_gives_the_list_of_the_criteria_in_style_and_language(self, client):
        indexing.rebuild()
        buttons = choices(client, "/estudios/exportar/?theme=autonomy&year_from=2024")
        assert next(iter(buttons)) == "Word, En español"
        spanish, english = (body(client, buttons[name]).decode() for name in ("TXT, En español", "TXT, En inglés"))
        assert "Chicago, 17.ª edición, autor y año. Tomada del Banco de Evidencias" in spanish
        assert "Chicago, 17th edition, author-date. Taken from the Banco de Evidencias" in english
        assert "http://testserver/estudios/?theme=autonomy&year_from=2024" in spanish
        assert spanish.count("En el texto:") == english.count("In the text:") > 1

    def test_an_english_page_has_english_first(self, client):
        assert next(iter(choices(client, "/en/studies/export/"))) == "Word, In English"

    def test_tells_how_many_studies_and_leads_back(self, client):
        indexing.rebuild()
        text = client.get("/estudios/exportar/?theme=autonomy&page=3").content.decode()
        assert re.search(r"Los [\d\u202f]+ estudios de la lista, en su orden\.", text)
        assert 'href="/estudios/?theme=autonomy"' in text

    def test_without_an_index_the_number_is_not_told(self, client):
        assert "Todos los estudios de la lista, en su orden." in client.get("/estudios/exportar/").content.decode()

    def test_keeps_whatever_words_were_typed(self, client):
        text = client.get("/estudios/exportar/", {"q": '"><script>&é'}).content.decode()
        assert "<script>&" not in text
        assert re.search(r'name="q" value="([^"]*)"', text)
        assert unescape(re.search(r'name="q" value="([^"]*)"', text)[1]) == '"><script>&é'

    def test_is_reached_from_the_list(self, client):
        indexing.rebuild()
        text = unescape(client.get("/estudios/?theme=autonomy&page=2").content.decode())
        assert 'href="/estudios/exportar/?theme=autonomy"' in text

    def test_is_kept_out_of_search_engines(self, client):
        assert '<meta name="robots" content="noindex">' in client.get("/estudios/exportar/").content.decode()


class TestFilesOfAStyle:
    def test_are_named_by_it(self, client):
        for asked, named in (("vancouver", "vancouver"), ("nada", "apa"), ("", "apa")):
            header = client.get(f"/estudios/exportar.docx?style={asked}").headers["Content-Disposition"]
            assert header == f'attachment; filename="estudios-{named}.docx"'

    def test_others_are_not(self, client):
        header = client.get("/estudios/exportar.ris?style=vancouver").headers["Content-Disposition"]
        assert header == 'attachment; filename="estudios.ris"'

    def test_vancouver_keeps_the_order_of_the_list(self, client):
        text = body(client, "/estudios/exportar.txt?theme=autonomy&sort=oldest&style=vancouver").decode()
        years = [int(year) for year in re.findall(r"^\d+\. .*?\b((?:19|20)\d\d)\b(?=[;. \[])", text, re.MULTILINE)]
        assert text.count("\r\n1. ") == 1
        assert years
