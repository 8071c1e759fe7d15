"""Middleware of our own: trusted proxies, UTF-8 parameters, headers and answers to wrong methods.

`settings.MIDDLEWARE` orders the classes; `evidencebank.wsgi` calls `ignore_charset`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, QueryDict
from django.utils.http import parse_header_parameters

from evidencebank.views import method_not_allowed
from studies.text.characters import is_storable, replace_unstorable

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

GetResponse = Callable[[HttpRequest], HttpResponseBase]
FORWARDED_HEADERS = (
    *("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO"),
    "HTTP_X_REQUEST_ID",
)


def ignore_charset(application: WSGIApplication) -> WSGIApplication:
    """Wrap a WSGI application so that no request chooses the encoding of its parameters. All our forms send UTF-8.

    A request may name any codec of Python. Django decodes the query by it while it makes the request object, before any
    Django middleware runs, and fails there where the codec is none of text (`base64`) or refuses the query (`idna`).
    """

    def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = _drop_charset(environ.get("CONTENT_TYPE", ""))
        return application(environ, start_response)

    return wrapped


class ForwardedRequests:
    """Trusts the forwarded headers of a request only if it comes from a proxy of TRUSTED_PROXY.

    REMOTE_ADDR then becomes the reader's address, so that the lock-out after failed sign-ins hits one person, not all
    behind the proxy. From any other sender the headers are dropped, as they could forge an address or claim https.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.trusts_socket = "unix" in settings.TRUSTED_PROXY
        self.networks = [ipaddress.ip_network(word) for word in settings.TRUSTED_PROXY if word != "unix"]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self._is_proxy(request.META.get("REMOTE_ADDR", "")):
            if reader := self._reader(request.META.get("HTTP_X_FORWARDED_FOR", "")):
                request.META["REMOTE_ADDR"] = reader
        else:
            for header in FORWARDED_HEADERS:
                request.META.pop(header, None)
        return self.get_response(request)

    def _reader(self, forwarded_for: str) -> str | None:
        """Return the last address that is no proxy of ours: the reader may have made up all those before it."""
        for address in reversed([part.strip() for part in forwarded_for.split(",")]):
            if not _is_address(address):
                return None
            if not self._is_proxy(address):
                return address
        return None

    def _is_proxy(self, address: str) -> bool:
        if not address:
            return self.trusts_socket
        return _is_address(address) and any(ipaddress.ip_address(address) in network for network in self.networks)


class PermissionsPolicy:
    """Switches off the browser features that no page of the bank needs."""

    VALUE = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.VALUE)
        return response


class HeadWithoutBody:
    """Answers HEAD without a body: gunicorn would warn of each, and a whole export would be written for nothing."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method != "HEAD":
            return response
        bare = HttpResponse(status=response.status_code, headers=dict(response.headers))
        bare.cookies = response.cookies
        response.close()
        return bare


class PageForWrongMethod:
    """Puts a page that says what to do in place of Django's empty answer to a method that is not allowed."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            page = method_not_allowed(request)
            page.headers["Allow"] = response.headers["Allow"]
            return page
        return response


class StorableParameters:
    """Replaces characters that no database can store by spaces, in the parameters of the address of any page.

    A posted form is left as it is: its fields refuse such a character and say so.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = [(name, value) for name, values in request.GET.lists() for value in values]
        if not all(is_storable(name + value) for name, value in given):
            request.GET = QueryDict(
                urlencode([(replace_unstorable(name), replace_unstorable(value)) for name, value in given])
            )
        return self.get_response(request)


def _drop_charset(content_type: str) -> str:
    try:
        media_type, parameters = parse_header_parameters(content_type)
    except (LookupError, TypeError, ValueError):
        # Python's parser fails in these ways on the extended parameters of RFC 2231, as in "charset*=nada''x". Without
        # its boundary a form with files is refused later on.
        return content_type.partition(";")[0]
    if "charset" not in parameters:
        return content_type
    parameters.pop("charset")
    quoted = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in parameters.items()}
    return "; ".join([media_type, *(f'{name}="{value}"' for name, value in quoted.items())])


def _is_address(text: str) -> bool:
    # Behind "%", which names a network card, Python lets anything stand.
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text
