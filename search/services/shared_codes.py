"""The codes that several studies share, as leaves of a query: by them other studies are ranked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from search.criteria.facets import PARAMETERS
from search.query.tree import Word
from studies.models import Study
from studies.store import vocabularies

COMPARED = ("intervention", "exposure", "outcome", "population", "setting", "design", "country")
"""Parameters by which two studies are similar, the most telling first."""
PARAMETER_OF = {PARAMETERS[parameter].vocabulary: parameter for parameter in COMPARED}
_MOST_SHARED = 8


def list_shared_codes(keys: Sequence[int]) -> tuple[Word, ...]:
    """Return the codes that at least half of these studies have, the commonest first, as leaves of a query.

    At most _MOST_SHARED. One query.
    """
    vocabulary = vocabularies.current()
    terms = (vocabulary.by_id[term] for term in Study.objects.term_ids(keys))
    carried = Counter((PARAMETER_OF[term.vocabulary], term.code) for term in terms if term.vocabulary in PARAMETER_OF)
    shared = sorted((-studies, code) for code, studies in carried.items() if 2 * studies >= len(keys))
    return tuple(make_code_leaf(*code) for _, code in shared[:_MOST_SHARED])


def make_code_leaf(parameter: str, code: str) -> Word:
    """Return a word with empty tokens, which no text has: it matches by its code alone."""
    return Word("", "", frozenset({(parameter, code)}))
