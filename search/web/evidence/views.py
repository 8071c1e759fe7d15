"""Views of the synthesis of any criteria, or of picked studies: the page, its files, its pictures."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from search.criteria.criteria import Criteria
from search.services.evidence_scope import EvidenceScope
from search.web.evidence.files import effect_lines, estimate_lines
from search.web.evidence.harvest_view import harvest_view
from search.web.evidence.page import Basis, Synthesis, build_synthesis, forest_views
from search.web.shared import facet_options
from search.web.shared.evidence_request import criteria_hints, read_body, with_query
from search.web.shared.view_models import Chip
from studies.store import vocabularies
from studies.synthesis.statements import rank_outcomes
from studies.text.language import page_language
from studies.web.shared.downloads import svg_response, text_response


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """All that the page prints. `is_picked`: a reader picked the studies one by one."""

    chips: tuple[Chip, ...]
    clear_url: str
    words: str
    hints: tuple[str, ...]
    search_url: str
    is_picked: bool
    synthesis: Synthesis


@require_safe
def evidence(request: HttpRequest) -> HttpResponse:
    """Show the synthesis of any criteria or of picked studies."""
    body = read_body(request.GET)
    return render(request, "evidence/evidence.html", {"page": evidence_page(body, page_language())})


@require_safe
def evidence_data(request: HttpRequest) -> StreamingHttpResponse:
    """Send the effects by evaluation as CSV, or with `table=estimates` the estimates and their means."""
    basis = basis_of(read_body(request.GET), page_language())
    if request.GET.get("table") == "estimates":
        return text_response(estimate_lines(basis), _("estimaciones"), "csv")
    return text_response(effect_lines(basis), _("efectos-por-evaluacion"), "csv")


@require_safe
def evidence_figure(request: HttpRequest) -> HttpResponse:
    """Send a plot as an SVG file: the harvest plot, or with `forest=1` the first forest plot, and so on."""
    basis = basis_of(read_body(request.GET), page_language())
    number = request.GET.get("forest", "")
    if not number:
        outcomes = basis.outcomes()
        order = rank_outcomes(outcomes, basis.outcome_codes(), basis.evidence.taxonomy)
        view = harvest_view(outcomes, order, basis.evidence, basis.vocabulary, basis.language, basis.address)
        return svg_response("evidence/harvest_plot.html", {"harvest": view}, _("efectos-por-evaluacion"))
    drawn = {str(view.number): view for view in forest_views(basis)}
    if number not in drawn:
        raise Http404(number)
    return svg_response("evidence/forest_plot.html", {"forest": drawn[number]}, _("estimaciones"))


def evidence_page(body: EvidenceScope, language: str) -> EvidencePage:
    """Return the view model of the page of a body of evidence."""
    vocabulary = vocabularies.current()
    chips = facet_options.filter_chips(body.criteria, body.filters, vocabulary, language, _evidence_url)
    return EvidencePage(
        chips=tuple(chips),
        clear_url=_evidence_url(body.criteria.without_filters()),
        words=_("estudios elegidos") if body.slugs else body.criteria.q,
        hints=tuple(criteria_hints(body)),
        search_url=with_query(reverse("selection" if body.slugs else "search"), body.query),
        is_picked=bool(body.slugs),
        synthesis=build_synthesis(basis_of(body, language)),
    )


def basis_of(body: EvidenceScope, language: str) -> Basis:
    """Return the basis of the synthesis of a body of evidence."""
    return Basis(
        studies=body.studies,
        evidence=body.evidence,
        scope=body.scope,
        query=body.query,
        vocabulary=vocabularies.current(),
        language=language,
        is_chosen_by_effect=body.is_chosen_by_effect,
        is_chosen_by_context=body.is_chosen_by_context,
    )


def _evidence_url(criteria: Criteria) -> str:
    return with_query(reverse("evidence"), criteria.as_set().query_string)
