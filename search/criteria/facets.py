"""The facets: which parameters each one holds, of which vocabularies. Engines count by these definitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet as a reader sees it.

    Choices within `parameters` widen (any of them); choices in different facets narrow (all of them). Where a
    facet has two parameters, the first holds the wider codes: a region of countries, a family of designs.
    `vocabularies` stands beside `parameters`; "" where the codes are none of the taxonomy.
    `is_grouped`: the options stand under headings, the terms that their own terms belong to.
    """

    name: str
    label: _StrPromise
    parameters: tuple[str, ...]
    vocabularies: tuple[str, ...]
    is_grouped: bool = False


FACETS = (
    Facet("theme", _("Tema"), ("theme",), ("themes",)),
    Facet("effect", _("Efecto, según los autores"), ("effect",), ("effects",)),
    Facet("intervention", _("Intervención"), ("intervention",), ("interventions",), is_grouped=True),
    Facet("outcome", _("Resultado medido"), ("outcome",), ("outcomes",), is_grouped=True),
    Facet("design", _("Diseño"), ("design_family", "design"), ("design_families", "designs")),
    Facet("country", _("País"), ("region", "country"), ("regions", "countries")),
    Facet("population", _("Población"), ("population",), ("populations",)),
    Facet("setting", _("Ámbito"), ("setting",), ("settings",)),
    Facet("type", _("Tipo de publicación"), ("type",), ("types",)),
    Facet("language", _("Idioma del texto"), ("language",), ("languages",)),
    Facet("status", _("Estado del estudio"), ("status",), ("statuses",)),
    Facet("open_access", _("Acceso libre"), ("open_access",), ("",)),
    Facet("appraisal", _("Evaluación de calidad"), ("appraisal",), ("certainty",)),
    Facet("programme", _("Programa"), ("programme",), ("",)),
)

PARAMETERS = tuple(parameter for facet in FACETS for parameter in facet.parameters)
FINDING_FACETS = frozenset({"outcome", "effect"})
"""The two facets that are about one and the same finding when both are chosen."""

FACET_OF = {parameter: facet for facet in FACETS for parameter in facet.parameters}
VOCABULARY_OF = {
    parameter: vocabulary
    for facet in FACETS
    for parameter, vocabulary in zip(facet.parameters, facet.vocabularies, strict=True)
}

LATIN_AMERICA = ("andean", "latin-america-caribbean", "peru")
"""The regions that Latin America is made of: the vocabulary tells Peru and the Andes from the rest of it."""

LATIN_AMERICA_NAMES = (
    "América Latina",
    "América Latina y el Caribe",
    "Latinoamérica",
    "Latin America",
    "Latin America and the Caribbean",
)
"""What the three are called together; no term of the vocabulary is."""
