"""The editions that are kept: one folder a day, with its files, their sizes and checksums.

A folder is complete or is not there: it is written under another name and then renamed.
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
from typing import Self

from django.conf import settings

from studies.publishing.opendata import learning as opendata_learning
from studies.store import bank_state

MANIFEST = "datapackage.json"
CHECKSUMS = "SHA256SUMS"
OFFLINE = "banco-sin-conexion"
FORMAT = 2
"""Raised when the files of an edition come to hold something else of the same bank."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Version:
    """Which bank an edition is of: two editions of one version hold the same."""

    bank_id: str
    change_no: int
    changed_at: str
    vocabulary_no: int
    licence_name: str
    licence_url: str
    format: int = FORMAT
    learning: str = ""
    """The fingerprint of what follows from studies; editions of before have none."""

    @classmethod
    def of_now(cls) -> Self:
        """Return the version of the bank, with what follows from studies: at most twelve queries."""
        counter = bank_state.current()
        return cls(
            bank_id=str(counter.bank_id),
            change_no=counter.change_no,
            changed_at=counter.changed_at.isoformat(),
            vocabulary_no=counter.vocabulary_no,
            licence_name=settings.DATA_LICENCE_NAME,
            licence_url=settings.DATA_LICENCE_URL,
            learning=opendata_learning.fingerprint(),
        )

    @property
    def moment(self) -> datetime.datetime:
        """When the bank changed last."""
        return datetime.datetime.fromisoformat(self.changed_at)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of an edition that is kept."""

    name: str
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Edition:
    """The files of one day, by name."""

    day: str
    version: Version
    files: dict[str, KeptFile]

    @property
    def date(self) -> datetime.date:
        return datetime.date.fromisoformat(self.day)

    @property
    def archive(self) -> KeptFile:
        """All files in one."""
        return self.files[archive_name(self.day)]


def folder() -> Path:
    """Return where the editions are kept."""
    kept: Path = settings.VAR_DIR / "open-data"
    return kept


def archive_name(day: str) -> str:
    return f"banco-de-evidencias-{day}.zip"


def offline_name(day: str) -> str:
    """Return the name of the copy to be read without network, which an edition of the command has."""
    return f"{OFFLINE}-{day}.zip"


def days() -> list[str]:
    """Return the days of the editions that are kept, the newest first: nothing is opened."""
    if not folder().is_dir():
        return []
    return sorted((path.name for path in folder().iterdir() if _DAY.fullmatch(path.name)), reverse=True)


def newest() -> Edition | None:
    """Return the newest edition, None before the first one."""
    for day in days():
        return edition(day)
    return None


def edition(day: str) -> Edition | None:
    """Return the edition of a day, None where none is kept."""
    if not _DAY.fullmatch(day):
        return None
    manifest = folder() / day / MANIFEST
    try:
        return _read(day, manifest, manifest.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


def manifest_of(version: Version, day: str, files: list[KeptFile], media_types: dict[str, str]) -> str:
    """Describe an edition as a data package (Frictionless): title, licence, files with sizes and hashes."""
    package = {
        "profile": "data-package",
        "name": "banco-de-evidencias",
        "title": "Banco de Evidencias",
        "version": f"{day}+{version.change_no}",
        "created": f"{day}T00:00:00Z",
        "licenses": [{"name": version.licence_name, "path": version.licence_url}],
        "resources": [
            {
                "name": file.name.lower().replace(".", "-"),
                "path": file.name,
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


@lru_cache(maxsize=8)
def _read(day: str, manifest: Path, _written_at: int) -> Edition:
    """Read an edition; `_written_at` tells apart one that was written anew on the same day."""
    version = Version(**json.loads(manifest.read_text(encoding="utf-8"))["bank"])
    return Edition(day, version, {file.name: file for file in _files(manifest.parent)})


def _files(of_edition: Path) -> Iterator[KeptFile]:
    """Yield what the checksums name, and the checksums themselves."""
    checksums = (of_edition / CHECKSUMS).read_bytes()
    yield KeptFile(CHECKSUMS, of_edition / CHECKSUMS, len(checksums), hashlib.sha256(checksums).hexdigest())
    for line in checksums.decode().splitlines():
        sha256, _, name = line.partition("  ")
        yield KeptFile(name, of_edition / name, (of_edition / name).stat().st_size, sha256)
