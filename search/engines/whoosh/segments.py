"""One segment of a Whoosh index, read into arrays. Only this module and `schema` know how Whoosh keeps things.

Whoosh is frozen code (docs/dependencies.md); the private names used here are those of version 2.7.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.filedb.filestore import FileStorage
from whoosh.reading import TermNotFound

from search.engines import IndexMissing
from search.engines.whoosh import schema as layout

Ints = NDArray[np.int32]

_MOST_FREQUENCIES = 20_000
"""Frequencies that a reader remembers, some 2 MB."""


class TornSegment(IndexMissing):
    """What stands in a segment's file is not what was written. The index has to be built again."""


@dataclass(frozen=True, slots=True)
class Postings:
    """Where a token stands in a segment: documents ascending, and all positions, those of each document together."""

    documents: Ints
    occurrences: Ints
    positions: NDArray[np.uint32]

    @property
    def nbytes(self) -> int:
        """Bytes of the three arrays."""
        return self.documents.nbytes + self.occurrences.nbytes + self.positions.nbytes


class Files(FileStorage):  # type: ignore[misc]
    """A folder to read from, whose open files can be closed together. Whoosh itself leaves them when a read fails."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), readonly=True)
        self._files: list[Any] = []

    def open_file(self, name: str, **options: Any) -> Any:
        """Open a file of the folder."""
        file = super().open_file(name, **options)
        self._files.append(file)
        return file

    def close_files(self) -> None:
        """Close what is still open."""
        for file in self._files:
            if not file.is_closed:
                file.close()


class SegmentReader:
    """The documents of one segment, deleted ones included: which they are is the business of the snapshot.

    A segment never changes on disk, so its reader serves every snapshot that holds the segment. All its files are
    opened at once: they stay readable when another process has removed them.
    """

    def __init__(self, folder: Path, segment: Any, schema: Any) -> None:
        self.segment_id: str = segment.segment_id()
        self._schema = schema
        self._reading = threading.Lock()
        self._frequencies: dict[tuple[str, str], int] = {}
        files = Files(folder)
        # Whoosh leaves closing to chance; these files go with the last snapshot that holds the reader.
        weakref.finalize(self, files.close_files)
        self._terms = segment.codec().terms_reader(files, segment)
        columns = segment.codec().per_document_reader(files, segment)
        numbers = columns.column_reader(layout.NUMBERS, schema[layout.NUMBERS].column_type)
        self.numbers = np.frombuffer(b"".join(numbers), layout.NUMBERS_DTYPE)
        if (self.numbers["mark"] != layout.MARK).any():
            raise TornSegment(f"Segment {self.segment_id}: the numbers are cut.")
        keys = columns.column_reader(layout.KEYS, schema[layout.KEYS].column_type)
        self.keys = [layout.keys_from(stored) for stored in keys]
        columns.close()
        self.codes = {
            name: dict(self._documents_by_token(name))
            for name in schema.names()
            if isinstance(schema[name], layout.Codes) and name not in (layout.STUDY, layout.DOI)
        }

    @cached_property
    def order(self) -> Ints:
        """The documents, newest first and then by slug."""
        return np.array(sorted(range(len(self.keys)), key=self.sort_key), np.int32)

    def sort_key(self, document: int) -> tuple[int, str]:
        """Return what `order` sorts a document by."""
        return -int(self.numbers["year"][document]), self.keys[document][0]

    def postings(self, field: str, token: str) -> Postings:
        """Read the postings of a token: a few blocks of compressed pickle. Raises TornSegment.

        Costs about 50 µs, and 1 ms for a token of 5,000 documents.
        """
        try:
            with self._reading:
                documents, values = self._read(field, token)
        except TermNotFound:
            return Postings(*(np.empty(0, dtype) for dtype in (np.int32, np.int32, layout.POSITION_DTYPE)))
        except Exception as error:
            # Whoosh meets a torn block with any exception at all: of zlib, of pickle, of struct, its own.
            raise TornSegment(f"Segment {self.segment_id}, {field}: {error!r}") from error
        return Postings(
            documents=np.array(documents, np.int32),
            occurrences=np.fromiter(map(len, values), np.int32, len(values)) // layout.POSITION_DTYPE.itemsize,
            positions=np.frombuffer(b"".join(values), layout.POSITION_DTYPE),
        )

    def _read(self, field: str, token: str) -> tuple[list[int], list[bytes]]:
        """Return the documents of a token and, for each, Whoosh's value: bytes of positions, or none for a code."""
        matcher = self._terms.matcher(field, layout.to_bytes(token), self._schema[field].format)
        documents: list[int] = []
        values: list[bytes] = []
        while True:
            matcher._read_ids()
            documents.extend(matcher._ids)
            matcher._read_values()
            values.extend(value or b"" for value in matcher._values)
            if matcher._lastblock:
                return documents, values
            matcher._next_block()

    def frequency(self, field: str, token: str) -> int:
        """Return in how many documents a token stands: about 15 µs, without its postings. Raises TornSegment."""
        if (field, token) not in self._frequencies:
            if len(self._frequencies) >= _MOST_FREQUENCIES:
                self._frequencies.clear()
            self._frequencies[field, token] = self._read_frequency(field, token)
        return self._frequencies[field, token]

    def _read_frequency(self, field: str, token: str) -> int:
        try:
            with self._reading:
                frequency: int = self._terms.term_info(field, layout.to_bytes(token)).doc_frequency()
        except TermNotFound:
            return 0
        except Exception as error:
            raise TornSegment(f"Segment {self.segment_id}, {field}: {error!r}") from error
        return frequency

    def tokens(self, field: str, beginning: str) -> list[str]:
        """Return the tokens of `field` that begin so: about 5 µs for each. Raises TornSegment."""
        prefix, found = layout.to_bytes(beginning), []
        try:
            with self._reading:
                for name, token in self._terms.terms_from(field, prefix):
                    if name != field or not token.startswith(prefix):
                        break
                    found.append(layout.from_bytes(token))
        except Exception as error:
            raise TornSegment(f"Segment {self.segment_id}, {field}: {error!r}") from error
        return found

    def _documents_by_token(self, field: str) -> Iterator[tuple[str, Ints]]:
        for name, token in self._terms.terms_from(field, b""):
            if name != field:
                return
            text = layout.from_bytes(token)
            yield text, self.postings(field, text).documents
