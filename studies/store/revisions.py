"""Reads revisions for the public: records at an earlier change, and which changes there were, newest first.

Revisions of drafts are never returned. `studies.curation.history` describes the events of one study.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from studies.models import Revision, Stage
from studies.records.older_formats import read_stored
from studies.records.study import StudyRecord

if TYPE_CHECKING:
    from django.db.models import QuerySet

_BATCH = 500


@dataclass(frozen=True, slots=True)
class PublicChange:
    """A change of the bank after which a study was published or withdrawn."""

    study_id: int
    change_no: int


def iterate_public_changes(limit: int) -> Iterator[tuple[PublicChange, ...]]:
    """Yield the last `limit` public changes, newest first, in batches of 500: one query each."""
    found = Revision.objects.filter(stage__in=(Stage.PUBLISHED, Stage.WITHDRAWN)).order_by("-change_no", "-id")
    rest, left = found, limit
    while left > 0:
        rows = list(rest.values_list("study_id", "change_no", "id")[: min(left, _BATCH)])
        if rows:
            yield tuple(PublicChange(study, no) for study, no, _key in rows)
        if len(rows) < _BATCH:
            return
        left -= len(rows)
        last_no, last_id = rows[-1][1], rows[-1][2]
        rest = found.filter(Q(change_no__lt=last_no) | Q(change_no=last_no, id__lt=last_id))


def find_last_change_before(day: datetime.date) -> int:
    """Return the number of the last change before a day began in the bank's time zone, 0 for none: one query."""
    start = timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
    last = Revision.objects.filter(at__lt=start).order_by("-change_no").values_list("change_no", flat=True)
    return last.first() or 0


def read_public_records_at(studies: Iterable[int], change_no: int) -> dict[int, StudyRecord]:
    """Return, by id, the records that these studies had after that change, if they were published then: one query."""
    own = Revision.objects.filter(study=OuterRef("study"), change_no__lte=change_no).order_by("-change_no")
    return _read_records(Revision.objects.filter(study__in=list(studies)), own)


def _read_records(revisions: QuerySet[Revision], own: QuerySet[Revision]) -> dict[int, StudyRecord]:
    last = revisions.filter(change_no=Subquery(own.values("change_no")[:1]), stage=Stage.PUBLISHED)
    return {study: read_stored(record) for study, record in last.values_list("study_id", "record")}
