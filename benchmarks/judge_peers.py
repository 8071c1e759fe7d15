"""The peers of `judge` on the same studies: plain Whoosh, PostgreSQL and SQLite full text, each by its best practice.

Each holds, for every study, the Spanish and the English text apart: titles, authors and labels of terms stand in both.
Each is asked in two ways: all words must match, as all of them do by default, and any word may match, the best first.
"""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import psycopg
from whoosh.analysis import LanguageAnalyzer
from whoosh.fields import ID, TEXT, Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.qparser import AndGroup, MultifieldParser, OrGroup

MOST = 20
Search = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class PeerText:
    """What a peer knows of a study, by language."""

    slug: str
    title: dict[str, str]
    body: dict[str, str]


def open_engines(stack: ExitStack) -> dict[str, Search]:
    """Fill every peer that is here with the published studies; `stack` closes them."""
    texts = list(_read_texts())
    found = {**_open_whoosh(texts, stack), **_open_sqlite(texts, stack)}
    try:
        found |= _open_postgres(texts, stack)
    except psycopg.OperationalError as error:
        print(f"PostgreSQL is left out: {error}")
    return found


def _read_texts() -> Iterator[PeerText]:
    from studies.models import Study
    from studies.store import vocabularies
    from studies.store.exchange.study import to_record

    vocabulary = vocabularies.current()
    for study in Study.objects.published().for_export().order_by("pk"):
        record = to_record(study, vocabulary)
        terms = [vocabulary.by_id[row.term_id] for row in study.study_terms.all()]
        authors = [author.literal or f"{author.given} {author.family}" for author in record.authors]
        by_language = {}
        for language, title, key, summary, limits in (
            ("es", record.title_es, record.key_finding_es, record.summary_es, record.limitations_es),
            ("en", record.title_en, record.key_finding_en, record.summary_en, record.limitations_en),
        ):
            statements = [getattr(finding, f"statement_{language}") for finding in record.findings]
            labels = [term.label(language) for term in terms]
            own = [key, summary, limits, *statements, *labels, *authors, record.doi, record.container_title]
            by_language[language] = (" ".join(filter(None, (record.title, title))), " ".join(filter(None, own)))
        yield PeerText(
            record.id,
            {language: title for language, (title, _) in by_language.items()},
            {language: body for language, (_, body) in by_language.items()},
        )


def _open_whoosh(texts: list[PeerText], stack: ExitStack) -> dict[str, Search]:
    """Its own analysers of each language and its default parser; all hits are collected, for a limit can be wrong."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="judging-whoosh-"))
    fields = {
        f"{part}_{language}": boost for language in ("es", "en") for part, boost in (("title", 3.0), ("body", 1.0))
    }
    schema = Schema(
        slug=ID(stored=True),
        **{name: TEXT(analyzer=LanguageAnalyzer(name[-2:]), field_boost=boost) for name, boost in fields.items()},
    )
    index = FileStorage(folder).create_index(schema)
    writer = index.writer()
    for text in texts:
        by_field = {
            f"{part}_{language}": getattr(text, part)[language]
            for language in ("es", "en")
            for part in ("title", "body")
        }
        writer.add_document(slug=text.slug, **by_field)
    writer.commit()
    searcher = stack.enter_context(index.searcher())

    def asked(group: type) -> Search:
        parser = MultifieldParser(list(fields), schema, group=group)
        return lambda query: [hit["slug"] for hit in searcher.search(parser.parse(query), limit=None)][:MOST]

    return {"plain Whoosh": asked(AndGroup), "plain Whoosh, any word": asked(OrGroup)}


def _open_sqlite(texts: list[PeerText], stack: ExitStack) -> dict[str, Search]:
    """FTS5 that folds accents, with its BM25 and titles weighted; it has no stemmer for Spanish."""
    connection = sqlite3.connect(":memory:")
    stack.callback(connection.close)
    connection.execute(
        "CREATE VIRTUAL TABLE studies USING fts5(slug UNINDEXED, title, body, tokenize='unicode61 remove_diacritics 2')"
    )
    rows = [(text.slug, " ".join(text.title.values()), " ".join(text.body.values())) for text in texts]
    connection.executemany("INSERT INTO studies VALUES (?, ?, ?)", rows)

    def asked(operator: str) -> Search:
        def search(query: str) -> list[str]:
            match = f" {operator} ".join(f'"{word}"' for word in re.findall(r"\w+", query))
            found = connection.execute(
                "SELECT slug FROM studies WHERE studies MATCH ? ORDER BY bm25(studies, 0, 3, 1) LIMIT ?", (match, MOST)
            )
            return [slug for (slug,) in found]

        return search

    return {"SQLite FTS5": asked("AND"), "SQLite FTS5, any word": asked("OR")}


def _open_postgres(texts: list[PeerText], stack: ExitStack) -> dict[str, Search]:
    """Both configurations in one vector, titles weighted; a reader's words become a query by each of them."""
    address = os.environ.get("BENCH_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
    connection = stack.enter_context(psycopg.connect(address, autocommit=True, connect_timeout=3))
    connection.execute("CREATE TEMP TABLE judged (slug text, words tsvector)")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO judged VALUES (%s, setweight(to_tsvector('spanish', %s), 'A') || to_tsvector('spanish', %s)"
            " || setweight(to_tsvector('english', %s), 'A') || to_tsvector('english', %s))",
            [(text.slug, text.title["es"], text.body["es"], text.title["en"], text.body["en"]) for text in texts],
        )

    def asked(query_of: str) -> Search:
        sql = (
            f"SELECT slug FROM judged, (SELECT {query_of.format('spanish')} || {query_of.format('english')} AS asked) q"
            " WHERE words @@ asked ORDER BY ts_rank(words, asked) DESC, slug LIMIT %(most)s"
        )
        return lambda query: [slug for (slug,) in connection.execute(sql, {"query": query, "most": MOST})]

    every = "websearch_to_tsquery('{}', %(query)s)"
    either = "replace(plainto_tsquery('{}', %(query)s)::text, '&', '|')::tsquery"
    return {"PostgreSQL": asked(every), "PostgreSQL, any word": asked(either)}
