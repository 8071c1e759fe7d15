"""Soft hyphens in the heads of Word's tables."""

from __future__ import annotations

import pytest

from search.web.brief.hyphens import SOFT_HYPHEN, hyphenate


class TestHyphenation:
    @pytest.mark.parametrize(
        ("text", "parted"),
        [
            ("Desfavorable", "Des-fa-vo-ra-ble"),
            ("Eduentretenimiento", "Eduen-tre-te-ni-miento"),
            ("Comparación", "Com-pa-ra-ción"),
            ("Transferencias", "Trans-fe-ren-cias"),
            ("Cifra [intervalo]", "Cifra [inter-valo]"),
        ],
    )
    def test_parts_long_words_between_syllables(self, text: str, parted: str):
        assert hyphenate(text).replace(SOFT_HYPHEN, "-") == parted

    @pytest.mark.parametrize("text", ["Efecto", "Peso", "De cada 1 000", "Cuán seguros podemos estar", ""])
    def test_leaves_short_words_as_they_are(self, text: str):
        assert hyphenate(text) == text
