"""Sentences with links: what the bank marks becomes a link, and what somebody typed never does."""

from __future__ import annotations

import pytest
from django.test import Client
from lxml import etree
from lxml.html import document_fromstring

from search.web.evidence.sentences import Sentence, SentencePart, mark_link, parse_sentence, remove_marks
from studies.models import Stage
from studies.records.study import CostRecord
from tests.factories import make_study

FOREIGN = (
    "javascript:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "https://evil.example/", "//evil.example",
    "/\\evil.example", "/\t/evil.example", "\\\\evil.example",
)  # fmt: skip
TYPED = "\x02aquí\x1fjavascript:alert(1)\x03"
"""A link as the bank marks its own, in a text that somebody typed."""


class TestASentence:
    def test_has_links_where_the_bank_marked_them(self):
        number = mark_link("3", "/estudios/?page=1")
        assert parse_sentence(f"Hay {number}.") == Sentence(
            (SentencePart("Hay "), SentencePart("3", "/estudios/?page=1"), SentencePart("."))
        )

    @pytest.mark.parametrize("url", FOREIGN)
    def test_leads_to_pages_of_the_bank_alone(self, url):
        assert parse_sentence(f"Vea \x02aquí\x1f{url}\x03.") == Sentence((SentencePart(f"Vea aquí{url}."),))

    def test_takes_no_mark_from_a_text_that_is_linked(self):
        assert parse_sentence(mark_link(TYPED, "/")).parts == (SentencePart("aquíjavascript:alert(1)", "/"),)

    def test_takes_none_from_a_text_without_its_marks(self):
        assert parse_sentence(remove_marks("\x02a\x1f/b/\x03")) == Sentence((SentencePart("a/b/"),))


@pytest.mark.django_db
@pytest.mark.usefixtures("memory_engine")
class TestAPage:
    def hrefs(self, client: Client, path: str, **query: str) -> list[str]:
        answer = client.get(path, query)
        assert answer.status_code == 200
        tree = document_fromstring(answer.content.decode())
        return [link.get("href", "") for link in tree.iter("a") if "aquí" in link.text_content()]

    @pytest.mark.parametrize("path", ["/ficha/", "/en/brief/", "/evidencia/"])
    @pytest.mark.parametrize("url", ["javascript:alert(1)", "/fuera/"])
    def test_makes_no_link_of_a_readers_words(self, client, path, url):
        assert self.hrefs(client, path, q=f"violencia O \x02aquí\x1f{url}\x03") == []

    @pytest.mark.parametrize("path", ["/intervenciones/shelter/", "/ficha/"])
    def test_makes_none_of_the_words_of_a_record(self, client, path):
        cost = CostRecord(amount=1.0, currency="USD", statement_es=TYPED, statement_en=TYPED)
        make_study(
            stage=Stage.PUBLISHED, interventions=("shelter",), costs=(cost,), delivery_es=TYPED, delivery_en=TYPED,
            harms="found", harms_es=TYPED, harms_en=TYPED,
        )  # fmt: skip
        assert self.hrefs(client, path, intervention="shelter") == []


@pytest.mark.django_db
@pytest.mark.usefixtures("memory_engine")
class TestAWordFile:
    def test_is_made_whatever_words_were_searched_for(self, client):
        answer = client.get("/ficha/ficha.docx", {"q": "violencia O \x08 O \ufffe O \x1f"})
        assert (answer.status_code, answer.content[:2]) == (200, b"PK")

    def test_is_made_whatever_a_record_says(self, client):
        typed = "a\x02b\x0bc\ufffed"
        make_study(
            stage=Stage.PUBLISHED, interventions=("shelter",), title=typed, title_es=typed, delivery_es=typed,
            delivery_en=typed, harms="found", harms_es=typed, harms_en=typed,
        )  # fmt: skip
        assert client.get("/ficha/ficha.docx", {"intervention": "shelter"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("memory_engine")
class TestAFigure:
    @pytest.mark.parametrize("path", ["/evidencia/figura.svg", "/mapa/figura.svg"])
    def test_is_readable_whatever_words_it_names(self, client, path):
        answer = client.get(path, {"q": "violencia O \x08 O \ufffe O \x1f"})
        assert answer.status_code == 200
        assert etree.fromstring(answer.content) is not None
