"""Records as they were while they were public, and the changes that the public may know of, newest first.

Revisions of drafts are never told. `history` says in kinds what happened to one study.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Q, Subquery

from studies.models import Revision, Stage
from studies.records.study import StudyRecord

if TYPE_CHECKING:
    from django.db.models import QuerySet

_BATCH = 500


@dataclass(frozen=True, slots=True)
class PublicChange:
    """That a change of the bank left a published or withdrawn study behind it."""

    study_id: int
    change_no: int
    is_withdrawal: bool


def public_changes(most: int) -> Iterator[tuple[PublicChange, ...]]:
    """Yield the last `most` changes of studies that were public after them, newest first, 500 and a query at a time."""
    found = Revision.objects.filter(stage__in=(Stage.PUBLISHED, Stage.WITHDRAWN)).order_by("-change_no", "-id")
    rest, left = found, most
    while left > 0:
        rows = list(rest.values_list("study_id", "change_no", "stage", "id")[: min(left, _BATCH)])
        if rows:
            yield tuple(PublicChange(study, no, stage == Stage.WITHDRAWN) for study, no, stage, _key in rows)
        if len(rows) < _BATCH:
            return
        left -= len(rows)
        last_no, last_id = rows[-1][1], rows[-1][3]
        rest = found.filter(Q(change_no__lt=last_no) | Q(change_no=last_no, id__lt=last_id))


def public_records_at(studies: Iterable[int], change_no: int) -> dict[int, StudyRecord]:
    """Return, by key, the records of those of these studies that were published after that change: one query."""
    own = Revision.objects.filter(study=OuterRef("study"), change_no__lte=change_no).order_by("-change_no")
    return _records(Revision.objects.filter(study__in=list(studies)), own)


def last_public_records(studies: Iterable[int]) -> dict[int, StudyRecord]:
    """Return, by key, the records that these studies had when they were last published: one query."""
    own = Revision.objects.filter(study=OuterRef("study"), stage=Stage.PUBLISHED).order_by("-change_no")
    return _records(Revision.objects.filter(study__in=list(studies)), own)


def _records(revisions: QuerySet[Revision], own: QuerySet[Revision]) -> dict[int, StudyRecord]:
    last = revisions.filter(change_no=Subquery(own.values("change_no")[:1]), stage=Stage.PUBLISHED)
    return {study: StudyRecord.from_json(record) for study, record in last.values_list("study_id", "record")}
