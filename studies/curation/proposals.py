"""Proposals for published studies (R7): one person proposes a record, another publishes or returns it.

`moves` says who may do what with a proposal. Nothing here is public.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from studies.curation import stages
from studies.curation.moves import PROPOSAL_MOVES, Move, RefusalReason, find_refusal
from studies.curation.stages import CurationError
from studies.models import Proposal, ProposalStep, Revision, Study
from studies.records import diff
from studies.records.json_fields import RecordInvalid
from studies.records.older_formats import read_stored
from studies.records.study import StudyRecord, fingerprint
from studies.store.changes import bank_change
from studies.store.exchange.errors import UnknownTerm
from studies.store.exchange.study import save_record, to_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import User
    from django.utils.functional import _StrPromise

    from studies.records.diff import MergeSide, ThreeWayMerge

State = Proposal.State
StepKind = ProposalStep.Kind


class ProposalRefused(CurationError):
    """The proposal is not in a state where this can be done, the person may not do it, or a note is missing."""


class ProposalStale(ProposalRefused):
    """The proposal or the study changed after the person had opened the page. Nothing was written."""


class UnresolvedConflict(ProposalRefused):
    """Study and proposal changed the same `fields` in different ways: the reviewer has to choose for each."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(_("El estudio cambió en los mismos campos que la propuesta. Elija qué queda en cada uno."))
        self.fields = fields


_SENTENCES: Mapping[RefusalReason, _StrPromise] = {
    RefusalReason.STAGE: gettext_lazy("«%(move)s» no es posible: la propuesta está en el estado «%(state)s»."),
    RefusalReason.PERMISSION: gettext_lazy("Su cuenta no tiene permiso para «%(move)s»."),
    RefusalReason.OTHERS_WORK: gettext_lazy("Solo quien hizo la propuesta puede hacer esto."),
    RefusalReason.OWN_WORK: gettext_lazy("Otra persona tiene que revisar lo que usted propuso."),
    RefusalReason.STUDY_NOT_PUBLISHED: gettext_lazy(
        "El estudio está en la etapa «%(stage)s»: la propuesta espera hasta que vuelva a publicarse."
    ),
    RefusalReason.NOTE: gettext_lazy("Escriba una nota: dice a quien la propuso qué falta."),
}


@dataclass(frozen=True, slots=True)
class SeenVersion:
    """The version that a page showed: the study's change number, and the id of the proposal's last step."""

    change_no: int
    step: int


def read_version(proposal: Proposal) -> SeenVersion:
    """Return the version that a page shows now: one query."""
    return SeenVersion(proposal.study.changed_no, _read_last_step(proposal))


def find_open_proposal(study: Study, author: User) -> Proposal | None:
    """Return the open proposal of `author` for `study`, or None: one query."""
    return study.proposals.filter(author=author, state__in=Proposal.OPEN).first()


def list_moves(proposal: Proposal, user: User) -> tuple[Move, ...]:
    """Return the moves that `user` may make with the proposal now."""
    return tuple(move for move in PROPOSAL_MOVES.values() if find_refusal(move, proposal, user) is None)


def explain_refusal(move: Move, proposal: Proposal, user: User, note: str | None = None) -> str | None:
    """Return the reason of `find_refusal` as a sentence for the curator, or None."""
    found = find_refusal(move, proposal, user, note=note)
    state, stage = proposal.get_state_display(), proposal.study.get_stage_display()
    return str(_SENTENCES[found]) % {"move": move.label, "state": state, "stage": stage} if found else None


def merge_with_study(
    proposal: Proposal, now: StudyRecord, choices: Mapping[str, MergeSide] | None = None
) -> ThreeWayMerge:
    """Merge the proposed record with `now`, the study's record of today, on the base that the author saw.

    One query where the study changed since. Raises ProposalRefused for a record that cannot be read any more.
    """
    try:
        proposed = read_stored(proposal.record)
        if proposal.study.changed_no == proposal.base_no:
            return diff.merge_records(now, proposed, now, choices)
        base = Revision.objects.filter(study=proposal.study_id, change_no=proposal.base_no).first()
        return diff.merge_records(read_stored(base.record) if base else None, proposed, now, choices)
    except RecordInvalid as error:
        raise ProposalRefused(_("La propuesta no se puede leer: %(where)s.") % {"where": error}) from error


