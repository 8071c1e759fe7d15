"""The figures by which ranked lists are judged."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.judge import is_good_enough
from benchmarks.judging import JudgedQuery, Score, ndcg, read_judgements, recall, score_engine

GRADES = {"a": 3, "b": 2, "c": 1}
grades = st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(1, 3), min_size=1)


class TestNdcg:
    def test_follows_the_formula(self):
        # (0 + 7 / log2(3) + 3 / log2(4)) / (7 / log2(2) + 3 / log2(3) + 1 / log2(4))
        assert ndcg(["x", "a", "b"], GRADES, 10) == pytest.approx(0.6299, abs=1e-4)

    @given(grades, st.permutations(list("abcdef")))
    def test_is_one_for_the_best_order_and_never_more(self, judged: dict[str, int], ranked: list[str]):
        best = sorted(judged, key=lambda slug: -judged[slug])
        assert ndcg(best, judged, 10) == pytest.approx(1)
        assert 0 <= ndcg(ranked, judged, 10) <= 1

    def test_sees_no_farther_than_its_depth(self):
        assert ndcg(["x", "a"], GRADES, 1) == 0


class TestRecall:
    def test_is_the_share_of_what_was_graded(self):
        assert recall(["a", "x", "c"], GRADES, 20) == pytest.approx(2 / 3)
        assert recall(["a", "x", "c"], GRADES, 20, least=2) == 1 / 2
        assert recall(["x", "a"], GRADES, 1) == 0

    def test_asks_for_nothing_where_nothing_has_the_grade(self):
        assert recall([], {"a": 1}, 20, least=2) == 1


class TestJudging:
    def test_averages_over_all_by_language_and_by_kind(self):
        queries = [JudgedQuery("1", "x", "es", "topic", GRADES), JudgedQuery("2", "y", "en", "topic", GRADES)]
        scores = score_engine(queries, {"x": ["a", "b", "c"], "y": []}.__getitem__)
        assert list(scores) == ["all", "language en", "language es", "kind topic"]
        assert scores["language es"] == Score(1, 1, 1, 1, 0)
        assert scores["language en"] == Score(1, 0, 0, 0, 1)
        assert scores["all"] == scores["kind topic"] == Score(2, 0.5, 0.5, 0.5, 0.5)

    def test_a_study_listed_twice_counts_once(self):
        query = JudgedQuery("1", "x", "es", "topic", {"a": 3, "b": 3})
        assert score_engine([query], lambda _: ["a"] * 20 + ["b"])["all"].recall_at_20 == 1

    def test_is_good_enough_only_if_each_language_is(self):
        good, poor, empty = Score(1, 0.9, 0.95, 1, 0), Score(1, 0.9, 0.6, 1, 0), Score(1, 0.9, 0.95, 1, 0.1)
        assert is_good_enough({"all": good, "language es": good})
        assert not is_good_enough({"all": good, "language es": poor})
        assert not is_good_enough({"all": empty, "language es": good})


class TestJudgements:
    def test_are_read_with_their_quotation_marks(self, tmp_path: Path):
        file = tmp_path / "judgements.tsv"
        head = "# made up\nquery_id\tquery\tlanguage\tkind\tstudy_id\tgrade\n"
        file.write_text(
            head + 'q1\t"""a b"" c"\tes\tphrase\ts\t3\nq1\t"""a b"" c"\tes\tphrase\tt\t1\n', encoding="utf-8"
        )
        assert read_judgements(file) == [JudgedQuery("q1", '"a b" c', "es", "phrase", {"s": 3, "t": 1})]
