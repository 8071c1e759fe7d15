"""Leads whoever wants to write from a read-only host to one that writes, and takes nobody for signed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from evidencebank.views import read_only_host

WRITING_PAGES = frozenset({"alerts", "alert-confirm", "alert-end", "study-report", "frozen-list-report"})
"""Names of the public pages that exist for a form which is stored. The workplace is known by its path."""
WRITING_BUTTONS: Mapping[str, str] = {"selection": "freeze"}
"""Buttons that write, on pages whose other forms change only cookies."""


class SendWritesToPrimary:
    """Redirects what is there to write to PRIMARY_URL, and refuses forms in words; not used without READ_ONLY.

    Where PRIMARY_URL is the name that was asked for, a redirect would come back to this host: the answer is 503 then,
    on which a balancer asks another one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.READ_ONLY:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.primary_host = urlsplit(settings.PRIMARY_URL).netloc

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # A session is written to at each request: here everybody reads as a stranger. The cookie stays in the browser.
        request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not _writes(request):
            return None
        if request.method in ("GET", "HEAD") and request.get_host() != self.primary_host:
            response: HttpResponse = HttpResponseRedirect(settings.PRIMARY_URL + request.get_full_path())
        else:
            response = read_only_host(request)
            # As it is to be, and no error of this host: Django would log it as one, and have it mailed.
            response._has_been_logged = True  # type: ignore[attr-defined]
        add_never_cache_headers(response)
        return response


def _writes(request: HttpRequest) -> bool:
    if request.path_info.startswith(reverse("admin:index")):
        return True
    name = (request.resolver_match.url_name if request.resolver_match else "") or ""
    button = WRITING_BUTTONS.get(name, "")
    return name in WRITING_PAGES or bool(button and request.method == "POST" and button in request.POST)
