"""The search of the workplace: studies of every stage by the criteria of the public search.

Published studies are found exactly as by the public; the others, which no index holds, are read on the spot.
"""

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
"""The stages that can be searched. Merged studies cannot: nobody edits them."""


@dataclass(frozen=True, slots=True)
class StaffSearchResult:
    """The ids of studies, and whether the words were looked up in all of their texts.

    `is_whole` is False where more than `drafts.MOST_READ` unpublished studies pass the filters: their words were then
    looked up in titles, names and DOI only.
    """

    study_ids: list[int]
    is_whole: bool = True


def list_ids(criteria: Criteria, stage: Stage | None = None) -> StaffSearchResult:
    """Return the studies at `stage`, or at any of STAGES: the published ones first, in the order of the search.

    One query, or two without an index; eight more for unpublished studies that have changed since the last search.
    """
    published_ids = public_search.list_ids(criteria) if stage in (None, Stage.PUBLISHED) else []
    others = [one for one in STAGES if one != Stage.PUBLISHED and stage in (None, one)]
    unpublished = _list_unpublished_ids(others, criteria) if others else StaffSearchResult([])
    return StaffSearchResult(published_ids + unpublished.study_ids, unpublished.is_whole)


def _list_unpublished_ids(stages: Sequence[Stage], criteria: Criteria) -> StaffSearchResult:
    studies = Study.objects.filter(stage__in=stages)
    narrowed = public_search.filter_in_database(studies, replace(criteria, q=""))
    if not criteria.q:
        return StaffSearchResult(list(narrowed.values_list("pk", flat=True)))
    versions = list(narrowed.values_list("pk", "changed_no")[: drafts.MOST_READ + 1])
    if len(versions) > drafts.MOST_READ:
        narrowed = public_search.filter_in_database(studies, criteria)
        return StaffSearchResult(list(narrowed.values_list("pk", flat=True)), is_whole=False)
    query, _filters = public_search.interpret(criteria)
    return StaffSearchResult(drafts.search_unpublished(query, criteria.order, versions))
