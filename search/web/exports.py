"""The whole list of the criteria as a file."""

from __future__ import annotations

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from search import services
from search.filters import criteria_of
from search.web.result_page import address
from studies.exports import EXPORTS
from studies.language import page_language
from studies.web.addresses import absolute_url
from studies.web.downloads import download


@require_safe
def export_studies(request: HttpRequest, ext: str) -> StreamingHttpResponse:
    """Give every study of the list in one format, in the list's order, streamed."""
    if ext not in EXPORTS:
        raise Http404(ext)
    language = page_language()
    stem = "studies" if language == "en" else "estudios"
    criteria = criteria_of(request.GET)
    return download(
        EXPORTS[ext],
        services.listing(criteria),
        stem,
        language,
        style=request.GET.get("style", ""),
        address=absolute_url(request, address(criteria.with_page(1))),
    )
