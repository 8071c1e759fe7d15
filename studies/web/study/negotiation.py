"""What else than its page the address of a study answers with, where the header Accept prefers it: citations, JSON-LD.

As the resolvers of DOIs do. A browser, and whoever says nothing, gets the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from studies.citations.formats import CITATION_FORMATS
from studies.exports.registry import EXPORTS
from studies.store import vocabularies
from studies.store.exchange.study import to_record
from studies.web.shared.addresses import absolute_url
from studies.web.shared.downloads import export_response, keywords
from studies.web.study.machine_readable import machine_readable

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from studies.models import Study

HTML = "text/html"
JSON_LD = "application/ld+json"
_EXT_OF = {each.media_type: each.ext for each in CITATION_FORMATS.values()}
_OFFERED = (HTML, *_EXT_OF, JSON_LD)


def preferred_data(request: HttpRequest) -> str | None:
    """Return the media type that a client prefers to the page of a study; None where that is the page."""
    preferred = request.get_preferred_type(_OFFERED)
    return None if preferred == HTML else preferred


def data_response(request: HttpRequest, study: Study, media_type: str, language: str) -> HttpResponseBase:
    """Answer with a published study, of `for_detail`, as data of a type that `preferred_data` returned."""
    vocabulary = vocabularies.current()
    record = to_record(study, vocabulary)
    machine = machine_readable(request, record, language, tuple(keywords(record, vocabulary, language)))
    response: HttpResponseBase
    if media_type == JSON_LD:
        response = HttpResponse(machine.linked_data, content_type=JSON_LD)
    else:
        ext = _EXT_OF[media_type]
        response = export_response(EXPORTS[ext], [record], study.slug, language)
        # The client asked for this form of the page: it is nothing to be saved beside it.
        del response.headers["Content-Disposition"]
        path = reverse("study-citation", args=[study.slug, ext])
        response.headers["Content-Location"] = absolute_url(request, path)
    response.headers["Link"] = machine.links
    response.headers["Access-Control-Allow-Origin"] = "*"
    # Kept by nobody: caches in between hold the page of this address.
    response.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Accept"])
    return response
