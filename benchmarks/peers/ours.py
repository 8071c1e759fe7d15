"""Our engine, as a page uses it: query language and thesaurus, engine, highlights. Texts come from a SQLite table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import ClassVar

from benchmarks.corpus import MadeUpStudy
from benchmarks.peers import PAGE, SUMMARY_LENGTH, PeerPage, folder_bytes
from benchmarks.questions import Question
from search.contract import Document, Filters, Position, SearchRequest
from search.criteria.facets import FACET_PARAMETERS, PARAMETERS
from search.engines.arrays.cache import ByteCache
from search.engines.whoosh.engine import WhooshEngine
from search.engines.whoosh.schema import schema_id
from search.query.highlight import Fragment, cut_snippet, highlight
from search.query.matcher import TextMatcher
from search.query.tree import Node, iterate_sought_leaves
from search.services.query_reader import get_query_reader
from search.text.analysis import ANALYSIS_VERSION
from studies.store.vocabularies import Vocabularies

_BANK = "bench"


class Ours:
    name: ClassVar[str] = "ours"
    version = f"analysis {ANALYSIS_VERSION}, schema {schema_id(PARAMETERS)}"

    def __init__(self, folder: Path, size: int, vocabulary: Vocabularies) -> None:
        self._folder = folder
        self._vocabulary = vocabulary
        self._reader = get_query_reader(vocabulary)
        self._changes = 1
        self.engine = WhooshEngine(folder / "index", FACET_PARAMETERS, analysis_version=ANALYSIS_VERSION)

    def build(self, studies: Iterable[MadeUpStudy]) -> None:
        with sqlite3.connect(self._folder / "texts.sqlite3") as texts:
            texts.execute("CREATE TABLE study (id INTEGER PRIMARY KEY, title TEXT, summary TEXT)")
            self.engine.rebuild(self._described(studies, texts), Position(_BANK, self._changes))
        texts.close()

    def _described(self, studies: Iterable[MadeUpStudy], texts: sqlite3.Connection) -> Iterator[Document]:
        for study in studies:
            row = (study.number, study.record.title_es, study.record.summary_es)
            texts.execute("INSERT INTO study VALUES (?, ?, ?)", row)
            yield study.document(self._vocabulary)

    def open(self) -> None:
        self._texts = sqlite3.connect(self._folder / "texts.sqlite3")
        self.engine.status()

    def page(self, question: Question) -> PeerPage:
        query = self._reader.parse(question.typed)
        filters = Filters({parameter: frozenset(codes) for parameter, codes in question.chosen.items()})
        sort = "relevance" if question.words else "newest"
        found = self.engine.search(SearchRequest(query.node, filters, sort, limit=PAGE))
        numbers = tuple(hit.study_id for hit in found.hits)
        years = {str(year): number for year, number in found.years.items()}
        marked = tuple(self._marked(query.node, numbers)) if numbers else ()
        return PeerPage(found.total, numbers, {**found.facets, "year": years}, marked)

    def _marked(self, node: Node, numbers: tuple[int, ...]) -> Iterator[tuple[str, str]]:
        sought = TextMatcher(iterate_sought_leaves(node))
        in_title, in_summary = sought.restrict_to("title"), sought.restrict_to("summary")
        for title, summary in self._texts_of(numbers):
            yield _html(highlight(title, in_title)), _html(cut_snippet(summary, in_summary, SUMMARY_LENGTH))

    def _texts_of(self, numbers: tuple[int, ...]) -> list[tuple[str, str]]:
        wanted = ",".join("?" * len(numbers))
        rows = self._texts.execute(f"SELECT id, title, summary FROM study WHERE id IN ({wanted})", numbers)
        texts = {number: (title, summary) for number, title, summary in rows}
        return [texts[number] for number in numbers]

    def change(self, study: MadeUpStudy) -> None:
        self._changes += 1
        is_done = self.engine.apply([study.document(self._vocabulary)], (), Position(_BANK, self._changes))
        assert is_done

    def forget(self) -> None:
        """Empty what is kept between two searches of one index: queries as read, leaves and terms."""
        self._reader.parse.cache_clear()
        self.engine._cache = ByteCache(self.engine._cache._capacity)
        for reader in self.engine._current().readers.values():
            reader._words._found.clear()

    def nbytes(self) -> int:
        return folder_bytes(self._folder)

    def close(self) -> None:
        self._texts.close()


def _html(fragments: tuple[Fragment, ...]) -> str:
    # Between tags, as here, quotation marks may stand as they are.
    escaped = ((escape(text, quote=False), marked) for text, marked in fragments)
    return "".join([f"<mark>{text}</mark>" if marked else text for text, marked in escaped])
