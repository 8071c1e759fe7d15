"""Merges segments: which ones, and how the result replaces them while other processes write.

Each batch of changes is a segment of its own, and a search reads all segments, so there must be few. Whoosh would merge
inside a commit, while a curator or a reader waits, and hold its lock until everything is copied.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex
from whoosh.reading import SegmentReader

from search.engines.arrays.words.reader import WordsFile
from search.engines.whoosh import schema as layout
from search.engines.whoosh.directory import IndexDirectory

MOST_SEGMENTS = 8
_MOST_LEFT = 4
_LEAST_DELETED = 1000
_PATIENCE_S = 10
_PREFIX = "merge-"


def segments_to_merge(sizes: Sequence[tuple[int, int]]) -> list[int]:
    """Return the places in `sizes` of the segments to merge into one; none if no merge is needed.

    `sizes` are numbers of live and of deleted documents. More than MOST_SEGMENTS are reduced to four, the smallest
    first. A larger one is included only if it has no more documents than all smaller ones together, so that a study is
    not copied over and over. A segment with many deleted documents is rewritten.
    """
    chosen = {i for i, (live, deleted) in enumerate(sizes) if deleted >= _LEAST_DELETED and 2 * deleted > live}
    if len(sizes) > MOST_SEGMENTS:
        smallest_first = sorted(range(len(sizes)), key=lambda i: sizes[i])
        gathered = 0
        for place, i in enumerate(smallest_first):
            if place > len(sizes) - _MOST_LEFT and sizes[i][0] > gathered:
                break
            chosen.add(i)
            gathered += sizes[i][0]
    return sorted(chosen)


def merge_segments(index: FileIndex, directory: IndexDirectory, generation: Path) -> bool:
    """Merge segments of `generation`. The caller holds its merge lock. Return False if nothing was merged.

    A process that is killed meanwhile leaves the index as it was, and a directory that the next merge deletes.
    """
    for left_by_a_crash in generation.glob(_PREFIX + "*"):
        shutil.rmtree(left_by_a_crash, ignore_errors=True)
    segments = _read_toc(index).segments
    chosen = [segments[i] for i in segments_to_merge([(each.doc_count(), each.deleted_count()) for each in segments])]
    if not chosen:
        return False
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=generation, ignore_cleanup_errors=True) as name:
        beside = FileIndex.create(FileStorage(name), index.schema, layout.INDEX_NAME)
        _copy_segments(index, chosen, beside)
        with directory.writing(generation, patience_s=_PATIENCE_S) as is_mine:
            if not is_mine or directory.current() != generation:
                return False
            _replace_segments(index, chosen, beside)
            # Other processes open the new segment only after the state file has changed.
            directory.write_position(generation, directory.position(generation))
    return True


def _read_toc(index: FileIndex) -> TOC:
    return TOC.read(index.storage, layout.INDEX_NAME, schema=index.schema)


def _copy_segments(index: FileIndex, segments: list[Any], beside: FileIndex) -> None:
    """Write the live documents of `segments`, in order, as one segment of the index `beside`; none if none are live."""
    living = [segment for segment in segments if segment.doc_count()]
    if not living:
        return
    writer = layout.DurableWriter(beside)
    try:
        for segment in living:
            reader = SegmentReader(index.storage, index.schema, segment)
            words = WordsFile(Path(index.storage.folder) / layout.words_name(segment.segment_id()))
            live = np.ones(segment.doc_count_all(), np.bool_)
            live[list(segment.deleted_docs())] = False
            writer.add_segment(reader, words, live)
            reader.close()
        writer.commit()
    except BaseException:
        writer.abandon()
        raise


def _replace_segments(index: FileIndex, chosen: list[Any], beside: FileIndex) -> None:
    """Replace the segments `chosen` of `index` by those of `beside`. The caller holds the write lock."""
    table, merged = _read_toc(index), _read_toc(beside).segments
    for segment in merged:
        _repeat_deletions(segment, chosen, table.segments)
    folder = Path(index.storage.folder)
    for path in Path(beside.storage.folder).glob(layout.INDEX_NAME + "_*.*"):
        path.rename(folder / path.name)
    old = {each.segment_id() for each in chosen}
    kept = [each for each in table.segments if each.segment_id() not in old]
    layout.commit_toc(index.storage, table.schema, [*kept, *merged], table.generation + 1)


def _repeat_deletions(merged: Any, before: list[Any], now: list[Any]) -> None:
    """Delete from `merged` the documents that were deleted from its parts while it was written."""
    parts_now = {part.segment_id(): part for part in now}
    start = 0
    for part in before:
        gone = set(part.deleted_docs())
        gone_now = set(parts_now[part.segment_id()].deleted_docs())
        for document in gone_now - gone:
            merged.delete_document(start + document - sum(earlier < document for earlier in gone))
        start += part.doc_count()
