"""Proposals for published studies: the list, the page that shows what would change, what can be done with one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from studies.admin.differences.views import FieldView
from studies.admin.differences.words import DifferenceWriter
from studies.admin.proposals import moves
from studies.admin.record_form.problems import describe_problems, field_labels
from studies.admin.shared import filters
from studies.admin.shared.base import BankAdmin, signed_in_user
from studies.admin.shared.previews import render_preview
from studies.curation import proposals, stages
from studies.curation.roles import CHANGE_STUDY
from studies.curation.stages import CurationError
from studies.models import Proposal, ProposalStep, Revision, Study
from studies.records.json_fields import RecordInvalid
from studies.records.older_formats import read_stored
from studies.store import bank_state
from studies.store.exchange.study import to_record
from studies.templatetags.workplace import age
from studies.text.normalize import fold_text


@admin.register(Proposal)
class ProposalAdmin(BankAdmin):
    """What was proposed, by whom, and what became of it."""

    read_with = ("studies.view_study", CHANGE_STUDY)
    list_display = ("__str__", "author", "state", "since")
    list_filter = (filters.ProposalStateFilter, filters.MyProposalsFilter)
    list_select_related = ("study", "author")
    list_per_page = 50
    search_help_text = "Palabras de los títulos del estudio, o su identificador."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Proposal]:
        return Proposal.objects.defer("record").order_by("-moved_at", "-pk")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Proposal], search_term: str
    ) -> tuple[QuerySet[Proposal], bool]:
        """Search the study of each proposal: all words in its folded texts or its slug."""
        for word in fold_text(search_term).split():
            queryset = queryset.filter(Q(study__folded__contains=word) | Q(study__slug__contains=word))
        return queryset, False

    @admin.display(description="En este estado", ordering="moved_at")
    def since(self, proposal: Proposal) -> str:
        """Return how long the proposal has been in its state."""
        return age(proposal.moved_at)

    def own_urls(self) -> list[URLPattern]:
        move = self.staff_view(moves.ProposalMoveView(self))
        shown = self.staff_view(self.preview_view)
        return [
            path("<int:proposal_id>/paso/<slug:name>/", move, name="studies_proposal_move"),
            path("<int:proposal_id>/vista-previa/", shown, name="studies_proposal_preview"),
        ]

    def readable_proposal(self, request: HttpRequest, key: int | str) -> Proposal:
        """Return a proposal with its study of `for_record`. Raises Http404 and PermissionDenied."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            proposal = Proposal.objects.select_related("author").get(pk=key)
        except (Proposal.DoesNotExist, ValueError, OverflowError) as error:
            raise Http404(str(key)) from error
        proposal.study = Study.objects.for_record().get(pk=proposal.study_id)
        return proposal

    # --- The page ------------------------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a proposal: what it would change, or what it changed. POST is refused: only moves change it."""
        if object_id is None or request.method == "POST":
            raise PermissionDenied
        with bank_state.cached_counter():
            proposal = self.readable_proposal(request, object_id)
            context = {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": "Propuesta de cambio",
                "proposal": proposal,
                "study": proposal.study,
                "steps": proposal.steps.select_related("by"),
                "moves": proposals.list_moves(proposal, signed_in_user(request)),
                **(
                    self._now(request, proposal)
                    if proposal.state != Proposal.State.ACCEPTED
                    else _accepted_context(proposal)
                ),
            }
            return TemplateResponse(request, "admin/studies/proposal/page.html", context).render()

    @method_decorator(require_safe)
    def preview_view(self, request: HttpRequest, proposal_id: int) -> HttpResponse:
        """Show a proposal as the public would see it (GET `idioma`: es, en)."""
        with bank_state.cached_counter():
            proposal = self.readable_proposal(request, proposal_id)
            try:
                merged = proposals.merge_with_study(proposal, to_record(proposal.study))
                return render_preview(request, merged.record, proposal.study, request.GET.get("idioma", "es"))
            except CurationError as refusal:
                messages.error(request, f"No hay vista previa. {refusal.message}")
                return HttpResponseRedirect(reverse("admin:studies_proposal_change", args=[proposal.pk]))

    def _now(self, request: HttpRequest, proposal: Proposal) -> dict[str, Any]:
        """Return the context of what the proposal would change if it were published now."""
        now = to_record(proposal.study)
        try:
            merge = proposals.merge_with_study(proposal, now)
        except CurationError as refusal:
            return {"unreadable": refusal.message}
        writer = DifferenceWriter()
        return {
            "fields": writer.between(now, merge.record),
            "since": writer.fields(merge.theirs) if proposal.base_no != proposal.study.changed_no else (),
            "undecided": field_labels(merge.undecided),
            "problems": describe_problems(stages.find_record_problems(merge.record, proposal.study)),
            "form_url": self._form_url(request, proposal),
        }

    def _form_url(self, request: HttpRequest, proposal: Proposal) -> str:
        names = [move.name for move in proposals.list_moves(proposal, signed_in_user(request))]
        name = next((name for name in ("correct", "send") if name in names), None)
        return reverse("admin:studies_proposal_move", args=[proposal.pk, name]) if name else ""


def _accepted_context(proposal: Proposal) -> dict[str, Any]:
    """Return the context of what the proposal changed when it was published, and what the reviewer corrected."""
    sent, published = None, None
    for step in proposal.steps.all():
        if step.kind == ProposalStep.Kind.SENT:
            sent = step.record
        elif step.record:
            published = step.record
    before = Revision.objects.filter(study=proposal.study_id, change_no__lt=proposal.accepted_no or 0).first()
    writer = DifferenceWriter()
    return {
        "fields": _field_differences(writer, before.record if before else None, published)
        if proposal.accepted_no
        else (),
        "corrected": _field_differences(writer, sent, published),
    }


def _field_differences(writer: DifferenceWriter, before: Any, after: Any) -> tuple[FieldView, ...]:
    if before is None or after is None:
        return ()
    try:
        return writer.between(read_stored(before), read_stored(after))
    except RecordInvalid:
        return ()
