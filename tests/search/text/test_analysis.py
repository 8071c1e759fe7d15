"""Which words share a token (S1): the rows of word-pairs.tsv, and properties of any text."""

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.text import lexicon
from search.text.analysis import (
    BREAK,
    LONGEST_TOKEN,
    FieldTokens,
    analyse,
    flatten_to_bytes,
    fold,
    iterate_words,
    list_word_beginnings,
    tokenize,
    tokenize_field,
)

PAIRS = Path(__file__).parents[2] / "data" / "word-pairs.tsv"
ROWS = [line.split("\t")[:4] for line in PAIRS.read_text("utf-8").splitlines() if not line.startswith("#")][1:]

# Letters that fold oddly beside plain words: ligatures, marks typed apart, İ, ß, soft hyphens, apostrophes, NUL.
ODD_TEXTS = st.text(st.sampled_from("aeñÑéßİıﬁŉǆΐøæ½①Ⅷ\u0301\u0345\u00ad\u200d'’ʼ´ -_.\x00sS漢가") | st.characters())


class TestWordPairs:
    @pytest.mark.parametrize(("rules", "a", "b", "relation"), ROWS, ids=lambda value: value)
    def test_each_row_holds(self, rules, a, b, relation):
        assert (analyse(a, rules) == analyse(b, rules)) is (relation == "same")

    @pytest.mark.parametrize(("a", "b"), [row[1:3] for row in ROWS if row[3] == "different"])
    def test_words_that_must_not_meet_do_not_meet_under_the_other_language_either(self, a, b):
        assert analyse(a, "es") != analyse(b, "es")
        assert analyse(a, "en") != analyse(b, "en")


class TestExceptions:
    @pytest.mark.parametrize(
        ("rules", "a", "b"),
        [
            ("es", "portugués", "portugueses"),
            ("es", "jueza", "juezas"),
            ("en", "midwife", "midwives"),
            ("en", "bus", "buses"),
            ("en", "gynaecological", "gynecological"),
            ("en", "catalogues", "catalog"),
            ("en", "headache", "headaches"),
            ("en", "women's", "women´s"),
            ("en", "CHILDREN’S", "child"),
        ],
    )
    def test_words_of_the_same_kind_meet(self, rules, a, b):
        assert analyse(a, rules) == analyse(b, rules)

    @pytest.mark.parametrize(
        ("a", "b"),
        [("theme", "them"), ("lose", "los"), ("dose", "dos"), ("Andes", "and"), ("AIDS", "aid"), ("none", "non")],
    )
    def test_a_word_does_not_meet_a_common_word_of_either_language(self, a, b):
        assert analyse(a, "es") != analyse(b, "es")
        assert analyse(a, "en") != analyse(b, "en")

    def test_every_word_of_the_lexicon_is_folded(self):
        spellings = [*lexicon.SPANISH_WORDS, *lexicon.ENGLISH_PLURALS, *lexicon.BRITISH_WORDS, *lexicon.BRITISH_ROOTS]
        sets = [lexicon.STOP_WORDS, lexicon.ENGLISH_UNCUT, lexicon.ENGLISH_IN_SPANISH]
        openers = [word for opener in lexicon.QUESTION_OPENERS for word in opener]
        for word in [*spellings, *openers, *(word for group in sets for word in group)]:
            assert word == fold(word)
            assert word.isalpha()

    def test_words_that_turn_a_meaning_round_are_no_stop_words(self):
        assert not lexicon.STOP_WORDS & {"no", "sin", "contra", "not", "without", "against", "nor", "nunca"}


class TestFold:
    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ("Género, NIÑAS y año", "genero, ninas y ano"),
            ("Straße", "strasse"),
            ("İstanbul", "istanbul"),
            ("Bjørn Łukasz", "bjorn lukasz"),
            ("eﬃcacia", "efficacia"),
            ("e\u0301", "e"),
            ("ＭＵＪＥＲ", "mujer"),
            ("한국어", "한국어"),
        ],
    )
    def test_case_accents_and_forms_go(self, text, folded):
        assert fold(text) == folded

    @given(ODD_TEXTS)
    def test_folding_twice_changes_nothing(self, text):
        assert fold(fold(text)) == fold(text)

    @given(st.text())
    def test_composed_and_decomposed_letters_fold_alike(self, text):
        assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


