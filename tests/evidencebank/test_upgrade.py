"""A database of before the migrations were squashed goes on with `migrate` alone and loses nothing, or is refused."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import Mock

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.exceptions import IrreversibleError
from django.db.utils import DatabaseError

from studies.models import SafetyNote, Term

pytestmark = pytest.mark.django_db

OLD = Path(__file__).resolve().parents[1] / "data" / "before_release"
RENAMED_TABLES = {"studies_finding_interventions": "studies_finding_about"}
RENAMED_COLUMNS = {
    ("studies_appraisal", "certainty_id"): "risk_of_bias_id",
    ("studies_instrumentlevel", "certainty_id"): "risk_of_bias_id",
}
RENAMED_VALUES = {
    ("studies_term", "vocabulary", "certainty"): "risk_of_bias",
    ("studies_revision", "changed", '["appraisals"]'): '["own_appraisals"]',
}
"""What format 2 of the record calls by another name."""
FILLED_BY_MIGRATE = {"django_migrations", "django_content_type", "auth_permission", "auth_group_permissions"}
"""Tables that get more rows with each new migration and model."""
DROPPED_APP = "axes"
LAST_OF_FORMAT_1 = "0002_duplicate_pairs"
JSONB = 3802
"""The number of PostgreSQL's type that does not keep the order of keys."""


class Table(NamedTuple):
    name: str
    columns: list[str]
    rows: list[list[Any]]


def kept_tables() -> list[Table]:
    """Return the old tables without what the upgrade drops on purpose, and without its migrations."""
    return [
        Table(name, columns, [row for row in rows if name != "django_migrations" or DROPPED_APP not in row])
        for name, columns, rows in old_tables()
        if not name.startswith(f"{DROPPED_APP}_")
    ]


def old_tables() -> list[Table]:
    tables: list[Table] = []
    # No splitlines(): some texts hold line separators.
    for line in (OLD / "rows.jsonl").read_text(encoding="utf-8").strip().split("\n"):
        value = json.loads(line)
        if isinstance(value, dict):
            tables.append(Table(value["table"], value["columns"], []))
        else:
            tables[-1].rows.append(value)
    return tables


@pytest.fixture
def old(tmp_path: Path) -> Iterator[BaseDatabaseWrapper]:
    """A database of its own, in a file or on the server of the tests, as the old program left it."""
    in_file = connection.vendor == "sqlite"
    name = str(tmp_path / "old.sqlite3") if in_file else f"{connection.settings_dict['NAME']}_old"
    if not in_file:
        on_server(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
    database = connection.copy("old")
    database.settings_dict["NAME"] = name
    # Django lets a test open the default database only. This connection is open before it gets its alias.
    database.connect()
    connections["old"], connections.settings["old"] = database, database.settings_dict
    try:
        fill(database)
        yield database
    finally:
        del connections["old"], connections.settings["old"]
        database.close()
        if not in_file:
            on_server(f'DROP DATABASE "{name}"')


def on_server(*statements: str) -> None:
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def fill(old: BaseDatabaseWrapper) -> None:
    with transaction.atomic(using=old.alias), old.cursor() as cursor:
        for statement in (OLD / f"{old.vendor}.sql").read_text(encoding="utf-8").splitlines():
            cursor.execute(statement)
    # A transaction of its own, at whose end the keys to other tables are checked.
    with transaction.atomic(using=old.alias), old.cursor() as cursor:
        for name, columns, rows in old_tables():
            places = ", ".join(["%s"] * len(columns))
            # PostgreSQL reads a text as a value of any type.
            values = rows if old.vendor == "sqlite" else [[v if v is None else str(v) for v in row] for row in rows]
            cursor.executemany(f"INSERT INTO {name} ({quoted(columns)}) VALUES ({places})", values)
            if old.vendor == "postgresql" and columns[0] == "id":
                highest = max(row[0] for row in rows)
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {highest})")


