"""The selection of a request, and how it goes back to the reader: in a cookie of the bank's own, nothing on the server.

A second cookie holds for some minutes what was there before something was taken away, so that it can be undone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from search.lists.selection import Selection

SELECTION_COOKIE = "seleccion"
UNDO_COOKIE = "seleccion-antes"
_MAX_AGE_S = int(timedelta(days=30).total_seconds())
_UNDO_MAX_AGE_S = int(timedelta(minutes=10).total_seconds())


def with_selection(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: gives each request its selection, read when first asked for.

    An answer that asked depends on the cookie and says so to caches; one for a reader without it is for everybody.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = []

        def read() -> Selection:
            asked.append(True)
            return Selection.unpacked(request.COOKIES.get(SELECTION_COOKIE, ""))

        request.selection = SimpleLazyObject(read)  # type: ignore[attr-defined]
        response = get_response(request)
        if asked:
            patch_vary_headers(response, ("Cookie",))
        return response

    return middleware


def get_selection(request: HttpRequest) -> Selection:
    """Return the reader's selection; empty where there is none."""
    held: Selection = request.selection  # type: ignore[attr-defined]
    return held


def get_undo_selection(request: HttpRequest) -> Selection | None:
    """Return what the selection was before something was taken away; None where nothing is to be undone."""
    packed = request.COOKIES.get(UNDO_COOKIE, "")
    return (Selection.unpacked(packed) or None) if packed else None


def set_selection(response: HttpResponseBase, selection: Selection) -> None:
    """Let the reader's browser keep the selection. Raises SelectionTooLarge."""
    _set_cookie(response, SELECTION_COOKIE, selection, _MAX_AGE_S)


def set_undo_selection(response: HttpResponseBase, selection: Selection) -> None:
    """Let the reader's browser keep for some minutes what can be brought back."""
    _set_cookie(response, UNDO_COOKIE, selection, _UNDO_MAX_AGE_S)


def delete_undo_selection(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let go of what could be brought back: the selection went on without it."""
    if UNDO_COOKIE in request.COOKIES:
        response.delete_cookie(UNDO_COOKIE, samesite="Lax")


def _set_cookie(response: HttpResponseBase, name: str, selection: Selection, kept_s: int) -> None:
    if not selection:
        response.delete_cookie(name, samesite="Lax")
        return
    response.set_cookie(
        name, selection.packed(), max_age=kept_s, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
