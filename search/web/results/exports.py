"""The whole list of the criteria as a file."""

from __future__ import annotations

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from search.criteria.codes import resolve_codes
from search.criteria.filters import read_criteria
from search.criteria.finding_filter import finding_filter
from search.services import public_search
from search.web.results.page import search_url
from studies.exports.registry import EXPORTS
from studies.store import vocabularies
from studies.text.language import page_language
from studies.web.shared.addresses import absolute_url
from studies.web.shared.downloads import export_response


@require_safe
def export_studies(request: HttpRequest, ext: str) -> StreamingHttpResponse:
    """Stream every study of the list as a file in one format, in the list's order."""
    if ext not in EXPORTS:
        raise Http404(ext)
    language = page_language()
    stem = "studies" if language == "en" else "estudios"
    criteria = read_criteria(request.GET)
    return export_response(
        EXPORTS[ext],
        public_search.iterate(criteria, references_only=EXPORTS[ext].is_citation),
        stem,
        language,
        style=request.GET.get("style", ""),
        address=absolute_url(request, search_url(criteria.with_page(1))),
        keep_finding=finding_filter(resolve_codes(criteria, vocabularies.current()).filters),
    )
