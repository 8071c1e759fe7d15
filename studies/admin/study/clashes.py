"""Two people changed one study at once: the second sees both, chooses field by field, and loses nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from studies.admin.differences.choices import SIDES, merge_choices, read_choices
from studies.admin.differences.words import DifferenceWriter
from studies.admin.record_form.problems import describe_problems
from studies.admin.shared.base import signed_in_user
from studies.admin.shared.fields import LONGEST_TEXT, PlainTextField
from studies.curation import editing, stages
from studies.curation.stages import CurationError, NotPublishable
from studies.models import Study
from studies.records.diff import MergeSide
from studies.records.older_formats import read_stored
from studies.records.study import StudyRecord
from studies.store import bank_state
from studies.store.exchange.study import to_record

if TYPE_CHECKING:
    from studies.admin.study.pages import StudyPages

SHOWN_REVISIONS = 10


class ClashForm(forms.Form):
    """What the page of a clash carries along: the whole record as typed, and the change numbers that it is between."""

    mine = forms.CharField(widget=forms.HiddenInput)
    note = PlainTextField(required=False, max_length=LONGEST_TEXT, widget=forms.HiddenInput)
    base_no = forms.IntegerField(min_value=0, max_value=10**15, widget=forms.HiddenInput)
    seen_no = forms.IntegerField(min_value=0, max_value=10**15, widget=forms.HiddenInput)

    def clean_mine(self) -> StudyRecord:
        """Return the record that the page carried. Raises ValidationError where it cannot be read."""
        try:
            return read_stored(json.loads(self.cleaned_data["mine"]))
        except (ValueError, RecursionError) as error:  # RecordInvalid is a ValueError
            raise forms.ValidationError("No se pudo leer lo que escribió.") from error


class ClashView:
    """Shows both changes side by side; takes the choice and saves it, or brings it back into the form."""

    def __init__(self, admin: StudyPages) -> None:
        self.admin = admin
        self.__name__ = "clash"  # admin_view() wraps functions

    def __call__(self, request: HttpRequest, study_id: int) -> HttpResponse:
        with bank_state.cached_counter():
            study = self.admin.readable_study(request, str(study_id))
            form = ClashForm(request.POST)
            if request.method != "POST" or not form.is_valid():
                return _redirect_to_study(study)
            return self._settle(request, study, form)

    def page(
        self,
        request: HttpRequest,
        study: Study,
        mine: StudyRecord,
        base_no: int,
        note: str,
        made: Mapping[str, MergeSide] | None = None,
    ) -> HttpResponse:
        """Show what both did since change `base_no`."""
        study = Study.objects.for_record().get(pk=study.pk)
        since = list(
            study.revisions.filter(change_no__gt=base_no).select_related("by").defer("record")[:SHOWN_REVISIONS]
        )
        theirs = to_record(study)
        merge = editing.merge_with_study(study, mine, base_no, made or {})
        who = next((str(revision.by) for revision in since if revision.by), "el programa")
        labels: dict[MergeSide, str] = {"mine": "Lo que usted escribió", "theirs": f"Lo que guardó {who}"}
        carried = json.dumps(mine.to_json(), ensure_ascii=False)
        context = {
            **self.admin.admin_site.each_context(request),
            "opts": self.admin.opts,
            "title": "Dos cambios a la vez",
            "study": study,
            "who": who,
            "revisions": since,
            "choices": merge_choices(merge, mine, theirs, DifferenceWriter(), labels, made or {}),
            "undecided": len(merge.undecided),
            "form": ClashForm(initial={"mine": carried, "note": note, "base_no": base_no, "seen_no": study.changed_no}),
        }
        return TemplateResponse(request, "admin/studies/study/clash.html", context).render()

    def _settle(self, request: HttpRequest, study: Study, form: ClashForm) -> HttpResponse:
        note = form.cleaned_data["note"]
        # No form of a record changes its appraisals: what the page carried cannot either.
        mine = replace(form.cleaned_data["mine"], own_appraisals=to_record(study).own_appraisals)
        base_no, seen_no = form.cleaned_data["base_no"], form.cleaned_data["seen_no"]
        made = read_choices(request.POST, SIDES)
        merge = editing.merge_with_study(study, mine, base_no, made)
        if study.changed_no != seen_no or (merge.undecided and "_edit" not in request.POST):
            if study.changed_no != seen_no:
                messages.error(request, "El estudio cambió otra vez mientras usted elegía. No se guardó nada.")
            else:
                messages.error(request, "Elija qué queda en los campos que los dos cambiaron. No se guardó nada.")
            return self.page(request, study, mine, base_no, note, made)
        if "_edit" in request.POST:
            messages.info(request, "Todavía no se guardó nada: revise lo unido y guarde.")
            return self._form_again(request, study, merge.record, note)
        try:
            is_written = editing.save(study, merge.record, seen_no=seen_no, by=signed_in_user(request), note=note)
            return self.admin.after_saving(request, study, is_written=is_written)
        except editing.EditConflict:
            messages.error(request, "El estudio cambió otra vez mientras usted elegía. No se guardó nada.")
            return self.page(request, study, mine, base_no, note, made)
        except NotPublishable as refusal:
            messages.error(request, "No se guardó nada: a lo unido le falta algo para seguir publicado.")
            problems = describe_problems(refusal.problems)
            return self.admin.form_page(
                request, self.admin.refilled_form(study, merge.record, study.changed_no, note), problems
            )
        except CurationError as refusal:
            messages.error(request, f"No se guardó nada. {refusal.message}")
            return self._form_again(request, study, merge.record, note)

    def _form_again(self, request: HttpRequest, study: Study, record: StudyRecord, note: str) -> HttpResponse:
        entry = self.admin.refilled_form(study, record, study.changed_no, note)
        return self.admin.form_page(request, entry, describe_problems(stages.find_record_problems(record, study)))


def _redirect_to_study(study: Study) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:studies_study_change", args=[study.pk]))
