"""Characters that the database or XML cannot hold: which they are, and what stands in their place."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.text.characters import collapse_whitespace, is_storable, replace_non_xml, replace_unstorable


class TestTheDatabase:
    @pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "a\udfff"])
    def test_neither_nul_nor_half_of_a_pair_is_storable(self, text: str):
        assert not is_storable(text)
        assert is_storable(replace_unstorable(text))

    def test_a_space_stands_in_their_place(self):
        assert replace_unstorable("casas\x00de\ud800acogida") == "casas de acogida"

    @given(st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",))))
    def test_every_other_text_stays_as_it_is(self, text: str):
        assert is_storable(text)
        assert replace_unstorable(text) == text


class TestXml:
    def test_what_it_cannot_hold_goes_or_makes_room(self):
        text = "a\x00b\x0bc\ud800d\ufffee"
        assert (replace_non_xml(text), replace_non_xml(text, instead=" ")) == ("abcde", "a b c d e")

    @given(st.text())
    def test_a_parser_takes_the_rest(self, text: str):
        held = replace_non_xml(text).replace("&", "").replace("<", "")
        read = ElementTree.fromstring(f"<a>{held}</a>").text or ""
        assert read == held.replace("\r\n", "\n").replace("\r", "\n")


class TestOneLine:
    def test_breaks_and_controls_become_one_space(self):
        assert collapse_whitespace(" a\r\nb\u2028c\x0b\td\x85e\ufefff\x00 ") == "a b c d e f"
