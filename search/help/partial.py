"""Partial matches: the list of studies with some of the words of a query, if few or none have them all (S4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from search.services import public_search
from studies.models.querysets import StudyQuerySet

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from studies.models import Study

MOST_SHOWN = 20
"""Studies of the list plus partial matches."""
LEAST_LISTED = 2 * MOST_SHOWN
"""A list of some words is at least so long, if it can be: one no longer than the page leaves out too much."""


@dataclass(frozen=True, slots=True)
class PartialMatches:
    """The first studies with some of the words, the best first, and by study key the parts that each lacks, as typed.

    `criteria` define the whole list of `total` studies, those with all the words among them: at least `criteria.match`
    of `part_count` parts of the query.
    """

    studies: tuple[Study, ...]
    missing: Mapping[int, tuple[str, ...]]
    criteria: Criteria
    total: int
    part_count: int


def find_partial_matches(criteria: Criteria, found: Collection[int]) -> PartialMatches | None:
    """Return the best partial matches under the same filters, or None. `found` has the keys of the whole list.

    Together with the list they are at most MOST_SHOWN. Of all the numbers of parts, the highest is taken that finds
    LEAST_LISTED studies, else one. Two queries, and those of new cards; a search for each part, and some. Raises
    IndexMissing.
    """
    split = public_search.split_words(criteria)
    if split is None or criteria.match is not None:
        return None
    for match in range(len(split.parts) - 1, 0, -1):
        some = replace(criteria.with_match(match), page_size=MOST_SHOWN, sort="")
        if public_search.count(some) >= LEAST_LISTED:
            break
    listed = public_search.search(some, prefetch=StudyQuerySet.for_cards, count_facets=False)
    fresh = tuple(study for study in listed.studies if study.pk not in found)[: MOST_SHOWN - len(found)]
    if not fresh or listed.total is None:
        return None
    return PartialMatches(fresh, listed.missing, some, listed.total, listed.part_count)
