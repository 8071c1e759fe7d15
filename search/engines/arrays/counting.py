"""Filters and facet counts on bit rows. `engines.memory` defines the meaning; the names here follow its names.

An option's number is a popcount of its row and of the studies that all other facets let through.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from search.contract import FINDING_FACETS, Filters
from search.engines.arrays.bits import Bits, Rows, pack, unpack
from search.engines.arrays.segment import Mask
from search.engines.arrays.snapshot import YEARS, Snapshot


@dataclass(frozen=True, slots=True)
class Filtered:
    """What a query finds, and what each facet with chosen options, and the range of years, lets through."""

    snapshot: Snapshot
    filters: Filters
    sought: Bits
    allowed: dict[str, Bits]

    def mask(self) -> Mask:
        """Return the studies that the query finds and all filters let through."""
        return unpack(self._without(()), self.snapshot.studies)

    def counts(self) -> tuple[dict[str, dict[str, int]], dict[int, int]]:
        """Count every option as if it were the only one chosen in its facet, and every year without the range.

        Zero is left out. Facets without a chosen option are counted in one pass, under all filters.
        """
        if not self.sought.any():
            return {name: {} for parameters in self.snapshot.facets.values() for name in parameters}, {}
        counts = self.snapshot.options.counts(self._without(()))
        for facet, parameters in self.snapshot.facets.items() if self.allowed else ():
            cleared = self._cleared_with(facet)
            if cleared & self.allowed.keys():
                studies = self._without(cleared)
                counts |= {name: self._options(facet, name).counts(studies) for name in parameters}
        years = counts.pop(YEARS)
        if YEARS in self.allowed:
            years = self.snapshot.codes[YEARS].counts(self._without({YEARS}))
        return counts, {int(year): number for year, number in years.items()}

    def _without(self, cleared: Iterable[str]) -> Bits:
        """Return what the query finds and all filters but the cleared ones let through."""
        found = self.sought.copy()
        for name, bits in self.allowed.items():
            if name not in cleared:
                found &= bits
        return found

    def _other_of_pair(self, facet: str) -> frozenset[str]:
        if facet not in FINDING_FACETS:
            return frozenset()
        return _chosen(self.filters, "effect" if facet == "outcome" else "outcome")

    def _cleared_with(self, facet: str) -> frozenset[str]:
        return FINDING_FACETS if self._other_of_pair(facet) else frozenset({facet})

    def _options(self, facet: str, parameter: str) -> Rows[str]:
        """Return for every code of `parameter` the studies that it would find if chosen."""
        other = self._other_of_pair(facet)
        if not other:
            return self.snapshot.codes[parameter]
        pairs: dict[str, list[tuple[str, str]]] = {}
        for outcome, effect in self.snapshot.findings.labels:
            own, paired = (outcome, effect) if parameter == "outcome" else (effect, outcome)
            if paired in other:
                pairs.setdefault(own, []).append((outcome, effect))
        return Rows.of({own: self.snapshot.findings.union(found) for own, found in pairs.items()}, len(self.sought))


def filtered(snapshot: Snapshot, sought: Mask, filters: Filters) -> Filtered:
    """Apply `filters` to the studies that a query has found."""
    allowed = {}
    outcomes, effects = _chosen(filters, "outcome"), _chosen(filters, "effect")
    for facet, parameters in snapshot.facets.items() if filters.chosen else ():
        chosen = {parameter: _chosen(filters, parameter) for parameter in parameters}
        if not any(chosen.values()):
            continue
        if facet in FINDING_FACETS and outcomes and effects:
            allowed[facet] = snapshot.findings.union(itertools.product(outcomes, effects))
        else:
            unions = [snapshot.codes[parameter].union(codes) for parameter, codes in chosen.items()]
            allowed[facet] = np.bitwise_or.reduce(unions, axis=0)
    if filters.year_from is not None or filters.year_to is not None:
        allowed[YEARS] = pack(_in_years(snapshot, filters))
    return Filtered(snapshot, filters, pack(sought), allowed)


def _chosen(filters: Filters, parameter: str) -> frozenset[str]:
    return filters.chosen.get(parameter, frozenset())


def _in_years(snapshot: Snapshot, filters: Filters) -> Mask:
    inside: Mask = np.ones(snapshot.studies, np.bool_)
    if filters.year_from is not None:
        inside &= snapshot.years >= filters.year_from
    if filters.year_to is not None:
        inside &= snapshot.years <= filters.year_to
    return inside
