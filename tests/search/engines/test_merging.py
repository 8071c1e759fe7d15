"""Segments into one: which, when, and what holds while others write (I3, I4)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any as AnyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.contract import SORTS, EngineError, SearchRequest
from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.engines.whoosh import merging
from search.engines.whoosh.directory import IndexDirectory
from search.engines.whoosh.engine import WhooshEngine
from search.engines.whoosh.merging import MOST_SEGMENTS, segments_to_merge
from search.query.tree import AnyOf
from tests.search.corpora import at, phrase, titled, word


class TestWhatIsDue:
    def test_a_few_segments_stay_as_they_are(self):
        assert segments_to_merge([(20_000, 300)] + [(1, 0)] * (MOST_SEGMENTS - 1)) == []

    def test_one_too_many_and_the_small_ones_become_one(self):
        assert segments_to_merge([(20_000, 300)] + [(1, 0)] * MOST_SEGMENTS) == list(range(1, MOST_SEGMENTS + 1))

    def test_at_most_four_are_left(self):
        assert segments_to_merge([(10**n, 0) for n in range(MOST_SEGMENTS + 1)]) == [0, 1, 2, 3, 4, 5]

    def test_a_segment_no_larger_than_those_before_it_joins_them(self):
        assert segments_to_merge([(1, 0)] * 6 + [(6, 0), (500, 0), (20_000, 0)]) == [0, 1, 2, 3, 4, 5, 6]

    def test_a_large_segment_of_which_much_is_deleted_is_written_anew(self):
        assert segments_to_merge([(20_000, 10_001), (1, 0)]) == [0]
        assert segments_to_merge([(20_000, 9_999), (1, 0)]) == []

    def test_a_small_one_is_not_worth_it(self):
        assert segments_to_merge([(100, 99)]) == []

    @given(st.lists(st.integers(1, 500), min_size=50, max_size=300))
    def test_after_any_row_of_changes_there_are_few_and_no_study_was_copied_often(self, batches: list[int]):
        segments: list[int] = []
        copied = 0
        for batch in batches:
            segments.append(batch)
            chosen = segments_to_merge([(size, 0) for size in segments])
            merged = sum(segments[i] for i in chosen)
            copied += merged
            segments = [size for i, size in enumerate(segments) if i not in chosen] + [merged] * bool(chosen)
            assert len(segments) <= MOST_SEGMENTS
        assert sum(segments) == sum(batches)
        assert copied <= 8 * sum(batches)


def make_engine(folder: Path) -> WhooshEngine:
    return WhooshEngine(folder / "index", FACET_PARAMETERS, analysis_version=1)


def segments(folder: Path) -> int:
    return len(list(IndexDirectory(folder / "index", "", 1).current().glob("*.trm")))


def assert_equal(engine: WhooshEngine, memory: MemoryEngine) -> None:
    assert engine.status().position == memory.status().position
    assert engine.fingerprints() == memory.fingerprints()
    for sort in SORTS:
        request = SearchRequest(AnyOf((word("sol"), phrase("mar sol"))), sort=sort, limit=None)
        assert engine.search(request) == memory.search(request)


@pytest.fixture
def both(tmp_path: Path) -> tuple[WhooshEngine, MemoryEngine]:
    """Both engines after twelve changes, that of Whoosh in as many segments: some studies changed, some went."""
    engine, memory = make_engine(tmp_path), MemoryEngine(FACET_PARAMETERS)
    for each in (engine, memory):
        each.rebuild([titled(n, "sol mar " * (n % 4) + "luz", year=2000 + n % 3) for n in range(20)], at(1))
        for n in range(12):
            each.apply([titled(n, "mar sol " * (n % 3), doi=f"10.1/{n}")], [n + 7] if n % 3 == 0 else [], at(2 + n))
    return engine, memory


class TestOptimizing:
    def test_a_change_merges_nothing_and_tells_that_it_is_due(self, tmp_path, both):
        assert segments(tmp_path) == 13
        assert both[0].status().needs_optimizing

    def test_it_changes_no_answer_and_leaves_few_segments(self, tmp_path, both):
        engine, memory = both
        engine.optimize()
        assert not engine.status().needs_optimizing
        assert segments(tmp_path) <= MOST_SEGMENTS
        assert_equal(engine, memory)

    def test_other_processes_see_it(self, tmp_path, both):
        other = make_engine(tmp_path)
        assert other.status().needs_optimizing
        both[0].optimize()
        assert not other.status().needs_optimizing
        assert_equal(other, both[1])

    def test_where_nothing_is_due_it_writes_nothing(self, tmp_path):
        engine = make_engine(tmp_path)
        engine.optimize()
        engine.rebuild([titled(1, "sol")], at(1))
        generation = IndexDirectory(tmp_path / "index", "", 1).current()
        before = {path: path.stat().st_mtime_ns for path in generation.glob("*MAIN*")}
        engine.optimize()
        assert {path: path.stat().st_mtime_ns for path in generation.glob("*MAIN*")} == before

    def test_if_all_studies_of_the_segments_went_it_still_holds(self, tmp_path):
        engine = make_engine(tmp_path)
        engine.rebuild([titled(n, "sol") for n in range(12)], at(1))
        for n in range(12):
            engine.apply([titled(n, "mar")], [], at(2 + n))
        engine.apply([], range(12), at(20))
        engine.optimize()
        assert not engine.status().needs_optimizing
        assert make_engine(tmp_path).search(SearchRequest()).total == 0
        assert engine.apply([titled(1, "sol")], [], at(21))
        assert engine.search(SearchRequest(word("sol"))).total == 1


class TestWritingMeanwhile:
    @pytest.fixture
    def during(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
        """Let something happen when the merged segment is written and not yet in place."""

        def let(happen: Callable[[], object]) -> None:
            whole = merging._copy_segments

            def copy(*args: AnyType) -> None:
                whole(*args)
                happen()

            monkeypatch.setattr(merging, "_copy_segments", copy)

        return let

    def test_changes_are_taken_and_stay(self, tmp_path, both, during):
        engine, memory = both
        other = make_engine(tmp_path)

        def change() -> None:
            for n, each in enumerate((other, memory)):
                assert each.apply([titled(3, "sol sol"), titled(30, "sol")], [4, 5, 19], at(50)), n

        during(change)
        engine.optimize()
        assert segments(tmp_path) <= MOST_SEGMENTS
        assert_equal(engine, memory)
        assert_equal(make_engine(tmp_path), memory)

    def test_a_second_merging_is_turned_away(self, tmp_path, both, during):
        other = make_engine(tmp_path)
        during(other.optimize)
        both[0].optimize()
        assert_equal(both[0], both[1])

    def test_a_rebuilding_wins(self, tmp_path, both, during):
        other = make_engine(tmp_path)
        during(lambda: other.rebuild([titled(1, "sol")], at(60)))
        both[0].optimize()
        assert both[0].status().position == at(60)
        assert both[0].search(SearchRequest()).total == 1

    def test_a_deleted_directory_is_no_error(self, tmp_path, both, during):
        during(lambda: shutil.rmtree(tmp_path / "index"))
        both[0].optimize()
        assert both[0].status().state == "missing"

    def test_what_fails_leaves_the_index(self, tmp_path, both, during):
        def fail() -> None:
            raise OSError("no space left")

        during(fail)
        with pytest.raises(EngineError, match="no space left"):
            both[0].optimize()
        assert_equal(make_engine(tmp_path), both[1])

    def test_what_a_killed_one_left_is_cleared_up(self, tmp_path, both):
        left = IndexDirectory(tmp_path / "index", "", 1).current() / "merge-half"
        left.mkdir()
        (left / "MAIN_x.trm").write_text("half")
        both[0].optimize()
        assert not left.exists()
        assert_equal(both[0], both[1])
