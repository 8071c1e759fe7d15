"""The two tables behind answers: which outcomes come first, and baselines. Nothing is deleted, only retired."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from studies.admin.shared.base import BankAdmin
from studies.admin.shared.fields import NumberField, WebAddressField, limit_texts
from studies.admin.shared.words import check_slug
from studies.curation.roles import CHANGE_STUDY
from studies.models import Baseline, PriorityOutcome
from studies.store.changes import answer_change

if TYPE_CHECKING:
    _BaselineForm = forms.ModelForm[Baseline]
    _PriorityForm = forms.ModelForm[PriorityOutcome]
else:
    _BaselineForm = _PriorityForm = forms.ModelForm


class _TableAdmin(BankAdmin):
    """A table that all who may change studies keep."""

    read_with = write_with = (CHANGE_STUDY,)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the row, as a change of the bank if anything differs."""
        with answer_change() if not change or form.has_changed() else nullcontext():
            super().save_model(request, obj, form, change)


class PriorityForm(_PriorityForm):
    """An outcome that comes first. Outcome and theme are chosen once."""

    position = forms.IntegerField(
        label="Orden",
        min_value=0,
        max_value=9_999,
        help_text="De menor a mayor. Deje huecos (10, 20, 30) para poner otros en medio.",
    )

    class Meta:
        model = PriorityOutcome
        exclude = ()
        help_texts = {
            "outcome": "Las respuestas lo muestran antes que los demás. No es lo que los autores de un estudio "
            "declaran como su resultado principal: eso va en cada hallazgo.",
            "theme": "Vacío: en todas las páginas. Los de un tema van después de los de todos.",
            "is_retired": "Deja de ir primero; la fila se conserva.",
        }


@admin.register(PriorityOutcome)
class PriorityOutcomeAdmin(_TableAdmin):
    """The outcomes that come first."""

    form = PriorityForm
    list_display = ("outcome", "theme", "position", "is_retired")
    list_select_related = ("outcome", "theme")
    ordering = ("theme__position", "position", "pk")
    list_per_page = 200
    fields = ("outcome", "theme", "position", "is_retired")

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        return ("outcome", "theme") if obj else ()


class BaselineForm(_BaselineForm):
    """A share of a survey."""

    year = forms.IntegerField(label="Año", min_value=1990, max_value=9_999, help_text="El de la encuesta.")
    percent = NumberField(label="Valor, en porcentaje", help_text="De quienes respondieron. Con coma: 8,1.")
    url = WebAddressField(label="Dirección donde se leyó", max_length=2_000, widget=forms.TextInput(attrs={"size": 80}))

    class Meta:
        model = Baseline
        exclude = ()
        widgets = {
            **{name: forms.TextInput(attrs={"size": 80}) for name in ("asked_es", "asked_en", "source_name")},
            **{name: forms.Textarea(attrs={"rows": 2, "cols": 80}) for name in ("note_es", "note_en")},
        }
        help_texts = {
            "outcome": "Con esta frecuencia se calcula «de cada 1 000 mujeres» si el ensayo no da la de su grupo de "
            "comparación.",
            "form": "Solo si el resultado junta varias formas. Se aplica a efectos sobre las mismas.",
            "window": "Se aplica a efectos medidos en el mismo periodo.",
            "is_from_press": "El número se leyó en un artículo y no en el cuadro de la encuesta. La página lo dice.",
            "is_retired": "Deja de usarse; la fila se conserva.",
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["percent"].required = True
        limit_texts(self, 600)

    def clean_year(self) -> int:
        year: int = self.cleaned_data["year"]
        if year > timezone.localdate().year:
            raise forms.ValidationError("Este año todavía no ha llegado.")
        return year

    def clean_slug(self) -> str:
        return check_slug(self.cleaned_data["slug"])


@admin.register(Baseline)
class BaselineAdmin(_TableAdmin):
    """Baselines: the latest year of an outcome, window and form is the one that is used."""

    form = BaselineForm
    list_display = ("outcome", "form", "window", "year", "percent", "is_from_press", "is_retired")
    list_select_related = ("outcome",)
    fields = (
        "slug",
        ("outcome", "form", "window"),
        ("percent", "year"),
        ("asked_es", "asked_en"),
        "source_name",
        "url",
        "is_from_press",
        ("note_es", "note_en"),
        "is_retired",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()
