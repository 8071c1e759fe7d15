"""The history of a study: its revisions, any two of them compared, one of them restored (R8)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse

from studies.admin.differences.words import DifferenceWriter, join_field_labels
from studies.admin.record_form.problems import describe_problems
from studies.admin.shared.base import signed_in_user
from studies.admin.shared.fields import PlainTextField
from studies.curation import history, stages
from studies.curation.stages import CurationError, NotPublishable
from studies.models import Proposal, Revision, Stage, Study
from studies.store import bank_state
from studies.store.exchange.study import to_record

if TYPE_CHECKING:
    from studies.admin.study.pages import StudyPages

REVISIONS_PER_PAGE = 100
LARGEST_NUMBER = 10**15
"""A number of more than 64 bits would be an error in the database."""


class RestoreForm(forms.Form):
    """Why an earlier record comes back, and the change number that the person saw."""

    note = PlainTextField(
        label="Motivo",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Queda en la historia del estudio.",
    )
    seen_no = forms.IntegerField(min_value=0, max_value=LARGEST_NUMBER, widget=forms.HiddenInput)


def history_page(admin: StudyPages, request: HttpRequest, study: Study) -> HttpResponse:
    """Show all revisions, newest first, a page of them at a time."""
    listed = study.revisions.select_related("by", "reviewed_by").defer("record")
    revisions: Page[Revision] = Paginator(listed, REVISIONS_PER_PAGE).get_page(request.GET.get("p"))
    first = study.revisions.order_by("change_no").values_list("pk", flat=True).first()
    proposals = dict(study.proposals.filter(accepted_no__isnull=False).values_list("accepted_no", "pk"))
    rows = [
        (revision, _describe_revision(revision, first), proposals.get(revision.change_no)) for revision in revisions
    ]
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": "Historia del estudio",
        "study": study,
        "revisions": revisions,
        "rows": rows,
        "checks": study.checks.select_related("by"),
    }
    return TemplateResponse(request, "admin/studies/study/object_history.html", context)


class CompareRevisionsView:
    """Compares any two revisions of a study (GET `a`, `b`)."""

    def __init__(self, admin: StudyPages) -> None:
        self.admin = admin
        self.__name__ = "compare"  # admin_view() wraps functions

    def __call__(self, request: HttpRequest, study_id: int) -> HttpResponse:
        with bank_state.cached_counter():
            study = self.admin.readable_study(request, str(study_id))
            numbers = sorted(filter(None, (_read_number(request.GET, name) for name in ("a", "b"))))
            found = study.revisions.select_related("by", "reviewed_by").filter(change_no__in=numbers)
            revisions = list(found.order_by("change_no"))
            if len(revisions) != 2:
                messages.info(request, "Elija dos cambios distintos para compararlos.")
                return HttpResponseRedirect(reverse("admin:studies_study_history", args=[study.pk]))
            before, after = revisions
            context = {
                **self.admin.admin_site.each_context(request),
                "opts": self.admin.opts,
                "title": f"Del cambio {before.change_no} al {after.change_no}",
                "study": study,
                "before": before,
                "after": after,
                **_comparison_context(before, after),
            }
            return TemplateResponse(request, "admin/studies/study/compare.html", context).render()


class RevisionView:
    """Shows one revision: what it changed and what would change if it came back (GET); brings it back (POST)."""

    def __init__(self, admin: StudyPages) -> None:
        self.admin = admin
        self.__name__ = "revision"  # admin_view() wraps functions

    def __call__(self, request: HttpRequest, study_id: int, number: int) -> HttpResponse:
        with bank_state.cached_counter():
            study = self.admin.readable_study(request, str(study_id))
            revisions = study.revisions.select_related("by", "reviewed_by")
            revision = revisions.filter(change_no=number).first() if number < LARGEST_NUMBER else None
            if revision is None:
                raise Http404(str(number))
            if request.method == "POST":
                return self._restore(request, study, revision)
            return self._page(request, study, revision, RestoreForm(initial={"seen_no": study.changed_no}))

    def _restore(self, request: HttpRequest, study: Study, revision: Revision) -> HttpResponse:
        form = RestoreForm(request.POST)
        if not form.is_valid():
            return self._page(request, study, revision, form)
        note, seen_no = form.cleaned_data["note"], form.cleaned_data["seen_no"]
        try:
            if "_edit" in request.POST:
                record = replace(history.read_record(revision), id=study.slug)
                entry = self.admin.refilled_form(study, record, study.changed_no, note)
                return self.admin.form_page(request, entry)
            done = history.restore(study, revision, seen_no=seen_no, by=signed_in_user(request), note=note)
        except NotPublishable as refusal:
            form.add_error(None, "No se restauró: a ese registro le falta algo para seguir publicado.")
            return self._page(request, study, revision, form, describe_problems(refusal.problems))
        except CurationError as refusal:
            form.add_error(None, f"No se restauró. {refusal.message}")
            return self._page(request, study, revision, form)
        if isinstance(done, Proposal):
            messages.success(request, "Lo restaurado quedó como propuesta: otra persona lo revisa y lo publica.")
            return HttpResponseRedirect(reverse("admin:studies_proposal_change", args=[done.pk]))
        if done:
            messages.success(request, f"Se restauró el registro del cambio {revision.change_no}.")
        else:
            messages.info(request, "El registro ya dice lo mismo: no había nada que restaurar.")
        return HttpResponseRedirect(reverse("admin:studies_study_history", args=[study.pk]))

    def _page(
        self, request: HttpRequest, study: Study, revision: Revision, form: RestoreForm, problems: Any = ()
    ) -> HttpResponse:
        user = signed_in_user(request)
        previous = study.revisions.filter(change_no__lt=revision.change_no).first()
        may_edit, may_propose = stages.may_edit(study, user), stages.may_propose(study, user)
        context = {
            **self.admin.admin_site.each_context(request),
            "opts": self.admin.opts,
            "title": f"Cambio {revision.change_no}",
            "study": study,
            "revision": revision,
            "previous": previous,
            "form": form,
            "problems": problems,
            "may_restore": may_edit or may_propose,
            "is_proposal": not may_edit,
            **(_comparison_context(previous, revision) if previous else {}),
            **_restore_context(study, revision),
        }
        return TemplateResponse(request, "admin/studies/study/revision.html", context).render()


def _comparison_context(before: Revision, after: Revision) -> dict[str, Any]:
    try:
        return {"fields": DifferenceWriter().between(history.read_record(before), history.read_record(after))}
    except CurationError as refusal:
        return {"unreadable": refusal.message}


def _restore_context(study: Study, revision: Revision) -> dict[str, Any]:
    """Return the context of what would change if the revision were restored now."""
    try:
        return {"back": DifferenceWriter().between(to_record(study), history.read_record(revision))}
    except CurationError as refusal:
        return {"unreadable": refusal.message}


def _describe_revision(revision: Revision, first: int | None) -> str:
    """Return what a revision changed in a few words, and whether a reviewer corrected it without a second person."""
    if revision.pk == first:
        return "registro nuevo"
    if not revision.changed:
        return "etapa o vocabulario"
    said = join_field_labels(revision.changed)
    if revision.stage == Stage.PUBLISHED and revision.is_content and revision.by and not revision.reviewed_by:
        said += " (corrección directa de quien revisa)"
    return said


def _read_number(data: QueryDict, name: str) -> int | None:
    value = data.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 16 else None
