"""Copies, checks and replaces the file of an SQLite database."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from evidencebank.backup import BackupError, refuse_other_rows

VENDOR = "sqlite"
DUMP = "database.sqlite3"


def dump(config: dict[str, Any], target: Path, emptied: Iterable[str] = ()) -> dict[str, int]:
    """Copy the database of `config` to `target` while others write, without the rows of the tables `emptied`.

    Return the number of rows of each table in the copy.
    """
    source = Path(config["NAME"])
    if not source.exists():
        raise BackupError(f"there is no database at {source}")
    try:
        with closing(sqlite3.connect(source, timeout=60)) as original, closing(sqlite3.connect(target)) as copy:
            # In one step: with several, each change of another process would begin the copy anew.
            original.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode=DELETE")
            _empty(copy, emptied)
    except sqlite3.Error as error:
        raise BackupError(f"the database cannot be read: {error}") from None
    return check(target)


def _empty(copy: sqlite3.Connection, tables: Iterable[str]) -> None:
    there = set(_list_tables(copy))
    for name in there.intersection(tables):
        copy.execute(f'DELETE FROM "{name}"')  # nosec B608
    copy.commit()
    # Deleted rows stay readable in the file until it is written anew.
    copy.execute("VACUUM")


def check(path: Path) -> dict[str, int]:
    """Read the whole database in `path`. Return the rows of each table; raises BackupError for a damaged one."""
    try:
        with closing(sqlite3.connect(path)) as copy:
            faults = [row[0] for row in copy.execute("PRAGMA integrity_check(5)")]
            if faults != ["ok"]:
                raise BackupError(f"the database is damaged: {'; '.join(faults)}")
            broken = copy.execute("PRAGMA foreign_key_check").fetchone()
            if broken:
                raise BackupError(f"the database is damaged: a row of {broken[0]} leads to none of {broken[2]}")
            counts = {}
            for name in _list_tables(copy):
                counts[name] = copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # nosec B608
            return counts
    except sqlite3.DatabaseError as error:
        raise BackupError(f"the database is damaged: {error}") from None


def address(config: dict[str, Any]) -> str:
    """Return what `read_rows` and `destroy` take for the database of `config`."""
    return str(config["NAME"])


def read_rows(database: str, table: str) -> list[str]:
    """Return every row of a table as text: to compare two databases."""
    with closing(sqlite3.connect(database)) as opened:
        return [repr(row) for row in opened.execute(f'SELECT * FROM "{table}"')]  # nosec B608


@contextmanager
def scratch_database(config: dict[str, Any], var: Path) -> Iterator[tuple[str, str]]:
    """Yield the address and the DATABASE_URL of a database in the folder `var` that is not there yet."""
    path = var / "bank.sqlite3"
    yield str(path), f"sqlite:///{path}"


def destroy(database: str) -> None:
    """Write over a scratch database, so that nothing of it can be read."""
    path = Path(database)
    path.write_bytes(b"\0" * path.stat().st_size)


def _list_tables(database: sqlite3.Connection) -> list[str]:
    found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in found]


def refuse_while_in_use(config: dict[str, Any]) -> None:
    """Raise BackupError if another process has the database open. A damaged one counts as unused."""
    path = Path(config["NAME"])
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=0)) as database:
            # Leaving WAL needs the database for oneself alone, and writes the log into the file before it is set aside.
            database.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise BackupError("the bank is running: stop it first (systemctl stop bank)") from None
    except sqlite3.DatabaseError:
        pass


def replace(config: dict[str, Any], dumped: Path, aside: Path, rows: Mapping[str, int]) -> str:
    """Put `dumped`, which must have `rows`, in the place of the database, and keep what was there in `aside`.

    Return where that is, or "". Raises BackupError or OSError; nothing has changed then.
    """
    refuse_other_rows(check(dumped), rows)
    path = Path(config["NAME"])
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Beside the database, which may lie on another disk than var/: only there does one step replace it.
    draft = path.with_name(f".{path.name}.restored")
    moved: list[Path] = []
    try:
        shutil.move(dumped, draft)
        draft.chmod(0o600)
        for log in (path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            # Left by a database that could not be opened; it would be read into the new one.
            if log.exists():
                shutil.move(log, aside / log.name)
                moved.append(log)
        kept = _keep(path, aside / path.name)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        for log in moved:
            with suppress(OSError):
                shutil.move(aside / log.name, log)
        raise
    return kept


def _keep(path: Path, target: Path) -> str:
    if not path.exists():
        return ""
    try:
        target.hardlink_to(path)
    except OSError:
        shutil.copy2(path, target)
    return str(target)