def quoted(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def as_named_today(table: Table) -> Table:
    """Return an old table under the names that it has after the upgrade."""
    return Table(
        RENAMED_TABLES.get(table.name, table.name),
        [RENAMED_COLUMNS.get((table.name, column), column) for column in table.columns],
        [
            [
                RENAMED_VALUES.get((table.name, column, value), value) if isinstance(value, str) else value
                for column, value in zip(table.columns, row, strict=True)
            ]
            for row in table.rows
        ],
    )


def migrate(*target: str) -> None:
    call_command("migrate", *target, database="old", interactive=False, verbosity=0)


def read(database: BaseDatabaseWrapper, query: str, *values: str) -> list[Any]:
    with database.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def is_applied(database: BaseDatabaseWrapper, migration: str) -> bool:
    query = "SELECT count(*) FROM django_migrations WHERE app = 'studies' AND name = %s"
    return read(database, query, migration) == [(1,)]


def rows_of(database: BaseDatabaseWrapper, table: Table) -> set[tuple[Any, ...]]:
    """Read the columns that the old table had, in the form of the file."""
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {quoted(table.columns)} FROM {table.name}")
        is_json = [column[1] == JSONB for column in cursor.description]
        return {tuple(map(as_in_file, row, is_json)) for row in cursor.fetchall()}


def as_in_file(value: Any, is_json: bool) -> Any:
    if is_json and value is not None:
        return json.dumps(json.loads(value), ensure_ascii=False, sort_keys=True)
    match value:
        case datetime.datetime():
            return str(value.astimezone(datetime.UTC).replace(tzinfo=None) if value.tzinfo else value)
        case datetime.date():
            return str(value)
        case uuid.UUID():
            return value.hex
    return value


def schema(database: BaseDatabaseWrapper) -> set[Any]:
    """Return each column, constraint and index with its definition. The order of columns is left out."""
    with database.cursor() as cursor:
        if database.vendor == "sqlite":
            cursor.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
            return {(name, frozenset(parts(sql)) if kind == "table" else sql) for kind, name, sql in cursor.fetchall()}
        cursor.execute(
            """
            SELECT table_name::text, column_name::text, concat_ws(
                ' ', data_type, character_maximum_length, is_nullable, column_default, is_identity
            ) FROM information_schema.columns WHERE table_schema = 'public'
            UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
                FROM pg_constraint WHERE connamespace = 'public'::regnamespace
            UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
            """
        )
        return set(cursor.fetchall())


def parts(create_table: str) -> Iterator[str]:
    """Take a statement apart at the commas between columns and constraints."""
    depth, part = 0, ""
    for letter in create_table.partition("(")[2].rpartition(")")[0]:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            yield part.strip()
            part = ""
        else:
            part += letter
    yield part.strip()


class TestADatabaseWithAllOldMigrations:
    def test_keeps_every_row(self, old: BaseDatabaseWrapper):
        migrate()
        for table in map(as_named_today, kept_tables()):
            found, expected = rows_of(old, table), {tuple(row) for row in table.rows}
            assert expected, table.name
            assert expected - found == set(), table.name
            assert found == expected or table.name in FILLED_BY_MIGRATE, table.name

    def test_a_finding_that_named_interventions_is_about_them_and_no_other_is(self, old: BaseDatabaseWrapper):
        migrate()
        with old.cursor() as cursor:
            cursor.execute("SELECT id, is_about_all FROM studies_finding")
            about_all = dict(cursor.fetchall())
            cursor.execute("SELECT DISTINCT finding_id FROM studies_finding_about")
            with_own = {row[0] for row in cursor.fetchall()}
        assert with_own
        assert {key for key, is_about_all in about_all.items() if not is_about_all} == with_own

    def test_nobody_has_chosen_a_role(self, old: BaseDatabaseWrapper):
        migrate()
        with old.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM studies_studyterm WHERE role_id IS NOT NULL")
            assert cursor.fetchone() == (0,)

    def test_has_the_schema_of_a_new_one(self, old: BaseDatabaseWrapper):
        migrate()
        assert schema(old) ^ schema(connection) == set()

    def test_has_nothing_more_to_migrate(self, old: BaseDatabaseWrapper):
        migrate()
        call_command("migrate", database="old", check_unapplied=True, verbosity=0)


class TestFailedSignInsOfBefore:
    """They held whole forms: mistyped passwords, and what curators had written."""

    def test_are_gone_with_their_tables(self, old: BaseDatabaseWrapper):
        self.fail_once(old)
        migrate()
        assert [name for name in old.introspection.table_names() if name.startswith("axes")] == []

    def test_leave_no_trace_in_the_file_of_sqlite(self, old: BaseDatabaseWrapper):
        if old.vendor != "sqlite":
            pytest.skip("PostgreSQL removes the file of a table that is dropped")
        self.fail_once(old)
        read(old, "PRAGMA wal_checkpoint(TRUNCATE)")
        file = Path(old.settings_dict["NAME"])
        assert b"C0rr3cta-Bateria" in file.read_bytes()
        migrate()
        read(old, "PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"C0rr3cta-Bateria" not in file.read_bytes()
        assert b"C0rr3cta-Bateria" not in file.with_name(f"{file.name}-wal").read_bytes()

    def fail_once(self, old: BaseDatabaseWrapper) -> None:
        with old.cursor() as cursor:
            cursor.execute("UPDATE axes_accessattempt SET post_data = 'sign_in-password=C0rr3cta-Bateria'")


class TestAnUpgradeThatIsCutOff:
    def test_leaves_the_data_step_undone_and_goes_on_the_next_time(
        self, old: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
    ):
        step = import_module("studies.migrations.0005_say_in_format_2")
        with monkeypatch.context() as patched:
            patched.setattr(step, "_rename_changed", Mock(side_effect=KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                migrate()
        assert is_applied(old, "0004_format_2")
        assert not is_applied(old, "0005_say_in_format_2")
        assert read(old, "SELECT count(*) FROM studies_term WHERE vocabulary = 'certainty'") != [(0,)]
        migrate()
        for table in map(as_named_today, kept_tables()):
            assert {tuple(row) for row in table.rows} <= rows_of(old, table), table.name

    def test_is_whole_when_it_runs_twice(self, old: BaseDatabaseWrapper):
        migrate()
        before = [rows_of(old, table) for table in map(as_named_today, kept_tables())]
        migrate()
        assert [rows_of(old, table) for table in map(as_named_today, kept_tables())] == before


class TestGoingBack:
    """To the last migration of version 0.1.0."""

    def test_loses_nothing_as_long_as_nothing_is_written_in_format_2(self, old: BaseDatabaseWrapper):
        migrate()
        migrate("studies", LAST_OF_FORMAT_1)
        for table in kept_tables():
            found, expected = rows_of(old, table), {tuple(row) for row in table.rows}
            assert expected - found == set(), table.name
            assert found == expected or table.name in FILLED_BY_MIGRATE, table.name

    @pytest.mark.parametrize("table", ["revision", "proposal"])
    def test_is_refused_before_anything_is_dropped_once_something_is(self, old: BaseDatabaseWrapper, table: str):
        migrate()
        migrate("studies", "0005_say_in_format_2")
        with old.cursor() as cursor:
            cursor.execute(f"UPDATE studies_{table} SET record = %s", [json.dumps({"id": "a", "exposures": []})])
        before = schema(old)
        with pytest.raises(IrreversibleError, match="restore the backup"):
            migrate("studies", LAST_OF_FORMAT_1)
        assert schema(old) == before
        assert is_applied(old, "0005_say_in_format_2")

    def test_is_refused_before_a_text_of_somebody_is_dropped(self, old: BaseDatabaseWrapper):
        migrate()
        intervention = Term.objects.using(old.alias).filter(vocabulary="interventions")[0]
        SafetyNote.objects.using(old.alias).create(
            intervention=intervention, author_name="Una autora inventada", text_es="Inventada.", text_en="Made up."
        )
        # What came later holds no text of anybody, and goes first.
        migrate("studies", "0006_answers")
        before = schema(old)
        with pytest.raises(IrreversibleError, match="restore the backup"):
            migrate("studies", "0005_say_in_format_2")
        assert schema(old) == before


class TestADatabaseWithSomeOldMigrations:
    @pytest.mark.parametrize("first_missing", ["0002", "0008", "0013"])
    def test_of_studies_is_refused_before_anything_is_written(self, old: BaseDatabaseWrapper, first_missing: str):
        with old.cursor() as cursor:
            cursor.execute("DROP TABLE search_alert")
            cursor.execute("DROP TABLE search_frozenlist")
            cursor.execute("DELETE FROM django_migrations WHERE app = 'search'")
        self.check_refusal(old, "studies", first_missing)

    def test_of_search_is_refused(self, old: BaseDatabaseWrapper):
        with old.cursor() as cursor:
            cursor.execute("DROP TABLE search_alert")
        self.check_refusal(old, "search", "0002")

    def check_refusal(self, old: BaseDatabaseWrapper, app: str, first_missing: str) -> None:
        with old.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = %s AND name >= %s", [app, first_missing])
        applied = next(table for table in old_tables() if table.name == "django_migrations")
        before = schema(old), rows_of(old, applied)
        with pytest.raises(DatabaseError, match="already exists"):
            migrate()
        assert (schema(old), rows_of(old, applied)) == before
