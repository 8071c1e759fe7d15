"""Dimensions of the evidence, which can be rows and columns of a table: their names, and their codes in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from studies.store.vocabularies import Vocabularies
from studies.synthesis.evidence import NOT_STATED
from studies.synthesis.nearness import NEARNESS_STEPS
from studies.synthesis.tables import APPRAISED, FOLLOW_UPS, NOT_APPRAISED, STATED

NAMES = {
    "intervention": gettext_lazy("Intervención"),
    "theme": gettext_lazy("Tema"),
    "outcome_group": gettext_lazy("Grupo de resultados"),
    "outcome": gettext_lazy("Resultado medido"),
    "exposure": gettext_lazy("Factor estudiado"),
    "population": gettext_lazy("Población"),
    "setting": gettext_lazy("Ámbito"),
    "region": gettext_lazy("Región"),
    "country": gettext_lazy("País"),
    "nearness": gettext_lazy("Cercanía al Perú"),
    "design_family": gettext_lazy("Familia de diseños"),
    "design": gettext_lazy("Diseño"),
}
"""The dimensions that a reader can choose, in the order of the choice."""

VOCABULARY_OF = {
    "intervention": "interventions",
    "theme": "themes",
    "outcome_group": "outcome_groups",
    "outcome": "outcomes",
    "exposure": "exposures",
    "data_source": "data_sources",
    "population": "populations",
    "setting": "settings",
    "region": "regions",
    "country": "countries",
    "design_family": "design_families",
    "design": "designs",
}
_GROUPED_BY = {
    "intervention": "themes",
    "outcome": "outcome_groups",
    "country": "regions",
    "design": "design_families",
}

LONG = frozenset({"country"})
"""Dimensions of which only codes with studies are shown: all others would bury them."""


@dataclass(frozen=True, slots=True)
class DimensionCode:
    """A code of a dimension with its label, and the label of its group, "" if the dimension has no groups."""

    code: str
    label: str
    group: str = ""


def iterate_codes(dimension: str, vocabulary: Vocabularies, language: str) -> Iterator[DimensionCode]:
    """Yield the codes of a dimension in order, "not stated" last."""
    if dimension == "nearness":
        yield from (DimensionCode(code, code_label(dimension, code, vocabulary, language)) for code in NEARNESS_STEPS)
        return
    if dimension == "follow_up":
        yield from (DimensionCode(code, code_label(dimension, code, vocabulary, language)) for code in FOLLOW_UPS)
        return
    grouping = _GROUPED_BY.get(dimension)
    if grouping is None:
        for term in vocabulary.terms(VOCABULARY_OF[dimension]):
            yield DimensionCode(term.code, term.label(language))
    else:
        for parent in vocabulary.terms(grouping):
            for term in vocabulary.children(VOCABULARY_OF[dimension], parent.code):
                yield DimensionCode(term.code, term.label(language), parent.label(language))
    yield DimensionCode(NOT_STATED, code_label(dimension, NOT_STATED, vocabulary, language))


def code_label(dimension: str, code: str, vocabulary: Vocabularies, language: str) -> str:
    """Return the label of a code of a dimension; of an unknown code, the code itself."""
    if dimension == "nearness":
        return _ladder_labels().get(code, code)
    if dimension == "follow_up":
        return _follow_up_labels().get(code, code)
    if dimension == "appraisal":
        return {APPRAISED: _("Con evaluación de calidad"), NOT_APPRAISED: _("Calidad: aún sin revisar")}.get(code, code)
    if dimension == "cost" and code == STATED:
        return _("Con datos de costo")
    if code == NOT_STATED:
        if dimension in ("country", "region"):
            return _("Varios países o sin dato")
        own = {"intervention": _("Sin tipo de intervención"), "exposure": _("Sin un factor de estos")}
        return own.get(dimension) or _("Sin dato")
    if dimension == "programme":
        programme = vocabulary.programme_by_slug.get(code)
        return programme.label(language) if programme else code
    term = vocabulary.find(VOCABULARY_OF[dimension], code) if dimension in VOCABULARY_OF else None
    return term.label(language) if term else code


def strength_labels() -> dict[str, str]:
    """Return the labels of the strengths of design, in the plural, as they qualify "evaluaciones"."""
    return {
        "randomised": _("aleatorizadas"),
        "quasi-experimental": _("cuasiexperimentales"),
        "other": _("de otros diseños"),
    }


def lower_first(text: str) -> str:
    """Return a label as it stands within a sentence, with a small first letter; an acronym keeps its capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


# Functions, as `_` at import time would translate once for all requests.
def _ladder_labels() -> dict[str, str]:
    return {
        "peru": _("Perú"),
        "andean": _("Países andinos"),
        "latin-america": _("Resto de América Latina y el Caribe"),
        "poorer": _("Otros países de ingresos bajos y medios"),
        "richer": _("Países de ingresos altos"),
        "unknown": _("Varios países o sin dato"),
    }


def _follow_up_labels() -> dict[str, str]:
    return {
        "6": _("Hasta 6 meses"),
        "12": _("De 7 a 12 meses"),
        "24": _("De 13 a 24 meses"),
        "longer": _("Más de 24 meses"),
        NOT_STATED: _("Sin dato"),
    }
