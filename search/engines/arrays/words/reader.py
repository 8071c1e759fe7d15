"""Reads a file of words. What is read is checked; only the first token of each block is kept in memory."""

from __future__ import annotations

import os
import weakref
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterator
from itertools import accumulate
from pathlib import Path

import numpy as np

from search.engines.arrays.segment import Places, Postings
from search.engines.arrays.words import layout
from search.engines.arrays.words.layout import CorruptWords
from search.engines.arrays.words.numbers import count_bytes, decode

Pair = tuple[str, str]
"""The token of a word under the Spanish rules and under the English ones."""

_Record = bytes
_MOST_FOUND = 10_000
"""Tokens of which the records are kept: about 2 MB."""


class WordsFile:
    """An open file of words; it stays readable if it is deleted. Any number of threads may read.

    All methods raise CorruptWords.
    """

    def __init__(self, path: Path) -> None:
        """Open the file. Raises OSError."""
        self._descriptor = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._descriptor)
        self._size = os.fstat(self._descriptor).st_size
        footer = self._read(self._size - layout.FOOTER.size, layout.FOOTER.size)
        magic, self._pairs, self._records, names, self._order, at, checksum = layout.FOOTER.unpack(footer)
        tables = self._read(self._order, self._size - layout.FOOTER.size - self._order)
        if magic != layout.MAGIC or zlib.crc32(tables + footer[: -layout.CHECKSUM_BYTES]) != checksum:
            raise CorruptWords("The directory is cut or was changed.")
        directory = tables[at - self._order :]
        blocks = -(-self._pairs // layout.BLOCK)
        self._sides: dict[str, _Names] = {}
        for rule in ("es", "en"):
            facts = list(layout.BLOCK_FACTS.iter_unpack(directory[: blocks * layout.BLOCK_FACTS.size]))
            *firsts, directory = directory[blocks * layout.BLOCK_FACTS.size :].split(layout.SEPARATOR, blocks)
            starts = list(accumulate((length for length, _ in facts), initial=names))
            self._sides[rule] = _Names(firsts, starts, [checksum for _, checksum in facts])
            names = starts[-1]
        self._found: dict[tuple[str, str], tuple[_Record, ...]] = {}

    def identify(self, rule: str, token: str) -> Hashable:
        """Return a value that only tokens with the same pairs share; empty for one that stands nowhere."""
        return self._find(rule, token)

    def frequency(self, rule: str, token: str) -> int:
        """Return the number of entries of a token."""
        return sum(layout.FACTS.unpack_from(record)[1] for record in self._find(rule, token))

    def postings(self, rule: str, token: str) -> Postings:
        """Return where a token stands, without its positions."""
        parts = [self._read_places(record, with_positions=False) for record in self._find(rule, token)]
        if len(parts) == 1:
            return Postings(parts[0].entries, parts[0].occurrences.astype(np.int32))
        entries = np.concatenate([np.empty(0, np.uint32), *(part.entries for part in parts)])
        occurrences = np.concatenate([np.empty(0, np.int32), *(part.occurrences.astype(np.int32) for part in parts)])
        order = np.argsort(entries, kind="stable")
        entries, occurrences = entries[order], occurrences[order]
        firsts = np.flatnonzero(np.diff(entries, prepend=np.uint32(0xFFFFFFFF)))
        if len(firsts) == len(entries):
            return Postings(entries, occurrences)
        return Postings(entries[firsts], np.add.reduceat(occurrences, firsts))

    def places(self, rule: str, token: str) -> list[Places]:
        """Return every place of a token, a part for each pair."""
        return [self._read_places(record, with_positions=True) for record in self._find(rule, token)]

    def tokens(self, rule: str, beginning: str) -> set[str]:
        """Return the tokens that begin with `beginning`."""
        sought = layout.to_bytes(beginning)
        found = set()
        for name in self._iterate_names(rule, self._first_block(rule, sought)):
            if name.startswith(sought):
                found.add(layout.from_bytes(name))
            elif name > sought:
                break
        return found

    def iterate(self) -> Iterator[tuple[Pair, Places]]:
        """Yield every pair with its places, in the order of the Spanish tokens."""
        order = np.frombuffer(self._read(self._order, self._pairs * layout.ORDER.size), "<u4")
        english = [""] * self._pairs
        for at, name in zip(order.tolist(), self._iterate_names("en", 0), strict=True):
            english[at] = layout.from_bytes(name)
        for at, (es, en) in enumerate(zip(self._iterate_names("es", 0), english, strict=True)):
            yield (layout.from_bytes(es), en), self._read_places(self._read_records(at, 1)[0], with_positions=True)

    def _find(self, rule: str, token: str) -> tuple[_Record, ...]:
        """Return the records of the pairs with this token."""
        key = (rule, token)
        if key not in self._found:
            if len(self._found) >= _MOST_FOUND:
                self._found.clear()
            self._found[key] = self._look_up(rule, layout.to_bytes(token))
        return self._found[key]

    def _look_up(self, rule: str, name: bytes) -> tuple[_Record, ...]:
        block = self._first_block(rule, name)
        first, count = block * layout.BLOCK, 0
        while block < len(self._sides[rule].firsts):
            names = self._read_names(rule, block)
            before = bisect_left(names, name)
            end = bisect_right(names, name, before)
            if not count:
                first = block * layout.BLOCK + before
            count += end - before
            if end < len(names):
                break
            block += 1
        if rule == "es" or not count:
            return self._read_records(first, count)
        order = self._read(self._order + first * layout.ORDER.size, count * layout.ORDER.size)
        return tuple(self._read_records(at, 1)[0] for (at,) in sorted(layout.ORDER.iter_unpack(order)))

    def _first_block(self, rule: str, name: bytes) -> int:
        """Return the first block that may hold `name`, or what begins with it."""
        return max(0, bisect_left(self._sides[rule].firsts, name) - 1)

    def _iterate_names(self, rule: str, block: int) -> Iterator[bytes]:
        for at in range(block, len(self._sides[rule].firsts)):
            yield from self._read_names(rule, at)

    def _read_names(self, rule: str, block: int) -> list[bytes]:
        side = self._sides[rule]
        names = self._read(side.starts[block], side.starts[block + 1] - side.starts[block])
        if zlib.crc32(names) != side.checksums[block]:
            raise CorruptWords("The names are cut or were changed.")
        return names.split(layout.SEPARATOR)

    def _read_records(self, first: int, count: int) -> tuple[_Record, ...]:
        size = layout.RECORD_BYTES
        records = self._read(self._records + first * size, count * size)
        return tuple(records[at : at + size] for at in range(0, len(records), size))

    def _read_places(self, record: _Record, *, with_positions: bool) -> Places:
        start, entries, places, of_step, of_occurrence, of_position = layout.FACTS.unpack_from(record)
        checksum, of_positions = layout.CHECKSUMS.unpack_from(record, layout.FACTS.size)
        second = count_bytes(of_step, entries)
        third = second + count_bytes(of_occurrence, entries)
        end = third + count_bytes(of_position, places) if with_positions else third
        data = self._read(start, end)
        seed = zlib.crc32(record[: layout.FACTS.size])
        if zlib.crc32(data[:third], seed) != checksum:
            raise CorruptWords("The entries are cut or were changed.")
        if with_positions and zlib.crc32(data[third:], seed) != of_positions:
            raise CorruptWords("The positions are cut or were changed.")
        return Places(
            np.cumsum(decode(data, 0, of_step, entries), dtype=np.uint32),
            decode(data, second, of_occurrence, entries) + np.uint32(1),
            decode(data, third, of_position, places if with_positions else 0),
        )

    def _read(self, start: int, length: int) -> bytes:
        # Checked before, as a length that was changed may be more than there is memory.
        if start < 0 or length < 0 or start + length > self._size:
            raise CorruptWords("The file is cut or was changed.")
        data = os.pread(self._descriptor, length, start)
        if len(data) != length:
            raise CorruptWords("The file is cut.")
        return data


class _Names:
    """The blocks of the names of one side: their first names, where they begin and end, their checksums."""

    def __init__(self, firsts: list[bytes], starts: list[int], checksums: list[int]) -> None:
        self.firsts = firsts
        self.starts = starts
        self.checksums = checksums
