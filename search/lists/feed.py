"""The latest events in a list: studies published, corrected, withdrawn or restored, newest first. For Atom feeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.contract import IndexMissing
from search.lists import past_records
from search.services import public_search
from studies.curation.history import read_public_histories
from studies.models import Stage, Study
from studies.store.revisions import iterate_public_changes, read_last_public_records

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from studies.curation.history import HistoryEvent

MOST_ENTRIES = 50
MOST_LOOKED_AT = 5_000
"""Changes of the bank that a feed searches, newest first, for those of its list."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An event of a study of the list. `study` is a row of `for_results`, None if it is withdrawn now."""

    slug: str
    event: HistoryEvent
    study: Study | None


def list_latest_events(criteria: Criteria) -> tuple[FeedEntry, ...]:
    """Return the last MOST_ENTRIES events of the studies that the criteria find, newest first.

    A withdrawn study that was in the list has its withdrawal only, without content. Eight queries, and two for each
    500 changes that are searched.
    """
    listed = frozenset(public_search.list_ids(criteria))
    events: dict[int, tuple[HistoryEvent, ...]] = {}
    gone: dict[int, str] = {}
    for changes in iterate_public_changes(MOST_LOOKED_AT):
        came = {change.study_id for change in changes if change.study_id in listed} - events.keys()
        left = {change.study_id for change in changes if change.is_withdrawal} - listed - gone.keys()
        gone |= _find_withdrawn(left, criteria)
        events |= read_public_histories(came | (gone.keys() - events.keys()))
        # Of the time before the changes read so far, events of other studies may still come: do not count that.
        reached = changes[-1].change_no
        told = sum(event.last_no >= reached for history in events.values() for event in history)
        if told >= MOST_ENTRIES:
            break
    told_of = [(key, event) for key, history in events.items() for event in _keep_public(history, is_gone=key in gone)]
    told_of.sort(key=lambda each: (-each[1].last_no, each[0]))
    del told_of[MOST_ENTRIES:]
    studies = Study.objects.for_results().in_bulk({key for key, _event in told_of if key not in gone})
    slugs = {key: study.slug for key, study in studies.items()} | gone
    # A study that was unpublished since the list was read has no slug here.
    return tuple(FeedEntry(slugs[key], event, studies.get(key)) for key, event in told_of if key in slugs)


def _keep_public(history: tuple[HistoryEvent, ...], *, is_gone: bool) -> tuple[HistoryEvent, ...]:
    """Return only the withdrawal of a withdrawn study, as its earlier events are no longer public."""
    if not is_gone:
        return history
    return tuple(event for event in history if event.kind == "withdrawn")[-1:]


def _find_withdrawn(keys: set[int], criteria: Criteria) -> dict[int, str]:
    """Return the slugs, by key, of those studies that are withdrawn and were in the list: two queries."""
    if not keys:
        return {}
    gone = dict(Study.objects.filter(pk__in=keys, stage=Stage.WITHDRAWN).values_list("pk", "slug"))
    try:
        matching = past_records.match_past_records(criteria, read_last_public_records(gone))
    except IndexMissing:  # removed since the list was read: the feed has them again when it is rebuilt
        return {}
    return {key: slug for key, slug in gone.items() if key in matching}
