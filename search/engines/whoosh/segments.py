"""Implements `arrays.segment.Segment` for a segment of a Whoosh index.

Whoosh is no longer developed (docs/dependencies.md); the private names used here are those of version 2.7.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Hashable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.filedb.filestore import FileStorage
from whoosh.reading import TermNotFound

from search.contract import PAIRED_FACETS, FacetPair
from search.engines.arrays.segment import Ints, Places, Postings
from search.engines.arrays.words.reader import WordsFile
from search.engines.whoosh import schema as layout
from search.engines.whoosh.postings import postings_extent, read_blocks


class ClosableStorage(FileStorage):  # type: ignore[misc]
    """A directory to read from, which can close all its open files. Whoosh leaves them open when a read fails."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), readonly=True)
        self._files: list[Any] = []

    def open_file(self, name: str, **options: Any) -> Any:
        """Open a file and remember it."""
        file = super().open_file(name, **options)
        self._files.append(file)
        return file

    def close_files(self) -> None:
        """Close all files that are still open."""
        for file in self._files:
            if not file.is_closed:
                file.close()


class SegmentReader:
    """Reads one segment. Its methods raise layout.CorruptSegment, or CorruptWords.

    A segment never changes on disk, so its reader serves every snapshot that holds the segment. All its files are
    opened at once: they stay readable when another process has removed them.
    """

    def __init__(self, folder: Path, segment: Any, schema: Any, parameters: Iterable[str]) -> None:
        self.segment_id: str = segment.segment_id()
        self._schema = schema
        self._reading = threading.Lock()
        files = ClosableStorage(folder)
        # Whoosh closes no files. These are closed when the last snapshot with this reader is gone.
        weakref.finalize(self, files.close_files)
        self._terms = segment.codec().terms_reader(files, segment)
        self._words = WordsFile(folder / layout.words_name(self.segment_id))
        columns = segment.codec().per_document_reader(files, segment)
        table = layout.read_numbers(folder, segment)
        self.study_ids, self.added = table["study_id"], table["added"]
        self.years, self.nearness, self.lengths = table["year"], table["nearness"], table["lengths"]
        # Read when needed: in memory they would take 400 bytes per study.
        self._keys = columns.column_reader(layout.KEYS, schema[layout.KEYS].column_type)
        self.order = self._newest_first()
        self.codes: Mapping[str, Mapping[str, Ints]] = {
            parameter: dict(self._documents_by_token(layout.code_field(parameter))) for parameter in parameters
        }
        self.pairs: Mapping[FacetPair, Mapping[tuple[str, str], Ints]] = {
            pair: {
                layout.decode_pair(token): documents
                for token, documents in self._documents_by_token(layout.pair_field(pair))
            }
            for pair in PAIRED_FACETS
        }

    def keys(self) -> list[tuple[str, str, str]]:
        """Read slug, fingerprint and title key of every document: about 1 µs each."""
        with self._reading:
            return [layout.decode_keys(stored) for stored in self._keys]

    def sort_key(self, document: int) -> tuple[int, str]:
        """Read (-year, slug) of a document."""
        with self._reading:
            slug, _, _ = layout.decode_keys(self._keys[document])
        return -int(self.years[document]), slug

    def _newest_first(self) -> Ints:
        """Return the documents sorted by (-year, slug)."""
        # UTF-8 bytes sort in the order of code points, as Python's strings do.
        longest = max(map(len, self._slugs()), default=1)
        slugs = np.fromiter(self._slugs(), f"S{longest}", len(self.years))
        order: Ints = np.lexsort((slugs, -self.years)).astype(np.int32)
        return order

    def _slugs(self) -> Iterator[bytes]:
        with self._reading:
            yield from (layout.to_bytes(layout.decode_keys(stored)[0]) for stored in self._keys)

    def identify(self, rule: str, token: str) -> Hashable:
        """Return a value that only tokens with the same postings share: about 5 µs, less the second time."""
        return self._words.identify(rule, token)

    def postings(self, rule: str, token: str) -> Postings:
        """Read in which fields of which documents a token stands: about 30 µs."""
        return self._words.postings(rule, token)

    def places(self, rule: str, token: str) -> list[Places]:
        """Read every place of a token, for phrases."""
        return self._words.places(rule, token)

    def with_doi(self, doi: str) -> Ints:
        """Read which documents have this DOI."""
        return self._documents(layout.DOI, doi)

    def frequency(self, rule: str, token: str) -> int:
        """Return in how many fields of all documents a token stands: about 10 µs."""
        return self._words.frequency(rule, token)

    def tokens(self, rule: str, beginning: str) -> set[str]:
        """Return the tokens that begin with `beginning`."""
        return self._words.tokens(rule, beginning)

    def _documents(self, field: str, code: str) -> Ints:
        try:
            with self._reading:
                offset, length = postings_extent(self._terms.term_info(field, layout.to_bytes(code)))
                data = self._terms._postfile.get(offset, length)
            return np.concatenate([block.astype(np.int32) for block in read_blocks(data)])
        except TermNotFound:
            return np.empty(0, np.int32)
        except Exception as error:
            # A corrupt file of terms raises exceptions of any type, those of struct or of Whoosh among them.
            raise layout.CorruptSegment(f"Segment {self.segment_id}, {field}: {error!r}") from error

    def _documents_by_token(self, field: str) -> Iterator[tuple[str, Ints]]:
        for name, token in self._terms.terms_from(field, b""):
            if name != field:
                return
            text = layout.from_bytes(token)
            yield text, self._documents(field, text)
