"""Two pairs of eyes on what is published (R7): a change is proposed, and another person publishes or returns it.

Who may do what with a proposal is in `moves`. Nothing here is public.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from studies.curation import stages
from studies.curation.moves import PROPOSAL_MOVES, Move, Refusal, refusal
from studies.curation.stages import CurationError
from studies.models import Proposal, ProposalStep, Revision, Study
from studies.records import diff
from studies.records.json_fields import RecordInvalid
from studies.records.study import StudyRecord, fingerprint
from studies.store.changes import bank_change
from studies.store.exchange.errors import UnknownTerm
from studies.store.exchange.study import save_record, to_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import User
    from django.utils.functional import _StrPromise

    from studies.records.diff import Merge, Side

State = Proposal.State
Kind = ProposalStep.Kind


class ProposalRefused(CurationError):
    """The proposal is not where this can be done, or the person may not do it, or a note is missing."""


class Overtaken(ProposalRefused):
    """Proposal or study changed after the person had opened the page. Nothing was written."""


class Undecided(ProposalRefused):
    """The study changed since the proposal was begun, in the same `fields`: somebody has to choose."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(_("El estudio cambió en los mismos campos que la propuesta. Elija qué queda en cada uno."))
        self.fields = fields


_SENTENCES: Mapping[Refusal, _StrPromise] = {
    Refusal.PLACE: gettext_lazy("«%(move)s» no es posible: la propuesta está en el estado «%(state)s»."),
    Refusal.PERMISSION: gettext_lazy("Su cuenta no tiene permiso para «%(move)s»."),
    Refusal.OTHERS_WORK: gettext_lazy("Solo quien hizo la propuesta puede hacer esto."),
    Refusal.OWN_WORK: gettext_lazy("Otra persona tiene que revisar lo que usted propuso."),
    Refusal.STUDY_NOT_PUBLISHED: gettext_lazy(
        "El estudio está en la etapa «%(stage)s»: la propuesta espera hasta que vuelva a publicarse."
    ),
    Refusal.NOTE: gettext_lazy("Escriba una nota: dice a quien la propuso qué falta."),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person had on the page: the change number of the study, and the key of the proposal's last step."""

    change_no: int
    step: int


def seen_now(proposal: Proposal) -> Seen:
    """Return what a page that is shown now stands on: one query."""
    return Seen(proposal.study.changed_no, _last_step(proposal))


def open_proposal(study: Study, author: User) -> Proposal | None:
    """Return the proposal on which `author` still works for `study`: one query."""
    return study.proposals.filter(author=author, state__in=Proposal.OPEN).first()


def open_moves(proposal: Proposal, user: User) -> tuple[Move, ...]:
    """Return what `user` may do with the proposal now."""
    return tuple(move for move in PROPOSAL_MOVES.values() if refusal(move, proposal, user) is None)


def refusal_message(move: Move, proposal: Proposal, user: User, note: str | None = None) -> str | None:
    """Return the sentence that says what `moves.refusal` found, or None."""
    found = refusal(move, proposal, user, note=note)
    state, stage = proposal.get_state_display(), proposal.study.get_stage_display()
    return str(_SENTENCES[found]) % {"move": move.label, "state": state, "stage": stage} if found else None


def joined(proposal: Proposal, now: StudyRecord, choices: Mapping[str, Side] | None = None) -> Merge:
    """Join the proposal with what happened to the study since, whose record is `now`: one query where it changed.

    Raises ProposalRefused for a record that the bank of today cannot read.
    """
    try:
        proposed = StudyRecord.from_json(proposal.record)
        if proposal.study.changed_no == proposal.base_no:
            return diff.merge(now, proposed, now, choices)
        base = Revision.objects.filter(study=proposal.study_id, change_no=proposal.base_no).first()
        return diff.merge(StudyRecord.from_json(base.record) if base else None, proposed, now, choices)
    except RecordInvalid as error:
        raise ProposalRefused(_("La propuesta no se puede leer: %(where)s.") % {"where": error}) from error


@transaction.atomic
def propose(study: Study, record: StudyRecord, *, seen_no: int, by: User, note: str = "") -> Proposal | None:
    """Keep `record` as a proposal for a published study and return it; None where it says nothing new.

    `seen_no` is the study's change number that the person saw. Raises ProposalRefused.
    """
    held = _locked_study(study.pk)
    if not stages.may_propose(held, by):
        raise ProposalRefused(_("Su cuenta no puede proponer cambios a este estudio en su etapa actual."))
    if open_proposal(held, by) is not None:
        raise ProposalRefused(_("Ya tiene una propuesta abierta para este estudio: cambie esa, o retírela primero."))
    wanted = _with_appraisals_seen(replace(record, id=held.slug), held, seen_no)
    if fingerprint(wanted) == fingerprint(_record_at(held, seen_no)):
        return None
    proposal = Proposal.objects.create(study=held, author=by, base_no=seen_no, record=wanted.to_json())
    _step(proposal, Kind.SENT, by, note, wanted)
    return proposal


@transaction.atomic
def send_again(proposal: Proposal, record: StudyRecord, *, seen: Seen, by: User, note: str = "") -> Proposal:
    """Let the author put `record` in the place of what was proposed; it waits anew. Raises ProposalRefused."""
    study, held = _checked(proposal, "send", by, note)
    if _last_step(held) != seen.step:
        raise _overtaken()
    if held.state == State.WITHDRAWN and open_proposal(study, by) is not None:
        raise ProposalRefused(_("Ya tiene otra propuesta abierta para este estudio."))
    wanted = _with_appraisals_seen(replace(record, id=study.slug), study, seen.change_no)
    held.record, held.base_no = wanted.to_json(), seen.change_no
    _move(held, State.WAITING)
    _step(held, Kind.SENT, by, note, wanted)
    return held


@transaction.atomic
def withdraw(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Take one's own proposal back; it can be sent again. Raises ProposalRefused."""
    _study, held = _checked(proposal, "withdraw", by, note)
    _move(held, State.WITHDRAWN)
    _step(held, Kind.WITHDRAWN, by, note)
    return held


@transaction.atomic
def give_back(proposal: Proposal, *, by: User, note: str) -> Proposal:
    """Return a proposal to its author, with a note that says why. Raises ProposalRefused."""
    _study, held = _checked(proposal, "return", by, note)
    _move(held, State.RETURNED)
    _step(held, Kind.RETURNED, by, note)
    return held


def accept(
    proposal: Proposal, *, seen: Seen, by: User, choices: Mapping[str, Side] | None = None, note: str = ""
) -> Proposal:
    """Publish a proposal, joined with what happened to the study since it was begun.

    Raises ProposalRefused; Undecided where both changed a field and `choices` does not say which stays; Overtaken;
    NotPublishable. Nothing is written then.
    """
    return _publish(proposal, "accept", seen=seen, by=by, choices=choices, note=note)


def correct(proposal: Proposal, record: StudyRecord, *, seen: Seen, by: User, note: str = "") -> Proposal:
    """Publish `record`, which a reviewer made of the proposal: the revision names both, the step keeps the record.

    Raises what `accept` raises, but Undecided: the reviewer saw the study as it is.
    """
    return _publish(proposal, "correct", seen=seen, by=by, note=note, corrected=record)


def _publish(
    proposal: Proposal,
    name: str,
    *,
    seen: Seen,
    by: User,
    note: str,
    choices: Mapping[str, Side] | None = None,
    corrected: StudyRecord | None = None,
) -> Proposal:
    reason = "\n".join(filter(None, (_sent_note(proposal), note.strip())))
    try:
        with transaction.atomic():
            with bank_change(by=proposal.author, note=reason, reviewed_by=by) as change:
                study, held = _checked(proposal, name, by, note)
                if (study.changed_no, _last_step(held)) != (seen.change_no, seen.step):
                    raise _overtaken()
                now = to_record(study)
                wanted = replace(corrected, id=study.slug) if corrected else _decided(held, now, choices)
                is_new = fingerprint(wanted) != fingerprint(now)
                if is_new:
                    save_record(wanted, study)
                    stages.require_publishable(Study.objects.for_record().get(pk=study.pk))
                    change.touch(study)
            if is_new:
                # The change has its number only at its end.
                held.accepted_no = Study.objects.values_list("changed_no", flat=True).get(pk=study.pk)
            _move(held, State.ACCEPTED)
            _step(held, Kind.CORRECTED if corrected else Kind.ACCEPTED, by, note, wanted)
    except IntegrityError as error:
        raise ProposalRefused(_("Otro estudio acaba de tomar el mismo DOI. Revíselo.")) from error
    except UnknownTerm as error:
        sentence = _("La propuesta nombra algo que el banco ya no tiene: %(what)s.") % {"what": error}
        raise ProposalRefused(sentence) from error
    return held


def _decided(proposal: Proposal, now: StudyRecord, choices: Mapping[str, Side] | None) -> StudyRecord:
    merged = joined(proposal, now, choices)
    if merged.undecided:
        raise Undecided(merged.undecided)
    return merged.record


def _checked(proposal: Proposal, name: str, user: User, note: str) -> tuple[Study, Proposal]:
    """Lock the study, then the proposal, and return both as they are now. Raises ProposalRefused."""
    study = _locked_study(proposal.study_id)
    held = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    held.study = study
    if sentence := refusal_message(PROPOSAL_MOVES[name], held, user, note):
        raise ProposalRefused(sentence)
    return study, held


def _locked_study(key: int) -> Study:
    return Study.objects.select_for_update(of=("self",)).for_record().get(pk=key)


def _record_at(study: Study, number: int) -> StudyRecord:
    """Return the record that was seen; that of now where no revision has this number."""
    seen = study.revisions.filter(change_no=number).first()
    return StudyRecord.from_json(seen.record) if seen else to_record(study)


def _with_appraisals_seen(record: StudyRecord, study: Study, number: int) -> StudyRecord:
    """Return `record` without the appraisals that came or went since change `number`: nobody proposed those.

    A form leaves appraisals as they are now; only an earlier record that is brought back has others.
    """
    if not diff.same_appraisals(record, to_record(study)):
        return record
    return replace(record, appraisals=_record_at(study, number).appraisals)


def _last_step(proposal: Proposal) -> int:
    return proposal.steps.order_by("-pk").values_list("pk", flat=True).first() or 0


def _sent_note(proposal: Proposal) -> str:
    sent = proposal.steps.filter(kind=Kind.SENT).order_by("-pk").values_list("note", flat=True)
    return (sent.first() or "").strip()


def _move(proposal: Proposal, state: State) -> None:
    proposal.state, proposal.moved_at = state, timezone.now()
    proposal.save(update_fields=["state", "moved_at", "record", "base_no", "accepted_no"])


def _step(proposal: Proposal, kind: Kind, by: User, note: str, record: StudyRecord | None = None) -> None:
    ProposalStep.objects.create(
        proposal=proposal, kind=kind, by=by, note=note.strip(), record=record.to_json() if record else None
    )


def _overtaken() -> Overtaken:
    return Overtaken(_("La propuesta o el estudio cambió mientras usted lo leía. Revíselo otra vez; no se hizo nada."))
