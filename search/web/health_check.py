"""The health check for monitors: whether this host has a database, and how current its index is (I1)."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from search.index import indexing


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if the database answers, else 503. The index is only reported, as the site works without it."""
    try:
        health = indexing.check_health()
    except DatabaseError:
        return JsonResponse({"database": "missing"}, status=503)
    return JsonResponse(
        {
            "database": "ready",
            "index": health.state,
            "index_change": health.position.change_no if health.position else None,
            "change": health.wanted.change_no,
            "studies": health.studies,
        }
    )
