"""From criteria to studies, on the real bank: what a reader relies on (S1, S5, S6, I1)."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from django.http import QueryDict

from search.contract import IndexMissing
from search.criteria.criteria import Criteria
from search.criteria.facets import FACET_PARAMETERS, FACETS
from search.criteria.filters import filter_studies, read_criteria, unresolved_filters
from search.engines.memory.engine import MemoryEngine
from search.engines.whoosh.engine import WhooshEngine
from search.index import indexing, sync
from search.services import public_search
from studies.models import Stage, Study
from studies.store import vocabularies
from studies.store.changes import bank_change
from tests.factories import make_study, withdraw
from tests.search.made_up_lists import WORD, publish_on_xylophones
from tests.thorough import mainly

_PAIRS = Path(__file__).parents[2] / "data" / "word-pairs.tsv"


def word_pairs() -> list[dict[str, str]]:
    lines = [line for line in _PAIRS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t"))


SAME = [(row["a"], row["b"]) for row in word_pairs() if row["relation"] == "same"]


def total(criteria: Criteria) -> int:
    found = public_search.search(criteria)
    assert found.total is not None
    return found.total


def keys(criteria: Criteria) -> set[int]:
    """Which studies the engine gives, without fetching them."""
    request = replace(public_search._read(criteria).to_request(count=False), offset=0, limit=None)
    return {hit.study_id for hit in indexing.get_engine().search(request).hits}


class TestWordsOfTheRealBank:
    """S1: accents, case and plural never matter."""

    def test_a_plural_and_a_wrong_accent_find_the_same_studies(self, whoosh_engine: WhooshEngine) -> None:
        totals = {total(Criteria(q=q)) for q in ("mujer", "mujeres", "MUJÉR")}
        assert len(totals) == 1
        assert totals.pop() > 0

    def test_both_words_of_every_pair_that_must_meet_find_the_same_studies(self, whoosh_engine: WhooshEngine) -> None:
        """Some pairs are words that readers type and no study of the bank has: they find nothing, both of them."""
        found = {pair: tuple(keys(Criteria(q=q)) for q in pair) for pair in SAME}
        assert {pair: each for pair, each in found.items() if each[0] != each[1]} == {}
        assert sum(bool(first) for first, _ in found.values()) > 0.9 * len(found)

    def test_a_country_is_found_and_excluded_by_its_name(self, memory_engine: MemoryEngine) -> None:
        brazil = {record.id for record in public_search.iterate(Criteria(chosen={"country": ("BR",)}))}
        assert brazil <= {record.id for record in public_search.iterate(Criteria(q="brasil"))}
        assert not brazil & {record.id for record in public_search.iterate(Criteria(q="-brasil"))}

    def test_words_are_found_in_english_texts_and_spanish_ones_alike(self, memory_engine: MemoryEngine) -> None:
        assert total(Criteria(q="alcohol")) >= total(Criteria(q="alcohol", chosen={"language": ("en",)})) > 0


TWO_WORDS = f"{WORD} hogares"


class TestRankingByWhatTheFirstAreAbout:
    @pytest.fixture(autouse=True)
    def _short_lists(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(public_search, "LEAST_RANKED", 5)

    def test_studies_that_share_it_come_first(self, whoosh_engine: WhooshEngine) -> None:
        (other,) = publish_on_xylophones(1, interventions=("helpline",), outcomes=("safety",), findings=(), year=2024)
        alike = publish_on_xylophones(4, interventions=("childcare",), year=2010)
        found = ranked(Criteria(q=TWO_WORDS))
        assert sorted(found[:4]) == sorted(study.slug for study in alike)
        assert found[4:] == [other.slug]

    def test_of_one_word_what_says_it_comes_before_what_shares_codes(self, whoosh_engine: WhooshEngine) -> None:
        (other,) = publish_on_xylophones(1, interventions=("helpline",), outcomes=("safety",), findings=(), year=2024)
        publish_on_xylophones(4, interventions=("childcare",), year=2010)
        assert ranked(Criteria(q=WORD))[0] == other.slug

    def test_is_for_lists_of_more_than_a_page(
        self, whoosh_engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(public_search, "LEAST_RANKED", 6)
        (other,) = publish_on_xylophones(1, interventions=("helpline",), outcomes=("safety",), findings=(), year=2024)
        publish_on_xylophones(4, interventions=("childcare",), year=2010)
        assert ranked(Criteria(q=TWO_WORDS))[0] == other.slug

    def test_nothing_else_is_found(self, whoosh_engine: WhooshEngine) -> None:
        assert set(public_search.list_ids(Criteria(q="alcohol"))) == keys(Criteria(q="alcohol"))

    def test_is_for_relevance_alone(self, whoosh_engine: WhooshEngine) -> None:
        (other,) = publish_on_xylophones(1, interventions=("helpline",), year=2024)
        publish_on_xylophones(4, interventions=("childcare",), year=2010)
        assert ranked(Criteria(q=WORD, sort="newest"))[0] == other.slug


def ranked(criteria: Criteria) -> list[str]:
    return [record.id for record in public_search.iterate(criteria)]


class TestBothLanguagesAtOnce:
    """S3: the thesaurus leads from the reader's words to the same or a narrower meaning, below her own words."""

    @pytest.mark.parametrize(
        ("q", "slug"),
        [
            ("TMC", "rodriguez-2015-familias-accion"),
            ("batterer treatment", "lawrence-2021-actv"),
            ("telenovela", "green-2020-uganda-video-dramas"),
            ("UN Women", "who-2019-respect-women"),
            ("policía", "morrow-2016-body-cameras"),
        ],
    )
    def test_words_find_what_says_it_otherwise(self, q: str, slug: str, whoosh_engine: WhooshEngine) -> None:
        assert slug in ranked(Criteria(q=q))

    @pytest.mark.parametrize("q", ["refugios", "juez", "microcrédito", "cash transfers", "agresores", "feminicidio"])
    def test_own_words_come_first_and_exact_finds_them_alone(self, q: str, whoosh_engine: WhooshEngine) -> None:
        own = set(ranked(Criteria(q=q, exact=True)))
        wide = ranked(Criteria(q=q))
        assert own
        assert set(wide[: len(own)]) == own

    def test_one_concept_is_switched_off_alone(self, whoosh_engine: WhooshEngine) -> None:
        wide, without, exact = (
            keys(Criteria(q="juez", without=slugs, exact=is_exact))
            for slugs, is_exact in (((), False), (("legal-aid", "unknown"), False), ((), True))
        )
        assert exact < without <= wide
        assert keys(Criteria(q="juez", without=("justice-response",))) == exact

    @pytest.mark.parametrize("q", ["amas de casa", "violencia de género", "evaluación de impacto", "Ni Una Menos"])
    def test_no_general_word_brings_the_whole_bank(self, q: str, whoosh_engine: WhooshEngine) -> None:
        assert total(Criteria(q=q)) < Study.objects.published().count() / 2

    def test_wider_meanings_are_never_added(self, whoosh_engine: WhooshEngine) -> None:
        assert keys(Criteria(q="tobillera electrónica")) < keys(Criteria(q="evaluación de riesgo O tobillera"))
        assert total(Criteria(q="tobillera electrónica")) < 5


