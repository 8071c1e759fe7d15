"""Compares two records field by field, and merges two changes of one record. Pure; pages have the words for it.

`compare_records` returns whole fields. To show what changed within one, call `compare_rows`, `compare_codes` or
`compare_texts`. Order counts in authors, findings, sources and designs, not in the other lists.
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
from studies.records.keyed_diff import compare_keyed_rows, merge_keyed_rows
from studies.records.study import KEYED_ROW_FIELDS, PEOPLE, STUDY_FIELDS, STUDY_LISTS, StudyRecord

SET_FIELDS = (frozenset(STUDY_LISTS) - {"designs"}) | {"harms_about", "includes"}
ROW_FIELDS = (*PEOPLE, "costs", "findings", "appraisals", "sources")
"""The fields that are lists of rows in an order: each row is a JSON object."""

MergeSide = Literal["mine", "theirs"]
MOST_WORDS_COMPARED = 3_000
"""Longer texts, spaces counted as words, are compared by sentences: the time grows with the square of the parts."""
LEAST_SHARED = 0.4
"""Texts that share a smaller part of their letters are shown whole: a patchwork of words would only confuse."""

_LEADING_FIELDS = {
    "sample_unit": "sample_size",
    "day": "month",
    **dict.fromkeys(("harms_es", "harms_en", "harms_about"), "harms"),
}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that changed, with its JSON value before and after: None or an empty list where nothing was known."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class RowChange:
    """A change of one row. `before_index` is None for an added row, `after_index` for a removed one.

    `fields` are the fields of the row that differ; `is_moved` is True if the row passed others that kept their order.
    """

    before_index: int | None
    after_index: int | None
    fields: tuple[FieldChange, ...] = ()
    is_moved: bool = False


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part of a text: in both texts ("same"), only in the new one, or only in the old one."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """A field that both sides changed in different ways. `base` is None where the common ancestor is not known."""

    field: str
    base: Any
    mine: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class ThreeWayMerge:
    """The result of merging two changes of one record.

    `record` has both; `mine` and `theirs` are what each side changed. A field of `conflicts` has the chosen value in
    `record`, or mine while nobody has chosen: `undecided` names such fields.
    """

    record: StudyRecord
    mine: tuple[FieldChange, ...]
    theirs: tuple[FieldChange, ...]
    conflicts: tuple[MergeConflict, ...]
    undecided: tuple[str, ...]


def compare_records(before: StudyRecord, after: StudyRecord) -> tuple[FieldChange, ...]:
    """Return the fields that differ, in the order of the record; empty if and only if the fingerprints are equal."""
    old, new = before.to_json(), after.to_json()
    return tuple(FieldChange(key, old.get(key), new.get(key)) for key in list_changed_fields(old, new))


def list_changed_fields(before: Json, after: Json) -> tuple[str, ...]:
    """Return the keys of STUDY_FIELDS whose values differ between two JSON forms of records."""
    return tuple(
        key for key in STUDY_FIELDS if _to_comparable(key, before.get(key)) != _to_comparable(key, after.get(key))
    )


def have_same_appraisals(one: StudyRecord, other: StudyRecord) -> bool:
    """Return True if two records hold the same appraisals of the bank, in whatever order."""
    return not compare_keyed_rows(
        one.to_json().get("own_appraisals", []), other.to_json().get("own_appraisals", []), "instrument"
    )


def apply_changes(record: StudyRecord, changes: Iterable[FieldChange]) -> StudyRecord:
    """Return `record` with the new value of each change."""
    return StudyRecord.from_json({**record.to_json(), **{one.field: one.after for one in changes}})


def compare_codes(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the added codes in the order of `after`, and the removed ones in that of `before`."""
    return tuple(code for code in after if code not in before), tuple(code for code in before if code not in after)


