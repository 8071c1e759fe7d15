"""The pages of programmes: their list and each one. Only published ones, but for the team."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studies.learning import programmes
from studies.models import Programme
from studies.store import vocabularies
from studies.text.language import page_language
from studies.web.programmes.list_page import programme_list
from studies.web.programmes.page import ProgrammePage, ProgrammeRows
from studies.web.shared import queries
from studies.web.shared.bank_counts import study_counts
from studies.web.shared.responses import mark_not_public, may_see_drafts


@require_safe
def programme_index(request: HttpRequest) -> HttpResponse:
    """List the programmes along the learning cycle: five queries beside those of every page."""
    found = programme_list(
        queries.public_programmes(),
        queries.studies_by_programme(),
        vocabularies.current(),
        page_language(),
        request.GET,
    )
    return render(request, "studies/programme_list.html", {"list": found})


@require_safe
def programme(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a programme. One that is not published is 404 for the public."""
    found = queries.programme_for_page(slug)
    if found is None or not (found.is_published or may_see_drafts(request)):
        raise Http404
    page = ProgrammePage(_rows(found), vocabularies.current(), study_counts(), page_language())
    response = render(request, "studies/programme_page.html", {"programme": page})
    return response if found.is_published else mark_not_public(response)


def _rows(found: Programme) -> ProgrammeRows:
    """Read the rows that the page prints: at most 29 queries."""
    kin = programmes.read_lineages()
    line = [*programmes.list_ancestors(found.pk, kin), kin[found.pk], *programmes.list_descendants(found.pk, kin)]
    return ProgrammeRows(
        programme=found,
        studies=queries.studies_of_programme(found),
        rests_on=queries.studies_rested_on(found.rests_on.all()),
        decisions=queries.decisions_on(found),
        questions=queries.questions_of_programme(found),
        trials=queries.trials_of_programme(found),
        kin=kin,
        countries=queries.countries_of_programmes(each.id for each in line),
    )
