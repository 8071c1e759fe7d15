"""Finds where words, phrases and prefixes occur in the texts of a snapshot. `matching` scores them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np

from search.contract import FIELDS
from search.engines.arrays.heap import release_memory
from search.engines.arrays.segment import ENTRY_BITS, POSITION_BITS, Ints, Keys, Places, Postings, Segment, join_keys
from search.engines.arrays.snapshot import Snapshot
from search.query.tree import MOST_PREFIX_TOKENS, Phrase, Prefix, Word
from search.text.analysis import BREAK

_MANY_POSITIONS = 20_000
"""The arrays of so many take half a megabyte or more: what is not returned adds to the memory of a worker."""


@dataclass(frozen=True, slots=True)
class LeafOccurrences:
    """Where a leaf occurs under one rule set: three parallel arrays of study number, field number and occurrences.

    The fields of a study stand together, ascending; studies are in any order.
    """

    numbers: Ints
    fields: Ints
    occurrences: Ints

    @classmethod
    def of(cls, found: list[tuple[Ints, Ints, Ints]]) -> LeafOccurrences:
        """Concatenate the occurrences in each segment."""
        if len(found) == 1:
            return cls(*found[0])
        none = np.empty(0, np.int32)
        return cls(*(np.concatenate([none, *(each[column] for each in found)]) for column in range(3)))


@dataclass(frozen=True, slots=True)
class OccurrenceFinder:
    """Finds occurrences for one query. `places`: those read so far, which the phrases of a query share."""

    snapshot: Snapshot
    places: dict[tuple[int, Hashable], list[Places]] = field(default_factory=dict)

    def find(self, leaf: Word | Phrase) -> list[LeafOccurrences]:
        """Return where a word or phrase occurs under each rule set; once if these are the same places, as is usual."""
        es, en = ((leaf.es,), (leaf.en,)) if isinstance(leaf, Word) else (leaf.es, leaf.en)
        if BREAK not in es + en and self._identify("es", es) == self._identify("en", en):
            return [self._occurrences("es", es, leaf.field)]
        return [self._occurrences(rule, tokens, leaf.field) for rule, tokens in (("es", es), ("en", en))]

    def _identify(self, rule: str, tokens: tuple[str, ...]) -> list[Hashable]:
        return [segment.identify(rule, token) for segment, _ in self.snapshot.segments() for token in tokens]

    def find_prefix(self, leaf: Prefix, rule: str) -> tuple[LeafOccurrences, bool]:
        """Return where the tokens of a prefix occur, counted together, and whether some tokens were left out."""
        own = leaf.es if rule == "es" else leaf.en
        beginning = self.snapshot.tokens(rule, leaf.letters)
        counts = np.zeros((len(FIELDS), self.snapshot.studies), np.int32)
        sought, is_truncated = 0, False
        for token in sorted(beginning | ({own} - {BREAK}), key=lambda token: (len(token), token)):
            found = self._occurrences(rule, (token,), leaf.field)
            # A token that stands only in deleted documents must not use up the limit.
            if not len(found.numbers):
                continue
            if sought == MOST_PREFIX_TOKENS:
                is_truncated = True
                break
            sought += 1
            counts[found.fields, found.numbers] += found.occurrences
        numbers, fields = np.nonzero(counts.T)
        occurring = LeafOccurrences(numbers.astype(np.int32), fields.astype(np.int32), counts[fields, numbers])
        return occurring, is_truncated

    def release_memory(self) -> None:
        """Give up the positions that were read, and return their memory to the system if they were many."""
        read = sum(len(part.positions) for parts in self.places.values() for part in parts)
        self.places.clear()
        if read > _MANY_POSITIONS:
            release_memory()

    def _occurrences(self, rule: str, tokens: tuple[str, ...], field: str) -> LeafOccurrences:
        """Return where the tokens stand side by side in live studies, in `field`, or in any field if it is ""."""
        found: list[tuple[Ints, Ints, Ints]] = []
        if not tokens or BREAK in tokens:
            return LeafOccurrences.of(found)
        for segment, study_numbers in self.snapshot.segments():
            postings = self._postings(segment, rule, tokens)
            if not len(postings.entries):
                continue
            numbers = study_numbers[postings.entries >> ENTRY_BITS]
            fields = (postings.entries & ((1 << ENTRY_BITS) - 1)).astype(np.int32)
            of_segment = (numbers, fields, postings.occurrences)
            if field or numbers.min() < 0:
                kept = numbers >= 0 if not field else (numbers >= 0) & (fields == FIELDS.index(field))
                of_segment = (numbers[kept], fields[kept], postings.occurrences[kept])
            found.append(of_segment)
        return LeafOccurrences.of(found)

    def _postings(self, segment: Segment, rule: str, tokens: tuple[str, ...]) -> Postings:
        """Return where the tokens stand side by side in a segment.

        The rarest token is read first: most phrases of the thesaurus find nothing, and so "de" and "la" are not read.
        Of the other tokens, only places in the entries that are still candidates are compared.
        """
        if len(tokens) == 1:
            return segment.postings(rule, tokens[0])
        starts = np.empty(0, np.int64)
        frequencies = [segment.frequency(rule, token) for token in tokens]
        if all(frequencies):
            rarest, *others = sorted(range(len(tokens)), key=frequencies.__getitem__)
            starts = join_keys([part.keys for part in self._places(segment, rule, tokens[rarest])]) - rarest
            for offset in others:
                if not len(starts):
                    break
                entries = (starts + rarest) >> POSITION_BITS
                wanted = entries[_find_firsts(entries)].astype(np.uint32)
                keys = join_keys([part.keys_in(wanted) for part in self._places(segment, rule, tokens[offset])])
                starts = _followed_by(starts, keys, offset)
        entries = starts >> POSITION_BITS
        firsts = _find_firsts(entries)
        return Postings(entries[firsts].astype(np.uint32), np.diff(firsts, append=len(entries)).astype(np.int32))

    def _places(self, segment: Segment, rule: str, token: str) -> list[Places]:
        """Return the places of a token; read once for all phrases of a query."""
        # An id is safe as a key: the snapshot keeps its segments alive.
        key = (id(segment), segment.identify(rule, token))
        if key not in self.places:
            self.places[key] = segment.places(rule, token)
        return self.places[key]


def _followed_by(starts: Keys, keys: Keys, offset: int) -> Keys:
    """Return those of `starts` for which `start + offset` is among the ascending `keys`."""
    if not len(keys):
        return keys
    wanted = starts + offset
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    followed: Keys = starts[keys[at] == wanted]
    return followed


def _find_firsts(ascending: Keys) -> Keys:
    """Return where each number stands for the first time."""
    is_first = np.ones(len(ascending), np.bool_)
    is_first[1:] = ascending[1:] != ascending[:-1]
    return np.flatnonzero(is_first)
