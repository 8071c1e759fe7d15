"""The number of studies that criteria would find, as JSON: what the filters say before they are applied."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from search.contract import IndexMissing
from search.criteria.filters import read_criteria
from search.services import public_search
from studies.text.language import page_language
from studies.text.numbers import format_number


@require_safe
def count_studies(request: HttpRequest) -> JsonResponse:
    """Return the total of the criteria, and a sentence with it: no query. Without an index, None and no sentence."""
    try:
        total = public_search.count(read_criteria(request.GET))
    except IndexMissing:
        return JsonResponse({"total": None, "text": ""})
    text = ngettext("%(number)s estudio con lo marcado", "%(number)s estudios con lo marcado", total)
    return JsonResponse({"total": total, "text": text % {"number": format_number(total, page_language())}})
