"""Unpublished pages of studies, programmes and questions: who may see them, and the headers that keep them private."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def mark_not_public(response: HttpResponse) -> HttpResponse:
    """Set the headers that keep a page out of caches and search engines, as only the team may see it."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def may_see_drafts(request: HttpRequest) -> bool:
    """Return True if the visitor belongs to the team and may see programmes and questions that are not published."""
    return bool(getattr(request.user, "is_staff", False) and request.user.has_perm("studies.view_programme"))
