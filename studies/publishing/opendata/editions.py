"""The stored editions of open data: a folder for each day, with its files, sizes and checksums.

A folder is complete or does not exist: `publishing` writes it under another name and renames it.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from studies.publishing.opendata import learning as opendata_learning
from studies.publishing.opendata.table_schemas import build_schema, resource_name
from studies.store import bank_state

MANIFEST = "datapackage.json"
CHECKSUMS = "SHA256SUMS"
OFFLINE = "banco-sin-conexion"
FORMAT = 5
"""Raise it when the same bank would give other files, so that a new edition is written."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class EditionVersion:
    """The state of the bank in an edition: two editions of one version have the same content."""

    bank_id: str
    change_no: int
    changed_at: str
    vocabulary_no: int
    licence_name: str
    licence_url: str
    format: int = FORMAT
    learning: str = ""
    """The fingerprint of questions, decisions and the learning cycle; "" in editions older than these files."""

    @classmethod
    def read_current(cls) -> Self:
        """Return the version of the bank now: at most twelve queries."""
        counter = bank_state.current()
        return cls(
            bank_id=str(counter.bank_id),
            change_no=counter.change_no,
            changed_at=counter.changed_at.isoformat(),
            vocabulary_no=counter.vocabulary_no,
            licence_name=settings.DATA_LICENCE_NAME,
            licence_url=settings.DATA_LICENCE_URL,
            learning=opendata_learning.compute_fingerprint(),
        )

    @property
    def moment(self) -> datetime.datetime:
        """When the bank last changed."""
        return datetime.datetime.fromisoformat(self.changed_at)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a stored edition; `size` is in bytes."""

    name: str
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Edition:
    """The files of one day, by name."""

    day: str
    version: EditionVersion
    files: dict[str, StoredFile]

    @property
    def date(self) -> datetime.date:
        return datetime.date.fromisoformat(self.day)

    @property
    def archive(self) -> StoredFile:
        """The archive of all files."""
        return self.files[archive_name(self.day)]


def editions_folder() -> Path:
    """Return the folder of all editions."""
    path: Path = settings.VAR_DIR / "open-data"
    return path


def archive_name(day: str) -> str:
    return f"banco-de-evidencias-{day}.zip"


def offline_name(day: str) -> str:
    """Return the file name of the offline copy; an edition may have none."""
    return f"{OFFLINE}-{day}.zip"


def list_days() -> list[str]:
    """Return the days of the stored editions, the newest first, without opening a file."""
    if not editions_folder().is_dir():
        return []
    return sorted((path.name for path in editions_folder().iterdir() if _DAY.fullmatch(path.name)), reverse=True)


def get_newest() -> Edition | None:
    """Return the newest edition, None before the first."""
    for day in list_days():
        return get_edition(day)
    return None


def get_edition(day: str) -> Edition | None:
    """Return the edition of a day, None if none is stored."""
    if not _DAY.fullmatch(day):
        return None
    manifest = editions_folder() / day / MANIFEST
    try:
        return _read(day, manifest, manifest.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


def build_manifest(version: EditionVersion, day: str, files: list[StoredFile], media_types: dict[str, str]) -> str:
    """Return the manifest of an edition as a Frictionless Data Package: title, licence, files with sizes and hashes."""
    package = {
        "profile": "data-package",
        "name": "banco-de-evidencias",
        "title": "Banco de Evidencias",
        "version": f"{day}+{version.change_no}",
        "created": f"{day}T00:00:00Z",
        "licenses": [{"name": version.licence_name, "path": version.licence_url}],
        "resources": [
            {
                "name": resource_name(file.name),
                "path": file.name,
                **_as_table(file.name),
                "mediatype": media_types[file.name],
                "encoding": "utf-8",
                "bytes": file.size,
                "hash": f"sha256:{file.sha256}",
            }
            for file in files
        ],
        "bank": asdict(version),
    }
    return json.dumps(package, ensure_ascii=False, indent=1) + "\n"


def _as_table(name: str) -> dict[str, Any]:
    """Return what a resource says beside its file if that is a table."""
    schema = build_schema(name)
    return {"profile": "tabular-data-resource", "format": "csv", "schema": schema} if schema else {}


@lru_cache(maxsize=8)
def _read(day: str, manifest: Path, _written_at: int) -> Edition:
    """Read an edition. `_written_at` is part of the cache key: an edition may be written again on the same day."""
    version = EditionVersion(**json.loads(manifest.read_text(encoding="utf-8"))["bank"])
    return Edition(day, version, {file.name: file for file in _files(manifest.parent)})


def _files(of_edition: Path) -> Iterator[StoredFile]:
    """Yield the files that SHA256SUMS names, and SHA256SUMS itself."""
    checksums = (of_edition / CHECKSUMS).read_bytes()
    yield StoredFile(CHECKSUMS, of_edition / CHECKSUMS, len(checksums), hashlib.sha256(checksums).hexdigest())
    for line in checksums.decode().splitlines():
        sha256, _, name = line.partition("  ")
        yield StoredFile(name, of_edition / name, (of_edition / name).stat().st_size, sha256)
