"""Gives each request an id, and tells of it in the log and in the metrics: who, from where, what, how long."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from evidencebank.watching import metrics
from evidencebank.watching.logs import current_request, shown_path

GetResponse = Callable[[HttpRequest], HttpResponseBase]
logger = logging.getLogger("evidencebank.requests")
HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_UNTOLD = frozenset({"healthz", "readyz", "metrics"})
"""Asked every few seconds by whoever watches: told only when they fail."""


class RequestLog:
    """Writes a line for each request when it is answered; for a file that is streamed, when its last part is sent.

    The id is that of X-Request-ID if a proxy of TRUSTED_PROXY sent one (`middleware.ForwardedRequests` drops all
    others), else a new one. It goes back in the answer.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.monotonic()
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(8)
        request.request_id = request_id  # type: ignore[attr-defined]
        token = current_request.set(request)
        try:
            response = self.get_response(request)
            response.headers[HEADER] = request_id
            if response.streaming:
                _tell_when_closed(request, response, started)
            else:
                _tell(request, response, started)
        finally:
            current_request.reset(token)
        return response


def view_name(request: HttpRequest) -> str:
    """Return the name of the address in the table of addresses, or "none": there are few, whatever people ask for."""
    match = request.resolver_match
    # What was known already (`page_cache`) was answered before the table was asked.
    return (match.view_name if match else getattr(request, "known_view", "")) or "none"


def _tell_when_closed(request: HttpRequest, response: HttpResponseBase, started: float) -> None:
    # What Django calls in `close`, which the server calls in any case: when the file is sent, or the reader is gone.
    response._resource_closers.append(lambda: _tell(request, response, started))  # type: ignore[attr-defined]


def _tell(request: HttpRequest, response: HttpResponseBase, started: float) -> None:
    seconds, view = time.monotonic() - started, view_name(request)
    metrics.count_request(view, request.method or "", response.status_code, seconds)
    duration_ms, path = round(seconds * 1000), shown_path(request)
    is_slow = bool(settings.SLOW_PAGE_MS) and duration_ms >= settings.SLOW_PAGE_MS
    if view in _UNTOLD and response.status_code < 400 and not is_slow:
        return
    logger.log(
        logging.WARNING if is_slow else logging.INFO,
        "%s%s %s %d %d ms",
        "slow page: " if is_slow else "",
        request.method,
        path,
        response.status_code,
        duration_ms,
        extra={
            "request": request,
            "method": request.method,
            "path": path,
            "view": view,
            "status": response.status_code,
            "duration_ms": duration_ms,
        },
    )
