"""The engine itself: opens and searches the index, applies changes, rebuilds and merges."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex, LockError

from search.contract import (
    ChangeBatch,
    Document,
    EngineError,
    EngineStatus,
    FacetParameters,
    IndexMissing,
    Position,
    SearchRequest,
    SearchResult,
    can_apply_after,
    is_already_applied,
)
from search.engines.arrays.cache import ByteCache
from search.engines.arrays.heap import release_memory
from search.engines.arrays.search import search
from search.engines.arrays.snapshot import Snapshot
from search.engines.arrays.words.layout import CorruptWords
from search.engines.whoosh import schema as layout
from search.engines.whoosh.directory import IndexDirectory, Stamp
from search.engines.whoosh.merging import merge_segments, segments_to_merge
from search.engines.whoosh.segments import ClosableStorage, SegmentReader

_CACHE_BYTES = 32 * 1024 * 1024
_OPENING_TRIES = 10
_OPENING_PAUSE_S = 0.02


@dataclass(frozen=True, slots=True)
class _OpenIndex:
    """A generation as it was at `stamp`. `readers`, by segment id, are reused for the next snapshot."""

    generation: Path
    stamp: Stamp
    position: Position
    readers: Mapping[str, SegmentReader]
    snapshot: Snapshot


class WhooshEngine:
    """Any number of threads and processes search while one writes; no search waits for the writer.

    Each process keeps a snapshot of the index, and before each search checks with two calls of `stat` whether it is
    still current.
    """

    is_shared = True

    def __init__(
        self, directory: Path, facets: FacetParameters, *, analysis_version: int, cache_bytes: int = _CACHE_BYTES
    ) -> None:
        """Use the index in `directory`, which need not exist. `cache_bytes` bounds the memory of cached matches."""
        self._facets = facets
        self._parameters = tuple(name for of_facet in facets.values() for name in of_facet)
        self._directory = IndexDirectory(directory, layout.schema_id(self._parameters), analysis_version)
        self._schema = layout.make_schema(self._parameters)
        self._cache = ByteCache(cache_bytes)
        self._opened: _OpenIndex | None = None
        self._opening = threading.Lock()

    def search(self, request: SearchRequest) -> SearchResult:
        """Return the result of a request. Raises IndexMissing."""
        opened = self._current()
        try:
            return search(opened.snapshot, request, self._cache)
        except (layout.CorruptSegment, CorruptWords):
            self._directory.discard(opened.generation)
            raise

    def apply(
        self, upserts: Iterable[Document], removals: Iterable[int], position: Position, *, since: Position | None = None
    ) -> bool:
        """Write one batch as a new segment of the current generation; only `optimize` merges segments.

        A study in both is removed; if a study is given twice, the first document counts. Return False if another
        process writes, or if a rebuild has swapped generations meanwhile: then the batch must be applied again. Without
        `since`, `position` may also be older than that of the index: the changes after it are then applied again.
        Raises IndexMissing; EngineError if the disk fails.
        """
        removed = set(removals)
        documents = {document.study_id: document for document in _unique(upserts) if document.study_id not in removed}
        generation = self._directory.current()
        try:
            with self._directory.writing(generation) as is_mine:
                if not is_mine:
                    return False
                before = self._refresh()
                if before.generation != generation or (since and not can_apply_after(before.position, since)):
                    return False
                if since and is_already_applied(before.position, since, position):
                    return True
                if not _may_claim(before.position, position):
                    self._directory.write_position(generation, position)
                if documents or removed:
                    self._write(self._index(generation), documents.values(), removed | documents.keys())
                self._directory.write_position(generation, position)
        except LockError:
            return False
        except OSError as error:
            if self._is_current(generation):
                raise EngineError(f"{generation} cannot be written: {error}") from error
            return False
        if not self._is_current(generation):
            return False
        self._refresh()
        return True

    def rebuild(self, documents: Iterable[Document], position: Position, later: Iterable[ChangeBatch] = ()) -> bool:
        """Build a new generation and swap. The old one is searched and changed meanwhile.

        If a study is given twice, the first document counts. If `documents` raises, the old index stays. Takes about
        5 ms for a study of 250 words.
        """
        with self._directory.rebuilding() as is_mine:
            if not is_mine:
                return False
            generation = self._directory.new_generation()
            try:
                index = FileIndex.create(FileStorage(str(generation)), self._schema, layout.INDEX_NAME)
                self._write(index, _unique(documents), ())
                for changes in later:
                    upserts, position = list(_unique(changes.upserts)), changes.position
                    self._write(index, upserts, {*changes.removals, *(document.study_id for document in upserts)})
                self._directory.write_position(generation, position)
                self._directory.swap(generation)
            except BaseException:
                if not self._is_current(generation):
                    shutil.rmtree(generation, ignore_errors=True)
                raise
        self._refresh()
        return True

    def optimize(self) -> None:
        """Merge segments if there are too many, or too many deleted documents. Raises EngineError if the disk fails.

        The new segment is written beside the others; the write lock is held only while it replaces them. Takes about
        5 ms per study in the merged segments.
        """
        with suppress(IndexMissing):
            generation = self._directory.current()
            try:
                with self._directory.merging(generation) as is_mine:
                    if is_mine and merge_segments(self._index(generation), self._directory, generation):
                        self._refresh()
            except OSError as error:
                if self._is_current(generation):
                    raise EngineError(f"Segments of {generation} cannot be merged: {error}") from error

    def status(self) -> EngineStatus:
        """Return the state of the index. Never raises."""
        is_rebuilding = self._directory.is_rebuilding()
        try:
            opened = self._current()
        except IndexMissing:
            return EngineStatus("rebuilding" if is_rebuilding else "missing", None, 0)
        state: Literal["ready", "rebuilding"] = "rebuilding" if is_rebuilding else "ready"
        snapshot = opened.snapshot
        return EngineStatus(
            state, opened.position, snapshot.studies, needs_optimizing=bool(segments_to_merge(snapshot.sizes))
        )

    def fingerprints(self) -> Mapping[int, str]:
        """Return the record hash of every study in the index, by study id. Raises IndexMissing."""
        return self._current().snapshot.fingerprints()

    def _index(self, generation: Path) -> FileIndex:
        return FileIndex(FileStorage(str(generation)), self._schema, layout.INDEX_NAME)

    def _is_current(self, generation: Path) -> bool:
        with suppress(IndexMissing):
            return self._directory.current() == generation
        return False

    def _current(self) -> _OpenIndex:
        """Return the index as it is now, or the previous one while another thread opens a newer one."""
        opened = self._opened
        if opened is not None and (self._is_fresh(opened) or self._opening.locked()):
            return opened
        return self._refresh()

    def _refresh(self) -> _OpenIndex:
        """Open the index if it has changed, so that searches from now on see all that was written before."""
        with self._opening:
            if self._opened is None or not self._is_fresh(self._opened):
                try:
                    self._opened = self._open(self._opened)
                except IndexMissing:
                    self._opened = None
                    raise
            return self._opened

    def _is_fresh(self, opened: _OpenIndex) -> bool:
        with suppress(OSError):
            return self._directory.stamp(opened.generation) == opened.stamp
        return False

    def _open(self, last: _OpenIndex | None) -> _OpenIndex:
        """Open the current generation, reusing readers of `last` for its unchanged segments. Raises IndexMissing.

        A writer may remove files after we have read which there are and before we open them: then we retry.
        """
        for _ in range(_OPENING_TRIES):
            generation = self._directory.current()
            try:
                stamp = self._directory.stamp(generation)
                opened = self._read(generation, stamp, last)
                release_memory()
                if self._directory.stamp(generation) == stamp:
                    return opened
            except FileNotFoundError:
                pass
            except IndexMissing:
                if self._is_current(generation):
                    raise
            except Exception as error:
                # Whoosh raises exceptions of any type for a corrupt file. Rebuilding mends them all.
                raise IndexMissing(f"{generation} cannot be read: {error!r}") from error
            time.sleep(_OPENING_PAUSE_S)
        raise IndexMissing(f"Files of {self._directory.path} are missing, or change faster than they can be read.")

    def _read(self, generation: Path, stamp: Stamp, last: _OpenIndex | None) -> _OpenIndex:
        position = self._directory.position(generation)
        files = ClosableStorage(generation)
        try:
            segments = TOC.read(files, layout.INDEX_NAME, schema=self._schema).segments
        finally:
            files.close_files()
        known = last.readers if last else {}
        readers = [
            known.get(each.segment_id()) or SegmentReader(generation, each, self._schema, self._parameters)
            for each in segments
        ]
        deleted = [list(s.deleted_docs()) for s in segments]
        snapshot = Snapshot(list(zip(readers, deleted, strict=True)), self._facets)
        return _OpenIndex(generation, stamp, position, {each.segment_id: each for each in readers}, snapshot)

    def _write(self, index: FileIndex, documents: Iterable[Document], replaced: Collection[int]) -> None:
        """Delete the studies `replaced`, then add `documents`, in one commit.

        A study is deleted and added at most once (I6).
        """
        writer = layout.DurableWriter(index)
        try:
            writer.delete(replaced)
            for document in documents:
                writer.add(document, self._parameters)
            writer.commit()
        except BaseException:
            writer.abandon()
            raise


def _may_claim(before: Position, after: Position) -> bool:
    """Return True if the state file may keep `before` while the documents of `after` are written (I4).

    Documents may be ahead of the position, never behind it.
    """
    return before.bank_id == after.bank_id and before.change_no <= after.change_no


def _unique(documents: Iterable[Document]) -> Iterator[Document]:
    seen = set()
    for document in documents:
        if document.study_id not in seen:
            seen.add(document.study_id)
            yield document
