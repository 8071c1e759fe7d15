"""Pages found by words: names, the thesaurus, what is next to it. No database."""

from __future__ import annotations

import pytest

from search.pages.page import Page
from search.pages.page_index import Closeness, Nearest, PageIndex
from search.query.thesaurus import Thesaurus, ThesaurusConcept

OF_CASH, OF_RISK = frozenset({("intervention", "cash")}), frozenset({("intervention", "risk")})
CONCEPTS = [
    ThesaurusConcept("cash", es=("transferencias",), en=("cash transfers",), codes=OF_CASH),
    ThesaurusConcept("arms", es=("armas",), en=("firearms",), codes=OF_RISK),
    ThesaurusConcept("button", es=("botón de pánico",), en=("panic button",), broader="arms"),
    ThesaurusConcept("urgent", es=("SAU", "atención urgente"), en=("urgent care",)),
]


def page(title: str, kind: str = "intervention", code: str = "", **changes: object) -> Page:
    codes = frozenset({("intervention", code)}) if code else frozenset()
    values = {"title_es": title, "title_en": "", "route": kind, "arguments": {"slug": code}, "codes": codes}
    return Page(kind, **{**values, **changes})  # type: ignore[arg-type]


CASH = page("Dinero y especie", code="cash", title_en="Money and goods")
RISK = page("Evaluación de riesgo y control de armas", code="risk")
SAU = page("Servicio de Atención Urgente (SAU)", "programme", "sau", words=("SAU",))
QUESTION = page("¿Las transferencias aumentan la violencia?", "question", is_sentence=True)
TERM = page("Dinero", "glossary")


@pytest.fixture
def index() -> PageIndex:
    nearest = {"urgent": Nearest(("sau",), ("cash", "no-such-concept"))}
    return PageIndex([CASH, RISK, SAU, QUESTION, TERM], Thesaurus(CONCEPTS), CONCEPTS, nearest)


def found(index: PageIndex, text: str, **options: bool) -> dict[str, Closeness]:
    return {each.page.title_es: each.closeness for each in index.find(text, **options)}


class TestFind:
    def test_a_whole_name_comes_first_without_regard_to_accents_plurals_and_brackets(self, index: PageIndex) -> None:
        for typed in ("sau", "servicios de atencion urgente", "Servicio de Atención Urgente (SAU)"):
            first = index.find(typed)[0]
            assert (first.page, first.closeness) == (SAU, Closeness.NAMED)

    def test_both_languages_lead_to_the_same_page(self, index: PageIndex) -> None:
        assert index.find("dinero y especie")[0].page == index.find("money and goods")[0].page == CASH

    def test_words_of_the_thesaurus_lead_to_the_page_of_their_code(self, index: PageIndex) -> None:
        for typed in ("transferencias", "cash transfers"):
            assert index.find(typed)[0].page == CASH
            assert found(index, typed)[CASH.title_es] is Closeness.CONCEPT

    def test_a_question_is_found_by_what_its_words_mean(self, index: PageIndex) -> None:
        assert found(index, "cash transfers")[QUESTION.title_es] is Closeness.WORDS
        assert found(index, "transferencias violencia")[QUESTION.title_es] is Closeness.WORDS

    def test_a_name_within_a_query_is_found_unless_it_is_a_term(self, index: PageIndex) -> None:
        assert found(index, "programa SAU")[SAU.title_es] is Closeness.WITHIN
        assert TERM.title_es not in found(index, "dinero regional")

    def test_a_part_of_what_the_words_mean_leads_to_an_intervention(self, index: PageIndex) -> None:
        assert found(index, "transferencias armas") == {
            CASH.title_es: Closeness.PART,
            RISK.title_es: Closeness.PART,
        }

    def test_what_has_no_page_leads_to_the_next_wider_concept(self, index: PageIndex) -> None:
        assert found(index, "botón de pánico") == {RISK.title_es: Closeness.NEAREST}
        assert index.find_nearest_codes("panic button") == [("intervention", "risk")]

    def test_what_somebody_judged_the_nearest_comes_if_it_is_asked_for(self, index: PageIndex) -> None:
        assert list(found(index, "SAU")) == [SAU.title_es]
        assert found(index, "SAU", with_nearest=True)[CASH.title_es] is Closeness.NEAREST
        assert found(index, "urgent care")[SAU.title_es] is Closeness.CONCEPT

    @pytest.mark.parametrize("typed", ["", " ", "de la", "xyzzy", '"', "\x00", "🙂", "x" * 5_000, "(((", "a " * 5_000])
    def test_any_words_have_an_answer(self, typed: str, index: PageIndex) -> None:
        assert index.find(typed, with_nearest=True) == []
        assert index.find_nearest_codes(typed) == []

    def test_a_word_that_half_of_the_names_have_finds_none(self) -> None:
        many = PageIndex([page(f"Programa {number}", code=str(number)) for number in range(40)], Thesaurus())
        assert many.find("programa") == []
        assert many.find("programa 7")[0].page.title_es == "Programa 7"


class TestBeginnings:
    def test_every_word_typed_begins_a_word_of_a_name(self, index: PageIndex) -> None:
        assert index.find_beginnings("ries arm") == [RISK]
        assert index.find_beginnings("iesgo") == []
        assert index.find_beginnings("") == []

    def test_whole_names_come_before_beginnings(self, index: PageIndex) -> None:
        assert index.find_beginnings("dinero") == [TERM, CASH]
