"""The curators' search: the criteria of the public search over studies of every stage, to choose some for bulk work.

The workplace is in Spanish only. What is done with the chosen studies is in `studies.admin.bulk`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from search.criteria import codes
from search.criteria.facets import FACET_OF, FACETS
from search.criteria.filters import StudyFilterSet
from search.index.drafts import MOST_READ
from search.services import staff_search
from search.services.staff_search import STAGES, StaffSearchResult
from search.web.shared.facet_options import FacetViews, filter_chips
from studies.admin.shared.sessions import AGAIN
from studies.curation.bulk import actions, making
from studies.curation.roles import CHANGE_STUDY
from studies.models import Stage, Study
from studies.store import vocabularies

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from search.criteria.criteria import Criteria

PER_PAGE = 100
_EVERY_FACET = frozenset(facet.name for facet in FACETS)
# SQLite takes no larger integer, and fails.
_LARGEST_KEY = 2**63 - 1


@require_http_methods(["GET", "HEAD", "POST"])
def select_studies(request: HttpRequest) -> HttpResponse:
    """Show the studies of the criteria with boxes (GET), or keep the chosen ones for bulk work (POST)."""
    user = request.user
    if not user.is_authenticated or not user.has_perm(CHANGE_STUDY):
        raise PermissionDenied
    filter_set = StudyFilterSet(request.GET, queryset=Study.objects.none())
    criteria = filter_set.criteria()
    stage = _read_stage(request.GET.get("stage", ""))
    selected = staff_search.list_ids(criteria, stage)
    if request.method == "POST" and AGAIN not in request.POST:
        chosen = selected.study_ids if "all" in request.POST else _ticked_keys(request)
        if prepared := _prepare_bulk_change(request, chosen, _list_query(criteria, stage), user):
            return prepared
    return _render_page(request, filter_set, stage, selected)


def _prepare_bulk_change(request: HttpRequest, keys: list[int], criteria: str, user: User) -> HttpResponse | None:
    try:
        made = making.save_selection(keys, by=user, criteria=criteria)
    except actions.BulkRefused as refusal:
        messages.error(request, refusal.message)
        return None
    return HttpResponseRedirect(reverse("admin:studies_bulkchange_prepare", args=[made.pk]))


def _render_page(
    request: HttpRequest, filter_set: StudyFilterSet, stage: Stage | None, selected: StaffSearchResult
) -> TemplateResponse:
    criteria = filter_set.criteria()
    vocabulary = vocabularies.current()
    resolved = codes.resolve_codes(criteria, vocabulary)

    def address(one: Criteria) -> str:
        return f"?{_list_query(one, stage)}"

    shown = Paginator(selected.study_ids, PER_PAGE).get_page(request.GET.get("p"))
    studies = Study.objects.prefetch_related("authorships").in_order_of(shown.object_list)
    ticked = set(_ticked_keys(request)) if request.method == "POST" else set()
    context = {
        **admin.site.each_context(request),
        "title": "Trabajo en grupo: elegir estudios",
        "criteria": criteria,
        "facets": list(FacetViews(criteria, resolved.filters, None, vocabulary, "es", _EVERY_FACET, address).views()),
        "open_facets": {FACET_OF[name].name for name, chosen in criteria.chosen.items() if chosen},
        "chips": list(filter_chips(criteria, resolved.filters, vocabulary, "es", address)),
        "unknown": resolved.unknown,
        "years": {name: (request.GET.get(name, ""), filter_set.form.errors.get(name)) for name in _YEARS},
        "stage": stage,
        "stages": STAGES,
        "query": _list_query(criteria, stage),
        "page": shown,
        "rows": [(study, study.pk in ticked) for study in studies],
        "total": len(selected.study_ids),
        "is_whole": selected.is_whole,
        "most_read": MOST_READ,
        "most": making.MOST_STUDIES,
    }
    return TemplateResponse(request, "admin/search/select.html", context)


_YEARS = ("year_from", "year_to")


def _list_query(criteria: Criteria, stage: Stage | None) -> str:
    """Return the canonical query string of a list, without the page and page size of the public search."""
    own = replace(criteria, page=1, page_size=20).query_string
    return "&".join(filter(None, (own, f"stage={stage.value}" if stage else "")))


def _read_stage(value: str) -> Stage | None:
    return next((stage for stage in STAGES if stage.value == value), None)


def _ticked_keys(request: HttpRequest) -> list[int]:
    typed = (value for value in request.POST.getlist("study") if value.isdecimal() and len(value) < 20)
    return [key for key in map(int, typed) if key <= _LARGEST_KEY]
