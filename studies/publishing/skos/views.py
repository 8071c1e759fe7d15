"""The address of the vocabularies as SKOS: in the form that the header Accept prefers, or in that of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.crypto import salted_hmac
from django.views.decorators.http import condition, require_safe

from studies.publishing.skos.graph import Resource, build_graph
from studies.publishing.skos.writers import write_json_ld, write_turtle
from studies.store import bank_state, vocabularies
from studies.web.shared.addresses import absolute_url


@dataclass(frozen=True, slots=True)
class SkosForm:
    """A form of the document. `ext` ends the address of its file."""

    ext: str
    media_type: str
    write: Callable[[Iterable[Resource]], str]


FORMS: Mapping[str, SkosForm] = {
    form.media_type: form
    for form in (
        SkosForm("ttl", "text/turtle", write_turtle),
        SkosForm("jsonld", "application/ld+json", write_json_ld),
    )
}


def _etag(request: HttpRequest, ext: str = "") -> str:
    counter = bank_state.current()
    made_of = (
        *(counter.bank_id, counter.vocabulary_no, counter.vocabulary_at, settings.DATA_LICENCE_URL),
        *(request.build_absolute_uri(), _choose_form(request, ext)),
    )
    return f'"{salted_hmac(__name__, repr(made_of)).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=_etag)
def skos(request: HttpRequest, ext: str = "") -> HttpResponse:
    """Answer with all vocabularies and the thesaurus, to any origin (CORS): the queries of the vocabularies."""
    form = _choose_form(request, ext)
    if form is None:
        raise Http404(ext)
    document = absolute_url(request, reverse("skos"))
    graph = build_graph(vocabularies.current(), document, settings.DATA_LICENCE_URL)
    response = HttpResponse(form.write(graph), content_type=f"{form.media_type}; charset=utf-8")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Robots-Tag"] = "noindex"
    if not ext:
        response.headers["Content-Location"] = absolute_url(request, reverse("skos-file", args=[form.ext]))
        patch_vary_headers(response, ["Accept"])
    return response


def _choose_form(request: HttpRequest, ext: str) -> SkosForm | None:
    if ext:
        return next((form for form in FORMS.values() if form.ext == ext), None)
    preferred = request.get_preferred_type(list(FORMS))
    return FORMS[preferred] if preferred else FORMS["text/turtle"]
