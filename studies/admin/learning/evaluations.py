"""Evaluations: trials that count once although several studies report them, and shared data sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.forms.models import BaseInlineFormSet

from studies.admin.shared.words import ParentPermissionsInline, WordsAdmin
from studies.curation.grouping import other_trial
from studies.models import Evaluation, EvaluationStudy

if TYPE_CHECKING:
    _MembersSet = BaseInlineFormSet[Any, Any, Any]
else:
    _MembersSet = BaseInlineFormSet


class EvaluationStudiesFormSet(_MembersSet):
    """The studies of an evaluation: of one trial, unless its findings name theirs, and of any number of data sets."""

    def clean(self) -> None:
        """Refuse a study of a trial that belongs to another trial."""
        super().clean()
        for form in self.forms:
            study = form.cleaned_data.get("study") if form.is_valid() else None
            if study is None or form.cleaned_data.get("DELETE"):
                continue
            if other := other_trial(study, self.instance):
                form.add_error(
                    "study",
                    f"Este estudio ya es de «{other}», y un estudio es de un solo ensayo, salvo que sus hallazgos "
                    "digan de cuál es cada uno.",
                )


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
