"""Suggestions for a search box while somebody types, as JSON. No query is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from search.help.suggest import LONGEST_TYPED, find_suggestions
from search.pages.registry import KINDS
from search.web.results.other_pages import page_url
from search.web.results.page import search_url
from studies.text.bilingual import LocalizedText
from studies.text.language import page_language
from studies.text.numbers import format_number
from studies.web.shared.responses import SHARED_CONTROL

if TYPE_CHECKING:
    from search.help.suggest import Suggestion


@require_safe
def suggest(request: HttpRequest) -> JsonResponse:
    """Return what matches the typed letters, in groups: pages, terms by their facets, programmes, authors, titles."""
    language = page_language()
    groups: dict[str, list[dict[str, str]]] = {}
    typed = request.GET.get("q", "")[:LONGEST_TYPED]
    for each in find_suggestions(typed, language):
        groups.setdefault(_group(each), []).append(_option(each, language))
    answer = {"groups": [{"label": label, "options": options} for label, options in groups.items()]}
    return JsonResponse(answer, headers={"Cache-Control": SHARED_CONTROL})


def _url(each: Suggestion) -> str:
    if each.page:
        return page_url(each.page)
    return search_url(each.criteria) if each.criteria else reverse("study", args=[each.slug])


def _group(each: Suggestion) -> str:
    labels = {"page": _("Páginas del banco"), "author": _("Autoras y autores"), "title": _("Estudios")}
    return labels.get(each.kind, each.group)


def _option(each: Suggestion, language: str) -> dict[str, str]:
    option = {"text": str(each.text), "url": _url(each)}
    if each.page:
        option["note"] = str(KINDS[each.page.kind].label)
    if each.total is not None:
        number = format_number(each.total, language)
        option["note"] = ngettext("%(number)s estudio", "%(number)s estudios", each.total) % {"number": number}
    if isinstance(each.text, LocalizedText) and each.text.language != language:
        option["lang"] = each.text.language
    return option
