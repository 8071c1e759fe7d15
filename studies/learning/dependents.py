"""What rests on studies (decisions, answers), and what became of these studies since somebody looked at them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from studies.curation import history
from studies.models import Decision, PolicyQuestion, Revision, Stage
from studies.store import bank_state

if TYPE_CHECKING:
    from studies.curation.history import HistoryEvent
    from studies.models import Study

Resting = Decision | PolicyQuestion


@dataclass(frozen=True, slots=True)
class ChangedStudy:
    """A study that changed under what rests on it. `merged_into` where it went into another."""

    study: Study
    events: tuple[HistoryEvent, ...]
    merged_into: Study | None


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A decision or an answer, with those of its studies that changed since it was made or last looked at."""

    row: Resting
    studies: tuple[ChangedStudy, ...]


def change_no_on(day: datetime.date) -> int:
    """Return the bank's change number at the end of a day, that of now for a day not yet over: one query."""
    if day >= timezone.localdate():
        return bank_state.current().change_no
    midnight = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min)
    until = Revision.objects.filter(at__lt=timezone.make_aware(midnight))
    return until.order_by("-change_no").values_list("change_no", flat=True).first() or 0


def unsettled() -> list[Unsettled]:
    """Return the decisions and reviewed answers whose studies changed, were withdrawn or merged after them.

    Five queries whatever their number, and one for each merged study; two where nothing rests on a study.
    """
    rows: list[Resting] = [
        *Decision.objects.select_related("programme").prefetch_related("studies__merged_into"),
        *PolicyQuestion.objects.filter(reviewed_on__isnull=False).prefetch_related("studies__merged_into"),
    ]
    keys = {study.pk for row in rows for study in row.studies.all()}
    told = history.read_public_histories(keys) if keys else {}
    found = (Unsettled(row, tuple(_changed(row, told))) for row in rows)
    return [each for each in found if each.studies]


def mark_seen(row: Resting, until_no: int) -> None:
    """Note that somebody looked at the studies of `row` as they were at a change: what comes later is told again."""
    until_no = min(until_no, bank_state.current().change_no)
    type(row).objects.filter(pk=row.pk, seen_no__lt=until_no).update(seen_no=until_no)


def _changed(row: Resting, told: dict[int, tuple[HistoryEvent, ...]]) -> Iterable[ChangedStudy]:
    for study in row.studies.all():
        # That it was published is no news of what the decision or the answer already rests on.
        new = [event for event in told.get(study.pk, ()) if event.last_no > row.seen_no and event.kind != "published"]
        is_merged = study.stage == Stage.MERGED and study.changed_no > row.seen_no
        if new or is_merged:
            yield ChangedStudy(study, tuple(new), study.follow_merges() if is_merged else None)
