"""Lists whose rows are known by a code: what became of each, and two changes of one joined."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studies.records.json_record import Json
from studies.records.keyed_diff import NamedChange, joined_by_name, named_changes

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
        found = named_changes(before, after, "code")
        assert sorted(one.name for one in found) == sorted(
            code for code in {*old, *new} if old.get(code) != new.get(code)
        )
        assert all((one.before, one.after) == (old.get(one.name), new.get(one.name)) for one in found)

    def test_the_order_is_no_change(self):
        rows = [{"code": "a"}, {"code": "b"}]
        assert named_changes(rows, rows[::-1], "code") == ()

    def test_the_keys_that_differ_are_named(self):
        before, after = {"code": "a", "value": 1, "gone": 1}, {"code": "a", "value": 2, "new": 3}
        assert named_changes([before], [after], "code") == (NamedChange("a", before, after, ("value", "gone", "new")),)


class TestJoining:
    @given(LISTS, LISTS)
    def test_what_one_side_left_is_taken_from_the_other(self, base: list[Json], changed: list[Json]):
        for joined in (joined_by_name(base, changed, base, "code"), joined_by_name(base, base, changed, "code")):
            assert by_code(joined) == by_code(changed)

    @given(LISTS, LISTS, LISTS)
    def test_either_side_may_ask(self, base: list[Json], mine: list[Json], theirs: list[Json]):
        one, other = joined_by_name(base, mine, theirs, "code"), joined_by_name(base, theirs, mine, "code")
        assert (one is None) == (other is None)
        if one is not None:
            assert by_code(one) == by_code(other)

    def test_two_changes_of_one_row_collide(self):
        rows = [[{"code": "a", "value": value}] for value in range(3)]
        assert joined_by_name(*rows, "code") is None
        assert joined_by_name(rows[0], [], rows[1], "code") is None

    def test_changes_of_different_rows_are_both_kept(self):
        base = [{"code": "a", "value": 0}]
        mine, theirs = [*base, {"code": "b"}], [{"code": "a", "value": 1}]
        assert joined_by_name(base, mine, theirs, "code") == ({"code": "a", "value": 1}, {"code": "b"})
