"""Headers for caches: of what all readers get alike, and of unpublished pages, with who may see these."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


SHARED_FOR_S = 2
SHARED_CONTROL = f"public, s-maxage={SHARED_FOR_S}, max-age=0, must-revalidate"
"""`Cache-Control` of what every reader gets alike: after a change no cache may answer with the old for longer."""


def mark_not_public(response: HttpResponse) -> HttpResponse:
    """Set the headers that keep a page out of caches and search engines, as only the team may see it."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def may_see_drafts(request: HttpRequest) -> bool:
    """Return True if the visitor belongs to the team and may see programmes and questions that are not published."""
    return bool(getattr(request.user, "is_staff", False) and request.user.has_perm("studies.view_programme"))
