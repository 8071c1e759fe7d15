"""The address of a list of evidence: criteria, and the place in a table of evidence whose number links to it."""

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
class TablePlace:
    """A row, a column, a cell or the whole of a table of evidence.

    `rows` and `columns` name the dimensions of the table, `row` and `column` codes in them. `shows` (an effect),
    `strength` (of design) and `tested` (`alone`, `together`) keep only the evaluations with that value. `kind` keeps
    only evaluations, reviews, or ongoing studies.
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
    def from_query(cls, data: Mapping[str, str]) -> Self:
        """Return the place in the parameters of an address; values that cannot be read are ignored."""
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
        """Whether it contains only evaluations."""
        return bool(self.shows or self.strength or self.tested or self.kind == "evaluation")

    def query_pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the query parameters that differ from the default place."""
        default = type(self)()
        for field in fields(self):
            value = getattr(self, field.name)
            if value != getattr(default, field.name):
                yield field.name, value


def evidence_list_url(query: str, place: TablePlace | None = None, *, path: str = "") -> str:
    """Return the address of the list behind a number.

    `query` is the query string of the criteria; `path`, if given, replaces the path of the page of evidence.
    """
    joined = "&".join(filter(None, [query, urlencode(list(place.query_pairs())) if place else ""]))
    address = path or reverse("evidence-studies")
    return f"{address}?{joined}" if joined else address
