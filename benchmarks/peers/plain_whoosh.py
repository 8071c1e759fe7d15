"""Whoosh as its documentation shows it: analysers by language, `groupedby` with counts, its own highlighter.

`limit` is left to the path that collects all hits, which `groupedby` takes anyway: the other one gives a wrong first
page at times (docs/decisions/0001-whoosh-reloaded.md). Files are kept apart (`compound=False`), so that opening the
index does not copy it into memory; facets of one code a study are columns; a filter is cached by Whoosh.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import whoosh
from whoosh import fields, highlight, index, qparser, query, sorting
from whoosh.analysis import LanguageAnalyzer, StandardAnalyzer, StemmingAnalyzer
from whoosh.writing import IndexWriter

from benchmarks.corpus import MadeUpStudy
from benchmarks.peers import (
    PAGE,
    SINGLE,
    SUMMARY_LENGTH,
    PeerPage,
    author_names,
    english_text,
    folder_bytes,
    spanish_text,
)
from benchmarks.questions import Question
from search.criteria.facets import FACET_OF, PARAMETERS
from studies.store.vocabularies import Vocabularies

_TEXTS = {"title_es": 4.0, "title_en": 4.0, "text_es": 1.0, "text_en": 1.0, "names": 2.0}


class PlainWhoosh:
    name: ClassVar[str] = "whoosh"
    version = f"Whoosh {whoosh.versionstring()}"

    def __init__(self, folder: Path, size: int, vocabulary: Vocabularies) -> None:
        self._folder = folder
        self._vocabulary = vocabulary

    def build(self, studies: Iterable[MadeUpStudy]) -> None:
        writer = index.create_in(str(self._folder), _schema()).writer(limitmb=512)
        writer.compound = False
        for study in studies:
            self._add(writer, study)
        writer.commit()

    def open(self) -> None:
        self._index = index.open_dir(str(self._folder))
        self._searcher = self._index.searcher()
        self._parser = qparser.MultifieldParser([*_TEXTS], self._index.schema, fieldboosts=_TEXTS)

    def page(self, question: Question) -> PeerPage:
        asked = self._parser.parse(question.typed) if question.words else query.Every()
        found = self._search(asked, question.chosen, None, [*PARAMETERS, "year"])
        counts = {name: _counts(found, name) for name in (*PARAMETERS, "year")}
        for facet in {FACET_OF[parameter] for parameter in question.chosen}:
            others = self._search(asked, question.chosen, facet.name, list(facet.parameters))
            counts.update({name: _counts(others, name) for name in facet.parameters})
        found.fragmenter = highlight.ContextFragmenter(maxchars=SUMMARY_LENGTH)
        marked = tuple((_marked(hit, "title_es"), _marked(hit, "summary")) for hit in found[:PAGE])
        return PeerPage(len(found), tuple(int(hit["number"]) for hit in found[:PAGE]), counts, marked)

    def _search(self, asked: Any, chosen: Any, cleared: str | None, counted: list[str]) -> Any:
        kept = [
            query.Or([query.Term(parameter, code) for code in codes])
            for parameter, codes in chosen.items()
            if FACET_OF[parameter].name != cleared
        ]
        groups = {
            name: sorting.FieldFacet(
                name, allow_overlap=name in PARAMETERS and name not in SINGLE, maptype=sorting.Count
            )
            for name in counted
        }
        return self._searcher.search(
            asked,
            limit=None,
            filter=query.And(kept) if kept else None,
            sortedby=sorting.FieldFacet("year", reverse=True) if isinstance(asked, query.Every) else None,
            groupedby=groups,
        )

    def change(self, study: MadeUpStudy) -> None:
        writer = self._index.writer()
        writer.compound = False
        writer.delete_by_term("number", str(study.number))
        self._add(writer, study)
        writer.commit()
        # Not refresh(): the segments that it takes over keep their deleted documents.
        self._searcher.close()
        self._searcher = self._index.searcher()

    def _add(self, writer: IndexWriter, study: MadeUpStudy) -> None:
        codes = {
            parameter: next(iter(held)) if parameter in SINGLE else " ".join(held)
            for parameter, held in study.codes(self._vocabulary).items()
        }
        writer.add_document(
            number=str(study.number),
            title_es=study.record.title_es,
            title_en=study.record.title_en,
            text_es=spanish_text(study),
            text_en=english_text(study),
            names=author_names(study),
            summary=study.record.summary_es,
            year=study.record.year,
            **codes,
        )

    def nbytes(self) -> int:
        return folder_bytes(self._folder)

    def close(self) -> None:
        self._searcher.close()
        self._index.close()


def _schema() -> fields.Schema:
    spanish, english = LanguageAnalyzer("es"), StemmingAnalyzer()
    schema = fields.Schema(
        number=fields.ID(unique=True, stored=True),
        title_es=fields.TEXT(spanish, stored=True),
        title_en=fields.TEXT(english),
        text_es=fields.TEXT(spanish),
        text_en=fields.TEXT(english),
        names=fields.TEXT(StandardAnalyzer()),
        summary=fields.STORED(),
        year=fields.NUMERIC(sortable=True),
    )
    for parameter in PARAMETERS:
        schema.add(parameter, fields.ID(sortable=True) if parameter in SINGLE else fields.KEYWORD())
    return schema


def _counts(found: Any, name: str) -> dict[str, int]:
    return {str(code): number for code, number in found.groups(name).items() if code is not None}


def _marked(hit: Any, name: str) -> str:
    field = "title_es" if name == "title_es" else "text_es"
    return str(hit.highlights(field, text=hit[name], top=1) or hit[name][:SUMMARY_LENGTH])
