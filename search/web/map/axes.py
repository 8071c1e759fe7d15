"""The axes, marks and place of the map as an address gives them, and the table of evidence that follows from them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from search.contract import NOT_STATED
from search.criteria.criteria import Criteria
from search.criteria.evidence_address import TablePlace
from search.criteria.facets import LATIN_AMERICA
from search.services.evidence_scope import EvidenceScope
from search.web.evidence import cell_text, dimensions, kept
from search.web.evidence.dimensions import DimensionCode
from studies.store import vocabularies
from studies.synthesis.tables import UNCOUNTED, EvidenceTable, Total, tabulate

VIEWS = ("table", "figure")

PLACES = {"peru": ("peru",), "latin-america": LATIN_AMERICA}
"""The shortcuts to places, as the regions that they choose."""


def choose_place(criteria: Criteria, place: str) -> Criteria:
    """Return the criteria with the place that the form chose: `all` or one of PLACES; unchanged for any other value."""
    if place not in ("all", *PLACES):
        return criteria
    chosen = {name: codes for name, codes in criteria.chosen.items() if name not in ("region", "country")}
    return replace(criteria, chosen={**chosen, **({"region": PLACES[place]} if place in PLACES else {})}, page=1)


@dataclass(frozen=True, slots=True)
class Axes:
    """The dimensions of rows and columns, what the marks show (one of MARKS), and the view (one of VIEWS)."""

    rows: str = "intervention"
    columns: str = "outcome_group"
    marks: str = "effect"
    view: str = "table"

    @classmethod
    def of(cls, data: Mapping[str, str]) -> Self:
        """Read them from an address. A value that is unknown becomes the default; rows and columns always differ."""
        default = cls()
        rows, columns = data.get("rows", ""), data.get("columns", "")
        rows = rows if rows in dimensions.NAMES else default.rows
        columns = columns if columns in dimensions.NAMES else default.columns
        # A dimension crossed with itself shows nothing but a diagonal.
        if rows == columns:
            columns = default.columns if rows != default.columns else default.rows
        kind, view = data.get("marks", ""), data.get("view", "")
        return cls(
            rows, columns, kind if kind in cell_text.MARKS else default.marks, view if view in VIEWS else default.view
        )

    def query(self, criteria_query: str) -> str:
        """Return the query string of a map: that of its criteria, then the axes that differ from the default."""
        default = type(self)()
        own = [f"{name}={getattr(self, name)}" for name in ("rows", "columns", "marks", "view")]
        kept = [pair for pair in own if pair.partition("=")[2] != getattr(default, pair.partition("=")[0])]
        return "&".join(filter(None, [criteria_query, *kept]))


@dataclass(frozen=True)
class EvidenceMap:
    """A table of evidence with the codes of both axes, from which page, figure and file of the map are made."""

    body: EvidenceScope
    axes: Axes
    language: str

    @cached_property
    def table(self) -> EvidenceTable:
        """The table of all codes, shown or not; made once as long as none of its studies changes."""
        body = self.body
        return kept.keep(
            body.evidence,
            self.identity,
            self.keys,
            lambda: tabulate(body.studies, body.evidence, self.axes.rows, self.axes.columns, body.scope),
        )

    @cached_property
    def identity(self) -> Hashable:
        """What the table depends on beside the evidence."""
        scope = frozenset(self.body.scope.interventions), frozenset(self.body.scope.outcomes)
        return tabulate, self.axes.rows, self.axes.columns, scope, self.keys

    @cached_property
    def keys(self) -> tuple[int, ...]:
        """The primary keys of its studies."""
        return tuple(study.key for study in self.body.studies)

    @cached_property
    def row_totals(self) -> dict[str, Total]:
        """The total of every row that has studies, by code."""
        return self.table.row_totals()

    @cached_property
    def column_totals(self) -> dict[str, Total]:
        """The total of every column that has studies, by code."""
        return self.table.column_totals()

    @cached_property
    def row_entries(self) -> tuple[DimensionCode, ...]:
        """The codes of the rows that are shown, in order."""
        return tuple(self._shown(self.axes.rows, self.row_totals))

    @cached_property
    def column_entries(self) -> tuple[DimensionCode, ...]:
        """The codes of the columns that are shown, in order."""
        return tuple(self._shown(self.axes.columns, self.column_totals))

    @property
    def shows_interventions(self) -> bool:
        """Whether each cell belongs to one intervention, so that an evaluation may have tested others with it."""
        return "intervention" in (self.axes.rows, self.axes.columns)

    @property
    def counts_evaluations(self) -> bool:
        """Whether evaluations count: a map of factors, which nobody offered as a programme, counts studies."""
        return UNCOUNTED.isdisjoint((self.axes.rows, self.axes.columns))

    def place(self, row: str = "", column: str = "") -> TablePlace:
        """Return the place of a cell, or of a total if one of the codes is empty."""
        return TablePlace(rows=self.axes.rows, row=row, columns=self.axes.columns, column=column)

    def _shown(self, dimension: str, totals: Mapping[str, Total]) -> Iterator[DimensionCode]:
        """Yield the codes that the criteria chose, or else all. Countries and "not stated" need a study to be shown."""
        chosen = self.body.filters.chosen.get(dimension)
        for entry in dimensions.iterate_codes(dimension, vocabularies.current(), self.language):
            has_some = entry.code in totals
            if chosen is not None and entry.code not in chosen and not (has_some and entry.code == NOT_STATED):
                continue
            if has_some or (dimension not in dimensions.LONG and entry.code != NOT_STATED):
                yield entry
