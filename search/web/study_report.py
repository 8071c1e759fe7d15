"""The view that takes a report about a study: an error in its record, most of all."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from search.web.shared.report_form import answer_report
from search.web.shared.same_origin import require_same_origin
from studies.models import Study


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@require_same_origin
def study_report(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a report about a published study; any other is 404, as if it did not exist."""
    found = get_object_or_404(Study.objects.published(), slug=slug)
    return answer_report(request, found.get_absolute_url(), _("Estudio"))
