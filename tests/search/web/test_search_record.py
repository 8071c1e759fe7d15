"""The record of a search: what the page and its files tell, and what changed since."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from studies.models import Stage, Study
from studies.store import bank_state
from studies.store.changes import vocabulary_change
from tests.factories import edit, make_study, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

PAGE, TEXT, JSON = "/registro-de-busqueda/", "/registro-de-busqueda/registro.txt", "/en/search-record/record.json"
SECRET = "zarzaparrilla"


def page(client: Client, query: str = "", path: str = PAGE) -> str:
    response = client.get(f"{path}?{query}" if query else path)
    assert response.status_code == 200
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def told(client: Client, **criteria: object) -> dict[str, object]:
    response = client.get(f"{JSON}?{urlencode(criteria, doseq=True)}")
    assert response["Content-Type"] == "application/json"
    read: dict[str, object] = json.loads(response.content)
    return read


class TestRecord:
    def test_has_what_prisma_s_asks_of_a_search(self, client: Client):
        text = client.get(f"{TEXT}?q=%22medidas+de+protecci%C3%B3n%22+-brasil&theme=attention&year_from=2015").content
        for line in (
            "Fuente [PRISMA-S 1]:\n  Banco de Evidencias, http://testserver/",
            'Consulta escrita [PRISMA-S 8]:\n  "medidas de protección" -brasil',
            "Consulta entendida [PRISMA-S 8]:\n  Se buscó: la frase «medidas de protección», sin brasil.",
            "Filtros y límites [PRISMA-S 9]:\n  Tema: Atención",
            "  Año: desde 2015",
            "Orden de la lista:\n  Relevancia",
            "Estudios encontrados [PRISMA-S 15]:\n  ",
            "Dirección de la lista [PRISMA-S 8]:\n  http://testserver/estudios/?q=",
        ):
            assert line in text.decode()
        assert re.search(
            r"Fecha y hora \[PRISMA-S 13\]:\n  \d+ de \w+ de \d{4}, \d\d:\d\d \(UTC−05:00\)", text.decode()
        )

    def test_counts_what_its_address_lists(self, client: Client):
        record = told(client, q="transferencias", country="PE")
        html = page(client, path=str(record["url"]).removeprefix("http://testserver"))
        number = re.search(r'<h2 id="n">(\d+) stud', html)
        assert number
        assert record["found"] == int(number[1]) > 0

    def test_as_json_holds_codes_and_words(self, client: Client):
        record = told(client, q="cash transfer", theme=["autonomy", "nada"], year_to=2020, sort="title")
        assert record["filters"] == {"theme": ["autonomy", "nada"]}
        assert record["filters_in_words"] == [
            {"facet": "Theme", "label": "Women's autonomy"},
            {"facet": "Year", "label": "to 2020"},
        ]
        assert (record["year_from"], record["year_to"], record["sort"]) == (None, 2020, "title")
        assert record["source"]["version"] == bank_state.current().change_no
        assert record["query"]["typed"] == "cash transfer"
        assert "The filter “Theme” has no option “nada”: it was not used." in record["query"]["notes"]
        assert {"text": "transferencias monetarias", "language": "es"} in record["expansions"][0]["words"]

    def test_tells_what_was_switched_off(self, client: Client):
        html = page(client, "q=transferencias+monetarias&exact=1")
        assert "Ninguno: se buscaron solo las palabras escritas." in html
        slug = told(client, q="transferencias monetarias")["expansions"][0]["concept"]
        assert "No se añadió: " in page(client, f"q=transferencias+monetarias&without={slug}")

    def test_of_all_studies_says_so(self, client: Client):
        html = page(client)
        assert "ninguna palabra" in html
        assert f"todos los estudios. Se encontraron {Study.objects.published().count()} estudios." in html

    def test_is_reached_from_every_list(self, client: Client):
        for query in ("q=transferencias&theme=autonomy&sort=title", "q=xilofonista"):
            html = client.get(f"/estudios/?{query}&page=2").content.decode()
            link = re.search(r'href="(/registro-de-busqueda/[^"]*)"', html)
            assert link
            assert parse_qs(urlsplit(unescape(link[1])).query) == parse_qs(query)

    def test_is_of_now_and_kept_by_nobody(self, client: Client):
        response = client.get(PAGE)
        assert "no-store" in response["Cache-Control"]
        assert '<meta name="robots" content="noindex,nofollow">' in response.content.decode()

    def test_without_an_index_says_that_nothing_was_counted(self, client: Client, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("search.index.indexing.get_engine", lambda: MemoryEngine(FACET_PARAMETERS))
        assert "sin contar" in page(client, "q=transferencias&since=0")
        assert "La búsqueda no está completa por ahora." in page(client, "since=0")
        assert told(client)["found"] is None

    def test_markup_stays_text(self, client: Client):
        html = client.get(f"{PAGE}?q=%3Cscript%3Ealert(1)%3C/script%3E&since=%3Cb%3E").content.decode()
        assert "<script>alert" not in html
        assert "«<b>»" not in html

    @pytest.mark.parametrize("q", ["\x00", "a\r\nX: b", "x" * 5000, "((("])
    def test_any_words_give_a_record(self, client: Client, q: str):
        for path in (PAGE, TEXT, JSON):
            assert client.get(path, {"q": q}).status_code == 200

    def test_of_another_kind_of_file_there_is_none(self, client: Client):
        assert client.get("/registro-de-busqueda/registro.exe").status_code == 404


class TestWhatChanged:
    def compare_url(self, client: Client, query: str = "country=BO") -> str:
        record = json.loads(client.get(f"/registro-de-busqueda/registro.json?{query}").content)
        return str(record["changes_url"]).removeprefix("http://testserver")

    def test_is_told_at_the_address_that_the_record_gives(self, client: Client):
        changed, gone, fits_no_more = (make_study(stage=Stage.PUBLISHED, countries=("BO",)) for _ in range(3))
        address = self.compare_url(client)
        assert "Ningún estudio llegó, cambió ni dejó la lista." in page(client, path=address)
        new = make_study(stage=Stage.PUBLISHED, countries=("BO",))
        edit(changed, sample_size=7)
        edit(fits_no_more, countries=("PE",))
        withdraw(gone)
        html = page(client, path=address)
        for sentence in (
            "Nuevo en el banco",
            "Cambió: métodos",
            "Su registro cambió y ya no cumple la búsqueda",
            "Un estudio fue retirado del banco.",
        ):
            assert sentence in html
        for study in (new, changed, gone, fits_no_more):
            assert f'href="/estudios/{study.slug}/"' in html

    def test_holds_nothing_of_what_is_not_public(self, client: Client):
        text = {"title": SECRET, "title_es": SECRET, "title_en": SECRET}
        gone = make_study(stage=Stage.PUBLISHED, countries=("BO",), **text)
        address = self.compare_url(client)
        withdraw(gone)
        make_study(countries=("BO",), **text)
        assert SECRET not in page(client, path=address)

    def test_says_when_words_may_find_something_else(self, client: Client):
        address = self.compare_url(client)
        assert "cambiaron también los vocabularios" not in page(client, path=address)
        with vocabulary_change():
            pass
        assert "cambiaron también los vocabularios" in page(client, path=address)

    @pytest.mark.parametrize("since", ["-1", "abc", "", "9" * 30, "1e3", "٣", "999999"])
    def test_of_an_unknown_version_is_said_to_be_unknown(self, client: Client, since: str):
        assert "El banco no tiene ninguna versión" in page(client, urlencode({"since": since}))

    def test_of_too_many_records_is_refused_with_a_sentence(self, client: Client, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("search.lists.list_diff.compare_list.__defaults__", (10,))
        assert "Desde entonces cambiaron más de" in page(client, "since=0")
