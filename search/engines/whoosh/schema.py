"""The Whoosh schema: the fields of a document, their encoding, and a writer that syncs to disk.

Raise `_VERSION` with every change here: an index of another schema counts as missing and is rebuilt. Fields of text
and parameters of facets that are added or removed change `schema_id` by themselves.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import columns, fields, formats
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex, clean_files
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from search.contract import FIELDS, PAIRED_FACETS, Document, FacetPair, IndexMissing
from search.engines.arrays.segment import TEXT_FIELDS, Mask
from search.engines.arrays.words.reader import WordsFile
from search.engines.arrays.words.writer import WordsWriter
from search.engines.scoring import RULES
from search.engines.whoosh.postings import Codec
from search.text.analysis import BREAK, FieldTokens

_VERSION = 4

INDEX_NAME = "MAIN"

DOI = "doi"
NUMBERS = "numbers"
KEYS = "keys"

_LENGTHS = ("lengths", "<u4", (len(TEXT_FIELDS),))
NUMBERS_DTYPE = np.dtype(
    [("mark", "<u4"), ("study_id", "<i8"), ("added", "<i8"), ("year", "<i4"), ("nearness", "<i4"), _LENGTHS]
)

MARK = 0x45564944
"""The first of the numbers of every document."""

_SEPARATOR = "\x1f"
_KEYS_SEPARATOR = "\x00"
_MEMORY_MB = 256


def schema_id(parameters: Iterable[str]) -> str:
    """Return the text that identifies the format of an index in its state file."""
    return " ".join((str(_VERSION), *FIELDS, *RULES, *map(pair_field, PAIRED_FACETS), *parameters))


def words_name(segment_id: str) -> str:
    """Return the name of the file of words of a segment. Whoosh deletes it with the other files of the segment."""
    return f"{segment_id}.words"


def code_field(parameter: str) -> str:
    """Return the name of the Whoosh field with the codes of a parameter."""
    return f"codes_{parameter}"


def pair_field(pair: FacetPair) -> str:
    """Return the name of the Whoosh field with the pairs of codes of two facets."""
    return "pairs_" + "_".join(pair)


def to_bytes(text: str) -> bytes:
    """Encode a token or code for Whoosh. A query may hold any character, even lone surrogates."""
    return text.encode("utf-8", "surrogatepass")


def from_bytes(encoded: bytes) -> str:
    """Decode what `to_bytes` encoded."""
    return encoded.decode("utf-8", "surrogatepass")


def encode_pair(first: str, second: str) -> str:
    """Return the token that stores a pair of codes."""
    return first + _SEPARATOR + second


def decode_pair(token: str) -> tuple[str, str]:
    """Return the two codes that `encode_pair` encoded."""
    first, _, second = token.partition(_SEPARATOR)
    return first, second


class CodesFieldType(fields.FieldType):  # type: ignore[misc]
    """The codes that a document carries."""

    def __init__(self) -> None:
        super().__init__(format=formats.Existence(), analyzer=None)

    def index(self, value: tuple[str, ...], **kwargs: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield (code, 1, weight, no places)."""
        for code in sorted(set(value)):
            yield to_bytes(code), 1, 1.0, b""


def make_schema(parameters: Iterable[str]) -> fields.Schema:
    """Return the schema. Every index is opened with it, never with the one that Whoosh pickled (I6)."""
    schema = fields.Schema()
    for name in (DOI, *map(pair_field, PAIRED_FACETS), *map(code_field, parameters)):
        schema.add(name, CodesFieldType())
    schema.add(NUMBERS, fields.COLUMN(columns.FixedBytesColumn(NUMBERS_DTYPE.itemsize)))
    schema.add(KEYS, fields.COLUMN(columns.VarBytesColumn()))
    return schema


