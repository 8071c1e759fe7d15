"""The check for balancers: whether this host has a database of its version, room on its disks, lists of now (I1)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from search.index import indexing, sync
from studies.store import bank_state, replica, schema

_BY_DEMAND = frozenset({"index", "disk", "replica"})
"""For these a host is not ready only if READY_DEMANDS names them."""


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 503 without a database of this version, and for what READY_DEMANDS names; all else is only reported.

    By default a host stays in use with an old index or a disk that is nearly full, as its pages are answered.
    """
    told: dict[str, Any] = {"read_only": settings.READ_ONLY}
    lacks = []
    try:
        tables = schema.read_difference()
        told["schema"] = tables.state
        if not tables.is_usable:
            told["problem"] = tables.sentence
            lacks.append("schema")
        else:
            lacks += _describe_database(told) + _describe_index(told)
    except (DatabaseError, InterfaceError):
        told |= {"database": "missing"}
        lacks.append("database")
    # No number: everybody may ask here. The metrics have it.
    told["disk"] = "ready" if find_least_room_mb() >= settings.READY_FREE_MB else "nearly full"
    if told["disk"] != "ready":
        lacks.append("disk")
    unmet = [each for each in lacks if each not in _BY_DEMAND or each in settings.READY_DEMANDS]
    response = JsonResponse({"ready": not unmet, **told}, status=503 if unmet else 200)
    # A balancer asks each second: the line of the request tells it, and Django's would be an error to be mailed.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def find_least_room_mb() -> int:
    """Return the free megabytes of the fullest disk among those of VAR_DIR, the index and a SQLite database."""
    folders = [settings.VAR_DIR, settings.INDEX_DIR]
    if connection.vendor == "sqlite":
        folders.append(Path(settings.DATABASES["default"]["NAME"]).parent)
    return min((shutil.disk_usage(each).free for each in folders if each.is_dir()), default=0) // 2**20


def _describe_database(told: dict[str, Any]) -> list[str]:
    """Add to `told` what the database is. Return what it lacks: a replica where a host is to write, or too old."""
    state = replica.read_state()
    told["database"] = "ready"
    if not state.is_replica:
        return []
    if not settings.READ_ONLY:
        told["problem"] = replica.MISPLACED
        return ["primary"]
    is_behind = state.lag_s is None or state.lag_s > settings.READY_SECONDS_BEHIND
    told["replica"] = "unknown" if state.lag_s is None else "behind" if is_behind else "ready"
    told["replica_seconds_behind"] = None if state.lag_s is None else round(state.lag_s, 1)
    return ["replica"] if is_behind else []


def _describe_index(told: dict[str, Any]) -> list[str]:
    """Add to `told` where the index is, after it was updated if it is behind. Return "index" if it is too old.

    Whom a balancer sends no readers to would never catch up by itself: searches do that elsewhere.
    """
    sync.update_before_search()
    bank_state.clear_cache()
    health = indexing.check_health()
    behind_s = indexing.read_seconds_behind(health)
    told |= {
        "index": health.state,
        "index_change": health.position.change_no if health.position else None,
        "index_seconds_behind": None if behind_s is None else round(behind_s, 1),
        "change": health.wanted.change_no,
        "studies": health.studies,
    }
    return ["index"] if behind_s is None or behind_s > settings.READY_SECONDS_BEHIND else []
