"""The moves of a proposal: a page for each that states what happens, with a button or with the form of the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from studies.admin.differences.choices import SIDES, merge_choices, read_choices
from studies.admin.differences.words import DifferenceWriter, join_field_labels
from studies.admin.record_form.form import RecordForm
from studies.admin.record_form.problems import ProblemLine, describe_problems
from studies.admin.shared import notifications, previews
from studies.admin.shared.base import signed_in_user
from studies.admin.shared.move_form import MoveForm
from studies.admin.shared.sessions import AGAIN
from studies.curation import editing, proposals, stages
from studies.curation.moves import PROPOSAL_MOVES, Move
from studies.curation.proposals import ProposalStale, SeenVersion
from studies.curation.stages import CurationError, NotPublishable
from studies.models import Proposal
from studies.records.diff import MergeSide
from studies.records.json_fields import RecordInvalid
from studies.records.older_formats import read_stored
from studies.records.study import StudyRecord
from studies.store import bank_state, vocabularies
from studies.store.exchange.study import to_record

CONSEQUENCES: Mapping[str, str] = {
    "send": "Cambie lo que haga falta y envíela: volverá a esperar revisión. El público sigue viendo lo publicado.",
    "withdraw": "La propuesta saldrá de la cola y nada de lo publicado cambiará. No se borra: podrá enviarla otra vez.",
    "accept": "Cualquier persona verá el registro con estos cambios. La historia dirá quién los propuso y quién los "
    "publicó.",
    "correct": "Corrija lo que haga falta y publique. La historia dirá quién lo propuso y que usted lo corrigió.",
    "return": "Quien la propuso leerá su nota, y podrá cambiarla y enviarla otra vez.",
}
DONE: Mapping[str, str] = {
    "send": "La propuesta se envió otra vez a revisión.",
    "withdraw": "La propuesta se retiró. Puede enviarla otra vez cuando quiera.",
    "accept": "La propuesta se publicó.",
    "correct": "La propuesta se publicó con sus correcciones.",
    "return": "La propuesta se devolvió con su nota.",
}
SIDE_LABELS: Mapping[MergeSide, str] = {"mine": "Lo que dice la propuesta", "theirs": "Lo publicado ahora"}
WITH_FORM = frozenset({"send", "correct"})


class ProposalPages(Protocol):
    """What the pages of a proposal need of the admin that owns their addresses."""

    admin_site: AdminSite
    opts: Any

    def readable_proposal(self, request: HttpRequest, key: int | str) -> Proposal:
        """Return a proposal with its study. Raises Http404 and PermissionDenied."""


class ProposalMoveForm(MoveForm):
    """The note, and what the person saw of study and proposal."""

    seen_step = forms.IntegerField(required=False, min_value=0, max_value=10**15, widget=forms.HiddenInput)


class ProposalMoveView:
    """Shows what a move of a proposal does (GET) and makes it (POST)."""

    def __init__(self, admin: ProposalPages) -> None:
        self.admin = admin
        self.__name__ = "proposal_move"  # admin_view() wraps functions

    def __call__(self, request: HttpRequest, proposal_id: int, name: str) -> HttpResponse:
        move = PROPOSAL_MOVES.get(name)
        if move is None:
            raise Http404(name)
        with bank_state.cached_counter():
            proposal = self.admin.readable_proposal(request, proposal_id)
            if not signed_in_user(request).has_perm(move.permission):
                raise PermissionDenied
            if sentence := proposals.explain_refusal(move, proposal, signed_in_user(request)):
                messages.warning(request, sentence)
                return _redirect_to_proposal(proposal)
            if name in WITH_FORM:
                return self._with_form(request, proposal, move)
            return self._with_button(request, proposal, move)

    # --- A note and a button -------------------------------------------------------------------------------------

    def _with_button(self, request: HttpRequest, proposal: Proposal, move: Move) -> HttpResponse:
        seen = proposals.read_version(proposal)
        form = ProposalMoveForm(
            request.POST if request.method == "POST" else None,
            move=move,
            initial={"seen_no": seen.change_no, "seen_step": seen.step},
        )
        found: tuple[ProblemLine, ...] = ()
        if request.method == "POST" and form.is_valid() and AGAIN not in request.POST:
            try:
                self._make_move(request, proposal, move, form, seen)
            except NotPublishable as refusal:
                found = describe_problems(refusal.problems)
            except ProposalStale as refusal:
                messages.warning(request, refusal.message)
                return _redirect_to_proposal(proposal)
            except CurationError as refusal:
                form.add_error(None, refusal.message)
            else:
                notifications.notify_of_proposal_move(request, proposal, move.name, form.cleaned_data["note"])
                messages.success(request, DONE[move.name])
                return _redirect_to_proposal(proposal)
        return self._button_page(request, proposal, move, form, found)

    def _make_move(
        self, request: HttpRequest, proposal: Proposal, move: Move, form: ProposalMoveForm, now: SeenVersion
    ) -> None:
        user, note = signed_in_user(request), form.cleaned_data["note"]
        if move.name == "withdraw":
            proposals.withdraw(proposal, by=user, note=note)
        elif move.name == "return":
            proposals.return_to_author(proposal, by=user, note=note)
        else:
            # Without these numbers nothing was seen: an old page, or a request made by hand.
            seen = SeenVersion(form.cleaned_data["seen_no"] or 0, form.cleaned_data["seen_step"] or 0)
            proposals.accept(proposal, seen=seen, by=user, choices=read_choices(request.POST, SIDES), note=note)

    def _button_page(
        self,
        request: HttpRequest,
        proposal: Proposal,
        move: Move,
        form: ProposalMoveForm,
        found: tuple[ProblemLine, ...],
    ) -> HttpResponse:
        context = {
            **self._base_context(request, proposal, move),
            "form": form,
            "proposal_url": reverse("admin:studies_proposal_change", args=[proposal.pk]),
            "form_url": reverse("admin:studies_proposal_move", args=[proposal.pk, "correct"]),
        }
        if move.name == "accept":
            now, made = to_record(proposal.study), read_choices(request.POST, SIDES)
            try:
                merge = proposals.merge_with_study(proposal, now, made)
            except CurationError as refusal:
                messages.error(request, refusal.message)
                return _redirect_to_proposal(proposal)
            writer = DifferenceWriter()
            context["fields"] = writer.between(now, merge.record)
            context["problems"] = found or describe_problems(stages.find_record_problems(merge.record, proposal.study))
            if proposal.base_no != proposal.study.changed_no:
                mine = read_stored(proposal.record)
                context["choices"] = merge_choices(merge, mine, now, writer, SIDE_LABELS, made)
        return TemplateResponse(request, "admin/studies/proposal/move.html", context).render()

    # --- The form of the record ----------------------------------------------------------------------------------

    def _with_form(self, request: HttpRequest, proposal: Proposal, move: Move) -> HttpResponse:
        now = to_record(proposal.study)
        try:
            merge = proposals.merge_with_study(proposal, now)
        except CurationError as refusal:
            messages.error(request, refusal.message)
            return _redirect_to_proposal(proposal)
        if request.method != "POST":
            if merge.undecided:
                _warn_of_collisions(request, merge.undecided)
            found = describe_problems(stages.find_record_problems(merge.record, proposal.study))
            return self._form_page(request, proposal, move, self._entry(proposal, merge.record), found)
        entry = RecordForm(proposal.study, merge.record, vocabularies.current(), request.POST)
        if AGAIN in request.POST:
            return self._form_page(request, proposal, move, entry, ())
        if not entry.is_valid():
            messages.error(request, "No se hizo nada: corrija lo que está marcado. Lo que escribió está aquí.")
            return self._form_page(request, proposal, move, entry, ())
        return self._submit(request, proposal, move, entry)

    def _submit(self, request: HttpRequest, proposal: Proposal, move: Move, entry: RecordForm) -> HttpResponse:
        seen = SeenVersion(entry.seen_no, _read_seen_step(request))
        found: tuple[ProblemLine, ...] = ()
        try:
            record = entry.record()
            if previews.PREVIEW in request.POST:
                return previews.render_preview(request, record, proposal.study, request.POST[previews.PREVIEW])
            made = proposals.correct if move.name == "correct" else proposals.send_again
            made(proposal, record, seen=seen, by=signed_in_user(request), note=entry.note)
        except RecordInvalid as error:
            entry.add_record_error(error)
        except NotPublishable as refusal:
            found = describe_problems(refusal.problems, entry.row_of)
            messages.error(request, "No se publicó nada: al registro le falta algo. Lo que escribió está aquí.")
        except ProposalStale as refusal:
            messages.error(request, refusal.message)
            return self._merge_again(request, proposal, move, record, seen, entry.note)
        except CurationError as refusal:
            messages.error(request, f"No se hizo nada. {refusal.message}")
        else:
            notifications.notify_of_proposal_move(request, proposal, move.name, entry.note)
            messages.success(request, DONE[move.name])
            return _redirect_to_proposal(proposal)
        return self._form_page(request, proposal, move, entry, found)

    def _merge_again(
        self, request: HttpRequest, proposal: Proposal, move: Move, mine: StudyRecord, seen: SeenVersion, note: str
    ) -> HttpResponse:
        """Show what was typed, merged with what changed in the study since; what collides stays as typed."""
        merge = editing.merge_with_study(proposal.study, mine, seen.change_no, {})
        if merge.undecided:
            _warn_of_collisions(request, merge.undecided)
        entry = self._entry(proposal, merge.record, note)
        return self._form_page(request, proposal, move, entry, ())

    def _entry(self, proposal: Proposal, record: StudyRecord, note: str = "") -> RecordForm:
        return RecordForm(proposal.study, record, vocabularies.current(), note=note)

    def _form_page(
        self,
        request: HttpRequest,
        proposal: Proposal,
        move: Move,
        entry: RecordForm,
        found: tuple[ProblemLine, ...],
    ) -> HttpResponse:
        context = {
            **self._base_context(request, proposal, move),
            "entry": entry,
            "outline": entry.outline(found),
            "errors": entry.errors(),
            "problems": found,
            "form_url": request.path,
            "may_edit": True,
            "is_unsaved": request.method == "POST",
            "save_label": move.label if move.name == "correct" else "Enviar a revisión",
            "seen_step": proposals.read_version(proposal).step if not entry.form.is_bound else _read_seen_step(request),
        }
        return TemplateResponse(request, "admin/studies/proposal/form.html", context).render()

    def _base_context(self, request: HttpRequest, proposal: Proposal, move: Move) -> dict[str, object]:
        return {
            **self.admin.admin_site.each_context(request),
            "opts": self.admin.opts,
            "title": move.label,
            "proposal": proposal,
            "study": proposal.study,
            "move": move,
            "consequence": CONSEQUENCES[move.name],
        }


def _warn_of_collisions(request: HttpRequest, fields: tuple[str, ...]) -> None:
    messages.warning(
        request,
        f"El estudio cambió en los mismos campos: {join_field_labels(fields)}. En el formulario está lo propuesto; "
        "compárelo con el estudio publicado.",
    )


def _read_seen_step(request: HttpRequest) -> int:
    value = request.POST.get("seen_step", "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 16 else 0


def _redirect_to_proposal(proposal: Proposal) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:studies_proposal_change", args=[proposal.pk]))
