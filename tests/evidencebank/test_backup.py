"""Backups: whole or refused, restored row by row, and what was there is kept."""

import io
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
import uuid
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings

from evidencebank.backup import BackupError, archive, encryption, in_use, sqlite
from evidencebank.backup.making import LEFT_OUT
from tests.conftest import TEST_ON_POSTGRES

ROOT = Path(__file__).resolve().parents[2]
needs_age = pytest.mark.skipif(shutil.which("age") is None, reason="no age: sudo apt install age")


def manifest(**changes) -> archive.Manifest:
    said = {
        "format": archive.FORMAT,
        "made_at": "2026-11-30T10:00:00-05:00",
        "vendor": "sqlite",
        "bank_id": "x",
        "change_no": 7,
        "migrations": (("studies", "0001_initial"),),
        "rows": {"a": 1},
        "files": {},
    }
    return archive.Manifest(**{**said, **changes})


@pytest.fixture
def backup(tmp_path):
    """A backup of two small files."""
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(name.encode() * 5_000)
    path = tmp_path / "bank.backup"
    archive.write(path, [("one", tmp_path / "one"), ("open-data/two", tmp_path / "two")], manifest())
    return path


class TestArchive:
    def test_what_was_written_comes_back(self, backup, tmp_path):
        said = archive.read_manifest(backup)
        archive.extract(backup, said, tmp_path / "out")
        assert (tmp_path / "out" / "open-data" / "two").read_bytes() == b"two" * 5_000
        assert (said.change_no, said.migrations) == (7, (("studies", "0001_initial"),))

    def test_a_flipped_byte_is_found(self, backup):
        content = bytearray(backup.read_bytes())
        content[content.index(b"oneone") + 100] ^= 1
        backup.write_bytes(content)
        with pytest.raises(BackupError, match="damaged: one"):
            archive.check(backup, archive.read_manifest(backup))

    @pytest.mark.parametrize("kept", [0, 100, 9_000, 20_000])
    def test_one_that_was_cut_off_is_refused(self, backup, kept):
        backup.write_bytes(backup.read_bytes()[:kept])
        with pytest.raises(BackupError):
            archive.read_manifest(backup)

    def test_a_file_that_the_manifest_does_not_name_is_refused(self, backup, tmp_path):
        said = archive.read_manifest(backup)
        with tarfile.open(backup, "a") as changed:
            changed.add(tmp_path / "one", arcname="../../etc/cron.d/x")
        with pytest.raises(BackupError, match="does not name"):
            archive.extract(backup, said, tmp_path / "out")

    def test_another_format_is_refused(self, backup, tmp_path):
        archive.write(backup, [], manifest(format=99))
        with pytest.raises(BackupError, match="format 99"):
            archive.read_manifest(backup)

    @pytest.mark.parametrize(
        "said",
        [b"[]", b"{", b"7", b"{}", b"[" * 100_000, b"\xff", b'{"format": 1, "rows": []}'],
        ids=lambda said: said[:9],
    )
    def test_a_foreign_archive_with_a_file_of_that_name_is_refused(self, tmp_path, said):
        path = tmp_path / "foreign.tar"
        with tarfile.open(path, "w") as foreign:
            member = tarfile.TarInfo(archive.MANIFEST)
            member.size = len(said)
            foreign.addfile(member, io.BytesIO(said))
        with pytest.raises(BackupError):
            archive.read_manifest(path)

    def test_whatever_byte_is_changed_or_missing_nothing_but_a_refusal_comes_of_it(self, backup, tmp_path):
        whole, path = backup.read_bytes(), tmp_path / "damaged"
        said = archive.read_manifest(backup)
        for place in range(0, len(whole), 97):
            for damaged in (whole[:place], whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]):
                path.write_bytes(damaged)
                try:
                    found = archive.read_manifest(path)
                    archive.check(path, found)
                except BackupError:
                    continue
                # What is not of the contents may change: padding, times, the words of the manifest that tell of them.
                assert found.files == said.files


