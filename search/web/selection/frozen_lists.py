"""Views of a frozen list: its page, its manifest, the files of its studies, and the form that reports it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from search.lists import frozen as lists_frozen
from search.lists.published_slugs import look_up_picks
from search.models import FrozenList
from search.web.selection.page import describe_items, frozen_list_page
from search.web.shared.report_form import answer_report
from search.web.shared.same_origin import require_same_origin
from studies.exports.registry import EXPORTS
from studies.models import Study
from studies.store import vocabularies
from studies.store.exchange.reading import read_public_records
from studies.text.language import page_language
from studies.web.shared.addresses import absolute_url
from studies.web.shared.downloads import export_response


@require_safe
def frozen_list(request: HttpRequest, code: str) -> HttpResponse:
    """Show a frozen list with what happened to its studies since; 410 with a notice for one that was removed."""
    frozen = get_object_or_404(FrozenList, code=code)
    return _removed_page(request, frozen) if frozen.removed_at else _list_page(request, frozen)


@require_safe
def manifest(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send the list byte for byte as its checksum was computed; 403 with its page while its words are hidden."""
    frozen = get_object_or_404(FrozenList, code=code)
    if frozen.removed_at is not None:
        return _removed_page(request, frozen)
    if lists_frozen.has_hidden_words(frozen):
        return _list_page(request, frozen, status=403)
    response = HttpResponse(frozen.manifest.encode(), content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{frozen.code}.json"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def frozen_list_export(request: HttpRequest, code: str, ext: str) -> HttpResponseBase:
    """Send those studies of a frozen list that are published today, with their records of today."""
    if ext not in EXPORTS:
        raise Http404(ext)
    frozen = get_object_or_404(FrozenList, code=code)
    if frozen.removed_at is not None:
        return _removed_page(request, frozen)
    slugs = [entry.pick.slug for entry in lists_frozen.read_contents(frozen).entries]
    records = read_public_records(Study.objects.published_ids(slugs), vocabularies.current())
    address, style = absolute_url(request, frozen.get_absolute_url()), request.GET.get("style", "")
    return export_response(EXPORTS[ext], records, frozen.code, page_language(), style=style, address=address)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@require_same_origin
def frozen_list_report(request: HttpRequest, code: str) -> HttpResponse:
    """Take a report about a frozen list (POST) by the form that is shown (GET). Only staff read what it says."""
    frozen = get_object_or_404(FrozenList, code=code)
    return answer_report(request, frozen.get_absolute_url(), _("Versión fija de una lista"))


def _list_page(request: HttpRequest, frozen: FrozenList, status: int = 200) -> HttpResponse:
    contents = lists_frozen.read_public_contents(frozen)
    found = look_up_picks(entry.pick for entry in contents.entries)
    keys = {each.pick.slug: each.study.pk for each in found if each.study}
    items = describe_items(found, page_language(), lists_frozen.list_later_events(contents, keys))
    page = frozen_list_page(frozen, contents, items, absolute_url(request, frozen.get_absolute_url()))
    return render(request, "search/frozen_list.html", {"list": page}, status=status)


def _removed_page(request: HttpRequest, frozen: FrozenList) -> HttpResponse:
    return render(request, "search/removed_list.html", {"frozen": frozen}, status=410)
