import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.contract import FIELDS
from search.engines import scoring
from search.query.tree import Phrase, Word

amounts = st.integers(1, 10_000)
rarities = st.tuples(st.integers(1, 100_000), st.integers(1, 100_000)).map(
    lambda counts: scoring.rarity(max(counts), min(counts))
)


class TestWeights:
    def test_each_field_of_text_and_both_fields_of_codes_have_one(self):
        assert set(scoring.WEIGHTS) == {*FIELDS, "terms", "programme"}

    def test_the_rule_sets_are_those_of_the_query_tree(self):
        assert set(scoring.RULES) | {"codes", "field"} == set(Word.__slots__) == set(Phrase.__slots__)

    def test_a_code_shares_its_weight_with_others_of_its_parameter(self):
        assert scoring.shared_code_weight("theme", 1.0) == scoring.WEIGHTS["terms"]
        assert scoring.shared_code_weight("theme", 2.0) == scoring.WEIGHTS["terms"] / 2
        assert scoring.shared_code_weight("programme", 1.0) == scoring.WEIGHTS["programme"]


class TestContribution:
    def test_is_what_the_formula_says(self):
        # Two occurrences in a summary of 30 tokens where the average is 20; 3 of 10 studies match.
        norm = 1 - 0.75 + 0.75 * 30 / 20
        weighted = scoring.WEIGHTS["summary"] * 2 / norm
        idf = math.log(1 + 7.5 / 3.5)
        expected = int(1000 * idf * weighted * 2.2 / (1.2 + weighted))
        assert scoring.length_norm(30.0, 20.0) == pytest.approx(norm)
        assert scoring.rarity(10, 3) == pytest.approx(idf)
        assert (
            abs(scoring.contribution(scoring.field_weight("summary", 2.0, norm), scoring.rarity(10, 3)) - expected) <= 1
        )

    @given(st.floats(1e-9, 1e6), rarities)
    def test_is_at_least_one(self, weighted, rarity):
        assert scoring.contribution(weighted, rarity) >= 1

    @given(amounts, amounts, rarities)
    def test_grows_with_the_weighted_frequency(self, first, second, rarity):
        low, high = sorted((float(first), float(second)))
        assert scoring.contribution(low, rarity) <= scoring.contribution(high, rarity)

    @given(st.integers(2, 10_000), st.data())
    def test_rarer_is_more_and_everywhere_is_still_above_zero(self, studies, data):
        matching = data.draw(st.integers(1, studies - 1))
        assert scoring.rarity(studies, matching) > scoring.rarity(studies, matching + 1) > 0

    def test_no_words_outweigh_a_doi(self):
        most = scoring.contribution(1e9, scoring.rarity(10_000_000, 1))
        assert 32 * most < scoring.DOI_SCORE

    @given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=20), st.floats(0.5, 500), rarities)
    def test_one_number_and_an_array_of_them_give_the_same_bits(self, measured, average, rarity):
        occurrences = np.array([each for each, _ in measured], np.float64)
        norms = scoring.length_norm(np.array([length for _, length in measured], np.float64), average)
        contributions = scoring.uncut_contribution(scoring.field_weight("title", occurrences, norms), rarity)
        for (occurs, length), together in zip(measured, contributions.tolist(), strict=True):
            alone = scoring.field_weight("title", float(occurs), scoring.length_norm(float(length), average))
            assert scoring.uncut_contribution(alone, rarity) == together
            assert scoring.contribution(alone, rarity) == max(1, int(together))


class TestWidening:
    """S3: a match through the thesaurus ranks below the reader's own words."""

    @given(st.floats(1e-9, 1e6), rarities)
    def test_own_words_are_above_every_addition(self, weighted, rarity):
        least_own = 1 + scoring.own_words_bonus(rarity)
        assert 1 <= scoring.addition(weighted, rarity) < least_own

    @given(st.lists(st.floats(1e-9, 1e6), min_size=1), rarities)
    def test_one_number_and_an_array_of_them_give_the_same_bits(self, weighted, rarity):
        together = scoring.uncut_addition(np.array(weighted), rarity).astype(np.int64).tolist()
        assert [max(1, each) for each in together] == [scoring.addition(each, rarity) for each in weighted]
