"""What can be read from a tree without an engine."""

from search.query.tree import AllOf, AnyOf, Expansion, Not, Phrase, Prefix, WithExpansion, Word, iterate_prefixes

SOL, MAR, PAN = Word("sol", "sol"), Word("mar", "mar"), Word("pan", "pan")
ADDED = Expansion((Phrase(("a", "b"), ("a", "b")),))


class TestExpansion:
    def test_is_equal_to_one_with_the_same(self):
        assert WithExpansion(SOL, ADDED) == WithExpansion(SOL, Expansion((Phrase(("a", "b"), ("a", "b")),)))
        assert hash(ADDED) == hash(Expansion((Phrase(("a", "b"), ("a", "b")),)))
        assert Expansion(codes=frozenset({("theme", "a")})) != ADDED


class TestPrefixes:
    def test_of_all_parts_are_found(self):
        prefix = Prefix("sol", "sol", "sol")
        assert list(iterate_prefixes(AllOf((SOL, Not(prefix), AnyOf((MAR, prefix)))))) == [prefix, prefix]
