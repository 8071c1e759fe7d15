"""What colleagues write on a study for one another: notes, and that its record was checked against its sources."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from studies.admin.shared.base import signed_in_user
from studies.admin.shared.fields import PlainTextField
from studies.admin.shared.sessions import AGAIN
from studies.curation import notes, rechecks
from studies.curation.stages import CurationError
from studies.models import Note, Study

if TYPE_CHECKING:
    from studies.admin.study.pages import StudyPages

LONGEST_NOTE = 5_000


class NoteForm(forms.Form):
    """A note between colleagues."""

    text = PlainTextField(
        label="Nota",
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="La leen quienes trabajan en el banco; nunca se publica ni se exporta.",
    )


class NotesView:
    """Lists the notes of a study; adds one (POST `text`), resolves or reopens one (`resolve`, `reopen`: its key)."""

    def __init__(self, admin: StudyPages) -> None:
        self.admin = admin
        self.__name__ = "notes"  # admin_view() wraps functions

    def __call__(self, request: HttpRequest, study_id: int) -> HttpResponse:
        study = self.admin.readable_study(request, str(study_id))
        form = NoteForm()
        if request.method == "POST":
            try:
                if "resolve" in request.POST or "reopen" in request.POST:
                    return self._mark(request, study)
                form = NoteForm(request.POST)
                if form.is_valid() and AGAIN not in request.POST:
                    notes.add(study, form.cleaned_data["text"], by=signed_in_user(request))
                    messages.success(request, "La nota quedó escrita.")
                    return _redirect_to(study, "notes")
            except CurationError as refusal:
                messages.error(request, refusal.message)
                return _redirect_to(study, "notes")
        context = {
            **self.admin.admin_site.each_context(request),
            "opts": self.admin.opts,
            "title": "Notas entre colegas",
            "study": study,
            "notes": study.notes.select_related("author", "resolved_by").order_by("resolved_at", "-at"),
            "form": form,
            "may_write": notes.may_write_notes(signed_in_user(request)),
        }
        return TemplateResponse(request, "admin/studies/study/notes.html", context)

    def _mark(self, request: HttpRequest, study: Study) -> HttpResponse:
        resolves = "resolve" in request.POST
        key = request.POST["resolve" if resolves else "reopen"]
        is_number = key.isascii() and key.isdecimal() and len(key) < 16
        note = get_object_or_404(Note, study=study, pk=int(key) if is_number else 0)
        if resolves:
            notes.resolve(note, by=signed_in_user(request))
            messages.success(request, "La nota quedó resuelta. Puede volver a abrirla.")
        else:
            notes.reopen(note, by=signed_in_user(request))
            messages.success(request, "La nota está abierta otra vez.")
        return _redirect_to(study, "notes")


class CheckForm(forms.Form):
    """When a record is due again, and what was seen."""

    again_on = forms.DateField(
        label="Volver a comprobar el",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
    )
    note = PlainTextField(
        label="Nota",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Qué se comparó con qué. Queda en la historia del estudio, solo para el equipo.",
    )


class CheckView:
    """Records that a published record was compared with its sources, or only when it is due (POST `_date`)."""

    def __init__(self, admin: StudyPages) -> None:
        self.admin = admin
        self.__name__ = "check"  # admin_view() wraps functions

    def __call__(self, request: HttpRequest, study_id: int) -> HttpResponse:
        study, user = self.admin.readable_study(request, str(study_id)), signed_in_user(request)
        form = CheckForm(request.POST if request.method == "POST" else None, initial={"again_on": _proposed_date()})
        if request.method == "POST" and form.is_valid():
            again_on, note = form.cleaned_data["again_on"], form.cleaned_data["note"]
            try:
                if "_date" in request.POST:
                    rechecks.set_due_date(study, again_on, by=user)
                    messages.success(request, "La fecha quedó cambiada.")
                else:
                    rechecks.record_check(study, by=user, again_on=again_on, note=note)
                    messages.success(request, "Quedó anotado que hoy se comprobó el registro.")
            except CurationError as refusal:
                form.add_error(None, refusal.message)
            else:
                return _redirect_to(study, "change")
        context = {
            **self.admin.admin_site.each_context(request),
            "opts": self.admin.opts,
            "title": "Comprobar el registro",
            "study": study,
            "form": form,
            "due_on": rechecks.get_due_date(study),
            "checks": study.checks.select_related("by"),
            "may_check": rechecks.may_check(study, user),
        }
        return TemplateResponse(request, "admin/studies/study/check.html", context)


def _proposed_date() -> datetime.date:
    return rechecks.add_months(timezone.localdate(), settings.RECHECK_MONTHS)


def _redirect_to(study: Study, name: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(f"admin:studies_study_{name}", args=[study.pk]))
