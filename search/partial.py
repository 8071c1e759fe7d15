"""The best partial matches of a query that no study matches whole, and which words each of them lacks (S4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from search import services
from search.querytree import All, Any, Not
from studies.models import Study

if TYPE_CHECKING:
    from search.criteria import Criteria
    from search.parsed import ParsedQuery
    from search.querytree import Node

MOST_SHOWN = 20
_MOST_PARTS = 8


@dataclass(frozen=True, slots=True)
class PartialMatches:
    """Studies with some of the words, the best first, and by their keys the words that they lack, as typed."""

    studies: tuple[Study, ...]
    missing: Mapping[int, tuple[str, ...]]


def partial_matches(criteria: Criteria, query: ParsedQuery) -> PartialMatches | None:
    """Return at most MOST_SHOWN studies under the same filters, or None for a query of one part.

    What the query excludes stays excluded. Four queries; one search, and one more for each part. Raises IndexMissing.
    """
    typed = [part for part in query.understood if part.kind != "excluded"]
    if len(typed) < 2:
        return None
    whole, filters = services.read(criteria)
    excluded = tuple(part for part in whole.parts if isinstance(part, Not)) if isinstance(whole, All) else ()
    sought = {part.text: services.read(replace(criteria, q=query.source[part.start : part.end]))[0] for part in typed}
    some: Node = All((Any(tuple(sought.values())), *excluded))
    keys = services.closest(some, filters, MOST_SHOWN)
    if not keys:
        return None
    missing: dict[int, tuple[str, ...]] = dict.fromkeys(keys, ())
    for text, node in list(sought.items())[:_MOST_PARTS]:
        # An exclusion adds no score: those of the list without this word, in the order of the list.
        for key in services.closest(All((some, Not(node))), filters, MOST_SHOWN):
            if key in missing:
                missing[key] += (text,)
    return PartialMatches(tuple(Study.objects.for_results().in_order_of(keys)), missing)
