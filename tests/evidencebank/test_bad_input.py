"""Whatever is asked, a page says what to do: never an error of the program, never silence."""

from __future__ import annotations

import re
import socket
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.criteria.facets import FACET_PARAMETERS, PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.index import indexing
from search.query.tokenizer import LONGEST_QUERY
from tests.bank_server import BankServer
from tests.thorough import examples, mainly

LONGEST_REQUEST_LINE = 8_190
PAGES = (
    "/",
    "/estudios/",
    "/estudios/abramsky-2014-sasa/",
    "/temas/autonomy/",
    "/programas/",
    "/ayuda/",
    "/componentes/",
)
FILES = ("/estudios/exportar.ris", "/estudios/abramsky-2014-sasa/cita.bib", "/robots.txt", "/healthz", "/readyz")


@pytest.fixture
def memory_engine(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The naive engine with the real bank: these tests ask what a page answers, not how it was found."""
    engine = MemoryEngine(FACET_PARAMETERS)
    monkeypatch.setattr(indexing, "get_engine", lambda: engine)
    indexing.rebuild()


def hints(html: str) -> str:
    """The sentences below the search box; empty where there are none."""
    found = re.search(r'<div class="understood" id="avisos">(.*?)</div>', html, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[1])).strip() if found else ""


def request_line(length: int, start: str = "GET /estudios/?q=", fill: str = "a") -> bytes:
    """Make the first line of a request, `length` bytes long without its line end."""
    end = " HTTP/1.1"
    return (start + fill * (length - len(start) - len(end)) + end).encode()


def ask_raw(server: BankServer, line: bytes) -> bytes:
    """Send bytes that no library would, and return the whole answer; the socket's time limit stands against a hang."""
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
        connection.sendall(line + b"\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    return answer


class TestLongAddresses:
    def test_the_longest_request_line_is_answered_and_the_bound_told(self, bank_server):
        answer = ask_raw(bank_server, request_line(LONGEST_REQUEST_LINE))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert f"La búsqueda pasa de {LONGEST_QUERY} caracteres" in answer.decode()

    @pytest.mark.parametrize("fill", ["%00", "(", "%22", "*", "-a+", "a+O+", "%C3%B1", "&theme=a", "&q=b"])
    def test_so_are_hostile_ones(self, bank_server, fill):
        start = "GET /estudios/?q="
        line = (start + fill * ((LONGEST_REQUEST_LINE - len(start) - 9) // len(fill)) + " HTTP/1.1").encode()
        assert ask_raw(bank_server, line).startswith(b"HTTP/1.1 200 ")

    @pytest.mark.parametrize("length", [LONGEST_REQUEST_LINE + 1, 20_000, 1_000_000])
    def test_a_longer_one_is_refused_at_once(self, bank_server, length):
        try:
            answer = ask_raw(bank_server, request_line(length))
        except ConnectionResetError:
            # The server answered and closed before it was told everything.
            assert length > LONGEST_REQUEST_LINE + 1
        else:
            assert re.match(rb"HTTP/1.1 4\d\d ", answer)
        assert bank_server.get("/healthz").status == 200

    @pytest.mark.parametrize("q", mainly(1, ["(" * 100_000, "a" * 100_000, "a " * 50_000, '"' * 99_999, "ñ-" * 40_000]))
    def test_longer_words_than_a_server_takes_are_cut_and_the_bound_told(self, client, memory_engine, q):
        response = client.get("/estudios/", {"q": q})
        assert response.status_code == 200
        assert f"La búsqueda pasa de {LONGEST_QUERY} caracteres" in hints(response.content.decode())

    def test_a_thousand_choices_are_answered(self, client, memory_engine):
        codes = [f"nada-{number}" for number in range(1_000)]
        assert client.get("/estudios/", {"country": codes, "theme": codes}).status_code == 200


class TestOddQueries:
    @pytest.mark.parametrize(
        ("q", "told"),
        [
            ("***", "«***» no tiene letras ni cifras que buscar: se muestran todos los estudios."),
            ('"violencia de pareja', "Falta una comilla: las palabras se buscaron sueltas."),
            ("((violencia)", "Falta un paréntesis: el que sobra no se usó."),
            ("violencia))", "Falta un paréntesis: el que sobra no se usó."),
            ("violencia O", "«O» no tiene una palabra a cada lado: no se usó."),
            ("(" * 20 + "violencia" + ")" * 20, "Hay más de 10 paréntesis unos dentro de otros"),
            (
                " ".join(f"palabra{n}" for n in range(25)) + " a1 b2 c3 d4 e5 f6 g7 h8",
                "La búsqueda pasa de 32 palabras",
            ),
        ],
    )
    def test_are_answered_with_what_was_not_taken(self, bank_server, q, told):
        assert told in hints(bank_server.page(f"/estudios/?{urlencode({'q': q})}"))

    @pytest.mark.parametrize(
        "q", ["\x00", "mujer\x00es", "\x00" * 50, "\x1f\x7f\u202e", "\ud83d\ude00", "%", "\\", "'"]
    )
    def test_signs_that_nobody_means_do_no_harm(self, bank_server, q):
        path = f"/estudios/?{urlencode({'q': q}, errors='surrogatepass')}"
        assert bank_server.get(path).status == 200

    def test_bytes_that_are_no_text_do_no_harm(self, bank_server):
        assert bank_server.get("/estudios/?q=%ff%fe%80&theme=%c3").status == 200
        assert ask_raw(bank_server, b"GET /estudios/?q=\xff\xfe\x80 HTTP/1.1").startswith(b"HTTP/1.1 ")

    @pytest.mark.parametrize("charset", ["utf-7", "utf-16", "unicode_escape"])
    @pytest.mark.parametrize("path", ["/estudios/", "/programas/", "/seleccion/", "/comparar/", "/api/v1/studies/"])
    def test_a_charset_that_makes_what_no_database_takes_does_no_harm(self, bank_server, path, charset):
        halves = "+2AA-+AAA- \\ud800\\x00"
        query = urlencode({"q": halves, "theme": halves, "id": halves})
        answer = bank_server.get(f"{path}?{query}", headers={"Content-Type": f"text/plain; charset={charset}"})
        assert answer.status == 200

    @pytest.mark.parametrize("charset", ["base64", "idna"])
    @pytest.mark.parametrize(
        "path", ["/estudios/", "/seleccion/", "/avisos/", "/admin/login/", "/oai/", "/api/v1/studies/", "/nada/"]
    )
    def test_a_form_in_an_encoding_that_is_none_of_text_is_answered(self, bank_server, path, charset):
        content_type = f"application/x-www-form-urlencoded; charset={charset}"
        answer = bank_server.get(f"{path}?q=..", method="POST", headers={"Content-Type": content_type})
        assert answer.status < 500

    def test_markup_stays_text(self, bank_server):
        html = bank_server.page(
            "/estudios/?q=%3Cscript%3Ealert(1)%3C/script%3E&theme=%22%3E%3Cb%3E&year_from=%22%3E%3Cb%3E"
        )
        assert "<script>alert" not in html
        assert '"><b>' not in html


class TestOddCriteria:
    def test_an_unknown_code_is_named(self, bank_server):
        html = bank_server.page("/estudios/?theme=nada")
        assert "El filtro «Tema» no tiene la opción «nada»: con ella no hay resultados." in hints(html)

    def test_beside_a_known_code_it_is_named_and_left_out(self, bank_server):
        html = bank_server.page("/estudios/?theme=nada&theme=autonomy")
        assert "El filtro «Tema» no tiene la opción «nada»: no se usó." in hints(html)
        assert 'class="card"' in html

    def test_a_page_past_the_end_is_the_last_one_and_says_so(self, bank_server):
        html = bank_server.page("/estudios/?page=999")
        assert "La lista no llega a la página 999: esta es la última." in hints(html)
        assert 'class="card"' in html

    @pytest.mark.parametrize("year", ["abcd", "99999", "-1", "20 15", "%00", "२०१५"])
    def test_a_year_that_is_none_is_said_to_be_none(self, bank_server, year):
        html = bank_server.page(f"/estudios/?{urlencode({'year_from': year})}")
        if year != "२०१५":  # Python reads the digits of every script, and 2015 is a year
            assert 'class="field__error"' in html
        assert 'class="card"' in html

    @pytest.mark.parametrize(
        "query",
        ["page=0", "page=-1", "page=abc", f"page={'9' * 40}", "page=%00", "page_size=7", "sort=nada", "all=x", "="],
    )
    def test_what_cannot_be_read_counts_as_not_given(self, bank_server, query):
        assert 'class="card"' in bank_server.page(f"/estudios/?{query}")

    def test_years_the_wrong_way_round_find_nothing_and_show_a_way_out(self, bank_server):
        html = bank_server.page("/estudios/?year_from=2020&year_to=2010")
        assert "Ningún estudio del banco reúne todo eso" in html
        assert 'class="ways"' in html


class TestUnknownAddresses:
    @pytest.mark.parametrize(
        "path",
        [
            "/nada/", "/estudios/nada/", "/estudios/NADA/", "/temas/nada/", "/estudios/exportar.exe", "/estudios/a%00/",
            "/estudios/abramsky-2014-sasa/cita.exe", "/estudios/nada/cita.ris", "/%00", "/%ff/",
            "/..%2f..%2fetc/passwd",
            "/static/nada.css", "/static/..%2f..%2fbank.sqlite3", "/static/%00", "/en/nada/", "/es/", "//estudios/",
        ],
    )  # fmt: skip
    def test_are_not_found_and_offer_the_search(self, bank_server, path):
        answer = bank_server.get(path)
        assert answer.status == 404
        assert '<input id="q" name="q" type="search"' in answer.text

    @pytest.mark.parametrize("path", ["/estudios", "/en/studies", "/estudios/abramsky-2014-sasa"])
    def test_a_lost_slash_leads_on(self, bank_server, path):
        answer = bank_server.get(path)
        assert (answer.status, answer.headers["location"]) == (301, f"{path}/")

    def test_a_foreign_host_is_refused_with_a_sentence(self, bank_server):
        answer = bank_server.get("/", headers={"Host": "evil.example"})
        assert answer.status == 400
        assert "evil.example" not in answer.text


class TestWrongMethods:
    """Never an error of the program, nor a form that lacks its token: a page is only read."""

    METHODS = ("POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "BREW")

    @pytest.mark.parametrize("path", [*PAGES, *FILES, "/sitemap.xml", "/sitemap-studies.xml"])
    def test_are_not_allowed_and_those_that_are_get_named(self, bank_server, path):
        answers = {method: bank_server.get(path, method=method) for method in self.METHODS}
        assert {method: answer.status for method, answer in answers.items()} == dict.fromkeys(self.METHODS, 405)
        assert all({"GET", "HEAD"} <= set(answer.headers["allow"].split(", ")) for answer in answers.values())

    def test_the_answer_says_what_to_do_instead(self, bank_server):
        assert '<input id="q" name="q" type="search"' in bank_server.get("/estudios/", method="POST").text

    @pytest.mark.parametrize("path", [*PAGES, *FILES])
    def test_head_gives_the_headers_alone(self, bank_server, path):
        answer = bank_server.get(path, method="HEAD")
        assert (answer.status, answer.body) == (200, b"")

    def test_head_leaves_no_line_in_the_log(self, bank_server):
        before = len(bank_server.log)
        bank_server.get("/healthz", method="HEAD")
        assert bank_server.log[before:] == ""


PIECES = st.one_of(
    st.sampled_from(["O", "OR", "Y", "AND", "NO", "NOT", "perú", "-brasil", "mujer*", "título:", "año:2015-", "¿qué"]),
    st.sampled_from(['"', "(", ")", "-", "*", ":", "«", "“", "\x00", "\n", "10.1234/x", "https://"]),
    st.text(max_size=12),
)
VALUES = st.one_of(st.lists(PIECES, max_size=12).map(" ".join), st.text(max_size=40), st.integers().map(str))
NAMES = st.one_of(
    st.sampled_from(["q", "year_from", "year_to", "sort", "page", "page_size", "all", *PARAMETERS]), st.text(max_size=8)
)


@pytest.mark.django_db
class TestAnyQuery:
    @settings(max_examples=examples(80), suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(NAMES, VALUES), max_size=8))
    def test_is_answered_with_a_page(self, memory_engine, given_pairs):
        query = urlencode(given_pairs, errors="surrogatepass")
        response = Client().get(f"/estudios/?{query}")
        assert response.status_code == 200

    @settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.binary(max_size=60))
    def test_is_answered_whatever_its_bytes(self, memory_engine, raw):
        # As a server hands it over: every byte as a letter of Latin 1.
        assert Client().get("/estudios/", QUERY_STRING=raw.decode("latin-1")).status_code == 200

    @settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(NAMES, VALUES), max_size=4))
    def test_is_exported_without_the_index_too(self, given_pairs):
        query = urlencode(given_pairs, errors="surrogatepass")
        with_page = Client().get(f"/estudios/?{query}")
        exported = Client().get(f"/estudios/exportar.json?{query}&theme=autonomy&year_from=2024")
        assert with_page.status_code == exported.status_code == 200
        assert b"".join(exported).endswith(b"]\n")
