"""Views of the evidence map: its page, its file, its picture, and the list behind each of its numbers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from search.criteria.evidence_address import TablePlace
from search.criteria.filters import read_criteria
from search.services.evidence_scope import gather_evidence
from search.web.evidence.study_list import evidence_list
from search.web.map.axes import Axes, EvidenceMap, choose_place
from search.web.map.figure import draw_map, file_lines, map_picture
from search.web.map.page import map_page
from search.web.shared.evidence_request import read_body, with_query
from studies.text.language import page_language
from studies.web.shared.addresses import absolute_url
from studies.web.shared.downloads import text_response
from studies.web.shared.pictures import picture_response


@require_safe
def evidence_map(request: HttpRequest) -> HttpResponse:
    """Show the map of any criteria: as a table, behind its picture where there is room, or as a picture alone."""
    shown = _read_map(request)
    context: dict[str, Any] = {"map": map_page(shown.body, shown.axes, shown.language)}
    context["figure"] = draw_map(shown)
    if shown.axes.view == "figure":
        context["narrow_figure"] = draw_map(shown, is_narrow=True)
    return render(request, "evidence/map.html", context)


@require_safe
def map_data(request: HttpRequest) -> StreamingHttpResponse:
    """Send the map as CSV."""
    return text_response(file_lines(_read_map(request)), _("mapa-de-evidencia"), "csv")


@require_safe
def map_figure(request: HttpRequest) -> HttpResponse:
    """Send the picture of the map as an SVG file."""
    shown = _read_map(request)
    page = absolute_url(request, with_query(reverse("map"), shown.axes.query(shown.body.query)))
    return picture_response(map_picture(shown, page), _("mapa-de-evidencia"))


@require_safe
def evidence_studies(request: HttpRequest) -> HttpResponse:
    """List the studies behind a number of map and synthesis, grouped by evaluation."""
    number = read_criteria(request.GET).page
    page = evidence_list(read_body(request.GET), TablePlace.from_query(request.GET), number, page_language())
    return render(request, "evidence/studies.html", {"list": page})


def _read_map(request: HttpRequest) -> EvidenceMap:
    criteria = choose_place(read_criteria(request.GET), request.GET.get("place", ""))
    return EvidenceMap(gather_evidence(criteria), Axes.of(request.GET), page_language())
