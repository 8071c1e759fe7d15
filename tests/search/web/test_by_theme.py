"""The page of the evidence of the whole bank: a line for each theme leads to its answer, and the files hold all."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from search.criteria.evidence_address import TablePlace
from search.criteria.filters import read_criteria
from search.services.evidence_scope import gather_evidence
from search.web.evidence.study_list import evidence_list
from studies.models import Stage, Study
from studies.store import vocabularies
from studies.synthesis.tables import tally_claims
from tests.factories import make_study
from tests.html_pages import page_of, parts, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

THEMES = ".//section[@aria-labelledby='por-tema']"


def lines(client: Client, path: str = "/evidencia/") -> list[Any]:
    return page_of(client, path).xpath(f"{THEMES}//tbody/tr")


class TestTheWholeBank:
    @pytest.mark.parametrize(("path", "themes"), [("/evidencia/", "/temas/"), ("/en/evidence/", "/en/themes/")])
    def test_has_a_line_for_each_theme_that_leads_to_its_answer(self, client: Client, path: str, themes: str):
        urls = [line.xpath("./th/a/@href")[0] for line in lines(client, path)]
        assert urls == [f"{themes}{term.code}/" for term in vocabularies.current().terms("themes")]

    def test_counts_what_its_lists_hold(self, client: Client):
        for term, line in zip(vocabularies.current().terms("themes"), lines(client), strict=True):
            studies, evaluations = line.xpath("./td[position() < 3]/a")
            published = Study.objects.published().filter(terms__code=term.code).distinct().count()
            assert int(text_of(studies).replace("\u202f", "")) == published
            data = QueryDict(urlsplit(evaluations.get("href")).query)
            found = evidence_list(gather_evidence(read_criteria(data)), TablePlace.from_query(data), 1, "es")
            assert int(text_of(evaluations).replace("\u202f", "")) == found.evaluations

    def test_is_in_themes_without_a_study_left_out(self):
        assert not Study.objects.published().exclude(terms__vocabulary="themes").exists()

    def test_leaves_tables_and_plots_to_the_pages_of_themes(self, client: Client):
        page = page_of(client, "/evidencia/")
        assert not parts(page, "sof")
        assert parts(page_of(client, "/temas/prevention/"), "sof")

    def test_has_files_of_all_evaluations(self, client: Client):
        answer = client.get("/evidencia/datos.csv")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        body = gather_evidence(read_criteria(QueryDict("")))
        rows = list(csv.reader(StringIO(text)))[1:]
        assert len(rows) >= tally_claims(body.studies, body.evidence).evaluations

    def test_counts_no_draft(self, client: Client):
        before = [text_of(line) for line in lines(client)]
        make_study(stage=Stage.DRAFT)
        assert [text_of(line) for line in lines(client)] == before


class TestCriteria:
    @pytest.mark.parametrize("query", ["theme=prevention", "country=PE", "q=transferencias", "year_from=2015"])
    def test_have_their_whole_answer_on_the_page(self, client: Client, query: str):
        page = page_of(client, f"/evidencia/?{query}")
        assert not page.xpath(THEMES)
        assert parts(page, "sof")
