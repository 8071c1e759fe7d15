"""The best partial matches of words that no study has together (S4)."""

from __future__ import annotations

import pytest

from search.criteria.criteria import Criteria
from search.engines.whoosh.engine import WhooshEngine
from search.help.partial import MOST_SHOWN, PartialMatches, find_partial_matches
from search.services import public_search
from tests.search.made_up_lists import WORD, publish_on_xylophones

pytestmark = pytest.mark.django_db


def matches(q: str, **chosen: tuple[str, ...]) -> PartialMatches | None:
    found = public_search.search(Criteria(q=q, chosen=chosen))
    return find_partial_matches(found.criteria, [study.pk for study in found.studies])


class TestPartialMatches:
    def test_say_for_each_study_which_words_it_lacks(self, whoosh_engine: WhooshEngine) -> None:
        found = matches('sasa caballos "medidas de protección"')
        assert found is not None
        by_slug = {study.slug: found.missing.get(study.pk, ()) for study in found.studies}
        assert by_slug["abramsky-2014-sasa"] == ("caballos", "medidas de protección")
        with_phrase = {record.id for record in public_search.iterate(Criteria(q="medidas de protección"))}
        with_phrase |= {record.id for record in public_search.iterate(Criteria(q='"medidas" "protección"'))}
        with_sasa = {record.id for record in public_search.iterate(Criteria(q="sasa"))}
        for slug, lacking in by_slug.items():
            assert ("medidas de protección" in lacking) == (slug not in with_phrase)
            assert ("sasa" in lacking) == (slug not in with_sasa)

    def test_rank_by_all_the_words_that_a_study_has(self, whoosh_engine: WhooshEngine) -> None:
        found = matches("transferencias alcohol xyzzy")
        assert found is not None
        both = {record.id for record in public_search.iterate(Criteria(q="transferencias alcohol"))}
        assert {study.slug for study in found.studies[: len(both)]} & both
        assert all(found.missing[study.pk] == ("xyzzy",) for study in found.studies if study.slug in both)

    def test_are_at_most_twenty_under_the_same_filters_and_exclusions(self, whoosh_engine: WhooshEngine) -> None:
        found = matches("pareja salud xyzzy -policía", country=("PE",))
        assert found is not None
        assert len(found.studies) == MOST_SHOWN
        allowed = {record.id for record in public_search.iterate(Criteria(q="-policía", chosen={"country": ("PE",)}))}
        assert {study.slug for study in found.studies} <= allowed

    def test_alternatives_are_one_part(self, whoosh_engine: WhooshEngine) -> None:
        found = matches("(sasa O caballos) xyzzy")
        assert found is not None
        assert {found.missing[study.pk] for study in found.studies} == {("xyzzy",)}

    def test_fill_the_page_below_a_list_and_never_repeat_it(self, whoosh_engine: WhooshEngine) -> None:
        publish_on_xylophones(2)
        whole = {record.id for record in public_search.iterate(Criteria(q=f"{WORD} hogares"))}
        found = matches(f"{WORD} hogares")
        assert found is not None
        assert len(whole) == 2
        assert not whole & {study.slug for study in found.studies}
        assert len(whole) + len(found.studies) == MOST_SHOWN
        assert all(found.missing[study.pk] for study in found.studies)

    def test_words_read_as_a_whole_also_lead_on_by_themselves(self, whoosh_engine: WhooshEngine) -> None:
        found = matches("por qué no denuncian xyzzy")
        assert found is not None
        reporting = {record.id for record in public_search.iterate(Criteria(q="denuncian"))}
        assert {study.slug for study in found.studies} & reporting

    def test_a_country_or_years_hold_in_any_case(self, whoosh_engine: WhooshEngine) -> None:
        assert matches("xyzzy país:peru año:2015-2020") is None
        found = matches("pareja xyzzy país:peru")
        assert found is not None
        of_peru = {record.id for record in public_search.iterate(Criteria(q="pareja país:peru"))}
        assert {study.slug for study in found.studies} <= of_peru
        assert all(found.missing[study.pk] == ("xyzzy",) for study in found.studies)

    def test_are_the_beginning_of_a_list_of_their_own(self, whoosh_engine: WhooshEngine) -> None:
        found = matches("transferencias alcohol xyzzy")
        assert found is not None
        listed = public_search.list_ids(found.criteria)
        assert len(listed) == found.total == public_search.count(found.criteria)
        assert [study.pk for study in found.studies] == listed[: len(found.studies)]

    def test_of_a_list_of_some_words_there_are_none(self, whoosh_engine: WhooshEngine) -> None:
        assert find_partial_matches(Criteria(q="sasa caballos", match=1), []) is None

    @pytest.mark.parametrize("q", ["xyzzy", "", "xyzzy -sasa", "xyzzy qwfp"])
    def test_there_are_none_for_one_part_or_unknown_words(self, q: str, whoosh_engine: WhooshEngine) -> None:
        assert matches(q) is None
