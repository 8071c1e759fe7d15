"""Packs the offline copy into a ZIP archive: pages, one style sheet, the search script and the licence."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils import timezone

from studies.publishing.offline.pages import render_pages
from studies.publishing.opendata.contents import FILES
from studies.publishing.opendata.editions import EditionVersion

_STYLES = (
    "css/tokens.css",
    "css/base.css",
    "css/layout.css",
    "css/components.css",
    "css/evidence.css",
    "css/print.css",
    "offline/offline.css",
)
_SCRIPT = "offline/search.js"


def write(path: Path) -> None:
    """Write the offline copy of the bank as it is now to `path`. Memory holds one page and the list of studies."""
    version = EditionVersion.read_current()
    with zipfile.ZipFile(path, "w") as packed:
        folder = path.stem
        for name, text in _files(version):
            entry = zipfile.ZipInfo(f"{folder}/{name}", timezone.localtime().timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            # The default is 0o600: unpacked on a shared disk, only one person could read the pages.
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, text)


def _files(version: EditionVersion) -> Iterator[tuple[str, str]]:
    yield from render_pages(version)
    yield "recursos/estilos.css", "".join(map(_static, _STYLES))
    yield "recursos/buscar.js", _static(_SCRIPT)
    yield "LICENCE.txt", "".join(FILES["LICENCE.txt"].write(version))


def _static(name: str) -> str:
    found = finders.find(name)
    assert isinstance(found, str), f"static/{name} is part of the program"
    return Path(found).read_text(encoding="utf-8")
