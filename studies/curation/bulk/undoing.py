"""Undoes a bulk change: restores the studies that nobody has edited since, in one change."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.curation import proposals, stages
from studies.curation.bulk.actions import BulkAction, BulkRefused, lock_studies
from studies.curation.bulk.making import Outcome, explain_not_editable
from studies.curation.moves import UNDO_MOVES, is_own_work
from studies.curation.roles import ADMINISTER_STUDY
from studies.curation.stages import CurationError
from studies.models import BulkChange, BulkItem, Revision, Stage, Study
from studies.records.json_fields import RecordInvalid
from studies.records.older_formats import read_stored
from studies.records.study import StudyRecord
from studies.store.changes import Change, bank_change
from studies.store.exchange.study import save_record
from studies.text.dates import format_short_date

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class UndoBlocked(BulkRefused):
    """Some studies cannot be restored, and nothing was written. `hindered` are their lines."""

    def __init__(self, hindered: tuple[UndoLine, ...]) -> None:
        super().__init__(_("Hay estudios en los que no se puede deshacer. No se hizo nada."))
        self.hindered = hindered


@dataclass(frozen=True, slots=True)
class UndoLine:
    """One study of a change to be undone. `hindrance` is a sentence that says why it cannot be, or "".

    `before` is the record from before the change, None where no revision of it can be read.
    """

    item: BulkItem
    study: Study | None = None
    before: StudyRecord | None = None
    hindrance: str = ""


def plan_undo(bulk: BulkChange, *, by: User) -> tuple[UndoLine, ...]:
    """Return a line for each study that the change touched and that was not restored yet.

    At most seventeen queries, whatever their number.
    """
    touched = bulk.items.filter(outcome__in=(Outcome.CHANGED, Outcome.PROPOSED), is_undone=False)
    items = list(touched.select_related("proposal").annotate(steps=Count("proposal__steps")))
    studies = Study.objects.for_record().in_bulk([item.study_id for item in items if item.study_id])
    edited = [key for key, study in studies.items() if study.changed_no != bulk.change_no]
    latest = Revision.objects.filter(study__in=edited, change_no=F("study__changed_no")).defer("record")
    last = {revision.study_id: revision for revision in latest.select_related("by")}
    before = _read_records_before(bulk)
    action = BulkAction.from_json(bulk.action or {})
    lines = []
    for item in items:
        line = UndoLine(item, studies.get(item.study_id or 0), before.get(item.study_id or 0))
        if item.outcome == Outcome.PROPOSED:
            hindrance = _find_proposal_hindrance(item, by)
        elif line.study is None:
            hindrance = _("El borrador se eliminó.")
        elif line.study.changed_no != bulk.change_no:
            hindrance = _explain_edited(last.get(line.study.pk))
        else:
            hindrance = _find_hindrance(action, line.study, line.before, by)
        lines.append(replace(line, hindrance=hindrance))
    return tuple(lines)


def undo(bulk: BulkChange, *, by: User, note: str = "", skip_hindered: bool = False) -> int:
    """Restore the studies as they were before the bulk change, in one change, and return their number.

    Raises UndoBlocked where a study was edited since or this person may not restore it, unless `skip_hindered` leaves
    those out. Raises BulkRefused where nothing is left to undo, or the person neither made the change nor administers.
    """
    with transaction.atomic():
        held = BulkChange.objects.select_for_update(of=("self",)).get(pk=bulk.pk)
        if not may_undo(held, by):
            raise BulkRefused(_("Lo deshace quien lo hizo, o quien administra el banco."))
        reason = _("Se deshizo el trabajo en grupo: %(what)s.") % {"what": held.what}
        with bank_change(by=by, note="\n".join(filter(None, (reason, note.strip())))) as change:
            lock_studies(held)
            lines = plan_undo(held, by=by)
            hindered = tuple(line for line in lines if line.hindrance)
            free = [line for line in lines if not line.hindrance]
            if hindered and not skip_hindered:
                raise UndoBlocked(hindered)
            if not free:
                raise BulkRefused(_("No queda nada que deshacer."))
            for line in free:
                _restore(change, held, line, by, note)
        held.undone_at, held.undone_by = timezone.now(), by
        held.save(update_fields=["undone_at", "undone_by"])
        BulkItem.objects.filter(pk__in=[line.item.pk for line in free]).update(is_undone=True)
    return len(free)


def may_undo(bulk: BulkChange, user: User) -> bool:
    """Return True if the change was applied and `user` made it or administers the bank."""
    return bulk.done_at is not None and (bulk.by_id == user.pk or user.has_perm(ADMINISTER_STUDY))


def _find_hindrance(action: BulkAction, study: Study, before: StudyRecord | None, by: User) -> str:
    try:
        if action.tagging is None:
            # The note is asked for when it is done, not when it is planned.
            stages.check_move(UNDO_MOVES[action.move], study, by=by, note=None)
        elif not stages.may_edit(study, by):
            return explain_not_editable(study)
        elif before is None:
            return _("El banco no guarda cómo estaba antes.")
        elif study.stage == Stage.PUBLISHED and stages.find_problems_without_doi(before):
            return _("Como estaba antes ya no podría publicarse.")
    except CurationError as refusal:
        return refusal.message
    return ""


def _find_proposal_hindrance(item: BulkItem, by: User) -> str:
    proposal = item.proposal
    if proposal is None:
        return _("La propuesta ya no existe.")
    # Sending it was the only step, unless somebody has moved the proposal since.
    if not proposal.is_open or item.steps != 1:  # type: ignore[attr-defined]
        return _("La propuesta ya siguió su camino: está «%(state)s».") % {"state": proposal.get_state_display()}
    return "" if is_own_work(by, proposal) else _("Solo quien hizo la propuesta puede retirarla.")


def _explain_edited(last: Revision | None) -> str:
    if last is None:
        return _("Cambió después.")
    day = format_short_date(last.at)
    return _("Cambió después, el %(day)s (%(who)s).") % {"day": day, "who": last.by or _("el programa")}


def _read_records_before(bulk: BulkChange) -> dict[int, StudyRecord]:
    """Return each study's record from before the change, where its revision can still be read: one query."""
    kept = Revision.objects.filter(study__bulk_items__bulk=bulk, change_no=F("study__bulk_items__before_no"))
    records = {}
    for key, record in kept.values_list("study_id", "record"):
        with suppress(RecordInvalid):
            records[key] = read_stored(record)
    return records


def _restore(change: Change, bulk: BulkChange, line: UndoLine, by: User, note: str) -> None:
    action = BulkAction.from_json(bulk.action or {})
    if line.item.proposal is not None:
        proposals.withdraw(line.item.proposal, by=by, note=note)
        return
    assert line.study is not None, line.item
    if action.tagging is None:
        stages.move_in_change(change, line.study, UNDO_MOVES[action.move], by=by, note=note)
        return
    assert line.before is not None, line.item
    change.touch(save_record(replace(line.before, id=line.study.slug), line.study))
