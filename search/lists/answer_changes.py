"""What happened to the studies under an answer since a version of the bank: published, corrected, restored.

The newest first. Withdrawn studies are counted over the whole bank: whoever may ask for any criteria could otherwise
find out, question by question, what the record of one of them says.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.utils import timezone
from django.utils.dateparse import parse_date

from studies.curation.history import read_public_histories
from studies.models import Study
from studies.store import bank_state
from studies.store.revisions import find_last_change_before

if TYPE_CHECKING:
    from studies.curation.history import HistoryEvent

MOST_READ = 1_000
"""Studies whose history a page reads."""


class SinceInvalid(Exception):
    """What was given is no version of the bank. `reason`: neither a day nor a number, or one that is still to come."""

    def __init__(self, reason: Literal["unreadable", "to-come"]) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Since:
    """A version of the bank: its last change, and the day from which on changes are told.

    `is_number`: a reader named the change, and not the day.
    """

    change_no: int
    day: datetime.date
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class StudyEvent:
    """An event of a study, by its slug."""

    slug: str
    event: HistoryEvent


def read_since(given: str) -> Since:
    """Return the version that a day (2026-11-30, its changes are still to be told) or a number of a change names.

    One query. Raises SinceInvalid.
    """
    counter = bank_state.current()
    # `isdigit` alone accepts "²", which `int` refuses; a longer number does not fit into a column of the database.
    if given.isascii() and given.isdigit() and len(given) < 18:
        number = int(given)
        if number > counter.change_no:
            raise SinceInvalid("to-come")
        at = bank_state.read_change_time(number)
        return Since(number, timezone.localdate(at) if at is not None else datetime.date.min, is_number=True)
    try:
        day = parse_date(given)
    except ValueError:
        day = None
    if day is None:
        raise SinceInvalid("unreadable")
    if day > timezone.localdate():
        raise SinceInvalid("to-come")
    return Since(find_last_change_before(day), day)


def list_events(studies: Mapping[int, str], since_no: int = 0) -> tuple[StudyEvent, ...]:
    """Return what happened after a change to the published studies of an answer, slugs by key: one query."""
    found = [
        StudyEvent(studies[key], event)
        for key, history in read_public_histories(studies, dict.fromkeys(studies, since_no)).items()
        for event in history
    ]
    return tuple(sorted(found, key=lambda each: (-each.event.last_no, each.slug)))


def count_withdrawn(since_no: int) -> int:
    """Return how many studies were withdrawn from the whole bank after a change and still are: one query."""
    return Study.objects.withdrawn().changed_since(since_no).count()
