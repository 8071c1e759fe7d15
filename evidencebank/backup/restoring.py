"""Brings a bank back from a backup. What was there is set aside, never deleted."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from evidencebank.backup import BackupError, archive, encryption, in_use, sqlite
from evidencebank.backup.making import EDITIONS, engine_of
from studies.models import BankCounter
from studies.store import schema

ASIDE = "before-restore-"
"""The folders in var/ of what restores set aside begin with this; `manage.py housekeeping` removes old ones."""


@dataclass(frozen=True, slots=True)
class CheckedBackup:
    """A backup that was read whole and can be restored here. `plain` is the file without encryption."""

    plain: Path
    manifest: archive.Manifest


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `kept` names the places of what was there before; `is_older` asks for `set_up`."""

    kept: tuple[str, ...]
    is_older: bool


@contextmanager
def open_backup(path: Path, identity: Path | None) -> Iterator[CheckedBackup]:
    """Decrypt and check the backup at `path`. Raises BackupError for one that cannot be restored here."""
    if not path.is_file():
        raise BackupError(f"there is no file {path}")
    settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="restore-", dir=settings.VAR_DIR) as folder:
        plain = path
        if encryption.is_encrypted(path):
            if identity is None:
                raise BackupError(f"{path} is encrypted: name the file of the private key by --identity")
            plain = Path(folder) / "bank.tar"
            encryption.decrypt(path, plain, identity)
        manifest = archive.read_manifest(plain)
        difference = schema.compare(frozenset(manifest.migrations))
        if difference.state == "newer":
            raise BackupError(f"this backup cannot be restored by this version: {difference.sentence}")
        if manifest.vendor != connection.vendor:
            raise BackupError(
                f"this backup is of a database of the kind {manifest.vendor}; DATABASE_URL names {connection.vendor}"
            )
        archive.check(plain, manifest)
        yield CheckedBackup(plain, manifest)


def read_present() -> BankCounter | None:
    """Return the counter of the bank that is there, or None where there is none or it cannot be read."""
    if connection.vendor == sqlite.VENDOR and not Path(settings.DATABASES["default"]["NAME"]).exists():
        return None  # asking would make an empty file
    try:
        return BankCounter.objects.first()
    except DatabaseError:
        return None


@contextmanager
def alone() -> Iterator[None]:
    """Keep the bank from starting on this host. Raises BackupError if it runs, here or on another host."""
    with in_use.keep_out():
        _close_own_connections()
        engine_of(connection.vendor).refuse_while_in_use(settings.DATABASES["default"])
        yield


def restore(backup: CheckedBackup) -> Restored:
    """Put the bank of `backup` in the place of the one that is there; within `alone`.

    Raises BackupError or OSError; database and open data are as they were then, unless the message says else.
    """
    _close_own_connections()
    engine, config = engine_of(connection.vendor), settings.DATABASES["default"]
    # Asked again: somebody may have come while the question was read.
    engine.refuse_while_in_use(config)
    aside = settings.VAR_DIR / f"{ASIDE}{datetime.now():%Y%m%d-%H%M%S}"  # noqa: DTZ005  # as whoever looks for it reads clocks
    aside.mkdir(mode=0o700)
    fresh = aside / "new"
    try:
        archive.extract(backup.plain, backup.manifest, fresh)
        kept = [engine.replace(config, fresh / engine.DUMP, aside, backup.manifest.rows)]
        try:
            kept.append(_replace_editions(fresh, aside))
        except OSError as error:
            raise BackupError(f"the database is restored, but not the open data ({error}); see {aside}") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if not any(aside.iterdir()):
            aside.rmdir()
    difference = schema.compare(frozenset(backup.manifest.migrations))
    return Restored(tuple(filter(None, kept)), difference.state == "older")


def _replace_editions(fresh: Path, aside: Path) -> str:
    """Put the editions of the backup in place. Return where those before are, or ""."""
    current, new = settings.VAR_DIR / EDITIONS, fresh / EDITIONS
    kept = ""
    if current.exists():
        current.rename(aside / EDITIONS)
        kept = str(aside / EDITIONS)
    if new.exists():
        new.rename(current)
    return kept


def _close_own_connections() -> None:
    connection.close()
    if close_pool := getattr(connection, "close_pool", None):
        close_pool()