class TestInUse:
    @pytest.fixture(autouse=True)
    def var(self, settings, tmp_path):
        settings.VAR_DIR = tmp_path

    def test_a_restore_is_refused_while_a_server_runs_on_this_host(self):
        code = "from evidencebank.backup import in_use; in_use.hold_while_serving(); print('up', flush=True); input()"
        names = {"VAR_DIR": str(settings.VAR_DIR), "DJANGO_SETTINGS_MODULE": "evidencebank.settings"}
        server = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | names,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with server:
            server.stdout.readline()
            with pytest.raises(BackupError, match="systemctl stop bank"), in_use.keep_out():
                pass
            server.communicate(b"\n")
        with in_use.keep_out():
            pass

    def test_a_server_does_not_start_during_a_restore(self):
        with in_use.keep_out(), pytest.raises(BackupError, match="being restored"):
            in_use.hold_while_serving()


class TestSqlite:
    def test_a_copy_is_made_while_others_write(self, tmp_path):
        source = tmp_path / "bank.sqlite3"
        with closing(sqlite3.connect(source)) as writer:
            writer.execute("PRAGMA journal_mode=WAL")
            writer.execute("CREATE TABLE study (id INTEGER PRIMARY KEY, title TEXT)")
            writer.execute("INSERT INTO study (title) VALUES ('a')")
            writer.commit()
            writer.execute("INSERT INTO study (title) VALUES ('not committed')")
            assert sqlite.dump({"NAME": source}, tmp_path / "copy") == {"study": 1}
            with pytest.raises(BackupError, match="running"):
                sqlite.refuse_while_in_use({"NAME": source})

    def test_rows_that_are_left_out_are_not_in_the_file_either(self, tmp_path):
        with closing(sqlite3.connect(tmp_path / "bank")) as database:
            database.execute("CREATE TABLE session (key TEXT)")
            database.executemany("INSERT INTO session VALUES (?)", [(f"secret-key-{number}",) for number in range(500)])
            database.commit()
        assert sqlite.dump({"NAME": tmp_path / "bank"}, tmp_path / "copy", ["session", "none"]) == {"session": 0}
        assert b"secret-key" not in (tmp_path / "copy").read_bytes()

    def test_one_with_other_numbers_of_rows_is_refused_and_the_bank_stays(self, tmp_path):
        for name, rows in (("bank", 1), ("dumped", 2)):
            with closing(sqlite3.connect(tmp_path / name)) as database:
                database.execute("CREATE TABLE study (id INTEGER)")
                database.executemany("INSERT INTO study VALUES (?)", [(number,) for number in range(rows)])
                database.commit()
        (tmp_path / "aside").mkdir()
        before = (tmp_path / "bank").read_bytes()
        with pytest.raises(BackupError, match="other numbers of rows in study"):
            sqlite.replace({"NAME": tmp_path / "bank"}, tmp_path / "dumped", tmp_path / "aside", {"study": 3})
        assert (tmp_path / "bank").read_bytes() == before

    def test_a_damaged_database_is_not_taken_for_a_backup(self, tmp_path):
        (tmp_path / "bank").write_bytes(b"SQLite format 3\0" + b"\x07" * 8_000)
        with pytest.raises(BackupError, match="damaged"):
            sqlite.check(tmp_path / "bank")


@needs_age
class TestEncryption:
    def test_only_the_private_key_opens_it(self, tmp_path):
        keys = []
        for name in ("ours", "theirs"):
            done = subprocess.run(["age-keygen", "-o", tmp_path / name], capture_output=True, text=True, check=True)
            keys.append(done.stderr.split()[-1])
        (tmp_path / "plain").write_bytes(b"bank" * 9_000)
        encryption.encrypt(tmp_path / "plain", tmp_path / "closed", keys[:1])
        assert encryption.is_encrypted(tmp_path / "closed")
        with pytest.raises(BackupError, match="no identity matched"):
            encryption.decrypt(tmp_path / "closed", tmp_path / "open", tmp_path / "theirs")
        encryption.decrypt(tmp_path / "closed", tmp_path / "open", tmp_path / "ours")
        assert (tmp_path / "open").read_bytes() == b"bank" * 9_000


