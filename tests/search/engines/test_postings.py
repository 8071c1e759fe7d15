"""Postings as arrays on disk: what is written is read back, by the bank and by Whoosh, and a torn block is noticed."""

from __future__ import annotations

from array import array
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh.filedb.filestore import RamStorage

from search.engines.arrays.segment import ENTRY_BITS, POSITION_BITS
from search.engines.whoosh.postings import CorruptPostings, PostingsMatcher, PostingsWriter, read_blocks
from search.engines.whoosh.schema import OccurrencesFormat

Places = dict[int, list[tuple[int, int]]]
"""For each document the fields and positions of a token."""

PLACES = st.dictionaries(
    st.integers(0, 2**20),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3) | st.integers(60_000, 70_000)), min_size=1, unique=True),
    min_size=1,
    max_size=8,
).map(lambda places: {document: sorted(found) for document, found in sorted(places.items())})


def value(found: list[tuple[int, int]]) -> bytes:
    return array("I", [field << POSITION_BITS | position for field, position in found]).tobytes()


def written(places: Places, documents_in_block: int = 1000, *, is_code: bool = False) -> bytes:
    storage = RamStorage()
    file = storage.create_file("postings")
    writer = PostingsWriter(file, blocklimit=documents_in_block)
    told = SimpleNamespace(add_block=lambda block: None, set_extent=lambda start, length: None)
    writer.start_postings(OccurrencesFormat(), told)
    for document, found in places.items():
        writer.add_posting(document, 1.0, b"" if is_code else value(found))
    writer.finish_postings()
    file.close()
    return storage.open_file("postings").read()


class TestReading:
    @given(PLACES, st.sampled_from([1, 3, 1000]))
    def test_every_place_comes_back(self, places: Places, documents_in_block: int):
        found: Places = {}
        for block in read_blocks(written(places, documents_in_block), with_positions=True):
            entries = np.repeat(block.entries, block.occurrences).tolist()
            for entry, position in zip(entries, block.positions.tolist(), strict=True):
                found.setdefault(entry >> ENTRY_BITS, []).append((entry & 7, position))
        assert found == places

    @given(PLACES)
    def test_codes_have_documents_alone(self, places: Places):
        (block,) = read_blocks(written(places, is_code=True), with_positions=True)
        assert block.entries.tolist() == list(places)
        assert len(block.occurrences) == len(block.positions) == 0

    @given(PLACES, st.data())
    def test_a_changed_or_cut_block_is_noticed(self, places: Places, data: st.DataObject):
        whole = written(places)
        at = data.draw(st.integers(28, len(whole) - 1))
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        for torn in (changed, whole[:at], bytes(len(whole))):
            with pytest.raises(CorruptPostings):
                list(read_blocks(torn, with_positions=True))


class TestWhooshReading:
    @given(PLACES, st.sampled_from([1, 3, 1000]))
    def test_whoosh_sees_each_document_with_the_value_that_was_written(self, places: Places, documents_in_block: int):
        storage = RamStorage()
        storage.files["postings"] = written(places, documents_in_block)
        file = storage.open_file("postings")
        matcher = PostingsMatcher(file, 0, len(storage.files["postings"]), OccurrencesFormat())
        seen = {}
        while matcher.is_active():
            seen[matcher.id()] = matcher.value()
            matcher.next()
        assert seen == {document: value(found) for document, found in places.items()}
