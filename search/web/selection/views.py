"""Views of the reader's selection: its page, its forms, its files. The server keeps nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from search.lists.frozen import NothingToFreeze, freeze
from search.lists.published_slugs import look_up_picks
from search.lists.selection import (
    MOST_IN_BRIEF,
    MOST_SHARED,
    MOST_STUDIES,
    Selection,
    SelectionTooLarge,
    clean_note,
)
from search.rate_limits import RateLimit
from search.web.compare.views import compare_url
from search.web.selection.page import SelectionPage, count_text, describe_items, own_files, share_query
from search.web.shared.export_links import export_links, reference_form
from search.web.shared.same_origin import require_same_origin
from search.web.shared.selection_cookie import (
    delete_undo_selection,
    get_selection,
    get_undo_selection,
    set_selection,
    set_undo_selection,
)
from studies.exports.options import ListWords
from studies.exports.registry import EXPORTS
from studies.models import Study
from studies.store import vocabularies
from studies.store.exchange.reading import read_public_records
from studies.text.characters import replace_unstorable
from studies.text.language import page_language
from studies.web.shared.addresses import absolute_url
from studies.web.shared.downloads import export_response

if TYPE_CHECKING:
    from django.http import QueryDict

FREEZE_LIMIT = RateLimit("freeze", most=30, per_s=3600)
LONGEST_LINE = 200
"""Of the title and the name that a reader gives a file."""

_ROW_ANCHOR = "e-"
"""What the anchors of cards and rows begin with, before the slug."""


@require_http_methods(["GET", "HEAD", "POST"])
@require_same_origin
def selection(request: HttpRequest) -> HttpResponseBase:
    """Show a selection (GET), or do what one of its forms asks (POST)."""
    if request.method == "POST":
        return _handle_form(request)
    shared = Selection.from_slugs(request.GET.getlist("id")[:MOST_STUDIES])
    error = _too_many() if request.GET.get("notice") == "full" else ""
    return (
        _render_page(request, shared, is_shared=True)
        if shared
        else _render_page(request, get_selection(request), error=error)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_same_origin
@sensitive_post_parameters()
def selection_export(request: HttpRequest, ext: str) -> HttpResponseBase:
    """Send the published studies of an address, or else of the reader's own selection, as a file.

    By POST with a title, a name and notes, which go into the file and are stored nowhere.
    """
    if ext not in EXPORTS:
        raise Http404(ext)
    given = request.GET.getlist("id")[:MOST_STUDIES]
    slugs = dict.fromkeys(given) if given else get_selection(request).slugs
    records = read_public_records(Study.objects.published_ids(slugs), vocabularies.current())
    stem = "selection" if page_language() == "en" else "seleccion"
    address = absolute_url(request, f"{reverse('selection')}?{share_query(slugs)}")
    style = request.GET.get("style", "")
    response = export_response(EXPORTS[ext], records, stem, page_language(), style, address, _list_words(request))
    if not given:
        patch_cache_control(response, private=True)
    return response


def _handle_form(request: HttpRequest) -> HttpResponseBase:
    form = request.POST
    for name, take in (("add", _add_or_remove_study), ("remove", _add_or_remove_study), ("freeze", _freeze)):
        if name in form:
            return take(request)
    held = get_selection(request)
    try:
        response = redirect(_return_url(form))
        _change_selection(request, response)
    except SelectionTooLarge as refusal:
        if {"use", "join"} & form.keys():
            return redirect(f"{reverse('selection')}?notice=full")
        return _render_page(request, held.with_notes(_notes(form)), error=_refusal_text(refusal), status=400)
    return response


def _change_selection(request: HttpRequest, response: HttpResponse) -> None:
    """Set the cookies that the form of the selection's page asks for. Raises SelectionTooLarge."""
    held, form = get_selection(request), request.POST
    if "undo" in form:
        set_selection(response, get_undo_selection(request) or held)
        delete_undo_selection(request, response)
    elif "clear" in form or "use" in form:
        set_selection(
            response, Selection.from_slugs(_public_slugs(form.getlist("id"))) if "use" in form else Selection()
        )
        set_undo_selection(response, held)
    elif "drop" in form:
        noted = held.with_notes(_notes(form))
        set_selection(response, noted.without(form["drop"]))
        set_undo_selection(response, noted)
    else:
        noted = held.with_notes(_notes(form)).with_studies(_public_slugs(form.getlist("id")))
        set_selection(response, noted.with_moved(form.get("up", ""), -1).with_moved(form.get("down", ""), 1))
        delete_undo_selection(request, response)


