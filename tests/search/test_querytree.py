"""What is read off a tree without an engine."""

from search.querytree import (
    All,
    Any,
    Everything,
    Expansion,
    Not,
    Phrase,
    Prefix,
    Widened,
    Word,
    Years,
    loosened,
    prefixes,
)

SOL, MAR, PAN = Word("sol", "sol"), Word("mar", "mar"), Word("pan", "pan")
ADDED = Expansion((Phrase(("a", "b"), ("a", "b")),))


class TestExpansion:
    def test_is_equal_to_one_with_the_same(self):
        assert Widened(SOL, ADDED) == Widened(SOL, Expansion((Phrase(("a", "b"), ("a", "b")),)))
        assert hash(ADDED) == hash(Expansion((Phrase(("a", "b"), ("a", "b")),)))
        assert Expansion(codes=frozenset({("theme", "a")})) != ADDED


class TestLoosened:
    def test_any_of_the_words_is_enough_and_exclusions_stay(self):
        assert loosened(All((SOL, MAR))) == Any((SOL, MAR))
        assert loosened(All((SOL, Any((MAR, PAN)), Not(PAN)))) == All((Any((SOL, MAR, PAN)), Not(PAN)))
        assert loosened(All((SOL, Years(2015, None)))) == SOL

    def test_words_that_belong_together_also_match_apart(self):
        together = Widened(All((SOL, MAR)), ADDED)
        assert loosened(together) == Any((together, SOL, MAR))
        assert loosened(Widened(SOL, ADDED)) == Widened(SOL, ADDED)

    def test_what_seeks_nothing_stays_as_it_is(self):
        for node in (Everything(), Years(2015, None), All((Everything(), Not(SOL)))):
            assert loosened(node) == node


class TestPrefixes:
    def test_of_all_parts_are_found(self):
        prefix = Prefix("sol", "sol", "sol")
        assert list(prefixes(All((SOL, Not(prefix), Any((MAR, prefix)))))) == [prefix, prefix]
