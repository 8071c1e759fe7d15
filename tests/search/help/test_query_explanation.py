"""How the search page explains a query, and the links that remove parts of it (S2, S3)."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client

from search.criteria.criteria import Criteria
from search.engines.memory.engine import MemoryEngine
from search.services import public_search
from studies.models import Concept
from studies.store.changes import vocabulary_change


@pytest.fixture(autouse=True)
def bank(memory_engine: MemoryEngine) -> MemoryEngine:
    return memory_engine


def page(client: Client, path: str = "/estudios/", **criteria: object) -> str:
    response = client.get(f"{path}?{urlencode(criteria, doseq=True)}")
    assert response.status_code == 200
    return unescape(response.content.decode())


def told(body: str) -> str:
    """The text between the box and the list, without tags."""
    found = re.search(r'<div class="understood".*?</div>', body, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def links(body: str) -> dict[str, str]:
    """The links between the box and the list, by their text."""
    found = re.search(r'<div class="understood".*?</div>', body, re.DOTALL)
    anchors = re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a>', found[0] if found else "", re.DOTALL)
    return {" ".join(re.sub(r"<[^>]+>", "", text).split()): url for url, text in anchors}


class TestWhatWasAdded:
    def test_is_listed_with_three_words_and_their_languages(self, client: Client):
        body = page(client, q="transferencias monetarias")
        assert "También se buscó: transferencias de dinero quitar" in told(body)
        assert '<b lang="en">cash transfer</b>' in body
        assert re.search(r"y \d+ más", told(body))

    def test_each_concept_can_be_removed_and_comes_back(self, client: Client):
        body = page(client, q="transferencias monetarias", theme="autonomy")
        url = links(body)["quitar cash transfer"]
        assert "without=cash-transfer" in url
        assert "theme=autonomy" in url
        without = unescape(client.get(url).content.decode())
        assert "No se buscó: transferencias monetarias" in told(without)
        assert '<input type="hidden" name="without" value="cash-transfer">' in without
        assert (
            links(without)["volver a buscar transferencias monetarias"]
            == links(without)["Buscar también sinónimos y traducciones"]
        )
        assert "without" not in links(without)["Buscar también sinónimos y traducciones"]

    def test_all_can_be_removed_and_comes_back(self, client: Client):
        body = page(client, q="microcrédito")
        exact = unescape(client.get(links(body)["Solo mis palabras"]).content.decode())
        assert "Se buscaron solo sus palabras" in told(exact)
        assert '<input type="hidden" name="exact" value="1">' in exact
        assert "exact" not in links(exact)["Buscar también sinónimos y traducciones"]

    def test_an_unknown_concept_is_ignored(self, client: Client):
        assert (
            public_search.search(Criteria(q="microcrédito", without=("nada",))).total
            == public_search.search(Criteria(q="microcrédito")).total
        )
        assert "También se buscó" in told(page(client, q="microcrédito", without=["nada", "x" * 500]))

    def test_an_ambiguous_word_offers_its_meanings(self, client: Client):
        body = page(client, q="tenencia Kampala")
        assert "«tenencia» tiene más de un sentido" in told(body)
        assert links(body)["custodia"].endswith("q=custodia+Kampala")
        assert "También se buscó" not in told(body)

    def test_is_explained_in_english_too(self, client: Client):
        body = page(client, "/en/studies/", q="shelters")
        assert links(body)

    def test_follows_the_curators(self):
        before = public_search.search(Criteria(q="xilófonos")).total
        with vocabulary_change():
            Concept.objects.create(slug="xylophones", words_es=["xilófono"], words_en=["kampala"])
        assert before == 0
        assert public_search.search(Criteria(q="xilófonos")).total == public_search.search(Criteria(q="Kampala")).total


class TestUnderstood:
    @pytest.mark.parametrize(
        ("q", "text", "action", "query"),
        [
            (
                'acoso "violencia sexual"',
                "la frase « violencia sexual »",
                "quitar comillas violencia sexual",
                "acoso violencia sexual",
            ),
            ("acoso -brasil", "sin brasil", "quitar brasil", "acoso"),
            ("acoso país:pe", "país: Perú", "quitar pe", "acoso"),
            ("acoso año:2015-", "publicados: desde 2015", "quitar 2015-", "acoso"),
            ("título:acoso sexual", "en el título: acoso", "en todo el registro título:acoso", "acoso sexual"),
            ("viol* acoso", "palabras que empiezan con « viol »", "solo la palabra viol", "viol acoso"),
        ],
    )
    def test_each_part_is_explained_with_a_link_that_removes_it(
        self, q: str, text: str, action: str, query: str, client: Client
    ):
        body = page(client, q=q)
        assert text in told(body)
        assert links(body)[action].endswith(urlencode({"q": query}))

    def test_an_unknown_country_gets_a_hint(self, client: Client):
        assert "«narnia» no es un país de este banco" in told(page(client, q="país:narnia"))

    def test_plain_words_without_additions_need_no_line(self, client: Client):
        assert told(page(client, q="Abramsky Kampala")) == ""
