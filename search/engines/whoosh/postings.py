"""The format of postings on disk: arrays that numpy reads as they are, instead of Whoosh's compressed pickles.

A block, of which a token has one unless it stands in very many documents:

    head         magic, number of documents, of entries and of positions, bytes of a number, whether it is the last,
                 checksums of entries with occurrences, and of positions
    entries      as in `arrays.segment`, ascending; only a document for a code
    occurrences  how often the token stands there; none for a code
    positions    where, entry by entry

Whoosh reads and copies postings through `PostingsMatcher`; the bank reads them by `read` alone.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import W3Codec, W3LeafMatcher, W3PostingsWriter

from search.engines.arrays.segment import ENTRY_BITS, POSITION_BITS

# Entries and positions are stored as the arrays use them, so ENTRY_BITS and POSITION_BITS are part of the format:
# whoever changes them raises `schema._VERSION`.

OCCURRENCE_DTYPE = np.dtype("<u4")
"""Whoosh's value of a posting is an array of these: for each occurrence its field above POSITION_BITS of position."""

_MAGIC = b"EVP2"
_HEAD = struct.Struct("<4sIIIBBxxII")
_DOCUMENTS_IN_BLOCK = 1 << 20

Ints = NDArray[np.int64]


class TornPostings(Exception):
    """The bytes are not those of a block."""


@dataclass(frozen=True, slots=True)
class Block:
    """The arrays of one block; `positions` may be left unread."""

    entries: NDArray[np.uint32]
    occurrences: NDArray[np.unsignedinteger[Any]]
    positions: NDArray[np.unsignedinteger[Any]]


def read(data: bytes, *, with_positions: bool) -> Iterator[Block]:
    """Yield the blocks of a token. Raises TornPostings."""
    start, is_last = 0, False
    while not is_last:
        try:
            magic, _, entries, positions, width, is_last, checksum, of_positions = _HEAD.unpack_from(data, start)
        except struct.error as error:
            raise TornPostings(f"The head is cut: {error}") from error
        first = start + _HEAD.size
        second = first + entries * 4
        third = second + (entries * width if positions else 0)
        start = third + positions * width
        if magic != _MAGIC or start > len(data) or zlib.crc32(data[first:third]) != checksum:
            raise TornPostings("The entries are cut or were changed.")
        if with_positions and zlib.crc32(data[third:start]) != of_positions:
            raise TornPostings("The positions are cut or were changed.")
        number = np.dtype(f"<u{width}")
        yield Block(
            np.frombuffer(data, "<u4", entries, first),
            np.frombuffer(data, number, entries if positions else 0, second),
            np.frombuffer(data, number, positions if with_positions else 0, third),
        )


def extent(terminfo: Any) -> tuple[int, int]:
    """Return where the postings of a token read from the disk begin, and how long they are."""
    offset, (length,) = terminfo.extent()
    return offset, length


def _written(documents: NDArray[np.uint32], values: list[bytes], *, is_last: bool) -> bytes:
    """Return a block. `values` are Whoosh's of each document; empty for a code."""
    entries, occurrences, positions = documents, np.empty(0, np.int64), np.empty(0, np.uint32)
    if values:
        found = np.frombuffer(b"".join(values), OCCURRENCE_DTYPE)
        held = np.fromiter(map(len, values), np.int64, len(values)) // OCCURRENCE_DTYPE.itemsize
        of_each = ((np.repeat(documents, held) << ENTRY_BITS) | (found >> POSITION_BITS)).astype(np.uint32)
        firsts = np.flatnonzero(np.concatenate([[True], of_each[1:] != of_each[:-1]]))
        entries = of_each[firsts]
        occurrences = np.diff(firsts, append=len(found))
        positions = (found & ((1 << POSITION_BITS) - 1)).astype(np.uint32)
    width = 2 if max(occurrences.max(initial=0), positions.max(initial=0)) < 1 << 16 else 4
    body = entries.astype("<u4").tobytes() + occurrences.astype(f"<u{width}").tobytes()
    places = positions.astype(f"<u{width}").tobytes()
    sizes = (len(documents), len(entries), len(positions))
    return _HEAD.pack(_MAGIC, *sizes, width, is_last, zlib.crc32(body), zlib.crc32(places)) + body + places


class Codec(W3Codec):  # type: ignore[misc]
    """Whoosh's codec with our blocks, and without the lengths that it would look for at every posting."""

    length_stats = False

    def __init__(self) -> None:
        super().__init__(blocklimit=_DOCUMENTS_IN_BLOCK)

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> Any:
        """Return the writer of the postings' file."""
        return PostingsWriter(dbfile, blocklimit=self._blocklimit)

    def postings_reader(self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None) -> Any:
        """Return the matcher by which Whoosh reads a token's postings."""
        return PostingsMatcher(dbfile, *extent(terminfo), format_, term=term, scorer=scorer)


class PostingsWriter(W3PostingsWriter):  # type: ignore[misc]
    """Writes our blocks where Whoosh would write its own."""

    _terminfo: Any

    def _write_block(self, last: bool = False) -> None:
        self._terminfo.add_block(self)
        documents = np.array(self._ids, np.uint32)
        self._postfile.write(_written(documents, self._values, is_last=last))
        self._blockcount += 1
        self._new_block()

    def finish_postings(self) -> Any:
        """Write what is left, and the mark of the last block with it."""
        self._write_block(last=True)
        self._terminfo.set_extent(self._startoffset, self._postfile.tell() - self._startoffset)
        info, self._terminfo = self._terminfo, None
        return info


class PostingsMatcher(W3LeafMatcher):  # type: ignore[misc]
    """Reads our blocks for Whoosh, which iterates over them when it copies a segment or looks for what to delete."""

    def _read_header(self) -> None:
        self._blocks = list(read(self._postfile.get(self._startoffset, self._length), with_positions=True))
        self._baseoffset = 0

    def _goto(self, position: int) -> None:
        """Go to a block by its number: what Whoosh takes for offsets are numbers of blocks here."""
        block = self._blocks[position]
        documents, values = _values_by_document(block)
        self._i = 0
        self._nextoffset = position + 1
        self._lastblock = self._nextoffset == len(self._blocks)
        self._ids, self._values, self._weights = documents, values, [1.0] * len(documents)
        self._blocklength, self._maxid, self._maxweight = len(documents), documents[-1], 1.0
        self._minlength = self._maxlength = 0


def _values_by_document(block: Block) -> tuple[list[int], list[bytes]]:
    """Return the documents of a block, and Whoosh's value of each."""
    if not len(block.occurrences):
        return block.entries.tolist(), [b""] * len(block.entries)
    documents = block.entries >> ENTRY_BITS
    fields = block.entries & ((1 << ENTRY_BITS) - 1)
    found = (np.repeat(fields, block.occurrences) << POSITION_BITS) | block.positions
    stored = found.astype(OCCURRENCE_DTYPE).tobytes()
    firsts = np.flatnonzero(np.concatenate([[True], documents[1:] != documents[:-1]]))
    ends = np.concatenate([[0], np.cumsum(block.occurrences, dtype=np.int64)])[[*firsts, len(documents)]]
    places = (ends * OCCURRENCE_DTYPE.itemsize).tolist()
    return documents[firsts].tolist(), [stored[start:end] for start, end in pairwise(places)]
