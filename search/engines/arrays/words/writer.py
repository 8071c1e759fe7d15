"""Writes a file of words: gathers the tokens of documents, sorts parts that fit into memory, and joins the parts."""

from __future__ import annotations

import tempfile
import zlib
from array import array
from collections.abc import Iterator, Mapping
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.contract import FIELDS
from search.engines.arrays.segment import ENTRY_BITS, Mask
from search.engines.arrays.words import layout
from search.engines.arrays.words.numbers import encode, find_widths
from search.engines.arrays.words.reader import Pair, WordsFile
from search.text.analysis import BREAK, FieldTokens

Unsigned = NDArray[np.uint32]

_MOST_PLACES = 1 << 22
"""Places that are sorted at once: about 200 MB."""


class _Places(NamedTuple):
    """Three parallel arrays: number of the pair, entry and position of every place."""

    pairs: Unsigned
    entries: Unsigned
    positions: Unsigned

    @classmethod
    def join(cls, parts: list[_Places]) -> _Places:
        """Return the places of all parts by pair; those of one pair stay in the order of the parts."""
        pairs, entries, positions = (
            np.concatenate([np.empty(0, np.uint32), *(part[column] for part in parts)]) for column in range(3)
        )
        order = np.argsort(pairs, kind="stable")
        return cls(pairs[order], entries[order], positions[order])

    def of_pairs(self, first: int, end: int) -> _Places:
        """Return the places of the pairs from `first` to before `end`."""
        start, stop = np.searchsorted(self.pairs, np.array([first, end], np.uint32)).tolist()
        return _Places(self.pairs[start:stop], self.entries[start:stop], self.positions[start:stop])

    def move_to_disk(self, folder: Path) -> _Places:
        """Return the same places mapped from a file without a name, which goes when nobody uses it."""
        with tempfile.TemporaryFile(dir=folder) as file:
            for column in self:
                file.write(column.tobytes())
            file.flush()
            mapped = np.memmap(file, np.uint32, "r", shape=(3, len(self.pairs)))
        return _Places(mapped[0], mapped[1], mapped[2])


class _PairNumbers(dict[Pair, int]):
    """Numbers pairs of tokens as they come."""

    def __missing__(self, pair: Pair) -> int:
        self[pair] = number = len(self)
        return number