def to_fields(document: Document, parameters: Iterable[str]) -> dict[str, object]:
    """Return `document` as the keyword arguments of Whoosh's `add_document`."""
    stored: dict[str, object] = {
        DOI: (document.doi,) if document.doi else (),
        **{pair_field(pair): tuple(encode_pair(*codes) for codes in document.pairs[pair]) for pair in PAIRED_FACETS},
        KEYS: to_bytes(_KEYS_SEPARATOR.join((document.slug, document.fingerprint, document.title_key))),
    }
    texts = [document.texts.get(name, FieldTokens()) for name in FIELDS]
    lengths = [
        len(tokens) - tokens.count(BREAK) for text in texts for tokens in (_tokens(text, rule) for rule in RULES)
    ]
    for parameter in parameters:
        stored[code_field(parameter)] = tuple(document.codes.get(parameter, ()))
    numbers = (MARK, document.study_id, document.added, document.year, document.nearness, lengths)
    stored[NUMBERS] = np.array([numbers], NUMBERS_DTYPE).tobytes()
    return stored


def _tokens(text: FieldTokens, rule: str) -> tuple[str, ...]:
    return text.es if rule == "es" else text.en


def read_numbers(folder: Path, segment: Any) -> NDArray[np.void]:
    """Read the column `NUMBERS` of a segment, a row for each document. Raises CorruptSegment."""
    # Whoosh would read row by row, and zeros where the file was cut.
    table = np.fromfile(folder / segment.make_filename(f".{NUMBERS}.col"), NUMBERS_DTYPE)
    if len(table) != segment.doc_count_all() or (table["mark"] != MARK).any():
        raise CorruptSegment(f"Segment {segment.segment_id()}: the numbers are cut.")
    return table


def decode_keys(stored: bytes) -> tuple[str, str, str]:
    """Return slug, fingerprint and title key from the column `KEYS`."""
    slug, fingerprint, title_key = from_bytes(stored).split(_KEYS_SEPARATOR, 2)
    return slug, fingerprint, title_key


class CorruptSegment(IndexMissing):
    """A file of a segment does not hold what was written. The index must be rebuilt."""


class DurableWriter(SegmentWriter):  # type: ignore[misc]
    """Whoosh's writer with fsync, and without compound files, which are copied into memory when opened.

    Raises Whoosh's LockError at once if another writer is open, in this process or another.
    """

    def __init__(self, index: FileIndex) -> None:
        super().__init__(index, codec=Codec(), compound=False, limitmb=_MEMORY_MB)
        self._words = WordsWriter(Path(index.storage.folder))

    def add(self, document: Document, parameters: Iterable[str]) -> None:
        """Add a document to the new segment."""
        self.add_document(**to_fields(document, parameters))
        self._words.add(document.texts)

    def delete(self, study_ids: Collection[int]) -> None:
        """Delete the documents of these studies from all segments."""
        for segment in self.segments if study_ids else ():
            held = read_numbers(Path(self.storage.folder), segment)["study_id"]
            for document in np.flatnonzero(np.isin(held, list(study_ids))).tolist():
                segment.delete_document(document)

    def add_segment(self, reader: SegmentReader, words: WordsFile, live: Mask) -> None:
        """Add the documents of another segment that are `live`."""
        self.add_reader(reader)
        self._words.add_segment(words, live)

    def commit(self) -> None:
        """Write the new segment and make it part of the index."""
        if self._added:
            self._words.write(Path(self.storage.folder) / words_name(self.newsegment.segment_id()))
        super().commit(merge=False)

    def abandon(self) -> None:
        """Release the lock after any failure. The next commit deletes the files left behind."""
        with suppress(Exception):
            self.cancel()
        if not self.is_closed:
            self.writelock.release()

    def _commit_toc(self, segments: list[object]) -> None:
        commit_toc(self.storage, self.schema, segments, self.generation)


def commit_toc(storage: FileStorage, schema: fields.Schema, segments: list[Any], number: int) -> None:
    """Write the table of contents, sync it and a new segment to disk, and only then delete the old files.

    Only the last of `segments` may be new.
    """
    TOC(schema, segments, number).write(storage, INDEX_NAME)
    new = [each.segment_id() for each in segments[-1:]]
    sync_files(Path(storage.folder), prefixes=(*new, "_" + INDEX_NAME))
    clean_files(storage, INDEX_NAME, number, segments)


def sync_files(folder: Path, prefixes: tuple[str, ...]) -> None:
    """Sync to disk the files of `folder` with these prefixes, and the folder itself. Whoosh never does."""
    for path in folder.iterdir():
        if path.is_file() and path.name.startswith(prefixes):
            _sync(path, os.O_RDONLY)
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
