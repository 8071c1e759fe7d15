"""The bank as its server hands it over: weight, caching, compression, headers."""

from __future__ import annotations

import gzip
import json
import re
from html import unescape

import pytest

from tests.bank_server import Answer, BankServer

MOST_OF_A_PAGE = 30_000
"""Bytes over the wire for a page of 20 cards, by the design of the pages."""
LISTS = (
    "/estudios/",
    "/en/studies/",
    "/estudios/?q=violencia+mujeres",
    "/en/studies/?q=police&all=country",
)


def compressed(server: BankServer, path: str) -> Answer:
    answer = server.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert answer.status == 200
    return answer


class TestWeight:
    @pytest.mark.parametrize("path", LISTS)
    def test_a_page_of_twenty_cards_is_light(self, bank_server, path):
        answer = compressed(bank_server, path)
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(answer.body).count(b'<article class="card"') == 20
        assert len(answer.body) <= MOST_OF_A_PAGE

    @pytest.mark.parametrize("path", ["/", "/en/", "/estudios/"])
    def test_so_is_a_first_visit_with_all_that_the_page_needs(self, bank_server, path):
        page = compressed(bank_server, path)
        needed = re.findall(r'(?:href|src)="(/static/[^"]*)"', gzip.decompress(page.body).decode())
        assert len(needed) >= 6
        assert len(page.body) + sum(len(compressed(bank_server, each).body) for each in set(needed)) <= MOST_OF_A_PAGE

    def test_a_reader_that_cannot_decompress_gets_plain_text(self, bank_server):
        answer = bank_server.get("/estudios/", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in answer.headers
        assert answer.text.lstrip().startswith("<!doctype html>")


class TestStaticFiles:
    def test_are_named_by_their_content_and_kept_for_ever(self, bank_server):
        for path in set(re.findall(r'(?:href|src)="(/static/[^"]*)"', bank_server.page("/"))):
            answer = bank_server.get(path)
            assert answer.status == 200
            assert "immutable" in answer.headers["cache-control"]


class TestHeaders:
    @pytest.mark.parametrize("path", ["/", "/en/studies/", "/estudios/abramsky-2014-sasa/", "/no-existe/"])
    def test_every_page_comes_with_what_keeps_its_reader_safe(self, bank_server, path):
        headers = bank_server.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert "set-cookie" not in headers

    def test_the_language_is_told(self, bank_server):
        assert bank_server.get("/").headers["content-language"] == "es"
        assert bank_server.get("/en/").headers["content-language"] == "en"

    def test_the_language_is_that_of_the_address_whatever_the_browser_speaks(self, bank_server):
        answer = bank_server.get("/", headers={"Accept-Language": "en"})
        assert answer.headers["content-language"] == "es"
        assert '<html lang="es">' in answer.text


class TestReadiness:
    def test_tells_that_index_and_database_are_at_the_same_change(self, bank_server):
        told = json.loads(bank_server.page("/readyz"))
        assert told["database"] == told["index"] == "ready"
        assert told["index_change"] == told["change"]


class TestSitemap:
    def test_leads_to_pages_that_exist(self, bank_server):
        parts = re.findall(r"<loc>([^<]*)</loc>", bank_server.page("/sitemap.xml"))
        maps = "".join(bank_server.page(part.removeprefix(bank_server.url)) for part in parts)
        found = [unescape(each) for each in re.findall(r"<loc>([^<]*)</loc>", maps)]
        assert len(found) == len(set(found)) > 600
        for address in found[:: len(found) // 12]:
            assert address.startswith(bank_server.url)
            assert bank_server.get(address.removeprefix(bank_server.url)).status == 200