def compare_rows(before: Sequence[Json], after: Sequence[Json]) -> tuple[RowChange, ...]:
    """Return the rows that changed: equal rows are taken for the same one first, then those that share most values.

    The result is in the order of `after`, removed rows at their old place; unchanged rows are left out.
    """
    pairs = _pair_rows(before, after)
    in_order = _find_longest_ordered([pairs[old] for old in sorted(pairs)])
    changes = [_compare_row(before, after, old, new, is_moved=new not in in_order) for old, new in pairs.items()]
    changes += [RowChange(None, new) for new in range(len(after)) if new not in pairs.values()]
    changes += [RowChange(old, None) for old in range(len(before)) if old not in pairs]
    changed = [
        one for one in changes if one.before_index is None or one.after_index is None or one.fields or one.is_moved
    ]
    return tuple(sorted(changed, key=_sort_key))


def compare_texts(before: str, after: str) -> tuple[TextPart, ...]:
    """Split two texts into what they share and what only one has. All parts but "added" are `before`, merged.

    Texts that share little become two parts: all of `before` as removed, all of `after` as added.
    """
    old, new = _split_text(before), _split_text(after)
    parts: list[TextPart] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(str.isspace, old, new).get_opcodes():
        if tag == "equal":
            parts.append(TextPart("same", "".join(old[i1:i2])))
            continue
        if i1 < i2:
            parts.append(TextPart("removed", "".join(old[i1:i2])))
        if j1 < j2:
            parts.append(TextPart("added", "".join(new[j1:j2])))
    shared = sum(len(part.text) for part in parts if part.kind == "same")
    if before and after and shared < LEAST_SHARED * min(len(before), len(after)):
        return (TextPart("removed", before), TextPart("added", after))
    return tuple(parts)


def merge_records(
    base: StudyRecord | None, mine: StudyRecord, theirs: StudyRecord, choices: Mapping[str, MergeSide] | None = None
) -> ThreeWayMerge:
    """Merge two changes of `base`. `choices` takes a field from one side, whether it conflicts or not.

    Codes of a set and rows that only one side changed are joined; what both changed differently collides.
    Without a base nobody knows who changed what: all that differs collides.
    """
    chosen = choices or {}
    old = base.to_json() if base else None
    one, other = mine.to_json(), theirs.to_json()
    result, conflicts, undecided = dict(other), [], []
    for key in list_changed_fields(other, one):
        leader = get_leading_field(key)
        merged = _merge_field(key, old, one, other)
        if merged is None:
            conflicts.append(MergeConflict(key, old.get(key) if old else None, one.get(key), other.get(key)))
        if leader in chosen:
            result[key] = (one if chosen[leader] == "mine" else other).get(key)
        elif merged is None:
            undecided.append(key)
            result[key] = one.get(key)
        else:
            result[key] = merged.value
    return ThreeWayMerge(
        StudyRecord.from_json(result),
        compare_records(base or theirs, mine),
        compare_records(base or mine, theirs),
        tuple(conflicts),
        tuple(undecided),
    )


def get_leading_field(field: str) -> str:
    """Return the field whose choice takes this one along: a unit says nothing without its size, nor harms in words."""
    return _LEADING_FIELDS.get(field, field)


@dataclass(frozen=True, slots=True)
class _MergedValue:
    """A merged value, which may be None: a bare None would be taken for a conflict."""

    value: Any


def _merge_field(key: str, base: Json | None, mine: Json, theirs: Json) -> _MergedValue | None:
    """Return the value of a field with both changes; None where they conflict."""
    if base is None:
        return None
    group = [name for name in STUDY_FIELDS if get_leading_field(name) == get_leading_field(key)]
    if not _differs(group, base, mine):
        return _MergedValue(theirs.get(key))
    if not _differs(group, base, theirs):
        return _MergedValue(mine.get(key))
    if key in SET_FIELDS:
        return _MergedValue(_merge_sets(base.get(key, []), mine.get(key, []), theirs.get(key, [])))
    if key in KEYED_ROW_FIELDS:
        rows = merge_keyed_rows(base.get(key, []), mine.get(key, []), theirs.get(key, []), KEYED_ROW_FIELDS[key])
        return None if rows is None else _MergedValue(list(rows))
    if key in ROW_FIELDS:
        return _merge_rows(base.get(key, []), mine.get(key, []), theirs.get(key, []))
    return None