class WordsWriter:
    """Takes the documents of a segment in order, and then writes the file. Large parts wait in files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # The space between two texts has the number 0, and no postings.
        self._numbers = _PairNumbers({(BREAK, BREAK): 0})
        self._documents = 0
        self._pairs = array("I")
        self._texts: list[tuple[int, int]] = []
        self._parts: list[_Places] = []

    def add(self, texts: Mapping[str, FieldTokens]) -> None:
        """Add the next document."""
        for number, name in enumerate(FIELDS):
            tokens = texts.get(name)
            if tokens is not None:
                before = len(self._pairs)
                pairs = zip_longest(tokens.es, tokens.en, fillvalue=BREAK)
                self._pairs.extend(map(self._numbers.__getitem__, pairs))
                self._texts.append((self._documents << ENTRY_BITS | number, len(self._pairs) - before))
        self._documents += 1
        if len(self._pairs) >= _MOST_PLACES:
            self._parts.append(self._take_texts().move_to_disk(self._folder))

    def add_segment(self, words: WordsFile, live: Mask) -> None:
        """Add those documents of a segment that `live` marks. Nothing may be added by `add` before."""
        moved_to = (np.cumsum(live) - 1 + self._documents).astype(np.uint32)
        copied: list[_Places] = []
        waiting = 0
        for pair, places in words.iterate():
            entries = np.repeat(places.entries, places.occurrences)
            kept = live[entries >> ENTRY_BITS]
            entries = entries[kept]
            moved = (moved_to[entries >> ENTRY_BITS] << ENTRY_BITS) | (entries & ((1 << ENTRY_BITS) - 1))
            if len(moved):
                pairs = np.full(len(moved), self._numbers[pair], np.uint32)
                copied.append(_Places(pairs, moved, places.positions[kept].astype(np.uint32)))
                waiting += len(moved)
            if waiting >= _MOST_PLACES:
                self._parts.append(_Places.join(copied).move_to_disk(self._folder))
                copied, waiting = [], 0
        self._parts.append(_Places.join(copied))
        self._documents += int(np.count_nonzero(live))

    def write(self, path: Path) -> None:
        """Write the file. The caller brings it to the disk."""
        if self._texts:
            self._parts.append(self._take_texts())
        pairs = list(self._numbers)[1:]
        records = [b""] * len(pairs)
        with path.open("wb") as file:
            for number, record in self._write_postings(file):
                records[number - 1] = record
            _write_names(file, pairs, records)

    def _take_texts(self) -> _Places:
        """Return the places of the documents added since the last time."""
        pairs = np.frombuffer(self._pairs, np.uint32)
        of_text = np.array(self._texts, np.uint32).reshape(-1, 2)
        entries, sizes = of_text[:, 0], of_text[:, 1].astype(np.int64)
        positions = np.arange(len(pairs)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        kept = pairs > 0
        found = _Places(pairs[kept], np.repeat(entries, sizes)[kept], positions[kept].astype(np.uint32))
        self._pairs, self._texts = array("I"), []
        return _Places.join([found])

    def _write_postings(self, file: BinaryIO) -> Iterator[tuple[int, bytes]]:
        """Write the postings of all pairs, as many at once as fit into memory; yield number and record of each."""
        counts = sum(
            (np.bincount(part.pairs, minlength=len(self._numbers)) for part in self._parts),
            np.zeros(len(self._numbers), np.int64),
        )
        begun = np.cumsum(counts) // _MOST_PLACES
        bounds = [0, *(np.flatnonzero(np.diff(begun)) + 1).tolist(), len(self._numbers)]
        for first, end in pairwise(bounds):
            yield from _write_sorted(file, _Places.join([part.of_pairs(first, end) for part in self._parts]))


def _write_sorted(file: BinaryIO, places: _Places) -> Iterator[tuple[int, bytes]]:
    """Write the postings of some pairs; yield number and record of each."""
    pairs, entries, positions = places
    if not len(pairs):
        return
    is_first = np.ones(len(pairs), np.bool_)
    is_first[1:] = (pairs[1:] != pairs[:-1]) | (entries[1:] != entries[:-1])
    firsts = np.flatnonzero(is_first)
    occurrences = np.diff(firsts, append=len(pairs)).astype(np.uint32) - np.uint32(1)
    pairs, entries = pairs[firsts], entries[firsts]
    starts = np.flatnonzero(np.diff(pairs, prepend=pairs[0] ^ np.uint32(1)))
    steps = np.diff(entries, prepend=np.uint32(0))
    steps[starts] = entries[starts]
    first_places = firsts[starts]
    widths = (
        find_widths(np.maximum.reduceat(column, at)).tolist()
        for column, at in ((steps, starts), (occurrences, starts), (positions, first_places))
    )
    ends = [*starts[1:].tolist(), len(entries)]
    end_places = [*first_places[1:].tolist(), len(positions)]
    at = file.tell()
    for pair, start, end, place, last, of_step, of_occurrence, of_position in zip(
        pairs[starts].tolist(), starts.tolist(), ends, first_places.tolist(), end_places, *widths, strict=True
    ):
        facts = layout.FACTS.pack(at, end - start, last - place, of_step, of_occurrence, of_position)
        seed = zlib.crc32(facts)
        body = encode(steps[start:end], of_step) + encode(occurrences[start:end], of_occurrence)
        where = encode(positions[place:last], of_position)
        file.write(body)
        file.write(where)
        at += len(body) + len(where)
        yield pair, facts + layout.CHECKSUMS.pack(zlib.crc32(body, seed), zlib.crc32(where, seed))


def _write_names(file: BinaryIO, pairs: list[Pair], records: list[bytes]) -> None:
    """Write all that comes after the postings. A pair without a record has no postings left and is left out."""
    named = sorted(
        (layout.to_bytes(es), layout.to_bytes(en), record)
        for (es, en), record in zip(pairs, records, strict=True)
        if record
    )
    by_english = sorted(range(len(named)), key=lambda at: (named[at][1], at))
    starts = [file.tell()]
    file.write(b"".join(record for _, _, record in named))
    starts.append(file.tell())
    directory = _write_blocks(file, [es for es, _, _ in named])
    directory += _write_blocks(file, [named[at][1] for at in by_english])
    order = np.array(by_english, "<u4").tobytes()
    starts += [file.tell(), file.tell() + len(order)]
    facts = layout.FOOTER.pack(layout.MAGIC, len(named), *starts, 0)[: -layout.CHECKSUM_BYTES]
    tables = order + directory + facts
    file.write(tables + zlib.crc32(tables).to_bytes(layout.CHECKSUM_BYTES, "little"))


def _write_blocks(file: BinaryIO, names: list[bytes]) -> bytes:
    """Write names in blocks; return the part of the directory on them."""
    facts, firsts = [], []
    for start in range(0, len(names), layout.BLOCK):
        block = layout.SEPARATOR.join(names[start : start + layout.BLOCK])
        file.write(block)
        facts.append(layout.BLOCK_FACTS.pack(len(block), zlib.crc32(block)))
        firsts.append(names[start] + layout.SEPARATOR)
    return b"".join([*facts, *firsts])
