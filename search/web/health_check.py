"""What a monitor asks: can this host answer, and how far is its index (I1)?"""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from search.index import indexing


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 while there is a database, 503 without; the index is named, for the site works without it."""
    try:
        health = indexing.health()
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