class TestTokenize:
    def test_offsets_are_places_of_the_original_text(self):
        text = "Las MUJE\u0301RES, e\u00adﬁcaces; women’s İnegöl"
        found = [(token.text, text[token.start : token.end]) for token in tokenize(text, "es")]
        assert found == [
            ("las", "Las"),
            ("mujer", "MUJE\u0301RES"),
            ("eficac", "e\u00adﬁcaces"),
            ("woman", "women"),
            ("inegol", "İnegöl"),
        ]

    @pytest.mark.parametrize(
        ("text", "tokens"),
        [
            ("costo-efectividad", ("costo", "efectividad")),
            ("COVID-19 en 2015–2020", ("covid", "19", "en", "2015", "2020")),
            ("Côte d’Ivoire", ("cot", "d", "ivoir")),
            ("O'Brien y McDonald's", ("o", "brien", "y", "mcdonald")),
            ("muy_largo", ("muy", "largo")),
            ("", ()),
            ("¿¡…!?", ()),
        ],
    )
    def test_hyphens_and_apostrophes_part_words(self, text, tokens):
        assert analyse(text, "es") == tokens

    def test_a_word_is_cut_at_a_bounded_length(self):
        assert [len(token) for token in analyse("x" * 10_000, "en")] == [LONGEST_TOKEN]

    @given(ODD_TEXTS)
    def test_any_text_gives_tokens_in_order_at_places_that_hold_them(self, text):
        end = 0
        for token in tokenize(text, "en"):
            assert end <= token.start < token.end <= len(text)
            assert analyse(text[token.start : token.end], "en") == (token.text,)
            end = token.end

    @given(ODD_TEXTS, st.sampled_from(["es", "en"]))
    def test_case_and_accents_never_matter(self, text, rules):
        plain = re.sub(r"[^a-zñáéíóú ]", "", text.lower())
        assert analyse(fold(plain).upper(), rules) == analyse(plain, rules)

    @given(ODD_TEXTS)
    def test_both_rule_sets_cut_a_text_into_the_same_words(self, text):
        assert [(start, end) for start, end, _ in iterate_words(text)] == [
            (t.start, t.end) for t in tokenize(text, "es")
        ]
        assert len(analyse(text, "es")) == len(analyse(text, "en"))

    @given(ODD_TEXTS)
    def test_tokens_are_never_empty_nor_longer_than_the_bound(self, text):
        for token in (*analyse(text, "es"), *analyse(text, "en")):
            assert token.isalnum()
            assert len(token) <= LONGEST_TOKEN + 2  # "center" is as long as "centre", but "fulfill" is longer


class TestFieldTokens:
    def test_a_break_stands_between_texts_only(self):
        tokens = tokenize_field(["", "Violencia de pareja", "…", "Women's rights"])
        assert tokens == FieldTokens(
            es=("violencia", "de", "pareja", BREAK, "woman", "right"),
            en=("violencia", "de", "pareja", BREAK, "woman", "right"),
        )

    def test_no_text_gives_no_tokens(self):
        assert tokenize_field([]) == tokenize_field(["", " ? "]) == FieldTokens()

    @given(st.lists(ODD_TEXTS, max_size=3))
    def test_the_tokens_are_those_of_each_text(self, texts):
        tokens = tokenize_field(texts)
        assert [token for token in tokens.es if token != BREAK] == [t for text in texts for t in analyse(text, "es")]
        assert [token for token in tokens.en if token != BREAK] == [t for text in texts for t in analyse(text, "en")]


class TestBeginnings:
    SPELLINGS = (
        *(word for table in (lexicon.SPANISH_WORDS, lexicon.ENGLISH_PLURALS, lexicon.BRITISH_WORDS) for word in table),
        *(root + end for root in lexicon.BRITISH_ROOTS for end in ("", "s", "ed", "ies")),
        *(root + end for root in lexicon.OUR_ROOTS for end in ("our", "ours", "oured")),
        *(row[1] for row in ROWS),
        *(row[2] for row in ROWS),
    )

    @given(
        st.sampled_from(SPELLINGS)
        | st.text("abceinoprstuyz", max_size=6)
        | st.tuples(
            st.text("acepisyz", max_size=3),
            st.sampled_from(["s", "es", "ies", "z", "ces", "ise", "yse", "our", "sora", "os", "xes", "ches", "ica"]),
        ).map("".join)
    )
    def test_every_word_begins_as_its_tokens_say(self, word: str):
        for _, _, stems in iterate_words(word):
            for token in stems:
                assert fold(word).startswith(tuple(list_word_beginnings(token))), token

    def test_they_are_few(self):
        assert list_word_beginnings("violencia") == {"vio"}
        assert list_word_beginnings("sicologia") == {"sic", "psi"}


class TestFlattening:
    @given(ODD_TEXTS)
    def test_it_has_a_byte_for_each_character_and_the_folded_letters_of_each_word(self, text: str):
        flattened = flatten_to_bytes(text)
        if flattened is not None:
            assert len(flattened) == len(text) + 1
            for start, end, _ in iterate_words(text):
                assert flattened[start + 1 : end + 1].decode() == fold(text[start:end])
                assert flattened[start : start + 1] == b" " or text[start - 1] in "'’‘ʼ＇´`"

    def test_other_texts_have_none(self):
        assert flatten_to_bytes("Niñas, “él” – ½") is None
        assert flatten_to_bytes("Niñas, “él” –") == b" ninas   el   "
        assert [flatten_to_bytes(text) for text in ("straße", "e\u0301l", "漢", "ca\u00adsa")] == [None] * 4
