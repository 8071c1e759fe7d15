"""The use cases of appraisal: two people judge apart and then agree, or one judges and a reviewer confirms.

Only the final appraisal goes into the record, by an ordinary change (R7, R8, I2). `state` says who may do what.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.appraisals.state import AppraisalRound, may_appraise
from studies.curation.moves import WITHDRAW_APPRAISAL, find_refusal, is_own_work
from studies.curation.roles import ADMINISTER_STUDY
from studies.curation.stages import CurationError
from studies.models import Assessment, Instrument, Study
from studies.records import appraisal_rules
from studies.records.appraisal import AppraisalRecord, JudgementRecord
from studies.records.appraisal_rules import AppraisalGap
from studies.records.study import StudyRecord
from studies.store.changes import bank_change
from studies.store.exchange import study as exchange_study

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from studies.store.changes import Change


class AppraisalRefused(CurationError):
    """The person may not do this at all, or not now. Nothing was written."""


class AssessmentIncomplete(CurationError):
    """The judgements cannot be finished. `lacks` lists everything that is missing."""

    def __init__(self, lacks: tuple[AppraisalGap, ...]) -> None:
        super().__init__(_("Faltan juicios o su sustento."))
        self.lacks = lacks


class AssessmentStale(CurationError):
    """The assessment was saved after this person had opened it, by another person or in another window."""

    def __init__(self) -> None:
        super().__init__(
            _("Esta valoración se guardó en otra ventana o por otra persona después de que usted la abrió.")
        )


@dataclass(frozen=True, slots=True)
class AssessmentInput:
    """What a person entered: judgements in the order of the domains, overall level and notes, which may be empty."""

    judgements: tuple[JudgementRecord, ...]
    overall: str = ""
    note_es: str = ""
    note_en: str = ""


def begin(study: Study, instrument: Instrument, *, by: User) -> Assessment:
    """Start the person's own assessment, or return the one under way. Raises AppraisalRefused."""
    with transaction.atomic():
        now = _lock_round(study, instrument)
        if own := now.find_own(by):
            return own
        if not now.may_begin(by):
            raise AppraisalRefused(
                _("No puede comenzar esta valoración: ya hay dos personas, o usted ya vio la de otra.")
            )
        try:
            with transaction.atomic():
                return Assessment.objects.create(study=study, instrument=instrument, by=by)
        except IntegrityError as error:
            raise AssessmentStale from error


def save(
    assessment: Assessment, entered: AssessmentInput, *, version: int, by: User, finish: bool = False
) -> Assessment:
    """Save the person's own judgements as a draft, or finish them.

    `version` is that of the assessment that the person saw. Raises AppraisalRefused, AssessmentStale, and
    AssessmentIncomplete if something is missing to finish. Nothing is written then.
    """
    with transaction.atomic():
        now = _lock_round(assessment.study, assessment.instrument)
        held = now.find_own(by)
        if held is None or held.pk != assessment.pk or held.is_done or not may_appraise(now.study, by):
            raise AppraisalRefused(_("Esta valoración ya no se puede cambiar."))
        _write_input(now, held, entered, version)
        if finish:
            _require_complete(now, held)
            held.done_at = timezone.now()
            held.returned_note = ""
        held.save()
    return held


def reopen(study: Study, instrument: Instrument, *, by: User) -> None:
    """Reopen the person's own finished assessment. Raises AppraisalRefused."""
    with transaction.atomic():
        now = _lock_round(study, instrument)
        own = now.find_own(by)
        if own is None or not now.may_reopen(by):
            raise AppraisalRefused(_("Ya no se puede reabrir: usted vio la otra valoración, o el consenso comenzó."))
        _reopen(own)


def discard(assessment: Assessment, *, by: User) -> None:
    """Close an unfinished assessment: one's own, or as an administrator one that somebody abandoned.

    Its row is kept, but no page shows it again. Raises AppraisalRefused.
    """
    with transaction.atomic():
        now = _lock_round(assessment.study, assessment.instrument)
        held = next((row for row in now.own if row.pk == assessment.pk and not row.is_done), None)
        if held is None or not (is_own_work(by, [held]) or by.has_perm(ADMINISTER_STUDY)):
            raise AppraisalRefused(_("Solo se descarta una valoración propia sin terminar."))
        Assessment.objects.filter(pk=held.pk).update(closed_at=timezone.now())


def mark_seen(study: Study, instrument: Instrument, *, by: User) -> None:
    """Record that the person has seen the others' assessments, and no longer judges independently.

    Raises AppraisalRefused.
    """
    with transaction.atomic():
        now = _lock_round(study, instrument)
        if not now.may_look(by):
            raise AppraisalRefused(_("Primero termine su propia valoración."))
        for row in now.list_others(by):
            row.seen_by.add(by)


def save_consensus(
    study: Study, instrument: Instrument, entered: AssessmentInput, *, version: int, by: User, finish: bool = False
) -> bool:
    """Save the consensus of two as a draft, or finish it. Return True if it is final now.

    It is final at once if a reviewer who did not appraise finishes it. Finished by one of the two appraisers, it waits
    for `agree`. `version` is 0 for a new one. Raises AppraisalRefused, AssessmentStale, AssessmentIncomplete.
    """
    with bank_change(by=by, note=_write_note(instrument, _("consenso"))) as change:
        now = _lock_round(study, instrument)
        if not now.may_write_consensus(by):
            raise AppraisalRefused(_("El consenso lo escribe quien evaluó o quien revisa, después de ver ambas."))
        held = now.consensus or Assessment(
            study=study, instrument=instrument, kind=Assessment.Kind.CONSENSUS, by=by, version=0
        )
        _write_input(now, held, entered, version)
        held.by, held.done_at = by, None
        if finish:
            _require_complete(now, held)
            held.done_at = timezone.now()
        held.save()
        is_final = finish and now.may_decide(by)
        if is_final:
            _make_final(now, held, change)
    return is_final


