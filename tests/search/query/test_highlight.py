"""What is marked in a text, and which snippet of a long one is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query.highlight import ELLIPSIS, Fragment, cut_snippet, highlight
from search.query.matcher import TextMatcher
from search.query.names import NameIndex
from search.query.parser import parse
from search.query.tree import Doi, iterate_sought_leaves
from search.text.analysis import iterate_word_ends

TEXTS = st.text(st.sampled_from("mujerespaz é\u0301ß.’-\n") | st.characters(), max_size=120)


def leaves(query):
    return TextMatcher(iterate_sought_leaves(parse(query, NameIndex()).node))


def marked(fragments):
    return [fragment.text for fragment in fragments if fragment.marked]


def joined(fragments):
    return "".join(fragment.text for fragment in fragments)


class TestHighlight:
    @pytest.mark.parametrize(
        ("query", "text", "marks"),
        [
            ("mujer", "Las MUJERES y la mujér", ["MUJERES", "mujér"]),
            ("woman", "Women’s rights", ["Women"]),
            ("mujer derecho", "mujeres, derechos", ["mujeres", "derechos"]),
            ('"trata de niñas"', "La trata de ninas: trata, niñas", ["trata de ninas"]),
            ('"trata de niñas" trata', "La trata de niñas, trata", ["trata de niñas", "trata"]),
            ('"a b" "b c"', "x a b c", ["a b c"]),
            ("acoso -trata", "acoso y trata", ["acoso"]),
            ("de la", "de la mujer", []),
            ('"de la"', "de la mujer", ["de la"]),
            ("muj*", "mujeres, Mujér y ajuar", ["mujeres", "Mujér"]),
            ("acoso", "", []),
            ("", "acoso", []),
        ],
    )
    def test_marks_matches(self, query, text, marks):
        assert marked(highlight(text, leaves(query))) == marks

    def test_a_doi_marks_nothing(self):
        assert highlight("10.1257/app.1", TextMatcher([Doi("10.1257/app.1")])) == (Fragment("10.1257/app.1"),)

    def test_offsets_hold_with_letters_of_several_characters(self):
        assert highlight("e\u0301ﬁ İ niñas.", leaves("niña")) == (
            Fragment("e\u0301ﬁ İ "),
            Fragment("niñas", marked=True),
            Fragment("."),
        )

    @given(TEXTS, st.sampled_from(["mujer", '"mujer paz" paz', "m u j -e", '"m m"']))
    def test_the_fragments_joined_are_the_text(self, text, query):
        fragments = highlight(text, leaves(query))
        assert joined(fragments) == text
        assert all(fragment.text for fragment in fragments)


LENGTHS = st.integers(1, 60)


class TestSnippet:
    LONG = "Uno dos tres cuatro cinco. Seis siete ocho nueve diez. Acoso en la calle y trata. Fin del texto, acoso."

    def test_a_short_text_is_whole(self):
        assert cut_snippet("Trata y acoso.", leaves("acoso"), 100) == highlight("Trata y acoso.", leaves("acoso"))

    def test_without_marks_it_is_the_beginning_up_to_a_word(self):
        assert joined(cut_snippet(self.LONG, leaves("nada"), 20)) == f"Uno dos tres cuatro {ELLIPSIS}"

    def test_the_window_with_most_of_the_query_is_shown_from_its_sentence_on(self):
        fragments = cut_snippet(self.LONG, leaves("acoso trata"), 40)
        assert marked(fragments) == ["Acoso", "trata"]
        assert joined(fragments).startswith(f"{ELLIPSIS} Acoso en la calle")

    def test_the_end_of_a_text_has_no_ellipsis(self):
        fragments = cut_snippet("x " * 100 + "acoso final", leaves("acoso"), 30)
        assert joined(fragments).endswith("acoso final")
        assert joined(fragments).startswith(ELLIPSIS)

    def test_of_equal_windows_the_first_is_shown(self):
        assert joined(cut_snippet("acoso " * 100, leaves("acoso"), 17)) == f"acoso acoso acoso {ELLIPSIS}"

    def test_a_word_longer_than_the_window_is_cut(self):
        assert joined(cut_snippet("x" * 50, leaves(""), 10)) == f"{'x' * 10} {ELLIPSIS}"

    @given(TEXTS, st.sampled_from(["mujer", '"mujer paz" paz', "m u j"]), st.integers(1, 60))
    def test_it_is_a_piece_of_the_text_within_the_length(self, text, query, length):
        fragments = cut_snippet(text, leaves(query), length)
        piece = joined(fragments)
        if len(text) > length:
            piece = piece.removeprefix(f"{ELLIPSIS} ").removesuffix(f" {ELLIPSIS}")
        assert piece in text
        assert len(piece) <= max(length, 0)
        assert all(fragment.text for fragment in fragments)

    @given(
        st.lists(st.sampled_from(["mujer", "woman's", "l’s", "ʼs", "aʼb", "e\u0301", "_x_", "10", " ", ", ", "\n"])),
        LENGTHS,
    )
    def test_without_marks_it_ends_where_the_last_word_does_that_fits(self, pieces, length):
        text = " ".join(pieces)
        ends = [end for end in iterate_word_ends(text) if end <= length]
        if len(text) > length:
            assert cut_snippet(text, leaves(""), length)[0].text == text[: max(ends, default=length)]
