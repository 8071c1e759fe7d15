"""The base of all views of the API: JSON only, read only, any origin (CORS), throttled, with ETags."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import activate, get_language, get_language_from_request
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.api import VERSION, problems
from search.api.throttling import AddressThrottle

READING = ("GET", "HEAD", "OPTIONS")
_PREFLIGHT_S = 86_400
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, RateLimit, RateLimit-Policy, Retry-After",
}


class ApiView(APIView):
    """A view that only reads. Its answers are the same for everybody: there is no session and no sign-in."""

    renderer_classes: tuple[Any, ...] = (JSONRenderer,)
    parser_classes = ()
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (AddressThrottle,)
    throttles: Sequence[AddressThrottle] = ()

    def get_exception_handler(self) -> Callable[[Exception, Mapping[str, Any]], Response | None]:
        return problems.handle

    @property
    def allowed_methods(self) -> list[str]:
        return list(READING)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Sentences come in the language that the program asks for; addresses below /api/ have none of their own.
        activate(get_language_from_request(request))
        super().initial(request, *args, **kwargs)

    def get_throttles(self) -> Sequence[AddressThrottle]:
        # Kept for the headers that they give.
        self.throttles = super().get_throttles()
        return self.throttles

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a preflight request (CORS): any page may read, and send the headers of conditional requests."""
        response = HttpResponse(status=204)
        response.headers["Allow"] = response.headers["Access-Control-Allow-Methods"] = ", ".join(READING)
        response.headers["Access-Control-Allow-Headers"] = "Accept, Accept-Language, If-Modified-Since, If-None-Match"
        response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_S)
        return response

    def finalize_response(self, request: Any, response: HttpResponseBase, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in {**_CORS, "X-Robots-Tag": "noindex"}.items():
            response.headers[name] = value
        response.headers.setdefault("Cache-Control", "no-cache" if response.status_code < 400 else "no-store")
        patch_vary_headers(response, ["Accept", "Accept-Language"])
        for throttle in self.throttles:
            for name, value in throttle.headers().items():
                response.headers[name] = value
        return response

    def unless_unchanged(self, answer: Callable[[], Response], **made_of: object) -> HttpResponseBase:
        """Return `answer()`, or 304 if the caller has it already. `made_of`: whatever the answer depends on.

        With 304 the answer is not made. Raises Refused if the condition of If-Match does not hold.
        """
        seen = (self.request.build_absolute_uri(), get_language(), sorted(made_of.items()))
        digest = hashlib.sha256(repr((VERSION, *seen)).encode()).hexdigest()[:32]
        headers = self.request.headers
        # Compression makes an ETag weak: one that comes back so marked is still ours.
        if (wanted := _etags(headers, "If-Match")) and not wanted & {"*", digest}:
            raise problems.Refused("precondition-failed")
        is_known = bool(_etags(headers, "If-None-Match") & {"*", digest})
        response = HttpResponse(status=304) if is_known else answer()
        response.headers["ETag"] = f'"{digest}"'
        return response


def _etags(headers: Mapping[str, str], name: str) -> set[str]:
    return {etag.removeprefix("W/").strip('"') for etag in parse_etags(headers.get(name, ""))}
