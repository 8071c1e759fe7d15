"""A finding in the words of the curators: what it is about, with what it is compared, its numbers, its groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from studies.admin.record_form.model_fields import label_of, line, number, text, whole_number
from studies.admin.record_form.rows import RowForm, RowPart
from studies.admin.shared.fields import (
    NOT_CHOSEN,
    DatalistSelect,
    NumberField,
    PlainTextField,
    TermChoiceField,
    TermMultipleChoiceField,
    YesNo,
)
from studies.models import Finding, Vocabulary
from studies.records.finding import ArmRecord
from studies.records.json_fields import MOST_COUNTED
from studies.records.json_record import Json, fields_of

ABOUT_ALL, ABOUT_NONE, ABOUT_THESE = "all", "none", "these"
LEAST_ARM_LINES = 3
MOST_ARM_LINES = 20
ARM_NAMES: Mapping[str, str] = {"intervention": "Grupo con programa", "comparison": "Grupo de comparación"}
"""What the codes of groups are called; any other name of a group is its own."""
ARM_LABELS: Mapping[str, str] = {
    "arm": "Grupo",
    "n": "Analizadas (n)",
    "events": "Con el resultado",
    "percent": "Porcentaje",
    "mean": "Media",
    "sd": "Desviación estándar",
}
_ARM_KEYS = tuple(fields_of(ArmRecord))
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class FindingRowForm(RowForm):
    """One result, with its numbers as the source states them.

    The groups are lines of fields `arms-0-n` and so on: LEAST_ARM_LINES, as many as there are, and an empty one.
    """

    outcome = TermChoiceField(
        Vocabulary.OUTCOMES, is_guided=False, label="Resultado medido", help_text="Uno de los marcados arriba."
    )
    effect = TermChoiceField(Vocabulary.EFFECTS, label="Efecto", help_text="Para las mujeres, a juicio de sus autores.")
    inconclusive = YesNo(
        label="¿No permite saberlo?",
        help_text="Sí, si el intervalo o los autores dicen que el estudio no puede saberlo; el efecto es entonces "
        "«Sin efecto detectable».",
    )
    primary = YesNo(label="¿Es resultado principal?", help_text="Si los autores lo declaran así.")
    statement_es = text(Finding, "statement_es", "El hallazgo en una oración llana.")
    statement_en = text(Finding, "statement_en")
    about_what = forms.ChoiceField(
        label="De qué habla",
        required=False,
        choices=[
            ("", "Elija…"),
            (ABOUT_ALL, "De todas las que el estudio evalúa o revisa"),
            (ABOUT_THESE, "Solo de las que marque"),
            (ABOUT_NONE, "De ninguna: una exposición, una asociación, una magnitud"),
        ],
    )
    about = TermMultipleChoiceField(
        Vocabulary.INTERVENTIONS,
        is_guided=False,
        label="Solo de estas intervenciones",
        help_text="Las que el hallazgo pone a prueba, de las intervenciones del estudio.",
    )
    trial = line(
        Finding,
        "trial",
        "Solo si el estudio informa de más de un ensayo: parte de su nombre, o su identificador en «Evaluaciones».",
        widget=DatalistSelect,
    )
    arm_es = line(Finding, "arm_es", "Si hay varios grupos con programa: sesiones y dinero.")
    arm_en = line(Finding, "arm_en")
    subgroup_es = line(Finding, "subgroup_es", "Si no es para todas: mujeres de 18 a 24 años.")
    subgroup_en = line(Finding, "subgroup_en")
    comparator = TermChoiceField(Vocabulary.COMPARATORS, label="Qué recibió el otro grupo")
    comparator_es = line(Finding, "comparator_es", "En palabras, si la fuente lo dice.")
    comparator_en = line(Finding, "comparator_en")
    reporter = TermChoiceField(Vocabulary.REPORTERS, label="Quién dio el dato")
    measure = TermChoiceField(Vocabulary.MEASURES, label="Medida", help_text="Siempre junto con el valor.")
    value = number("value")
    unit = TermChoiceField(
        Vocabulary.UNITS, label="Unidad", help_text="De diferencias de medias, tasas, conteos, montos e índices."
    )
    higher_is = forms.ChoiceField(
        label=label_of(Finding, "higher_is"), required=False, choices=[NOT_CHOSEN, *Finding.HigherIs.choices]
    )
    ci_low = number("ci_low")
    ci_high = number("ci_high")
    ci_level = number("ci_level", "95 si la fuente no dice otro.")
    p = number("p", "De 0 a 1.")
    p_below = number("p_below", "0,001 si la fuente dice p < 0,001; entonces «Valor p» queda vacío.")
    se = number("se", "De una razón, en escala logarítmica.")
    adjusted = YesNo(label="¿Está ajustada?")
    n = whole_number(label_of(Finding, "n"), "Para este hallazgo.", most=MOST_COUNTED)
    follow_up = line(Finding, "follow_up", "Con su unidad: 24 meses, 5-9 meses, 58 semanas.")
    follow_up_months = number("follow_up_months", "Se calcula si lo deja vacío; de un rango, su final.")

    PARTS = (
        (
            "Qué se halló",
            (("outcome", "effect"), ("statement_es", "statement_en"), ("primary", "inconclusive")),
        ),
        ("De qué habla", (("about_what", "trial"), ("about",))),
        (
            "Para quiénes y comparado con qué",
            (
                ("arm_es", "arm_en"),
                ("comparator", "reporter"),
                ("comparator_es", "comparator_en"),
                ("subgroup_es", "subgroup_en"),
            ),
        ),
        (
            "Cifras, como las da la fuente",
            (
                ("measure", "value", "unit"),
                ("ci_low", "ci_high", "ci_level", "se"),
                ("p", "p_below", "n"),
                ("adjusted", "higher_is"),
                ("follow_up", "follow_up_months"),
            ),
        ),
    )
    NEEDED = ("outcome", "effect", "about_what")
    NO_CONTENT = frozenset({"about_what"})
    OTHER_LABELS = {"about": "De qué habla", "arms": "Datos por grupo"}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for place in range(self._arm_lines()):
            for key, field in _arm_fields().items():
                field.widget.attrs["aria-label"] = f"{ARM_LABELS[key]}, línea {place + 1}"
                self.fields[f"arms-{place}-{key}"] = field

    @classmethod
    def initial_of(cls, row: Json) -> dict[str, Any]:
        about = row.get("about")
        what = ABOUT_ALL if about is None else ABOUT_THESE if about else ABOUT_NONE
        arms = {
            f"arms-{place}-{key}": value for place, arm in enumerate(row.get("arms", ())) for key, value in arm.items()
        }
        plain = {key: value for key, value in row.items() if key != "arms"}
        if "follow_up" in row:
            plain["follow_up"] = follow_up_in_spanish(row["follow_up"])
        return {**plain, "about_what": what, **arms}

    def parts(self) -> list[RowPart]:
        return [*super().parts(), RowPart(self.OTHER_LABELS["arms"], [], self.arm_table)]

    @cached_property
    def arm_table(self) -> list[list[Any]]:
        """The fields of the groups, a list a line."""
        return [[self[f"arms-{place}-{key}"] for key in _ARM_KEYS] for place in range(self._arm_lines())]

    def arm_heads(self) -> list[str]:
        """Return the headings of the table of groups."""
        return [ARM_LABELS[key] for key in _ARM_KEYS]

    def clean_trial(self) -> str:
        trial: str = self.cleaned_data["trial"]
        if trial and not _SLUG.fullmatch(trial):
            raise ValidationError(
                "No está en la lista. Elija un ensayo, o escriba su identificador: minúsculas sin tilde, cifras y "
                "guiones sueltos."
            )
        return trial

    def offer_trials(self, trials: Iterable[tuple[str, str]]) -> None:
        """Suggest the trials of the bank, by identifier and name; one that is not there yet can still be typed."""
        widget = self.fields["trial"].widget
        assert isinstance(widget, DatalistSelect)
        widget.choices = [("", "Elija o escriba"), *trials]

    def clean_follow_up(self) -> str:
        return follow_up_in_english(self.cleaned_data["follow_up"])

    def check_row(self, data: dict[str, Any]) -> None:
        self._check_about(data)
        self._check_numbers(data)
        for place, arm in self._arms(data):
            if "arm" not in arm:
                self.add_error(f"arms-{place}-arm", "Diga de qué grupo son estas cifras.")
        if data.get("follow_up") and data.get("follow_up_months") is None and "follow_up_months" not in self.errors:
            data["follow_up_months"] = months_of(data["follow_up"])

    def to_json(self) -> Json:
        held = super().to_json()
        what = held.pop("about_what")
        about = {ABOUT_ALL: None, ABOUT_NONE: [], ABOUT_THESE: held.pop("about", [])}[what]
        arms = [arm for _place, arm in self._arms(self.cleaned_data)]
        plain = {key: value for key, value in held.items() if not key.startswith("arms-")}
        return {**plain, **({} if about is None else {"about": about}), **({"arms": arms} if arms else {})}

    def _check_about(self, data: dict[str, Any]) -> None:
        what, about = data.get("about_what"), data.get("about")
        if what == ABOUT_THESE and not about and "about" not in self.errors:
            self.add_error("about", "Marque de cuáles habla.")
        if about and what and what != ABOUT_THESE:
            self.add_error(
                "about_what", "Más abajo hay intervenciones marcadas: elija «Solo de las que marque», o quítelas."
            )

    def _check_numbers(self, data: dict[str, Any]) -> None:
        low, high, p, below, se = (data.get(name) for name in ("ci_low", "ci_high", "p", "p_below", "se"))
        if low is not None and high is not None and low > high:
            self.add_error("ci_low", "El límite inferior es mayor que el superior.")
        if p is not None and not 0 <= p <= 1:
            self.add_error("p", "El valor p va de 0 a 1.")
        if below is not None and not 0 < below <= 1:
            self.add_error("p_below", "La cota de p es mayor que 0 y no pasa de 1.")
        if p is not None and below is not None:
            self.add_error("p_below", "Hay un valor p y también una cota: deje uno de los dos.")
        if se is not None and se <= 0:
            self.add_error("se", "El error estándar es mayor que cero.")

    def _arm_lines(self) -> int:
        """Return how many lines of groups the form has: those that were sent, else those that it starts with."""
        if self.is_bound:
            names = (self.add_prefix(f"arms-{place}-arm") for place in range(MOST_ARM_LINES))
            return sum(1 for _name in takewhile(self.data.__contains__, names))
        held = sum(1 for key in self.initial if re.fullmatch(r"arms-\d+-arm", key))
        return min(max(held, LEAST_ARM_LINES) + 1, MOST_ARM_LINES)

    def _arms(self, data: Mapping[str, Any]) -> list[tuple[int, Json]]:
        """Return the lines with content, each with its place."""
        lines = [
            (place, {key: data.get(f"arms-{place}-{key}") for key in _ARM_KEYS}) for place in range(self._arm_lines())
        ]
        told = [(place, {key: value for key, value in arm.items() if value not in (None, "")}) for place, arm in lines]
        return [(place, arm) for place, arm in told if arm]


def _arm_fields() -> dict[str, forms.Field]:
    name = PlainTextField(required=False, max_length=200, widget=DatalistSelect)
    name.widget.choices = [("", "Elija o escriba"), *ARM_NAMES.items()]
    counts = {key: whole_number("", most=MOST_COUNTED) for key in ("n", "events")}
    numbers = {key: NumberField() for key in ("percent", "mean", "sd")}
    found: dict[str, forms.Field] = {"arm": name, **counts, **numbers}
    return {key: found[key] for key in _ARM_KEYS}


_UNITS = {"día": "day", "dia": "day", "semana": "week", "mes": "month", "año": "year", "ano": "year"}
_WORDS = {"day": ("día", "días"), "week": ("semana", "semanas"), "month": ("mes", "meses"), "year": ("año", "años")}
_RECORDED_FOLLOW_UP = re.compile(r"([\d.]+(?:-[\d.]+)?) (day|week|month|year)s?")
_FOLLOW_UP = re.compile(r"([\d.,]+(?:\s*-\s*[\d.,]+)?)\s*([^\W\d]+)")
_MONTHS_IN = {"day": 12 / 365.25, "week": 12 * 7 / 365.25, "month": 1.0, "year": 12.0}


def follow_up_in_english(follow_up: str) -> str:
    """Return «24 meses» as the record has it: "24 months". A text that is not understood stays as it was typed."""
    found = _FOLLOW_UP.fullmatch(follow_up.strip())
    if not found:
        return follow_up
    amount, word = re.sub(r"\s", "", found[1]).replace(",", "."), found[2].lower()
    unit = _UNITS.get(word) or _UNITS.get(word.removesuffix("s")) or _UNITS.get(word.removesuffix("es"))
    if unit is None:
        return follow_up
    return f"{amount} {unit}" if amount == "1" else f"{amount} {unit}s"


def follow_up_in_spanish(follow_up: str) -> str:
    """Return "24 months" as curators type it: «24 meses». A text that would not be read back as it was stays."""
    found = _RECORDED_FOLLOW_UP.fullmatch(follow_up)
    if not found:
        return follow_up
    one, several = _WORDS[found[2]]
    spanish = f"{found[1].replace('.', ',')} {one if found[1] == '1' else several}"
    return spanish if follow_up_in_english(spanish) == follow_up else follow_up


def months_of(follow_up: str) -> float | None:
    """Return the end of the follow-up in months, with one decimal; None where it cannot be read."""
    found = re.fullmatch(r"(?:[\d.]+-)?(\d+(?:\.\d+)?) (day|week|month|year)s?", follow_up)
    return round(float(found[1]) * _MONTHS_IN[found[2]], 1) if found else None
