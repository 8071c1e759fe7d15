"""The view of a study's address: its page, the notice of a withdrawn study, the redirect of a merged one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from studies.models import Stage, Study
from studies.store import vocabularies
from studies.store.exchange.study import to_record
from studies.text.language import page_language
from studies.web.shared import queries
from studies.web.shared.downloads import keywords
from studies.web.shared.responses import mark_not_public
from studies.web.study.machine_readable import machine_readable
from studies.web.study.negotiation import data_response, preferred_data
from studies.web.study.page import StudyPage
from studies.web.study.record_history import history_lines


def redirect_merged(merged: Study, address: str, **more: str) -> HttpResponse:
    """Redirect from a merged study to the end of its chain: permanently, but not cached, as a merge can be undone."""
    response = redirect(address, slug=merged.follow_merges().slug, permanent=True, **more)
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_safe
def study(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Show a study to whoever may see it. A draft is 404 for the public; a withdrawn one keeps its address (R3).

    A client that prefers data to a page gets the citation or the linked data of a published study.
    """
    found = get_object_or_404(Study.objects.visible_to(request.user).for_detail(), slug=slug)
    if found.stage == Stage.MERGED:
        return redirect_merged(found, "study")
    language = page_language()
    if found.stage == Stage.WITHDRAWN:
        history = history_lines(found, language)
        withdrawn_on = next((line.on for line in history if line.is_withdrawal), found.updated_at)
        notice = {"reason": found.stage_note, "withdrawn_on": withdrawn_on, "history": history}
        return render(request, "studies/withdrawn.html", notice)
    if found.stage == Stage.PUBLISHED and (media_type := preferred_data(request)) is not None:
        return data_response(request, found, media_type, language)
    response = render_study(request, found, language)
    patch_vary_headers(response, ["Accept"])
    return response if found.stage == Stage.PUBLISHED else mark_not_public(response)


def render_study(request: HttpRequest, found: Study, language: str, *, is_preview: bool = False) -> HttpResponse:
    """Answer with the page of a study of `for_detail`. A preview, of what is not saved, asks nothing of the search."""
    siblings = queries.studies_of_evaluations(found.evaluations.all())
    reviews = queries.reviews_and_included(found)
    vocabulary = vocabularies.current()
    record = to_record(found, vocabulary)
    page = StudyPage(
        found,
        record,
        vocabulary,
        language,
        evaluation_studies=siblings,
        reviews=reviews,
        instruments=queries.instruments_of(found),
        parameters=request.GET,
    )
    context = {
        "study": page,
        # Those that the page names already, which are not shown as similar ones too.
        "shown": {each.pk for group in (*siblings.values(), reviews.included, reviews.included_in) for each in group},
        "history": history_lines(found, language),
        "is_preview": is_preview,
    }
    if is_preview:
        # The address of a preview stands in no table of languages.
        context |= {"language_switch": None, "alternates": (), "canonical_url": ""}
    if is_preview or page.is_draft:
        return render(request, "studies/study.html", context)
    machine = machine_readable(request, record, language, tuple(keywords(record, vocabulary, language)))
    response = render(request, "studies/study.html", {**context, "machine": machine})
    response.headers["Link"] = machine.links
    return response
