"""Lists of studies with some of the words of a query: the criterion `match` in list, count, file, feed, record, API."""

from __future__ import annotations

import json
from itertools import combinations

import pytest
from django.test import Client

from search.contract import Filters
from search.criteria.criteria import Criteria
from search.engines.memory.engine import MemoryEngine
from search.engines.whoosh.engine import WhooshEngine
from search.lists import past_records
from search.query.tree import Word
from search.services import public_search
from search.services.some_words import SplitQuery
from studies.models import Stage, Study
from studies.store.exchange.study import to_record
from tests.factories import make_study
from tests.search.made_up_lists import QUERY, WORD, publish_on_xylophones

pytestmark = pytest.mark.django_db

PATH = "q=sasa+caballos&match=1"


def keys(q: str, **criteria: object) -> set[int]:
    return set(public_search.list_ids(Criteria(q=q, **criteria)))  # type: ignore[arg-type]


class TestMatch:
    def test_asks_for_any_so_many_of_the_parts(self, whoosh_engine: WhooshEngine) -> None:
        parts = ("transferencias", "alcohol", "radio", "rural")
        for match in (1, 2, 3):
            expected = set().union(*(keys(" ".join(some)) for some in combinations(parts, match)))
            assert keys(" ".join(parts), match=match) == expected

    def test_of_all_parts_or_more_or_of_a_single_word_is_the_plain_list(self, whoosh_engine: WhooshEngine) -> None:
        for q, match in (("transferencias alcohol", 2), ("transferencias alcohol", 7), ("alcohol", 1), ("", 1)):
            assert public_search.list_ids(Criteria(q=q, match=match)) == public_search.list_ids(Criteria(q=q))

    def test_exclusions_years_and_named_countries_hold_in_any_case(self, whoosh_engine: WhooshEngine) -> None:
        some = keys("alcohol xyzzy -ensayo país:perú año:2010-", match=1)
        assert some == keys("alcohol -ensayo país:perú año:2010-")
        assert some

    def test_a_part_of_several_words_is_there_together_or_apart(self, whoosh_engine: WhooshEngine) -> None:
        publish_on_xylophones(1)
        apart = '"xilófonos ensayo" xyzzy'
        assert keys(apart, match=1) == keys("xilófonos ensayo") != set()

    def test_what_the_whole_bank_is_about_is_no_part(self, whoosh_engine: WhooshEngine) -> None:
        assert keys("alcohol radio violencia", match=1) == keys("alcohol radio", match=1)
        assert keys("violencia mujeres", match=1) > keys("violencia mujeres") != set()

    def test_a_name_alone_is_split_into_its_words(self, whoosh_engine: WhooshEngine) -> None:
        assert keys("huérfanos de feminicidio", match=1) >= keys("feminicidio") != set()

    def test_both_engines_give_one_list(self, whoosh_engine: WhooshEngine, memory_engine: MemoryEngine) -> None:
        split = public_search.split_words(Criteria(q="transferencias alcohol mujeres -perú"))
        assert split is not None
        request = public_search.SearchRequest(split.at_least(2), Filters(), "relevance", limit=None, count=False)
        assert memory_engine.search(request).hits == whoosh_engine.search(request).hits

    def test_every_number_of_parts_has_a_tree_of_bounded_size(self) -> None:
        parts = tuple((str(number), Word(str(number), str(number))) for number in range(8))
        split = SplitQuery(parts, tuple(node for _text, node in parts), ())
        assert max(len(repr(split.at_least(number))) for number in range(1, 8)) < 30_000

    @pytest.mark.parametrize("q", ["\x00", "(((", '"', "-a -b", "O O O", "x " * 200, "NO NO", "a" * 5_000, "10.1/x y"])
    def test_any_words_have_an_answer(self, q: str, client: Client, memory_engine: MemoryEngine) -> None:
        for match in ("1", "7", "0", "-1", "x", "99999999999"):
            assert client.get("/estudios/", {"q": q, "match": match}).status_code == 200


class TestWhatItReaches:
    @pytest.fixture(autouse=True)
    def _index(self, memory_engine: MemoryEngine) -> None:
        pass

    def total(self) -> int:
        return public_search.count(Criteria(q="sasa caballos", match=1))

    def test_the_page_says_what_the_list_is_and_what_each_study_lacks(self, client: Client) -> None:
        page = " ".join(client.get(f"/estudios/?{PATH}").content.decode().split())
        assert f'<h2 id="n">{self.total()} estudios' in page
        assert "Tienen al menos 1 de las 2 partes de su búsqueda" in page
        assert page.count('<p class="card__note">No tiene: «caballos».</p>') == self.total()
        assert '<a href="/estudios/?q=sasa+caballos">Solo los que tienen todas</a>' in page
        assert '<input type="hidden" name="match" value="1">' in page
        assert "They have at least 1 of the 2 parts" in client.get(f"/en/studies/?{PATH}").content.decode()

    def test_files_feed_record_and_api_hold_the_same_list(self, client: Client) -> None:
        slugs = [record.id for record in public_search.iterate(Criteria(q="sasa caballos", match=1))]
        file = json.loads(b"".join(client.get(f"/estudios/exportar.json?{PATH}")))
        assert [item["id"] for item in file] == slugs
        api = client.get(f"/api/v1/studies/?{PATH}").json()
        assert (api["total"], [study["id"] for study in api["results"]]) == (len(slugs), slugs)
        record = client.get(f"/registro-de-busqueda/registro.json?{PATH}").json()
        assert (record["found"], record["query"]["match"]) == (len(slugs), 1)
        assert "Tienen al menos 1 de las 2 partes" in client.get(f"/registro-de-busqueda/?{PATH}").content.decode()
        feed = client.get(f"/feeds/estudios.atom?{PATH}").content.decode()
        assert "al menos 1 parte de ellas" in feed
        assert all(f"/estudios/{slug}/" in feed for slug in slugs)

    def test_an_unknown_number_is_refused_by_the_api_and_ignored_by_the_page(self, client: Client) -> None:
        assert client.get("/api/v1/studies/?q=sasa&match=9").status_code == 400
        assert "Solo los que tienen todas" not in client.get("/estudios/?q=sasa+caballos&match=9").content.decode()

    def test_records_of_the_past_are_matched_alike(self) -> None:
        publish_on_xylophones(1)
        study = Study.objects.get(title_es__startswith="Xilófonos")
        record = to_record(study)
        for match, expected in ((1, {study.pk}), (None, set())):
            found = past_records.match_past_records(Criteria(q=f"{WORD} xyzzy", match=match), {study.pk: record})
            assert found == expected

    def test_no_draft_is_in_it(self, client: Client) -> None:
        make_study(title_es="Xilófonos")
        assert public_search.count(Criteria(q=f"{WORD} caballos", match=1)) == 0
        make_study(stage=Stage.PUBLISHED, title_es="Xilófonos")
        assert '<h2 id="n">1 ' in " ".join(client.get(f"/estudios/?{QUERY}+caballos&match=1").content.decode().split())
