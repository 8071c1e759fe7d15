"""The view that sends one study as a file: its citation in any format or style, or its record as a row."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from studies.exports.registry import EXPORTS
from studies.models import Stage, Study
from studies.store import vocabularies
from studies.store.exchange.reading import read_public_records
from studies.text.language import page_language
from studies.web.shared.downloads import export_response
from studies.web.study.views import redirect_merged


@require_safe
def citation(request: HttpRequest, slug: str, ext: str) -> HttpResponseBase:
    """Send a published study in one format. A merged one leads on, a withdrawn one to its notice, all else is 404."""
    if ext not in EXPORTS:
        raise Http404(ext)
    records = read_public_records(Study.objects.published_ids([slug]), vocabularies.current())
    if not records:
        # An address that was public once never becomes a 404 (R3).
        past = get_object_or_404(Study.objects.filter(stage__in=(Stage.MERGED, Stage.WITHDRAWN)), slug=slug)
        return redirect_merged(past, "study-citation", ext=ext) if past.stage == Stage.MERGED else redirect(past)
    language = page_language()
    return export_response(EXPORTS[ext], records, slug, language, request.GET.get("style", ""))
