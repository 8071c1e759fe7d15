"""Studies of every stage by the criteria of the search: published ones as the public finds them, the others beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from search import services
from studies.models import Stage, Study

if TYPE_CHECKING:
    from search.criteria import Criteria

STAGES = (Stage.PUBLISHED, Stage.IN_REVIEW, Stage.DRAFT, Stage.WITHDRAWN)
"""The stages that can be searched. What was merged into another study is changed by nobody."""


def select(criteria: Criteria, stage: Stage | None = None) -> list[int]:
    """Return the keys of the studies at `stage`, or at any of STAGES.

    The published ones come first, in the order of the search. No index holds the others: their words are looked up in
    titles, names and DOI. One query, or two without an index.
    """
    keys = services.keys(criteria) if stage in (None, Stage.PUBLISHED) else []
    others = [one for one in STAGES if one != Stage.PUBLISHED and stage in (None, one)]
    if others:
        found = services.unpublished(Study.objects.filter(stage__in=others), criteria)
        keys += found.values_list("pk", flat=True)
    return keys
