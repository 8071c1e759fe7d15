"""Comparing and merging lists whose rows are known by a code."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studies.records.json_record import Json
from studies.records.keyed_diff import KeyedRowChange, compare_keyed_rows, merge_keyed_rows

LISTS = st.dictionaries(st.sampled_from("abc"), st.integers(0, 2), max_size=3).map(
    lambda values: [{"code": code, "value": value} for code, value in values.items()]
)


def by_code(rows: object) -> dict[str, Json]:
    assert isinstance(rows, list | tuple)
    return {row["code"]: row for row in rows}


class TestChanges:
    @given(LISTS, LISTS)
    def test_each_changed_row_is_told_once_and_no_other(self, before: list[Json], after: list[Json]):
        old, new = by_code(before), by_code(after)
        found = compare_keyed_rows(before, after, "code")
        assert sorted(one.name for one in found) == sorted(
            code for code in {*old, *new} if old.get(code) != new.get(code)
        )
        assert all((one.before, one.after) == (old.get(one.name), new.get(one.name)) for one in found)

    def test_the_order_is_no_change(self):
        rows = [{"code": "a"}, {"code": "b"}]
        assert compare_keyed_rows(rows, rows[::-1], "code") == ()

    def test_the_keys_that_differ_are_named(self):
        before, after = {"code": "a", "value": 1, "gone": 1}, {"code": "a", "value": 2, "new": 3}
        assert compare_keyed_rows([before], [after], "code") == (
            KeyedRowChange("a", before, after, ("value", "gone", "new")),
        )


class TestJoining:
    @given(LISTS, LISTS)
    def test_what_one_side_left_is_taken_from_the_other(self, base: list[Json], changed: list[Json]):
        for joined in (merge_keyed_rows(base, changed, base, "code"), merge_keyed_rows(base, base, changed, "code")):
            assert by_code(joined) == by_code(changed)

    @given(LISTS, LISTS, LISTS)
    def test_either_side_may_ask(self, base: list[Json], mine: list[Json], theirs: list[Json]):
        one, other = merge_keyed_rows(base, mine, theirs, "code"), merge_keyed_rows(base, theirs, mine, "code")
        assert (one is None) == (other is None)
        if one is not None:
            assert by_code(one) == by_code(other)

    def test_two_changes_of_one_row_collide(self):
        rows = [[{"code": "a", "value": value}] for value in range(3)]
        assert merge_keyed_rows(*rows, "code") is None
        assert merge_keyed_rows(rows[0], [], rows[1], "code") is None

    def test_changes_of_different_rows_are_both_kept(self):
        base = [{"code": "a", "value": 0}]
        mine, theirs = [*base, {"code": "b"}], [{"code": "a", "value": 1}]
        assert merge_keyed_rows(base, mine, theirs, "code") == ({"code": "a", "value": 1}, {"code": "b"})
