"""Leads addresses of earlier versions to those of today, and tells the reader why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.encoding import escape_uri_path
from django.utils.http import escape_leading_slashes
from django.utils.translation import gettext as _

from search.criteria.old_parameters import RETIRED_INTERVENTIONS, find_retired, update_parameters

RETIRED = "retired"
"""The parameter that names a retired intervention of the address from which the reader comes."""


def redirect_old_addresses(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: answers a request with parameters of earlier versions by a permanent redirect."""

    def middleware(request: HttpRequest) -> HttpResponse:
        updated = update_parameters(request.GET) if request.method in ("GET", "HEAD") else None
        if updated is None:
            return get_response(request)
        if request.path == reverse("search"):
            updated.setlist(RETIRED, find_retired(request.GET))
        # A path of two slashes would name another site, and "?" in one would end it early.
        path = escape_leading_slashes(escape_uri_path(request.path))
        return HttpResponsePermanentRedirect(f"{path}?{updated.urlencode()}")

    return middleware


def list_url_of_retired(intervention: str) -> str:
    """Return the address of the list that took the place of a retired intervention's page."""
    exposures = [("exposure", code) for code in RETIRED_INTERVENTIONS[intervention]]
    return f"{reverse('search')}?{urlencode([*exposures, (RETIRED, intervention)])}"


def notices_of_retired(interventions: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each retired intervention from whose address the reader comes."""
    if "economic-context" in interventions:
        yield _(
            "«Contexto económico» ya no es una intervención: nadie lo ofrece como programa. Sus estudios se encuentran "
            "ahora por el factor estudiado: cambio de ingresos o precios, desempleo, trabajo e ingresos de las mujeres."
        )