WALKS = [
    Criteria(),
    Criteria(q="policía", chosen={"effect": ("favourable", "mixed")}),
    Criteria(chosen={"outcome": ("attitudes-norms", "ipv-physical")}, year_from=2010, year_to=2020),
    Criteria(chosen={"region": ("andean",), "country": ("PE",), "design_family": ("randomised",)}),
]


class TestFacetNumbers:
    """S5: an option's number is the results it would have as the only choice in its facet."""

    @pytest.mark.parametrize("criteria", mainly(2, WALKS), ids=lambda criteria: criteria.query_string or "all")
    def test_every_option_gives_the_number_printed_beside_it(
        self, criteria: Criteria, memory_engine: MemoryEngine
    ) -> None:
        vocabulary = vocabularies.current()
        counted = public_search.search(criteria).result.facets
        wrong = {}
        for facet in FACETS:
            alone = criteria
            for parameter in facet.parameters:
                for code in criteria.chosen.get(parameter, ()):
                    alone = alone.without_code(parameter, code)
            for parameter in facet.code_parameters:
                for code in parameter.codes(vocabulary):
                    printed = counted.get(parameter.name, {}).get(code, 0)
                    given = len(keys(alone.with_code(parameter.name, code)))
                    if printed != given:
                        wrong[parameter.name, code] = (printed, given)
        assert wrong == {}

    def test_outcome_with_effect_means_one_finding(self, memory_engine: MemoryEngine) -> None:
        outcome_and_effect = Criteria(chosen={"outcome": ("ipv-physical",), "effect": ("favourable",)})
        found = {record.id for record in public_search.iterate(outcome_and_effect)}
        # Both stand in this record, but its favourable findings are on attitudes.
        assert "abramsky-2014-sasa" not in found
        assert found

    def test_the_engine_finds_what_the_filter_set_finds(self, memory_engine: MemoryEngine) -> None:
        for criteria in WALKS:
            if not criteria.q:
                wanted = filter_studies(Study.objects.published(), unresolved_filters(criteria)).values_list(
                    "slug", flat=True
                )
                assert {record.id for record in public_search.iterate(criteria)} == set(wanted)


