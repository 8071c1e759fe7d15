"""One segment of a Whoosh index, read into arrays. Only this module, `schema` and `postings` know how Whoosh works.

Whoosh is frozen code (docs/dependencies.md); the private names used here are those of version 2.7.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.filedb.filestore import FileStorage
from whoosh.reading import TermNotFound

from search.engines import IndexMissing
from search.engines.whoosh import schema as layout
from search.engines.whoosh.postings import POSITION_BITS, Block, extent, read

Ints = NDArray[np.int32]
Entries = NDArray[np.uint32]
Keys = NDArray[np.int64]
Numbers = NDArray[np.unsignedinteger[Any]]

_MOST_FREQUENCIES = 20_000
"""Frequencies that a reader remembers, some 2 MB."""


class TornSegment(IndexMissing):
    """What stands in a segment's file is not what was written. The index has to be built again."""


@dataclass(frozen=True, slots=True)
class Postings:
    """Where a token stands in a segment: entries (`postings.ENTRY_BITS`) ascending, and how often in each."""

    entries: Entries
    occurrences: Ints


@dataclass(frozen=True, slots=True)
class Places:
    """Where a token stands, place by place: its entries, how often in each, and the positions, entry by entry."""

    entries: Entries
    occurrences: Numbers
    positions: Numbers

    def keys(self, sought: NDArray[np.bool_] | None = None) -> Keys:
        """Return the places, ascending, entry and position as one number; only those in entries that are `matcher`."""
        if sought is None:
            whole: Keys = (np.repeat(self.entries.astype(np.int64), self.occurrences) << POSITION_BITS) | self.positions
            return whole
        chosen = np.flatnonzero(sought[self.entries])
        counts = self.occurrences[chosen].astype(np.int64)
        firsts = (np.cumsum(self.occurrences, dtype=np.int64) - self.occurrences)[chosen]
        before = np.cumsum(counts) - counts
        positions = self.positions[np.repeat(firsts - before, counts) + np.arange(counts.sum())]
        keys: Keys = (np.repeat(self.entries[chosen].astype(np.int64), counts) << POSITION_BITS) | positions
        return keys


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
        # One after the other, here and in `_newest_first`: a hundred thousand small values at once leave holes in the
        # memory of the process.
        gathered = bytearray()
        for of_document in numbers:
            gathered += of_document
        self.numbers = np.frombuffer(bytes(gathered), layout.NUMBERS_DTYPE)
        if (self.numbers["mark"] != layout.MARK).any():
            raise TornSegment(f"Segment {self.segment_id}: the numbers are cut.")
        # Left on the disk: they would take four hundred bytes a study.
        self._keys = columns.column_reader(layout.KEYS, schema[layout.KEYS].column_type)
        self.order = self._newest_first()
        self.codes = {
            name: dict(self._documents_by_token(name))
            for name in schema.names()
            if isinstance(schema[name], layout.Codes) and name not in (layout.STUDY, layout.DOI)
        }

    def keys(self) -> list[tuple[str, str, str]]:
        """Read slug, fingerprint and title key of every document: about 1 µs for each."""
        with self._reading:
            return [layout.keys_from(stored) for stored in self._keys]

    def sort_key(self, document: int) -> tuple[int, str]:
        """Return what `order` sorts a document by."""
        with self._reading:
            slug, _, _ = layout.keys_from(self._keys[document])
        return -int(self.numbers["year"][document]), slug

    def _newest_first(self) -> Ints:
        """Return the documents, newest first and then by slug."""
        # The bytes of UTF-8 are in the order of the letters.
        longest = max(map(len, self._slugs()), default=1)
        slugs = np.fromiter(self._slugs(), f"S{longest}", len(self.numbers))
        order: Ints = np.lexsort((slugs, -self.numbers["year"])).astype(np.int32)
        return order

    def _slugs(self) -> Iterator[bytes]:
        with self._reading:
            yield from (layout.to_bytes(layout.keys_from(stored)[0]) for stored in self._keys)

    def postings(self, rule: str, token: str) -> Postings:
        """Read in which fields of which documents a token stands. Costs about 30 µs. Raises TornSegment."""
        blocks = self._blocks(layout.words_field(rule), token, with_positions=False)
        return Postings(
            np.concatenate([np.empty(0, np.uint32), *(block.entries for block in blocks)]),
            np.concatenate([np.empty(0, np.int32), *(block.occurrences.astype(np.int32) for block in blocks)]),
        )

    def places(self, rule: str, token: str) -> Places:
        """Read every place of a token, for phrases. Raises TornSegment."""
        blocks = self._blocks(layout.words_field(rule), token, with_positions=True)
        if len(blocks) == 1:
            return Places(blocks[0].entries, blocks[0].occurrences, blocks[0].positions)
        none = np.empty(0, np.uint16)
        return Places(
            np.concatenate([np.empty(0, np.uint32), *(block.entries for block in blocks)]),
            np.concatenate([none, *(block.occurrences for block in blocks)]),
            np.concatenate([none, *(block.positions for block in blocks)]),
        )

    def documents(self, field: str, code: str) -> Ints:
        """Read which documents carry a code. Raises TornSegment."""
        blocks = self._blocks(field, code, with_positions=False)
        return np.concatenate([np.empty(0, np.int32), *(block.entries.astype(np.int32) for block in blocks)])

    def _blocks(self, field: str, token: str, *, with_positions: bool) -> list[Block]:
        try:
            with self._reading:
                offset, length = extent(self._terms.term_info(field, layout.to_bytes(token)))
                data = self._terms._postfile.get(offset, length)
            return list(read(data, with_positions=with_positions))
        except TermNotFound:
            return []
        except Exception as error:
            # A torn file of terms shows itself by any exception at all: of struct, of Whoosh itself.
            raise TornSegment(f"Segment {self.segment_id}, {field}: {error!r}") from error

    def frequency(self, rule: str, token: str) -> int:
        """Return in how many documents a token stands: about 15 µs, without its postings. Raises TornSegment."""
        field = layout.words_field(rule)
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

    def tokens(self, rule: str, beginning: str) -> list[str]:
        """Return the tokens that begin so: about 5 µs for each. Raises TornSegment."""
        field, prefix, found = layout.words_field(rule), layout.to_bytes(beginning), []
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
            yield text, self.documents(field, text)
