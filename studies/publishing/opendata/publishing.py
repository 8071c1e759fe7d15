"""Writes today's edition of open data and deletes the oldest ones. The command `publish_data` calls it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.utils import timezone

from studies.publishing.opendata import editions
from studies.publishing.opendata.contents import FILES
from studies.publishing.opendata.editions import CHECKSUMS, MANIFEST, Edition, EditionVersion, StoredFile

_TRIES = 3

ExtraArchives = Mapping[str, Callable[[Path], None]]
"""Further archives by the beginning of their names, each with the function that writes it to a path."""


class BankKeptChanging(Exception):
    """The bank changed during every attempt to write its files."""


class AlreadyPublishing(Exception):
    """Another process is writing an edition."""


def publish(*, keep: int, force: bool = False, extra: ExtraArchives | None = None) -> tuple[Edition, bool]:
    """Write today's edition and keep the newest `keep`. Returns the newest edition and whether it was written now.

    Without `force` nothing is written if the newest edition has the bank as it is. All files are of one version: if the
    bank changes meanwhile, they are written again. Raises BankKeptChanging and AlreadyPublishing.
    """
    with _exclusive_lock():
        newest = editions.get_newest()
        if newest is not None and not force and newest.version == EditionVersion.read_current():
            return newest, False
        day = timezone.localdate().isoformat()
        draft = editions.editions_folder() / f".new-{os.getpid()}"
        try:
            _write_at_one_version(draft, day, extra or {})
            _put_in_place(draft, editions.editions_folder() / day)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        for old in editions.list_days()[keep:]:
            shutil.rmtree(editions.editions_folder() / old)
    edition = editions.get_newest()
    assert edition is not None, "an edition that was put in place"
    return edition, True


def _write_at_one_version(draft: Path, day: str, extra: ExtraArchives) -> None:
    for _ in range(_TRIES):
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        version = EditionVersion.read_current()
        _write(draft, day, version, extra)
        if EditionVersion.read_current() == version:
            return
    raise BankKeptChanging


def _write(draft: Path, day: str, version: EditionVersion, extra: ExtraArchives) -> None:
    for file in FILES.values():
        with (draft / file.name).open("w", encoding="utf-8", newline="") as written:
            written.writelines(file.write(version))
    media_types = {file.name: file.media_type for file in FILES.values()}
    files = [_describe_file(draft / name) for name in FILES]
    (draft / MANIFEST).write_text(editions.build_manifest(version, day, files, media_types), encoding="utf-8")
    files.append(_describe_file(draft / MANIFEST))
    _write_checksums(draft, files)
    archive = draft / editions.archive_name(day)
    _pack(archive, [*files, _describe_file(draft / CHECKSUMS)])
    files.append(_describe_file(archive))
    for beginning, write in extra.items():
        path = draft / f"{beginning}-{day}.zip"
        write(path)
        files.append(_describe_file(path))
    # Again, now with the archives: no archive can contain its own checksum.
    _write_checksums(draft, files)


def _write_checksums(draft: Path, files: list[StoredFile]) -> None:
    lines = (f"{file.sha256}  {file.name}\n" for file in files)
    (draft / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def _pack(archive: Path, files: list[StoredFile]) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in files:
            packed.write(file.path, f"{archive.stem}/{file.name}")


def _describe_file(path: Path) -> StoredFile:
    with path.open("rb") as file:
        return StoredFile(path.name, path, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _put_in_place(draft: Path, target: Path) -> None:
    """Rename the draft. An edition of the same day is moved away first; for that moment today has none."""
    old = target.with_name(f".old-{os.getpid()}")
    if target.exists():
        target.rename(old)
    draft.rename(target)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _exclusive_lock() -> Iterator[None]:
    editions.editions_folder().mkdir(mode=0o755, parents=True, exist_ok=True)
    with (editions.editions_folder() / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyPublishing from None
        yield
