"""SQLite: FTS5 with bm25 and its own snippets, codes in one table of pairs, counted by SQL.

What the words find is put into a temporary table once; one statement then counts all facets that have no choice, and
one more each facet that has. That is as few passes as SQL can do it in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from benchmarks.corpus import MadeUpStudy
from benchmarks.peers import PAGE, PeerPage, author_names
from benchmarks.questions import Question
from search.criteria.facets import FACET_OF, PARAMETERS
from studies.store.vocabularies import Vocabularies

_TABLES = """
CREATE TABLE study (
    id INTEGER PRIMARY KEY, year INTEGER, title_es TEXT, title_en TEXT, summary_es TEXT, summary_en TEXT, other TEXT,
    names TEXT
);
CREATE INDEX study_year ON study (year);
CREATE TABLE code (id INTEGER PRIMARY KEY, parameter TEXT, code TEXT, UNIQUE (parameter, code));
CREATE TABLE carried (study INTEGER, code INTEGER, PRIMARY KEY (study, code)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (
    title_es, title_en, summary_es, summary_en, other, names,
    content=study, content_rowid=id, prefix='4 5 6', tokenize='porter unicode61 remove_diacritics 2'
);
"""
_AFTERWARDS = """
CREATE INDEX carried_code ON carried (code, study);
INSERT INTO words (words) VALUES ('optimize');
ANALYZE;
"""
_WEIGHTS = "4.0, 4.0, 1.0, 1.0, 1.0, 2.0"
_TEXTS = "title_es, title_en, summary_es, summary_en, other, names"


class SqliteFts5:
    name: ClassVar[str] = "sqlite"
    version = f"SQLite {sqlite3.sqlite_version}"

    def __init__(self, folder: Path, size: int, vocabulary: Vocabularies) -> None:
        self._path = folder / "corpus.sqlite3"
        self._vocabulary = vocabulary
        self._codes: dict[tuple[str, str], int] = {}

    def build(self, studies: Iterable[MadeUpStudy]) -> None:
        self._connect()
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")
        for study in studies:
            self._add(study)
        self._db.execute("COMMIT")
        self._db.executescript(_AFTERWARDS)
        self._db.close()

    def _connect(self) -> None:
        self._db = sqlite3.connect(self._path, isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-262144;"
            "PRAGMA mmap_size=4294967296"
        )

    def open(self) -> None:
        self._connect()
        self._db.execute("CREATE TEMP TABLE matched (study INTEGER PRIMARY KEY, score REAL)")
        self._db.execute("CREATE TEMP TABLE found (study INTEGER PRIMARY KEY, score REAL)")
        self._codes = {(parameter, code): key for key, parameter, code in self._db.execute("SELECT * FROM code")}
        self._labels = {key: pair for pair, key in self._codes.items()}

    def page(self, question: Question) -> PeerPage:
        self._db.execute("BEGIN")
        self._match(question)
        kept = self._conditions(question)
        if kept:
            self._db.execute("DELETE FROM found")
            self._db.execute(f"INSERT INTO found SELECT * FROM matched WHERE {' AND '.join(kept.values())}")
        found = "found" if kept else "matched"
        total = self._db.execute(f"SELECT count(*) FROM {found}").fetchone()[0]
        counts = self._counts(f"SELECT study FROM {found}", [p for p in PARAMETERS if FACET_OF[p].name not in kept])
        for facet in {FACET_OF[parameter] for parameter in question.chosen}:
            others = " AND ".join(condition for name, condition in kept.items() if name != facet.name) or "1"
            counts |= self._counts(f"SELECT study FROM matched WHERE {others}", list(facet.parameters))
        years = self._db.execute(f"SELECT year, count(*) FROM {found} JOIN study ON study = id GROUP BY year")
        counts["year"] = {str(year): number for year, number in years}
        rows = list(self._rows(question, found))
        self._db.execute("COMMIT")
        marked = tuple((title, summary) for _, title, summary in rows)
        return PeerPage(total, tuple(number for number, _, _ in rows), counts, marked)

    def _match(self, question: Question) -> None:
        self._db.execute("DELETE FROM matched")
        if question.words:
            select = f"SELECT rowid, bm25(words, {_WEIGHTS}) FROM words WHERE words MATCH ?"
            self._db.execute(f"INSERT INTO matched {select}", (_match_expression(question),))
        else:
            self._db.execute("INSERT INTO matched SELECT id, -year FROM study")

    def _conditions(self, question: Question) -> dict[str, str]:
        """Return for each facet with choices the condition of SQL that lets a study through."""
        return {
            FACET_OF[parameter].name: "study IN (SELECT study FROM carried WHERE code IN ("
            + ",".join(str(self._codes[parameter, code]) for code in codes)
            + "))"
            for parameter, codes in question.chosen.items()
        }

    def _counts(self, studies: str, parameters: list[str]) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = {parameter: {} for parameter in parameters}
        rows = self._db.execute(f"SELECT code, count(*) FROM carried WHERE study IN ({studies}) GROUP BY code")
        for key, number in rows:
            parameter, code = self._labels[key]
            if parameter in counts:
                counts[parameter][code] = number
        return counts

    def _rows(self, question: Question, found: str) -> Iterator[tuple[int, str, str]]:
        first = f"(SELECT study FROM {found} ORDER BY score, study LIMIT {PAGE})"
        if not question.words:
            yield from self._db.execute(
                f"SELECT id, title_es, substr(summary_es, 1, 260) FROM study WHERE id IN {first} ORDER BY -year, id"
            )
            return
        # FTS5 marks only rows that it matches itself.
        marked = "highlight(words, 0, '<mark>', '</mark>'), snippet(words, 2, '<mark>', '</mark>', '…', 40)"
        rows = self._db.execute(
            f"SELECT rowid, {marked} FROM words WHERE words MATCH ? AND rowid IN {first}",
            (_match_expression(question),),
        )
        texts = {number: (title, summary) for number, title, summary in rows}
        for (number,) in self._db.execute(f"SELECT study FROM {found} ORDER BY score, study LIMIT {PAGE}"):
            yield number, *texts[number]

    def change(self, study: MadeUpStudy) -> None:
        key = (study.number,)
        self._db.execute("BEGIN")
        old = self._db.execute(f"SELECT {_TEXTS} FROM study WHERE id = ?", key).fetchone()
        self._db.execute(
            f"INSERT INTO words (words, rowid, {_TEXTS}) VALUES ('delete', ?, ?, ?, ?, ?, ?, ?)", (*key, *old)
        )
        self._db.execute("DELETE FROM study WHERE id = ?", key)
        self._db.execute("DELETE FROM carried WHERE study = ?", key)
        self._add(study)
        self._db.execute("COMMIT")

    def _add(self, study: MadeUpStudy) -> None:
        record = study.record
        others = [record.key_finding_es, record.key_finding_en, record.limitations_es, record.limitations_en]
        others += [text for each in record.findings for text in (each.statement_es, each.statement_en)]
        texts = (
            record.title_es,
            record.title_en,
            record.summary_es,
            record.summary_en,
            "\n".join(filter(None, others)),
            author_names(study),
        )
        self._db.execute("INSERT INTO study VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (study.number, record.year, *texts))
        self._db.execute(f"INSERT INTO words (rowid, {_TEXTS}) VALUES (?, ?, ?, ?, ?, ?, ?)", (study.number, *texts))
        for parameter, codes in study.codes(self._vocabulary).items():
            for code in codes:
                self._db.execute("INSERT INTO carried VALUES (?, ?)", (study.number, self._code(parameter, code)))

    def _code(self, parameter: str, code: str) -> int:
        if (parameter, code) not in self._codes:
            made = self._db.execute("INSERT INTO code (parameter, code) VALUES (?, ?)", (parameter, code))
            self._codes[parameter, code] = int(made.lastrowid or 0)
        return self._codes[parameter, code]

    def nbytes(self) -> int:
        return sum(path.stat().st_size for path in self._path.parent.glob(self._path.name + "*"))

    def close(self) -> None:
        self._db.close()


def _match_expression(question: Question) -> str:
    quoted = [f'"{word}"' for word in question.words]
    if question.is_phrase:
        return f'"{" ".join(question.words)}"'
    return f"{quoted[0]}*" if question.is_prefix else " ".join(quoted)
