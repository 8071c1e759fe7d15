"""Appraising a study: two people judge apart, then agree; or one judges and a reviewer confirms. Then it is final.

Only what is final goes into the record, by an ordinary change (R7, R8, I2). Who may do what is in `state`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.appraisals.state import Round, may_appraise
from studies.curation.moves import WITHDRAW_APPRAISAL, find_refusal, is_own_work
from studies.curation.roles import ADMINISTER_STUDY
from studies.curation.stages import CurationError
from studies.models import Assessment, Instrument, Study
from studies.records import appraisal_rules
from studies.records.appraisal import AppraisalRecord, JudgementRecord
from studies.records.appraisal_rules import Lack
from studies.records.study import StudyRecord
from studies.store.changes import bank_change
from studies.store.exchange import study as exchange_study

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from studies.store.changes import Change


class AppraisalRefused(CurationError):
    """The person may not do this, or not now. Nothing was written."""


class Unfinished(CurationError):
    """The judgements cannot be finished. `lacks` lists everything at once."""

    def __init__(self, lacks: tuple[Lack, ...]) -> None:
        super().__init__(_("Faltan juicios o su sustento."))
        self.lacks = lacks


class Overtaken(CurationError):
    """Somebody saved the same assessment after this person had opened it. Nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            _("Esta valoración se guardó en otra ventana o por otra persona después de que usted la abrió.")
        )


@dataclass(frozen=True, slots=True)
class Entered:
    """What a person entered: the judgements in the order of the domains, the overall level and notes, maybe empty."""

    judgements: tuple[JudgementRecord, ...]
    overall: str = ""
    note_es: str = ""
    note_en: str = ""


def begin(study: Study, instrument: Instrument, *, by: User) -> Assessment:
    """Start the person's own assessment, or return the one under way. Raises AppraisalRefused."""
    with transaction.atomic():
        now = _locked(study, instrument)
        if own := now.of(by):
            return own
        if not now.may_begin(by):
            raise AppraisalRefused(
                _("No puede comenzar esta valoración: ya hay dos personas, o usted ya vio la de otra.")
            )
        try:
            with transaction.atomic():
                return Assessment.objects.create(study=study, instrument=instrument, by=by)
        except IntegrityError as error:
            raise Overtaken from error


def save(assessment: Assessment, entered: Entered, *, version: int, by: User, finish: bool = False) -> Assessment:
    """Write the person's own judgements as a draft, or finish them.

    Raises AppraisalRefused, Overtaken, and Unfinished where something is missing to finish; nothing is written then.
    """
    with transaction.atomic():
        now = _locked(assessment.study, assessment.instrument)
        held = now.of(by)
        if held is None or held.pk != assessment.pk or held.is_done or not may_appraise(now.study, by):
            raise AppraisalRefused(_("Esta valoración ya no se puede cambiar."))
        _write(now, held, entered, version)
        if finish:
            _require_whole(now, held)
            held.done_at = timezone.now()
            held.returned_note = ""
        held.save()
    return held


def reopen(study: Study, instrument: Instrument, *, by: User) -> None:
    """Let the person change again what they finished. Raises AppraisalRefused."""
    with transaction.atomic():
        now = _locked(study, instrument)
        own = now.of(by)
        if own is None or not now.may_reopen(by):
            raise AppraisalRefused(_("Ya no se puede reabrir: usted vio la otra valoración, o el consenso comenzó."))
        _reopen(own)


def discard(assessment: Assessment, *, by: User) -> None:
    """Close an unfinished assessment: the person's own, or another's that was left behind (administrators).

    It is kept, but nobody sees it again. Raises AppraisalRefused.
    """
    with transaction.atomic():
        now = _locked(assessment.study, assessment.instrument)
        held = next((row for row in now.own if row.pk == assessment.pk and not row.is_done), None)
        if held is None or not (is_own_work(by, [held]) or by.has_perm(ADMINISTER_STUDY)):
            raise AppraisalRefused(_("Solo se descarta una valoración propia sin terminar."))
        Assessment.objects.filter(pk=held.pk).update(closed_at=timezone.now())


def look(study: Study, instrument: Instrument, *, by: User) -> None:
    """Note that the person has seen what others finished: from now on they judge no more apart. AppraisalRefused."""
    with transaction.atomic():
        now = _locked(study, instrument)
        if not now.may_look(by):
            raise AppraisalRefused(_("Primero termine su propia valoración."))
        for row in now.others(by):
            row.seen_by.add(by)


def save_consensus(
    study: Study, instrument: Instrument, entered: Entered, *, version: int, by: User, finish: bool = False
) -> bool:
    """Write the consensus of two, as a draft or to finish it. Return True where it is final now.

    It is final at once when a reviewer apart from both writes it; from one of the two it waits for the other's `agree`.
    `version` is 0 for the first. Raises AppraisalRefused, Overtaken, Unfinished.
    """
    with bank_change(by=by, note=_note(instrument, _("consenso"))) as change:
        now = _locked(study, instrument)
        if not now.may_write_consensus(by):
            raise AppraisalRefused(_("El consenso lo escribe quien evaluó o quien revisa, después de ver ambas."))
        held = now.consensus or Assessment(
            study=study, instrument=instrument, kind=Assessment.Kind.CONSENSUS, by=by, version=0
        )
        _write(now, held, entered, version)
        held.by, held.done_at = by, None
        if finish:
            _require_whole(now, held)
            held.done_at = timezone.now()
        held.save()
        is_final = finish and now.may_decide(by)
        if is_final:
            _make_final(now, held, change)
    return is_final


