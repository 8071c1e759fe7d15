"""Dependents of studies: decisions and answers whose studies changed since somebody last looked at them.

The workplace lists them. Changes of studies come from `curation.history`.
"""

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

Dependent = Decision | PolicyQuestion


@dataclass(frozen=True, slots=True)
class ChangedStudy:
    """A study that changed after its dependent was last reviewed. `merged_into` is set if it was merged since."""

    study: Study
    events: tuple[HistoryEvent, ...]
    merged_into: Study | None


@dataclass(frozen=True, slots=True)
class UnsettledDependent:
    """A decision or an answer, with those of its studies that changed since it was made or last reviewed."""

    row: Dependent
    studies: tuple[ChangedStudy, ...]


def find_change_no(day: datetime.date) -> int:
    """Return the bank's change number at the end of `day`, or today the current one; 0 before the first. One query."""
    if day >= timezone.localdate():
        return bank_state.current().change_no
    midnight = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min)
    until = Revision.objects.filter(at__lt=timezone.make_aware(midnight))
    return until.order_by("-change_no").values_list("change_no", flat=True).first() or 0


def list_unsettled() -> list[UnsettledDependent]:
    """Return the decisions and reviewed answers whose studies were changed, withdrawn or merged after them.

    Five queries, whatever their number, and one for each merged study; two if no decision or answer names a study.
    """
    rows: list[Dependent] = [
        *Decision.objects.select_related("programme").prefetch_related("studies__merged_into"),
        *PolicyQuestion.objects.filter(reviewed_on__isnull=False).prefetch_related("studies__merged_into"),
    ]
    keys = {study.pk for row in rows for study in row.studies.all()}
    histories = history.read_public_histories(keys) if keys else {}
    found = (UnsettledDependent(row, tuple(_iterate_changed_studies(row, histories))) for row in rows)
    return [each for each in found if each.studies]


def mark_seen(row: Dependent, until_no: int) -> None:
    """Record that the studies of `row` were reviewed as of change `until_no`, so that only later changes are listed."""
    until_no = min(until_no, bank_state.current().change_no)
    type(row).objects.filter(pk=row.pk, seen_no__lt=until_no).update(seen_no=until_no)


def _iterate_changed_studies(row: Dependent, histories: dict[int, tuple[HistoryEvent, ...]]) -> Iterable[ChangedStudy]:
    for study in row.studies.all():
        # Publication is no change of what the decision or answer already depends on.
        new = [
            event for event in histories.get(study.pk, ()) if event.last_no > row.seen_no and event.kind != "published"
        ]
        is_merged = study.stage == Stage.MERGED and study.changed_no > row.seen_no
        if new or is_merged:
            yield ChangedStudy(study, tuple(new), study.follow_merges() if is_merged else None)
