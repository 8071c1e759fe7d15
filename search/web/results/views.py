"""The search page: reads the criteria, calls one service, renders."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from search.criteria.facets import FACETS
from search.criteria.filters import StudyFilterSet
from search.services import public_search
from search.web.results.page import result_page
from search.web.shared.old_addresses import RETIRED, notices_of_retired
from studies.models import Study
from studies.models.querysets import StudyQuerySet
from studies.text.language import page_language

_FACET_NAMES = frozenset(facet.name for facet in FACETS)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Search and browse: one page of the list, its facets, its addresses."""
    filter_set = StudyFilterSet(request.GET, queryset=Study.objects.none())
    found = public_search.search(filter_set.criteria(), prefetch=StudyQuerySet.for_cards)
    expanded = _FACET_NAMES.intersection(request.GET.getlist("all"))
    page = result_page(
        found,
        errors=filter_set.form.errors,
        typed={name: request.GET.get(name, "") for name in ("year_from", "year_to")},
        expanded=expanded,
        notices=tuple(notices_of_retired(request.GET.getlist(RETIRED))),
        language=page_language(),
        is_staff=request.user.is_staff,
    )
    return render(request, "search/results.html", {"page": page})