def agree(study: Study, instrument: Instrument, *, version: int, by: User) -> None:
    """Make a proposed consensus final, as a person who did not propose it.

    Raises AppraisalRefused, AssessmentStale, AssessmentIncomplete.
    """
    with bank_change(by=by, note=_write_note(instrument, _("consenso"))) as change:
        now = _lock_round(study, instrument)
        if now.consensus is None or not now.may_agree(by):
            raise AppraisalRefused(_("No hay un consenso que espere su acuerdo."))
        if now.consensus.version != version:
            raise AssessmentStale
        _make_final(now, now.consensus, change)


def confirm(study: Study, instrument: Instrument, *, version: int, by: User) -> None:
    """Make the only assessment final, as a reviewer who did not write it.

    Raises AppraisalRefused, AssessmentStale, AssessmentIncomplete.
    """
    with bank_change(by=by, note=_write_note(instrument, _("una persona, confirmada"))) as change:
        now = _lock_round(study, instrument)
        if not now.may_confirm(by):
            raise AppraisalRefused(_("La confirma quien revisa y no la escribió, mientras nadie más esté evaluando."))
        if now.own[0].version != version:
            raise AssessmentStale
        _make_final(now, now.own[0], change)


def send_back(study: Study, instrument: Instrument, *, by: User, note: str) -> None:
    """Return the only assessment to its author with a note. Raises AppraisalRefused."""
    with transaction.atomic():
        now = _lock_round(study, instrument)
        if not now.may_confirm(by):
            raise AppraisalRefused(_("La devuelve quien revisa y no la escribió, mientras nadie más esté evaluando."))
        if not note.strip():
            raise AppraisalRefused(_("Escriba el motivo: lo leerá quien evaluó."))
        now.own[0].returned_note = note
        _reopen(now.own[0])


def withdraw(study: Study, instrument: Instrument, *, by: User, note: str) -> None:
    """Remove a final appraisal from the record, as a reviewer, with the reason. Raises AppraisalRefused."""
    if not note.strip():
        raise AppraisalRefused(_("Escriba el motivo: quedará en la historia del estudio."))
    with bank_change(by=by, note=note) as change:
        now = _lock_round(study, instrument)
        if find_refusal(WITHDRAW_APPRAISAL, now.study, by):
            raise AppraisalRefused(_("Su cuenta no puede retirar una evaluación de este estudio."))
        kept = _remove_appraisal(now)
        if len(kept.own_appraisals) == len(exchange_study.to_record(now.study).own_appraisals):
            raise AppraisalRefused(_("Este estudio ya no tiene esa evaluación."))
        exchange_study.save_record(kept, now.study)
        change.touch(now.study, content=False)


def _lock_round(study: Study, instrument: Instrument) -> AppraisalRound:
    """Lock the study's row, so that other writers wait, and return its round."""
    held = Study.objects.select_for_update(of=("self",)).get(pk=study.pk)
    return AppraisalRound(held, instrument)


def _write_input(now: AppraisalRound, held: Assessment, entered: AssessmentInput, version: int) -> None:
    if held.version != version:
        raise AssessmentStale
    held.judgements = [judgement.to_json() for judgement in entered.judgements]
    levels = {judgement.domain: judgement.level for judgement in entered.judgements}
    held.overall = appraisal_rules.settle_overall(now.record, levels, entered.overall)
    held.note_es, held.note_en = entered.note_es, entered.note_en
    held.version += 1


def _reopen(held: Assessment) -> None:
    held.done_at = None
    held.version += 1
    held.save()


def _require_complete(now: AppraisalRound, held: Assessment) -> tuple[JudgementRecord, ...]:
    judgements = tuple(JudgementRecord.from_json(row) for row in held.judgements)
    if found := appraisal_rules.find_gaps(now.record, judgements, held.overall):
        raise AssessmentIncomplete(found)
    return judgements


def _make_final(now: AppraisalRound, source: Assessment, change: Change) -> None:
    """Write the appraisal into the record and close the round.

    It is not content of the study: who judges may still publish what others wrote (R7).
    """
    judgements = _require_complete(now, source)  # the instrument may have changed since then
    level = now.record.overall_level(source.overall)
    assert level is not None
    assert level.risk_of_bias is not None
    final = AppraisalRecord(
        instrument=now.record.id,
        overall=source.overall,
        risk_of_bias=level.risk_of_bias,
        appraised_on=timezone.localdate().isoformat(),
        appraisers=len(now.done),
        judgements=judgements,
        note_es=source.note_es or None,
        note_en=source.note_en or None,
    )
    record = _remove_appraisal(now)
    exchange_study.save_record(replace(record, own_appraisals=(*record.own_appraisals, final)), now.study)
    change.touch(now.study, content=False)
    open_ones = Assessment.objects.filter(study=now.study, instrument=now.instrument, closed_at__isnull=True)
    open_ones.update(closed_at=timezone.now())


def _remove_appraisal(now: AppraisalRound) -> StudyRecord:
    record = exchange_study.to_record(now.study)
    others = tuple(one for one in record.own_appraisals if one.instrument != now.instrument.slug)
    return replace(record, own_appraisals=others)


def _write_note(instrument: Instrument, how: str) -> str:
    return _("Evaluación de calidad con %(instrument)s: %(how)s.") % {"instrument": instrument, "how": how}
