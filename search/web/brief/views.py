"""Views of briefs of picked studies or of criteria: page and files, with the text of the person who prepares it.

Her text comes by POST, goes into the page or file that answers, and is stored nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from search.lists.selection import MOST_IN_BRIEF, Selection
from search.rate_limits import RateLimit
from search.services.evidence_scope import EvidenceScope
from search.web.brief import docx, pdf
from search.web.brief.author_text import LONGEST, AuthorText
from search.web.brief.content import Brief, build_brief
from search.web.brief.page import (
    BriefPage,
    brief_hints,
    brief_url,
    describe_subject,
    find_unevaluated,
    form_fields,
    style_options,
)
from search.web.evidence.views import basis_of
from search.web.selection.page import share_query
from search.web.shared.evidence_request import criteria_hints, read_body
from search.web.shared.same_origin import require_same_origin
from search.web.shared.selection_cookie import get_selection
from studies.exports.lists.docx import MEDIA_TYPE
from studies.exports.options import style_or_default
from studies.store import vocabularies
from studies.store.vocabularies import TermView
from studies.text.language import page_language
from studies.text.numbers import format_number
from studies.web.shared.addresses import absolute_url

PDF_LIMIT = RateLimit("brief-pdf", most=120, per_s=3600)


@dataclass(frozen=True, slots=True)
class _RequestedBrief:
    """A brief with the request that it answers. `errors` has, by field, what is wrong with the preparer's text."""

    body: EvidenceScope
    brief: Brief
    errors: dict[str, str]
    picked: int


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters(*LONGEST)
@require_same_origin
def brief_page(request: HttpRequest) -> HttpResponse:
    """Show a brief, by POST with the preparer's text; without picks or criteria, offer what to choose."""
    requested = _read_request(request)
    if isinstance(requested, HttpResponse):
        return requested
    return _render_page(request, requested, status=400 if requested.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters(*LONGEST)
@require_same_origin
def brief_file(request: HttpRequest, ext: str) -> HttpResponseBase:
    """Send a brief as a file to edit (docx) or to send on (pdf); if it can't be made, its page says why."""
    if ext not in ("docx", "pdf"):
        raise Http404(ext)
    requested = _read_request(request)
    if isinstance(requested, HttpResponse):
        return requested
    if requested.errors:
        return _render_page(request, requested, status=400)
    if ext == "docx":
        content = docx.write(requested.brief, partial(absolute_url, request), page_language())
        return _file_response(request, content, MEDIA_TYPE, ext)
    if not pdf.is_available():
        error = _("Este servidor no hace archivos PDF. Imprima la ficha y elija «Guardar como PDF».")
        return _render_page(request, requested, error=error, status=404)
    if wait_s := PDF_LIMIT.consume_from(request.META.get("REMOTE_ADDR", "")):
        error = _("Se pidieron muchos archivos PDF: espere una hora, o imprima la ficha y elija «Guardar como PDF».")
        response = _render_page(request, requested, error=error, status=429)
        response.headers["Retry-After"] = str(wait_s)
        return response
    content = pdf.write(requested.brief, absolute_url(request, "/"), page_language())
    return _file_response(request, content, pdf.MEDIA_TYPE, ext)


def _read_request(request: HttpRequest) -> _RequestedBrief | HttpResponse:
    """Return the brief that is asked for, or the page that says why there is none."""
    picked = len(set(request.GET.getlist("id")))
    if picked > MOST_IN_BRIEF:
        error = _("Una ficha toma hasta %(most)s estudios elegidos, y la dirección trae %(picked)s.") % {
            "most": MOST_IN_BRIEF,
            "picked": format_number(picked, page_language()),
        }
        return _render_start(request, error=error, status=400)
    body = read_body(request.GET)
    if picked and not body.slugs:
        return _render_start(
            request, error=_("Ninguno de los estudios pedidos está publicado en este banco."), status=404
        )
    # A brief of the whole bank would answer no question.
    if body.is_whole_bank:
        return _render_start(request, hints=tuple(criteria_hints(body)))
    if not body.studies and not find_unevaluated(body):
        return _render_start(
            request, error=_("Ningún estudio de este banco con estos criterios."), hints=tuple(criteria_hints(body))
        )
    style = style_or_default(request.POST.get("style") or request.GET.get("style", ""))
    subject = describe_subject(body, partial(absolute_url, request), style, page_language())
    own = AuthorText.of(request.POST, title=subject.title, question=subject.question)
    found = build_brief(basis_of(body, page_language()), subject, own, style)
    return _RequestedBrief(body, found, own.errors(page_language()), picked)


def _render_page(
    request: HttpRequest, requested: _RequestedBrief, *, error: str = "", status: int = 200
) -> HttpResponse:
    language, style, subject = page_language(), requested.brief.style, requested.brief.subject
    typed = {name: request.POST[name] for name in LONGEST if name in request.POST}
    page = BriefPage(
        brief=requested.brief,
        fields=tuple(form_fields(typed, requested.errors, subject)),
        styles=tuple(style_options(style, language)),
        hints=tuple(brief_hints(requested.body, requested.picked, language)),
        page_url=brief_url(requested.body, style),
        docx_url=brief_url(requested.body, style, "docx"),
        pdf_url=brief_url(requested.body, style, "pdf") if pdf.is_available() else "",
        is_edited=request.method == "POST",
        error=error,
    )
    return _forbid_storage(request, render(request, "brief/page.html", {"page": page}, status=status))


def _render_start(request: HttpRequest, *, status: int = 200, **notices: Any) -> HttpResponse:
    """Answer with the page that offers briefs of the reader's selection, of themes and of interventions."""
    vocabulary, language = vocabularies.current(), page_language()
    held: Selection = get_selection(request)
    context = {
        "themes": [
            (theme.code, theme.label(language), _labels(vocabulary.children("interventions", theme.code), language))
            for theme in vocabulary.terms("themes")
        ],
        "selection_query": share_query(held.slugs) if 0 < len(held) <= MOST_IN_BRIEF else "",
        "selection_is_too_long": len(held) > MOST_IN_BRIEF,
        "most": MOST_IN_BRIEF,
        **notices,
    }
    return _forbid_storage(request, render(request, "brief/start.html", context, status=status))


def _labels(terms: Iterable[TermView], language: str) -> list[tuple[str, str]]:
    return [(term.code, term.label(language)) for term in terms]


def _file_response(request: HttpRequest, content: bytes, media_type: str, ext: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    # A fixed name, never a reader's words.
    response.headers["Content-Disposition"] = f'attachment; filename="{_("ficha-de-evidencia")}.{ext}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return _forbid_storage(request, response)


def _forbid_storage(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Forbid caches to store an answer to a form, as it holds the preparer's text."""
    if request.method == "POST":
        patch_cache_control(response, no_store=True, private=True)
    return response
