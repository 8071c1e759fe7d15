"""Filters and facet counts on bitmaps. `engines.memory` defines the meaning, and names match `memory.counting`.

The count of an option is the number of bits in its row that are also in the studies that pass all other facets.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from search.contract import PAIR_OF, PAIRED_FACETS, Filters
from search.engines.arrays.bits import BitMatrix, Bits, pack, unpack
from search.engines.arrays.segment import Mask
from search.engines.arrays.snapshot import YEARS, Snapshot


@dataclass(frozen=True, slots=True)
class FilteredStudies:
    """The studies that match a query, and those that pass each facet with chosen codes, and the range of years.

    `allowed` has a row of bits by facet name, and one under `YEARS`; facets without a choice have none.
    """

    snapshot: Snapshot
    filters: Filters
    matching: Bits
    allowed: dict[str, Bits]

    def mask(self) -> Mask:
        """Return the studies that match the query and pass all filters."""
        return unpack(self._without(()), self.snapshot.studies)

    def count_options(self) -> tuple[dict[str, dict[str, int]], dict[int, int]]:
        """Count every option as if it were the only one chosen in its facet, and every year without the range.

        Return (parameter → code → count, year → count), zero left out. Facets without a choice are counted in one pass
        under all filters; each of the others needs a pass of its own.
        """
        if not self.matching.any():
            return {name: {} for parameters in self.snapshot.facets.values() for name in parameters}, {}
        counts = self.snapshot.options.count(self._without(()))
        for facet, parameters in self.snapshot.facets.items() if self.allowed else ():
            cleared = self._facets_left_out(facet)
            if cleared & self.allowed.keys():
                studies = self._without(cleared)
                counts |= {name: self._options(facet, name).count(studies) for name in parameters}
        years = counts.pop(YEARS)
        if YEARS in self.allowed:
            years = self.snapshot.codes[YEARS].count(self._without({YEARS}))
        return counts, {int(year): number for year, number in years.items()}

    def _without(self, cleared: Iterable[str]) -> Bits:
        """Return the studies that match the query and pass all filters but those named in `cleared`."""
        found = self.matching.copy()
        for name, bits in self.allowed.items():
            if name not in cleared:
                found &= bits
        return found

    def _chosen_counterparts(self, facet: str) -> frozenset[str]:
        pair = PAIR_OF.get(facet)
        if pair is None:
            return frozenset()
        first, second = pair
        return _chosen(self.filters, second if facet == first else first)

    def _facets_left_out(self, facet: str) -> frozenset[str]:
        return frozenset(PAIR_OF[facet]) if self._chosen_counterparts(facet) else frozenset({facet})

    def _options(self, facet: str, parameter: str) -> BitMatrix[str]:
        """Return for every code of `parameter` the studies that pass if it is chosen alone."""
        other = self._chosen_counterparts(facet)
        if not other:
            return self.snapshot.codes[parameter]
        pair = PAIR_OF[facet]
        own, carried = pair.index(facet), self.snapshot.pairs[pair]
        pairs: dict[str, list[tuple[str, str]]] = {}
        for codes in carried.labels:
            if codes[1 - own] in other:
                pairs.setdefault(codes[own], []).append(codes)
        return BitMatrix.from_rows({code: carried.union(found) for code, found in pairs.items()}, len(self.matching))


def apply_filters(snapshot: Snapshot, matching: Mask, filters: Filters) -> FilteredStudies:
    """Compute which of the studies that match a query pass each filter."""
    allowed: dict[str, Bits] = {}
    for pair in PAIRED_FACETS:
        of_both = [_chosen(filters, facet) for facet in pair]
        if all(of_both):
            allowed |= dict.fromkeys(pair, snapshot.pairs[pair].union(itertools.product(of_both[0], of_both[1])))
    for facet, parameters in snapshot.facets.items() if filters.chosen else ():
        chosen = {parameter: _chosen(filters, parameter) for parameter in parameters}
        if facet not in allowed and any(chosen.values()):
            unions = [snapshot.codes[parameter].union(codes) for parameter, codes in chosen.items()]
            allowed[facet] = np.bitwise_or.reduce(unions, axis=0)
    if filters.year_from is not None or filters.year_to is not None:
        allowed[YEARS] = pack(_in_years(snapshot, filters))
    return FilteredStudies(snapshot, filters, pack(matching), allowed)


def _chosen(filters: Filters, parameter: str) -> frozenset[str]:
    return filters.chosen.get(parameter, frozenset())


def _in_years(snapshot: Snapshot, filters: Filters) -> Mask:
    inside: Mask = np.ones(snapshot.studies, np.bool_)
    if filters.year_from is not None:
        inside &= snapshot.years >= filters.year_from
    if filters.year_to is not None:
        inside &= snapshot.years <= filters.year_to
    return inside
