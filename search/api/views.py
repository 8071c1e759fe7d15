"""The views of the API. Each parses the request, calls one service and responds; `answers` builds the bodies."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from rest_framework.response import Response

from search.api import answers, operations, parameters
from search.api.base import ApiView
from search.api.problems import RequestRefused
from search.index import indexing, sync
from search.services import public_search
from studies.models import Stage, Study
from studies.models.querysets import StudyQuerySet
from studies.store import bank_state, vocabularies
from studies.web.shared.addresses import absolute_url

if TYPE_CHECKING:
    from django.http import HttpResponseBase
    from rest_framework.request import Request

    from search.api.answers import Absolute


class EntryView(ApiView):
    """The entry point."""

    @operations.entry
    def get(self, request: Request) -> HttpResponseBase:
        counter = bank_state.current()
        licence = (settings.DATA_LICENCE_NAME, settings.DATA_LICENCE_URL)
        body = partial(answers.build_entry, _absolute(request))
        return self.respond_unless_unchanged(lambda: _response(body()), bank=_state(counter), licence=licence)


class StudiesView(ApiView):
    """A list of studies by the criteria of the search page."""

    @operations.studies
    def get(self, request: Request) -> HttpResponseBase:
        asked = parameters.parse_parameters(request.query_params)
        sync.update_before_search()
        # The ETag depends on the index too: while it is behind, the same address has another answer.
        health = indexing.check_health()

        def answer() -> Response:
            found = public_search.search(
                asked.criteria, prefetch=StudyQuerySet.for_export, count_facets=bool(asked.facets)
            )
            body = answers.build_study_list(asked, found, vocabularies.current(), _absolute(request))
            return _response(body, link=answers.link_header(body))

        return self.respond_unless_unchanged(
            answer, bank=_state(bank_state.current()), index=(health.state, health.position)
        )


class StudyView(ApiView):
    """One study. What was public keeps its address (R3): a merged study redirects, a withdrawn one gives a reason."""

    @operations.study
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        study = Study.objects.once_public().filter(slug=slug).first()
        if study is None:
            raise Http404(slug)
        if study.stage == Stage.MERGED:
            return _redirect(request, study)
        if study.stage == Stage.WITHDRAWN:
            raise RequestRefused("withdrawn", reason=study.stage_note)

        def answer() -> Response:
            whole = Study.objects.for_export().filter(pk=study.pk).first()
            if whole is None:
                raise Http404(slug)  # withdrawn a moment ago
            return _response(answers.build_study(whole, vocabularies.current(), _absolute(request)))

        # The bank's numbers too: of what a review includes the answer names only what is published now.
        numbers = (study.changed_no, study.updated_at)
        return self.respond_unless_unchanged(answer, study=numbers, bank=_state(bank_state.current()))


class TaxonomyView(ApiView):
    """All vocabularies."""

    @operations.taxonomy
    def get(self, request: Request) -> HttpResponseBase:
        counter = bank_state.current()
        body = partial(answers.build_taxonomy, vocabularies.current(), _absolute(request))
        numbers = (counter.bank_id, counter.vocabulary_no, counter.vocabulary_at)
        return self.respond_unless_unchanged(lambda: _response(body()), vocabulary=numbers)


def _response(body: Any, *, link: str = "") -> Response:
    return Response(body, headers={"Link": link or answers.licence_link()})


def _redirect(request: Request, merged: Study) -> HttpResponsePermanentRedirect:
    """Redirect to the study at the end of the chain of merges, uncached because a merge can be undone."""
    path = reverse("api-study", args=[merged.follow_merges().slug])
    response = HttpResponsePermanentRedirect(_absolute(request)(path))
    patch_cache_control(response, no_cache=True)
    return response


def _absolute(request: Request) -> Absolute:
    return partial(absolute_url, request._request)


def _state(counter: Any) -> tuple[object, ...]:
    return (counter.bank_id, counter.change_no, counter.changed_at, counter.vocabulary_no, counter.vocabulary_at)
