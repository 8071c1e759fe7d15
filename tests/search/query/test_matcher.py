"""Matches of a query are found in a text, though most of its words are never tokenized."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.query.matcher import TextMatcher
from search.query.names import NameIndex
from search.query.parser import parse
from search.query.tree import Phrase, Prefix, TextLeaf, Word, iterate_sought_leaves
from search.text import lexicon
from search.text.analysis import Stems, iterate_words

WORDS = (
    *(
        "mujer",
        "mujeres",
        "Mujéres",
        "paz",
        "paces",
        "psicología",
        "sicologia",
        "flies",
        "fly",
        "woman's",
        "women",
        "s",
    ),
    *("paediatric", "pediatrics", "organised", "organize", "behaviours", "ßaß", "ﬁn", "œuvre", "m", "mu", "niño-a"),
    *(
        "programmes",
        "greying",
        "gray",
        "İstanbul",
        "e\u0301l",
        "él",
        "ca\u00adsa",
        "casas",
        "’s",
        "“casa”",
        "a_b",
        "x²",
    ),
)
TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=12).map(" ".join)
LEAVES = st.lists(
    st.sampled_from(
        [
            leaf
            for query in (*WORDS, "mujer* casa*", '"mujer paz" "flies paz casas"', '"casa s" psico* org*')
            for leaf in iterate_sought_leaves(parse(query, NameIndex()).node)
            if isinstance(leaf, Word | Phrase | Prefix)
        ]
    ),
    max_size=4,
)


def by_every_word(leaves: list[TextLeaf], text: str) -> set[tuple[int, int, TextLeaf]]:
    """Compare each word of the text with each leaf: what `TextMatcher` does, without its short cut."""
    found = set()
    read = list(iterate_words(text))
    for at, (start, end, stems) in enumerate(read):
        for leaf in leaves:
            match leaf:
                case Phrase(es, en):
                    for side, tokens in ((0, es), (1, en)):
                        run = read[at : at + len(tokens)]
                        if tuple(each[2][side] for each in run) == tokens:
                            found.add((start, run[-1][1], leaf))
                case Prefix() if any(token.startswith(leaf.letters) for token in stems):
                    found.add((start, end, leaf))
                case _ if stems.es == leaf.es or stems.en == leaf.en:
                    found.add((start, end, leaf))
    return found


class TestMatches:
    @given(LEAVES, TEXTS)
    def test_they_stand_where_a_comparison_of_every_word_finds_them(self, leaves: list[TextLeaf], text: str):
        expected = by_every_word([leaf for leaf in leaves if not is_stop_word(leaf)], text)
        sought = TextMatcher(leaves)
        found = [(start, end, sought.leaves[number]) for start, end, number in sought.find_matches(text)]
        assert {(start, end) for start, end, _ in found} == {(start, end) for start, end, _ in expected}
        assert set(found) <= expected

    def test_irregular_words_of_the_lexicon_find_one_another(self):
        for word, other in (*lexicon.ENGLISH_PLURALS.items(), *lexicon.BRITISH_WORDS.items()):
            for sought, text in ((word, f"The {other}."), (other, f"The {word}.")):
                leaves = iterate_sought_leaves(parse(sought, NameIndex()).node)
                assert [text[start:end] for start, end, _ in TextMatcher(leaves).find_matches(text)] == [text[4:-1]]


def is_stop_word(leaf: TextLeaf) -> bool:
    return isinstance(leaf, Word) and NameIndex.is_stop_word(Stems(leaf.es, leaf.en))
