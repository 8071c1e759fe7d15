"""What happened to a record, as its revisions tell it: for the public without names; an earlier state brought back."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from studies.curation import editing, proposals, stages
from studies.curation.stages import CurationError
from studies.models import Proposal, Revision, Stage, Study
from studies.records.json_fields import RecordInvalid
from studies.records.study import StudyRecord

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Kind = Literal["published", "corrected", "appraised", "withdrawn", "restored"]
Change = Literal["corrected", "appraised"]

PARTS: Mapping[str, tuple[str, ...]] = {
    "results": ("key_finding_es", "key_finding_en", "findings"),
    "texts": ("summary_es", "summary_en", "limitations_es", "limitations_en"),
    "methods": ("designs", "sample_size", "sample_unit", "period"),
    "classification": ("themes", "interventions", "outcomes", "populations", "settings", "programme", "countries"),
    "bibliography": (
        *("id", "title", "language", "title_es", "title_en", "authors", "year", "type", "container_title", "volume"),
        *("issue", "pages", "publisher", "number", "doi", "url", "open_access", "status"),
    ),
    "sources": ("sources",),
    "appraisal": ("appraisals",),
}
"""The fields of a record by what the public calls them."""

_PUBLIC = (Stage.PUBLISHED, Stage.WITHDRAWN, Stage.MERGED)


class RestoreRefused(CurationError):
    """The earlier record cannot be read any more, or the study changed meanwhile."""


@dataclass(frozen=True, slots=True)
class Event:
    """What the public may know of one day: that something happened, and to which parts of the record.

    `first_no` and `last_no` are the changes of the bank that it tells of: corrections of a day are one event.
    """

    on: datetime.datetime
    kind: Kind
    parts: tuple[str, ...] = ()
    first_no: int = 0
    last_no: int = 0


def public_history(study: Study) -> tuple[Event, ...]:
    """Return what happened since the first publication, oldest first; no names, no notes, no drafts: one query.

    Changes of a term's name or place, and corrections while a study was withdrawn, are not told.
    """
    return public_histories([study.pk]).get(study.pk, ())


def public_histories(
    studies: Iterable[int], since: Mapping[int, int] | None = None, until: int | None = None
) -> dict[int, tuple[Event, ...]]:
    """Return the public history of each of these studies, by its key: one query. One without any is left out.

    `since` are change numbers by key: what happened up to then is not told. `until` is the last change that is told.
    """
    revisions = Revision.objects.filter(study__in=list(studies), stage__in=_PUBLIC).order_by("study_id", "change_no")
    if until is not None:
        revisions = revisions.filter(change_no__lte=until)
    rows = revisions.values_list("study_id", "change_no", "stage", "is_content", "changed", "at")
    histories: dict[int, list[Event]] = {}
    before: dict[int, str] = {}
    for study, number, stage, is_content, changed, at in rows:
        kind = _kind(before.get(study), stage, _change(changed, is_content=is_content))
        before[study] = stage
        if kind is not None and (since is None or number > since.get(study, 0)):
            parts = _parts(changed) if kind == "corrected" else ()
            _add(histories.setdefault(study, []), Event(at, kind, parts, number, number))
    return {study: tuple(events) for study, events in histories.items()}


def restore(study: Study, revision: Revision, *, seen_no: int, by: User, note: str = "") -> Proposal | bool:
    """Give `study` the record of an earlier revision: at once where `by` may edit it, else as a proposal.

    Return the proposal, or whether anything was written. Raises what `editing.save` and `proposals.propose` raise,
    and RestoreRefused.
    """
    reason = _("Se restauró el registro del cambio %(number)s.") % {"number": revision.change_no}
    reason = f"{reason} {note.strip()}".strip()
    record = record_of(revision)
    if stages.may_edit(study, by):
        return editing.save(study, replace(record, id=study.slug), seen_no=seen_no, by=by, note=reason)
    return proposals.propose(study, record, seen_no=seen_no, by=by, note=reason) or False


def record_of(revision: Revision) -> StudyRecord:
    """Return the record of a revision. Raises RestoreRefused for one that the bank of today cannot read."""
    try:
        return StudyRecord.from_json(revision.record)
    except RecordInvalid as error:
        raise RestoreRefused(
            _("El registro del cambio %(number)s no se puede leer: %(where)s.")
            % {"number": revision.change_no, "where": error}
        ) from error


def _kind(before: str | None, stage: str, change: Change | None) -> Kind | None:
    if stage == Stage.WITHDRAWN:
        return "withdrawn" if before != Stage.WITHDRAWN else None
    if stage == Stage.MERGED:
        return None
    if before is None:
        return "published"
    if before != Stage.PUBLISHED:
        return "restored"
    return change


def _change(changed: list[str], *, is_content: bool) -> Change | None:
    """Say what a change of fields is called. An appraisal is no writing of the record (R7), but it is told."""
    if changed == ["appraisals"]:
        return "appraised"
    return "corrected" if is_content and changed else None


def _parts(changed: list[str]) -> tuple[str, ...]:
    return tuple(part for part, fields in PARTS.items() if any(field in fields for field in changed))


def _add(found: list[Event], event: Event) -> None:
    """Add an event; corrections of one day that follow one another are one, and so are appraisals."""
    last = found[-1] if found else None
    is_one = last and event.kind == last.kind and event.kind in ("corrected", "appraised")
    if last and is_one and timezone.localdate(event.on) == timezone.localdate(last.on):
        parts = tuple(part for part in PARTS if part in last.parts or part in event.parts)
        found[-1] = Event(event.on, event.kind, parts, last.first_no, event.last_no)
    else:
        found.append(event)
