"""The pairs that may be one study, in a file of VAR_DIR with what records are looked up by: derived from the bank.

It can be deleted at any time: the next question makes it again. Only `duplicates` calls. One row of `entry` stands for
each row of a study; a study that was merged has its entry under the number of the one that answers for it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from studies.duplicates.matching.comparing import Kind
from studies.duplicates.matching.matcher import Pair, nearest, read_of

_TABLES = """
CREATE TABLE IF NOT EXISTS state (bank TEXT, made_with TEXT, change_no INTEGER);
CREATE TABLE IF NOT EXISTS progress (done INTEGER, total INTEGER);
CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, study INTEGER, size INTEGER);
CREATE INDEX IF NOT EXISTS entry_study ON entry (study);
CREATE TABLE IF NOT EXISTS feature (name TEXT, entry INTEGER, PRIMARY KEY (name, entry)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS feature_entry ON feature (entry);
CREATE TABLE IF NOT EXISTS pair (first INTEGER, second INTEGER, kind TEXT, score INTEGER, reasons TEXT,
  PRIMARY KEY (first, second)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pair_second ON pair (second);
"""
_PATIENCE_S = 20


class State(NamedTuple):
    """What the file was made of: a bank (its id), a way of matching, and the change up to which it follows."""

    bank: str
    made_with: str
    change_no: int


class Entry(NamedTuple):
    """A row of a study, the study that answers for it, and what it is looked up by."""

    row: int
    study: int
    features: Iterable[str]


class PairsFile:
    """One opening of the file. Use `opened`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def state(self) -> State | None:
        """Return what the file was made of; None where it is new."""
        row = self._connection.execute("SELECT bank, made_with, change_no FROM state").fetchone()
        return State(*row) if row else None

    def pairs(self) -> list[Pair]:
        """Return all pairs."""
        rows = self._connection.execute("SELECT first, second, kind, score, reasons FROM pair")
        return [Pair(one, other, Kind(kind), score, tuple(json.loads(why))) for one, other, kind, score, why in rows]

    def progress(self) -> tuple[int, int]:
        """Return how many records a search under way has compared, and of how many."""
        return self._connection.execute("SELECT done, total FROM progress").fetchone() or (0, 0)

    def tell_progress(self, done: int, total: int) -> None:
        """Let other processes see how far a search is."""
        with self.change():
            self._connection.execute("DELETE FROM progress")
            self._connection.execute("INSERT INTO progress VALUES (?, ?)", (done, total))

    @contextmanager
    def change(self) -> Iterator[None]:
        """Write as a whole or not at all; other writers wait."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def set_state(self, state: State) -> None:
        """Say what the file is made of now. Call it within `change`, like all below."""
        self._connection.execute("DELETE FROM state")
        self._connection.execute("DELETE FROM progress")
        self._connection.execute("INSERT INTO state VALUES (?, ?, ?)", state)

    def empty(self) -> None:
        for table in ("entry", "feature", "pair"):
            self._connection.execute(f"DELETE FROM {table}")  # nosec B608

    def discard(self, studies: Iterable[int]) -> None:
        """Forget the entries and pairs of studies."""
        ids = [(study,) for study in studies]
        run = self._connection.executemany
        run("DELETE FROM feature WHERE entry IN (SELECT id FROM entry WHERE study = ?)", ids)
        run("DELETE FROM entry WHERE study = ?", ids)
        run("DELETE FROM pair WHERE first = ?", ids)
        run("DELETE FROM pair WHERE second = ?", ids)

    def add(self, entries: Iterable[Entry]) -> None:
        """Know records by their features. A row that is known already is forgotten first."""
        given = [(row, study, sorted(features)) for row, study, features in entries]
        rows = [(row,) for row, _study, _features in given]
        run = self._connection.executemany
        run("DELETE FROM feature WHERE entry = ?", rows)
        run("INSERT OR REPLACE INTO entry VALUES (?, ?, ?)", [(row, study, len(names)) for row, study, names in given])
        # In the order of the table, which is written three times as fast.
        run("INSERT INTO feature VALUES (?, ?)", sorted((name, row) for row, _study, names in given for name in names))

    def put(self, pairs: Iterable[Pair]) -> None:
        """Keep pairs; of one that is there already, the likelier."""
        self._connection.executemany(
            "INSERT INTO pair VALUES (?, ?, ?, ?, ?) ON CONFLICT (first, second) DO UPDATE "
            "SET kind = excluded.kind, score = excluded.score, reasons = excluded.reasons "
            "WHERE excluded.score > pair.score",
            [(*pair[:2], pair.kind.value, pair.score, json.dumps(pair.reasons)) for pair in pairs],
        )

    def nearest(self, features: Iterable[str]) -> dict[int, int]:
        """Return the rows that share most with a record, each with the study that answers for it."""
        lengths = {
            name: count
            for name in features
            if (count := self._one("SELECT COUNT(*) FROM feature WHERE name = ?", name))
        }
        lists = [self._list(name) for name in read_of(lengths)]
        known = self._entries({row for rows in lists for row in rows})
        sizes = {row: size for row, (_study, size) in known.items()}
        rows = nearest(lists, sizes, self._one("SELECT COUNT(*) FROM entry"))
        return {row: known[row][0] for row in rows}

    def _list(self, name: str) -> list[int]:
        return [row for (row,) in self._connection.execute("SELECT entry FROM feature WHERE name = ?", (name,))]

    def _entries(self, rows: Iterable[int]) -> dict[int, tuple[int, int]]:
        found = (
            self._connection.execute("SELECT id, study, size FROM entry WHERE id = ?", (row,)).fetchone()
            for row in rows
        )
        return {row: (study, size) for row, study, size in found}

    def _one(self, question: str, *values: str) -> int:
        return int(self._connection.execute(question, values).fetchone()[0])


@contextmanager
def opened(path: Path) -> Iterator[PairsFile]:
    """Open the file, made where there is none. What is no such file, or was damaged, is made anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = _connected(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        remove(path)
        connection = _connected(path)
    try:
        yield PairsFile(connection)
    finally:
        connection.close()


def remove(path: Path) -> None:
    """Delete the file, if it is there."""
    names: Sequence[str] = ("", "-wal", "-shm")
    for name in names:
        with suppress(FileNotFoundError):
            path.with_name(path.name + name).unlink()


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)
    try:
        # Readers do not wait for who writes; and what a power cut takes is found again.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(_TABLES)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
