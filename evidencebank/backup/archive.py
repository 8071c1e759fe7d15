"""The file of a backup: a tar whose manifest comes last, with the size and the checksum of every other file in it."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from evidencebank.backup import BackupError

MANIFEST = "manifest.json"
FORMAT = 1
_CHUNK_BYTES = 1 << 20
_LARGEST_MANIFEST_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `rows` counts those of each table; `files` has (size in bytes, SHA-256) by name."""

    format: int
    made_at: str
    vendor: str
    """"sqlite" or "postgresql"."""
    bank_id: str
    change_no: int
    migrations: tuple[tuple[str, str], ...]
    rows: dict[str, int]
    files: dict[str, tuple[int, str]]


def write(target: Path, contents: Iterable[tuple[str, Path]], manifest: Manifest) -> Manifest:
    """Write `contents`, as (name in the archive, file), to `target`. Return the manifest with its files."""
    files: dict[str, tuple[int, str]] = {}
    with tarfile.open(target, "w") as archive:
        for name, path in contents:
            # A file may not change between its checksum and its copy: each is read once, into the archive.
            with path.open("rb") as file:
                member = archive.gettarinfo(arcname=name, fileobj=file)
                member.uid = member.gid = 0
                member.uname = member.gname = ""
                reader = _HashingReader(file)
                archive.addfile(member, reader)
            files[name] = (member.size, reader.digest.hexdigest())
        whole = Manifest(**{**_as_dict(manifest), "files": files})
        draft = target.with_name(f"{target.name}.manifest")
        draft.write_text(json.dumps(asdict(whole), ensure_ascii=False, indent=1), encoding="utf-8")
        archive.add(draft, arcname=MANIFEST)
        draft.unlink()
    return whole


def read_manifest(path: Path) -> Manifest:
    """Return the manifest of the backup at `path`. Raises BackupError for a file that is no whole backup."""
    try:
        with tarfile.open(path, "r:") as archive:
            member = archive.getmember(MANIFEST)
            file = archive.extractfile(member)
            if file is None or member.size > _LARGEST_MANIFEST_BYTES:
                raise BackupError(f"{path}: its manifest cannot be read")
            said = json.load(file)
    except (tarfile.TarError, EOFError):
        raise BackupError(f"{path} is no backup of the bank, or was cut off") from None
    except KeyError:
        raise BackupError(f"{path} has no manifest: it is no backup of the bank, or was cut off") from None
    except (ValueError, RecursionError):
        raise BackupError(f"{path}: its manifest cannot be read") from None
    if not isinstance(said, dict):
        raise BackupError(f"{path} is no backup of the bank")
    if said.get("format") != FORMAT:
        raise BackupError(f"{path} has the format {said.get('format')} of backups; this version reads {FORMAT}")
    try:
        return Manifest(
            **{
                **said,
                "migrations": tuple((str(app), str(name)) for app, name in said["migrations"]),
                "rows": {str(table): int(rows) for table, rows in said["rows"].items()},
                "files": {name: (int(size), str(digest)) for name, (size, digest) in said["files"].items()},
            }
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise BackupError(f"{path}: its manifest lacks something") from None


def check(path: Path, manifest: Manifest) -> None:
    """Read the whole backup. Raises BackupError at the first file that is missing, unknown, or differs."""
    _read_through(path, manifest, None)


def extract(path: Path, manifest: Manifest, folder: Path) -> None:
    """Write the files of the backup below `folder`, checking each. Raises BackupError as `check` does."""
    _read_through(path, manifest, folder)


def _read_through(path: Path, manifest: Manifest, folder: Path | None) -> None:
    left = dict(manifest.files)
    try:
        with tarfile.open(path, "r:") as archive:
            for member in archive:
                if member.name == MANIFEST:
                    continue
                said = left.pop(member.name, None)
                file = archive.extractfile(member)
                if said is None or file is None or not _is_safe(member):
                    raise BackupError(f"{path} holds {member.name}, which its manifest does not name")
                if _copy(file, folder and folder / member.name) != said:
                    raise BackupError(f"{path} is damaged: {member.name} is not what was backed up")
    except (tarfile.TarError, EOFError):
        raise BackupError(f"{path} is damaged") from None
    if left:
        raise BackupError(f"{path} is damaged: {', '.join(sorted(left)[:3])} is missing")


def _is_safe(member: tarfile.TarInfo) -> bool:
    name = PurePosixPath(member.name)
    return member.isfile() and not name.is_absolute() and ".." not in name.parts


def _copy(source: IO[bytes], target: Path | None) -> tuple[int, str]:
    """Copy to `target`, or nowhere. Return size and checksum."""
    reader = _HashingReader(source)
    size = 0
    if target is None:
        while chunk := reader.read(_CHUNK_BYTES):
            size += len(chunk)
        return size, reader.digest.hexdigest()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with target.open("xb") as file:
        while chunk := reader.read(_CHUNK_BYTES):
            size += file.write(chunk)
    return size, reader.digest.hexdigest()


class _HashingReader:
    """A file for reading that computes the checksum of what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self.digest.update(chunk)
        return chunk


def _as_dict(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in Manifest.__slots__}