@transaction.atomic
def propose(study: Study, record: StudyRecord, *, seen_no: int, by: User, note: str = "") -> Proposal | None:
    """Propose `record` for a published study. Return the proposal, or None if the record changes nothing.

    `seen_no` is the study's change number that the person saw. Raises ProposalRefused.
    """
    held = _lock_study(study.pk)
    if not stages.may_propose(held, by):
        raise ProposalRefused(_("Su cuenta no puede proponer cambios a este estudio en su etapa actual."))
    if find_open_proposal(held, by) is not None:
        raise ProposalRefused(_("Ya tiene una propuesta abierta para este estudio: cambie esa, o retírela primero."))
    wanted = _drop_unseen_appraisals(replace(record, id=held.slug), held, seen_no)
    if fingerprint(wanted) == fingerprint(_read_record_at(held, seen_no)):
        return None
    proposal = Proposal.objects.create(study=held, author=by, base_no=seen_no, record=wanted.to_json())
    _add_step(proposal, StepKind.SENT, by, note, wanted)
    return proposal


@transaction.atomic
def send_again(proposal: Proposal, record: StudyRecord, *, seen: SeenVersion, by: User, note: str = "") -> Proposal:
    """Replace the proposed record by `record`, as its author, and send it to review again. Raises ProposalRefused."""
    study, held = _lock_and_check(proposal, "send", by, note)
    if _read_last_step(held) != seen.step:
        raise _make_stale_error()
    if held.state == State.WITHDRAWN and find_open_proposal(study, by) is not None:
        raise ProposalRefused(_("Ya tiene otra propuesta abierta para este estudio."))
    wanted = _drop_unseen_appraisals(replace(record, id=study.slug), study, seen.change_no)
    held.record, held.base_no = wanted.to_json(), seen.change_no
    _set_state(held, State.WAITING)
    _add_step(held, StepKind.SENT, by, note, wanted)
    return held


