"""Programmes: what organisations run, with the questions and decisions that name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from studies.admin.shared.base import signed_in_user
from studies.admin.shared.words import ParentPermissionsInline, WordsAdmin, check_addresses, check_slug, words_field
from studies.learning.programmes import list_ancestors, read_lineages
from studies.models import Programme, ProgrammeStudy, Study
from studies.store.changes import bank_change

if TYPE_CHECKING:
    _ProgrammeForm = forms.ModelForm[Programme]
else:
    _ProgrammeForm = forms.ModelForm


class ProgrammeForm(_ProgrammeForm):
    """A programme, its other names and sources one a line."""

    aliases = words_field("Otros nombres y siglas", rows=3)
    sources = words_field("Fuentes", "Una dirección por línea.", 3)

    class Meta:
        model = Programme
        exclude = ("studies",)
        help_texts = {
            "name": "En su propio idioma: es el que llevan los estudios. Cambiarlo deja una revisión en cada uno.",
            "rests_on": "Otros que los suyos: lo que se sabía al diseñarlo. Se muestran los publicados.",
            "question_es": "Una oración entre signos de interrogación.",
            "is_published": "Sin esto no tiene página. Publicado, necesita al menos una fuente.",
            "description_es": "De 40 a 80 palabras propias. Una línea vacía separa párrafos; se admite HTML simple.",
        }

    def clean_slug(self) -> str:
        return check_slug(self.cleaned_data["slug"])

    def clean_sources(self) -> list[str]:
        return check_addresses(self.cleaned_data["sources"])

    def clean_aliases(self) -> list[str]:
        """Refuse a name that another programme has, whatever its case."""
        aliases: list[str] = self.cleaned_data["aliases"]
        taken = {alias.casefold() for other in self._others() for alias in other.aliases}
        if wrong := [alias for alias in aliases if alias.casefold() in taken]:
            raise ValidationError("Otro programa ya tiene este nombre: %(wrong)s", params={"wrong": wrong[0]})
        return aliases

    def clean_adapted_from(self) -> Programme | None:
        """Refuse an origin that descends from this programme."""
        origin: Programme | None = self.cleaned_data["adapted_from"]
        if origin is not None and self.instance.pk is not None:
            line = list_ancestors(origin.pk, read_lineages())
            if self.instance.pk in {origin.pk, *(each.id for each in line)}:
                raise ValidationError("Así el programa se adaptaría de sí mismo.")
        return origin

    def clean(self) -> dict[str, Any]:
        """Require a source of a published programme."""
        data = super().clean() or {}
        if data.get("is_published") and "sources" in data and not data["sources"]:
            self.add_error("sources", "Un programa publicado necesita al menos una fuente.")
        return data

    def _others(self) -> QuerySet[Programme]:
        return Programme.objects.exclude(pk=self.instance.pk)


class ProgrammeStudiesInline(ParentPermissionsInline):
    model = ProgrammeStudy
    verbose_name = "estudio del programa"
    verbose_name_plural = "estudios del programa, en su orden"


@admin.register(Programme)
class ProgrammeAdmin(WordsAdmin):
    """What organisations run."""

    form = ProgrammeForm
    inlines = (ProgrammeStudiesInline,)
    list_display = ("name", "name_es", "organisation", "stage", "is_published")
    autocomplete_fields = ("countries", "themes", "adapted_from", "rests_on")
    fields = (
        "is_published",
        "slug",
        "name",
        ("name_es", "name_en"),
        "aliases",
        "organisation",
        "countries",
        "themes",
        "stage",
        ("question_es", "question_en"),
        "registration",
        "expected_results",
        "adapted_from",
        "rests_on",
        "description_es",
        "description_en",
        "sources",
        "questions_answered",
        "decisions",
    )
    search_help_text = "Nombre, sigla u organización."

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), "questions_answered", "decisions")

    @admin.display(description="Preguntas de política a las que responde")
    def questions_answered(self, programme: Programme) -> str:
        """List them, with a link to record another."""
        return _render_linked_list(programme, programme.policy_questions, "programmes", "Registrar una pregunta")

    @admin.display(description="Decisiones")
    def decisions(self, programme: Programme) -> str:
        """List them, with a link to record another."""
        return _render_linked_list(programme, programme.decisions, "programme", "Registrar una decisión")

    def search_text(self, row: Programme) -> str:
        return " ".join([row.name, row.name_es, row.name_en, row.organisation, row.slug, *row.aliases])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the rows below; a new name makes a revision of each study that carries it."""
        super().save_related(request, form, formsets, change)
        if change and "name" in form.changed_data:
            note = f"El programa «{form.initial['name']}» se llama ahora «{form.instance.name}»."
            with bank_change(by=signed_in_user(request), note=note) as bank:
                for study in _studies_of(form.instance):
                    bank.touch(study)

    def save_model(self, request: HttpRequest, obj: Programme, form: Any, change: bool) -> None:
        """Save the programme, with the studies that carry it locked."""
        # The studies first, then the counter, as in every change: two that lock them in turn would wait for each other.
        if change:
            list(_studies_of(obj).select_for_update(of=("self",)).order_by("pk").values_list("pk"))
        super().save_model(request, obj, form, change)


def _render_linked_list(programme: Programme, rows: Any, field: str, record: str) -> str:
    """Render links to rows that name a programme in `field`, and one to add another, with the text `record`."""
    if not programme.pk:
        return "Se registran cuando el programa está guardado."
    name = rows.model._meta.model_name
    links = [(reverse(f"admin:studies_{name}_change", args=[row.pk]), row) for row in rows.all()]
    listed = format_html_join("", '<li><a href="{}">{}</a></li>', links)
    address = f"{reverse(f'admin:studies_{name}_add')}?{field}={programme.pk}"
    return format_html('<ul>{}</ul><a href="{}">{}</a>', listed, address, record)


def _studies_of(programme: Programme) -> QuerySet[Study]:
    return Study.objects.filter(programme=programme)
