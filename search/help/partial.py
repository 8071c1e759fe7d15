"""Partial matches: studies with some words of a query, if few or none have them all, and what each lacks (S4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from search.help.similar import list_shared_codes
from search.query.tree import AllOf, AnyOf, Not
from search.services import public_search
from search.text.analysis import fold, iterate_words
from search.text.lexicon import STOP_WORDS
from studies.models import Study

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from search.query.parsed_query import ParsedQuery, QueryPart
    from search.query.tree import Node

MOST_SHOWN = 20
"""Studies of the list plus partial matches."""
_MOST_PARTS = 8
_MOST_WORDS = 8
_SEEDS = 5

_OF_WORDS = ("word", "name", "phrase")
_WITHOUT_SCORE = ("country", "programme", "years")


@dataclass(frozen=True, slots=True)
class PartialMatches:
    """Studies with some of the words, the best first, and by study key the words that each lacks, as typed."""

    studies: tuple[Study, ...]
    missing: Mapping[int, tuple[str, ...]]


def find_partial_matches(criteria: Criteria, query: ParsedQuery, found: Sequence[int]) -> PartialMatches | None:
    """Return the best partial matches under the same filters, or None. `found` has the keys of the whole list.

    Together with the list they are at most MOST_SHOWN. A study matches by any part of the query, or any word of a part
    on its own. It ranks by all of these, and by the codes that the first studies share: those of the list, or else the
    first partial matches. Exclusions apply. Five queries; two searches, and one for each part. Raises IndexMissing.
    """
    whole, filters = public_search.interpret(criteria)
    excluded = tuple(part for part in whole.parts if isinstance(part, Not)) if isinstance(whole, AllOf) else ()
    typed = [part for part in query.parts if part.kind != "excluded"]
    parts = [(part, _parse(criteria, query.source[part.start : part.end])) for part in typed]
    scored = [node for part, node in parts if part.kind not in _WITHOUT_SCORE]
    sought = tuple(dict.fromkeys([*scored, *(_parse(criteria, word) for word in _iterate_single_words(typed, query))]))
    # With a single word a partial match would be a full one.
    if len(sought) < 2:
        return None
    some: Node = AnyOf(sought)
    seeds = found[:_SEEDS] or public_search.list_top_ids(AllOf((some, *excluded)), filters, _SEEDS)
    ranked = AllOf((some, AnyOf((*sought, *list_shared_codes(seeds))), *excluded))
    most = MOST_SHOWN + len(found)
    fresh = [key for key in public_search.list_top_ids(ranked, filters, most) if key not in found]
    keys = fresh[: MOST_SHOWN - len(found)]
    if not keys:
        return None
    missing: dict[int, tuple[str, ...]] = dict.fromkeys(keys, ())
    for part, node in parts[:_MOST_PARTS]:
        # An exclusion adds no score: these are the first studies of `ranked` without this part, in the same order.
        for key in public_search.list_top_ids(AllOf((ranked, Not(node))), filters, most):
            if key in missing:
                missing[key] += (part.text,)
    return PartialMatches(tuple(Study.objects.for_results().in_order_of(keys)), missing)


def _parse(criteria: Criteria, q: str) -> Node:
    return public_search.interpret(replace(criteria, q=q))[0]


def _iterate_single_words(parts: Sequence[QueryPart], query: ParsedQuery) -> Iterator[str]:
    """Yield the single words of parts of several words: each may lead to a concept of its own."""
    texts = (query.source[part.start : part.end] for part in parts if part.kind in _OF_WORDS)
    apart = ([text[start:end] for start, end, _ in iterate_words(text)] for text in texts)
    telling = (word for found in apart if len(found) > 1 for word in found if fold(word) not in STOP_WORDS)
    return islice(telling, _MOST_WORDS)
