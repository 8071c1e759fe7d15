"""Who sees pages of programmes and questions that are not public, and the headers of such pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def mark_not_public(response: HttpResponse) -> HttpResponse:
    """Mark a page that only the team may see: no cache and no search engine keeps it."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def may_see_drafts(request: HttpRequest) -> bool:
    """Whether the visitor is of the team and may see programmes and questions that are not published."""
    return bool(getattr(request.user, "is_staff", False) and request.user.has_perm("studies.view_programme"))
