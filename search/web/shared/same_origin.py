"""Forms of readers, taken only from the bank's own pages, without a token: a page that is only read sets no cookie.

A browser says where a form came from, in headers that no foreign page can write. What is no browser says nothing,
and has no reader's cookie to misuse.
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
    """Refuse a form that another site's page sent, with the page that refuses a form without its token."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and not is_same_origin(request):
            refuse: Callable[[HttpRequest], HttpResponseBase] = import_string(settings.CSRF_FAILURE_VIEW)
            return refuse(request)
        return view(request, *args, **kwargs)

    return cast(View, guarded)


def is_same_origin(request: HttpRequest) -> bool:
    """Say whether a page of the bank, or no page at all, sent this request."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    return not origin or urlsplit(origin).netloc == request.get_host()
