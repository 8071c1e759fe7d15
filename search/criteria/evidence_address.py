"""The address of a list of evidence: the criteria, and the place in a table whose number it stands behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Self
from urllib.parse import urlencode

from django.urls import reverse

from studies.synthesis.evidence import ANY_ESTIMATED, ESTIMATED, NOT_ESTIMATED, STRENGTHS
from studies.synthesis.tables import ALL, DIMENSIONS

_LONGEST_CODE = 120
_VALUES = {
    "shows": frozenset({ANY_ESTIMATED, *ESTIMATED, NOT_ESTIMATED}),
    "strength": frozenset(STRENGTHS),
    "tested": frozenset({"alone", "together"}),
    "kind": frozenset({"evaluation", "review", "ongoing"}),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A row, a column, a cell or the whole of a table of evidence.

    `shows` (an effect), `strength` (of design) and `tested` (`alone`, `together`) leave only the evaluations of which
    they are true. `kind` leaves only evaluations, reviews, or studies that are under way.
    """

    rows: str = "intervention"
    row: str = ""
    columns: str = "outcome_group"
    column: str = ""
    shows: str = ""
    strength: str = ""
    tested: str = ""
    kind: str = ""

    @classmethod
    def of(cls, data: Mapping[str, str]) -> Self:
        """Read the place of an address; what cannot be read counts as not given."""
        given = {field.name: data.get(field.name, "") for field in fields(cls)}
        for name in ("rows", "columns"):
            if given[name] not in DIMENSIONS or given[name] == ALL:
                given[name] = getattr(cls(), name)
        for name in ("row", "column"):
            given[name] = given[name][:_LONGEST_CODE]
        for name, values in _VALUES.items():
            given[name] = given[name] if given[name] in values else ""
        return cls(**given)

    @property
    def is_of_evaluations(self) -> bool:
        """Whether only evaluations stand in it."""
        return bool(self.shows or self.strength or self.tested or self.kind == "evaluation")

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the parameters that differ from the default place."""
        default = type(self)()
        for field in fields(self):
            value = getattr(self, field.name)
            if value != getattr(default, field.name):
                yield field.name, value


def list_url(query: str, place: Place | None = None, *, path: str = "") -> str:
    """Return the address of the list behind a number. `query`: the criteria's; `path` in place of the whole address."""
    joined = "&".join(filter(None, [query, urlencode(list(place.pairs())) if place else ""]))
    address = path or reverse("evidence-studies")
    return f"{address}?{joined}" if joined else address
