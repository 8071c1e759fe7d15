"""Which names lead to which codes when a query is read (S1)."""

import pytest

from search.query.names import NamedCode, NameIndex
from search.text.analysis import iterate_words

BRAZIL = ("country", "BR")
PERU = ("country", "PE")
NAMES = NameIndex(
    [
        NamedCode("country", "BR", ("Brasil", "Brazil")),
        NamedCode("country", "PE", ("Perú", "Peru")),
        NamedCode("country", "US", ("Estados Unidos", "United States")),
        NamedCode("country", "SV", ("El Salvador",)),
        NamedCode("country", "VI", ("Islas Vírgenes de los Estados Unidos", "United States Virgin Islands")),
        NamedCode("theme", "autonomy", ("Autonomía de las mujeres", "Women's autonomy")),
        NamedCode("intervention", "community", ("Movilización comunitaria, líderes y normas sociales",)),
        NamedCode("intervention", "womens-centre", ("Women's (justice) centres",)),
        NamedCode("population", "couples", ("Parejas", "Couples")),
        NamedCode("programme", "ni-una", ("Y a la de una",)),
        NamedCode("programme", "the", ("The",)),
    ]
)


def run(text):
    return [stems for _, _, stems in iterate_words(text)]


def codes(found):
    return {code for _, code in found}


class TestWordsToFind:
    @pytest.mark.parametrize("typed", ["brasil", "Brazil", "BRASÍL"])
    def test_a_name_leads_to_its_code_in_either_language(self, typed):
        assert NAMES.find_codes_containing(run(typed)) == {BRAZIL}

    @pytest.mark.parametrize("typed", ["lider", "líderes", "norma", "comunitarios"])
    def test_a_word_inside_a_long_name_leads_to_it(self, typed):
        assert codes(NAMES.find_codes_containing(run(typed))) == {"community"}

    @pytest.mark.parametrize("typed", ["woman", "mujer"])
    def test_a_word_leads_to_every_name_that_holds_it_under_either_rule_set(self, typed):
        assert "autonomy" in codes(NAMES.find_codes_containing(run(typed)))

    def test_a_phrase_leads_to_names_that_hold_it_side_by_side(self):
        assert codes(NAMES.find_codes_containing(run("estados unidos"))) == {"US", "VI"}
        assert codes(NAMES.find_codes_containing(run("normas sociales"))) == {"community"}
        assert not NAMES.find_codes_containing(run("líderes sociales"))

    @pytest.mark.parametrize("typed", ["de", "las", "the", "de las", "a la"])
    def test_stop_words_alone_lead_nowhere(self, typed):
        assert not NAMES.find_codes_containing(run(typed))
        assert not NAMES.find_codes_named(run(typed))

    def test_a_whole_name_of_stop_words_leads_to_its_code(self):
        assert codes(NAMES.find_codes_containing(run("Y a la de una"))) == {"ni-una"}

    def test_no_words_lead_nowhere(self):
        assert not NAMES.find_codes_containing([])
        assert not NameIndex().find_codes_containing(run("perú"))


class TestExcludedWords:
    def test_only_a_whole_name_leads_to_its_code(self):
        assert NAMES.find_codes_named(run("brasil")) == {BRAZIL}
        assert codes(NAMES.find_codes_named(run("pareja"))) == {"couples"}
        assert not NAMES.find_codes_named(run("mujeres"))
        assert codes(NAMES.find_codes_named(run("united states"))) == {"US"}

    def test_brackets_of_a_name_may_be_left_out(self):
        assert codes(NAMES.find_codes_named(run("women’s centres"))) == {"womens-centre"}
        assert codes(NAMES.find_codes_containing(run("women’s centres"))) == {"womens-centre"}


class TestNamesInARun:
    @pytest.mark.parametrize(
        ("typed", "start", "length"),
        [
            ("estados unidos", 0, 2),
            ("en estados unidos hoy", 1, 2),
            ("en estados unidos hoy", 0, 0),
            ("islas vírgenes de los estados unidos", 0, 6),
            ("el salvador", 0, 2),
            ("perú", 0, 0),
            ("movilización comunitaria", 0, 0),
        ],
    )
    def test_the_longest_whole_name_of_several_words_is_found(self, typed, start, length):
        assert NAMES.count_name_words_at(run(typed), start) == length
