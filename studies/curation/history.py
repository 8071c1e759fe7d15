"""The history of a record, from its revisions: what the public may read of it, and restoring an earlier revision."""

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
from studies.records.older_formats import read_stored
from studies.records.study import StudyRecord

if TYPE_CHECKING:
    from django.contrib.auth.models import User

EventKind = Literal["published", "corrected", "appraised", "withdrawn", "restored"]
ContentChange = Literal["corrected", "appraised"]

PARTS: Mapping[str, tuple[str, ...]] = {
    "results": (
        *("key_finding_es", "key_finding_en", "findings", "costs"),
        *("harms", "harms_es", "harms_en", "harms_about"),
    ),
    "texts": (
        *("summary_es", "summary_en", "delivery_es", "delivery_en"),
        *("limitations_es", "limitations_en", "note_es", "note_en"),
    ),
    "methods": ("designs", "data_sources", "sample_size", "sample_unit", "period", "registration", "includes"),
    "classification": (
        *("themes", "interventions", "exposures", "outcomes", "populations", "settings"),
        *("programme", "countries"),
    ),
    "bibliography": (
        *("id", "title", "language", "title_es", "title_en", "authors", "editors", "translators"),
        *("year", "month", "day", "type", "container_title", "volume", "issue", "pages", "publisher", "place"),
        *("edition", "conference", "number", "doi", "issn", "isbn", "pmid", "url", "open_copy", "text_license"),
        *("open_access", "status"),
    ),
    "sources": ("sources",),
    "published_appraisals": ("appraisals",),
    "appraisal": ("own_appraisals",),
}
"""The fields of a record, by the name of the part that the public reads."""

_PUBLIC = (Stage.PUBLISHED, Stage.WITHDRAWN, Stage.MERGED)


class RestoreRefused(CurationError):
    """The bank of today cannot read the record of the earlier revision."""


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One event of a study's public history, with the parts of the record that a correction touched.

    Consecutive corrections of one day are one event, from change `first_no` of the bank to change `last_no`.
    """

    on: datetime.datetime
    kind: EventKind
    parts: tuple[str, ...] = ()
    first_no: int = 0
    last_no: int = 0


def read_public_history(study: Study) -> tuple[HistoryEvent, ...]:
    """Return the events since the first publication, oldest first, without names and notes: one query.

    Changes of a term's name or place, and corrections while a study was withdrawn, are left out.
    """
    return read_public_histories([study.pk]).get(study.pk, ())


def read_public_histories(
    studies: Iterable[int], since: Mapping[int, int] | None = None, until: int | None = None
) -> dict[int, tuple[HistoryEvent, ...]]:
    """Return the public history of each study by its id: one query. Studies without one are left out.

    `since` gives a change number by study id, and events up to it are left out. `until` is the last change number
    included.
    """
    revisions = Revision.objects.filter(study__in=list(studies), stage__in=_PUBLIC).order_by("study_id", "change_no")
    if until is not None:
        revisions = revisions.filter(change_no__lte=until)
    rows = revisions.values_list("study_id", "change_no", "stage", "is_content", "changed", "at")
    histories: dict[int, list[HistoryEvent]] = {}
    before: dict[int, str] = {}
    for study, number, stage, is_content, changed, at in rows:
        kind = _classify(before.get(study), stage, _classify_content(changed, is_content=is_content))
        before[study] = stage
        if kind is not None and (since is None or number > since.get(study, 0)):
            parts = _list_parts(changed) if kind == "corrected" else ()
            _add_event(histories.setdefault(study, []), HistoryEvent(at, kind, parts, number, number))
    return {study: tuple(events) for study, events in histories.items()}


def restore(study: Study, revision: Revision, *, seen_no: int, by: User, note: str = "") -> Proposal | bool:
    """Restore the record of an earlier revision: at once if `by` may edit the study, else as a proposal.

    Return the proposal, or else True if anything was written. Raises what `editing.save` and `proposals.propose`
    raise, and RestoreRefused.
    """
    reason = _("Se restauró el registro del cambio %(number)s.") % {"number": revision.change_no}
    reason = f"{reason} {note.strip()}".strip()
    record = read_record(revision)
    if stages.may_edit(study, by):
        return editing.save(study, replace(record, id=study.slug), seen_no=seen_no, by=by, note=reason)
    return proposals.propose(study, record, seen_no=seen_no, by=by, note=reason) or False


def read_record(revision: Revision) -> StudyRecord:
    """Return the record of a revision. Raises RestoreRefused for one that the bank of today cannot read."""
    try:
        return read_stored(revision.record)
    except RecordInvalid as error:
        raise RestoreRefused(
            _("El registro del cambio %(number)s no se puede leer: %(where)s.")
            % {"number": revision.change_no, "where": error}
        ) from error


def _classify(before: str | None, stage: str, change: ContentChange | None) -> EventKind | None:
    if stage == Stage.WITHDRAWN:
        return "withdrawn" if before != Stage.WITHDRAWN else None
    if stage == Stage.MERGED:
        return None
    if before is None:
        return "published"
    if before != Stage.PUBLISHED:
        return "restored"
    return change


def _classify_content(changed: list[str], *, is_content: bool) -> ContentChange | None:
    """Say what a change of fields is called. An appraisal is no writing of the record (R7), but it is told."""
    if changed == ["own_appraisals"]:
        return "appraised"
    return "corrected" if is_content and changed else None


def _list_parts(changed: list[str]) -> tuple[str, ...]:
    return tuple(part for part, fields in PARTS.items() if any(field in fields for field in changed))


def _add_event(found: list[HistoryEvent], event: HistoryEvent) -> None:
    """Append an event, or extend the last one: consecutive corrections (or appraisals) of one day are one event."""
    last = found[-1] if found else None
    is_one = last and event.kind == last.kind and event.kind in ("corrected", "appraised")
    if last and is_one and timezone.localdate(event.on) == timezone.localdate(last.on):
        parts = tuple(part for part in PARTS if part in last.parts or part in event.parts)
        found[-1] = HistoryEvent(event.on, event.kind, parts, last.first_no, event.last_no)
    else:
        found.append(event)
