"""The rows of a record in the words of the curators: what all share, authors, interventions, costs and sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.text import capfirst

from studies.admin.record_form.model_fields import line, text, whole_number
from studies.admin.shared.fields import NumberField, TermChoiceField, WebAddressField
from studies.models import Authorship, Cost, Source, Vocabulary
from studies.records.json_record import Json
from studies.records.rules import FIRST_YEAR, SUPPORTS
from studies.text.bibliographic_ids import normalize_orcid, normalize_ror

_SUPPORTS_LABELS = dict(Source.Supports.choices)
_OF_THE_LIST = frozenset({"ORDER", "DELETE"})
_EMPTY: tuple[Any, ...] = (None, "", [], {})
_OF_A_PERSON = ("family", "given", "non_dropping_particle", "dropping_particle", "orcid")
LinesField = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class RowPart:
    """A part of a row as the page shows it: its heading, which may be empty, and lines of fields or a table of them."""

    heading: str
    lines: list[list[BoundField]]
    table: list[list[BoundField]] | None = None


class RowForm(forms.Form):
    """A row below a study. One without any content is left out, whatever its order says."""

    PARTS: ClassVar[tuple[tuple[str, LinesField], ...]]
    NEEDED: ClassVar[tuple[str, ...]] = ()
    OTHER_LABELS: ClassVar[Mapping[str, str]] = {}
    """The names of fields of the record that several fields of the form stand for."""
    NO_CONTENT: ClassVar[frozenset[str]] = frozenset()
    """Fields that alone say nothing."""
    is_blank = True

    @classmethod
    def initial_of(cls, row: Json) -> dict[str, Any]:
        """Return what the form starts with for a row of the record."""
        return {key.replace("-", "_"): value for key, value in row.items()}

    @classmethod
    def label_of(cls, key: str) -> str:
        """Return what the page calls a field of the row's record."""
        return cls.OTHER_LABELS.get(key) or str(cls.base_fields[key.replace("-", "_")].label)

    def parts(self) -> list[RowPart]:
        """Return what the page shows of the row."""
        return [RowPart(heading, [[self[name] for name in each] for each in lines]) for heading, lines in self.PARTS]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        content = [value for name, value in data.items() if name not in _OF_THE_LIST | self.NO_CONTENT]
        self.is_blank = not self.errors and all(value in _EMPTY for value in content)
        if not self.is_blank:
            for name in self.NEEDED:
                if data.get(name) in _EMPTY and name not in self.errors:
                    self.add_error(name, "Falta este dato.")
            self.check_row(data)
        return data

    def check_row(self, data: dict[str, Any]) -> None:
        """Add the errors that lie between fields."""

    def to_json(self) -> Json:
        """Return the row as the record has it; call it when the form is valid."""
        return {
            key: value for key, value in self.cleaned_data.items() if key not in _OF_THE_LIST and value not in _EMPTY
        }


class AuthorRowForm(RowForm):
    """A person or an institution."""

    family = line(Authorship, "family")
    given = line(Authorship, "given")
    non_dropping_particle = line(Authorship, "non_dropping_particle", label="Partícula")
    dropping_particle = line(Authorship, "dropping_particle", label="Partícula pospuesta")
    literal = line(Authorship, "literal")
    orcid = line(Authorship, "orcid")
    ror = line(Authorship, "ror", label="ROR de la institución")

    PARTS = (("", (("family", "given", "literal"), ("non_dropping_particle", "dropping_particle", "orcid", "ror"))),)

    def clean_orcid(self) -> str:
        return _normalized(self.cleaned_data["orcid"], normalize_orcid, "un ORCID: 0000-0002-1825-0097")

    def clean_ror(self) -> str:
        return _normalized(self.cleaned_data["ror"], normalize_ror, "un identificador ROR: 02mhbdp94")

    def check_row(self, data: dict[str, Any]) -> None:
        person = [data.get(name) for name in _OF_A_PERSON]
        if data.get("literal") and any(person):
            self.add_error("literal", "Una institución no lleva apellidos ni nombres: deje solo uno de los dos.")
        elif not data.get("literal") and not data.get("family") and not self.errors:
            self.add_error("family", "Escriba los apellidos, o el nombre de la institución.")
        if data.get("ror") and not data.get("literal") and not self.errors:
            self.add_error("ror", "Es de una institución: escriba su nombre, o deje esta casilla vacía.")

    def to_json(self) -> Json:
        return {key.replace("_", "-"): value for key, value in super().to_json().items()}


def _normalized(typed: str, normalize: Callable[[str], str | None], what: str) -> str:
    """Return a standard number in the form in which it is stored; "" for none. Raises ValidationError."""
    number = normalize(typed) if typed else ""
    if number is None:
        raise ValidationError("No es %(what)s.", params={"what": what})
    return number


class InterventionRowForm(RowForm):
    """An intervention, and what the study does with it. A draft may not know it yet; nothing is chosen beforehand."""

    code = TermChoiceField(Vocabulary.INTERVENTIONS, is_guided=False, label="Intervención", not_chosen="Elija…")
    role = TermChoiceField(
        Vocabulary.ROLES, is_guided=False, label="Qué hace el estudio con ella", not_chosen="Sin elegir todavía"
    )

    PARTS = (("", (("code", "role"),)),)
    NEEDED = ("code",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.initial.get("code") and not self.initial.get("role"):
            self.fields["role"].help_text = (
                "Falta: nadie ha dicho todavía qué hace el estudio con ella. Mientras falte no cuenta en ninguna "
                "página, y el estudio no se puede publicar."
            )


class CostRowForm(RowForm):
    """A cost as the source states it."""

    amount = NumberField(label="Monto")
    currency = forms.CharField(
        label="Moneda", required=False, max_length=3, help_text="Tres letras: PEN, USD, EUR.", strip=True
    )
    year = whole_number("Año de los precios", least=FIRST_YEAR, most=9_999)
    per = line(Cost, "per", "Por qué unidad, en inglés: family, person reached.")
    statement_es = text(Cost, "statement_es", "El costo en una oración llana, con su unidad: es lo que la página dice.")
    statement_en = text(Cost, "statement_en")

    PARTS = (("", (("amount", "currency", "year", "per"), ("statement_es", "statement_en"))),)
    NEEDED = ("amount", "currency")

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].upper()
        if currency and not re.fullmatch(r"[A-Z]{3}", currency):
            raise ValidationError("Son las tres letras de la norma ISO 4217: PEN, USD, EUR.")
        return currency


class SourceRowForm(RowForm):
    """A page where facts of the record were read."""

    url = WebAddressField(label="Dirección", required=False, max_length=2_000)
    supports = forms.MultipleChoiceField(
        label="Sustenta",
        required=False,
        choices=[(code, capfirst(_SUPPORTS_LABELS[code])) for code in SUPPORTS],
        widget=forms.CheckboxSelectMultiple,
    )

    PARTS = (("", (("url", "supports"),)),)
    NEEDED = ("url",)
