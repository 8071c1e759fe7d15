"""What changed between two records, and how two changes of one record are joined. Pure: the words stand elsewhere.

The whole record is compared, field by field: who shows a difference takes it apart with `row_changes`, `code_changes`
and `text_pieces`. Order counts in authors, findings, sources and designs, not in the other lists.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from studies.records.json_record import Json
from studies.records.keyed_diff import joined_by_name, named_changes
from studies.records.study import STUDY_FIELDS, STUDY_LISTS, StudyRecord

SETS = frozenset(STUDY_LISTS) - {"designs"}
ROWS = ("authors", "findings", "sources")
"""The fields that are lists of rows in an order: each row is a JSON object."""
NAMED = {"appraisals": "instrument"}
"""The fields that are lists of rows without an order, each known by the code under this key."""

Side = Literal["mine", "theirs"]
MOST_WORDS_COMPARED = 3_000
"""Longer texts, spaces counted as words, are compared by sentences: the time grows with the square of the pieces."""
LEAST_SHARED = 0.4
"""Two texts that share less of their letters are another text: their pieces would only confuse."""

_CHOSEN_WITH = {"sample_unit": "sample_size"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of the record with its JSON value before and after: None or an empty list where nothing was known."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class RowChange:
    """What became of one row. `before_at` is None for an added row, `after_at` for one that is gone.

    `fields` are those of the row that differ; `is_moved` where it went past other rows.
    """

    before_at: int | None
    after_at: int | None
    fields: tuple[Difference, ...] = ()
    is_moved: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: in both texts, only in the new one, or only in the old one."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True)
class Collision:
    """A field that both changed, each in another way. `base` is None where nobody knows what it was."""

    field: str
    base: Any
    mine: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class Merge:
    """Two changes of one record, joined.

    `record` holds both; `mine` and `theirs` are what each side changed. A field of `collisions` stands in `record` as
    it was chosen, or as mine where `undecided` still names it.
    """

    record: StudyRecord
    mine: tuple[Difference, ...]
    theirs: tuple[Difference, ...]
    collisions: tuple[Collision, ...]
    undecided: tuple[str, ...]


def differences(before: StudyRecord, after: StudyRecord) -> tuple[Difference, ...]:
    """Return the fields that differ, in the order of the record; none exactly where both fingerprints are equal."""
    old, new = before.to_json(), after.to_json()
    return tuple(Difference(key, old.get(key), new.get(key)) for key in changed_fields(old, new))


def changed_fields(before: Json, after: Json) -> tuple[str, ...]:
    """Return the keys of STUDY_FIELDS whose values differ between two JSON forms of records."""
    return tuple(key for key in STUDY_FIELDS if _plain(key, before.get(key)) != _plain(key, after.get(key)))


def same_appraisals(one: StudyRecord, other: StudyRecord) -> bool:
    """Say whether two records hold the same appraisals, in whatever order."""
    return not named_changes(one.to_json().get("appraisals", []), other.to_json().get("appraisals", []), "instrument")


def apply(record: StudyRecord, found: Iterable[Difference]) -> StudyRecord:
    """Return `record` with each difference's new value."""
    return StudyRecord.from_json({**record.to_json(), **{one.field: one.after for one in found}})


def code_changes(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes that are new and those that are gone, each in its order."""
    return tuple(code for code in after if code not in before), tuple(code for code in before if code not in after)


def row_changes(before: Sequence[Json], after: Sequence[Json]) -> tuple[RowChange, ...]:
    """Say what became of each row: first equal ones, then those that share most, are taken for the same row.

    The result is in the order of `after`, a row that is gone at its old place; unchanged rows are left out.
    """
    pairs = _paired(before, after)
    kept = _in_order([pairs[old] for old in sorted(pairs)])
    changes = [_row_change(before, after, old, new, is_moved=new not in kept) for old, new in pairs.items()]
    changes += [RowChange(None, new) for new in range(len(after)) if new not in pairs.values()]
    changes += [RowChange(old, None) for old in range(len(before)) if old not in pairs]
    told = [one for one in changes if one.before_at is None or one.after_at is None or one.fields or one.is_moved]
    return tuple(sorted(told, key=_place))


def text_pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Cut two texts into what they share and what only one has. Without `added` it is the old text, and so on.

    Texts that share little are one piece that went and one that came.
    """
    old, new = _tokens(before), _tokens(after)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(str.isspace, old, new).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(old[i1:i2])))
            continue
        if i1 < i2:
            pieces.append(Piece("removed", "".join(old[i1:i2])))
        if j1 < j2:
            pieces.append(Piece("added", "".join(new[j1:j2])))
    shared = sum(len(piece.text) for piece in pieces if piece.kind == "same")
    if before and after and shared < LEAST_SHARED * min(len(before), len(after)):
        return (Piece("removed", before), Piece("added", after))
    return tuple(pieces)


def merge(
    base: StudyRecord | None, mine: StudyRecord, theirs: StudyRecord, choices: Mapping[str, Side] | None = None
) -> Merge:
    """Join two changes of `base`. `choices` takes a field from one side, whether it collides or not.

    Codes of a set, rows and appraisals that only one side changed are joined; what both changed differently collides.
    Without a base nobody knows who changed what: all that differs collides.
    """
    chosen = choices or {}
    old = base.to_json() if base else None
    one, other = mine.to_json(), theirs.to_json()
    result, collisions, undecided = dict(other), [], []
    for key in changed_fields(other, one):
        leader = chosen_with(key)
        joined = _joined(key, old, one, other)
        if joined is None:
            collisions.append(Collision(key, old.get(key) if old else None, one.get(key), other.get(key)))
        if leader in chosen:
            result[key] = (one if chosen[leader] == "mine" else other).get(key)
        elif joined is None:
            undecided.append(key)
            result[key] = one.get(key)
        else:
            result[key] = joined.value
    return Merge(
        StudyRecord.from_json(result),
        differences(base or theirs, mine),
        differences(base or mine, theirs),
        tuple(collisions),
        tuple(undecided),
    )


