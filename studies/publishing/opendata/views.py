"""Open data on the web: the newest edition for the page of open data, and the files for download."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import FileResponse, Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from studies.publishing.opendata import catalogue, editions
from studies.publishing.opendata.contents import FILES
from studies.text.numbers import format_number

if TYPE_CHECKING:
    from studies.publishing.opendata.editions import Edition, StoredFile

_KEPT_S = 3_600
_MEDIA_TYPES = {".zip": "application/zip", ".json": "application/json"}


@dataclass(frozen=True, slots=True)
class FileView:
    """A file to download; `size` is formatted with its unit."""

    name: str
    title: str
    url: str
    size: str
    sha256: str


@dataclass(frozen=True, slots=True)
class EditionView:
    """An edition to download: as one archive, as the offline copy, and file by file."""

    date: datetime.date
    change_no: int
    archive: FileView
    offline: FileView | None
    files: tuple[FileView, ...]
    older: tuple[tuple[datetime.date, str], ...]
    """Earlier editions: date and URL of the archive."""


def describe_newest_edition(language: str) -> EditionView | None:
    """Return the newest edition for a page in `language`, None before the first. No query."""
    newest = editions.get_newest()
    if newest is None:
        return None
    copy = newest.files.get(editions.offline_name(newest.day))
    names = [name for name in (*FILES, editions.MANIFEST, editions.CHECKSUMS) if name in newest.files]
    return EditionView(
        date=newest.date,
        change_no=newest.version.change_no,
        archive=_view(newest, newest.archive, _("Todo en un archivo"), language),
        offline=_view(newest, copy, _("Copia sin conexión"), language) if copy else None,
        files=tuple(_view(newest, newest.files[name], _title(name), language) for name in names),
        older=tuple(
            (datetime.date.fromisoformat(day), _address(day, editions.archive_name(day)))
            for day in editions.list_days()[1:]
        ),
    )


def _etag(request: HttpRequest, day: str, name: str) -> str | None:
    file = _find_file(day, name)
    return f'"{file.sha256}"' if file else None


@require_safe
@condition(etag_func=_etag)
def data_file(request: HttpRequest, day: str, name: str) -> HttpResponseBase:
    """Serve one file of a stored edition, to any origin (CORS)."""
    file = _find_file(day, name)
    if file is None:
        raise Http404(name)
    response = FileResponse(file.path.open("rb"), as_attachment=True, filename=name, content_type=_media_type(name))
    response.headers["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, max_age=_KEPT_S)
    return response


@require_safe
def data_json(request: HttpRequest) -> JsonResponse:
    """Describe the bank to data portals (Project Open Data, `data.json`), to any origin (CORS). No query."""
    described = catalogue.build_data_json(request, editions.get_newest())
    response = JsonResponse(described, json_dumps_params={"ensure_ascii": False})
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _find_file(day: str, name: str) -> StoredFile | None:
    """Look a file up in the edition's own list: no path from the request is ever opened."""
    edition = editions.get_edition(day)
    return edition.files.get(name) if edition else None


def _media_type(name: str) -> str:
    if name in FILES:
        return f"{FILES[name].media_type}; charset=utf-8"
    suffix = name[name.rfind(".") :]
    return _MEDIA_TYPES.get(suffix, "text/plain; charset=utf-8")


def _title(name: str) -> str:
    if name in FILES:
        return str(FILES[name].title)
    return {
        editions.MANIFEST: _("Lo mismo para programas (Frictionless Data Package)"),
        editions.CHECKSUMS: _("Sumas de comprobación: sha256sum --check SHA256SUMS"),
    }[name]


def _view(edition: Edition, file: StoredFile, title: str, language: str) -> FileView:
    size = _("%(number)s kB") % {"number": format_number(max(1, round(file.size / 1000)), language)}
    return FileView(file.name, title, _address(edition.day, file.name), size, file.sha256)


def _address(day: str, name: str) -> str:
    return reverse("data-file", args=[day, name])
