"""Suggestions while somebody types: the names, and what the search boxes are answered (S7)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.criteria.criteria import Criteria
from search.criteria.filters import read_criteria
from search.engines.memory.engine import MemoryEngine
from search.engines.whoosh.engine import WhooshEngine
from search.help.suggest import MOST_AUTHORS, MOST_PROGRAMMES, MOST_TERMS, MOST_TITLES, find_suggestions
from search.services import public_search
from studies.models import Stage
from studies.web.shared.responses import SHARED_CONTROL
from tests.factories import make_intervention, make_study, withdraw
from tests.studies.records_factory import author
from tests.thorough import examples

pytestmark = pytest.mark.django_db

CASH = Criteria(chosen={"intervention": ("cash-transfer",)})
SPANISH, ENGLISH = "/estudios/sugerencias.json", "/en/studies/suggestions.json"


def texts(typed: str, kind: str, language: str = "es") -> list[str]:
    return [str(each.text) for each in find_suggestions(typed, language) if each.kind == kind]


class TestNames:
    def test_words_that_begin_any_word_of_a_name_suggest_it(self, whoosh_engine: WhooshEngine) -> None:
        assert "Violencia física de pareja" in texts("pareja fis", "term")
        assert texts("ARDEN", "term") == []

    def test_a_name_is_found_in_either_language_and_given_in_that_of_the_page(
        self, whoosh_engine: WhooshEngine
    ) -> None:
        assert texts("cash", "term") == texts("moneta", "term") == ["Transferencias monetarias y en especie"]
        assert texts("moneta", "term", "en") == ["Cash and in-kind transfers"]

    def test_terms_tell_the_number_of_studies_of_their_lists(self, whoosh_engine: WhooshEngine) -> None:
        terms = [each for each in find_suggestions("vio", "es") if each.kind in ("term", "programme")]
        assert terms
        for each in terms:
            assert each.criteria is not None
            assert public_search.search(each.criteria).total == each.total > 0

    def test_a_programme_is_found_by_its_alias(self, whoosh_engine: WhooshEngine) -> None:
        assert "Centros Emergencia Mujer" in texts("CEM", "page")
        assert "Centros Emergencia Mujer" not in texts("CEM", "programme")

    def test_a_region_of_one_country_is_not_said_twice(self, whoosh_engine: WhooshEngine) -> None:
        assert texts("peru", "term") == ["Perú"]

    def test_an_author_leads_to_the_studies_that_name_her(self, whoosh_engine: WhooshEngine) -> None:
        for _ in range(2):
            make_study(stage=Stage.PUBLISHED, authors=(author("Zxcvbk", "Melissa"),))
        (found,) = [each for each in find_suggestions("zxcv", "es") if each.kind == "author"]
        assert found.text == "Melissa Zxcvbk"
        assert found.criteria is not None
        assert public_search.search(found.criteria).total == found.total == 2

    def test_a_title_leads_to_its_study(self, whoosh_engine: WhooshEngine) -> None:
        study = make_study(stage=Stage.PUBLISHED, title_es="Resultados de los xilófonos")
        found = [each for each in find_suggestions("resultados xilo", "es") if each.kind == "title"]
        assert [each.slug for each in found] == [study.slug]

    def test_names_of_each_kind_are_few(self, whoosh_engine: WhooshEngine) -> None:
        bounds = {"term": MOST_TERMS, "programme": MOST_PROGRAMMES, "author": MOST_AUTHORS, "title": MOST_TITLES}
        for typed in ("vio", "mar", "per"):
            assert all(len(texts(typed, kind)) <= most for kind, most in bounds.items())

    @pytest.mark.parametrize("typed", ["", " ", "v", "a b c", "!!", "%", "_", "xyzzy"])
    def test_too_little_and_unknown_words_suggest_nothing(self, typed: str, whoosh_engine: WhooshEngine) -> None:
        assert find_suggestions(typed, "es") == ()

    def test_without_an_index_terms_come_without_numbers(self) -> None:
        (transfers,) = [each for each in find_suggestions("moneta", "es") if each.kind == "term"]
        assert transfers.total is None


class TestOnlyWhatIsPublished:
    def test_neither_drafts_nor_withdrawn_studies_are_named(self, whoosh_engine: WhooshEngine) -> None:
        own = {"title_es": "Xilofonistas", "authors": (author("Xilo", "Ana"),)}
        make_study(**own)
        withdraw(make_study(stage=Stage.PUBLISHED, **own))
        assert find_suggestions("xilo", "es") == ()
        make_study(stage=Stage.PUBLISHED, **own)
        assert {each.kind for each in find_suggestions("xilo", "es")} >= {"title"}

    def test_a_term_that_only_a_draft_carries_is_not_suggested(self, whoosh_engine: WhooshEngine) -> None:
        make_study(interventions=(make_intervention().code,), findings=())
        assert texts("xilof", "term") == []

    def test_no_word_of_a_draft_ever_comes_out(self, whoosh_engine: WhooshEngine) -> None:
        make_study(
            title="Qwfpg luy",
            title_es="Qwfpg luy",
            title_en="Qwfpg luy",
            authors=(author("Zxcvbk", "Qwfpg"),),
            year=2030,
        )

        @settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
        @given(st.text("qwfpgluyzxcvbkaeio ", min_size=1, max_size=8))
        def always(typed: str) -> None:
            for each in find_suggestions(typed, "es"):
                assert not {"Qwfpg", "luy", "Zxcvbk"} & set(str(each.text).split())

        always()


class TestAnswer:
    def ask(self, client: Client, q: str, path: str = SPANISH) -> dict[str, Any]:
        response = client.get(path, {"q": q})
        assert response.status_code == 200
        return response.json()  # type: ignore[no-any-return]

    def test_groups_the_names_with_addresses_of_the_page_language(
        self, client: Client, whoosh_engine: WhooshEngine
    ) -> None:
        option = {
            "text": "Transferencias monetarias y en especie",
            "url": "/estudios/?intervention=cash-transfer",
            "note": f"{public_search.count(CASH)} estudios",
        }
        page = {"text": option["text"], "url": "/intervenciones/cash-transfer/", "note": "Intervención"}
        assert self.ask(client, "moneta")["groups"][:2] == [
            {"label": "Páginas del banco", "options": [page]},
            {"label": "Intervención", "options": [option]},
        ]
        (english,) = self.ask(client, "moneta", ENGLISH)["groups"][1]["options"]
        assert english["url"] == "/en/studies/?intervention=cash-transfer"

    def test_every_address_answers(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        options = [option for group in self.ask(client, "mar")["groups"] for option in group["options"]]
        assert len(options) > 3
        for option in options:
            assert client.get(option["url"]).status_code == 200
            criteria = read_criteria(QueryDict(option["url"].partition("?")[2]))
            # A page is no list.
            if "note" in option and criteria.query_string:
                assert public_search.search(criteria).total == int(option["note"].split()[0])

    def test_a_title_in_another_language_says_so(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        make_study(stage=Stage.PUBLISHED, title="Xylophones", title_es=None, title_en="Xylophones", language="en")
        ((option,),) = [group["options"] for group in self.ask(client, "xylo")["groups"]]
        assert option["lang"] == "en"

    def test_may_be_kept_as_long_as_any_public_page_and_says_nothing_of_who_asked(
        self, client: Client, whoosh_engine: WhooshEngine
    ) -> None:
        response = client.get(SPANISH, {"q": "vio"})
        assert response.headers["Cache-Control"] == SHARED_CONTROL
        assert "Cookie" not in response.headers.get("Vary", "")
        assert not response.cookies

    def test_costs_three_queries_however_much_matches(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        client.get(SPANISH, {"q": "vio"})
        for q, most in (("a", 0), ("vi", 1), ("vio", 3), ("violencia de pareja en mujeres", 3)):
            with CaptureQueriesContext(connection) as captured:
                client.get(SPANISH, {"q": q})
            assert len(captured) <= most, q

    @pytest.mark.parametrize("q", ["x" * 5_000, "\x00", "%_\\'\"", "ñ" * 100, "🙂 ́"])
    def test_any_words_have_an_answer(self, q: str, client: Client, memory_engine: MemoryEngine) -> None:
        assert self.ask(client, q) == {"groups": []}

    def test_is_only_for_reading(self, client: Client) -> None:
        assert client.post(SPANISH, {"q": "vio"}).status_code == 405
        assert client.get(SPANISH).json() == {"groups": []}
