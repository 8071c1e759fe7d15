"""The parts of a file of words, from its beginning to its end.

postings   of one pair of tokens after the other: entries (each as the difference to the one before), occurrences
           less one, positions; each as `numbers` encodes it
records    one for each pair, in the order of the Spanish tokens: where its postings are (`RECORD`)
names      in blocks of `BLOCK`: the Spanish tokens of all pairs in order, then the English ones in theirs
order      the record of each pair, in the order of the English tokens
directory  the blocks: how many bytes and which checksum each has, and its first token
footer     where the parts are (`FOOTER`), written last: a file that was cut has none
"""

from __future__ import annotations

import struct

from search.contract import IndexMissing

MAGIC = b"EVW1"

FOOTER = struct.Struct("<4sIQQQQI")
"""Magic, number of pairs, where records, names, order and directory begin, checksum of all from the order on."""

CHECKSUM_BYTES = 4

FACTS = struct.Struct("<QIIBBB")
"""The first part of a record: where the postings of a pair begin, the number of entries and of places, the bits of an
entry, of an occurrence and of a position."""

CHECKSUMS = struct.Struct("<II")
"""The rest of a record: the checksums of entries with occurrences, and of positions, after that of the first part."""

RECORD_BYTES = FACTS.size + CHECKSUMS.size

ORDER = struct.Struct("<I")

BLOCK_FACTS = struct.Struct("<II")
"""How many bytes a block of names has, and their checksum."""

BLOCK = 64
"""The names in a block, which is read as a whole."""

SEPARATOR = b"\0"
"""Between names. No token holds it."""


class CorruptWords(IndexMissing):
    """The file does not hold what was written. The index must be rebuilt."""


def to_bytes(token: str) -> bytes:
    """Encode a token. A query may hold any character, even lone surrogates."""
    return token.encode("utf-8", "surrogatepass")


def from_bytes(encoded: bytes) -> str:
    """Decode what `to_bytes` encoded."""
    return encoded.decode("utf-8", "surrogatepass")
