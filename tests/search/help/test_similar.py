"""Studies similar to one, on its own page: each once, with the reason in words."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from search.contract import IndexMissing
from search.engines.whoosh.engine import WhooshEngine
from search.help.similar import MOST_OF_A_KIND, SimilarStudy, find_similar_studies
from studies.models import Stage, Study
from studies.store import vocabularies
from tests.factories import make_study

pytestmark = pytest.mark.django_db


def similar(slug: str, shown: tuple[int, ...] = ()) -> tuple[SimilarStudy, ...]:
    return find_similar_studies(Study.objects.for_detail().get(slug=slug), shown)


def of_kind(kind: str, found: tuple[SimilarStudy, ...]) -> list[Study]:
    return [each.study for each in found if each.kind == kind]


def codes(study: Study, vocabulary: str) -> set[str]:
    terms = vocabularies.current().by_id
    return {terms[row.term_id].code for row in study.study_terms.all() if terms[row.term_id].vocabulary == vocabulary}


class TestSimilarStudies:
    def test_of_the_programme_come_first(self, whoosh_engine: WhooshEngine) -> None:
        found = similar("cookson-2018-unjust-conditions")
        own = of_kind("programme", found)
        assert len(own) == 3
        assert [each.study for each in found[:3]] == own
        assert {study.programme.slug for study in own if study.programme} == {"juntos"}

    def test_of_its_interventions_measure_none_of_its_outcomes(self, whoosh_engine: WhooshEngine) -> None:
        study = Study.objects.for_detail().get(slug="abramsky-2014-sasa")
        own = of_kind("intervention", similar(study.slug))
        assert own
        for other in own:
            assert codes(other, "interventions") & codes(study, "interventions")
            assert not codes(other, "outcomes") & codes(study, "outcomes")

    def test_close_in_content_share_an_intervention_or_an_outcome(self, whoosh_engine: WhooshEngine) -> None:
        study = Study.objects.for_detail().get(slug="abramsky-2014-sasa")
        for other in of_kind("content", similar(study.slug)):
            assert (codes(other, "interventions") | codes(other, "outcomes")) & (
                codes(study, "interventions") | codes(study, "outcomes")
            )

    def test_are_few_of_each_kind_each_once_and_never_the_study_itself(self, whoosh_engine: WhooshEngine) -> None:
        for slug in ("abramsky-2014-sasa", "cookson-2018-unjust-conditions", "diaz-2022-juntos-peru"):
            found = similar(slug)
            slugs = [each.study.slug for each in found]
            assert len(set(slugs)) == len(slugs)
            assert slug not in slugs
            assert all(len(of_kind(kind, found)) <= MOST_OF_A_KIND for kind in ("programme", "intervention", "content"))

    def test_that_the_page_names_already_do_not_come_again(self, whoosh_engine: WhooshEngine) -> None:
        first = similar("abramsky-2014-sasa")[0].study
        assert first not in [each.study for each in similar("abramsky-2014-sasa", (first.pk,))]

    def test_are_published(self, whoosh_engine: WhooshEngine) -> None:
        study = make_study(stage=Stage.PUBLISHED)
        draft = make_study()
        assert draft.slug not in [each.study.slug for each in similar(study.slug)]

    def test_there_are_none_without_an_index(self) -> None:
        assert similar("abramsky-2014-sasa") == ()


class TestOnTheStudyPage:
    def section(self, client: Client, path: str) -> str:
        html = client.get(path).content.decode()
        found = re.search(r'<section[^>]* aria-labelledby="similares">.*?</section>', html, re.DOTALL)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])) if found else ""

    def test_reasons_are_given_in_words(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        words = self.section(client, "/estudios/cookson-2018-unjust-conditions/")
        assert "Mismo programa: Juntos" in words
        assert "Misma intervención, otro resultado: Transferencias monetarias y en especie" in words
        assert "Contenido cercano: " in words

    def test_studies_of_the_same_evaluation_are_not_repeated(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        html = client.get("/estudios/abramsky-2014-sasa/").content.decode()
        for slug in set(re.findall(r'href="(/estudios/[^"/]+/)"', html)) - {"/estudios/abramsky-2014-sasa/"}:
            assert html.count(f'list__title"><a href="{slug}"') <= 1

    def test_the_page_works_without_an_index(self, client: Client) -> None:
        assert self.section(client, "/estudios/abramsky-2014-sasa/") == ""

    def test_costs_four_queries_whatever_is_similar(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        path = "/estudios/abramsky-2014-sasa/"
        client.get(path)
        with CaptureQueriesContext(connection) as with_similar:
            assert self.section(client, path)
        whoosh_engine.search = lambda request: (_ for _ in ()).throw(IndexMissing())  # type: ignore[method-assign]
        with CaptureQueriesContext(connection) as without:
            assert self.section(client, path) == ""
        assert len(with_similar) - len(without) == 4
