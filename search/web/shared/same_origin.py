"""Protects readers' forms against other sites without a CSRF token, so that pages that are only read set no cookie.

A browser states where a form came from, in headers that no page can forge. A client that is no browser states nothing,
and carries no reader's cookie that could be misused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def require_same_origin(view: View) -> View:
    """Decorate a view so that a form from another site's page gets the answer of CSRF_FAILURE_VIEW."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and not is_same_origin(request):
            refuse: Callable[[HttpRequest], HttpResponseBase] = import_string(settings.CSRF_FAILURE_VIEW)
            return refuse(request)
        return view(request, *args, **kwargs)

    return cast(View, guarded)


def is_same_origin(request: HttpRequest) -> bool:
    """Return True if a page of the bank, or no page at all, sent this request."""
    if site := request.headers.get("Sec-Fetch-Site"):
        # "none": a person did it, by a bookmark or by typing an address.
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    return not origin or urlsplit(origin).netloc == request.get_host()
