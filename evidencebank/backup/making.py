"""Makes a backup while the bank runs: the database and the editions of open data, and no key.

What else lies in var/ can be made again, or is secret (`env`, `secret-key`) and has no place in a file that travels.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.models import FailedAttempt, SignIn
from evidencebank.backup import BackupError, archive, encryption, postgres, sqlite
from jobs.models import Worker
from search.models import RateCount
from studies.models import BankCounter
from studies.store import schema

EDITIONS = "open-data"
LEFT_OUT = tuple(model._meta.db_table for model in (Session, SignIn, FailedAttempt, RateCount, Worker))
"""Tables whose rows are no part of a backup. With the key of an open session, which sign-ins have too, who reads the
file would be in the workplace, and a restore would open ended sessions again. Where people signed in from would be
kept beyond its period. No worker of the bank that was backed up lives in the one that is restored."""


@dataclass(frozen=True, slots=True)
class MadeBackup:
    """A backup that was written and checked. `size` is in bytes."""

    path: Path
    size: int
    is_encrypted: bool
    manifest: archive.Manifest


def engine_of(vendor: str) -> ModuleType:
    """Return the module that copies databases of a kind. Raises BackupError for an unknown one."""
    for module in (sqlite, postgres):
        if vendor == module.VENDOR:
            return module
    raise BackupError(f"the bank has no backups for databases of the kind “{vendor}”")


def make(path: Path, recipients: Sequence[str]) -> MadeBackup:
    """Write a backup to `path`, which must not exist yet, encrypted for `recipients` where there are some.

    Raises BackupError; nothing is at `path` then.
    """
    if path.exists():
        raise BackupError(f"{path} exists already, and is left as it is")
    if not path.parent.is_dir():
        raise BackupError(f"there is no folder {path.parent}")
    if recipients:
        encryption.find_age()
    settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    # In var/, which only the bank reads: until it is encrypted, the whole bank lies open here.
    with tempfile.TemporaryDirectory(prefix="backup-", dir=settings.VAR_DIR) as folder:
        plain = Path(folder) / "bank.tar"
        manifest = _write_plain(plain)
        archive.check(plain, archive.read_manifest(plain))
        draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
        try:
            _write_privately(plain, draft, recipients)
            # It gets its name when it is whole.
            draft.rename(path)
        finally:
            draft.unlink(missing_ok=True)
    return MadeBackup(path, path.stat().st_size, bool(recipients), manifest)


def _write_plain(target: Path) -> archive.Manifest:
    engine = engine_of(connection.vendor)
    try:
        migrations = schema.read_applied()
        counter = BankCounter.current() if migrations else None
    except BankCounter.DoesNotExist:
        counter = None
    except DatabaseError as error:
        raise BackupError(f"the database cannot be read: {error}") from None
    if counter is None:
        raise BackupError("there is no bank in the database yet: run manage.py set_up")
    dumped = target.with_name(engine.DUMP)
    rows = engine.dump(settings.DATABASES["default"], dumped, LEFT_OUT)
    said = archive.Manifest(
        format=archive.FORMAT,
        made_at=timezone.now().isoformat(),
        vendor=engine.VENDOR,
        bank_id=str(counter.bank_id),
        change_no=counter.change_no,
        migrations=tuple(migrations),
        rows=rows,
        files={},
    )
    return archive.write(target, [(engine.DUMP, dumped), *_list_editions()], said)


def _list_editions() -> Iterator[tuple[str, Path]]:
    """Yield the files of the finished editions; one that is being written has another name."""
    folder = settings.VAR_DIR / EDITIONS
    for edition in sorted(folder.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]")):
        for path in sorted(edition.rglob("*")):
            if path.is_file():
                yield f"{EDITIONS}/{path.relative_to(folder)}", path


def _write_privately(plain: Path, draft: Path, recipients: Sequence[str]) -> None:
    draft.touch(mode=0o600, exist_ok=False)
    if recipients:
        encryption.encrypt(plain, draft, recipients)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        return
    with plain.open("rb") as source, draft.open("wb") as target:
        while chunk := source.read(1 << 20):
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    archive.check(draft, archive.read_manifest(draft))
