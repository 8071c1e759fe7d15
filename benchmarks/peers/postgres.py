"""PostgreSQL as an ORM writes it: a weighted tsvector under a GIN index, a table for each many-to-many, and one query
for the page, one for the total, one for each parameter that is counted.

The database is of BENCH_POSTGRES (a URL whose role may create databases) and is named after the corpus. Set for the
session: `work_mem` 128 MB, no JIT, no parallel workers, which cost more than they bring at this size.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from benchmarks.corpus import MadeUpStudy
from benchmarks.peers import PAGE, SINGLE, PeerPage, Unavailable, author_names, english_text, spanish_text
from benchmarks.questions import Question
from search.criteria.facets import FACET_OF, PARAMETERS
from studies.store.vocabularies import Vocabularies

_SERVER = os.environ.get("BENCH_POSTGRES", "postgres://postgres@127.0.0.1/postgres")
_MANY = tuple(parameter for parameter in PARAMETERS if parameter not in SINGLE)
_SETTINGS = "-c work_mem=128MB -c jit=off -c max_parallel_workers_per_gather=0"
_VECTOR = (
    "setweight(to_tsvector('spanish', %(title_es)s), 'A') || setweight(to_tsvector('english', %(title_en)s), 'A') ||"
    " setweight(to_tsvector('simple', %(names)s), 'B') ||"
    " to_tsvector('spanish', %(text_es)s) || to_tsvector('english', %(text_en)s)"
)
_INSERT = f"""
INSERT INTO study VALUES (
    %(id)s, %(year)s, %(title_es)s, %(summary_es)s, {_VECTOR}, {", ".join(f"%({parameter})s" for parameter in SINGLE)}
)
"""


class Postgres:
    name: ClassVar[str] = "postgresql"
    version = f"psycopg {psycopg.__version__}"

    def __init__(self, folder: Path, size: int, vocabulary: Vocabularies) -> None:
        self._database = f"bench_peers_{size}"
        self._vocabulary = vocabulary
        self._terms: dict[tuple[str, str], int] = {}
        with _server() as server:
            self.version = f"PostgreSQL {server.info.server_version // 10000}, psycopg {psycopg.__version__}"
            known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self._database]).fetchone()
        if not known:
            # What was built once is gone, so the note of it goes too.
            (folder / "built.json").unlink(missing_ok=True)

    def build(self, studies: Iterable[MadeUpStudy]) -> None:
        with _server() as server:
            name = sql.Identifier(self._database)
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        with self._connect() as db:
            _execute_each(db, _tables())
            for study in studies:
                self._add(db, study)
        with self._connect() as db:
            db.autocommit = True
            _execute_each(db, _indexes())

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(_SERVER, dbname=self._database, options=_SETTINGS)

    def open(self) -> None:
        self._db = self._connect()
        self._db.autocommit = True
        rows = self._db.execute("SELECT id, parameter, code FROM term").fetchall()
        self._terms = {(parameter, code): key for key, parameter, code in rows}
        self._labels = {key: code for (_, code), key in self._terms.items()}

    def page(self, question: Question) -> PeerPage:
        words, given = _condition(question)
        kept = {FACET_OF[name].name: self._filter(name, codes) for name, codes in question.chosen.items()}
        where = " AND ".join([words, *kept.values()])
        total = self._rows(f"SELECT count(*) FROM study s WHERE {where}", given)[0][0]
        counts = {}
        for parameter in PARAMETERS:
            others = [condition for name, condition in kept.items() if name != FACET_OF[parameter].name]
            counts[parameter] = self._counts(parameter, " AND ".join([words, *others]), given)
        years = self._rows(f"SELECT s.year, count(*) FROM study s WHERE {where} GROUP BY s.year", given)
        counts["year"] = {str(year): number for year, number in years}
        rows = self._rows(_page_query(question, where), given)
        return PeerPage(
            total, tuple(row[0] for row in rows), counts, tuple((title, summary) for _, title, summary in rows)
        )

    def _filter(self, parameter: str, codes: tuple[str, ...]) -> str:
        keys = ",".join(str(self._terms[parameter, code]) for code in codes)
        if parameter in SINGLE:
            return f"s.{parameter}_id IN ({keys})"
        return f"s.id IN (SELECT study_id FROM study_{parameter} WHERE term_id IN ({keys}))"

    def _counts(self, parameter: str, where: str, given: dict[str, str]) -> dict[str, int]:
        if parameter in SINGLE:
            query = f"SELECT s.{parameter}_id, count(*) FROM study s WHERE {where} GROUP BY 1"
        else:
            query = (
                f"SELECT t.term_id, count(*) FROM study_{parameter} t JOIN study s ON s.id = t.study_id"
                f" WHERE {where} GROUP BY 1"
            )
        return {self._labels[key]: number for key, number in self._rows(query, given)}

    def _rows(self, query: str, given: dict[str, str]) -> list[tuple[Any, ...]]:
        return self._db.execute(query.encode(), given).fetchall()

    def change(self, study: MadeUpStudy) -> None:
        with self._db.transaction():
            for parameter in _MANY:
                self._db.execute(f"DELETE FROM study_{parameter} WHERE study_id = %s".encode(), [study.number])
            self._db.execute("DELETE FROM study WHERE id = %s", [study.number])
            self._add(self._db, study)

    def _add(self, db: psycopg.Connection[Any], study: MadeUpStudy) -> None:
        record, codes = study.record, study.codes(self._vocabulary)
        row = {
            "id": study.number,
            "year": record.year,
            "title_es": record.title_es,
            "title_en": record.title_en,
            "summary_es": record.summary_es,
            "text_es": spanish_text(study),
            "text_en": english_text(study),
            "names": author_names(study),
        }
        row |= {parameter: self._term(db, parameter, next(iter(codes[parameter]))) for parameter in SINGLE}
        db.execute(_INSERT.encode(), row)
        for parameter in _MANY:
            for code in codes[parameter]:
                carried = (study.number, self._term(db, parameter, code))
                db.execute(f"INSERT INTO study_{parameter} VALUES (%s, %s)".encode(), carried)

    def _term(self, db: psycopg.Connection[Any], parameter: str, code: str) -> int:
        if (parameter, code) not in self._terms:
            made = db.execute("INSERT INTO term (parameter, code) VALUES (%s, %s) RETURNING id", [parameter, code])
            self._terms[parameter, code] = made.fetchall()[0][0]
        return self._terms[parameter, code]

    def nbytes(self) -> int:
        return int(self._rows("SELECT pg_database_size(current_database())", {})[0][0])

    def close(self) -> None:
        self._db.close()


def drop_databases() -> None:
    """Drop the databases that `build` made. Raises Unavailable."""
    with _server() as server:
        made = "SELECT datname FROM pg_database WHERE starts_with(datname, 'bench_peers_')"
        for (name,) in server.execute(made).fetchall():
            server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def _server() -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(_SERVER, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        raise Unavailable(f"no PostgreSQL answers at BENCH_POSTGRES: {error}") from error


def _tables() -> Iterator[str]:
    yield "CREATE TABLE term (id serial PRIMARY KEY, parameter text, code text, UNIQUE (parameter, code))"
    single = ", ".join(f"{parameter}_id integer REFERENCES term" for parameter in SINGLE)
    yield f"""CREATE TABLE study (
        id integer PRIMARY KEY, year integer, title_es text, summary_es text, vector tsvector, {single})"""
    for parameter in _MANY:
        yield f"CREATE TABLE study_{parameter} (study_id integer, term_id integer, PRIMARY KEY (study_id, term_id))"


def _indexes() -> Iterator[str]:
    yield "CREATE INDEX ON study USING gin (vector)"
    yield "CREATE INDEX ON study (year)"
    for parameter in SINGLE:
        yield f"CREATE INDEX ON study ({parameter}_id)"
    for parameter in _MANY:
        yield f"CREATE INDEX ON study_{parameter} (term_id, study_id)"
    yield "VACUUM ANALYZE"


def _execute_each(db: psycopg.Connection[Any], statements: Iterable[str]) -> None:
    for statement in statements:
        db.execute(statement.encode())


def _condition(question: Question) -> tuple[str, dict[str, str]]:
    """Return what a study `s` has to fulfil for the words, and the parameters of it."""
    if not question.words:
        return "TRUE", {}
    return f"s.vector @@ {_tsquery(question)}", {
        "words": f"{question.words[0]}:*" if question.is_prefix else question.typed
    }


def _tsquery(question: Question) -> str:
    reader = "to_tsquery" if question.is_prefix else "websearch_to_tsquery"
    return f"({reader}('spanish', %(words)s) || {reader}('english', %(words)s))"


def _page_query(question: Question, where: str) -> str:
    """Return the query of the page. Texts are marked after the limit, not for every study found."""
    if not question.words:
        return (
            "SELECT s.id, s.title_es, left(s.summary_es, 260) FROM study s"
            f" WHERE {where} ORDER BY s.year DESC, s.id LIMIT {PAGE}"
        )
    asked = _tsquery(question)
    return f"""
        SELECT id, ts_headline('spanish', title_es, {asked}, 'HighlightAll=true'),
            ts_headline('spanish', summary_es, {asked}, 'MaxWords=40, MinWords=25')
        FROM (
            SELECT s.id, s.title_es, s.summary_es, ts_rank(s.vector, {asked}) AS rank
            FROM study s WHERE {where} ORDER BY rank DESC, s.id LIMIT {PAGE}
        ) AS first ORDER BY rank DESC, id
    """
