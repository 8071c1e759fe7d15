"""Views of a frozen list: its page, its manifest, the files of its studies."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from search.lists import frozen as lists_frozen
from search.lists.published_slugs import look_up_picks
from search.models import FrozenList
from search.web.selection.page import describe_items, frozen_list_page
from studies.exports.registry import EXPORTS
from studies.models import Study
from studies.text.language import page_language
from studies.web.shared.addresses import absolute_url
from studies.web.shared.downloads import export_response


@require_safe
def frozen_list(request: HttpRequest, code: str) -> HttpResponse:
    """Show a frozen list with what happened to its studies since; one that was removed keeps a notice."""
    frozen = get_object_or_404(FrozenList, code=code)
    if frozen.removed_at is not None:
        return render(request, "search/removed_list.html", {"frozen": frozen})
    contents = lists_frozen.read_contents(frozen)
    found = look_up_picks(entry.pick for entry in contents.entries)
    keys = {each.pick.slug: each.study.pk for each in found if each.study}
    items = describe_items(found, page_language(), lists_frozen.list_later_events(contents, keys))
    page = frozen_list_page(frozen, contents, items, absolute_url(request, frozen.get_absolute_url()))
    return render(request, "search/frozen_list.html", {"list": page})


@require_safe
def manifest(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send the list byte for byte as its checksum was computed."""
    frozen = get_object_or_404(FrozenList, code=code)
    if frozen.removed_at is not None:
        return redirect(frozen)
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
        return redirect(frozen)
    slugs = [entry.pick.slug for entry in lists_frozen.read_contents(frozen).entries]
    studies = Study.objects.for_export().in_order_of(Study.objects.published_ids(slugs))
    address, style = absolute_url(request, frozen.get_absolute_url()), request.GET.get("style", "")
    return export_response(EXPORTS[ext], studies, frozen.code, page_language(), style=style, address=address)
