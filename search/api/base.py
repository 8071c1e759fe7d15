"""The base class of the API's views: read-only, JSON, any origin (CORS), throttled, with ETags."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import activate, get_language, get_language_from_request
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.api import VERSION, problems
from search.api.throttling import AddressThrottle

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_PREFLIGHT_S = 86_400
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, RateLimit, RateLimit-Policy, Retry-After",
}


class CsvRenderer(JSONRenderer):
    """Lets a view be asked for CSV, by `format` or `Accept`. The view writes the table; problems stay JSON."""

    media_type = "text/csv"
    format = "csv"


class ApiView(APIView):
    """A read-only view. Its answers are the same for everybody: there is no session and no sign-in."""

    renderer_classes: tuple[Any, ...] = (JSONRenderer,)
    parser_classes = ()
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (AddressThrottle,)
    throttles: Sequence[AddressThrottle] = ()

    def get_exception_handler(self) -> Callable[[Exception, Mapping[str, Any]], Response | None]:
        return problems.handle_exception

    @property
    def allowed_methods(self) -> list[str]:
        return list(SAFE_METHODS)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # By the header Accept-Language: addresses below /api/ have no prefix of a language.
        activate(get_language_from_request(request))
        super().initial(request, *args, **kwargs)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        try:
            if not force and "" in request.query_params.getlist("format"):
                raise Http404  # the framework takes it for no wish
            return super().perform_content_negotiation(request, force)
        except Http404:
            forms = ", ".join(renderer.format for renderer in self.renderer_classes)
            fault = problems.Fault("format", _("esta dirección responde en: %(forms)s.") % {"forms": forms})
            raise problems.BadParameters([fault]) from None

    @property
    def is_table(self) -> bool:
        """Whether the answer is to be CSV."""
        renderer = getattr(self.request, "accepted_renderer", None)
        return isinstance(renderer, CsvRenderer)

    def get_throttles(self) -> Sequence[AddressThrottle]:
        # Stored because `finalize_response` needs their headers.
        self.throttles = super().get_throttles()
        return self.throttles

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a CORS preflight: any page may read, and send the headers of conditional requests."""
        response = HttpResponse(status=204)
        response.headers["Allow"] = response.headers["Access-Control-Allow-Methods"] = ", ".join(SAFE_METHODS)
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

    def respond_unless_unchanged(self, answer: Callable[[], HttpResponse], **depends_on: object) -> HttpResponseBase:
        """Return `answer()`, or 304 without calling it if the client has the same answer already.

        `depends_on`: everything that the answer depends on, beside address, language and form; it makes the ETag.
        Raises RequestRefused if the condition of If-Match does not hold.
        """
        seen = (self.request.build_absolute_uri(), get_language(), self.is_table, sorted(depends_on.items()))
        digest = hashlib.sha256(repr((VERSION, *seen)).encode()).hexdigest()[:32]
        headers = self.request.headers
        # Compression marks an ETag as weak (W/), and so it comes back.
        if (wanted := _etags(headers, "If-Match")) and not wanted & {"*", digest}:
            raise problems.RequestRefused("precondition-failed")
        is_known = bool(_etags(headers, "If-None-Match") & {"*", digest})
        response = HttpResponse(status=304) if is_known else answer()
        response.headers["ETag"] = f'"{digest}"'
        return response


def _etags(headers: Mapping[str, str], name: str) -> set[str]:
    return {etag.removeprefix("W/").strip('"') for etag in parse_etags(headers.get(name, ""))}
