"""Which studies match a query, and how well. The meaning is that of `engines.memory`, the numbers of `scoring`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search import scoring
from search.documents import BREAK, FIELDS
from search.engines.whoosh import schema as layout
from search.engines.whoosh.cache import ByteCache
from search.engines.whoosh.segments import Ints, Postings, SegmentReader
from search.engines.whoosh.snapshot import Keys, Mask, Snapshot, unpack
from search.querytree import All, Any, Doi, Everything, Leaf, Node, Not, Phrase, Word

_POSITION_BITS = 32


@dataclass(frozen=True, slots=True)
class Match:
    """For every study whether it matches, and its score: 0 where it does not match."""

    mask: Mask
    scores: Keys


@dataclass(frozen=True, slots=True)
class LeafMatch:
    """The studies that match a leaf, ascending, and what it adds to the score of each."""

    numbers: Ints
    contributions: Keys

    @property
    def nbytes(self) -> int:
        """Bytes of both arrays."""
        return self.numbers.nbytes + self.contributions.nbytes


@dataclass(frozen=True, slots=True)
class Matcher:
    """Evaluates queries over one snapshot; postings and leaves come through the cache."""

    snapshot: Snapshot
    cache: ByteCache

    def evaluate(self, node: Node) -> Match:
        """Find what matches `node`. A part that is not sought adds no score."""
        studies = self.snapshot.studies
        match node:
            case Everything():
                return Match(np.ones(studies, np.bool_), np.zeros(studies, np.int64))
            case Not(part):
                return Match(~self.evaluate(part).mask, np.zeros(studies, np.int64))
            case All(parts):
                mask, scores = np.ones(studies, np.bool_), np.zeros(studies, np.int64)
                for match in map(self.evaluate, parts):
                    mask &= match.mask
                    scores += match.scores
                scores[~mask] = 0
                return Match(mask, scores)
            case Any(parts):
                mask, scores = np.zeros(studies, np.bool_), np.zeros(studies, np.int64)
                for match in map(self.evaluate, parts):
                    mask |= match.mask
                    scores += match.scores
                return Match(mask, scores)
            case Word() | Phrase() | Doi():
                return self._dense(self._leaf(node))

    def _dense(self, leaf: LeafMatch) -> Match:
        mask, scores = np.zeros(self.snapshot.studies, np.bool_), np.zeros(self.snapshot.studies, np.int64)
        mask[leaf.numbers] = True
        scores[leaf.numbers] = leaf.contributions
        return Match(mask, scores)

    def _leaf(self, leaf: Leaf) -> LeafMatch:
        return self.cache.get((self.snapshot.serial, leaf), lambda: self._match_leaf(leaf))

    def _match_leaf(self, leaf: Leaf) -> LeafMatch:
        if isinstance(leaf, Doi):
            numbers = self._numbers_with(layout.DOI, leaf.value) if leaf.value else np.empty(0, np.int32)
            return LeafMatch(numbers, np.full(len(numbers), int(scoring.DOI_SCORE), np.int64))
        weighted = np.maximum(*(self._weighted_frequencies(leaf, rule) for rule in scoring.RULES))
        weighted += self._code_weights(leaf)
        numbers = np.flatnonzero(weighted).astype(np.int32)
        rarity = scoring.rarity(self.snapshot.studies, len(numbers))
        contributions = scoring.saturated(weighted[numbers], rarity).astype(np.int64)
        return LeafMatch(numbers, np.maximum(contributions, 1))

    def _weighted_frequencies(self, leaf: Word | Phrase, rule: str) -> NDArray[np.float64]:
        weighted = np.zeros(self.snapshot.studies, np.float64)
        wanted = leaf.es if rule == "es" else leaf.en
        tokens = (wanted,) if isinstance(wanted, str) else wanted
        if not tokens or BREAK in tokens:
            return weighted
        for name in FIELDS:
            norms = self.snapshot.norms(name, rule)
            for numbers, occurrences in self._occurrences(layout.text_field(name, rule), tokens):
                weighted[numbers] += scoring.field_weight(name, occurrences.astype(np.float64), norms[numbers])
        return weighted

    def _code_weights(self, leaf: Word | Phrase) -> NDArray[np.float64]:
        weights = np.zeros(self.snapshot.studies, np.float64)
        for code in reversed(scoring.by_weight(leaf.codes)):
            parameter, label = code
            if parameter in self.snapshot.codes:
                row = self.snapshot.codes[parameter].row(label)
                weights[unpack(row, self.snapshot.studies)] = scoring.code_weight(code)
        return weights

    def _occurrences(self, field: str, tokens: tuple[str, ...]) -> list[tuple[Ints, Ints]]:
        """Return for each segment the live studies in whose `field` the tokens stand side by side, and how often."""
        found = []
        columns = zip(*(self._postings(field, token) for token in tokens), strict=True)
        for postings in columns:
            documents, occurrences = _side_by_side([part for part, _ in postings])
            numbers = postings[0][1][documents]
            lives = numbers >= 0
            found.append((numbers[lives], occurrences[lives]))
        return found

    def _postings(self, field: str, token: str) -> list[tuple[Postings, Ints]]:
        return self.snapshot.postings(field, token, self._read)

    def _numbers_with(self, field: str, token: str) -> Ints:
        numbers = np.concatenate([np.empty(0, np.int32), *(n[p.documents] for p, n in self._postings(field, token))])
        return np.sort(numbers[numbers >= 0])

    def _read(self, reader: SegmentReader, field: str, token: str) -> Postings:
        return self.cache.get((reader.segment_id, field, token), lambda: reader.postings(field, token))


def _side_by_side(postings: list[Postings]) -> tuple[Ints, Ints]:
    """Return the documents in which the tokens of `postings` stand in this order, and in how many places."""
    if len(postings) == 1:
        return postings[0].documents, postings[0].occurrences
    starts = _keys(postings[0])
    for offset, following in enumerate(postings[1:], start=1):
        starts = np.intersect1d(starts, _keys(following) - offset, assume_unique=True)
    documents, occurrences = np.unique(starts >> _POSITION_BITS, return_counts=True)
    return documents.astype(np.int32), occurrences.astype(np.int32)


def _keys(postings: Postings) -> Keys:
    """Return document and position of every occurrence as one number."""
    documents = np.repeat(postings.documents.astype(np.int64), postings.occurrences)
    return (documents << _POSITION_BITS) | postings.positions.astype(np.int64)
