"""Merges segments: which ones, when, and how the result replaces them while others go on writing.

Each batch of changes is a segment of its own, and a search reads all of them, so there must not be many. Whoosh would
merge inside a commit, while a curator or a reader waits, and hold its lock until everything is copied.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex
from whoosh.reading import SegmentReader

from search.engines.whoosh import schema as layout
from search.engines.whoosh.directory import IndexDirectory

MOST_SEGMENTS = 8
_LEFT = 4
_WORN = 1000
_PATIENCE_S = 10
_PREFIX = "merge-"


def due(sizes: Sequence[tuple[int, int]]) -> list[int]:
    """Return which segments to merge into one, by their places in `sizes`; none while no merge is due.

    `sizes` are numbers of live and of deleted documents. More than MOST_SEGMENTS are reduced to four, the smallest
    first; a larger one joins when it holds no more than those before it together, so that the same study is not copied
    again and again. A segment of which much is deleted is rewritten.
    """
    chosen = {i for i, (live, deleted) in enumerate(sizes) if deleted >= _WORN and 2 * deleted > live}
    if len(sizes) > MOST_SEGMENTS:
        smallest_first = sorted(range(len(sizes)), key=lambda i: sizes[i])
        gathered = 0
        for place, i in enumerate(smallest_first):
            if place > len(sizes) - _LEFT and sizes[i][0] > gathered:
                break
            chosen.add(i)
            gathered += sizes[i][0]
    return sorted(chosen)


def merge(index: FileIndex, directory: IndexDirectory, generation: Path) -> bool:
    """Merge the segments of `generation` that are due; the caller holds its lock of merging. Return whether any were.

    Killed at any moment, it leaves the index as it was, and a folder that the next merge deletes.
    """
    for left_by_a_crash in generation.glob(_PREFIX + "*"):
        shutil.rmtree(left_by_a_crash, ignore_errors=True)
    segments = _table(index).segments
    chosen = [segments[i] for i in due([(each.doc_count(), each.deleted_count()) for each in segments])]
    if not chosen:
        return False
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=generation, ignore_cleanup_errors=True) as name:
        beside = FileIndex.create(FileStorage(name), index.schema, layout.INDEX_NAME)
        _copy(index, chosen, beside)
        with directory.writing(generation, patience_s=_PATIENCE_S) as is_mine:
            if not is_mine or directory.current() != generation:
                return False
            _place(index, chosen, beside)
            # Only a new state file makes the other processes open the new segment.
            directory.write_position(generation, directory.position(generation))
    return True


def _table(index: FileIndex) -> TOC:
    return TOC.read(index.storage, layout.INDEX_NAME, schema=index.schema)


def _copy(index: FileIndex, segments: list[Any], beside: FileIndex) -> None:
    """Write the live documents of `segments`, in their order, as one segment into `beside`; none if none are live."""
    living = [segment for segment in segments if segment.doc_count()]
    if not living:
        return
    writer = layout.Writer(beside)
    try:
        for segment in living:
            reader = SegmentReader(index.storage, index.schema, segment)
            writer.add_reader(reader)
            reader.close()
        writer.commit(merge=False)
    except BaseException:
        writer.abandon()
        raise


def _place(index: FileIndex, chosen: list[Any], beside: FileIndex) -> None:
    """Put what `beside` holds in the place of `chosen`; the caller holds the lock of writing."""
    table, merged = _table(index), _table(beside).segments
    for segment in merged:
        _delete_again(segment, chosen, table.segments)
    folder = Path(index.storage.folder)
    for path in Path(beside.storage.folder).glob(layout.INDEX_NAME + "_*.*"):
        path.rename(folder / path.name)
    old = {each.segment_id() for each in chosen}
    kept = [each for each in table.segments if each.segment_id() not in old]
    layout.commit_table(index.storage, table.schema, [*kept, *merged], table.generation + 1)


def _delete_again(merged: Any, before: list[Any], now: list[Any]) -> None:
    """Delete from `merged` what was deleted from its parts while it was being written."""
    parts_now = {part.segment_id(): part for part in now}
    start = 0
    for part in before:
        gone = set(part.deleted_docs())
        gone_now = set(parts_now[part.segment_id()].deleted_docs())
        for document in gone_now - gone:
            merged.delete_document(start + document - sum(earlier < document for earlier in gone))
        start += part.doc_count()
