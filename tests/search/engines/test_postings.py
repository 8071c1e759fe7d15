"""Documents of codes as arrays on disk: read back as written, by the bank and by Whoosh; a torn block is noticed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh.filedb.filestore import RamStorage
from whoosh.formats import Existence

from search.engines.whoosh.postings import CorruptPostings, PostingsMatcher, PostingsWriter, read_blocks

DOCUMENTS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=8, unique=True).map(sorted)


def written(documents: list[int], documents_in_block: int = 1000) -> bytes:
    storage = RamStorage()
    file = storage.create_file("postings")
    writer = PostingsWriter(file, blocklimit=documents_in_block)
    told = SimpleNamespace(add_block=lambda block: None, set_extent=lambda start, length: None)
    writer.start_postings(Existence(), told)
    for document in documents:
        writer.add_posting(document, 1.0, b"")
    writer.finish_postings()
    file.close()
    return storage.open_file("postings").read()


class TestReading:
    @given(DOCUMENTS, st.sampled_from([1, 3, 1000]))
    def test_every_document_comes_back(self, documents: list[int], documents_in_block: int):
        blocks = read_blocks(written(documents, documents_in_block))
        assert [document for block in blocks for document in block.tolist()] == documents

    @given(DOCUMENTS, st.data())
    def test_a_changed_or_cut_block_is_noticed(self, documents: list[int], data: st.DataObject):
        whole = written(documents)
        at = data.draw(st.integers(12, len(whole) - 1))
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        for torn in (changed, whole[:at], bytes(len(whole))):
            with pytest.raises(CorruptPostings):
                list(read_blocks(torn))


class TestWhooshReading:
    @given(DOCUMENTS, st.sampled_from([1, 3, 1000]))
    def test_whoosh_sees_each_document(self, documents: list[int], documents_in_block: int):
        storage = RamStorage()
        storage.files["postings"] = written(documents, documents_in_block)
        matcher = PostingsMatcher(storage.open_file("postings"), 0, len(storage.files["postings"]), Existence())
        seen = []
        while matcher.is_active():
            seen.append(matcher.id())
            matcher.next()
        assert seen == documents
