"""Finds, among many known records, the candidates for being one publication or one work. Pure.

Records are blocked by their rarest features (DOI, words and pairs of words of titles, family names, place in a
journal), so that each costs only a few comparisons among 20,000 known records.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import pairwise
from typing import NamedTuple

from studies.duplicates.matching.comparing import MatchKind, RecordMatch, compare_records
from studies.duplicates.matching.record_profile import RecordProfile
from studies.records.study import StudyRecord

MOST_ENTRIES_READ = 600
"""The most entries of features that are read for one record: common words come last, and are left out."""
LEAST_FEATURES = 6
LONGEST_LIST = 5_000
"""A feature that more records have says too little of one, and is not read."""
MOST_COMPARED = 8
LEAST_SHARED = 0.2
"""The part of the weight of the record with fewer features that both must share to be compared."""


class KnownRecord(NamedTuple):
    """A record and the id of its study.

    One study may have several: its own, and those of the studies that were merged into it. Only bibliographic fields
    of the record are read. Rows of a file that are not studies yet have ids below zero.
    """

    study_id: int
    record: StudyRecord


VERSION = 2
"""Raise it with every change that may judge two records otherwise, so that the whole bank is searched again."""


@dataclass(frozen=True, slots=True)
class DuplicateCandidate:
    """A study that a record may be. `score` is from 0 to 100; `reasons` are sentences for the curator."""

    study_id: int
    kind: MatchKind
    score: int
    reasons: tuple[str, ...]


class StudyPair(NamedTuple):
    """Two known studies, the smaller id first, and how they match."""

    first: int
    second: int
    kind: MatchKind
    score: int
    reasons: tuple[str, ...]

    @classmethod
    def of(cls, one: int, other: int, found: DuplicateCandidate | RecordMatch) -> StudyPair:
        """Make the pair of two studies in either order that match as `found` says."""
        return cls(min(one, other), max(one, other), found.kind, found.score, found.reasons)


class DuplicateMatcher:
    """An inverted index of known records by their features. `places`: see `compare_records`."""

    def __init__(self, known: Iterable[KnownRecord] = (), places: frozenset[str] = frozenset()) -> None:
        self._places = places
        self._profiles: list[RecordProfile] = []
        self._studies: list[int] = []
        self._sizes: list[int] = []
        self._lists: dict[str, list[int]] = defaultdict(list)
        for study_id, record in known:
            self.add(study_id, record)

    def __len__(self) -> int:
        return len(set(self._studies))

    def add(self, study_id: int, record: StudyRecord) -> None:
        """Add one more record of a study."""
        entry = len(self._profiles)
        profile = RecordProfile.of(record)
        self._profiles.append(profile)
        self._studies.append(study_id)
        features = extract_features(profile)
        self._sizes.append(len(features))
        for feature in features:
            self._lists[feature].append(entry)

    def features(self) -> Iterator[set[str]]:
        """Yield the features of every record, in the order of adding."""
        return map(extract_features, self._profiles)

    def candidates(self, record: StudyRecord) -> list[DuplicateCandidate]:
        """Return the known studies that `record` may be, each once, those with the highest score first."""
        best: dict[int, DuplicateCandidate] = {}
        for study_id, candidate in self._found(RecordProfile.of(record)):
            if study_id not in best or candidate.score > best[study_id].score:
                best[study_id] = candidate
        return sorted(best.values(), key=lambda found: (-found.score, found.study_id))

    def pairs(self, tell: Callable[[int], object] = lambda done: None) -> Iterator[StudyPair]:
        """Yield each pair of known studies that may be one, once. `tell` is called with the number of records done."""
        best: dict[tuple[int, int], StudyPair] = {}
        compared: set[tuple[int, int]] = set()
        for entry, profile in enumerate(self._profiles):
            for other, found in self._found(profile, entry, compared):
                pair = StudyPair.of(self._studies[entry], other, found)
                if pair.first != pair.second and (pair[:2] not in best or pair.score > best[pair[:2]].score):
                    best[pair[:2]] = pair
            tell(entry + 1)
        yield from best.values()

    def _found(
        self, profile: RecordProfile, own: int | None = None, compared: set[tuple[int, int]] | None = None
    ) -> Iterator[tuple[int, DuplicateCandidate]]:
        """Yield the candidates for `profile`, skipping the pairs of entries in `compared`, which it extends."""
        for entry in self._nearest(profile):
            other = self._profiles[entry]
            if other is profile:
                continue
            if own is not None and compared is not None:
                both = (min(own, entry), max(own, entry))
                if both in compared:
                    continue
                compared.add(both)
            if found := compare_records(profile, other, self._places):
                study_id = self._studies[entry]
                yield study_id, DuplicateCandidate(study_id, found.kind, found.score, found.reasons)

    def _nearest(self, profile: RecordProfile) -> list[int]:
        lists = {feature: self._lists[feature] for feature in extract_features(profile) if feature in self._lists}
        read = select_features({feature: len(entries) for feature, entries in lists.items()})
        return find_nearest([lists[feature] for feature in read], self._sizes, len(self._profiles))


def select_features(lengths: Mapping[str, int]) -> list[str]:
    """Return the features whose lists are read, the rarest first. `lengths`: how many records have each."""
    read = 0
    found: list[str] = []
    for feature in sorted(lengths, key=lambda feature: (lengths[feature], feature)):
        length = lengths[feature]
        if length > LONGEST_LIST or (len(found) >= LEAST_FEATURES and read + length > MOST_ENTRIES_READ):
            break
        read += length
        found.append(feature)
    return found


def find_nearest(lists: Sequence[Sequence[int]], sizes: Mapping[int, int] | Sequence[int], total: int) -> list[int]:
    """Return the entries that share most with a record, weighted by the rarity of features.

    `lists` holds the entries that have a feature of the record, one list for each of `select_features`. `sizes` says
    how many features an entry has, `total` how many entries there are. An entry's weight is divided by the square root
    of its size.
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
    # A draft with little more than a title shares all its features with a full record, which shares few of its own.
    near = [entry for entry, shared in weights.items() if shared >= LEAST_SHARED * min(whole, each * sizes[entry])]
    return nsmallest(MOST_COMPARED + 1, near, key=lambda entry: (-weights[entry] / math.sqrt(sizes[entry]), entry))


def extract_features(profile: RecordProfile) -> set[str]:
    """Return the features that a record is looked up by. Pairs of words tell titles of common words apart."""
    found: set[str] = set()
    for title in profile.titles:
        found.update(title.words)
        found.update(f"{one} {other}" for one, other in pairwise(title.words))
    for name in profile.names:
        found.update(f"n:{word}" for word in name.family)
    if profile.doi:
        found.add(f"d:{profile.doi}")
    if profile.volume and profile.page:
        found.add(f"p:{profile.volume}:{profile.page}")
    return found