def agree(study: Study, instrument: Instrument, *, version: int, by: User) -> None:
    """Make a proposed consensus final, as the other of the two. Raises AppraisalRefused, Overtaken."""
    with bank_change(by=by, note=_note(instrument, _("consenso"))) as change:
        now = _locked(study, instrument)
        if now.consensus is None or not now.may_agree(by):
            raise AppraisalRefused(_("No hay un consenso que espere su acuerdo."))
        if now.consensus.version != version:
            raise Overtaken
        _make_final(now, now.consensus, change)


def confirm(study: Study, instrument: Instrument, *, version: int, by: User) -> None:
    """Make the only assessment final, as a reviewer who did not write it. Raises AppraisalRefused, Overtaken."""
    with bank_change(by=by, note=_note(instrument, _("una persona, confirmada"))) as change:
        now = _locked(study, instrument)
        if not now.may_confirm(by):
            raise AppraisalRefused(_("La confirma quien revisa y no la escribió, mientras nadie más esté evaluando."))
        if now.own[0].version != version:
            raise Overtaken
        _make_final(now, now.own[0], change)


def send_back(study: Study, instrument: Instrument, *, by: User, note: str) -> None:
    """Give the only assessment back to its author with a note. Raises AppraisalRefused."""
    with transaction.atomic():
        now = _locked(study, instrument)
        if not now.may_confirm(by):
            raise AppraisalRefused(_("La devuelve quien revisa y no la escribió, mientras nadie más esté evaluando."))
        if not note.strip():
            raise AppraisalRefused(_("Escriba el motivo: lo leerá quien evaluó."))
        now.own[0].returned_note = note
        _reopen(now.own[0])


def withdraw(study: Study, instrument: Instrument, *, by: User, note: str) -> None:
    """Take a final appraisal out of the record, as a reviewer, with the reason. Raises AppraisalRefused."""
    if not note.strip():
        raise AppraisalRefused(_("Escriba el motivo: quedará en la historia del estudio."))
    with bank_change(by=by, note=note) as change:
        now = _locked(study, instrument)
        if find_refusal(WITHDRAW_APPRAISAL, now.study, by):
            raise AppraisalRefused(_("Su cuenta no puede retirar una evaluación de este estudio."))
        kept = _without(now)
        if len(kept.appraisals) == len(exchange_study.to_record(now.study).appraisals):
            raise AppraisalRefused(_("Este estudio ya no tiene esa evaluación."))
        exchange_study.save_record(kept, now.study)
        change.touch(now.study, content=False)


def _locked(study: Study, instrument: Instrument) -> Round:
    """Read what is under way with the study's row locked: whoever else writes on it waits."""
    held = Study.objects.select_for_update(of=("self",)).get(pk=study.pk)
    return Round(held, instrument)


def _write(now: Round, held: Assessment, entered: Entered, version: int) -> None:
    if held.version != version:
        raise Overtaken
    held.judgements = [judgement.to_json() for judgement in entered.judgements]
    levels = {judgement.domain: judgement.level for judgement in entered.judgements}
    held.overall = appraisal_rules.settled(now.record, levels, entered.overall)
    held.note_es, held.note_en = entered.note_es, entered.note_en
    held.version += 1


def _reopen(held: Assessment) -> None:
    held.done_at = None
    held.version += 1
    held.save()


def _require_whole(now: Round, held: Assessment) -> tuple[JudgementRecord, ...]:
    judgements = tuple(JudgementRecord.from_json(row) for row in held.judgements)
    if found := appraisal_rules.lacks(now.record, judgements, held.overall):
        raise Unfinished(found)
    return judgements


def _make_final(now: Round, source: Assessment, change: Change) -> None:
    """Write the record and close the round. Nobody's writing: who judges may still publish what others wrote (R7)."""
    judgements = _require_whole(now, source)  # the instrument may have changed since it was finished
    level = now.record.overall_level(source.overall)
    assert level is not None
    assert level.certainty is not None
    final = AppraisalRecord(
        instrument=now.record.id,
        overall=source.overall,
        certainty=level.certainty,
        appraised_on=timezone.localdate().isoformat(),
        appraisers=len(now.done),
        judgements=judgements,
        note_es=source.note_es or None,
        note_en=source.note_en or None,
    )
    record = _without(now)
    exchange_study.save_record(replace(record, appraisals=(*record.appraisals, final)), now.study)
    change.touch(now.study, content=False)
    open_ones = Assessment.objects.filter(study=now.study, instrument=now.instrument, closed_at__isnull=True)
    open_ones.update(closed_at=timezone.now())


def _without(now: Round) -> StudyRecord:
    record = exchange_study.to_record(now.study)
    others = tuple(one for one in record.appraisals if one.instrument != now.instrument.slug)
    return replace(record, appraisals=others)


def _note(instrument: Instrument, how: str) -> str:
    return _("Evaluación de calidad con %(instrument)s: %(how)s.") % {"instrument": instrument, "how": how}
