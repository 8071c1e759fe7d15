"""The index at one moment, ready to be searched: live studies numbered newest first, and a bitmap of each code.

Immutable, so that threads search it while the next one is built. A study's number is not its document's: deleted
documents have none, and studies are numbered by (-year, slug), the order that breaks ties.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.contract import FIELDS, PAIRED_FACETS, FacetPair, FacetParameters
from search.engines import scoring
from search.engines.arrays.bits import BitMatrix, Label, OptionMatrix, pack, word_count
from search.engines.arrays.segment import TEXT_FIELDS, Ints, Keys, Mask, Segment

YEARS = "years"
"""The key of the years of publication among the parameters."""

_serials = itertools.count()


@dataclass(frozen=True, slots=True)
class _NumberedSegment:
    """A segment with the study number of each of its documents, -1 if deleted."""

    segment: Segment
    numbers: Ints


class Snapshot:
    """All live studies of an index."""

    def __init__(self, segments: Sequence[tuple[Segment, Iterable[int]]], facets: FacetParameters) -> None:
        """Read the segments, each with the numbers of its deleted documents; about 1 µs per study.

        A study has at most one live document.
        """
        self.facets = facets
        # A key of the cache; `id()` would be used again for a later snapshot.
        self.serial = next(_serials)
        live = [(segment, _live_mask(segment, deleted)) for segment, deleted in segments]
        places = _order_documents(live)
        self.studies = len(places)
        self._parts = _number_documents(live, places)
        self.study_ids: Keys = np.concatenate([np.empty(0, np.int64), *(s.study_ids for s, _ in live)])[places]
        self.years: Ints = np.concatenate([np.empty(0, np.int32), *(s.years for s, _ in live)])[places]
        self._added: Keys = np.concatenate([np.empty(0, np.int64), *(s.added for s, _ in live)])[places]
        self._nearness: Ints = np.concatenate([np.empty(0, np.int32), *(s.nearness for s, _ in live)])[places]
        no_lengths = np.empty((0, len(TEXT_FIELDS)), np.uint32)
        self._set_lengths(np.concatenate([no_lengths, *(s.lengths for s, _ in live)])[places])
        parameters = [name for of_facet in facets.values() for name in of_facet]
        codes = {name: self._rows([part.segment.codes[name] for part in self._parts]) for name in parameters}
        self.options = OptionMatrix.join(codes | {YEARS: self._year_rows()})
        self.codes = self.options.rows
        self.pairs: Mapping[FacetPair, BitMatrix[tuple[str, str]]] = {
            pair: self._rows([part.segment.pairs[pair] for part in self._parts]) for pair in PAIRED_FACETS
        }
        self._ranks: dict[str, Keys] = {}
        self.field_weights = np.array([scoring.WEIGHTS[name] for name in FIELDS])

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """The numbers of live and of deleted documents of every segment."""
        lives = [int(np.count_nonzero(part.numbers >= 0)) for part in self._parts]
        return [(live, len(part.numbers) - live) for live, part in zip(lives, self._parts, strict=True)]

    def fingerprints(self) -> dict[int, str]:
        """Return the record hash of every study, by study id."""
        hashes = (fingerprint for _, fingerprint, _ in self._keys())
        return dict(zip(self.study_ids.tolist(), hashes, strict=True))

    def rank(self, sort: str) -> Keys:
        """Return the rank of every study in a sort other than relevance, by study number."""
        if sort not in self._ranks:
            rank = np.empty(self.studies, np.int64)
            rank[self._order(sort)] = np.arange(self.studies)
            self._ranks[sort] = rank
        return self._ranks[sort]

    def norms(self, rule: str, fields: Ints, numbers: Ints) -> NDArray[np.float64]:
        """Return the length norm of each pair of field number and study number."""
        lengths, norms = self._norms[rule]
        # Flat, as numpy takes four times as long with two indexes.
        of_each = lengths.ravel().take(fields * np.int64(self.studies) + numbers)
        found: NDArray[np.float64] = norms.ravel().take(fields * np.int64(norms.shape[1]) + of_each)
        return found

    @property
    def has_equal_norms(self) -> bool:
        """Whether length norms are the same under all rule sets, as they are where each word has a token under each."""
        return self._norms[scoring.RULES[0]] is self._norms[scoring.RULES[-1]]

    def segments(self) -> Iterator[tuple[Segment, Ints]]:
        """Yield every segment with the study numbers of its documents, -1 for a deleted one."""
        return ((part.segment, part.numbers) for part in self._parts)

    def tokens(self, rule: str, beginning: str) -> set[str]:
        """Return the tokens that begin with `beginning`; some may stand only in deleted documents."""
        if not beginning:
            return set()
        return {token for part in self._parts for token in part.segment.tokens(rule, beginning)}

    def _order(self, sort: str) -> Keys:
        """Return the numbers of all studies, sorted. Raises ValueError for an unknown sort."""
        # Study numbers follow (-year, slug), so a stable sort breaks ties by these two.
        match sort:
            case "newest":
                return np.arange(self.studies)
            case "oldest":
                return np.argsort(self.years, kind="stable")
            case "nearness":
                return np.argsort(self._nearness, kind="stable")
            case "title":
                keys = self._keys()
                return np.array(sorted(range(self.studies), key=lambda i: (keys[i][2], keys[i][0])), np.int64)
            case "added":
                keys, added = self._keys(), self._added.tolist()
                return np.array(sorted(range(self.studies), key=lambda i: (-added[i], keys[i][0])), np.int64)
        raise ValueError(f"No sort is named {sort!r}.")

    def _keys(self) -> list[tuple[str, str, str]]:
        """Return slug, fingerprint and title key of every study."""
        keys = [("", "", "")] * self.studies
        for part in self._parts:
            for number, of_document in zip(part.numbers.tolist(), part.segment.keys(), strict=True):
                if number >= 0:
                    keys[number] = of_document
        return keys

    def _set_lengths(self, lengths: NDArray[np.uint32]) -> None:
        """Store the lengths of all fields of all studies, and a table of the norm of each length in each field.

        A norm per study would take four times as much memory.
        """
        longest = int(lengths.max(initial=0))
        possible = np.arange(longest + 1, dtype=np.float64)
        norms = []
        for of_field in lengths.T:
            average = scoring.average_length(int(of_field.sum(dtype=np.int64)), int(np.count_nonzero(of_field)))
            norms.append(scoring.length_norm(possible, average))
        kept = lengths.T.astype(np.uint16 if longest < 1 << 16 else np.uint32)
        # In the order of `segment.TEXT_FIELDS`: field by field, under each rule set.
        sides = [slice(side, None, len(scoring.RULES)) for side in range(len(scoring.RULES))]
        by_side = [(np.ascontiguousarray(kept[side]), np.array(norms[side])) for side in sides]
        if all(np.array_equal(by_side[0][0], each) for each, _ in by_side):
            by_side = by_side[:1] * len(scoring.RULES)
        self._norms = dict(zip(scoring.RULES, by_side, strict=True))

    def _year_rows(self) -> BitMatrix[str]:
        years = np.unique(self.years)
        return BitMatrix.from_rows(
            {str(year): pack(self.years == year) for year in years.tolist()}, word_count(self.studies)
        )

    def _rows(self, carrying: Sequence[Mapping[Label, Ints]]) -> BitMatrix[Label]:
        """Return the bitmaps of labels, given the documents of each label in each segment.

        A label that only deleted documents carry has no row.
        """
        labels = sorted({label for of_part in carrying for label in of_part})
        row_of = {label: row for row, label in enumerate(labels)}
        # Deleted documents have the number -1, the last column, which is cut off.
        members = np.zeros((len(labels), self.studies + 1), np.bool_)
        for part, of_part in zip(self._parts, carrying, strict=True):
            for label, documents in of_part.items():
                members[row_of[label], part.numbers[documents]] = True
        bits = np.zeros((len(labels), word_count(self.studies) * 8), np.uint8)
        bits[:, : (self.studies + 7) // 8] = np.packbits(members[:, :-1], axis=1, bitorder="little")
        carried = np.flatnonzero(bits.any(axis=1)).tolist()
        kept = tuple(labels[row] for row in carried)
        return BitMatrix(kept, bits[carried].view(np.uint64), {label: row for row, label in enumerate(kept)})


def _live_mask(segment: Segment, deleted: Iterable[int]) -> Mask:
    live = np.ones(len(segment.study_ids), np.bool_)
    live[list(deleted)] = False
    return live


def _order_documents(segments: list[tuple[Segment, Mask]]) -> Keys:
    """Return the places of all live documents, counted through all segments, newest first and then by slug.

    The documents of the largest segment are already sorted (`Segment.order`). Each document of the others is inserted
    by bisection, about 5 µs: opening an index after a small change must not sort the whole bank.
    """
    starts = np.cumsum([0, *(len(segment.study_ids) for segment, _ in segments)]).tolist()
    if not segments:
        return np.empty(0, np.int64)
    largest = max(range(len(segments)), key=lambda i: len(segments[i][0].study_ids))
    segment, live = segments[largest]
    between = [
        (other.sort_key(document), start + document)
        for i, ((other, lives), start) in enumerate(zip(segments, starts, strict=False))
        if i != largest
        for document in np.flatnonzero(lives).tolist()
    ]
    between.sort()
    in_order = segment.order[live[segment.order]]
    places = [bisect.bisect(in_order, key, key=segment.sort_key) for key, _ in between]
    order: Keys = np.insert(in_order.astype(np.int64) + starts[largest], places, [place for _, place in between])
    return order


def _number_documents(live: list[tuple[Segment, Mask]], places: Keys) -> list[_NumberedSegment]:
    """Number the documents at `places`, which are counted through all segments."""
    numbers = np.full(sum(len(mask) for _, mask in live), -1, np.int32)
    numbers[places] = np.arange(len(places), dtype=np.int32)
    ends = np.cumsum([len(mask) for _, mask in live])
    return [
        _NumberedSegment(segment, of_segment)
        for (segment, _), of_segment in zip(live, np.split(numbers, ends), strict=False)
    ]
