"""`llms.txt`: what the bank is and where its data are, for language models and their programs, in Markdown."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.http import require_safe

from studies.web.shared.addresses import absolute_url

_PAGES = ("search", "interventions", "programmes", "questions", "map", "glossary", "about", "data", "api-docs")
_SERVICES = ("api", "api-schema", "oai", "skos", "data-json")


@require_safe
def llms(request: HttpRequest) -> HttpResponse:
    """Answer in English, as the form has it, with the addresses of English pages."""
    with override("en"):
        names = (*_PAGES, *_SERVICES)
        addresses = {name.replace("-", "_"): absolute_url(request, reverse(name)) for name in names}
        context = {**addresses, "licence_name": settings.DATA_LICENCE_NAME, "licence_url": settings.DATA_LICENCE_URL}
        return render(request, "llms.txt", context, content_type="text/markdown; charset=utf-8")
