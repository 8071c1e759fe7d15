"""Studies of every stage by the criteria of the search: published ones as the public finds them, the others beside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from search.index import drafts
from search.services import public_search
from studies.models import Stage, Study

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.criteria.criteria import Criteria

STAGES = (Stage.PUBLISHED, Stage.IN_REVIEW, Stage.DRAFT, Stage.WITHDRAWN)
"""The stages that can be searched. What was merged into another study is changed by nobody."""


@dataclass(frozen=True, slots=True)
class Selected:
    """The keys of studies, and whether all their words were read.

    They are not where more than `drafts.MOST_READ` unpublished ones pass the filters: their words were then looked up
    in titles, names and DOI alone.
    """

    keys: list[int]
    is_whole: bool = True


def select(criteria: Criteria, stage: Stage | None = None) -> Selected:
    """Return the studies at `stage`, or at any of STAGES: the published ones first, in the order of the search.

    One query, or two without an index; eight more for unpublished studies that have changed since the last question.
    """
    keys = public_search.keys(criteria) if stage in (None, Stage.PUBLISHED) else []
    others = [one for one in STAGES if one != Stage.PUBLISHED and stage in (None, one)]
    found = _unpublished(others, criteria) if others else Selected([])
    return Selected(keys + found.keys, found.is_whole)


def _unpublished(stages: Sequence[Stage], criteria: Criteria) -> Selected:
    studies = Study.objects.filter(stage__in=stages)
    narrowed = public_search.unpublished(studies, replace(criteria, q=""))
    if not criteria.q:
        return Selected(list(narrowed.values_list("pk", flat=True)))
    versions = list(narrowed.values_list("pk", "changed_no")[: drafts.MOST_READ + 1])
    if len(versions) > drafts.MOST_READ:
        return Selected(list(public_search.unpublished(studies, criteria).values_list("pk", flat=True)), is_whole=False)
    query, _filters = public_search.read(criteria)
    return Selected(drafts.search_unpublished(query, criteria.order, versions))
