"""The reader's selection in a cookie: reading it from a request, setting it on a response. The server keeps nothing.

A second cookie holds the selection as it was before something was removed, for ten minutes, so that it can be undone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from search.lists.selection import Selection

SELECTION_COOKIE = f"{settings.COOKIE_PREFIX}seleccion"
UNDO_COOKIE = f"{settings.COOKIE_PREFIX}seleccion-antes"
_MAX_AGE_S = int(timedelta(days=30).total_seconds())
_UNDO_MAX_AGE_S = int(timedelta(minutes=10).total_seconds())


def with_selection(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: sets `request.selection`, which is read from the cookie when first used.

    Only an answer that used it depends on the cookie, and tells caches so; all others may be shared by all readers.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        used = []

        def read() -> Selection:
            used.append(True)
            return Selection.unpack(request.COOKIES.get(SELECTION_COOKIE, ""))

        request.selection = SimpleLazyObject(read)  # type: ignore[attr-defined]
        response = get_response(request)
        if used:
            patch_vary_headers(response, ("Cookie",))
        return response

    return middleware


def get_selection(request: HttpRequest) -> Selection:
    """Return the reader's selection; empty where there is none."""
    held: Selection = request.selection  # type: ignore[attr-defined]
    return held


def get_undo_selection(request: HttpRequest) -> Selection | None:
    """Return the selection before something was removed from it; None if there is nothing to undo."""
    packed = request.COOKIES.get(UNDO_COOKIE, "")
    return (Selection.unpack(packed) or None) if packed else None


def set_selection(response: HttpResponseBase, selection: Selection) -> None:
    """Set the cookie of the selection, or delete it if the selection is empty. Raises SelectionTooLarge."""
    _set_cookie(response, SELECTION_COOKIE, selection, _MAX_AGE_S)


def set_undo_selection(response: HttpResponseBase, selection: Selection) -> None:
    """Set the cookie of the selection that an undo brings back. Raises SelectionTooLarge."""
    _set_cookie(response, UNDO_COOKIE, selection, _UNDO_MAX_AGE_S)


def delete_undo_selection(request: HttpRequest, response: HttpResponseBase) -> None:
    """Delete the cookie of the undo, as the selection was changed since."""
    if UNDO_COOKIE in request.COOKIES:
        response.delete_cookie(UNDO_COOKIE, samesite="Lax")


def _set_cookie(response: HttpResponseBase, name: str, selection: Selection, kept_s: int) -> None:
    if not selection:
        response.delete_cookie(name, samesite="Lax")
        return
    # Lax, as a reader who follows a link from another site must find the selection too.
    response.set_cookie(
        name, selection.pack(), max_age=kept_s, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
