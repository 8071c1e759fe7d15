"""The record of a search, which the methods section of a paper needs (PRISMA-S): as a page, a text and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from search.contract import IndexMissing
from search.criteria.filters import read_criteria
from search.lists import list_diff
from search.lists.list_diff import MOST_TOUCHED, CannotCompare
from search.web.search_record.files import as_json, as_text
from search.web.search_record.list_changes import compare_list
from search.web.search_record.page import record_search
from studies.text.language import page_language

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from search.web.search_record.list_changes import ListComparison

EXTENSIONS = ("txt", "json")


@require_safe
@never_cache
def search_record(request: HttpRequest) -> HttpResponse:
    """Show the record of the search of the criteria and, with `since`, what changed in its list."""
    record = record_search(read_criteria(request.GET), request, page_language())
    context: dict[str, object] = {"record": record}
    if "since" in request.GET:
        context |= _comparison_context(record.criteria, request, page_language())
    return render(request, "search/record.html", context)


@require_safe
@never_cache
def search_record_file(request: HttpRequest, ext: str) -> HttpResponse:
    """Send the record as a file: a text for people, JSON for programs."""
    if ext not in EXTENSIONS:
        raise Http404(ext)
    record = record_search(read_criteria(request.GET), request, page_language())
    if ext == "json":
        response: HttpResponse = JsonResponse(as_json(record), json_dumps_params={"ensure_ascii": False, "indent": 1})
    else:
        response = HttpResponse(as_text(record), content_type="text/plain; charset=utf-8")
    stem = _("registro-de-busqueda")
    response.headers["Content-Disposition"] = f'attachment; filename="{stem}-{record.at:%Y-%m-%d}.{ext}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _comparison_context(criteria: Criteria, request: HttpRequest, language: str) -> dict[str, object]:
    """Return the comparison with the list of then, or a `refusal` that says why there is none."""
    given = request.GET["since"]
    # `isdigit` alone accepts "²", which `int` refuses; a longer number does not fit into a column of the database.
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 18 else -1
    try:
        compared: ListComparison = compare_list(
            list_diff.compare_list(criteria, number), request.GET.get("words", ""), language
        )
    except CannotCompare as refusal:
        return {"refusal": _refusal(refusal, given)}
    except IndexMissing:
        return {"refusal": _("La búsqueda no está completa por ahora. Pruebe más tarde.")}
    return {"comparison": compared}


def _refusal(refusal: CannotCompare, given: str) -> str:
    if refusal.reason == "unknown":
        return _("El banco no tiene ninguna versión «%(asked)s».") % {"asked": given[:20]}
    return _(
        "Desde entonces cambiaron más de %(most)s registros: son demasiados para compararlos aquí. Descargue la lista"
        " y compárela con la de entonces."
    ) % {"most": MOST_TOUCHED}
