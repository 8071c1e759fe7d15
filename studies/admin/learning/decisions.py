"""Decisions on programmes, and what they share with policy questions and reviewed texts: all rest on studies.

Policy questions are in `search.admin.questions`, which counts their searches.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone

from studies.admin.learning import outdated_decisions
from studies.admin.shared.base import BankAdmin
from studies.admin.shared.fields import WebAddressField
from studies.learning import dependents
from studies.models import Decision, RestsOnStudies, Stage
from studies.store.changes import answer_change

if TYPE_CHECKING:
    _RestingForm = forms.ModelForm[Any]
else:
    _RestingForm = forms.ModelForm


FEW_LINES = forms.Textarea(attrs={"rows": 3, "cols": 80})


def refuse_unpublished(form: forms.ModelForm[Any]) -> Any:
    """Return the studies that were chosen. Raises ValidationError for one that is not published and new among them."""
    chosen = form.cleaned_data["studies"]
    held = set(form.instance.studies.values_list("pk", flat=True)) if form.instance.pk else set()
    for study in chosen:
        # One that was withdrawn since stays until somebody decides what follows from that.
        if study.pk not in held and study.stage != Stage.PUBLISHED:
            raise ValidationError("«%(study)s» no está publicado.", params={"study": study})
    return chosen


class RestsOnStudiesForm(_RestingForm):
    """Form of a model that rests on studies: published ones, as of a day that is not in the future."""

    def clean_studies(self) -> Any:
        """Refuse studies that are not published, but for those that were chosen before."""
        return refuse_unpublished(self)

    def refuse_future(self, name: str) -> None:
        """Add an error to the field `name` if its day is in the future."""
        day = self.cleaned_data.get(name)
        if day is not None and day > timezone.localdate():
            self.add_error(name, "Esta fecha todavía no ha llegado.")


class RestsOnStudiesAdmin(BankAdmin):
    """Admin of a model that rests on studies. Whoever may read or change programmes may do so here.

    `day_field` names the field of the day as of which a row rests on them: curators see what changes after it. What is
    published raises the bank's change number, by which pages and the search know that they have to read it again.
    """

    read_with = ("studies.view_programme",)
    write_with = ("studies.change_programme",)
    day_field = ""

    def save_model(self, request: HttpRequest, obj: RestsOnStudies, form: Any, change: bool) -> None:
        day = getattr(obj, self.day_field)
        if day is not None and (not change or self.day_field in form.changed_data):
            obj.seen_no = dependents.find_change_no(day)
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: RestsOnStudies) -> None:
        with answer_change() if obj.is_published else nullcontext():
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with answer_change() if queryset.filter(is_published=True).exists() else nullcontext():
            super().delete_queryset(request, queryset)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the inlines, as a change of the bank if anything of the form differs that readers see, or saw."""
        has_changed = not change or form.has_changed() or any(formset.has_changed() for formset in formsets)
        is_seen = form.instance.is_published or form.initial.get("is_published")
        with answer_change() if has_changed and is_seen else nullcontext():
            super().save_related(request, form, formsets, change)


class DecisionForm(RestsOnStudiesForm):
    """A decision: what, when, on which programme, and where it is written."""

    document_url = WebAddressField(
        label="Dirección del documento",
        required=False,
        max_length=2000,
        help_text="La norma, el presupuesto o el protocolo que lo dice. Sin ella no se publica.",
        widget=forms.TextInput(attrs={"size": 80}),
    )

    class Meta:
        model = Decision
        exclude = ()
        widgets = dict.fromkeys(("text_es", "text_en"), FEW_LINES)
        help_texts = {
            "studies": "Los que se tuvieron en cuenta. Si uno cambia o se retira después, la mesa de trabajo avisa.",
            "text_es": "Una o dos oraciones: quién decidió qué.",
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.refuse_future("decided_on")
        if data.get("is_published") and "document_url" in data and not data["document_url"]:
            self.add_error("document_url", "Una decisión publicada necesita la dirección de su documento.")
        return data


@admin.register(Decision)
class DecisionAdmin(RestsOnStudiesAdmin):
    """Decisions on programmes."""

    form = DecisionForm
    day_field = "decided_on"
    list_display = ("decided_on", "programme", "text_es", "is_published")
    list_display_links = ("decided_on", "text_es")
    list_select_related = ("programme",)
    autocomplete_fields = ("programme", "studies")
    fields = (
        "is_published",
        "programme",
        "decided_on",
        ("text_es", "text_en"),
        "document_title",
        "document_url",
        "studies",
    )
    search_help_text = "Programa, texto o documento."

    def own_urls(self) -> list[URLPattern]:
        return [
            path("cambios/", self.staff_view(outdated_decisions.outdated_decisions), name="studies_decision_changes")
        ]

    def search_text(self, row: Decision) -> str:
        return f"{row.programme} {row.text_es} {row.text_en} {row.document_title} {row.document_url}"
