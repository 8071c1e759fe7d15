"""The drill: restores a new backup into a scratch bank, destroys that, restores it again, and compares each row.

The bank itself is only read. `manage.py backup_drill` calls it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess  # nosec B404
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from evidencebank.backup import BackupError, encryption
from evidencebank.backup.making import EDITIONS, LEFT_OUT, MadeBackup, engine_of, make
from studies.models import BankCounter


@dataclass(frozen=True, slots=True)
class ScratchBank:
    """A bank that the drill may destroy. `database` is what the engine's functions take."""

    var: Path
    database: str
    environment: dict[str, str]

    def restore(self, path: Path, *arguments: str) -> None:
        """Run `manage.py restore` there. Raises BackupError with what it said if it fails."""
        command = [sys.executable, "manage.py", "restore", str(path), "--yes", *arguments]
        done = subprocess.run(  # nosec B603
            command, cwd=settings.BASE_DIR, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BackupError(f"the restore failed: {done.stderr.strip() or done.stdout.strip()}")


def run(say: Callable[[str], None]) -> None:
    """Do the drill, and tell each step with its time. Raises BackupError at the first thing that is not as it was."""
    engine, config = engine_of(connection.vendor), settings.DATABASES["default"]
    began_at = BankCounter.current().change_no
    arguments: tuple[str, ...]
    with _folder() as folder:
        plain = _make(folder / "plain.backup", [], say)
        with _scratch(folder) as scratch:
            _timed(say, "restored where no bank was", lambda: scratch.restore(plain.path))
            _compare(plain, engine.address(config), scratch, began_at)
            engine.destroy(scratch.database)
            shutil.rmtree(scratch.var / EDITIONS, ignore_errors=True)
            say("destroyed")
            if shutil.which("age-keygen"):
                key, recipient = encryption.make_key(folder / "key")
                path, arguments = _make(folder / "closed.backup", [recipient], say).path, ("--identity", str(key))
            else:
                say("age is not installed: encrypted backups were not tried")
                path, arguments = plain.path, ()
            _timed(say, "restored where the bank was destroyed", lambda: scratch.restore(path, *arguments))
            _compare(plain, engine.address(config), scratch, began_at)
    rows, tables = sum(plain.manifest.rows.values()), len(plain.manifest.rows)
    say(f"both times the same: {rows} rows of {tables} tables, {len(plain.manifest.files) - 1} files of open data")


@contextmanager
def _folder() -> Iterator[Path]:
    settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="backup-drill-", dir=settings.VAR_DIR) as folder:
        yield Path(folder)


@contextmanager
def _scratch(folder: Path) -> Iterator[ScratchBank]:
    var = folder / "var"
    with engine_of(connection.vendor).scratch_database(settings.DATABASES["default"], var) as (database, url):
        # Nothing of this installation's settings: the scratch bank has a key of its own.
        environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        yield ScratchBank(var, database, environment | {"VAR_DIR": str(var), "DATABASE_URL": url})


def _make(path: Path, recipients: list[str], say: Callable[[str], None]) -> MadeBackup:
    began = time.monotonic()
    made = make(path, recipients)
    kind = "encrypted backup" if recipients else "backup"
    say(f"{kind} of {made.size / 1e6:.1f} MB: {time.monotonic() - began:.1f} s")
    return made


def _timed(say: Callable[[str], None], what: str, do: Callable[[], None]) -> None:
    began = time.monotonic()
    do()
    say(f"{what}: {time.monotonic() - began:.1f} s")


def _compare(made: MadeBackup, database: str, scratch: ScratchBank, began_at: int) -> None:
    engine = engine_of(connection.vendor)
    faults = []
    for table in made.manifest.rows:
        expected = [] if table in LEFT_OUT else engine.read_rows(database, table)
        differing = Counter(expected)
        differing.subtract(engine.read_rows(scratch.database, table))
        if number := sum(map(abs, differing.values())):
            faults.append(f"{table} ({number} rows)")
    if faults and BankCounter.current().change_no != began_at:
        raise BackupError("the bank was changed meanwhile: do the drill again when nobody writes")
    for name, file in made.manifest.files.items():
        if name.startswith(f"{EDITIONS}/") and _read(scratch.var / name) != file:
            faults.append(name)
    if faults:
        raise BackupError(f"not as it was: {', '.join(faults[:5])}")


def _read(path: Path) -> tuple[int, str]:
    """Return size and checksum, as a manifest has them."""
    content = path.read_bytes() if path.is_file() else b""
    return len(content), hashlib.sha256(content).hexdigest()
