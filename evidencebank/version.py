"""`/version`: which program this is, which edition of the open data is the newest, which change the bank is at."""

from __future__ import annotations

import platform
import tomllib
from functools import cache
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from search.index import indexing
from studies.publishing.opendata import editions
from studies.store import bank_state


@require_safe
@never_cache
def version(request: HttpRequest) -> JsonResponse:
    """Tell everybody the version, the edition and the change number; the staff also what this host runs on."""
    newest = editions.get_newest()
    told: dict[str, Any] = {
        "program": "Banco de Evidencias",
        "version": program_version(),
        "edition": newest.date.isoformat() if newest else None,
        "change": bank_state.current().change_no,
    }
    # Without the cookie the session is not even looked at.
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_active and request.user.is_staff:
        health = indexing.check_health()
        told |= {
            "python": platform.python_version(),
            "django": django.get_version(),
            "database": connection.vendor,
            "index": health.state,
            "index_change": health.position.change_no if health.position else None,
            "search_engine": settings.SEARCH_ENGINE,
            "host": platform.node(),
        }
    return JsonResponse(told)


@cache
def program_version() -> str:
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
