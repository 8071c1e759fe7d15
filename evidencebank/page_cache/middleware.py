"""Tells caches what they may keep, and answers what is known already before any view runs.

A page of `addresses.SHARED` that was asked for without a cookie of ours may be kept for two seconds by shared caches,
and be asked for again by its tag. Whoever has a selection gets a tag of their own; whoever has a session gets none.
Everything else is private, and errors are never stored; a view that says so itself (`Cache-Control`) is left alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from evidencebank.page_cache import versions
from evidencebank.page_cache.addresses import NEGOTIATED, SHARED
from evidencebank.page_cache.memory import KeptPage, Key, memory
from studies.store import bank_state
from studies.web.shared.responses import SHARED_CONTROL, SHARED_FOR_S
from studies.web.study.negotiation import preferred_data

GetResponse = Callable[[HttpRequest], HttpResponseBase]
PRIVATE = "private, no-cache"
OWN = "private, max-age=0, must-revalidate"
ACCELERATED = "X-Accel-Expires"
"""nginx counts `s-maxage` in seconds that have begun, so two of them would be up to three. This is a moment."""

_SETTLED_AFTER_S = 2
"""`Last-Modified` counts in seconds: of two changes within one the second would go unnoticed."""


class PageCache:
    """Comes before compression, so that what is kept is compressed, and after what every answer needs anew."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked_at = time.time()
        if request.method not in ("GET", "HEAD"):
            return _forbid(self.get_response(request))
        selection = versions.selection_of(request)
        if selection is not None and (known := _find_known(request, selection)):
            return _expire(known, asked_at)
        response = self.get_response(request)
        if response.has_header("Cache-Control"):
            return _expire(response, asked_at)
        name = request.resolver_match.url_name if request.resolver_match else None
        if selection is None or name not in SHARED or not _is_whole(response):
            return _forbid(response)
        assert isinstance(response, HttpResponse)
        return _expire(_share(request, response, name, selection), asked_at)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Read the numbers of the bank before the rows of the page, which must not be older than they say."""
        if request.method in ("GET", "HEAD") and request.resolver_match and request.resolver_match.url_name in SHARED:
            bank_state.current()


def _find_known(request: HttpRequest, selection: str) -> HttpResponse | None:
    """Return 304, or the page as it is kept; None if a view has to answer. Without either no query is made."""
    for name, tag in versions.read_tags(request.META.get("HTTP_IF_NONE_MATCH", "")):
        if _wants_data(request, name):
            continue
        if tag == versions.make_tag(request, bank_state.current(), name, selection):
            request.known_view = name.removesuffix(versions.BY_COOKIE)  # type: ignore[attr-defined]
            return _set_headers(HttpResponseNotModified(), name, tag, selection)
    if selection or not (page := memory.find(_key(request))) or _wants_data(request, page.name):
        return None
    if page.tag != versions.make_tag(request, bank_state.current(), page.name, selection):
        return None
    request.known_view = page.name.removesuffix(versions.BY_COOKIE)  # type: ignore[attr-defined]
    return HttpResponse(page.body, headers=dict(page.headers))


def _wants_data(request: HttpRequest, name: str) -> bool:
    """Return True if the client prefers data to the page of this address, which is all that is kept."""
    return name.removesuffix(versions.BY_COOKIE) in NEGOTIATED and preferred_data(request) is not None


def _share(request: HttpRequest, response: HttpResponse, name: str, selection: str) -> HttpResponseBase:
    """Let a page be kept under its tag; but for one that was made from an index that is behind the database."""
    if bank_state.is_provisional():
        response.headers["Cache-Control"] = "no-store"
        return response
    if "Cookie" in response.headers.get("Vary", ""):
        name += versions.BY_COOKIE
    tag = versions.make_tag(request, bank_state.current(), name, selection)
    _set_headers(response, name, tag, selection)
    if not selection:
        memory.add(_key(request), KeptPage(tag, name, response.content, dict(response.headers)))
    since = _settled_moment() if "Last-Modified" in response.headers else None
    return get_conditional_response(request, etag=tag, last_modified=since, response=response) or response


def _set_headers(response: HttpResponse, name: str, tag: str, selection: str) -> HttpResponse:
    """Set what a page and its 304 both say. No page of ours varies by the language that a browser prefers."""
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = OWN if selection else SHARED_CONTROL
    varies = ["Accept"] if name.removesuffix(versions.BY_COOKIE) in NEGOTIATED else []
    varies += ["Accept-Encoding", *(["Cookie"] if name.endswith(versions.BY_COOKIE) else [])]
    response.headers["Vary"] = ", ".join(varies)
    # Of two selections within a second, or before and after, it could not tell which a browser has.
    if not selection and (moment := _settled_moment()):
        response.headers["Last-Modified"] = http_date(moment)
    return response


def _settled_moment() -> int | None:
    """Return since when no page has changed, in seconds; None if it is so little that a second says too little."""
    moment = versions.last_modified(bank_state.current()).timestamp()
    return int(moment) if time.time() - moment > _SETTLED_AFTER_S else None


def _is_whole(response: HttpResponseBase) -> bool:
    return response.status_code == 200 and not response.streaming and not response.cookies


def _forbid(response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("Cache-Control", "no-store" if response.status_code >= 400 else PRIVATE)
    return response


def _expire(response: HttpResponseBase, asked_at: float) -> HttpResponseBase:
    """Tell nginx the last second in which it may answer with this: two seconds after it asked, however long we took."""
    if SHARED_CONTROL in response.headers["Cache-Control"]:
        response.headers[ACCELERATED] = f"@{int(asked_at) + SHARED_FOR_S - 1}"
    return response


def _key(request: HttpRequest) -> Key:
    host = request.META.get("HTTP_HOST", "")
    is_compressed = "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
    return request.scheme or "", host, request.get_full_path(), str(is_compressed)
