"""Writes an edition of today beside those that are kept, and lets the oldest go."""

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
from studies.publishing.opendata.editions import CHECKSUMS, MANIFEST, Edition, KeptFile, Version

_TRIES = 3

Extra = Mapping[str, Callable[[Path], None]]
"""Further archives by the beginning of their names, and who writes each into the path that it is given."""


class BankKeptChanging(Exception):
    """The bank changed each time while its files were being written."""


class BeingPublished(Exception):
    """Another process is writing an edition."""


def publish(*, keep: int, force: bool = False, extra: Extra | None = None) -> tuple[Edition, bool]:
    """Write the edition of today and keep the newest `keep`. Return the newest one, and whether it is new.

    Without `force` nothing is written while the bank is what the newest edition holds. All files tell of one version:
    where the bank changes meanwhile, they are written again. Raises BankKeptChanging and BeingPublished.
    """
    with _alone():
        held = editions.newest()
        if held is not None and not force and held.version == Version.of_now():
            return held, False
        day = timezone.localdate().isoformat()
        draft = editions.folder() / f".new-{os.getpid()}"
        try:
            _write_at_one_version(draft, day, extra or {})
            _put_in_place(draft, editions.folder() / day)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        for old in editions.days()[keep:]:
            shutil.rmtree(editions.folder() / old)
    written = editions.newest()
    assert written is not None, "an edition that was put in place"
    return written, True


def _write_at_one_version(draft: Path, day: str, extra: Extra) -> None:
    for _ in range(_TRIES):
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        version = Version.of_now()
        _write(draft, day, version, extra)
        if Version.of_now() == version:
            return
    raise BankKeptChanging


def _write(draft: Path, day: str, version: Version, extra: Extra) -> None:
    for file in FILES.values():
        with (draft / file.name).open("w", encoding="utf-8", newline="") as written:
            written.writelines(file.write(version))
    media_types = {file.name: file.media_type for file in FILES.values()}
    files = [_kept(draft / name) for name in FILES]
    (draft / MANIFEST).write_text(editions.manifest_of(version, day, files, media_types), encoding="utf-8")
    files.append(_kept(draft / MANIFEST))
    _write_checksums(draft, files)
    archive = draft / editions.archive_name(day)
    _pack(archive, [*files, _kept(draft / CHECKSUMS)])
    files.append(_kept(archive))
    for beginning, write in extra.items():
        path = draft / f"{beginning}-{day}.zip"
        write(path)
        files.append(_kept(path))
    # Beside the archives stand their checksums too, which no archive can hold of itself.
    _write_checksums(draft, files)


def _write_checksums(draft: Path, files: list[KeptFile]) -> None:
    lines = (f"{file.sha256}  {file.name}\n" for file in files)
    (draft / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def _pack(archive: Path, files: list[KeptFile]) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in files:
            packed.write(file.path, f"{archive.stem}/{file.name}")


def _kept(path: Path) -> KeptFile:
    with path.open("rb") as file:
        return KeptFile(path.name, path, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _put_in_place(draft: Path, target: Path) -> None:
    """Rename; an edition of the same day goes first, and for that moment there is none of today."""
    old = target.with_name(f".old-{os.getpid()}")
    if target.exists():
        target.rename(old)
    draft.rename(target)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _alone() -> Iterator[None]:
    editions.folder().mkdir(mode=0o755, parents=True, exist_ok=True)
    with (editions.folder() / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BeingPublished from None
        yield