@transaction.atomic
def withdraw(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Withdraw one's own proposal, which can be sent again. Raises ProposalRefused."""
    _study, held = _lock_and_check(proposal, "withdraw", by, note)
    _set_state(held, State.WITHDRAWN)
    _add_step(held, StepKind.WITHDRAWN, by, note)
    return held


@transaction.atomic
def return_to_author(proposal: Proposal, *, by: User, note: str) -> Proposal:
    """Return a proposal to its author, with a note that says why. Raises ProposalRefused."""
    _study, held = _lock_and_check(proposal, "return", by, note)
    _set_state(held, State.RETURNED)
    _add_step(held, StepKind.RETURNED, by, note)
    return held


def accept(
    proposal: Proposal, *, seen: SeenVersion, by: User, choices: Mapping[str, MergeSide] | None = None, note: str = ""
) -> Proposal:
    """Publish a proposal, merged with what changed in the study since it was begun.

    Raises ProposalRefused, ProposalStale, NotPublishable, and UnresolvedConflict where both changed a field and
    `choices` does not say which value stays. Nothing is written then.
    """
    return _publish(proposal, "accept", seen=seen, by=by, choices=choices, note=note)


def correct(proposal: Proposal, record: StudyRecord, *, seen: SeenVersion, by: User, note: str = "") -> Proposal:
    """Publish `record`, a proposal that a reviewer corrected. The revision names both, the step keeps the record.

    Raises what `accept` raises, except UnresolvedConflict: the reviewer saw the study as it is.
    """
    return _publish(proposal, "correct", seen=seen, by=by, note=note, corrected=record)


def _publish(
    proposal: Proposal,
    name: str,
    *,
    seen: SeenVersion,
    by: User,
    note: str,
    choices: Mapping[str, MergeSide] | None = None,
    corrected: StudyRecord | None = None,
) -> Proposal:
    reason = "\n".join(filter(None, (_read_sent_note(proposal), note.strip())))
    try:
        with transaction.atomic():
            with bank_change(by=proposal.author, note=reason, reviewed_by=by) as change:
                study, held = _lock_and_check(proposal, name, by, note)
                if (study.changed_no, _read_last_step(held)) != (seen.change_no, seen.step):
                    raise _make_stale_error()
                now = to_record(study)
                wanted = replace(corrected, id=study.slug) if corrected else _resolve_conflicts(held, now, choices)
                is_new = fingerprint(wanted) != fingerprint(now)
                if is_new:
                    save_record(wanted, study)
                    stages.require_publishable(Study.objects.for_record().get(pk=study.pk))
                    change.touch(study)
            if is_new:
                # The change has its number only at its end.
                held.accepted_no = Study.objects.values_list("changed_no", flat=True).get(pk=study.pk)
            _set_state(held, State.ACCEPTED)
            _add_step(held, StepKind.CORRECTED if corrected else StepKind.ACCEPTED, by, note, wanted)
    except IntegrityError as error:
        raise ProposalRefused(_("Otro estudio acaba de tomar el mismo DOI. Revíselo.")) from error
    except UnknownTerm as error:
        sentence = _("La propuesta nombra algo que el banco ya no tiene: %(what)s.") % {"what": error}
        raise ProposalRefused(sentence) from error
    return held


def _resolve_conflicts(proposal: Proposal, now: StudyRecord, choices: Mapping[str, MergeSide] | None) -> StudyRecord:
    merged = merge_with_study(proposal, now, choices)
    if merged.undecided:
        raise UnresolvedConflict(merged.undecided)
    return merged.record


def _lock_and_check(proposal: Proposal, name: str, user: User, note: str) -> tuple[Study, Proposal]:
    """Lock the study, then the proposal, and return both. Raises ProposalRefused if `user` may not make the move."""
    study = _lock_study(proposal.study_id)
    held = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    held.study = study
    if sentence := explain_refusal(PROPOSAL_MOVES[name], held, user, note):
        raise ProposalRefused(sentence)
    return study, held


def _lock_study(key: int) -> Study:
    return Study.objects.select_for_update(of=("self",)).for_record().get(pk=key)


def _read_record_at(study: Study, number: int) -> StudyRecord:
    """Return the record of the revision with this number, or the current one if there is no such revision."""
    seen = study.revisions.filter(change_no=number).first()
    return read_stored(seen.record) if seen else to_record(study)


def _drop_unseen_appraisals(record: StudyRecord, study: Study, number: int) -> StudyRecord:
    """Return `record` with the appraisals of change `number`: those that came or went since were not proposed.

    A form leaves appraisals as they are now. Only an earlier record that is restored has others.
    """
    if not diff.have_same_appraisals(record, to_record(study)):
        return record
    return replace(record, own_appraisals=_read_record_at(study, number).own_appraisals)


def _read_last_step(proposal: Proposal) -> int:
    return proposal.steps.order_by("-pk").values_list("pk", flat=True).first() or 0


def _read_sent_note(proposal: Proposal) -> str:
    sent = proposal.steps.filter(kind=StepKind.SENT).order_by("-pk").values_list("note", flat=True)
    return (sent.first() or "").strip()


def _set_state(proposal: Proposal, state: State) -> None:
    proposal.state, proposal.moved_at = state, timezone.now()
    proposal.save(update_fields=["state", "moved_at", "record", "base_no", "accepted_no"])


def _add_step(proposal: Proposal, kind: StepKind, by: User, note: str, record: StudyRecord | None = None) -> None:
    ProposalStep.objects.create(
        proposal=proposal, kind=kind, by=by, note=note.strip(), record=record.to_json() if record else None
    )


def _make_stale_error() -> ProposalStale:
    return ProposalStale(
        _("La propuesta o el estudio cambió mientras usted lo leía. Revíselo otra vez; no se hizo nada.")
    )