def chosen_with(field: str) -> str:
    """Return the field whose choice takes this one along: a unit says nothing without its size."""
    return _CHOSEN_WITH.get(field, field)


@dataclass(frozen=True, slots=True)
class _Joined:
    value: Any


def _joined(key: str, base: Json | None, mine: Json, theirs: Json) -> _Joined | None:
    """Return the value of a field that holds both changes, or None where they collide."""
    if base is None:
        return None
    group = [name for name in STUDY_FIELDS if chosen_with(name) == chosen_with(key)]
    if not _differs(group, base, mine):
        return _Joined(theirs.get(key))
    if not _differs(group, base, theirs):
        return _Joined(mine.get(key))
    if key in SETS:
        return _Joined(_joined_set(base[key], mine[key], theirs[key]))
    if key in NAMED:
        rows = joined_by_name(base.get(key, []), mine.get(key, []), theirs.get(key, []), NAMED[key])
        return None if rows is None else _Joined(list(rows))
    if key in ROWS:
        return _joined_rows(base[key], mine[key], theirs[key])
    return None


def _differs(keys: Iterable[str], one: Json, other: Json) -> bool:
    return any(_plain(key, one.get(key)) != _plain(key, other.get(key)) for key in keys)


def _joined_set(base: list[str], mine: list[str], theirs: list[str]) -> list[str]:
    both = dict.fromkeys([*theirs, *mine])
    return [code for code in both if (code in mine and code in theirs) or code not in base]


def _joined_rows(base: list[Json], mine: list[Json], theirs: list[Json]) -> _Joined | None:
    """Join rows by their places, where neither side added or removed any."""
    if not len(base) == len(mine) == len(theirs):
        return None
    rows = []
    for was, one, other in zip(base, mine, theirs, strict=True):
        if _canonical(one) != _canonical(was) != _canonical(other) != _canonical(one):
            return None
        rows.append(other if _canonical(one) == _canonical(was) else one)
    return _Joined(rows)


def _plain(key: str, value: Any) -> Any:
    """Make values comparable: sets without their order, nothing known as None."""
    if value in (None, "", []):
        return None
    if key in SETS:
        return sorted(value)
    if key in NAMED:
        return sorted(map(_canonical, value))
    return [_canonical(row) for row in value] if key in ROWS else value


def _canonical(row: Json) -> str:
    return json.dumps({key: _of_row(key, row) for key in row}, sort_keys=True)


def _of_row(key: str, row: Json) -> Any:
    value = row.get(key)
    return sorted(value) if key == "interventions" and value else value


def _row_change(before: Sequence[Json], after: Sequence[Json], old: int, new: int, *, is_moved: bool) -> RowChange:
    one, other = before[old], after[new]
    keys = [*one, *(key for key in other if key not in one)]
    fields = tuple(
        Difference(key, one.get(key), other.get(key)) for key in keys if _of_row(key, one) != _of_row(key, other)
    )
    return RowChange(old, new, fields, is_moved)


def _place(change: RowChange) -> tuple[float, int]:
    if change.after_at is not None:
        return (change.after_at, 1)
    assert change.before_at is not None
    return (change.before_at, 0)


def _paired(before: Sequence[Json], after: Sequence[Json]) -> dict[int, int]:
    """Give the place in `after` of each row of `before` that is still there."""
    pairs: dict[int, int] = {}
    places: dict[str, list[int]] = {}
    for new, row in enumerate(after):
        places.setdefault(_canonical(row), []).append(new)
    for old, row in enumerate(before):
        if found := places.get(_canonical(row)):
            pairs[old] = found.pop(0)
    _pair_most_alike(before, after, pairs)
    return dict(sorted(pairs.items()))


def _pair_most_alike(before: Sequence[Json], after: Sequence[Json], pairs: dict[int, int]) -> None:
    taken = set(pairs.values())
    candidates = [
        (-_likeness(before[old], after[new]), abs(old - new), old, new)
        for old in range(len(before))
        if old not in pairs
        for new in range(len(after))
        if new not in taken
    ]
    for likeness, _distance, old, new in sorted(candidates):
        if likeness < 0 and old not in pairs and new not in taken:
            pairs[old] = new
            taken.add(new)


def _likeness(one: Json, other: Json) -> int:
    return sum(1 for key in one if key in other and _of_row(key, one) == _of_row(key, other))


def _in_order(places: Sequence[int]) -> set[int]:
    """Return the places of a longest run that stayed in its order: what is not in it has moved."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for place in places:
        at = bisect_left(tails, place)
        before[place] = tails[at - 1] if at else None
        tails[at : at + 1] = [place]
    kept: set[int] = set()
    last = tails[-1] if tails else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return kept


_WORDS: Callable[[str], list[str]] = re.compile(r"\S+|\s+").findall
_SENTENCES: Callable[[str], list[str]] = re.compile(r"[^.\n]*[.\n]+\s*|[^.\n]+").findall


def _tokens(text: str) -> list[str]:
    words = _WORDS(text)
    return words if len(words) <= MOST_WORDS_COMPARED else _SENTENCES(text)
