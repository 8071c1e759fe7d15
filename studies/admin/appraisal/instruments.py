"""Instruments of appraisal as administrators edit them. Codes, levels and rule are fixed once an instrument is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest

from studies.admin.shared.base import BankAdmin
from studies.admin.shared.fields import LinesField, WebAddressField
from studies.curation.roles import ADMINISTER_STUDY, CHANGE_STUDY
from studies.models import Instrument, InstrumentDomain, InstrumentLevel
from studies.records.appraisal_rules import find_rule_problem
from studies.records.json_fields import RecordInvalid
from studies.store.changes import vocabulary_change
from studies.store.exchange import appraisal

if TYPE_CHECKING:
    _Inline = admin.StackedInline[Any, Any]
    _DomainForm = forms.ModelForm[InstrumentDomain]
    _InstrumentForm = forms.ModelForm[Instrument]
else:
    _Inline = admin.StackedInline
    _DomainForm = _InstrumentForm = forms.ModelForm

IN_USE = "Este instrumento ya se usó: sus códigos, niveles y regla no cambian. Una versión nueva es otro instrumento."
INCOMPLETE = (
    "Se guardó, pero todavía no se ofrece: necesita dominios, niveles de dominio y niveles del juicio global con su "
    "equivalencia, y los que pide su regla. Complete y desmarque «ya no se ofrece»."
)


class DomainForm(_DomainForm):
    """A domain; the levels that it admits one a line."""

    levels = LinesField(
        label="Niveles que admite",
        required=False,
        help_text="Sus códigos, uno por línea; vacío, todos.",
        widget=forms.Textarea(attrs={"rows": 2, "cols": 30}),
    )

    class Meta:
        model = InstrumentDomain
        exclude = ()
        widgets = {name: forms.Textarea(attrs={"rows": 2, "cols": 60}) for name in ("hint_es", "hint_en")}


class InstrumentForm(_InstrumentForm):
    """An instrument: names and citation, in the bank's own words."""

    url = WebAddressField(label="Dirección", max_length=2_000)

    class Meta:
        model = Instrument
        exclude = ()
        widgets = {"citation": forms.Textarea(attrs={"rows": 3, "cols": 80})}
        help_texts = {
            "citation": "La referencia completa. No copie aquí ni en los dominios el texto de sus preguntas.",
            "designs": "Se propone para estos diseños; si un estudio tiene varias evaluaciones, el filtro toma la del "
            "instrumento de su diseño principal.",
            "rule": "Sin regla, el juicio global lo da quien evalúa.",
        }


class _InstrumentInline(_Inline):
    """Parts of an instrument, which are added and removed only while nobody has used it."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return _may_read(request)

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return _may_edit(request)

    def has_add_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return _may_edit(request) and not (obj and appraisal.is_in_use(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return _may_edit(request) and not (obj and appraisal.is_in_use(obj))


class DomainsInline(_InstrumentInline):
    model = InstrumentDomain
    form = DomainForm
    fields = (("code", "position", "is_critical"), ("label_es", "label_en"), ("hint_es", "hint_en"), "levels")

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        return ("code", "is_critical", "levels") if obj and appraisal.is_in_use(obj) else ()


class LevelsInline(_InstrumentInline):
    model = InstrumentLevel
    fields = (("scope", "code", "position", "risk_of_bias"), ("label_es", "label_en"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        return ("scope", "code", "risk_of_bias") if obj and appraisal.is_in_use(obj) else ()


@admin.register(Instrument)
class InstrumentAdmin(BankAdmin):
    """The instruments: read by all who appraise, edited by administrators."""

    read_with = (CHANGE_STUDY,)
    write_with = (ADMINISTER_STUDY,)
    form = InstrumentForm
    inlines = (DomainsInline, LevelsInline)
    list_display = ("__str__", "purpose_es", "rule", "is_retired")
    filter_horizontal = ("designs",)
    fields = (
        "slug",
        ("name", "version"),
        ("purpose_es", "purpose_en"),
        "citation",
        "url",
        "rule",
        "designs",
        "position",
        "is_retired",
    )

    def search_text(self, row: Instrument) -> str:
        return f"{row.name} {row.purpose_es} {row.purpose_en} {row.slug}"

    def get_readonly_fields(self, request: HttpRequest, obj: Instrument | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return ("slug", "name", "version", "rule") if appraisal.is_in_use(obj) else ("slug",)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **options: Any) -> Any:
        obj = context.get("original")
        if obj is not None and appraisal.is_in_use(obj) and request.method == "GET":
            messages.info(request, IN_USE)
        return super().render_change_form(request, context, *args, **options)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save domains and levels, whose names pages print, and retire what is not complete."""
        with vocabulary_change():
            super().save_related(request, form, formsets, change)
        row = Instrument.objects.get(pk=form.instance.pk)
        if not row.is_retired and not _is_complete(row):
            Instrument.objects.filter(pk=row.pk).update(is_retired=True)
            messages.warning(request, INCOMPLETE)


def _is_complete(row: Instrument) -> bool:
    try:
        return find_rule_problem(appraisal.instrument_to_record(row)) is None
    except RecordInvalid:
        return False


def _may_read(request: HttpRequest) -> bool:
    # The sign-in page asks too, with nobody signed in.
    return request.user.has_perm(CHANGE_STUDY)


def _may_edit(request: HttpRequest) -> bool:
    return request.user.has_perm(ADMINISTER_STUDY)
