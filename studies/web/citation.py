"""One study as a file: a citation in any format, or its record as a row."""

from __future__ import annotations

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from studies.exports import EXPORTS
from studies.models import Study
from studies.web.downloads import download


@require_safe
def citation(request: HttpRequest, slug: str, ext: str) -> StreamingHttpResponse:
    """Give a published study in one format."""
    if ext not in EXPORTS:
        raise Http404(ext)
    study = get_object_or_404(Study.objects.for_export(), slug=slug)
    return download(EXPORTS[ext], [study], study.slug, "en" if get_language() == "en" else "es")
