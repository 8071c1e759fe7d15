"""Views of the answer of any criteria, or of picked studies: the page, its files, its pictures."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.template.defaultfilters import capfirst
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from search.criteria.criteria import Criteria
from search.services.evidence_scope import EvidenceScope
from search.web.evidence.basis import Basis
from search.web.evidence.by_theme import ThemeLine, theme_lines
from search.web.evidence.changes import AnswerChanges, list_answer_changes
from search.web.evidence.effect_plot_view import effect_plot_view
from search.web.evidence.files import effect_lines, estimate_lines, outcome_lines
from search.web.evidence.page import forest_views
from search.web.evidence.pictures import effects_picture, forest_picture
from search.web.evidence.whole_answer import WholeAnswer, build_whole_answer
from search.web.shared import facet_options
from search.web.shared.criteria_text import describe_criteria
from search.web.shared.evidence_request import criteria_hints, read_body, with_query
from search.web.shared.view_models import Chip
from studies.store import vocabularies
from studies.text.language import page_language
from studies.web.shared.addresses import absolute_url
from studies.web.shared.downloads import text_response
from studies.web.shared.pictures import picture_response


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """All that the page prints. `is_picked`: a reader picked the studies one by one, and `changes` is None.

    `themes` are there for the whole bank only, whose findings each theme tells on its own page.
    """

    chips: tuple[Chip, ...]
    clear_url: str
    words: str
    hints: tuple[str, ...]
    search_url: str
    is_picked: bool
    whole: WholeAnswer
    themes: tuple[ThemeLine, ...]
    changes: AnswerChanges | None


@require_safe
def evidence(request: HttpRequest) -> HttpResponse:
    """Show the answer of any criteria or of picked studies."""
    body = read_body(request.GET)
    page = evidence_page(body, page_language(), request.GET.get("since"))
    return render(request, "evidence/evidence.html", {"page": page})


@require_safe
def evidence_data(request: HttpRequest) -> StreamingHttpResponse:
    """Send the effects by evaluation as CSV, or with `table` the estimates with their means, or those by outcome."""
    basis = basis_of(read_body(request.GET), page_language())
    table = request.GET.get("table")
    if table == "estimates":
        return text_response(estimate_lines(basis), _("estimaciones"), "csv")
    if table == "outcomes":
        return text_response(outcome_lines(basis), _("efectos-por-resultado"), "csv")
    return text_response(effect_lines(basis), _("efectos-por-evaluacion"), "csv")


@require_safe
def evidence_figure(request: HttpRequest) -> HttpResponse:
    """Send a plot as an SVG file: effects by outcome, or with `forest=1` the first forest plot, and so on.

    404 where there is no such plot.
    """
    body = read_body(request.GET)
    basis = basis_of(body, page_language())
    page = absolute_url(request, with_query(reverse("evidence"), body.query))
    number = request.GET.get("forest", "")
    if not number:
        effects = effect_plot_view(basis)
        if effects is None:
            raise Http404
        return picture_response(effects_picture(effects, _subject(body), page), _("efectos-por-resultado"))
    drawn = {str(view.number): view for view in forest_views(basis)}
    if number not in drawn:
        raise Http404(number)
    return picture_response(forest_picture(drawn[number], _subject(body), page), _("estimaciones"))


def evidence_page(body: EvidenceScope, language: str, since: str | None = None) -> EvidencePage:
    """Return the view model of the page of a body of evidence."""
    vocabulary = vocabularies.current()
    chips = facet_options.filter_chips(body.criteria, body.filters, vocabulary, language, _evidence_url)
    basis = basis_of(body, language)
    changes = None if body.slugs else list_answer_changes(basis, body.criteria, None, since, is_own_page=False)
    return EvidencePage(
        chips=tuple(chips),
        clear_url=_evidence_url(body.criteria.without_filters()),
        words=_("estudios elegidos") if body.slugs else body.criteria.q,
        hints=tuple(criteria_hints(body)),
        search_url=with_query(reverse("selection" if body.slugs else "search"), body.query),
        is_picked=bool(body.slugs),
        whole=build_whole_answer(basis),
        themes=theme_lines(body.evidence, vocabulary, language) if body.is_whole_bank else (),
        changes=changes,
    )


def _subject(body: EvidenceScope) -> str:
    """Return in words of which studies a figure is."""
    return _("Estudios elegidos") if body.slugs else capfirst(describe_criteria(body.criteria, page_language()))


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
