"""The file of words: what is written is read back, also when segments are joined; what is cut or changed is noticed."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.contract import FIELDS
from search.engines.arrays.segment import ENTRY_BITS, POSITION_BITS, join_keys
from search.engines.arrays.words import writer
from search.engines.arrays.words.layout import BLOCK, CorruptWords
from search.engines.arrays.words.numbers import WIDTHS, count_bytes, decode, encode, find_widths
from search.engines.arrays.words.reader import WordsFile
from search.engines.arrays.words.writer import WordsWriter
from search.engines.scoring import RULES
from search.text.analysis import BREAK, FieldTokens

Texts = dict[str, FieldTokens]
Place = tuple[int, str, int]
"""Document, field and position."""

TOKENS = st.sampled_from(["sol", "soles", "mar", "ñandú", "\ud800", "luz", BREAK])
FIELD = st.lists(st.tuples(TOKENS, TOKENS), max_size=6).map(
    lambda pairs: FieldTokens(tuple(es for es, _ in pairs), tuple(en for _, en in pairs))
)
DOCUMENTS = st.lists(st.dictionaries(st.sampled_from(FIELDS), FIELD, max_size=3), max_size=6)


@contextmanager
def written(documents: Sequence[Texts]) -> Iterator[WordsFile]:
    with tempfile.TemporaryDirectory() as folder:
        writing = WordsWriter(Path(folder))
        for texts in documents:
            writing.add(texts)
        writing.write(Path(folder) / "words")
        yield WordsFile(Path(folder) / "words")


def expected_places(documents: Sequence[Texts], rule: str) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for document, texts in enumerate(documents):
        for name in FIELDS:
            for position, token in enumerate(getattr(texts.get(name, FieldTokens()), rule)):
                if token != BREAK:
                    found.setdefault(token, []).append((document, name, position))
    return found


def read_places(words: WordsFile, rule: str, token: str) -> list[Place]:
    places = []
    for key in join_keys([part.keys for part in words.places(rule, token)]).tolist():
        entry = key >> POSITION_BITS
        position = key & ((1 << POSITION_BITS) - 1)
        places.append((entry >> ENTRY_BITS, FIELDS[entry & ((1 << ENTRY_BITS) - 1)], position))
    return places


def assert_holds(words: WordsFile, documents: Sequence[Texts]) -> None:
    for rule in RULES:
        places = expected_places(documents, rule)
        for token, of_token in places.items():
            assert read_places(words, rule, token) == of_token
            counts = Counter(document << ENTRY_BITS | FIELDS.index(name) for document, name, _ in of_token)
            postings = words.postings(rule, token)
            assert dict(zip(postings.entries.tolist(), postings.occurrences.tolist(), strict=True)) == counts
            assert postings.entries.tolist() == sorted(counts)
            assert words.frequency(rule, token) >= len(counts)
            assert token in words.tokens(rule, token[:1])
        for absent in ("a", "solo", "zzz"):
            assert absent in places or not len(words.postings(rule, absent).entries)
        assert words.tokens(rule, "so") == {token for token in places if token.startswith("so")}


class TestNumbers:
    @given(st.sampled_from(WIDTHS.tolist()), st.data())
    def test_what_is_encoded_is_decoded(self, width: int, data: st.DataObject):
        numbers = data.draw(st.lists(st.integers(0, 2**width - 1), max_size=9))
        encoded = encode(np.array(numbers, np.uint32), width)
        assert len(encoded) == count_bytes(width, len(numbers))
        assert decode(b"x" + encoded, 1, width, len(numbers)).tolist() == numbers

    @pytest.mark.parametrize(
        ("largest", "width"), [(0, 0), (1, 4), (15, 4), (16, 8), (4095, 12), (4096, 16), (2**32 - 1, 32)]
    )
    def test_the_smallest_width_is_taken(self, largest: int, width: int):
        assert find_widths(np.array([largest], np.uint32)).tolist() == [width]


class TestWordsFile:
    @given(DOCUMENTS)
    def test_every_place_is_read_back(self, documents: list[Texts]):
        with written(documents) as words:
            assert_holds(words, documents)

    def test_a_token_of_many_pairs_over_several_blocks(self):
        tokens = [f"t{number:04}" for number in range(3 * BLOCK)]
        documents = [{"title": FieldTokens(("sol",) * len(tokens), tuple(tokens))} for _ in range(2)]
        documents.append({"title": FieldTokens(tuple(tokens), ("sol",) * len(tokens))})
        with written(documents) as words:
            assert_holds(words, documents)
            assert words.tokens("en", "t00") == set(tokens[:100])

    def test_places_that_do_not_fit_into_memory_at_once(self, monkeypatch):
        monkeypatch.setattr(writer, "_MOST_PLACES", 5)
        documents = [{"title": FieldTokens(("sol", "mar", BREAK, f"t{n % 3}") * n, ("sun",) * 4 * n)} for n in range(9)]
        with written(documents) as words:
            assert_holds(words, documents)

    def test_large_documents_and_positions(self):
        far = ("luz",) * 70_000 + ("sol",)
        documents: list[Texts] = [
            {"summary": FieldTokens(far, far)},
            *({} for _ in range(9000)),
            {"title": FieldTokens(("sol",))},
        ]
        with written(documents) as words:
            assert_holds(words, documents)

    def test_rules_with_unequal_numbers_of_tokens(self):
        documents: list[Texts] = [
            {"title": FieldTokens(("sol", "mar"), ("sun",)), "authors": FieldTokens((), ("sea",))}
        ]
        with written(documents) as words:
            assert_holds(words, documents)

    def test_it_is_read_after_it_was_deleted(self, tmp_path):
        writing = WordsWriter(tmp_path)
        writing.add({"title": FieldTokens(("sol",), ("sun",))})
        writing.write(tmp_path / "words")
        words = WordsFile(tmp_path / "words")
        (tmp_path / "words").unlink()
        assert words.tokens("es", "s") == {"sol"}


class TestJoiningSegments:
    @given(st.lists(st.tuples(DOCUMENTS, st.integers(0, 63)), max_size=3), st.sampled_from([3, 1 << 22]))
    def test_live_documents_are_numbered_anew(self, segments: list[tuple[list[Texts], int]], most: int):
        joined: list[Texts] = []
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            patch.setattr(writer, "_MOST_PLACES", most)
            writing = WordsWriter(Path(folder))
            for documents, chosen in segments:
                live = np.array([chosen >> at & 1 for at in range(len(documents))], np.bool_)
                joined += [texts for texts, is_live in zip(documents, live, strict=True) if is_live]
                with written(documents) as words:
                    writing.add_segment(words, live)
            writing.write(Path(folder) / "joined")
            assert_holds(WordsFile(Path(folder) / "joined"), joined)


class TestDamage:
    @given(st.data())
    def test_no_changed_byte_and_no_cut_is_taken_for_what_was_written(self, data: st.DataObject):
        documents: list[Texts] = [
            {"title": FieldTokens(("sol", "mar"), ("sun", "sea")), "summary": FieldTokens(("sol",), ("sol",))}
        ]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "words"
            writing = WordsWriter(Path(folder))
            writing.add(documents[0])
            writing.write(path)
            whole = path.read_bytes()
            at = data.draw(st.integers(0, len(whole) - 1))
            for torn in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], bytes(len(whole))):
                path.write_bytes(torn)
                try:
                    assert_holds(WordsFile(path), documents)
                except CorruptWords:
                    continue
