"""Corrections of a query that finds nothing or little, in words of the bank (S7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from search.criteria.criteria import Criteria
from search.engines.whoosh.engine import WhooshEngine
from search.help import known_words
from search.help.did_you_mean import FEW_STUDIES, MOST_COUNTS, Correction, find_correction
from search.services import public_search
from search.services.query_reader import get_query_reader
from search.text.analysis import fold
from search.text.spelling import BankWord, Wordlist
from studies.store import vocabularies
from tests.thorough import examples

WORDS = {"violencia": 300, "violencias": 20, "doméstica": 60, "casa": 40, "sasa": 2, "xara": 1, "tara": 90}
BANK = Wordlist({fold(word): BankWord(word, number, word == "sasa") for word, number in WORDS.items()})


def finding(*known: str) -> Callable[[Criteria], int]:
    """A bank in which any words of `known` find one study together, and no other word finds any."""

    def count(criteria: Criteria) -> int:
        typed = fold(criteria.q).replace('"', " ").split()
        return int(all(word in {fold(each) for each in known} for word in typed if not word.startswith("-")))

    return count


def offer(q: str, total: int = 0, count: Callable[[Criteria], int] | None = None) -> str | None:
    found = find_correction(Criteria(q=q), total, BANK, count or finding(*WORDS))
    return found.criteria.q if found else None


class TestCorrection:
    def test_only_the_wrong_word_is_replaced(self) -> None:
        assert offer('"violensia" casa') == '"violencia" casa'

    def test_a_word_of_a_dictionary_is_not_corrected_though_no_study_has_it(self) -> None:
        assert offer("violencia tarima") is None
        assert find_correction(Criteria(q="tarima"), 0, BANK, finding(*WORDS)) is None

    def test_several_wrong_words_are_replaced_at_once(self) -> None:
        assert offer("violensia domestika") == "violencia doméstica"

    def test_two_words_typed_as_one_are_parted(self) -> None:
        assert offer("violenciadomestica") == "violencia doméstica"

    def test_a_word_without_any_near_one_is_left_out_beside_others(self) -> None:
        assert offer("violensia xyzzyx") == "violencia"
        assert offer("xyzzyx") is None

    def test_known_words_that_do_not_meet_are_left_alone(self) -> None:
        assert offer("violencia casa", count=lambda criteria: int(" " not in criteria.q)) is None

    @pytest.mark.parametrize("q", ["10.1234/violensia", "https://violensia.pe", "-violensia casa", "NO violensia casa"])
    def test_addresses_and_exclusions_are_not_touched(self, q: str) -> None:
        assert "violencia" not in (offer(q) or "")

    def test_a_word_that_finds_nothing_under_the_filters_is_not_offered(self) -> None:
        def count(criteria: Criteria) -> int:
            return int(criteria.q == "violencias" if criteria.has_filters else criteria.q != "violensia")

        found = find_correction(Criteria(q="violensia", chosen={"country": ("PE",)}), 0, BANK, count)
        assert found is not None
        assert found.criteria == Criteria(q="violencias", chosen={"country": ("PE",)})

    def test_all_else_of_the_criteria_stays_and_the_first_page_is_shown(self) -> None:
        criteria = Criteria(
            q="violensia", chosen={"country": ("PE",)}, year_from=2010, sort="title", page=3, page_size=50
        )
        found = find_correction(criteria, 0, BANK, finding(*WORDS))
        assert found is not None
        assert found.criteria == replace(criteria, q="violencia", page=1)

    def test_the_number_of_questions_is_bounded(self) -> None:
        asked: list[Criteria] = []

        def count(criteria: Criteria) -> int:
            asked.append(criteria)
            return int(criteria.q in WORDS)

        offer(" ".join(f"{word}x" for word in WORDS) + " violensya domestika cassa " * 9, count=count)
        assert 0 < len(asked) <= MOST_COUNTS


class TestFewStudies:
    """A short list asks only where a rare word stands beside a much more frequent one."""

    def test_a_rare_word_near_to_a_frequent_one_is_asked_about(self) -> None:
        assert offer("xara", 1, lambda criteria: 90 if criteria.q == "tara" else 1) == "tara"

    def test_a_name_is_never_doubted(self) -> None:
        assert offer("sasa", 2, lambda criteria: 40) is None

    def test_a_correction_that_finds_no_more_is_not_offered(self) -> None:
        assert offer("xara", 1, lambda criteria: 1) is None

    def test_a_longer_list_is_left_alone(self) -> None:
        assert offer("xara", FEW_STUDIES + 1, lambda criteria: 90) is None


@pytest.mark.django_db
class TestOnTheRealBank:
    def ask(self, criteria: Criteria) -> Correction | None:
        total = public_search.search(criteria).total
        assert total is not None
        spelled = get_query_reader(vocabularies.current()).thesaurus.known_words
        return find_correction(criteria, total, known_words.get_wordlist(), public_search.count, spelled)

    @pytest.mark.parametrize(
        ("q", "offered"),
        [
            ("violensia", "violencia"),
            ("tranferencias monetarias", "transferencias monetarias"),
            ("voilence agianst women", "violence against women"),
            ("feminisidio", "feminicidio"),
            ("abramski", "Abramsky"),
        ],
    )
    def test_slips_in_both_languages_are_mended(self, q: str, offered: str, whoosh_engine: WhooshEngine) -> None:
        found = self.ask(Criteria(q=q))
        assert found is not None
        assert found.criteria.q == offered

    @pytest.mark.parametrize("q", ["botón de pánico", "panic button"])
    def test_words_of_the_thesaurus_are_no_slips_where_no_study_has_them(
        self, q: str, whoosh_engine: WhooshEngine
    ) -> None:
        assert public_search.search(Criteria(q=q)).total == 0
        assert self.ask(Criteria(q=q)) is None

    def test_what_is_offered_always_finds_the_studies_that_it_says(self, whoosh_engine: WhooshEngine) -> None:
        words = sorted(word for word in known_words.get_wordlist()._words if len(word) > 4)
        filters = st.sampled_from([{}, {"country": ("PE",)}, {"theme": ("autonomy",), "effect": ("favourable",)}])
        letters = st.sampled_from("abcdefghijklmnopqrstuvwxyzñáé")

        @settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
        @given(st.sampled_from(words), st.sampled_from(words), st.integers(0, 20), letters, filters)
        @example("violencia", "mujeres", 3, "x", {})
        def always(word: str, other: str, at: int, letter: str, chosen: dict[str, tuple[str, ...]]) -> None:
            at %= len(word)
            found = self.ask(Criteria(q=f"{word[:at]}{letter}{word[at + 1 :]} {other}", chosen=chosen))
            if found is not None:
                assert public_search.search(found.criteria).total == found.total > 0
                assert all(public_search.count(replace(found.criteria, q=part)) for part in found.words)

        always()
