"""The views of the API. Each parses the request, calls one service and responds; `answers` builds the bodies."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from drf_spectacular.utils import extend_schema_view
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from search.api import answers, list_answers, listing, operations, paging, parameters
from search.api.base import ApiView, CsvRenderer
from search.api.collections import COLLECTIONS, ApiCollection
from search.api.paging import ParameterReader, take_slice
from search.api.problems import RequestRefused
from search.index import indexing, sync
from search.services import public_search
from studies.models import Stage, Study
from studies.models.querysets import StudyQuerySet
from studies.records.finding import FindingRecord
from studies.records.json_record import fields_of
from studies.records.study import STUDY_FIELDS
from studies.store import bank_state, vocabularies
from studies.web.shared.addresses import absolute_url

if TYPE_CHECKING:
    from django.http import HttpResponseBase
    from rest_framework.request import Request

    from search.api.answers import Absolute


FINDING_FIELDS = tuple(fields_of(FindingRecord))


class EntryView(ApiView):
    """The entry point."""

    @operations.entry
    def get(self, request: Request) -> HttpResponseBase:
        counter = bank_state.current()
        licence = (settings.DATA_LICENCE_NAME, settings.DATA_LICENCE_URL)
        body = partial(answers.build_entry, _absolute(request))
        return self.respond_unless_unchanged(lambda: _response(body()), bank=_state(counter), licence=licence)


class ListView(ApiView):
    """A view of a list, which answers in JSON or as a table."""

    renderer_classes: tuple[Any, ...] = (JSONRenderer, CsvRenderer)

    def list_response(self, body: answers.Json, table: Callable[[], HttpResponse]) -> HttpResponse:
        """Return a list, or the same as a table: with the links to its pages in the header `Link` either way."""
        if not self.is_table:
            return _response(body, link=answers.link_header(body))
        response = table()
        response.headers["Link"] = answers.link_header(body)
        return response


class StudiesView(ListView):
    """A list of studies by the criteria of the search page, by pages or, with a cursor, in the order of change."""

    @operations.studies
    def get(self, request: Request) -> HttpResponseBase:
        asked = parameters.parse_parameters(request.query_params)
        sync.update_before_search()
        # The ETag depends on the index too: while it is behind, the same address has another answer.
        health = indexing.check_health()

        def walk() -> HttpResponse:
            vocabulary = vocabularies.current()
            page, studies = listing.slice_studies(
                asked.criteria, asked.updated_since, asked.after, asked.criteria.page_size
            )
            body = list_answers.build_study_walk(asked, page, studies, vocabulary, _absolute(request))
            table = partial(list_answers.write_studies, studies, vocabulary, asked.fields)
            return self.list_response(body, table)

        def answer() -> HttpResponse:
            if asked.is_walked:
                return walk()
            found = public_search.search(
                asked.criteria, prefetch=StudyQuerySet.for_export, count_facets=bool(asked.facets)
            )
            vocabulary = vocabularies.current()
            body = answers.build_study_list(asked, found, vocabulary, _absolute(request))
            return self.list_response(
                body, partial(list_answers.write_studies, found.studies, vocabulary, asked.fields)
            )

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
        reader = ParameterReader(request.query_params)
        fields = reader.fields(STUDY_FIELDS)
        reader.finish()

        def answer() -> HttpResponse:
            whole = Study.objects.for_export().filter(pk=study.pk).first()
            if whole is None:
                raise Http404(slug)  # withdrawn a moment ago
            return _response(answers.build_study(whole, vocabularies.current(), _absolute(request), fields))

        # The bank's numbers too: of what a review includes the answer names only what is published now.
        numbers = (study.changed_no, study.updated_at)
        return self.respond_unless_unchanged(answer, study=numbers, bank=_state(bank_state.current()))


class FindingsView(ListView):
    """The findings of a list of studies, in the order of the last change of their studies."""

    @operations.findings
    def get(self, request: Request) -> HttpResponseBase:
        asked = parameters.parse_walk(request.query_params, FINDING_FIELDS)
        sync.update_before_search()
        health = indexing.check_health()

        def answer() -> HttpResponse:
            page, findings = listing.slice_findings(
                asked.criteria, asked.updated_since, asked.after, asked.criteria.page_size
            )
            body = list_answers.build_finding_list(asked, page, findings, vocabularies.current(), _absolute(request))
            return self.list_response(body, partial(list_answers.write_findings, findings, asked.fields))

        return self.respond_unless_unchanged(
            answer, bank=_state(bank_state.current()), index=(health.state, health.position)
        )


class ChangesView(ListView):
    """What changed: every study that is or was public, in the order of its last change."""

    @operations.changes
    def get(self, request: Request) -> HttpResponseBase:
        given = request.query_params
        reader = ParameterReader(given)
        size, after, since = reader.page_size(), reader.position(), reader.updated_since()
        reader.finish()
        ignored = reader.ignored(paging.NAMES - {"fields"})

        def answer() -> HttpResponse:
            page, changes = listing.slice_changes(since, after, size)
            body = list_answers.build_change_list(dict(given.lists()), page, size, changes, ignored, _absolute(request))
            return self.list_response(body, partial(list_answers.write_changes, changes))

        return self.respond_unless_unchanged(answer, bank=_state(bank_state.current()))


class CollectionView(ListView):
    """A list of COLLECTIONS. Each has a subclass of its own, as it has its own description (`collection_views`)."""

    collection: ApiCollection

    def get(self, request: Request) -> HttpResponseBase:
        collection, given = self.collection, request.query_params
        reader = ParameterReader(given)
        size, after, fields = reader.page_size(), reader.word(), reader.fields(tuple(fields_of(collection.record)))
        reader.finish()
        ignored = reader.ignored(paging.NAMES - {"updated_since"})

        def answer() -> HttpResponse:
            records = {collection.id_of(record): record for record in collection.iterate()}
            page = take_slice(sorted(records), after, size)
            shown = [records[key] for key in page.keys]
            body = list_answers.build_collection(
                collection, dict(given.lists()), page, size, shown, (fields, ignored), _absolute(request)
            )
            return self.list_response(body, partial(list_answers.write_collection, collection, shown, fields))

        return self.respond_unless_unchanged(answer, bank=_state(bank_state.current()))


class EntryOfCollectionView(ApiView):
    """One entry of COLLECTIONS."""

    collection: ApiCollection

    def get(self, request: Request, slug: str) -> HttpResponseBase:
        collection = self.collection
        reader = ParameterReader(request.query_params)
        fields = reader.fields(tuple(fields_of(collection.item_record)))
        reader.finish()

        def answer() -> HttpResponse:
            record = collection.find_entry(slug)
            if record is None:
                raise Http404(slug)
            return _response(list_answers.build_entry_of(collection, record, fields, _absolute(request)))

        return self.respond_unless_unchanged(answer, bank=_state(bank_state.current()))


def collection_views(collection: ApiCollection) -> tuple[Any, Any]:
    """Return the views of a collection: the list, and one entry of it."""
    of_list, of_entry = operations.describe_collection(collection)
    members = {"collection": collection}
    list_view: Any = type(f"{collection.singular.title()}ListView", (CollectionView,), members)
    entry_view: Any = type(f"{collection.singular.title()}View", (EntryOfCollectionView,), members)
    return (
        extend_schema_view(get=of_list)(list_view).as_view(),
        extend_schema_view(get=of_entry)(entry_view).as_view(),
    )


class TaxonomyView(ApiView):
    """All vocabularies."""

    @operations.taxonomy
    def get(self, request: Request) -> HttpResponseBase:
        counter = bank_state.current()
        body = partial(answers.build_taxonomy, vocabularies.current(), _absolute(request))
        numbers = (counter.bank_id, counter.vocabulary_no, counter.vocabulary_at)
        return self.respond_unless_unchanged(lambda: _response(body()), vocabulary=numbers)


COLLECTION_VIEWS = {name: collection_views(collection) for name, collection in COLLECTIONS.items()}
"""The views of each collection, for the table of addresses."""


def _response(body: Any, *, link: str = "") -> HttpResponse:
    response: HttpResponse = Response(body, headers={"Link": link or answers.licence_link()})
    return response


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
