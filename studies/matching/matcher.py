"""Finds, among many known records, those that may be one publication or one work with another. Pure.

Each record is looked up by the rarest of its features (DOI, words and pairs of words of its titles, family names,
place in a journal), so that 20,000 known records cost no more than a few comparisons each.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import nsmallest
from itertools import pairwise
from typing import NamedTuple

from studies.matching.comparing import Kind, compare
from studies.matching.portrait import Portrait
from studies.records import StudyRecord

MOST_READ = 600
"""Entries that are read for one record: the common words come last, and are left out."""
LEAST_FEATURES = 6
LONGEST_LIST = 5_000
"""A feature of more records than this tells nothing of one."""
MOST_COMPARED = 8
LEAST_SHARED = 0.2
"""Of the weight of the record that says less, the part that both must share to be compared."""


class Known(NamedTuple):
    """A record and the number of the study that answers for it.

    One study may have several: its own, and those of the studies that were merged into it. Only the bibliographic
    fields of the record are read. Rows of a file that are no studies yet may have numbers below zero.
    """

    study_id: int
    record: StudyRecord


@dataclass(frozen=True, slots=True)
class Candidate:
    """A study that a record may be. `score` from 0 to 100; `reasons` are sentences for the curator."""

    study_id: int
    kind: Kind
    score: int
    reasons: tuple[str, ...]


class Pair(NamedTuple):
    """Two known studies, the smaller number first, and what they may be to one another."""

    first: int
    second: int
    kind: Kind
    score: int
    reasons: tuple[str, ...]


class Matcher:
    """Known records, by their features. `places`: folded words of countries and regions, see `compare`."""

    def __init__(self, known: Iterable[Known] = (), places: frozenset[str] = frozenset()) -> None:
        self._places = places
        self._portraits: list[Portrait | None] = []
        self._studies: list[int] = []
        self._sizes: list[int] = []
        self._entries_of: dict[int, list[int]] = defaultdict(list)
        self._lists: dict[str, list[int]] = defaultdict(list)
        for study_id, record in known:
            self.add(study_id, record)

    def __len__(self) -> int:
        return len(self._entries_of)

    def add(self, study_id: int, record: StudyRecord) -> None:
        """Know one more record; those that the study has already stay."""
        entry = len(self._portraits)
        portrait = Portrait.of(record)
        self._portraits.append(portrait)
        self._studies.append(study_id)
        self._entries_of[study_id].append(entry)
        features = _features(portrait)
        self._sizes.append(len(features))
        for feature in features:
            self._lists[feature].append(entry)

    def discard(self, study_id: int) -> None:
        """Forget all records of a study, if any is known."""
        for entry in self._entries_of.pop(study_id, ()):
            portrait, self._portraits[entry] = self._portraits[entry], None
            if portrait is not None:
                for feature in _features(portrait):
                    self._lists[feature].remove(entry)

    def candidates(self, record: StudyRecord) -> list[Candidate]:
        """Return the known studies that `record` may be, the likeliest first; each study once."""
        best: dict[int, Candidate] = {}
        for study_id, candidate in self._found(Portrait.of(record)):
            if study_id not in best or candidate.score > best[study_id].score:
                best[study_id] = candidate
        return sorted(best.values(), key=lambda found: (-found.score, found.study_id))

    def pairs(self) -> Iterator[Pair]:
        """Yield every two known studies that may be one, each pair once."""
        best: dict[tuple[int, int], Pair] = {}
        compared: set[tuple[int, int]] = set()
        for entry, portrait in enumerate(self._portraits):
            if portrait is not None:
                for other, found in self._found(portrait, entry, compared):
                    pair = _pair(self._studies[entry], other, found)
                    if pair.first != pair.second and (pair[:2] not in best or pair.score > best[pair[:2]].score):
                        best[pair[:2]] = pair
        yield from best.values()

    def pairs_with(self, study_id: int) -> list[Pair]:
        """Return the pairs of one known study with others, each once, the likeliest first."""
        best: dict[int, Pair] = {}
        for entry in self._entries_of.get(study_id, ()):
            portrait = self._portraits[entry]
            assert portrait is not None
            for other, found in self._found(portrait):
                if other != study_id and (other not in best or found.score > best[other].score):
                    best[other] = _pair(study_id, other, found)
        return sorted(best.values(), key=lambda pair: (-pair.score, pair.first, pair.second))

    def _found(
        self, portrait: Portrait, own: int | None = None, compared: set[tuple[int, int]] | None = None
    ) -> Iterator[tuple[int, Candidate]]:
        """Yield what `portrait` may be. What stands in `compared` is not compared again, and what is, is put there."""
        for entry in self._nearest(portrait):
            other = self._portraits[entry]
            if other is None or other is portrait:
                continue
            if own is not None and compared is not None:
                both = (min(own, entry), max(own, entry))
                if both in compared:
                    continue
                compared.add(both)
            if found := compare(portrait, other, self._places):
                study_id = self._studies[entry]
                yield study_id, Candidate(study_id, found.kind, found.score, found.reasons)

    def _nearest(self, portrait: Portrait) -> list[int]:
        """Return the entries that share most with `portrait` for what they say, rare features counting more."""
        lists = [self._lists[feature] for feature in _features(portrait) if feature in self._lists]
        lists.sort(key=len)
        total = len(self._portraits)
        weights: dict[int, float] = defaultdict(float)
        read, used, whole = 0, 0, 0.0
        for place, entries in enumerate(lists):
            if len(entries) > LONGEST_LIST or (place >= LEAST_FEATURES and read + len(entries) > MOST_READ):
                break
            weight = math.log(1 + total / (1 + len(entries)))
            for entry in entries:
                weights[entry] += weight
            read += len(entries)
            whole += weight
            used += 1
        if not weights:
            return []
        each = whole / used
        # A draft that has hardly more than its title shares all of it with a full record, which shares little.
        near = [
            entry for entry, shared in weights.items() if shared >= LEAST_SHARED * min(whole, each * self._sizes[entry])
        ]
        return nsmallest(
            MOST_COMPARED + 1, near, key=lambda entry: (-weights[entry] / math.sqrt(self._sizes[entry]), entry)
        )


def _pair(one: int, other: int, found: Candidate) -> Pair:
    first, second = sorted((one, other))
    return Pair(first, second, found.kind, found.score, found.reasons)


def _features(portrait: Portrait) -> set[str]:
    """Return what a record is looked up by. The pairs of words keep titles of common words apart."""
    found: set[str] = set()
    for title in portrait.titles:
        found.update(title.words)
        found.update(f"{one} {other}" for one, other in pairwise(title.words))
    for name in portrait.names:
        found.update(f"n:{word}" for word in name.family)
    if portrait.doi:
        found.add(f"d:{portrait.doi}")
    if portrait.volume and portrait.page:
        found.add(f"p:{portrait.volume}:{portrait.page}")
    return found
