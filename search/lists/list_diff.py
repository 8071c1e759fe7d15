"""What changed in a list since a change of the bank: studies that came, went, or say something else.

Both ends are exact: the list of now is that of the index, the list of then is asked of the records as they were. Only
studies that were touched since are looked at. Read with today's vocabularies, so that words make no difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from search.contract import IndexMissing
from search.index import indexing
from search.lists import past_records
from search.lists.published_slugs import listed
from search.lists.selection import Pick
from search.services import public_search
from studies.curation.history import PARTS, read_public_histories
from studies.models import Study
from studies.store.revisions import read_public_records_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.criteria.criteria import Criteria
    from search.lists.published_slugs import Listed
    from studies.curation.history import HistoryEvent

MOST_TOUCHED = 500
"""Studies that a page compares: two seconds' work at most."""

_MOST_TRIES = 4

Reason = Literal["published", "restored", "fits"]


class CannotCompare(Exception):
    """The change is not known, or too much changed since. `reason` says which."""

    def __init__(self, reason: Literal["unknown", "too-much"]) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Came:
    """A study that is in the list now and was not then: new in the bank, back, or changed so that it fits now."""

    study: Study
    reason: Reason


@dataclass(frozen=True, slots=True)
class Changed:
    """A study that was and is in the list, and what of its record changed (`history.PARTS`)."""

    study: Study
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A list at two changes of the bank. `went` are no longer in it; a withdrawn or merged one has no content there."""

    since_no: int
    until_no: int
    total_then: int
    total_now: int
    came: tuple[Came, ...]
    changed: tuple[Changed, ...]
    went: tuple[Listed, ...]

    @property
    def is_empty(self) -> bool:
        """Say whether the list is as it was."""
        return not (self.came or self.changed or self.went)


def difference(criteria: Criteria, since_no: int, most: int = MOST_TOUCHED) -> Difference:
    """Compare the list of `criteria` after change `since_no` with what the index holds now: at most sixteen queries.

    Raises CannotCompare where more than `most` studies were touched, and IndexMissing without an index.
    """
    now, until_no = list_of_now(criteria)
    if not 0 <= since_no <= until_no:
        raise CannotCompare("unknown")
    touched = dict(Study.objects.changed_since(since_no).order_by("pk").values_list("pk", "slug")[: most + 1])
    if len(touched) > most:
        raise CannotCompare("too-much")
    then = past_records.matching(criteria, read_public_records_at(touched, since_no))
    here = [key for key in now if key in touched]
    histories = read_public_histories(here, dict.fromkeys(here, since_no), until_no)
    studies = {study.pk: study for study in Study.objects.for_results().in_order_of(here)}
    went = [Pick(touched[key]) for key in sorted(then.difference(here), key=touched.__getitem__)]
    return Difference(
        since_no=since_no,
        until_no=until_no,
        total_then=len(now) - len(set(here) - then) + len(went),
        total_now=len(now),
        came=tuple(
            Came(studies[key], _reason(histories.get(key, ()))) for key in here if key not in then and key in studies
        ),
        changed=tuple(
            Changed(studies[key], parts)
            for key in here
            if key in then and key in studies and (parts := _parts(histories.get(key, ())))
        ),
        went=listed(went) if went else (),
    )


def list_of_now(criteria: Criteria) -> tuple[list[int], int]:
    """Return the keys of the list, and the change of the bank that the index was at when it gave them."""
    keys, reached = public_search.indexed_keys(criteria), _reached()
    for _ in range(_MOST_TRIES):
        # Somebody may bring the index further between the two: ask until nobody did.
        keys, before, reached = public_search.indexed_keys(criteria), reached, _reached()
        if reached == before:
            break
    return keys, reached


def _reached() -> int:
    position = indexing.engine().status().position
    if position is None:
        raise IndexMissing
    return position.change_no


def _reason(events: Sequence[HistoryEvent]) -> Reason:
    kinds = {event.kind for event in events}
    if "published" in kinds:
        return "published"
    return "restored" if "restored" in kinds else "fits"


def _parts(events: Sequence[HistoryEvent]) -> tuple[str, ...]:
    found = {part for event in events for part in event.parts}
    found |= {"appraisal"} if any(event.kind == "appraised" for event in events) else set()
    return tuple(part for part in PARTS if part in found)