class TestPages:
    def test_the_list_of_an_export_is_the_list_of_the_pages(self, memory_engine: MemoryEngine) -> None:
        criteria = Criteria(q="violencia", page_size=50)
        pages = public_search.search(criteria).page_count
        paged = [
            s.slug for number in range(1, pages + 1) for s in public_search.search(criteria.with_page(number)).studies
        ]
        assert paged == [record.id for record in public_search.iterate(criteria)]

    def test_a_page_past_the_end_shows_the_last_one(self, memory_engine: MemoryEngine) -> None:
        found = public_search.search(Criteria(page=999))
        assert found.criteria.page == found.page_count
        assert found.requested.page == 999
        assert found.studies

    def test_an_unknown_code_alone_finds_nothing_and_beside_a_known_one_is_left_out(
        self, memory_engine: MemoryEngine
    ) -> None:
        assert total(Criteria(chosen={"theme": ("nada",)})) == 0
        beside = public_search.search(Criteria(chosen={"theme": ("nada", "prevention")}))
        assert beside.total == total(Criteria(chosen={"theme": ("prevention",)}))
        assert beside.unknown == (("theme", "nada"),)

    @pytest.mark.parametrize("language", ["es", "en"])
    def test_the_page_language_changes_neither_what_is_found_nor_its_order(
        self, language: str, memory_engine: MemoryEngine
    ) -> None:
        from django.utils.translation import override

        with override(language):
            found = [record.id for record in public_search.iterate(Criteria(q="policía"))]
        assert found == [record.id for record in public_search.iterate(Criteria(q="policía"))]


class TestUnpublishedStudies:
    """I5: what is shown is read through published(), so even a stale index cannot show a draft."""

    def test_a_study_withdrawn_behind_the_back_of_the_index_is_not_listed(
        self, memory_engine: MemoryEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gone = Study.objects.get(slug="abramsky-2014-sasa")
        monkeypatch.setattr(sync, "update_index", lambda: None)
        Study.objects.filter(pk=gone.pk).update(stage=Stage.WITHDRAWN, stage_note="prueba")
        assert gone.slug not in [study.slug for study in public_search.search(Criteria(q="SASA Kampala")).studies]
        assert gone.slug not in [record.id for record in public_search.iterate(Criteria(q="SASA Kampala"))]

    def test_such_a_hit_causes_one_catching_up_and_one_new_search(self, memory_engine: MemoryEngine) -> None:
        gone = Study.objects.get(slug="abramsky-2014-sasa")
        before = total(Criteria(q="SASA Kampala"))
        with bank_change() as change:
            Study.objects.filter(pk=gone.pk).update(stage=Stage.WITHDRAWN, stage_note="prueba")
            change.touch(gone, content=False)
        assert total(Criteria(q="SASA Kampala")) == before - 1

    def test_a_draft_is_not_found_until_it_is_published_nor_once_withdrawn(self, memory_engine: MemoryEngine) -> None:
        word = Criteria(q="xilófonos")
        study = make_study(title_es="Los xilófonos y la prevención")
        assert total(word) == 0
        study = make_study(title_es="Los xilófonos y la prevención", stage=Stage.PUBLISHED)
        assert total(word) == 1
        withdraw(study)
        assert total(word) == 0


class TestWithoutAnIndex:
    """I1: without an index the site still answers."""

    @pytest.fixture(autouse=True)
    def no_index(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        engine = MemoryEngine(FACET_PARAMETERS)
        monkeypatch.setattr(indexing, "get_engine", lambda: engine)
        with pytest.raises(IndexMissing):
            indexing.get_engine().fingerprints()

    def test_filters_are_exact_and_nothing_is_counted(self) -> None:
        criteria = Criteria(chosen={"country": ("PE",)}, page_size=50)
        found = public_search.search(criteria)
        assert found.total is None
        assert found.result.facets == {}
        wanted = filter_studies(Study.objects.published(), unresolved_filters(criteria))
        assert len(list(public_search.iterate(criteria))) == wanted.count()

    @pytest.mark.parametrize("q", ["sasa KAMPALA", "Abramsky 2014-sasa", "10.1186/s12916-014-0122-5"])
    def test_words_are_looked_up_in_titles_names_and_dois(self, q: str) -> None:
        slugs = [study.slug for study in public_search.search(Criteria(q=q)).studies]
        assert ("abramsky-2014-sasa" in slugs) == ("2014-sasa" not in q)

    def test_every_page_is_reached_one_after_the_other(self) -> None:
        criteria, seen = Criteria(page_size=50), set()
        while True:
            found = public_search.search(criteria)
            seen |= {study.slug for study in found.studies}
            if not found.has_more:
                break
            criteria = criteria.with_page(criteria.page + 1)
        assert len(seen) == Study.objects.published().count()


class TestCriteriaOfAnAddress:
    def test_an_address_gives_its_list_to_anybody(self, memory_engine: MemoryEngine) -> None:
        criteria = Criteria(q="policía", chosen={"country": ("BR", "PE"), "effect": ("none",)}, year_from=2000, page=2)
        assert read_criteria(QueryDict(criteria.query_string)) == criteria

    def test_what_is_switched_off_stands_in_it_too(self) -> None:
        criteria = Criteria(q="bono", without=("bdh", "cct"), exact=True)
        assert criteria.query_string == "q=bono&without=bdh&without=cct&exact=1"
        assert read_criteria(QueryDict(criteria.query_string)) == criteria
        assert read_criteria(QueryDict("exact=2&without=" + "x" * 500)) == Criteria()
        assert criteria.without_words() == Criteria()
