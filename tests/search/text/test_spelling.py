"""Spelling correction: which words of the bank a reader may have meant (S7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.text.analysis import fold
from search.text.spelling import BankWord, Wordlist, extract_words, phonetic_key


def wordlist(**texts: int) -> Wordlist:
    return Wordlist({fold(word): BankWord(word, number) for word, number in texts.items()})


BANK = wordlist(
    violencia=300, violence=250, mujeres=280, género=90, acoso=40, hacia=100, casa=30, doméstica=60, feminicidio=20
)


def near(typed: str) -> list[str]:
    return [word.text for word in BANK.find_near(typed, 3)]


class TestNearWords:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("violensia", "violencia"),
            ("biolencia", "violencia"),
            ("violecia", "violencia"),
            ("viiolencia", "violencia"),
            ("vioelncia", "violencia"),
            ("voilence", "violence"),
            ("mujeers", "mujeres"),
            ("GENRRO", "género"),
            ("acosso", "acoso"),
            ("feminisidio", "feminicidio"),
        ],
    )
    def test_the_word_that_was_meant_comes_first_as_the_bank_spells_it(self, typed: str, meant: str) -> None:
        assert near(typed)[:1] == [meant]

    def test_the_word_itself_is_not_near_to_itself_whatever_its_accents(self) -> None:
        assert near("domestica") == []
        assert "violencia" not in near("Violencia")

    @pytest.mark.parametrize("typed", ["xyzzyx", "sol", "", "vi", "a" * 500])
    def test_nothing_is_near_to_what_is_far_or_short(self, typed: str) -> None:
        assert near(typed) == []

    def test_what_sounds_alike_is_nearer_than_another_slip(self) -> None:
        words = wordlist(vaca=1, baca=1, saca=1)
        assert words.find_near("vaka", 3)[0].text == "vaca"

    def test_a_key_beside_the_right_one_is_nearer_than_a_far_one(self) -> None:
        words = wordlist(marca=1, manca=1)
        assert [word.text for word in words.find_near("mabca", 2)] == ["manca", "marca"]

    def test_a_frequent_word_is_likelier_than_a_rare_one_as_near(self) -> None:
        assert [word.text for word in wordlist(casos=1, casas=200).find_near("casxs", 2)] == ["casas", "casos"]

    @given(st.text(max_size=60))
    def test_any_text_has_an_answer_of_other_words(self, typed: str) -> None:
        assert all(fold(word.text) != fold(typed) for word in BANK.find_near(typed, 5))

    @given(st.sampled_from(["violencia", "feminicidio", "domestica", "mujeres"]), st.data())
    def test_one_slip_in_a_long_word_is_always_found(self, word: str, data: st.DataObject) -> None:
        at = data.draw(st.integers(1, len(word) - 2))
        letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
        slips = (
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
        typed = data.draw(st.sampled_from(slips))
        assert typed == word or word in [fold(near.text) for near in BANK.find_near(typed, 5)]


class TestHalves:
    def test_two_words_typed_without_a_space_are_split(self) -> None:
        halves = BANK.split_in_two("violenciadomestica")
        assert halves is not None
        assert [word.text for word in halves] == ["violencia", "doméstica"]

    def test_a_word_of_one_known_half_has_none(self) -> None:
        assert BANK.split_in_two("violenciaxyz") is None


class TestSound:
    @pytest.mark.parametrize(
        ("one", "other"),
        [("huella", "ueya"), ("vivienda", "bibienda"), ("quechua", "kechua"), ("gente", "jente"), ("zapato", "sapato")],
    )
    def test_words_that_sound_alike_share_it(self, one: str, other: str) -> None:
        assert phonetic_key(one) == phonetic_key(other)

    @pytest.mark.parametrize(("one", "other"), [("casa", "cama"), ("guerra", "jerra"), ("cinco", "kinko")])
    def test_words_that_sound_differently_do_not(self, one: str, other: str) -> None:
        assert phonetic_key(one) != phonetic_key(other)


class TestExtractedWords:
    def test_numbers_signs_and_what_is_too_short_or_long_are_left_out(self) -> None:
        assert list(extract_words("La ENDES 2019, en el Perú: SASA! x_y " + "a" * 41)) == ["ENDES", "Perú", "SASA"]
