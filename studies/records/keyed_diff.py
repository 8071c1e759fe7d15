"""Compares and merges lists of rows that are known by a code, and whose order means nothing. Pure.

`diff` uses it for the appraisals of a record, which are known by their instruments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studies.records.json_record import Json


@dataclass(frozen=True, slots=True)
class KeyedRowChange:
    """A change of the row with the code `name`: `before` is None for a new row, `after` for a removed one.

    `keys` are the keys whose values differ; empty for a row that is new or removed.
    """

    name: str
    before: Json | None
    after: Json | None
    keys: tuple[str, ...] = ()


def compare_keyed_rows(before: Sequence[Json], after: Sequence[Json], key: str) -> tuple[KeyedRowChange, ...]:
    """Return the rows that differ, known by the value under `key`: in the order of `after`, then removed ones."""
    old, new = _index_by_key(before, key), _index_by_key(after, key)
    changes = (_compare_row(name, old.get(name), new.get(name)) for name in dict.fromkeys((*new, *old)))
    return tuple(one for one in changes if one.before != one.after)


def merge_keyed_rows(
    base: Sequence[Json], mine: Sequence[Json], theirs: Sequence[Json], key: str
) -> tuple[Json, ...] | None:
    """Return the rows with both changes of `base`; None if both sides changed one row in different ways."""
    was, one, other = _index_by_key(base, key), _index_by_key(mine, key), _index_by_key(theirs, key)
    merged: list[Json] = []
    for name in dict.fromkeys((*other, *one)):
        # None stands for a missing row, so that a removal is a change like any other.
        if one.get(name) == was.get(name):
            row = other.get(name)
        elif other.get(name) in (was.get(name), one.get(name)):
            row = one.get(name)
        else:
            return None
        if row is not None:
            merged.append(row)
    return tuple(merged)


def _index_by_key(rows: Sequence[Json], key: str) -> dict[str, Json]:
    return {row[key]: row for row in rows}


def _compare_row(name: str, before: Json | None, after: Json | None) -> KeyedRowChange:
    if before is None or after is None:
        return KeyedRowChange(name, before, after)
    keys = [*before, *(key for key in after if key not in before)]
    return KeyedRowChange(name, before, after, tuple(key for key in keys if before.get(key) != after.get(key)))
