"""Which words a Spanish dictionary has."""

import pytest

from search.help.dictionary import is_spanish_word


class TestSpanishWords:
    @pytest.mark.parametrize(
        "word",
        ["violencia", "vicaria", "psicologica", "psicológica", "Enamorados", "albergues", "HUÉRFANOS", "huerfanas"],
    )
    def test_are_known_in_any_number_gender_and_case(self, word: str) -> None:
        assert is_spanish_word(word)

    @pytest.mark.parametrize("word", ["violensia", "refujio", "domestika", "parnter", ""])
    def test_are_no_mistyped_ones(self, word: str) -> None:
        assert not is_spanish_word(word)
