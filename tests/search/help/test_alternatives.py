"""Alternatives for criteria that find nothing: exact numbers, at a bounded cost (S7)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.criteria.criteria import Criteria
from search.engines.memory.engine import MemoryEngine
from search.engines.whoosh.engine import WhooshEngine
from search.help.alternatives import MOST_ALTERNATIVES, MOST_COUNTS, Alternative, find_alternatives
from search.index import indexing
from search.services import public_search
from studies.models import Study
from studies.store import vocabularies
from tests.search.made_up_lists import QUERY, WORD, publish_nothing_random_of_peru, publish_on_xylophones
from tests.thorough import examples

pytestmark = pytest.mark.django_db

NOTHING = Criteria(q=WORD, chosen={"country": ("PE",), "design_family": ("randomised",)})
"""What `publish_nothing_random_of_peru` has nothing of."""


def ways(criteria: Criteria) -> tuple[Alternative, ...]:
    found = public_search.search(criteria)
    assert found.total == 0
    return find_alternatives(criteria, found.query, vocabularies.current(), public_search.count)


def numbers(criteria: Criteria) -> list[tuple[str, int]]:
    return [(way.criteria.query_string, way.total) for way in ways(criteria)]


class TestWaysOut:
    def test_widening_comes_first_then_what_is_left_out_by_the_number_that_it_gives(
        self, whoosh_engine: WhooshEngine
    ) -> None:
        publish_nothing_random_of_peru()
        latin_america = "region=andean&region=latin-america-caribbean&region=peru"
        assert numbers(NOTHING) == [
            (f"{QUERY}&design_family=randomised&{latin_america}", 3),
            (f"{QUERY}&design_family=randomised", 4),
            (f"{QUERY}&country=PE", 2),
            ("design_family=randomised&country=PE", public_search.count(Criteria(chosen=NOTHING.chosen))),
        ]

    def test_a_design_is_widened_to_its_family(self, whoosh_engine: WhooshEngine) -> None:
        publish_on_xylophones(1, countries=("BD",), designs=("cluster-rct",))
        criteria = Criteria(q=WORD, chosen={"country": ("BD",), "design": ("rct",)})
        widened = [way for way in ways(criteria) if way.kind == "widen"]
        assert ("design_family", ("randomised",)) in [(way.parameter, way.codes) for way in widened]

    def test_words_are_left_out_one_by_one(self, whoosh_engine: WhooshEngine) -> None:
        assert [(way.word, way.criteria.q) for way in ways(Criteria(q='transferencias "xyzzy qwfp"')) if way.word] == [
            ("xyzzy qwfp", "transferencias")
        ]

    def test_a_phrase_that_nobody_wrote_is_offered_as_words(self, whoosh_engine: WhooshEngine) -> None:
        found = ways(Criteria(q='"mujeres transferencias bebida"'))
        assert [(way.kind, way.criteria.q) for way in found] == [("quotes", "mujeres transferencias bebida")]

    def test_the_years_are_left_out(self, whoosh_engine: WhooshEngine) -> None:
        found = ways(Criteria(q="transferencias", year_to=1970))
        assert ("years", Criteria(q="transferencias")) in [(way.kind, way.criteria) for way in found]

    def test_a_facet_with_several_choices_is_left_out_whole(self, whoosh_engine: WhooshEngine) -> None:
        publish_on_xylophones(1, countries=("EC",))
        found = ways(Criteria(q=WORD, chosen={"country": ("BR", "CL")}))
        assert ("facet", Criteria(q=WORD)) in [(way.kind, way.criteria) for way in found]

    def test_where_no_single_change_helps_all_studies_are_offered(self, whoosh_engine: WhooshEngine) -> None:
        found = ways(Criteria(q="xyzzy qwfp", chosen={"country": ("LI",)}, year_to=1900))
        assert [(way.kind, way.total) for way in found] == [("everything", Study.objects.published().count())]

    def test_an_empty_bank_has_none(self, empty_bank: None, memory_engine: MemoryEngine) -> None:
        memory_engine.rebuild([], indexing.read_wanted_position())
        assert ways(Criteria(q="mujeres")) == ()

    def test_the_other_criteria_stay(self, whoosh_engine: WhooshEngine) -> None:
        publish_nothing_random_of_peru()
        criteria = Criteria(q=WORD, chosen=NOTHING.chosen, sort="title", page_size=50)
        assert all((way.criteria.sort, way.criteria.page_size) == ("title", 50) for way in ways(criteria))

    def test_they_are_exact_and_few_whatever_was_asked(self, whoosh_engine: WhooshEngine) -> None:
        words = st.sampled_from(
            ["", "xyzzy", "transferencias xyzzy", '"policía rural" mujeres', "sasa -uganda", "a O b"]
        )
        codes = {
            "country": ("PE", "UG", "LI", "nada"),
            "region": ("andean",),
            "design": ("qualitative", "cluster-rct"),
            "effect": ("unfavourable", "none"),
            "outcome": ("alcohol",),
            "programme": ("sasa", "juntos"),
            "theme": ("autonomy",),
        }
        chosen = st.fixed_dictionaries(
            {},
            optional={
                name: st.lists(st.sampled_from(some), min_size=1, unique=True).map(tuple)
                for name, some in codes.items()
            },
        )

        @settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
        @given(words, chosen, st.sampled_from([None, 1990, 2024]))
        def always(q: str, choices: dict[str, tuple[str, ...]], year: int | None) -> None:
            criteria = Criteria(q=q, chosen=choices, year_from=year)
            asked: list[Criteria] = []

            def count(each: Criteria) -> int:
                asked.append(each)
                return public_search.count(each)

            found = public_search.search(criteria)
            if found.total:
                return
            offered = find_alternatives(criteria, found.query, vocabularies.current(), count)
            assert 0 < len(offered) <= MOST_ALTERNATIVES
            assert len(asked) <= MOST_COUNTS
            assert len({way.criteria.query_string for way in offered}) == len(offered)
            for way in offered:
                assert public_search.search(way.criteria).total == way.total > 0

        always()