def _add_or_remove_study(request: HttpRequest) -> HttpResponseBase:
    """Add or remove one study, from a card or from its page. A script, which accepts JSON, gets the new count."""
    held, form = get_selection(request), request.POST
    slug = form.get("add") or form.get("remove") or ""
    wants_json = "application/json" in request.headers.get("Accept", "")
    changed = held.with_studies(_public_slugs([slug])) if "add" in form else held.without(slug)
    response: HttpResponse = JsonResponse({"text": count_text(len(changed)), "count": len(changed)})
    if not wants_json:
        response = redirect(_return_url(form, slug))
    try:
        set_selection(response, changed)
    except SelectionTooLarge as refusal:
        if wants_json:
            return JsonResponse({"error": _refusal_text(refusal), "count": len(held)}, status=409)
        return redirect(f"{reverse('selection')}?notice=full")
    delete_undo_selection(request, response)
    return response


def _freeze(request: HttpRequest) -> HttpResponseBase:
    held = get_selection(request).with_notes(_notes(request.POST))
    if wait_s := FREEZE_LIMIT.consume_from(request.META.get("REMOTE_ADDR", "")):
        error = _("Se guardaron muchas versiones fijas desde su red: espere una hora.")
        response = _render_page(request, held, error=error, status=429)
        response.headers["Retry-After"] = str(wait_s)
        return response
    try:
        response = redirect(freeze(held))
    except NothingToFreeze:
        error = _("La selección no tiene ningún estudio publicado que guardar.")
        return _render_page(request, held, error=error, status=400)
    with suppress(SelectionTooLarge):  # what was typed in this form may be longer than a browser keeps
        set_selection(response, held)
    return response


def _list_words(request: HttpRequest) -> ListWords:
    form = request.POST
    notes = {slug: clean_note(text) for slug, text in _notes(form).items()}
    return ListWords(_one_line(form.get("title", "")), _one_line(form.get("by", "")), notes)


def _one_line(text: str) -> str:
    return " ".join(replace_unstorable(text).split())[:LONGEST_LINE]


def _render_page(
    request: HttpRequest,
    shown: Selection,
    *,
    is_shared: bool = False,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    items = describe_items(look_up_picks(shown.picks), page_language())
    share = absolute_url(request, f"{reverse('selection')}?{share_query(shown.slugs)}")
    # The reader's own is named by the cookie.
    named = share_query(shown.slugs) if is_shared else ""
    before = None if is_shared else get_undo_selection(request)
    page = SelectionPage(
        items=items,
        total=sum(item.line is not None for item in items),
        is_shared=is_shared,
        exports=tuple(export_links("selection-export", named)),
        references=reference_form("selection-export", named),
        share_url=share if len(shown) <= MOST_SHARED else "",
        brief_url=f"{reverse('brief')}?{share_query(shown.slugs)}" if 0 < len(shown) <= MOST_IN_BRIEF else "",
        undo_count=len(before) if before else 0,
        error=error,
        own_files=own_files(),
        primary_url=_primary_url(shown) if settings.READ_ONLY else "",
        compare_url=compare_url(item.slug for item in items if item.line is not None),
    )
    response = render(request, "search/selection.html", {"selection": page}, status=status)
    if not is_shared:
        patch_cache_control(response, private=True)
    return response


def _primary_url(shown: Selection) -> str:
    """Return the address of these studies on a host that writes; of the page alone if they are too many for one."""
    query = f"?{share_query(shown.slugs)}" if 0 < len(shown) <= MOST_SHARED else ""
    return f"{settings.PRIMARY_URL}{reverse('selection')}{query}"


def _return_url(form: QueryDict, slug: str = "") -> str:
    """Return where a form leads: to the page that it stood on, at the study, or else to the selection."""
    back = form.get("next", "")
    row = slug or form.get("up") or form.get("down") or ""
    # "//host" begins with a slash too and leads to another site: Django's check refuses it.
    if not (back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)):
        back = reverse("selection")
    return f"{back}#{_ROW_ANCHOR}{row}" if row and row.replace("-", "").isalnum() else back


def _notes(form: QueryDict) -> Mapping[str, str]:
    return {name.removeprefix("note-"): form.get(name, "") for name in form if name.startswith("note-")}


def _public_slugs(slugs: list[str]) -> list[str]:
    """Return those of `slugs` whose study is or was public, which alone may be picked: one query."""
    # One more than fits, so that a list that is too long is refused instead of cut.
    wanted = slugs[: MOST_STUDIES + 1]
    known = Study.objects.read_ids_and_stages(wanted) if wanted else {}
    return [slug for slug in wanted if slug in known]


def _refusal_text(refusal: SelectionTooLarge) -> str:
    if refusal.bound == "studies":
        return _too_many()
    return _("Las notas y los estudios ya no caben en su navegador. Acorte una nota o guarde la lista por partes.")


def _too_many() -> str:
    return _("La selección está llena: caben hasta %(most)s estudios, menos si hay notas. No se añadió nada.") % {
        "most": MOST_STUDIES
    }
