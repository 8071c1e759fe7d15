"""The index at one moment, ready to be searched: live studies numbered newest first, and bit rows of all codes.

Immutable, so that any number of threads search it while the next one is being made. Study numbers have nothing to do
with Whoosh's: deleted documents have none, and number order is the order of ties (-year, slug).
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search import scoring
from search.criteria.facets import PARAMETERS
from search.documents import FIELDS
from search.engines.whoosh import schema as layout
from search.engines.whoosh.segments import Ints, SegmentReader
from search.results import Position

Mask = NDArray[np.bool_]
Bits = NDArray[np.uint64]
Keys = NDArray[np.int64]

YEARS = "years"
"""Stands for the years of publication among the parameters."""

_serials = itertools.count()


def pack(mask: Mask) -> Bits:
    """Turn a mask, one byte a study, into a row of bits."""
    packed = np.packbits(mask, bitorder="little")
    padded = np.zeros(words_for(len(mask)) * 8, np.uint8)
    padded[: len(packed)] = packed
    return padded.view(np.uint64)


def unpack(bits: Bits, studies: int) -> Mask:
    """Turn a row of bits back into a mask."""
    return np.unpackbits(bits.view(np.uint8), count=studies, bitorder="little").view(np.bool_)


def words_for(studies: int) -> int:
    """Return the number of 64-bit words of a row."""
    return (studies + 63) // 64


def shared(rows: Bits, studies: Bits) -> list[int]:
    """Count for every row the studies that are in it and among `studies`."""
    words = np.flatnonzero(studies)
    # Where few are found, as by most words in a large bank, most of each row need not be read.
    if 3 * len(words) < len(studies):
        rows, studies = rows[:, words], studies[words]
    counts: list[int] = []
    step = max(1, _WORDS_AT_ONCE // max(1, len(studies)))
    for start in range(0, len(rows), step):
        counts += popcounts(rows[start : start + step] & studies).tolist()
    return counts


_WORDS_AT_ONCE = 1 << 16
"""Half a megabyte: what is counted stays near the processor, and needs no new memory."""


def popcounts(rows: Bits) -> NDArray[np.uint32]:
    """Count the bits of every row."""
    counts: NDArray[np.uint32] = np.bitwise_count(rows).sum(axis=-1, dtype=np.uint32)
    return counts


def _counted(labels: Iterable[str], numbers: Iterator[int]) -> dict[str, int]:
    return {label: number for label in labels if (number := next(numbers))}


@dataclass(frozen=True, slots=True)
class Rows:
    """A matrix of bits: for each of `labels` a row with the studies that carry it."""

    labels: tuple[str, ...]
    bits: Bits
    number: Mapping[str, int]

    @classmethod
    def of(cls, rows: Mapping[str, Bits], words: int) -> Rows:
        """Make the matrix of `rows`, each of so many words."""
        labels = tuple(sorted(rows))
        bits = np.zeros((len(labels), words), np.uint64)
        for number, label in enumerate(labels):
            bits[number] = rows[label]
        return cls(labels, bits, {label: number for number, label in enumerate(labels)})

    def counts(self, studies: Bits) -> dict[str, int]:
        """Count for every label the studies that carry it; zero is left out."""
        return _counted(self.labels, iter(shared(self.bits, studies)))

    def row(self, label: str) -> Bits:
        """Return the row of `label`, without a bit if no study carries it."""
        if label in self.number:
            row: Bits = self.bits[self.number[label]]
            return row
        return np.zeros(self.bits.shape[1], np.uint64)

    def union(self, labels: Iterable[str]) -> Bits:
        """Return the studies that carry any of `labels`."""
        chosen = [self.number[label] for label in labels if label in self.number]
        union: Bits = np.bitwise_or.reduce(self.bits[chosen], axis=0, initial=np.uint64(0))
        return union


@dataclass(frozen=True, slots=True)
class Options:
    """The rows of all parameters, and of the years, as parts of one matrix: one pass counts them all."""

    rows: Mapping[str, Rows]
    bits: Bits

    @classmethod
    def of(cls, rows: Mapping[str, Rows]) -> Options:
        """Join matrices into one, of which each of them becomes a part."""
        bits = np.concatenate([each.bits for each in rows.values()])
        ends = np.cumsum([len(each.labels) for each in rows.values()])
        parts = zip(rows.items(), np.split(bits, ends[:-1]), strict=True)
        return cls({name: replace(each, bits=part) for (name, each), part in parts}, bits)

    def counts(self, studies: Bits) -> dict[str, dict[str, int]]:
        """Count for every parameter and label the studies that carry it; zero is left out."""
        numbers = iter(shared(self.bits, studies))
        return {name: _counted(each.labels, numbers) for name, each in self.rows.items()}


@dataclass(frozen=True, slots=True)
class _Part:
    """A segment with the study number of each of its documents, -1 if deleted."""

    reader: SegmentReader
    numbers: Ints


class Snapshot:
    """All live studies of a generation at `position`."""

    def __init__(
        self, generation: Path, segments: Sequence[tuple[SegmentReader, Iterable[int]]], position: Position
    ) -> None:
        """Take the readers, each with the documents that are deleted in it. Costs about 1 µs a study."""
        self.serial = next(_serials)
        self.generation = generation
        self.position = position
        live = [(reader, _live(reader, deleted)) for reader, deleted in segments]
        places = _in_order(live)
        self.studies = len(places)
        self._parts = _number(live, places)
        table = np.concatenate([np.empty(0, layout.NUMBERS_DTYPE), *(reader.numbers for reader, _ in live)])[places]
        self.study_ids: Keys = table["study_id"].copy()
        self.years: Ints = table["year"].copy()
        self._added: Keys = table["added"].copy()
        self._nearness: Ints = table["nearness"].copy()
        self._set_lengths(table["lengths"])
        self.options = Options.of(
            {parameter: self._rows(layout.code_field(parameter)) for parameter in PARAMETERS}
            | {YEARS: self._year_rows()}
        )
        self.codes = self.options.rows
        self.pairs = self._rows(layout.PAIRS)
        self._ranks: dict[str, Keys] = {}
        self.field_weights = np.array([scoring.WEIGHTS[name] for name in FIELDS])

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """Of every segment the number of live and of deleted documents."""
        lives = [int(np.count_nonzero(part.numbers >= 0)) for part in self._parts]
        return [(live, len(part.numbers) - live) for live, part in zip(lives, self._parts, strict=True)]

    @property
    def segment_readers(self) -> dict[str, SegmentReader]:
        """The readers by segment id, for the next snapshot to take over."""
        return {part.reader.segment_id: part.reader for part in self._parts}

    def fingerprints(self) -> dict[int, str]:
        """Return the record hash of every study, by study id."""
        hashes = (fingerprint for _, fingerprint, _ in self._keys())
        return dict(zip(self.study_ids.tolist(), hashes, strict=True))

    def rank(self, sort: str) -> Keys:
        """Return for every study its place in a list of all, sorted by any sort but relevance."""
        if sort not in self._ranks:
            rank = np.empty(self.studies, np.int64)
            rank[self._order(sort)] = np.arange(self.studies)
            self._ranks[sort] = rank
        return self._ranks[sort]

    def norms(self, rule: str, fields: Ints, numbers: Ints) -> NDArray[np.float64]:
        """Return for fields, by number, of studies what occurrences in them are divided by."""
        lengths, norms = self._norms[rule]
        found: NDArray[np.float64] = norms[fields, lengths[fields, numbers]]
        return found

    def segments(self) -> Iterator[tuple[SegmentReader, Ints]]:
        """Yield every segment with the study number of each of its documents, -1 for a deleted one."""
        return ((part.reader, part.numbers) for part in self._parts)

    def tokens(self, rule: str, beginning: str) -> set[str]:
        """Return the tokens with this beginning; some may stand only in deleted documents."""
        return {token for part in self._parts for token in part.reader.tokens(rule, beginning)} if beginning else set()

    def _order(self, sort: str) -> Keys:
        """Return the numbers of all studies in this order."""
        # Study numbers follow (-year, slug), so a stable sort ends as those two would.
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
            for number, of_document in zip(part.numbers.tolist(), part.reader.keys(), strict=True):
                if number >= 0:
                    keys[number] = of_document
        return keys

    def _set_lengths(self, lengths: NDArray[np.uint32]) -> None:
        """Keep for each rule set the length of every field of every study, and the norm of every length in each field.

        A norm for each study would take four times as much memory.
        """
        longest = int(lengths.max(initial=0))
        possible = np.arange(longest + 1, dtype=np.float64)
        norms = []
        for of_field in lengths.T:
            average = scoring.average_length(int(of_field.sum(dtype=np.int64)), int(np.count_nonzero(of_field)))
            norms.append(scoring.length_norm(possible, average))
        kept = np.ascontiguousarray(lengths.T, np.uint16 if longest < 1 << 16 else np.uint32)
        # In the order of `layout.TEXT_FIELDS`: field by field, under each rule set.
        sides = {rule: slice(side, None, len(scoring.RULES)) for side, rule in enumerate(scoring.RULES)}
        self._norms = {rule: (kept[side], np.array(norms[side])) for rule, side in sides.items()}

    def _year_rows(self) -> Rows:
        years = np.unique(self.years)
        return Rows.of({str(year): pack(self.years == year) for year in years.tolist()}, words_for(self.studies))

    def _rows(self, field: str) -> Rows:
        """Make the bit rows of a field of codes; a code that only deleted studies carry has none."""
        labels = sorted({label for part in self._parts for label in part.reader.codes[field]})
        row_of = {label: row for row, label in enumerate(labels)}
        # Deleted documents, of number -1, fall into a last column that is cut off.
        members = np.zeros((len(labels), self.studies + 1), np.bool_)
        for part in self._parts:
            for label, documents in part.reader.codes[field].items():
                members[row_of[label], part.numbers[documents]] = True
        bits = np.zeros((len(labels), words_for(self.studies) * 8), np.uint8)
        bits[:, : (self.studies + 7) // 8] = np.packbits(members[:, :-1], axis=1, bitorder="little")
        carried = np.flatnonzero(bits.any(axis=1)).tolist()
        kept = tuple(labels[row] for row in carried)
        return Rows(kept, bits[carried].view(np.uint64), {label: row for row, label in enumerate(kept)})


def _live(reader: SegmentReader, deleted: Iterable[int]) -> Mask:
    live = np.ones(len(reader.numbers), np.bool_)
    live[list(deleted)] = False
    return live


def _in_order(segments: list[tuple[SegmentReader, Mask]]) -> Keys:
    """Return the places of all live documents, counted through all segments, newest first and then by slug.

    The documents of the largest segment stand in order already (`SegmentReader.order`); each of the others is looked
    up between them, which costs 5 µs.
    """
    starts = np.cumsum([0, *(len(reader.numbers) for reader, _ in segments)]).tolist()
    if not segments:
        return np.empty(0, np.int64)
    largest = max(range(len(segments)), key=lambda i: len(segments[i][0].numbers))
    reader, live = segments[largest]
    between = [
        (other.sort_key(document), start + document)
        for i, ((other, lives), start) in enumerate(zip(segments, starts, strict=False))
        if i != largest
        for document in np.flatnonzero(lives).tolist()
    ]
    between.sort()
    in_order = reader.order[live[reader.order]]
    places = [bisect.bisect(in_order, key, key=reader.sort_key) for key, _ in between]
    order: Keys = np.insert(in_order.astype(np.int64) + starts[largest], places, [place for _, place in between])
    return order


def _number(live: list[tuple[SegmentReader, Mask]], places: Keys) -> list[_Part]:
    """Give the document at each of `places`, which are counted through all segments, its number."""
    numbers = np.full(sum(len(mask) for _, mask in live), -1, np.int32)
    numbers[places] = np.arange(len(places), dtype=np.int32)
    ends = np.cumsum([len(mask) for _, mask in live])
    return [_Part(reader, of_segment) for (reader, _), of_segment in zip(live, np.split(numbers, ends), strict=False)]
