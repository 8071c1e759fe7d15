"""Evaluates a query tree: which studies match, and with what score.

`engines.memory` defines what matches, `engines.scoring` the formula. Filters are applied by `counting`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.engines import scoring
from search.engines.arrays.bits import Bits, count_bits, pack, unpack
from search.engines.arrays.cache import ByteCache
from search.engines.arrays.occurrences import LeafOccurrences, OccurrenceFinder
from search.engines.arrays.segment import (
    Ints,
    Keys,
    Mask,
)
from search.engines.arrays.snapshot import Snapshot
from search.query.tree import (
    AllOf,
    AnyOf,
    Code,
    CodeMatch,
    Doi,
    Everything,
    Expansion,
    Leaf,
    MostOf,
    Node,
    Not,
    Prefix,
    TextLeaf,
    WithExpansion,
    YearRange,
    iterate_prefixes,
)

Weights = NDArray[np.float64]

_PACKED = 32
"""One study in so many: the number of each then takes as much memory as a bit for each of all."""

_FEW = 16
"""One study in so many: for fewer, sorting them is faster than going through all."""


@dataclass(frozen=True, slots=True)
class Match:
    """Whether each study matches, and its score: 0 where it does not match."""

    mask: Mask
    scores: Keys


@dataclass(frozen=True, slots=True)
class LeafMatch:
    """The studies that match a leaf, and what it adds to the score of each, as it is cached: 2 to 6 bytes a study.

    `studies` are their numbers; of many studies a row of bits (`is_packed`), with contributions by ascending number.
    """

    studies: Ints | Bits
    contributions: NDArray[np.unsignedinteger[Any]]
    is_packed: bool

    @classmethod
    def of(cls, numbers: Ints, contributions: NDArray[Any], studies: int) -> LeafMatch:
        """Return the match of the studies `numbers` of so many `studies`."""
        smallest = np.uint16 if contributions.max(initial=0) < 1 << 16 else np.uint32
        small: NDArray[np.unsignedinteger[Any]] = contributions.astype(smallest)
        if len(numbers) * _PACKED < studies:
            return cls(numbers, small, is_packed=False)
        mask, of_all = np.zeros(studies, np.bool_), np.zeros(studies, small.dtype)
        mask[numbers] = True
        of_all[numbers] = small
        return cls(pack(mask), of_all[mask], is_packed=True)

    def index(self, studies: int) -> Ints | Mask:
        """Return what selects the studies of the match from an array of all."""
        return unpack(self.studies, studies) if self.is_packed else self.studies  # type: ignore[arg-type, return-value]

    @property
    def nbytes(self) -> int:
        """The size of both arrays."""
        return self.studies.nbytes + self.contributions.nbytes


@dataclass(frozen=True, slots=True)
class WeightedFrequencies:
    """The numbers of the studies in whose texts a leaf occurs, in any order, with its weighted frequency in each.

    `is_truncated`: it is a prefix with more tokens than are searched. Cached apart from `LeafMatch`, because a word
    occurs in queries with and without its codes, alone and widened by the thesaurus.
    """

    numbers: Ints
    weights: Weights
    is_truncated: bool = False

    @property
    def nbytes(self) -> int:
        """The size of both arrays."""
        return self.numbers.nbytes + self.weights.nbytes


@dataclass(frozen=True, slots=True)
class QueryEvaluator:
    """Evaluates one query over a snapshot. Matches of leaves are cached under the snapshot's serial number."""

    snapshot: Snapshot
    cache: ByteCache
    finder: OccurrenceFinder

    def evaluate(self, node: Node) -> Match:
        """Return the studies that match `node`, with scores. An excluded part adds no score."""
        studies = self.snapshot.studies
        match node:
            case Everything():
                return Match(np.ones(studies, np.bool_), np.zeros(studies, np.int64))
            case Not(part):
                return Match(~self.evaluate(part).mask, np.zeros(studies, np.int64))
            case AllOf(parts):
                mask, scores = np.ones(studies, np.bool_), np.zeros(studies, np.int64)
                for match in map(self.evaluate, parts):
                    mask &= match.mask
                    scores += match.scores
                scores[~mask] = 0
                return Match(mask, scores)
            case AnyOf(parts):
                mask, scores = np.zeros(studies, np.bool_), np.zeros(studies, np.int64)
                for match in map(self.evaluate, parts):
                    mask |= match.mask
                    scores += match.scores
                return Match(mask, scores)
            case MostOf(parts, weights):
                return self._match_most([self.evaluate(part) for part in parts], weights)
            case _:
                return self._dense(self._leaf(node))

    def truncated_prefixes(self, node: Node) -> tuple[str, ...]:
        """Return the letters of the prefixes with more tokens than are searched."""
        return tuple(
            sorted({leaf.letters for leaf in iterate_prefixes(node) if self._weighted_frequencies(leaf).is_truncated})
        )

    def _match_most(self, found: list[Match], weights: tuple[int, ...]) -> Match:
        studies = self.snapshot.studies
        weighs, scores = np.zeros(studies, np.int64), np.zeros(studies, np.int64)
        mask, total = np.zeros(studies, np.bool_), 0
        for match, weight in zip(found, weights, strict=True):
            part = scoring.part_weight(weight, studies, int(np.count_nonzero(match.mask)))
            total += part
            mask |= match.mask
            weighs += match.mask * np.int64(part)
            scores += match.scores * np.int64(weight)
        mask &= scoring.is_most(weighs, total)
        return Match(mask, np.where(mask, scoring.covered_score(scores, weighs, total), 0))

    def _dense(self, leaf: LeafMatch) -> Match:
        mask, scores = np.zeros(self.snapshot.studies, np.bool_), np.zeros(self.snapshot.studies, np.int64)
        index = leaf.index(self.snapshot.studies)
        mask[index] = True
        scores[index] = leaf.contributions
        return Match(mask, scores)

    def _leaf(self, leaf: Leaf | WithExpansion) -> LeafMatch:
        return self.cache.get((self.snapshot.serial, leaf), lambda: self._match_leaf(leaf))

    def _match_leaf(self, leaf: Leaf | WithExpansion) -> LeafMatch:
        match leaf:
            case Doi(value):
                numbers = self._with_doi(value) if value else np.empty(0, np.int32)
                return self._match(numbers, np.full(len(numbers), int(scoring.DOI_SCORE), np.int32))
            case CodeMatch(codes):
                return self._match_unscored(self._code_weights(codes) > 0)
            case YearRange(first, last):
                years = self.snapshot.years
                return self._match_unscored(
                    (years >= (-np.inf if first is None else first)) & (years <= (np.inf if last is None else last))
                )
            case WithExpansion(own, added):
                return self._match_widened(self.evaluate(own), added)
            case _:
                return self._match_words(leaf)

    def _match_words(self, leaf: TextLeaf) -> LeafMatch:
        if not leaf.codes and not isinstance(leaf, Prefix):
            # Not cached as well: the match is, and takes as much memory.
            found = self._compute_weighted_frequencies(leaf)
            return self._score(found.numbers, found.weights)
        found = self._weighted_frequencies(leaf)
        weighted = self._code_weights(leaf.codes)
        # Two numbers give the same sum in either order; three would not, and scores must equal those of `memory`.
        weighted[found.numbers] += found.weights
        numbers = np.flatnonzero(weighted).astype(np.int32)
        return self._score(numbers, weighted[numbers])

    def _score(self, numbers: Ints, weights: Weights) -> LeafMatch:
        rarity = scoring.rarity(self.snapshot.studies, len(numbers))
        contributions = scoring.uncut_contribution(weights, rarity).astype(np.int32)
        return self._match(numbers, np.maximum(contributions, 1))

    def _match_widened(self, own: Match, added: Expansion) -> LeafMatch:
        weighted = np.zeros(self.snapshot.studies, np.float64)
        for leaf in added.leaves:
            found = self._weighted_frequencies(leaf)
            weighted[found.numbers] += found.weights
        weighted += self._code_weights(code for code in added.codes if self._is_selective(code))
        either = own.mask | (weighted > 0)
        rarity = scoring.rarity(self.snapshot.studies, int(np.count_nonzero(either)))
        additions = np.maximum(scoring.uncut_addition(weighted, rarity).astype(np.int64), 1)
        scores = (
            np.where(weighted > 0, additions, 0) + own.scores + own.mask * np.int64(scoring.own_words_bonus(rarity))
        )
        numbers = np.flatnonzero(either).astype(np.int32)
        return self._match(numbers, scores[numbers])

    def _is_selective(self, code: Code) -> bool:
        parameter, label = code
        rows = self.snapshot.codes.get(parameter)
        carrying = int(count_bits(rows.row(label)[np.newaxis])[0]) if rows else 0
        return scoring.is_selective(self.snapshot.studies, carrying)

    def _weighted_frequencies(self, leaf: TextLeaf) -> WeightedFrequencies:
        """Return the weighted frequencies of `leaf` in texts; its codes are not counted."""
        return self.cache.get((self.snapshot.serial, "texts", leaf), lambda: self._compute_weighted_frequencies(leaf))

    def _compute_weighted_frequencies(self, leaf: TextLeaf) -> WeightedFrequencies:
        if isinstance(leaf, Prefix):
            of_prefix = [self.finder.find_prefix(leaf, rule) for rule in scoring.RULES]
            found = [occurrences for occurrences, _ in of_prefix]
            is_truncated = any(is_truncated for _, is_truncated in of_prefix)
        else:
            found, is_truncated = self.finder.find(leaf), False
        if len(found) == 1 and self.snapshot.has_equal_norms:
            weighted = self._weights_under(scoring.RULES[0], found[0])
        else:
            by_rule = zip(scoring.RULES, found * 2, strict=False)
            weighted = _join_highest([self._weights_under(*each) for each in by_rule], self.snapshot.studies)
        return WeightedFrequencies(*weighted, is_truncated)

    def _weights_under(self, rule: str, found: LeafOccurrences) -> tuple[Ints, Weights]:
        """Return the studies with an occurrence, each once, and the weighted frequency in each under a rule set."""
        if not len(found.numbers):
            return found.numbers, np.empty(0, np.float64)
        norms = self.snapshot.norms(rule, found.fields, found.numbers)
        weights = self.snapshot.field_weights[found.fields] * found.occurrences / norms
        # Arrays over all studies would cost more than all the rest: most phrases of the thesaurus stand in few.
        is_first = np.ones(len(found.numbers), np.bool_)
        is_first[1:] = found.numbers[1:] != found.numbers[:-1]
        # bincount adds in the order of its input, field by field as the formula does: sums are equal to the last bit.
        sums: Weights = np.bincount(np.cumsum(is_first) - 1, weights).astype(np.float64, copy=False)
        return found.numbers[is_first], sums

    def _code_weights(self, codes: Iterable[Code]) -> Weights:
        weights = np.zeros(self.snapshot.studies, np.float64)
        for parameter, label in codes:
            if parameter in self.snapshot.codes:
                carrying = np.flatnonzero(unpack(self.snapshot.codes[parameter].row(label), self.snapshot.studies))
                roots = np.sqrt(self._count_codes(parameter)[carrying].astype(np.float64))
                shared = scoring.shared_code_weight(parameter, roots)
                weights[carrying] = np.maximum(weights[carrying], shared)
        return weights

    def _count_codes(self, parameter: str) -> NDArray[np.uint16]:
        """Return how many codes of `parameter` each study carries."""
        return self.cache.get((self.snapshot.serial, "codes", parameter), lambda: self._compute_count(parameter))

    def _compute_count(self, parameter: str) -> NDArray[np.uint16]:
        carried = np.zeros(self.snapshot.studies, np.uint16)
        for label in self.snapshot.codes[parameter].labels:
            carried += unpack(self.snapshot.codes[parameter].row(label), self.snapshot.studies)
        return carried

    def _match_unscored(self, mask: Mask) -> LeafMatch:
        numbers = np.flatnonzero(mask).astype(np.int32)
        return self._match(numbers, np.zeros(len(numbers), np.int32))

    def _match(self, numbers: Ints, contributions: NDArray[Any]) -> LeafMatch:
        return LeafMatch.of(numbers, contributions, self.snapshot.studies)

    def _with_doi(self, doi: str) -> Ints:
        found = [numbers[segment.with_doi(doi)] for segment, numbers in self.snapshot.segments()]
        numbers = np.sort(np.concatenate([np.empty(0, np.int32), *found]))
        return numbers[numbers >= 0]


def _join_highest(by_rule: list[tuple[Ints, Weights]], studies: int) -> tuple[Ints, Weights]:
    """Return the studies that have a weight under any rule set, each once, and the highest weight of each."""
    numbers = np.concatenate([numbers for numbers, _ in by_rule])
    weights = np.concatenate([weights for _, weights in by_rule])
    if not len(numbers):
        return numbers, weights
    if len(numbers) > studies // _FEW:
        highest = np.zeros(studies, np.float64)
        for of_rule, weights in by_rule:
            highest[of_rule] = np.maximum(highest[of_rule], weights)
        numbers = np.flatnonzero(highest).astype(np.int32)
        return numbers, highest[numbers]
    order = np.argsort(numbers, kind="stable")
    numbers, weights = numbers[order], weights[order]
    firsts = np.flatnonzero(np.diff(numbers, prepend=np.int32(-1)))
    return numbers[firsts], np.maximum.reduceat(weights, firsts)
