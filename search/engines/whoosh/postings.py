"""The format of the documents of a code on disk: an array that numpy reads without copying, not compressed pickles.

A code has one block, or several if very many documents carry it. A block holds:

    head         magic, number of documents, whether it is the last, checksum of the documents
    documents    ascending

Whoosh reads and copies them with `PostingsMatcher`; the bank reads them with `read_blocks` alone. Words are not in
Whoosh's files (`arrays.words`).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import W3Codec, W3LeafMatcher, W3PostingsWriter

_MAGIC = b"EVP3"
_HEAD = struct.Struct("<4sIBxxxI")
_DOCUMENTS_IN_BLOCK = 1 << 20


class CorruptPostings(Exception):
    """The bytes are not a whole, unchanged block."""


def read_blocks(data: bytes) -> Iterator[NDArray[np.uint32]]:
    """Yield the documents of each block of a code; `data` are its bytes in the file. Raises CorruptPostings."""
    start, is_last = 0, False
    while not is_last:
        try:
            magic, documents, is_last, checksum = _HEAD.unpack_from(data, start)
        except struct.error as error:
            raise CorruptPostings(f"The head is cut: {error}") from error
        first = start + _HEAD.size
        start = first + documents * 4
        if magic != _MAGIC or start > len(data) or zlib.crc32(data[first:start]) != checksum:
            raise CorruptPostings("The documents are cut or were changed.")
        yield np.frombuffer(data, "<u4", documents, first)


def postings_extent(terminfo: Any) -> tuple[int, int]:
    """Return the offset and length in bytes of a code's postings, from Whoosh's info on the term."""
    offset, (length,) = terminfo.extent()
    return offset, length


class Codec(W3Codec):  # type: ignore[misc]
    """Whoosh's codec with our blocks, and without field lengths, which it would look up for every posting."""

    length_stats = False

    def __init__(self) -> None:
        super().__init__(blocklimit=_DOCUMENTS_IN_BLOCK)

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> Any:
        """Return the writer of the postings file."""
        return PostingsWriter(dbfile, blocklimit=self._blocklimit)

    def postings_reader(self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None) -> Any:
        """Return the matcher with which Whoosh reads the postings of a code."""
        return PostingsMatcher(dbfile, *postings_extent(terminfo), format_, term=term, scorer=scorer)


class PostingsWriter(W3PostingsWriter):  # type: ignore[misc]
    """Writes our blocks in place of Whoosh's."""

    _terminfo: Any

    def _write_block(self, last: bool = False) -> None:
        self._terminfo.add_block(self)
        documents = np.array(self._ids, "<u4").tobytes()
        self._postfile.write(_HEAD.pack(_MAGIC, len(self._ids), last, zlib.crc32(documents)) + documents)
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
        self._blocks = list(read_blocks(self._postfile.get(self._startoffset, self._length)))
        self._baseoffset = 0

    def _goto(self, position: int) -> None:
        """Go to a block by its number. Whoosh passes what it takes for an offset; here it is a number of a block."""
        documents = self._blocks[position].tolist()
        self._i = 0
        self._nextoffset = position + 1
        self._lastblock = self._nextoffset == len(self._blocks)
        self._ids, self._values, self._weights = documents, [b""] * len(documents), [1.0] * len(documents)
        self._blocklength, self._maxid, self._maxweight = len(documents), documents[-1], 1.0
        self._minlength = self._maxlength = 0
