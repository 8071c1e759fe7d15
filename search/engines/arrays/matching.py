"""Evaluates a query tree: which studies match, and with what score.

`engines.memory` defines what matches, `engines.scoring` the formula. Filters are applied by `counting`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from search.contract import FIELDS
from search.engines import scoring
from search.engines.arrays.bits import count_bits, unpack
from search.engines.arrays.cache import ByteCache
from search.engines.arrays.heap import release_memory
from search.engines.arrays.segment import (
    ENTRY_BITS,
    POSITION_BITS,
    Ints,
    Keys,
    Mask,
    Places,
    Postings,
    Segment,
    join_keys,
)
from search.engines.arrays.snapshot import Snapshot
from search.query.tree import (
    MOST_PREFIX_TOKENS,
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
    Phrase,
    Prefix,
    TextLeaf,
    WithExpansion,
    Word,
    YearRange,
    iterate_prefixes,
)
from search.text.analysis import BREAK

Weights = NDArray[np.float64]

_MANY_POSITIONS = 200_000
"""The arrays of so many take some megabytes."""

_FEW = 16
"""One study in so many: for fewer, sorting them is faster than going through all."""


@dataclass(frozen=True, slots=True)
class Match:
    """Whether each study matches, and its score: 0 where it does not match."""

    mask: Mask
    scores: Keys


@dataclass(frozen=True, slots=True)
class LeafMatch:
    """The numbers of the studies that match a leaf, ascending, and what it adds to the score of each."""

    numbers: Ints
    contributions: Ints

    @property
    def nbytes(self) -> int:
        """The size of both arrays."""
        return self.numbers.nbytes + self.contributions.nbytes


@dataclass(frozen=True, slots=True)
class WeightedFrequencies:
    """The numbers of the studies in whose texts a leaf occurs, ascending, with its weighted frequency in each.

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
class QueryEvaluator:
    """Evaluates one query over a snapshot. Matches of leaves are cached under the snapshot's serial number."""

    snapshot: Snapshot
    cache: ByteCache
    places: dict[tuple[int, str, str], list[Places]] = field(default_factory=dict)

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
        mask[leaf.numbers] = True
        scores[leaf.numbers] = leaf.contributions
        return Match(mask, scores)

    def _leaf(self, leaf: Leaf | WithExpansion) -> LeafMatch:
        return self.cache.get((self.snapshot.serial, leaf), lambda: self._match_leaf(leaf))

    def release_memory(self) -> None:
        """Give up the positions that were read, and return their memory to the system if they were many."""
        read = sum(len(part.positions) for parts in self.places.values() for part in parts)
        self.places.clear()
        if read > _MANY_POSITIONS:
            release_memory()

    def _match_leaf(self, leaf: Leaf | WithExpansion) -> LeafMatch:
        match leaf:
            case Doi(value):
                numbers = self._with_doi(value) if value else np.empty(0, np.int32)
                return LeafMatch(numbers, np.full(len(numbers), int(scoring.DOI_SCORE), np.int32))
            case CodeMatch(codes):
                return _unscored(self._code_weights(codes) > 0)
            case YearRange(first, last):
                years = self.snapshot.years
                return _unscored(
                    (years >= (-np.inf if first is None else first)) & (years <= (np.inf if last is None else last))
                )
            case WithExpansion(own, added):
                return self._match_widened(self.evaluate(own), added)
            case _:
                return self._match_words(leaf)

    def _match_words(self, leaf: TextLeaf) -> LeafMatch:
        found = self._weighted_frequencies(leaf)
        if not leaf.codes:
            return self._score(found.numbers, found.weights)
        weighted = self._code_weights(leaf.codes)
        # Two numbers give the same sum in either order; three would not, and scores must equal those of `memory`.
        weighted[found.numbers] += found.weights
        numbers = np.flatnonzero(weighted).astype(np.int32)
        return self._score(numbers, weighted[numbers])

    def _score(self, numbers: Ints, weights: Weights) -> LeafMatch:
        rarity = scoring.rarity(self.snapshot.studies, len(numbers))
        contributions = scoring.uncut_contribution(weights, rarity).astype(np.int32)
        return LeafMatch(numbers, np.maximum(contributions, 1))

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
        return LeafMatch(numbers, scores[numbers].astype(np.int32))

    def _is_selective(self, code: Code) -> bool:
        parameter, label = code
        rows = self.snapshot.codes.get(parameter)
        carrying = int(count_bits(rows.row(label)[np.newaxis])[0]) if rows else 0
        return scoring.is_selective(self.snapshot.studies, carrying)

    def _weighted_frequencies(self, leaf: TextLeaf) -> WeightedFrequencies:
        """Return the weighted frequencies of `leaf` in texts; its codes are not counted."""
        return self.cache.get((self.snapshot.serial, "texts", leaf), lambda: self._compute_weighted_frequencies(leaf))

    def _compute_weighted_frequencies(self, leaf: TextLeaf) -> WeightedFrequencies:
        is_truncated = False
        by_rule = []
        for rule in scoring.RULES:
            if isinstance(leaf, Prefix):
                found, is_prefix_truncated = self._occurrences_of_prefix(leaf, rule)
                is_truncated |= is_prefix_truncated
            else:
                found = self._occurrences_of_tokens(leaf, rule)
            by_rule.append(self._weights_under(rule, found))
        return WeightedFrequencies(*_join_highest(by_rule, self.snapshot.studies), is_truncated)

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

    def _occurrences_of_tokens(self, leaf: Word | Phrase, rule: str) -> LeafOccurrences:
        wanted = leaf.es if rule == "es" else leaf.en
        tokens = (wanted,) if isinstance(wanted, str) else wanted
        if not tokens or BREAK in tokens:
            return LeafOccurrences.of([])
        return self._occurrences(rule, tokens, leaf.field)

    def _occurrences_of_prefix(self, leaf: Prefix, rule: str) -> tuple[LeafOccurrences, bool]:
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

    def _code_weights(self, codes: Iterable[Code]) -> Weights:
        weights = np.zeros(self.snapshot.studies, np.float64)
        for parameter, label in codes:
            if parameter in self.snapshot.codes:
                carrying = np.flatnonzero(unpack(self.snapshot.codes[parameter].row(label), self.snapshot.studies))
                weights[carrying] = np.maximum(weights[carrying], self._shared_weights(parameter)[carrying])
        return weights

    def _shared_weights(self, parameter: str) -> Weights:
        """Return what a code of `parameter` adds in each study that carries it."""
        return self.cache.get((self.snapshot.serial, "shared", parameter), lambda: self._compute_shared(parameter))

    def _compute_shared(self, parameter: str) -> Weights:
        carried = np.zeros(self.snapshot.studies, np.int64)
        for label in self.snapshot.codes[parameter].labels:
            carried += unpack(self.snapshot.codes[parameter].row(label), self.snapshot.studies)
        return scoring.shared_code_weight(parameter, np.sqrt(np.maximum(carried, 1)))

    def _occurrences(self, rule: str, tokens: tuple[str, ...], field: str) -> LeafOccurrences:
        """Return where the tokens stand side by side in live studies, in `field`, or in any field if it is ""."""
        found = []
        for segment, study_numbers in self.snapshot.segments():
            postings = self._postings(segment, rule, tokens)
            if not len(postings.entries):
                continue
            numbers = study_numbers[postings.entries >> ENTRY_BITS]
            fields = (postings.entries & ((1 << ENTRY_BITS) - 1)).astype(np.int32)
            kept = numbers >= 0 if not field else (numbers >= 0) & (fields == FIELDS.index(field))
            found.append((numbers[kept], fields[kept], postings.occurrences[kept]))
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
            starts = join_keys(self._places(segment, rule, tokens[rarest])) - rarest
            for offset in others:
                if not len(starts):
                    break
                candidates = np.zeros(len(segment.study_ids) << ENTRY_BITS, np.bool_)
                candidates[(starts + rarest) >> POSITION_BITS] = True
                keys = join_keys(self._places(segment, rule, tokens[offset]), candidates)
                starts = _followed_by(starts, keys, offset)
        if not len(starts):
            return Postings(np.empty(0, np.uint32), np.empty(0, np.int32))
        entries, occurrences = np.unique(starts >> POSITION_BITS, return_counts=True)
        return Postings(entries.astype(np.uint32), occurrences.astype(np.int32))

    def _places(self, segment: Segment, rule: str, token: str) -> list[Places]:
        """Return the places of a token; read once for all phrases of a query."""
        # An id is safe as a key: the snapshot keeps its segments alive.
        key = (id(segment), rule, token)
        if key not in self.places:
            self.places[key] = segment.places(rule, token)
        return self.places[key]

    def _with_doi(self, doi: str) -> Ints:
        found = [numbers[segment.with_doi(doi)] for segment, numbers in self.snapshot.segments()]
        numbers = np.sort(np.concatenate([np.empty(0, np.int32), *found]))
        return numbers[numbers >= 0]


def _join_highest(by_rule: list[tuple[Ints, Weights]], studies: int) -> tuple[Ints, Weights]:
    """Return the studies that have a weight under any rule set, ascending, and the highest weight of each."""
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


def _unscored(mask: Mask) -> LeafMatch:
    numbers = np.flatnonzero(mask).astype(np.int32)
    return LeafMatch(numbers, np.zeros(len(numbers), np.int32))


def _followed_by(starts: Keys, keys: Keys, offset: int) -> Keys:
    """Return those of `starts` for which `start + offset` is among the ascending `keys`."""
    if not len(keys):
        return keys
    wanted = starts + offset
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    followed: Keys = starts[keys[at] == wanted]
    return followed
