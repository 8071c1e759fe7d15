"""tantivy through tantivy-py: stemmers by language, codes as fast fields counted by one aggregation, its own snippets.

One segment after building. A facet with a choice takes an aggregation more, as anywhere. What Rust alone could do
without the passage through JSON and Python is not measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import tantivy

from benchmarks.corpus import MadeUpStudy
from benchmarks.peers import PAGE, SUMMARY_LENGTH, PeerPage, author_names, english_text, folder_bytes, spanish_rest
from benchmarks.questions import Question
from search.criteria.facets import FACET_OF, PARAMETERS
from studies.store.vocabularies import Vocabularies

_BOOSTS = {"title_es": 4.0, "title_en": 4.0, "summary_es": 1.0, "rest_es": 1.0, "text_en": 1.0, "names": 2.0}
_MOST_CODES = 1000


class TantivyPy:
    name: ClassVar[str] = "tantivy"
    version = f"tantivy-py {version('tantivy')}"

    def __init__(self, folder: Path, size: int, vocabulary: Vocabularies) -> None:
        self._folder = folder
        self._vocabulary = vocabulary

    def build(self, studies: Iterable[MadeUpStudy]) -> None:
        index = self._index_of(_schema())
        # One thread makes one segment, the best that a reader can be given.
        writer = index.writer(heap_size=2_000_000_000, num_threads=1)
        for study in studies:
            writer.add_document(self._document(study))
        writer.commit()
        writer.wait_merging_threads()

    def _index_of(self, schema: Any) -> Any:
        index = tantivy.Index(schema, path=str(self._folder))
        for name, language in (("spanish", "spanish"), ("english", "english"), ("names", None)):
            builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.lowercase())
            if language:
                builder = builder.filter(tantivy.Filter.stemmer(language))
            index.register_tokenizer(name, builder.filter(tantivy.Filter.ascii_fold()).build())
        return index

    def open(self) -> None:
        self._schema = _schema()
        self._index = self._index_of(self._schema)
        self._searcher = self._index.searcher()

    def page(self, question: Question) -> PeerPage:
        words = self._words(question)
        kept = {
            FACET_OF[parameter].name: tantivy.Query.const_score_query(
                tantivy.Query.term_set_query(self._schema, parameter, list(codes)), 0.0
            )
            for parameter, codes in question.chosen.items()
        }
        asked = _all_of([words, *kept.values()])
        order = None if question.words else "year"
        found = self._searcher.search(asked, limit=PAGE, count=True, order_by_field=order)
        counts = self._counts(asked, [p for p in PARAMETERS if FACET_OF[p].name not in kept] + ["year"])
        for facet in {FACET_OF[parameter] for parameter in question.chosen}:
            others = _all_of([words, *(query for name, query in kept.items() if name != facet.name)])
            counts |= self._counts(others, list(facet.parameters))
        documents = [self._searcher.doc(address) for _, address in found.hits]
        numbers = tuple(document.get_first("number") for document in documents)
        return PeerPage(
            found.count, numbers, counts, tuple(self._marked(words, documents, is_sought=bool(question.words)))
        )

    def _words(self, question: Question) -> Any:
        if not question.words:
            return tantivy.Query.all_query()
        if question.is_prefix:
            beginnings = (tantivy.Query.regex_query(self._schema, name, question.words[0] + ".*") for name in _BOOSTS)
            return tantivy.Query.boolean_query([(tantivy.Occur.Should, beginning) for beginning in beginnings])
        return self._index.parse_query(question.typed, [*_BOOSTS], _BOOSTS, conjunction_by_default=True)

    def _counts(self, asked: Any, names: list[str]) -> dict[str, dict[str, int]]:
        wanted = {name: {"terms": {"field": name, "size": _MOST_CODES}} for name in names}
        told = self._searcher.aggregate(asked, wanted)
        return {name: {_label(each["key"]): int(each["doc_count"]) for each in told[name]["buckets"]} for name in names}

    def _marked(self, words: Any, documents: list[Any], *, is_sought: bool) -> Iterator[tuple[str, str]]:
        if not is_sought:
            for document in documents:
                yield document.get_first("title_es"), document.get_first("summary_es")[:SUMMARY_LENGTH]
            return
        title = tantivy.SnippetGenerator.create(self._searcher, words, self._schema, "title_es")
        title.set_max_num_chars(1000)
        summary = tantivy.SnippetGenerator.create(self._searcher, words, self._schema, "summary_es")
        summary.set_max_num_chars(SUMMARY_LENGTH)
        for document in documents:
            yield (
                title.snippet_from_doc(document).to_html() or document.get_first("title_es"),
                summary.snippet_from_doc(document).to_html() or document.get_first("summary_es")[:SUMMARY_LENGTH],
            )

    def change(self, study: MadeUpStudy) -> None:
        writer = self._index.writer(heap_size=50_000_000, num_threads=1)
        writer.delete_documents_by_term("number", study.number)
        writer.add_document(self._document(study))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def _document(self, study: MadeUpStudy) -> Any:
        document, record = tantivy.Document(), study.record
        document.add_integer("number", study.number)
        document.add_integer("year", record.year or 0)
        document.add_text("title_es", record.title_es or "")
        document.add_text("title_en", record.title_en or "")
        document.add_text("summary_es", record.summary_es or "")
        document.add_text("rest_es", spanish_rest(study))
        document.add_text("text_en", english_text(study))
        document.add_text("names", author_names(study))
        for parameter, codes in study.codes(self._vocabulary).items():
            for code in codes:
                document.add_text(parameter, code)
        return document

    def nbytes(self) -> int:
        return folder_bytes(self._folder)

    def close(self) -> None:
        del self._searcher, self._index


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("number", stored=True, indexed=True, fast=True)
    builder.add_integer_field("year", fast=True)
    builder.add_text_field("title_es", stored=True, tokenizer_name="spanish")
    builder.add_text_field("title_en", tokenizer_name="english")
    # Apart from the rest, so that the snippets have no more text to read than is shown.
    builder.add_text_field("summary_es", stored=True, tokenizer_name="spanish")
    builder.add_text_field("rest_es", tokenizer_name="spanish")
    builder.add_text_field("text_en", tokenizer_name="english")
    builder.add_text_field("names", tokenizer_name="names")
    for parameter in PARAMETERS:
        builder.add_text_field(parameter, fast=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def _all_of(queries: list[Any]) -> Any:
    if len(queries) == 1:
        return queries[0]
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])


def _label(key: Any) -> str:
    return str(int(key)) if isinstance(key, float) else str(key)
