"""Copies, checks and replaces a PostgreSQL database, by the programs pg_dump, pg_restore and psql."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess  # nosec B404
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from django.db import connection
from psycopg import pq, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from evidencebank.backup import BackupError

VENDOR = "postgresql"
DUMP = "database.dump"
ASIDE = "before_restore_"
"""Schemas with this beginning hold what a restore set aside; they are no part of a backup."""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_GRACE_S = 5.0
"""How long a connection that is there may take to end: one that was just closed is in the list for a moment longer."""


def dump(config: dict[str, Any], target: Path, emptied: Iterable[str] = ()) -> dict[str, int]:
    """Write the database to `target` while others write, without the rows of the tables `emptied`.

    Return the number of rows of each table in `target`.
    """
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--exclude-schema={ASIDE}*"]
    options += [f"--exclude-table-data=public.{name}" for name in emptied]
    try:
        with _connect(config) as database:
            # What is counted and what is written are of one moment.
            database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            row = database.execute("SELECT pg_export_snapshot()").fetchone()
            snapshot = row[0] if row else ""
            rows = _count(database)
            _run(config, "pg_dump", *options, f"--snapshot={snapshot}", f"--file={target}", f"--dbname={_address()}")
    except psycopg.Error as error:
        raise BackupError(f"the database cannot be read: {error}") from None
    check(target)
    return rows | dict.fromkeys(set(emptied) & rows.keys(), 0)


def check(path: Path) -> None:
    """Read the whole dump. Raises BackupError for one that pg_restore cannot read."""
    _run({}, "pg_restore", "--file=/dev/null", str(path))


def refuse_while_in_use(config: dict[str, Any]) -> None:
    """Raise BackupError if anybody else is connected to the database, or it does not answer."""
    until = time.monotonic() + _GRACE_S
    while (found := _list_others(config)) and time.monotonic() < until:
        time.sleep(0.2)
    if found:
        others = ", ".join(f"{name} from {address}" for name, address in sorted(found)[:5])
        raise BackupError(
            f"others use the database ({others}): stop the bank on every host first (systemctl stop bank)"
        )


def _list_others(config: dict[str, Any]) -> list[tuple[str, str]]:
    """Return name and address of whoever else is connected. Raises BackupError if the database does not answer."""
    try:
        with _connect(config) as database:
            return database.execute(
                "SELECT DISTINCT coalesce(nullif(application_name, ''), usename::text, '?'),"
                " coalesce(client_addr::text, 'this machine') FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            ).fetchall()
    except psycopg.Error as error:
        raise BackupError(f"the database does not answer: {error}") from None


def replace(config: dict[str, Any], dumped: Path, aside: Path, rows: Mapping[str, int]) -> str:
    """Put `dumped`, which must have `rows`, in the place of the database, in one transaction.

    Return the schema that holds what was there. Raises BackupError; nothing has changed then.
    """
    check(dumped)
    script = aside / "restore.sql"
    _run(config, "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dumped))
    with script.open("a", encoding="utf-8") as file:
        file.write(_refuse_other_rows(rows))
    schema = f"{ASIDE}{datetime.now():%Y%m%d_%H%M%S}"  # noqa: DTZ005  # the clock of whoever looks for it
    commands = (f"ALTER SCHEMA public RENAME TO {schema}", "CREATE SCHEMA public")
    ahead = [part for command in commands for part in ("--command", command)]
    quiet = ("--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    try:
        _run(config, "psql", *quiet, f"--dbname={_address()}", *ahead, f"--file={script}")
    finally:
        script.unlink()
    # Without statistics the first days would be slow.
    _run(config, "psql", "--quiet", "--no-psqlrc", f"--dbname={_address()}", "--command", "ANALYZE")
    return f"schema {schema} of the database"


def forget_aside(oldest: datetime) -> int:
    """Drop the schemas that restores before `oldest`, by this host's clock, set aside. Return how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", [f"{ASIDE}%"])
        found = [row[0] for row in cursor.fetchall()]
        old = [name for name in found if name.removeprefix(ASIDE) < f"{oldest:%Y%m%d_%H%M%S}"]
        for name in old:
            cursor.execute(f"DROP SCHEMA {connection.ops.quote_name(name)} CASCADE")
    return len(old)


def address(config: dict[str, Any]) -> str:
    """Return what `read_rows` and `destroy` take for the database of `config`: with its password, never for a log."""
    return make_conninfo(_address(), **({"password": config["PASSWORD"]} if config["PASSWORD"] else {}))


def read_rows(database: str, table: str) -> list[str]:
    """Return every row of a table as text: to compare two databases."""
    with psycopg.connect(database) as opened:
        return [repr(row) for row in opened.execute(sql.SQL("SELECT * FROM public.{}").format(sql.Identifier(table)))]


@contextmanager
def scratch_database(config: dict[str, Any], var: Path) -> Iterator[tuple[str, str]]:
    """Yield the address and the DATABASE_URL of a new, empty database on the same server, which is dropped at the end.

    Raises BackupError where the database user may not make one.
    """
    name = f"bank_drill_{secrets.token_hex(4)}"
    there = make_conninfo(address(config), dbname=name)
    with psycopg.connect(address(config), autocommit=True) as server:
        try:
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            raise BackupError("the database user may not make a scratch database: ALTER ROLE ... CREATEDB") from None
        try:
            options = conninfo_to_dict(there)
            yield there, f"postgres:///{options.pop('dbname')}?{urlencode(options)}"
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def destroy(database: str) -> None:
    """Drop every table of a scratch database."""
    with psycopg.connect(database) as opened:
        opened.execute("DROP SCHEMA public CASCADE")
        opened.execute("CREATE SCHEMA public")


def _refuse_other_rows(rows: Mapping[str, int]) -> str:
    """Return SQL that fails, and so undoes the transaction it stands in, where a table has not its number of rows."""
    checks = [
        sql.SQL(
            "IF (SELECT count(*) FROM public.{}) <> {} THEN RAISE 'other numbers of rows in %', {}; END IF;"
        ).format(sql.Identifier(name), sql.Literal(number), sql.Literal(name))
        for name, number in rows.items()
    ]
    body = sql.SQL("BEGIN {} END").format(sql.SQL(" ").join(checks)).as_string(None)
    return sql.SQL("DO {};\n").format(sql.Literal(body)).as_string(None)


def _connect(config: dict[str, Any]) -> psycopg.Connection[Any]:
    return psycopg.connect(_address(), password=config["PASSWORD"] or None)


def _count(database: psycopg.Connection[Any]) -> dict[str, int]:
    names = [row[0] for row in database.execute(_TABLES)]
    counted = {}
    for name in names:
        row = database.execute(sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name))).fetchone()
        counted[name] = row[0] if row else 0
    return counted


def _address() -> str:
    """Return the address of Django's connection for libpq, without its password: arguments are seen by all users."""
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()} - {"password"}
    return make_conninfo(**{k: v for k, v in connection.get_connection_params().items() if k in known})


def _run(config: dict[str, Any], program: str, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"the program {program} is missing: sudo apt install postgresql-client")
    environment = dict(os.environ)
    if config.get("PASSWORD"):
        environment["PGPASSWORD"] = config["PASSWORD"]
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False, env=environment)  # nosec B603
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise BackupError(f"{program} failed: {'; '.join(lines[:3]) or done.returncode}")
