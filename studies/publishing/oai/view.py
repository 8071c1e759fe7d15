"""The single URL of OAI-PMH."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from studies.publishing.oai.answers import OaiAddresses, build_response
from studies.web.shared.addresses import absolute_url, in_each_language


@require_http_methods(["GET", "HEAD", "POST"])
def oai(request: HttpRequest) -> HttpResponse:
    """Answer a request; its arguments are in the query string, or in the form of a POST."""

    def pages(slug: str) -> dict[str, str]:
        return {language: absolute_url(request, path) for language, path in in_each_language("study", slug).items()}

    now = timezone.now()
    given = request.POST if request.method == "POST" else request.GET
    site = OaiAddresses(absolute_url(request, reverse("oai")), pages)
    response = HttpResponse(build_response(dict(given.lists()), site, now), content_type="text/xml; charset=UTF-8")
    response.headers["X-Robots-Tag"] = "noindex"
    return response
