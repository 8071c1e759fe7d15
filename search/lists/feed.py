"""The latest events in a list, and what the bank withdrew lately, whatever it was about. For Atom feeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.services import public_search
from studies.curation.history import read_public_histories
from studies.models import Stage, Study
from studies.store.revisions import iterate_public_changes

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from studies.curation.history import HistoryEvent

MOST_ENTRIES = 50
MOST_TOMBSTONES = 50
MOST_LOOKED_AT = 5_000
"""Changes of the bank that a feed searches, newest first, for those of its list."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An event of a study of the list, or a tombstone: `study` is a row of `for_results`, None if it is withdrawn."""

    slug: str
    event: HistoryEvent
    study: Study | None


def list_latest_events(criteria: Criteria) -> tuple[FeedEntry, ...]:
    """Return the last MOST_ENTRIES events of the studies that the criteria find, and the tombstones: newest first.

    Tombstones are the same for all criteria: which of them a withdrawn record meets would tell what it says. Seven
    queries, and two for each 500 changes that are searched.
    """
    listed = frozenset(public_search.list_ids(criteria))
    events: dict[int, tuple[HistoryEvent, ...]] = {}
    for changes in iterate_public_changes(MOST_LOOKED_AT):
        events |= read_public_histories({change.study_id for change in changes} & listed - events.keys())
        # Of the time before the changes read so far, events of other studies may still come: do not count that.
        reached = changes[-1].change_no
        told = sum(event.last_no >= reached for history in events.values() for event in history)
        if told >= MOST_ENTRIES:
            break
    told_of = sorted(((key, event) for key, history in events.items() for event in history), key=_newest_first)
    del told_of[MOST_ENTRIES:]
    studies = Study.objects.for_results().in_bulk({key for key, _event in told_of})
    slugs = {key: study.slug for key, study in studies.items()}
    # A study that is unpublished since the list was read has no slug here; withdrawn, it has its tombstone.
    entries = [FeedEntry(slugs[key], event, studies[key]) for key, event in told_of if key in slugs]
    return tuple(sorted((*entries, *_list_tombstones()), key=lambda entry: (-entry.event.last_no, entry.slug)))


def _list_tombstones() -> list[FeedEntry]:
    """Return the withdrawals of the MOST_TOMBSTONES studies that were withdrawn last and still are: two queries."""
    gone = Study.objects.filter(stage=Stage.WITHDRAWN).order_by("-changed_no", "-pk")
    slugs = dict(gone.values_list("pk", "slug")[:MOST_TOMBSTONES])
    return [
        FeedEntry(slugs[key], event, None)
        for key, history in read_public_histories(slugs).items()
        for event in [event for event in history if event.kind == "withdrawn"][-1:]
    ]


def _newest_first(told: tuple[int, HistoryEvent]) -> tuple[int, int]:
    key, event = told
    return -event.last_no, key
