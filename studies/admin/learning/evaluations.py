"""Evaluations: trials that count once although several studies report them, and shared data sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.forms.models import BaseInlineFormSet

from studies.admin.shared.words import ParentPermissionsInline, WordsAdmin
from studies.models import Evaluation, EvaluationStudy

if TYPE_CHECKING:
    _MembersSet = BaseInlineFormSet[Any, Any, Any]
else:
    _MembersSet = BaseInlineFormSet


class EvaluationStudiesFormSet(_MembersSet):
    """The studies of an evaluation. A study belongs to one trial at most, and to any number of data sets."""

    def clean(self) -> None:
        """Refuse a study of a trial that belongs to another trial."""
        super().clean()
        if self.instance.kind != Evaluation.Kind.TRIAL:
            return
        for form in self.forms:
            study = form.cleaned_data.get("study") if form.is_valid() else None
            if study is None or form.cleaned_data.get("DELETE"):
                continue
            trials = Evaluation.objects.filter(kind=Evaluation.Kind.TRIAL, studies=study).exclude(pk=self.instance.pk)
            if other := trials.first():
                form.add_error("study", f"Este estudio ya es de «{other}», y un estudio es de un solo ensayo.")


class EvaluationStudiesInline(ParentPermissionsInline):
    model = EvaluationStudy
    formset = EvaluationStudiesFormSet
    verbose_name = "estudio que informa de la evaluación"
    verbose_name_plural = "estudios que informan de la evaluación, el principal primero"


@admin.register(Evaluation)
class EvaluationAdmin(WordsAdmin):
    """Trials that count once, and data sets."""

    inlines = (EvaluationStudiesInline,)
    list_display = ("name_es", "kind", "programme")
    list_select_related = ("programme",)
    autocomplete_fields = ("programme",)
    fields = ("slug", "kind", ("name_es", "name_en"), "programme", "registration")
    search_help_text = "Nombre o registro."

    def search_text(self, row: Evaluation) -> str:
        return f"{row.name_es} {row.name_en} {row.registration} {row.slug}"
