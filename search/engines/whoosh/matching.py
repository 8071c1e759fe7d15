"""Which studies match a query, and how well. The meaning is that of `engines.memory`, the numbers of `scoring`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search import scoring
from search.documents import BREAK, FIELDS
from search.engines.whoosh import schema as layout
from search.engines.whoosh.cache import ByteCache
from search.engines.whoosh.segments import Ints, Postings, SegmentReader
from search.engines.whoosh.snapshot import Keys, Mask, Snapshot, popcounts, unpack
from search.querytree import (
    MOST_PREFIX_TOKENS,
    All,
    Any,
    Code,
    Coded,
    Doi,
    Everything,
    Expansion,
    Leaf,
    Node,
    Not,
    Phrase,
    Prefix,
    Widened,
    Word,
    Worded,
    Years,
    prefixes,
)

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
class Weighted:
    """The studies in whose texts a leaf occurs, ascending, and their weighted frequencies. `cut`: of a prefix."""

    numbers: Ints
    weights: NDArray[np.float64]
    cut: bool = False

    @property
    def nbytes(self) -> int:
        """Bytes of both arrays."""
        return self.numbers.nbytes + self.weights.nbytes


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
            case _:
                return self._dense(self._leaf(node))

    def cut(self, node: Node) -> tuple[str, ...]:
        """Return the letters of the prefixes that begin more tokens than are sought."""
        return tuple(sorted({leaf.letters for leaf in prefixes(node) if self._weighted(leaf).cut}))

    def _dense(self, leaf: LeafMatch) -> Match:
        mask, scores = np.zeros(self.snapshot.studies, np.bool_), np.zeros(self.snapshot.studies, np.int64)
        mask[leaf.numbers] = True
        scores[leaf.numbers] = leaf.contributions
        return Match(mask, scores)

    def _leaf(self, leaf: Leaf | Widened) -> LeafMatch:
        return self.cache.get((self.snapshot.serial, leaf), lambda: self._match_leaf(leaf))

    def _match_leaf(self, leaf: Leaf | Widened) -> LeafMatch:
        match leaf:
            case Doi(value):
                numbers = self._numbers_with(layout.DOI, value) if value else np.empty(0, np.int32)
                return LeafMatch(numbers, np.full(len(numbers), int(scoring.DOI_SCORE), np.int64))
            case Coded(codes):
                return _unscored(self._code_weights(codes) > 0)
            case Years(first, last):
                years = self.snapshot.years
                return _unscored(
                    (years >= (-np.inf if first is None else first)) & (years <= (np.inf if last is None else last))
                )
            case Widened(own, added):
                return self._match_widened(self.evaluate(own), added)
            case _:
                return self._match_words(leaf)

    def _match_words(self, leaf: Worded) -> LeafMatch:
        found = self._weighted(leaf)
        weighted = self._code_weights(leaf.codes)
        # The texts come first, as in `memory`: a sum of two numbers does not depend on their order.
        weighted[found.numbers] += found.weights
        numbers = np.flatnonzero(weighted).astype(np.int32)
        rarity = scoring.rarity(self.snapshot.studies, len(numbers))
        contributions = scoring.saturated(weighted[numbers], rarity).astype(np.int64)
        return LeafMatch(numbers, np.maximum(contributions, 1))

    def _match_widened(self, own: Match, added: Expansion) -> LeafMatch:
        weighted = np.zeros(self.snapshot.studies, np.float64)
        for leaf in added.leaves:
            found = self._weighted(leaf)
            weighted[found.numbers] += found.weights
        weighted += self._code_weights(code for code in added.codes if self._is_telling(code))
        either = own.mask | (weighted > 0)
        rarity = scoring.rarity(self.snapshot.studies, int(np.count_nonzero(either)))
        additions = np.maximum(scoring.widening(weighted, rarity).astype(np.int64), 1)
        scores = np.where(weighted > 0, additions, 0) + own.scores + own.mask * np.int64(scoring.own_bonus(rarity))
        numbers = np.flatnonzero(either).astype(np.int32)
        return LeafMatch(numbers, scores[numbers])

    def _is_telling(self, code: Code) -> bool:
        parameter, label = code
        rows = self.snapshot.codes.get(parameter)
        carrying = int(popcounts(rows.row(label)[np.newaxis])[0]) if rows else 0
        return scoring.is_telling(self.snapshot.studies, carrying)

    def _weighted(self, leaf: Worded) -> Weighted:
        """Return the weighted frequencies of `leaf` in the texts; its codes are not asked for."""
        return self.cache.get((self.snapshot.serial, "texts", leaf), lambda: self._weigh(leaf))

    def _weigh(self, leaf: Worded) -> Weighted:
        weighted, is_cut = np.zeros(self.snapshot.studies, np.float64), False
        for rule in scoring.RULES:
            under_rule = np.zeros(self.snapshot.studies, np.float64)
            occurring: Iterable[tuple[str, Ints, Ints]]
            if isinstance(leaf, Prefix):
                occurring, cut = self._occurrences_of_prefix(leaf, rule)
                is_cut |= cut
            else:
                occurring = self._occurrences_of_run(leaf, rule)
            for name, numbers, occurrences in occurring:
                norms = self.snapshot.norms(name, rule)
                under_rule[numbers] += scoring.field_weight(name, occurrences.astype(np.float64), norms[numbers])
            np.maximum(weighted, under_rule, out=weighted)
        numbers = np.flatnonzero(weighted).astype(np.int32)
        return Weighted(numbers, weighted[numbers], is_cut)

    def _occurrences_of_run(self, leaf: Word | Phrase, rule: str) -> Iterator[tuple[str, Ints, Ints]]:
        """Yield (field, studies, occurrences), fields in order, segment by segment."""
        wanted = leaf.es if rule == "es" else leaf.en
        tokens = (wanted,) if isinstance(wanted, str) else wanted
        if not tokens or BREAK in tokens:
            return
        for name in _fields(leaf):
            for numbers, occurrences in self._occurrences(layout.text_field(name, rule), tokens):
                yield name, numbers, occurrences

    def _occurrences_of_prefix(self, leaf: Prefix, rule: str) -> tuple[list[tuple[str, Ints, Ints]], bool]:
        """Return what `_occurrences_of_run` yields, all tokens of a field together, and whether some were left out."""
        own = leaf.es if rule == "es" else leaf.en
        fields = {name: layout.text_field(name, rule) for name in _fields(leaf)}
        beginning = {token for field in fields.values() for token in self.snapshot.tokens(field, leaf.letters)}
        counts = {name: np.zeros(self.snapshot.studies, np.int32) for name in fields}
        sought = 0
        for token in sorted(beginning | ({own} - {BREAK}), key=lambda token: (len(token), token)):
            found = [
                (name, numbers, occurrences)
                for name, field in fields.items()
                for numbers, occurrences in self._occurrences(field, (token,))
                if len(numbers)
            ]
            # A token that only deleted documents hold does not stand in the bank.
            if found and sought == MOST_PREFIX_TOKENS:
                return _counted(counts), True
            sought += bool(found)
            for name, numbers, occurrences in found:
                counts[name][numbers] += occurrences
        return _counted(counts), False

    def _code_weights(self, codes: Iterable[Code]) -> NDArray[np.float64]:
        weights = np.zeros(self.snapshot.studies, np.float64)
        for code in reversed(scoring.by_weight(codes)):
            parameter, label = code
            if parameter in self.snapshot.codes:
                row = self.snapshot.codes[parameter].row(label)
                weights[unpack(row, self.snapshot.studies)] = scoring.code_weight(code)
        return weights

    def _occurrences(self, field: str, tokens: tuple[str, ...]) -> Iterator[tuple[Ints, Ints]]:
        """Yield for each segment the live studies in whose `field` the tokens stand side by side, and how often."""
        for reader, study_numbers in self.snapshot.segments():
            documents, occurrences = self._side_by_side(reader, field, tokens)
            if len(documents):
                numbers = study_numbers[documents]
                lives = numbers >= 0
                yield numbers[lives], occurrences[lives]

    def _side_by_side(self, reader: SegmentReader, field: str, tokens: tuple[str, ...]) -> tuple[Ints, Ints]:
        """Return the documents of a segment in which the tokens stand in this order, and in how many places.

        The rarest token is read first: most phrases of the thesaurus end there, before "de" and "la" are read.
        """
        if len(tokens) == 1:
            postings = self._read(reader, field, tokens[0])
            return postings.documents, postings.occurrences
        frequencies = [reader.frequency(field, token) for token in tokens]
        starts = np.empty(0, np.int64)
        if all(frequencies):
            rarest, *others = sorted(range(len(tokens)), key=frequencies.__getitem__)
            starts = _keys(self._read(reader, field, tokens[rarest])) - rarest
            for offset in others:
                if not len(starts):
                    break
                starts = _followed(starts, _keys(self._read(reader, field, tokens[offset])), offset)
        documents, occurrences = np.unique(starts >> _POSITION_BITS, return_counts=True)
        return documents.astype(np.int32), occurrences.astype(np.int32)

    def _numbers_with(self, field: str, token: str) -> Ints:
        found = [numbers for numbers, _ in self._occurrences(field, (token,))]
        return np.sort(np.concatenate([np.empty(0, np.int32), *found]))

    def _read(self, reader: SegmentReader, field: str, token: str) -> Postings:
        return self.cache.get((reader.segment_id, field, token), lambda: reader.postings(field, token))


def _fields(leaf: Worded) -> tuple[str, ...]:
    return (leaf.field,) if leaf.field else FIELDS


def _unscored(mask: Mask) -> LeafMatch:
    numbers = np.flatnonzero(mask).astype(np.int32)
    return LeafMatch(numbers, np.zeros(len(numbers), np.int64))


def _counted(counts: dict[str, Ints]) -> list[tuple[str, Ints, Ints]]:
    found = ((name, np.flatnonzero(occurrences).astype(np.int32), occurrences) for name, occurrences in counts.items())
    return [(name, numbers, occurrences[numbers]) for name, numbers, occurrences in found]


def _followed(starts: Keys, keys: Keys, offset: int) -> Keys:
    """Return those of `starts` that have one of the ascending `keys` so many places after them."""
    wanted = starts + offset
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    followed: Keys = starts[keys[at] == wanted]
    return followed


def _keys(postings: Postings) -> Keys:
    """Return document and position of every occurrence as one number."""
    documents = np.repeat(postings.documents.astype(np.int64), postings.occurrences)
    return (documents << _POSITION_BITS) | postings.positions.astype(np.int64)
