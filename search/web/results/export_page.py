"""The page on which a reader chooses how to take a list away: every format, and the citation style of references."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from search.contract import IndexMissing
from search.criteria.filters import read_criteria
from search.services import public_search
from search.web.results.page import search_url
from search.web.shared.export_links import export_links, reference_form


@require_safe
def export_page(request: HttpRequest) -> HttpResponse:
    """Offer the list of the criteria in every format; without an index, without the number of its studies."""
    criteria = read_criteria(request.GET).with_page(1)
    try:
        total = public_search.count(criteria)
    except IndexMissing:
        total = None
    context = {
        "total": total,
        "list_url": search_url(criteria),
        "query": criteria.query_string,
        "exports": tuple(export_links("studies-export", criteria.query_string)),
        "references": reference_form("studies-export", criteria.query_string),
    }
    return render(request, "search/export.html", context)
