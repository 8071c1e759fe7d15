"""Lists whose rows are known by a code: what became of each row, and two changes of one list joined. Pure.

Their order says nothing. `differences` uses it for the appraisals of a record, known by their instruments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studies.records.json_record import Json


@dataclass(frozen=True, slots=True)
class NamedChange:
    """What became of the row called `name`: None before where it is new, None after where it is gone.

    `keys` are those whose values differ, none of a row that is new or gone.
    """

    name: str
    before: Json | None
    after: Json | None
    keys: tuple[str, ...] = ()


def named_changes(before: Sequence[Json], after: Sequence[Json], key: str) -> tuple[NamedChange, ...]:
    """Say what became of each row, known by its `key`: in the order of `after`, then what is gone."""
    old, new = _by_name(before, key), _by_name(after, key)
    changes = (_change(name, old.get(name), new.get(name)) for name in dict.fromkeys((*new, *old)))
    return tuple(one for one in changes if one.before != one.after)


def joined_by_name(
    base: Sequence[Json], mine: Sequence[Json], theirs: Sequence[Json], key: str
) -> tuple[Json, ...] | None:
    """Return the rows that hold both changes of `base`; None where both changed one row, each in another way."""
    was, one, other = _by_name(base, key), _by_name(mine, key), _by_name(theirs, key)
    joined: list[Json] = []
    for name in dict.fromkeys((*other, *one)):
        if one.get(name) == was.get(name):
            row = other.get(name)
        elif other.get(name) in (was.get(name), one.get(name)):
            row = one.get(name)
        else:
            return None
        if row is not None:
            joined.append(row)
    return tuple(joined)


def _by_name(rows: Sequence[Json], key: str) -> dict[str, Json]:
    return {row[key]: row for row in rows}


def _change(name: str, before: Json | None, after: Json | None) -> NamedChange:
    if before is None or after is None:
        return NamedChange(name, before, after)
    keys = [*before, *(key for key in after if key not in before)]
    return NamedChange(name, before, after, tuple(key for key in keys if before.get(key) != after.get(key)))
