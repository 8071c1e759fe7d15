"""Compares a list with what it was at an earlier change of the bank: studies added, changed, removed.

Both ends are exact: the list of now is that of the index, the list of then is computed from the records as they were.
Only studies that changed since are read. Both are read with today's vocabularies, so new words make no difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from search.contract import IndexMissing
from search.index import indexing
from search.lists import past_records
from search.lists.published_slugs import look_up_picks
from search.lists.selection import Pick
from search.services import public_search
from studies.curation.history import PARTS, read_public_histories
from studies.models import Stage, Study
from studies.store.revisions import read_public_records_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from search.criteria.criteria import Criteria
    from search.lists.published_slugs import PickStatus
    from studies.curation.history import HistoryEvent

MOST_TOUCHED = 500
"""Changed studies that a page compares: two seconds' work at most."""

_MOST_TRIES = 4

AdditionReason = Literal["published", "restored", "fits"]


class CannotCompare(Exception):
    """The change number is unknown, or too much changed since. `reason` says which."""

    def __init__(self, reason: Literal["unknown", "too-much"]) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class AddedStudy:
    """A study that is in the list now and was not then: newly published, restored, or changed so that it matches."""

    study: Study
    reason: AdditionReason


@dataclass(frozen=True, slots=True)
class EditedStudy:
    """A study that was and is in the list, with the parts of its record that changed (`history.PARTS`)."""

    study: Study
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListDiff:
    """A list at two changes of the bank. `went` are no longer in it; only published ones of these have content.

    `withdrawn` left the bank since, from this list or any other; where they are told so, they are not in `went` and in
    `total_then`.
    """

    since_no: int
    until_no: int
    total_then: int
    total_now: int
    came: tuple[AddedStudy, ...]
    changed: tuple[EditedStudy, ...]
    went: tuple[PickStatus, ...]
    withdrawn: tuple[PickStatus, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the list is as it was, as far as may be told."""
        return not (self.came or self.changed or self.went)


def compare_list(
    criteria: Criteria, since_no: int, most: int = MOST_TOUCHED, *, knew_the_list: bool = False
) -> ListDiff:
    """Compare the list of `criteria` after change `since_no` with that of the index now: at most twenty queries.

    Whoever may ask for any criteria and any change could find out what a withdrawn record says, by which criteria it
    met. So withdrawn studies are told whatever they were about, unless the reader is known to have followed this list
    since then (`knew_the_list`): to that reader those of the list are told as gone from it.

    Raises CannotCompare if more than `most` studies changed or `since_no` is unknown, and IndexMissing.
    """
    now, until_no = read_current_list(criteria)
    if not 0 <= since_no <= until_no:
        raise CannotCompare("unknown")
    touched = dict(Study.objects.changed_since(since_no).order_by("pk").values_list("pk", "slug")[: most + 1])
    if len(touched) > most:
        raise CannotCompare("too-much")
    records = read_public_records_at(touched, since_no)
    withdrawn = frozenset[int]() if knew_the_list else _find_withdrawn(records)
    then = past_records.match_past_records(
        criteria, {key: record for key, record in records.items() if key not in withdrawn}
    )
    here = [key for key in now if key in touched]
    histories = read_public_histories(here, dict.fromkeys(here, since_no), until_no)
    studies = {study.pk: study for study in Study.objects.for_results().in_order_of(here)}
    went = [Pick(touched[key]) for key in sorted(then.difference(here), key=touched.__getitem__)]
    return ListDiff(
        since_no=since_no,
        until_no=until_no,
        total_then=len(now) - len(set(here) - then) + len(went),
        total_now=len(now),
        came=tuple(
            AddedStudy(studies[key], _find_reason(histories.get(key, ())))
            for key in here
            if key not in then and key in studies
        ),
        changed=tuple(
            EditedStudy(studies[key], parts)
            for key in here
            if key in then and key in studies and (parts := _collect_parts(histories.get(key, ())))
        ),
        went=look_up_picks(went) if went else (),
        withdrawn=look_up_picks(Pick(slug) for slug in sorted(touched[key] for key in withdrawn)) if withdrawn else (),
    )


def read_current_list(criteria: Criteria) -> tuple[list[int], int]:
    """Read the keys of the list from the index, and the change number that the index had then. Raises IndexMissing."""
    keys, reached = public_search.list_indexed_ids(criteria), _read_indexed_change_no()
    for _ in range(_MOST_TRIES):
        # The index may be updated between the two reads: read again until it was not.
        keys, before, reached = public_search.list_indexed_ids(criteria), reached, _read_indexed_change_no()
        if reached == before:
            break
    return keys, reached


def _read_indexed_change_no() -> int:
    position = indexing.get_engine().status().position
    if position is None:
        raise IndexMissing
    return position.change_no


def _find_withdrawn(studies: Iterable[int]) -> frozenset[int]:
    found = Study.objects.filter(pk__in=list(studies), stage=Stage.WITHDRAWN)
    return frozenset(found.values_list("pk", flat=True))


def _find_reason(events: Sequence[HistoryEvent]) -> AdditionReason:
    kinds = {event.kind for event in events}
    if "published" in kinds:
        return "published"
    return "restored" if "restored" in kinds else "fits"


def _collect_parts(events: Sequence[HistoryEvent]) -> tuple[str, ...]:
    found = {part for event in events for part in event.parts}
    found |= {"appraisal"} if any(event.kind == "appraised" for event in events) else set()
    return tuple(part for part in PARTS if part in found)
