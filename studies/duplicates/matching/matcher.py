"""Finds, among many known records, those that may be one publication or one work with another. Pure.

Each record is looked up by the rarest of its features (DOI, words and pairs of words of its titles, family names,
place in a journal), so that 20,000 known records cost no more than a few comparisons each.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import pairwise
from typing import NamedTuple

from studies.duplicates.matching.comparing import Kind, Likeness, compare
from studies.duplicates.matching.portrait import Portrait
from studies.records.study import StudyRecord

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


VERSION = 1
"""Raise it when two records may now be judged otherwise: what was found before is then searched again."""


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

    @classmethod
    def of(cls, one: int, other: int, found: Candidate | Likeness) -> Pair:
        """Return the pair of two studies that may be what `found` says."""
        return cls(min(one, other), max(one, other), found.kind, found.score, found.reasons)


class Matcher:
    """Known records, by their features. `places`: folded words of countries and regions, see `compare`."""

    def __init__(self, known: Iterable[Known] = (), places: frozenset[str] = frozenset()) -> None:
        self._places = places
        self._portraits: list[Portrait] = []
        self._studies: list[int] = []
        self._sizes: list[int] = []
        self._lists: dict[str, list[int]] = defaultdict(list)
        for study_id, record in known:
            self.add(study_id, record)

    def __len__(self) -> int:
        return len(set(self._studies))

    def add(self, study_id: int, record: StudyRecord) -> None:
        """Know one more record; those that the study has already stay."""
        entry = len(self._portraits)
        portrait = Portrait.of(record)
        self._portraits.append(portrait)
        self._studies.append(study_id)
        features = features_of(portrait)
        self._sizes.append(len(features))
        for feature in features:
            self._lists[feature].append(entry)

    def features(self) -> Iterator[set[str]]:
        """Yield the features of every record, in the order in which they came."""
        return map(features_of, self._portraits)

    def candidates(self, record: StudyRecord) -> list[Candidate]:
        """Return the known studies that `record` may be, the likeliest first; each study once."""
        best: dict[int, Candidate] = {}
        for study_id, candidate in self._found(Portrait.of(record)):
            if study_id not in best or candidate.score > best[study_id].score:
                best[study_id] = candidate
        return sorted(best.values(), key=lambda found: (-found.score, found.study_id))

    def pairs(self, tell: Callable[[int], object] = lambda done: None) -> Iterator[Pair]:
        """Yield every two known studies that may be one, each pair once. `tell` hears how many records are done."""
        best: dict[tuple[int, int], Pair] = {}
        compared: set[tuple[int, int]] = set()
        for entry, portrait in enumerate(self._portraits):
            for other, found in self._found(portrait, entry, compared):
                pair = Pair.of(self._studies[entry], other, found)
                if pair.first != pair.second and (pair[:2] not in best or pair.score > best[pair[:2]].score):
                    best[pair[:2]] = pair
            tell(entry + 1)
        yield from best.values()

    def _found(
        self, portrait: Portrait, own: int | None = None, compared: set[tuple[int, int]] | None = None
    ) -> Iterator[tuple[int, Candidate]]:
        """Yield what `portrait` may be. What stands in `compared` is not compared again, and what is, is put there."""
        for entry in self._nearest(portrait):
            other = self._portraits[entry]
            if other is portrait:
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
        lists = {feature: self._lists[feature] for feature in features_of(portrait) if feature in self._lists}
        read = read_of({feature: len(entries) for feature, entries in lists.items()})
        return nearest([lists[feature] for feature in read], self._sizes, len(self._portraits))


def read_of(lengths: Mapping[str, int]) -> list[str]:
    """Return the features whose lists are read, the rarest first, given how many records have each."""
    read = 0
    found: list[str] = []
    for feature in sorted(lengths, key=lambda feature: (lengths[feature], feature)):
        length = lengths[feature]
        if length > LONGEST_LIST or (len(found) >= LEAST_FEATURES and read + length > MOST_READ):
            break
        read += length
        found.append(feature)
    return found


def nearest(lists: Sequence[Sequence[int]], sizes: Mapping[int, int] | Sequence[int], total: int) -> list[int]:
    """Return the entries that share most with a record for what they say, rare features counting more.

    `lists`: the entries that have a feature of the record, one list for each of `read_of`. `sizes`: how many features
    an entry has. `total`: how many entries there are.
    """
    weights: dict[int, float] = defaultdict(float)
    whole = 0.0
    for entries in lists:
        weight = math.log(1 + total / (1 + len(entries)))
        for entry in entries:
            weights[entry] += weight
        whole += weight
    if not weights:
        return []
    each = whole / len(lists)
    # A draft that has hardly more than its title shares all of it with a full record, which shares little.
    near = [entry for entry, shared in weights.items() if shared >= LEAST_SHARED * min(whole, each * sizes[entry])]
    return nsmallest(MOST_COMPARED + 1, near, key=lambda entry: (-weights[entry] / math.sqrt(sizes[entry]), entry))


def features_of(portrait: Portrait) -> set[str]:
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
