"""The one address of the protocol."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from studies.publishing.oai.answers import Site, answer
from studies.web.shared.addresses import absolute_url, in_each_language


@require_http_methods(["GET", "HEAD", "POST"])
def oai(request: HttpRequest) -> HttpResponse:
    """Answer a request of the protocol: its arguments are those of the address, or of the form that was sent."""

    def pages(slug: str) -> dict[str, str]:
        return {language: absolute_url(request, path) for language, path in in_each_language("study", slug).items()}

    now = timezone.now()
    given = request.POST if request.method == "POST" else request.GET
    site = Site(absolute_url(request, reverse("oai")), pages)
    response = HttpResponse(answer(dict(given.lists()), site, now), content_type="text/xml; charset=UTF-8")
    response.headers["X-Robots-Tag"] = "noindex"
    return response
