"""The format of postings on disk: arrays that numpy reads without copying, instead of Whoosh's compressed pickles.

A token has one block, or several if it stands in very many documents. A block holds:

    head         magic, number of documents, of entries and of positions, bytes per number, whether it is the last,
                 checksums of entries with occurrences, and of positions
    entries      as in `arrays.segment`, ascending; for a code, only documents
    occurrences  how often the token stands in each entry; none for a code
    positions    of the token, entry by entry

Whoosh reads and copies postings with `PostingsMatcher`; the bank reads them with `read_blocks` alone.
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
# raise `schema._VERSION` when you change them.

OCCURRENCE_DTYPE = np.dtype("<u4")
"""The value of a posting in Whoosh is an array of these, one per occurrence: field << POSITION_BITS | position."""

_MAGIC = b"EVP2"
_HEAD = struct.Struct("<4sIIIBBxxII")
_DOCUMENTS_IN_BLOCK = 1 << 20

Ints = NDArray[np.int64]


class CorruptPostings(Exception):
    """The bytes are not a whole, unchanged block."""


@dataclass(frozen=True, slots=True)
class Block:
    """The arrays of one block. `positions` is empty if they were not asked for."""

    entries: NDArray[np.uint32]
    occurrences: NDArray[np.unsignedinteger[Any]]
    positions: NDArray[np.unsignedinteger[Any]]


def read_blocks(data: bytes, *, with_positions: bool) -> Iterator[Block]:
    """Yield the blocks of a token; `data` are its bytes in the file. Raises CorruptPostings."""
    start, is_last = 0, False
    while not is_last:
        try:
            magic, _, entries, positions, width, is_last, checksum, of_positions = _HEAD.unpack_from(data, start)
        except struct.error as error:
            raise CorruptPostings(f"The head is cut: {error}") from error
        first = start + _HEAD.size
        second = first + entries * 4
        third = second + (entries * width if positions else 0)
        start = third + positions * width
        if magic != _MAGIC or start > len(data) or zlib.crc32(data[first:third]) != checksum:
            raise CorruptPostings("The entries are cut or were changed.")
        if with_positions and zlib.crc32(data[third:start]) != of_positions:
            raise CorruptPostings("The positions are cut or were changed.")
        number = np.dtype(f"<u{width}")
        yield Block(
            np.frombuffer(data, "<u4", entries, first),
            np.frombuffer(data, number, entries if positions else 0, second),
            np.frombuffer(data, number, positions if with_positions else 0, third),
        )


def postings_extent(terminfo: Any) -> tuple[int, int]:
    """Return the offset and length in bytes of a token's postings, from Whoosh's info on the term."""
    offset, (length,) = terminfo.extent()
    return offset, length


def _encode_block(documents: NDArray[np.uint32], values: list[bytes], *, is_last: bool) -> bytes:
    """Return the bytes of a block. `values` are those of the documents in Whoosh; empty for a code."""
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
    """Whoosh's codec with our blocks, and without field lengths, which it would look up for every posting."""

    length_stats = False

    def __init__(self) -> None:
        super().__init__(blocklimit=_DOCUMENTS_IN_BLOCK)

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> Any:
        """Return the writer of the postings file."""
        return PostingsWriter(dbfile, blocklimit=self._blocklimit)

    def postings_reader(self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None) -> Any:
        """Return the matcher with which Whoosh reads the postings of a token."""
        return PostingsMatcher(dbfile, *postings_extent(terminfo), format_, term=term, scorer=scorer)


class PostingsWriter(W3PostingsWriter):  # type: ignore[misc]
    """Writes our blocks in place of Whoosh's."""

    _terminfo: Any

    def _write_block(self, last: bool = False) -> None:
        self._terminfo.add_block(self)
        documents = np.array(self._ids, np.uint32)
        self._postfile.write(_encode_block(documents, self._values, is_last=last))
        self._blockcount += 1
        self._new_block()

    def finish_postings(self) -> Any:
        """Write the remaining postings as the last block."""
        self._write_block(last=True)
        self._terminfo.set_extent(self._startoffset, self._postfile.tell() - self._startoffset)
        info, self._terminfo = self._terminfo, None
        return info


class PostingsMatcher(W3LeafMatcher):  # type: ignore[misc]
    """Reads our blocks for Whoosh, which iterates over postings to copy a segment or to find documents to delete."""

    def _read_header(self) -> None:
        self._blocks = list(read_blocks(self._postfile.get(self._startoffset, self._length), with_positions=True))
        self._baseoffset = 0

    def _goto(self, position: int) -> None:
        """Go to a block by its number. Whoosh passes what it takes for an offset; here it is a number of a block."""
        block = self._blocks[position]
        documents, values = _values_by_document(block)
        self._i = 0
        self._nextoffset = position + 1
        self._lastblock = self._nextoffset == len(self._blocks)
        self._ids, self._values, self._weights = documents, values, [1.0] * len(documents)
        self._blocklength, self._maxid, self._maxweight = len(documents), documents[-1], 1.0
        self._minlength = self._maxlength = 0


def _values_by_document(block: Block) -> tuple[list[int], list[bytes]]:
    """Return the documents of a block, and the value of each in Whoosh."""
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
