"""What others judged about a study, in the words of the curators: a fact with its source, never the bank's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from studies.admin.record_form.model_fields import line
from studies.admin.record_form.rows import RowForm
from studies.admin.shared.fields import NOT_CHOSEN, PlainTextField, TermChoiceField, WebAddressField
from studies.models import PublishedAppraisal, Vocabulary
from studies.records.json_record import Json
from studies.records.published_appraisal import BIAS, MOST_DOMAINS

_NOT_APPRAISED = "not-appraised"
"""The value of the facet for studies that nobody judged, which no judgement can have."""


class DomainLines(PlainTextField):
    """The judgement of each domain, one a line: `domain: judgement`. Its value is a mapping."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{name}: {judged}" for name, judged in value.items()) if isinstance(value, Mapping) else value

    def clean(self, value: Any) -> dict[str, str]:
        lines = [line.strip() for line in super().clean(value).split("\n") if line.strip()]
        # The last colon: names of domains have some ("Domain 1: randomisation"), judgements have none.
        pairs = [[part.strip() for part in line.rpartition(":")[::2]] for line in lines]
        for line_, (name, judged) in zip(lines, pairs, strict=True):
            if not name or not judged:
                raise ValidationError("Falta el dominio o el juicio en «%(line)s».", params={"line": line_[:60]})
            if max(len(name), len(judged)) > 200:
                raise ValidationError("Es más largo que 200 signos: «%(line)s…».", params={"line": line_[:60]})
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValidationError("Hay un dominio que está dos veces.")
        if len(found) > MOST_DOMAINS:
            raise ValidationError("Son más de %(most)d dominios.", params={"most": MOST_DOMAINS})
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(self.prepare_value(initial)) != self.to_python(data)


class PublishedAppraisalRowForm(RowForm):
    """A judgement that a named review or register published. Only one of bias or quality has an equivalent."""

    instrument = line(PublishedAppraisal, "instrument", "El nombre que le dan, aunque el banco no lo use.")
    version = line(PublishedAppraisal, "version")
    judges = forms.ChoiceField(
        label="Qué se juzgó",
        required=False,
        choices=[
            NOT_CHOSEN,
            ("bias", "El riesgo de sesgo o la calidad del estudio"),
            ("effect", "Si el programa funciona (por ejemplo «Promising»)"),
        ],
    )
    result = line(PublishedAppraisal, "result", "Si se juzgó un resultado y no el estudio entero.")
    overall = line(PublishedAppraisal, "overall", "Con las palabras de quien juzgó.")
    risk_of_bias = TermChoiceField(
        Vocabulary.RISK_OF_BIAS,
        label="Riesgo de sesgo que le equivale",
        help_text="Es lo que usa el filtro. Solo de un juicio de sesgo o calidad.",
    )
    domains = DomainLines(
        label="Juicio de cada dominio",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Uno por línea, con las palabras de quien juzgó: «allocation concealment: low».",
    )
    by = line(PublishedAppraisal, "by", "Como se cita: Cochrane review CD004534.pub3 (2013).")
    where = line(PublishedAppraisal, "where")
    url = WebAddressField(label="Dirección donde se leyó", required=False, max_length=2_000)
    licence = line(PublishedAppraisal, "licence", "De la publicación que lo trae: CC BY 4.0.")

    PARTS = (
        (
            "",
            (
                ("instrument", "version"),
                ("judges", "result"),
                ("overall", "risk_of_bias"),
                ("domains",),
                ("by", "where"),
                ("url", "licence"),
            ),
        ),
    )
    NEEDED = ("instrument",)

    @classmethod
    def initial_of(cls, row: Json) -> dict[str, Any]:
        return dict(row)

    def check_row(self, data: dict[str, Any]) -> None:
        if not data.get("risk_of_bias"):
            return
        if not data.get("judges"):
            self.add_error("judges", "Elija qué se juzgó: más abajo hay un riesgo de sesgo.")
        elif data["judges"] != BIAS:
            self.add_error("risk_of_bias", "Solo lo lleva un juicio sobre el riesgo de sesgo o la calidad.")
        elif data["risk_of_bias"] == _NOT_APPRAISED:
            self.add_error(
                "risk_of_bias", "Un juicio publicado no equivale a «aún sin revisar»: elija otro o «Sin dato»."
            )
