"""The fields of a study and of its rows, in the words of the curators. `form` turns them into a record."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from studies.admin.shared.fields import (
    LONGEST_TEXT,
    NOT_CHOSEN,
    NumberField,
    PlainTextField,
    TermChoiceField,
    TermMultipleChoiceField,
    WebAddressField,
)
from studies.models import Authorship, Finding, Source, Study, Vocabulary
from studies.records.rules import SUPPORTS
from studies.text.identifiers import normalize_doi

LARGEST_SAMPLE = 10**12
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SUPPORTS_LABELS = dict(Source.Supports.choices)


def _label(model: type, name: str) -> str:
    return str(capfirst(model._meta.get_field(name).verbose_name))  # type: ignore[attr-defined]


def _line_field(model: type, name: str, help_text: str = "", **options: Any) -> PlainTextField:
    longest = model._meta.get_field(name).max_length or 2_000  # type: ignore[attr-defined]
    options = {"required": False, "max_length": longest, "label": _label(model, name), **options}
    field = PlainTextField(help_text=help_text, **options)
    field.widget.attrs.setdefault("class", "vTextField")
    return field


def _text_field(model: type, name: str, help_text: str = "", rows: int = 2, **options: Any) -> PlainTextField:
    widget = forms.Textarea(attrs={"rows": rows})
    return _line_field(model, name, help_text, widget=widget, **{"max_length": LONGEST_TEXT, **options})


def _number_field(name: str, help_text: str = "", **options: Any) -> NumberField:
    return NumberField(label=_label(Finding, name), help_text=help_text, **options)


class StudyForm(forms.Form):
    """What is said once of a study. `taken` lists the ids of other studies by DOI and by slug, asked when checked."""

    title = _text_field(Study, "title", "Tal como se publicó, en su idioma.", required=True, max_length=2_000)
    title_es = _text_field(
        Study, "title_es", "El original, o una traducción llana si está en otro idioma.", max_length=2_000
    )
    title_en = _text_field(
        Study, "title_en", "El original, o una traducción llana si está en otro idioma.", max_length=2_000
    )
    slug = _line_field(
        Study,
        "slug",
        "Forma su dirección pública. Si lo deja vacío se propone uno con apellido, año y título. "
        "Ya no cambia después de la primera publicación.",
    )
    language = TermChoiceField(Vocabulary.LANGUAGES, label="Idioma de la publicación")
    year = forms.IntegerField(
        label="Año", required=False, min_value=1, max_value=9_999, help_text="El año de la versión que se cita."
    )
    type = TermChoiceField(Vocabulary.TYPES, label="Tipo de publicación")
    container_title = _text_field(
        Study, "container_title", "La revista o el libro que lo contiene.", rows=1, max_length=2_000
    )
    volume = _line_field(Study, "volume")
    issue = _line_field(Study, "issue")
    pages = _line_field(Study, "pages", "Por ejemplo: 45-67.")
    publisher = _text_field(Study, "publisher", rows=1, max_length=2_000)
    number = _line_field(Study, "number", "De un documento de trabajo o informe.")
    doi = _line_field(Study, "doi", "En cualquier forma: 10.1234/abc o https://doi.org/10.1234/abc.", max_length=2_000)
    url = WebAddressField(
        label="Dirección en la web",
        required=False,
        max_length=2_000,
        help_text="Donde una persona puede leerlo: la del DOI o la de la página.",
    )
    open_access = forms.ChoiceField(
        label="Acceso libre",
        required=False,
        choices=[NOT_CHOSEN, ("yes", "Sí"), ("no", "No")],
        help_text="Si el texto completo se lee gratis en la dirección indicada o en otra de las fuentes.",
    )
    status = TermChoiceField(
        Vocabulary.STATUSES,
        label="Estado del estudio",
        help_text="Un protocolo sin resultados conocidos está en curso.",
    )

    themes = TermMultipleChoiceField(
        Vocabulary.THEMES, label="Temas", help_text="De uno a tres: los de sus intervenciones, si las hay."
    )
    interventions = TermMultipleChoiceField(
        Vocabulary.INTERVENTIONS,
        label="Intervenciones",
        help_text="Lo que se hizo. Un estudio descriptivo puede no tener ninguna.",
    )
    outcomes = TermMultipleChoiceField(Vocabulary.OUTCOMES, label="Resultados medidos", help_text="Lo que se midió.")
    populations = TermMultipleChoiceField(Vocabulary.POPULATIONS, label="Poblaciones", help_text="Para quiénes.")
    settings = TermMultipleChoiceField(Vocabulary.SETTINGS, label="Ámbitos", help_text="Dónde.")
    countries = TermMultipleChoiceField(
        Vocabulary.COUNTRIES,
        label="Países",
        help_text="Donde se hizo el estudio; ninguno en una revisión mundial o regional.",
    )
    main_design = TermChoiceField(Vocabulary.DESIGNS, label="Diseño principal")
    other_designs = TermMultipleChoiceField(Vocabulary.DESIGNS, label="Otros diseños")
    programme = forms.ChoiceField(
        label="Programa",
        required=False,
        help_text="El que lleva nombre propio. Encuestas, leyes, instrumentos y nombres de ensayos no son programas.",
    )
    sample_size = forms.IntegerField(
        label="Tamaño de la muestra",
        required=False,
        min_value=0,
        max_value=LARGEST_SAMPLE,
        help_text="Personas o unidades analizadas, o inscritas al inicio, como lo dice la fuente.",
    )
    sample_unit = TermChoiceField(
        Vocabulary.SAMPLE_UNITS, label="Unidad de la muestra", help_text="Solo junto con el tamaño."
    )
    period = _line_field(Study, "period", "Años de los datos o de la intervención: 2011-2012, 2020, o 2019- si sigue.")

    key_finding_es = _text_field(
        Study, "key_finding_es", "Una oración de 8 a 22 palabras, sin punto final: lo que el estudio encontró."
    )
    key_finding_en = _text_field(Study, "key_finding_en")
    summary_es = _text_field(
        Study,
        "summary_es",
        "De 50 a 140 palabras propias y llanas: la pregunta, qué se hizo y con quiénes, qué se encontró. "
        "Nunca el resumen publicado.",
        rows=8,
    )
    summary_en = _text_field(Study, "summary_en", rows=8)
    limitations_es = _text_field(
        Study,
        "limitations_es",
        "Una oración, si la dicen sus autores o quien lo revisó. En ambos idiomas o en ninguno.",
    )
    limitations_en = _text_field(Study, "limitations_en")

    note = PlainTextField(
        label="Motivo del cambio",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Queda en la historia del estudio.",
    )
    seen_no = forms.IntegerField(required=False, min_value=0, max_value=10**15, widget=forms.HiddenInput)

    SECTIONS = (
        ("Título e identificación", (("title",), ("title_es", "title_en"), ("slug", "language"))),
        (
            "Publicación",
            (
                ("year", "type", "status"),
                ("container_title", "publisher"),
                ("volume", "issue", "pages", "number"),
                ("doi", "url", "open_access"),
            ),
        ),
        (
            "Qué se estudió",
            (
                ("themes",),
                ("interventions",),
                ("outcomes",),
                ("main_design",),
                ("other_designs",),
                ("populations",),
                ("settings",),
                ("countries",),
                ("programme",),
                ("sample_size", "sample_unit", "period"),
            ),
        ),
        (
            "Textos del banco",
            (("key_finding_es", "key_finding_en"), ("summary_es", "summary_en"), ("limitations_es", "limitations_en")),
        ),
    )

    def __init__(self, *args: Any, study: Study | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.study = study
        if study is not None and study.published_at is not None:
            self.fields["slug"].disabled = True

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug and not _SLUG.fullmatch(slug):
            raise ValidationError("Use solo minúsculas sin tilde, cifras y guiones sueltos: quispe-2021-hogares.")
        if slug and self._others().filter(slug=slug).exists():
            raise ValidationError("Otro estudio ya tiene este identificador.")
        return slug

    def clean_doi(self) -> str:
        typed: str = self.cleaned_data["doi"]
        if not typed:
            return ""
        doi = normalize_doi(typed)
        if doi is None or len(doi) > 250:
            raise ValidationError("No es un DOI. Empieza con 10. y tiene una barra: 10.1234/abc.")
        if other := self._others().filter(doi=doi).first():
            raise ValidationError("Este DOI ya es del estudio «%(other)s».", params={"other": other.slug})
        return doi

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("sample_unit") and data.get("sample_size") is None and "sample_size" not in self.errors:
            self.add_error("sample_size", "Escriba el tamaño, o deje la unidad sin dato.")
        if data.get("main_design") and data["main_design"] in data.get("other_designs", ()):
            self.add_error("other_designs", "El diseño principal no se marca otra vez aquí.")
        if data.get("other_designs") and not data.get("main_design") and "main_design" not in self.errors:
            self.add_error("main_design", "Elija cuál es el principal.")
        return data

    def _others(self) -> Any:
        return Study.objects.exclude(pk=self.study.pk if self.study else 0)


class RowForm(forms.Form):
    """A row below a study. One without any content is left out, whatever its order says."""

    NEEDED: tuple[str, ...] = ()
    is_blank = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        content = [value for name, value in data.items() if name not in ("ORDER", "DELETE")]
        self.is_blank = not self.errors and not any(value not in (None, "", []) for value in content)
        if not self.is_blank:
            for name in self.NEEDED:
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, "Falta este dato.")
            self.check_row(data)
        return data

    def check_row(self, data: dict[str, Any]) -> None:
        """Add the errors that lie between fields."""


class AuthorRowForm(RowForm):
    """A person or an institution."""

    family = _line_field(Authorship, "family")
    given = _line_field(Authorship, "given")
    non_dropping_particle = _line_field(Authorship, "non_dropping_particle", label="Partícula")
    dropping_particle = _line_field(Authorship, "dropping_particle", label="Partícula pospuesta")
    literal = _line_field(Authorship, "literal")

    FIELDS = (("family", "given", "non_dropping_particle", "dropping_particle", "literal"),)

    def check_row(self, data: dict[str, Any]) -> None:
        person = [data.get(name) for name in ("family", "given", "non_dropping_particle", "dropping_particle")]
        if data.get("literal") and any(person):
            self.add_error("literal", "Una institución no lleva apellidos ni nombres: deje solo uno de los dos.")
        elif not data.get("literal") and not data.get("family") and not self.errors:
            self.add_error("family", "Escriba los apellidos, o el nombre de la institución.")


class FindingRowForm(RowForm):
    """One result, with its numbers as the source states them."""

    outcome = TermChoiceField(
        Vocabulary.OUTCOMES, is_guided=False, label="Resultado medido", help_text="Uno de los marcados arriba."
    )
    effect = TermChoiceField(Vocabulary.EFFECTS, label="Efecto", help_text="Para las mujeres, a juicio de sus autores.")
    interventions = TermMultipleChoiceField(
        Vocabulary.INTERVENTIONS,
        is_guided=False,
        label="Intervenciones",
        help_text="Solo si el hallazgo es de una parte de las intervenciones del estudio.",
    )
    statement_es = _text_field(Finding, "statement_es", "El hallazgo en una oración llana.")
    statement_en = _text_field(Finding, "statement_en")
    measure = TermChoiceField(Vocabulary.MEASURES, label="Medida", help_text="Siempre junto con el valor.")
    value = _number_field("value")
    unit = TermChoiceField(
        Vocabulary.UNITS, label="Unidad", help_text="De diferencias de medias, tasas, conteos, montos e índices."
    )
    ci_low = _number_field("ci_low")
    ci_high = _number_field("ci_high")
    ci_level = _number_field("ci_level", "95 si la fuente no dice otro.")
    p = _number_field("p", "De 0 a 1.")
    follow_up = _line_field(Finding, "follow_up", "Con su unidad: 24 meses, 5-9 meses, 58 semanas.")
    follow_up_months = _number_field("follow_up_months", "Se calcula si lo deja vacío; de un rango, su final.")

    FIELDS = (
        ("outcome", "effect"),
        ("statement_es", "statement_en"),
        ("measure", "value", "unit"),
        ("ci_low", "ci_high", "ci_level", "p"),
        ("follow_up", "follow_up_months"),
        ("interventions",),
    )
    NEEDED = ("outcome", "effect")

    def clean_follow_up(self) -> str:
        return _follow_up_in_english(self.cleaned_data["follow_up"])

    def check_row(self, data: dict[str, Any]) -> None:
        low, high, p = data.get("ci_low"), data.get("ci_high"), data.get("p")
        if low is not None and high is not None and low > high:
            self.add_error("ci_low", "El límite inferior es mayor que el superior.")
        if p is not None and not 0 <= p <= 1:
            self.add_error("p", "El valor p va de 0 a 1.")
        if data.get("follow_up") and data.get("follow_up_months") is None and "follow_up_months" not in self.errors:
            data["follow_up_months"] = _follow_up_months(data["follow_up"])


class SourceRowForm(RowForm):
    """A page where facts of the record were read."""

    url = WebAddressField(label="Dirección", required=False, max_length=2_000)
    supports = forms.MultipleChoiceField(
        label="Sustenta",
        required=False,
        choices=[(code, capfirst(_SUPPORTS_LABELS[code])) for code in SUPPORTS],
        widget=forms.CheckboxSelectMultiple,
    )

    FIELDS = (("url", "supports"),)
    NEEDED = ("url",)


_UNITS = {"día": "day", "dia": "day", "semana": "week", "mes": "month", "año": "year", "ano": "year"}
_FOLLOW_UP = re.compile(r"([\d.,]+(?:\s*-\s*[\d.,]+)?)\s*([^\W\d]+)")
_MONTHS_IN = {"day": 12 / 365.25, "week": 12 * 7 / 365.25, "month": 1.0, "year": 12.0}


def _follow_up_in_english(follow_up: str) -> str:
    """Return «24 meses» as the record has it: "24 months". A text that is not understood stays as it was typed."""
    found = _FOLLOW_UP.fullmatch(follow_up.strip())
    if not found:
        return follow_up
    amount, word = re.sub(r"\s", "", found[1]).replace(",", "."), found[2].lower()
    unit = _UNITS.get(word) or _UNITS.get(word.removesuffix("s")) or _UNITS.get(word.removesuffix("es"))
    if unit is None:
        return follow_up
    return f"{amount} {unit}" if amount == "1" else f"{amount} {unit}s"


def _follow_up_months(follow_up: str) -> float | None:
    """Return the end of the follow-up in months, with one decimal; None where it cannot be read."""
    found = re.fullmatch(r"(?:[\d.]+-)?(\d+(?:\.\d+)?) (day|week|month|year)s?", follow_up)
    return round(float(found[1]) * _MONTHS_IN[found[2]], 1) if found else None
