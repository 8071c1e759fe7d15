"""Asks an address of the bank inside this process, through all middleware, as a stranger from outside would.

Limits, stages, redirects and problems are so those of the API, and are stated there alone.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import request_finished, request_started
from django.http.response import HttpResponseBase

Query = Mapping[str, object]
_LOCAL = "http://127.0.0.1"
_MOST_REDIRECTS = 3


class AskingFailed(Exception):
    """The bank refused a request; the message tells why, in words for people."""


def ask_json(path: str, query: Query | None = None, *, address: str, language: str = "es") -> dict[str, Any]:
    """Return the JSON that an address of the API answers to the network address `address`. Raises AskingFailed."""
    body = _ask(path, query or {}, address, language)
    read: dict[str, Any] = json.loads(body)
    return read


def ask_text(path: str, query: Query | None = None, *, address: str, language: str = "es") -> str:
    """Return the text that an address answers. Raises AskingFailed."""
    return _ask(path, query or {}, address, language).decode()


def _ask(path: str, query: Query, address: str, language: str) -> bytes:
    for _ in range(_MOST_REDIRECTS):
        response = _handle(path, query, address, language)
        if response.status_code not in (301, 302):
            break
        # To another address of the bank: a study that was merged leads to the one that took its place.
        target = urlsplit(response.headers["Location"])
        path, query = target.path, {}
    body = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
    response.close()
    if response.status_code != 200:
        raise AskingFailed(_explain(response, body))
    return body


def _explain(response: HttpResponseBase, body: bytes) -> str:
    if response.headers.get("Content-Type", "").startswith("application/problem+json"):
        problem = json.loads(body)
        return f"{problem['title']}. {problem.get('reason') or problem['detail']} ({problem['type']})"
    return f"HTTP {response.status_code}"


def _handle(path: str, query: Query, address: str, language: str) -> HttpResponseBase:
    site = urlsplit(settings.SITE_URL or _LOCAL)
    given = {name: value for name, value in query.items() if value not in (None, "", [], ())}
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": urlencode(given, doseq=True),
        "REMOTE_ADDR": address,
        "SERVER_NAME": site.hostname or "127.0.0.1",
        "SERVER_PORT": str(site.port or (443 if site.scheme == "https" else 80)),
        "HTTP_HOST": site.netloc,
        "HTTP_ACCEPT_LANGUAGE": language,
        "HTTP_ACCEPT": "application/json, text/plain, */*;q=0.1",
        # A site that asks for https would lead a plain request there.
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": io.BytesIO(),
    }
    request_started.send(sender=__name__, environ=environ)
    try:
        response: HttpResponseBase = _handler().get_response(WSGIRequest(environ))
    finally:
        request_finished.send(sender=__name__)
    return response


@cache
def _handler() -> BaseHandler:
    handler = BaseHandler()
    handler.load_middleware()
    return handler
