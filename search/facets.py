"""The facets: which parameters each one holds, and how it is shown. Engines count by these definitions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet as a reader sees it.

    Choices within `parameters` widen (any of them); choices in different facets narrow (all of them). Where a
    facet has two parameters, the first holds the wider codes: a region of countries, a family of designs.
    """

    name: str
    parameters: tuple[str, ...]


FACETS = (
    Facet("theme", ("theme",)),
    Facet("intervention", ("intervention",)),
    Facet("outcome", ("outcome",)),
    Facet("effect", ("effect",)),
    Facet("design", ("design_family", "design")),
    Facet("country", ("region", "country")),
    Facet("population", ("population",)),
    Facet("setting", ("setting",)),
    Facet("type", ("type",)),
    Facet("language", ("language",)),
    Facet("status", ("status",)),
    Facet("open_access", ("open_access",)),
    Facet("appraisal", ("appraisal",)),
    Facet("programme", ("programme",)),
)

PARAMETERS = tuple(parameter for facet in FACETS for parameter in facet.parameters)
FACET_OF = {parameter: facet for facet in FACETS for parameter in facet.parameters}