def _differs(keys: Iterable[str], one: Json, other: Json) -> bool:
    return any(_to_comparable(key, one.get(key)) != _to_comparable(key, other.get(key)) for key in keys)


def _merge_sets(base: list[str], mine: list[str], theirs: list[str]) -> list[str]:
    both = dict.fromkeys([*theirs, *mine])
    return [code for code in both if (code in mine and code in theirs) or code not in base]


def _merge_rows(base: list[Json], mine: list[Json], theirs: list[Json]) -> _MergedValue | None:
    """Merge rows by position, if neither side added or removed any; None where both changed one row differently."""
    if not len(base) == len(mine) == len(theirs):
        return None
    rows = []
    for was, one, other in zip(base, mine, theirs, strict=True):
        if _canonical(one) != _canonical(was) != _canonical(other) != _canonical(one):
            return None
        rows.append(other if _canonical(one) == _canonical(was) else one)
    return _MergedValue(rows)


def _to_comparable(key: str, value: Any) -> Any:
    """Return a value that compares equal for equal content: sets sorted, None for whatever says nothing."""
    if value in (None, "", []):
        return None
    if key in SET_FIELDS:
        return sorted(value)
    if key in KEYED_ROW_FIELDS:
        return sorted(map(_canonical, value))
    return [_canonical(row) for row in value] if key in ROW_FIELDS else value


def _canonical(row: Json) -> str:
    return json.dumps({key: _get_comparable(key, row) for key in row}, sort_keys=True)


def _get_comparable(key: str, row: Json) -> Any:
    # Of all fields of a row, only the interventions of a finding are a set.
    value = row.get(key)
    return sorted(value) if key == "about" and value else value


def _compare_row(before: Sequence[Json], after: Sequence[Json], old: int, new: int, *, is_moved: bool) -> RowChange:
    one, other = before[old], after[new]
    keys = [*one, *(key for key in other if key not in one)]
    fields = tuple(
        FieldChange(key, one.get(key), other.get(key))
        for key in keys
        if _get_comparable(key, one) != _get_comparable(key, other)
    )
    return RowChange(old, new, fields, is_moved)


def _sort_key(change: RowChange) -> tuple[float, int]:
    if change.after_index is not None:
        return (change.after_index, 1)
    assert change.before_index is not None
    return (change.before_index, 0)


def _pair_rows(before: Sequence[Json], after: Sequence[Json]) -> dict[int, int]:
    """Return the index in `after` of each row of `before` that is still there, by its index in `before`."""
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
    # Most equal values first, then the smallest distance. Every row is compared with every other: lists are short.
    taken = set(pairs.values())
    candidates = [
        (-_count_equal_values(before[old], after[new]), abs(old - new), old, new)
        for old in range(len(before))
        if old not in pairs
        for new in range(len(after))
        if new not in taken
    ]
    for likeness, _distance, old, new in sorted(candidates):
        if likeness < 0 and old not in pairs and new not in taken:
            pairs[old] = new
            taken.add(new)


def _count_equal_values(one: Json, other: Json) -> int:
    return sum(1 for key in one if key in other and _get_comparable(key, one) == _get_comparable(key, other))


def _find_longest_ordered(indices: Sequence[int]) -> set[int]:
    """Return a longest increasing subsequence: the rows at these indices kept their order, the others moved."""
    # Patience sorting: `tails` holds the smallest last index of a subsequence of each length.
    tails: list[int] = []
    predecessors: dict[int, int | None] = {}
    for index in indices:
        length = bisect_left(tails, index)
        predecessors[index] = tails[length - 1] if length else None
        tails[length : length + 1] = [index]
    kept: set[int] = set()
    last = tails[-1] if tails else None
    while last is not None:
        kept.add(last)
        last = predecessors[last]
    return kept


_WORDS: Callable[[str], list[str]] = re.compile(r"\S+|\s+").findall
_SENTENCES: Callable[[str], list[str]] = re.compile(r"[^.\n]*[.\n]+\s*|[^.\n]+").findall


def _split_text(text: str) -> list[str]:
    words = _WORDS(text)
    return words if len(words) <= MOST_WORDS_COMPARED else _SENTENCES(text)