class Machine:
    """A bank of its own: `machine(command, ...)` runs manage.py there."""

    def __init__(self, var: Path, database: str) -> None:
        self.var = var
        self.environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "TEAM_OF_ONE")}
        self.environment |= {"VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "evidencebank.settings"}
        self.url = ""
        if TEST_ON_POSTGRES:
            self.url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()
            self.environment["DATABASE_URL"] = self.url

    def __call__(self, *arguments, fails=False, typed="", **changes):
        done = subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=ROOT, env=self.environment | changes, capture_output=True, text=True, check=False, input=typed,
        )  # fmt: skip
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stderr if fails else done.stdout


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A bank with what the fixtures hold, for others to be copied from."""
    name = f"bank_drill_{uuid.uuid4().hex[:8]}"
    if TEST_ON_POSTGRES:
        _on_server(f'CREATE DATABASE "{name}"')
    machine = Machine(tmp_path_factory.mktemp("loaded") / "var", name)
    machine("migrate", "--verbosity", "0")
    machine("load_bank")
    yield machine
    if TEST_ON_POSTGRES:
        _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def machine(loaded, tmp_path):
    """A loaded bank with an edition of open data."""
    name = f"bank_drill_{uuid.uuid4().hex[:8]}"
    if TEST_ON_POSTGRES:
        _on_server(f'CREATE DATABASE "{name}" TEMPLATE "{urlsplit(loaded.url).path[1:]}"')
    shutil.copytree(loaded.var, tmp_path / "var")
    edition = tmp_path / "var" / "open-data" / "2026-11-30"
    edition.mkdir(parents=True)
    (edition / "studies.csv").write_text("a,b\n")
    yield Machine(tmp_path / "var", name)
    if TEST_ON_POSTGRES:
        _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


def _on_server(command: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(command)


def read_all(machine) -> dict[str, list[tuple]]:
    """Return every row of every table."""
    if machine.url:
        with psycopg.connect(machine.url) as database:
            names = [row[0] for row in database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
            return {name: sorted(map(str, database.execute(f'SELECT * FROM public."{name}"'))) for name in names}
    with closing(sqlite3.connect(machine.var / "bank.sqlite3")) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(map(str, database.execute(f'SELECT * FROM "{name}"'))) for name in names}


def destroy(machine) -> None:
    if machine.url:
        with psycopg.connect(machine.url) as database:
            database.execute("DROP TABLE studies_finding, studies_revision CASCADE")
            database.execute("DELETE FROM search_ratecount")
    else:
        (machine.var / "bank.sqlite3").write_bytes(b"\0" * 50_000)
        for name in ("bank.sqlite3-wal", "bank.sqlite3-shm"):
            (machine.var / name).unlink(missing_ok=True)
    shutil.rmtree(machine.var / "open-data")


def keep_a_session(machine) -> None:
    """Let somebody be signed in."""
    code = (
        "from django.utils.timezone import now; from django.contrib.auth.models import User; "
        "from django.contrib.sessions.models import Session; from accounts.models import SignIn; "
        "Session.objects.create(session_key='clave-de-sesion', session_data='', expire_date=now()); "
        "SignIn.objects.create(user=User.objects.create(username='rosa'), session_key='clave-de-sesion', at=now(), "
        "last_seen_at=now())"
    )
    machine("shell", "--verbosity", "0", "--command", code)


def with_other_manifest(path: Path, **changes) -> bytes:
    """Return the backup at `path` with other words in its manifest."""
    written = io.BytesIO()
    with tarfile.open(path) as old, tarfile.open(fileobj=written, mode="w") as new:
        for member in old:
            content = old.extractfile(member).read()
            if member.name == archive.MANIFEST:
                content = json.dumps({**json.loads(content), **changes}).encode()
                member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return written.getvalue()


@pytest.mark.database
class TestDrill:
    def test_a_destroyed_bank_comes_back_row_by_row(self, machine, tmp_path):
        keep_a_session(machine)
        before, path = read_all(machine), tmp_path / "bank.backup"
        assert all(before[table] for table in LEFT_OUT[:2])
        for table in LEFT_OUT:
            before[table] = []
        assert "checked" in machine("backup", path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "exists already" in machine("backup", path, fails=True)

        destroy(machine)
        assert "nothing was changed" in machine("restore", path, fails=True, typed="yes\n")
        said = machine("restore", path, typed="restore\n")

        assert read_all(machine) == before
        assert (machine.var / "open-data" / "2026-11-30" / "studies.csv").read_text() == "a,b\n"
        assert "what was there before: " in said
        kept = [each.name for each in machine.var.iterdir() if each.name.startswith("before-restore-")]
        assert bool(kept) != bool(machine.url)
        assert not [each for each in machine.var.iterdir() if each.name.startswith(("backup-", "restore-"))]

    def test_the_drill_does_it_with_a_scratch_bank_and_leaves_the_bank_alone(self, machine):
        before = read_all(machine)
        said = machine("backup_drill")
        assert "both times the same" in said
        assert "1 files of open data" in said
        assert ("encrypted backup of" in said) == bool(shutil.which("age"))
        assert read_all(machine) == before
        assert not [each for each in machine.var.iterdir() if each.name.startswith("backup-")]

    def test_what_is_damaged_foreign_or_of_another_bank_is_refused_and_loses_nothing(self, machine, tmp_path):
        path, other = tmp_path / "bank.backup", tmp_path / "other.backup"
        machine("backup", path)
        before, whole = read_all(machine), path.read_bytes()
        middle = len(whole) // 2
        for damaged in (
            whole[:middle],
            whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            b"\x89PNG\r\n" * 900,
            with_other_manifest(path, rows={**archive.read_manifest(path).rows, "studies_study": 99}),
        ):
            other.write_bytes(damaged)
            machine("restore", other, "--yes", fails=True)
            assert read_all(machine) == before
        other.write_bytes(with_other_manifest(path, bank_id=str(uuid.uuid4())))
        assert "--replace-another-bank" in machine("restore", other, "--yes", fails=True)
        assert read_all(machine) == before
        assert not [each for each in machine.var.iterdir() if each.name.startswith(("before-restore-", "restore-"))]
        assert "restored" in machine("restore", other, "--yes", "--replace-another-bank")

    def test_a_bank_that_does_not_answer_is_not_called_empty(self, machine, tmp_path):
        url = "postgres://nobody@127.0.0.1:1/none" if machine.url else f"sqlite:///{ROOT}"
        assert "cannot be read" in machine("backup", tmp_path / "b", fails=True, DATABASE_URL=url)
        assert not (tmp_path / "b").exists()

    def test_a_backup_of_a_newer_version_is_refused_and_nothing_changes(self, machine, tmp_path):
        code = (
            "from django.db.migrations.recorder import MigrationRecorder as R; "
            "R.Migration.objects.create(app='studies', name='9999_of_tomorrow')"
        )
        machine("shell", "--verbosity", "0", "--command", code)
        path = tmp_path / "bank.backup"
        machine("backup", path)
        before = read_all(machine)
        assert "newer version" in machine("restore", path, "--yes", fails=True)
        assert read_all(machine) == before


@pytest.mark.database
def test_no_key_and_no_password_is_in_a_backup(machine, tmp_path):
    (machine.var / "env").write_text("MAIL_FROM=secreto@ejemplo.pe\n")
    path = tmp_path / "bank.backup"
    machine("backup", path)
    content = path.read_bytes()
    assert (machine.var / "secret-key").read_bytes() not in content
    assert b"secreto@ejemplo.pe" not in content
    with tarfile.open(path) as opened:
        assert not {"env", "secret-key"} & set(opened.getnames())
    assert machine.var != settings.VAR_DIR
