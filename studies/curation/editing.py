"""Saves the records that curators enter: new drafts, and edits of existing studies (R2, R7, R8).

It does not change stages, which is for `stages`, nor make proposals for published studies, which is for `proposals`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.utils.translation import gettext as _

from studies.curation import stages
from studies.curation.moves import DECIDE_APPRAISAL
from studies.curation.stages import CurationError, NotPublishable
from studies.models import Stage, Study
from studies.records import diff
from studies.records.older_formats import read_stored
from studies.records.study import StudyRecord, fingerprint
from studies.store.changes import bank_change
from studies.store.exchange.errors import UnknownTerm
from studies.store.exchange.study import save_record, to_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import User

    from studies.records.diff import MergeSide, ThreeWayMerge


class EditRefused(CurationError):
    """The person may not change the study at its stage, or another study has taken its slug or DOI."""


class EditConflict(CurationError):
    """Somebody else saved the study after the curator had opened it. Nothing was written.

    `seen_no` is the change number that the curator saw; the revisions after it say what happened.
    """

    def __init__(self, seen_no: int) -> None:
        super().__init__(_("Otra persona guardó este estudio después de que usted lo abrió."))
        self.seen_no = seen_no


def create(record: StudyRecord, *, by: User, note: str = "") -> Study:
    """Create a draft with its first revision. Raises EditRefused."""
    if not by.has_perm("studies.add_study"):
        raise EditRefused(_("Su cuenta no tiene permiso para crear estudios."))
    try:
        with bank_change(by=by, note=note) as change:
            study = save_record(record)
            change.touch(study)
    except IntegrityError as error:
        raise _make_taken_error() from error
    study.refresh_from_db()
    return study


def save(study: Study, record: StudyRecord, *, seen_no: int, by: User, note: str = "") -> bool:
    """Write `record` over `study`. Return False if it changes nothing.

    `seen_no` is the study's change number that the curator saw. A slug changes only before the first publication.
    Raises EditRefused, EditConflict, and NotPublishable for a published study that would break R2. Nothing is written
    then.
    """
    try:
        with bank_change(by=by, note=note) as change:
            held = Study.objects.select_for_update(of=("self",)).get(pk=study.pk)
            if not stages.may_edit(held, by):
                raise EditRefused(
                    _("Su cuenta no puede cambiar un estudio en la etapa «%(stage)s».")
                    % {"stage": held.get_stage_display()}
                )
            wanted = record if held.published_at is None else replace(record, id=held.slug)
            before = to_record(held)
            # Before the test for a conflict: a record that is there already leaves nothing to choose.
            if fingerprint(before) == fingerprint(wanted):
                return False
            if held.changed_no != seen_no:
                raise EditConflict(seen_no)
            _check_appraisals(before, wanted, by)
            held.slug = wanted.id
            save_record(wanted, held)
            if held.stage == Stage.PUBLISHED and (found := stages.find_problems(held)):
                raise NotPublishable(found)
            change.touch(held)
    except IntegrityError as error:
        raise _make_taken_error() from error
    except UnknownTerm as error:
        raise EditRefused(_("El registro nombra algo que el banco ya no tiene: %(what)s.") % {"what": error}) from error
    return True


def delete_draft(study: Study) -> None:
    """Delete a draft that was never public. Raises EditRefused for any other study (R3).

    Call it inside a transaction: the row is locked until its end.
    """
    held = Study.objects.select_for_update(of=("self",)).get(pk=study.pk)
    if not is_deletable(held):
        raise EditRefused(_("Solo se elimina un borrador que nunca se publicó."))
    held.delete()


def is_deletable(study: Study) -> bool:
    """Return True if `study` is a draft that was never public."""
    return study.stage == Stage.DRAFT and study.published_at is None


def merge_with_study(study: Study, mine: StudyRecord, seen_no: int, choices: Mapping[str, MergeSide]) -> ThreeWayMerge:
    """Merge the record `mine`, written on the base of change `seen_no`, with `study` as it is now.

    `study` comes from `for_record`. Raises RecordInvalid for a revision that cannot be read any more.
    """
    seen = study.revisions.filter(change_no=seen_no).first()
    base = read_stored(seen.record) if seen else None
    return diff.merge_records(base, mine, to_record(study), choices)


def _check_appraisals(before: StudyRecord, wanted: StudyRecord, by: User) -> None:
    """Refuse other appraisals from a person who may not decide on one. Only a restored earlier record has them."""
    if not by.has_perm(DECIDE_APPRAISAL.permission) and not diff.have_same_appraisals(before, wanted):
        raise EditRefused(_("Ese registro tiene otra evaluación de calidad: lo restaura quien revisa."))


def _make_taken_error() -> EditRefused:
    return EditRefused(_("Otro estudio acaba de tomar el mismo identificador o el mismo DOI. Revíselos."))
