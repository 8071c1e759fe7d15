"""The protocol `Segment`, which an engine implements over its storage, and the types of its arrays."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from search.contract import FIELDS, FacetPair
from search.engines.scoring import RULES

Ints = NDArray[np.int32]
Keys = NDArray[np.int64]
Entries = NDArray[np.uint32]
Numbers = NDArray[np.unsignedinteger[Any]]
Mask = NDArray[np.bool_]

TEXT_FIELDS = tuple((name, rule) for name in FIELDS for rule in RULES)
"""Every field of text under every rule set, in the order of the columns of `Segment.lengths`."""

ENTRY_BITS = 3
"""Low bits of an entry, which hold the number of the field in `FIELDS`; the document is above them."""
POSITION_BITS = 28
"""Low bits of a place, which hold the position; the entry is above them. No text has as many words as that."""


@dataclass(frozen=True, slots=True)
class Postings:
    """Where a token stands in a segment: entries, ascending, and how often in each.

    An entry is a document and a field in one number (`ENTRY_BITS`).
    """

    entries: Entries
    occurrences: Ints


@dataclass(frozen=True)
class Places:
    """Places of a token in a segment: entries, ascending, occurrences in each, and all positions, entry by entry."""

    entries: Entries
    occurrences: Numbers
    positions: Numbers

    @cached_property
    def keys(self) -> Keys:
        """The places, ascending, each as entry and position in one number (`POSITION_BITS`)."""
        return (np.repeat(self.entries.astype(np.int64), self.occurrences) << POSITION_BITS) | self.positions

    @cached_property
    def _firsts(self) -> Keys:
        """Where the positions of each entry begin."""
        firsts: Keys = np.cumsum(self.occurrences, dtype=np.int64) - self.occurrences
        return firsts

    def keys_in(self, wanted: Entries) -> Keys:
        """Return the keys of the places in the entries `wanted`, which are ascending and differ."""
        if 2 * len(wanted) > len(self.entries):
            return self.keys
        if _FEW * len(wanted) < len(self.entries):
            at = np.minimum(np.searchsorted(self.entries, wanted), len(self.entries) - 1)
            chosen = at[self.entries[at] == wanted]
        else:
            is_wanted = np.zeros(int(max(wanted[-1], self.entries[-1])) + 1, np.bool_)
            is_wanted[wanted] = True
            chosen = np.flatnonzero(is_wanted[self.entries])
        counts = self.occurrences[chosen].astype(np.int64)
        before = np.cumsum(counts) - counts
        positions = self.positions[np.repeat(self._firsts[chosen] - before, counts) + np.arange(counts.sum())]
        keys: Keys = (np.repeat(self.entries[chosen].astype(np.int64), counts) << POSITION_BITS) | positions
        return keys


_FEW = 16
"""One entry in so many: for fewer, looking each up is faster than going through all."""


def join_keys(keys: Sequence[Keys]) -> Keys:
    """Return the keys of several arrays in one, ascending."""
    if len(keys) == 1:
        return keys[0]
    joined: Keys = np.sort(np.concatenate([np.empty(0, np.int64), *keys]))
    return joined


class Segment(Protocol):
    """Documents that an engine wrote together, numbered from 0 within the segment.

    A segment never changes: a new version of a study is a document of another segment. Its arrays include deleted
    documents; the engine passes their numbers to the snapshot. Exceptions of the methods reach the engine.
    """

    study_ids: Keys
    years: Ints
    added: Keys
    nearness: Ints
    lengths: NDArray[np.uint32]
    """A row for each document, a column for each of `TEXT_FIELDS`: the number of tokens without `BREAK`."""
    order: Ints
    """The documents in the order of `sort_key`."""
    codes: Mapping[str, Mapping[str, Ints]]
    """The documents that carry each code, by parameter and code; with every parameter of the snapshot's facets."""
    pairs: Mapping[FacetPair, Mapping[tuple[str, str], Ints]]
    """The documents with each pair of codes, by pair of facets; with every pair of `contract.PAIRED_FACETS`."""

    def keys(self) -> list[tuple[str, str, str]]:
        """Return slug, fingerprint and title key of every document. Called once or twice per snapshot."""

    def sort_key(self, document: int) -> tuple[int, str]:
        """Return (-year, slug) of a document."""

    def with_doi(self, doi: str) -> Ints:
        """Return the documents with this DOI."""

    def frequency(self, rule: str, token: str) -> int:
        """Return in how many fields of all documents `token` stands under a rule set, or a little more. Must be cheap.

        It is 0 if the token stands nowhere.
        """

    def identify(self, rule: str, token: str) -> Hashable:
        """Return a value that only tokens share that stand in the same places, under either rule set. Must be cheap."""

    def postings(self, rule: str, token: str) -> Postings:
        """Return where a token stands, without its positions."""

    def places(self, rule: str, token: str) -> list[Places]:
        """Return every place of a token, in any number of parts, each place in one of them.

        A position counts the tokens of a field from 0, `BREAK` among them.
        """

    def tokens(self, rule: str, beginning: str) -> Iterable[str]:
        """Return the tokens that begin with `beginning`, which is not empty, in any order."""
