"""Headers that several pages set on their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpResponse


def not_public(response: HttpResponse) -> HttpResponse:
    """Mark a page that only the team may see: no cache and no search engine keeps it."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
