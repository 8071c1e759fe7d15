"""Views of the first page, the pages of text, `healthz`, `robots.txt` and errors."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language_from_path, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from evidencebank.about import about_page
from evidencebank.glossary import glossary_page
from evidencebank.home import effect_meanings, home_page, term_meanings
from evidencebank.samples import samples
from evidencebank.watching import faults
from search.api import problems
from search.help.examples import EXAMPLES
from search.lists import alerts
from studies.admin.shared.sessions import answer_stale_form
from studies.exports.registry import EXPORTS
from studies.publishing.opendata.catalogue import describe_dataset
from studies.publishing.opendata.editions import get_newest
from studies.publishing.opendata.views import describe_newest_edition
from studies.records.appraisal import AppraisalRecord
from studies.records.dictionary import list_field_meanings
from studies.records.finding import ArmRecord, FindingRecord
from studies.records.json_record import Record
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import CostRecord, InterventionRecord, StudyRecord
from studies.store import vocabularies
from studies.text.language import page_language
from studies.web.shared.addresses import absolute_url, in_each_language
from studies.web.shared.linked_data import write_linked_data
from studies.web.shared.queries import offered_instruments

logger = logging.getLogger(__name__)

FIELD_TABLES: tuple[tuple[Promise, type[Record]], ...] = (
    # The meanings of a study's fields call findings the next table and appraisals the third.
    (gettext_lazy("Campos de un estudio"), StudyRecord),
    (gettext_lazy("Campos de cada hallazgo"), FindingRecord),
    (gettext_lazy("Campos de cada evaluación de calidad"), AppraisalRecord),
    (gettext_lazy("Campos de cada juicio que otros publicaron"), PublishedAppraisalRecord),
    (gettext_lazy("Campos de cada intervención"), InterventionRecord),
    (gettext_lazy("Campos de los datos de cada grupo"), ArmRecord),
    (gettext_lazy("Campos de cada costo"), CostRecord),
)
"""What the page of the data explains, field by field."""
STYLESHEETS = ("css/tokens.css", "css/base.css", "css/layout.css", "css/components.css", "css/print.css")


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format in which any list can be downloaded."""

    label: str
    url: str
    hint: str


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    language = page_language()
    # Without an edition: caches keep the page, and no number of the bank counts editions.
    described = write_linked_data(describe_dataset(request, language))
    context = {"home": home_page(language), "linked_data": described}
    return render(request, "pages/home.html", context)


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    effects = effect_meanings(vocabularies.current(), page_language())
    examples = [
        (example, example.query(page_language()), example.query_string(page_language())) for example in EXAMPLES
    ]
    context = {
        "effects": effects,
        "risks_of_bias": term_meanings("risk_of_bias", vocabularies.current(), page_language()),
        "instruments": offered_instruments(),
        "exports": export_formats(),
        "examples": examples,
        "sends_mail": alerts.are_offered(),
    }
    return render(request, "pages/help.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/about.html", {"about": about_page(vocabularies.current(), page_language())})


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    letters = glossary_page(vocabularies.current(), page_language())
    return render(request, "pages/glossary.html", {"letters": letters})


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    context = {
        "exports": export_formats(),
        "field_tables": [(caption, list_field_meanings(record)) for caption, record in FIELD_TABLES],
        "edition": describe_newest_edition(page_language()),
        "linked_data": write_linked_data(describe_dataset(request, page_language(), get_newest())),
        "bank_url": absolute_url(request, reverse("home")),
    }
    return render(request, "pages/data.html", context)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


@require_safe
def patterns(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/patterns.html", {"samples": samples()})


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process runs, without any check."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Keep robots out of what is not for reading: the workplace, the API, OAI-PMH, and lists as files."""
    exports = [path.rpartition(".")[0] + "." for path in in_each_language("studies-export", "ris").values()]
    kept_from = [reverse("admin:index"), problems.PREFIX, reverse("oai"), *exports]
    disallowed = [f"Disallow: {path}" for path in kept_from]
    lines = ["User-agent: *", *disallowed, f"Sitemap: {absolute_url(request, reverse('sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith(problems.PREFIX):
        return problems.problem_response(request, "bad-request")
    sentence = _("La dirección o el formulario tienen algo que el banco no puede leer. Vuelva atrás y corríjalo.")
    return _error(request, 400, _("No se entiende el pedido"), sentence)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    sentence = _("Esta página es para el equipo del banco. Si usted es parte de él, ingrese con su cuenta.")
    return _error(request, 403, _("No tiene permiso para ver esta página"), sentence)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that lacks its token, or that another site sent."""
    if kept := answer_stale_form(request):
        return kept
    sentence = _(
        "El formulario caducó o su navegador no guarda cookies. Vuelva atrás, recargue la página y envíelo otra vez."
    )
    return _error(request, 403, _("El formulario no se pudo aceptar"), sentence)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith(problems.PREFIX):
        return problems.problem_response(request, "not-found")
    sentence = _("La dirección puede estar mal escrita o la página ya no existe. Puede buscar el estudio aquí:")
    return _error(request, 404, _("Esta página no existe"), sentence)


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    """Answer a method that is not allowed. The caller has to add the header `Allow`."""
    sentence = _("Las páginas del banco solo se leen. Abra la dirección de nuevo, sin enviar un formulario.")
    return _error(request, 405, _("Esta página no recibe envíos"), sentence)


def too_many_requests(request: HttpRequest, sentence: str, wait_s: int) -> HttpResponse:
    response = _error(request, 429, _("Espere un momento"), sentence)
    response.headers["Retry-After"] = str(wait_s)
    response.headers["Cache-Control"] = "no-store"
    return response


def read_only_host(request: HttpRequest) -> HttpResponse:
    """Answer 503 to what would write, on a host that only reads: where it can be written, and what was typed."""
    return faults.unavailable(request, faults.Fault.READ_ONLY, _stylesheets())


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer after an exception, without the database or anything else that may fail again."""
    fault = faults.find_fault(sys.exception())
    if request.path_info.startswith(problems.PREFIX):
        return problems.problem_response(request, "unavailable" if fault else "server-error")
    if fault:
        return faults.unavailable(request, fault, _stylesheets())
    language = get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
    with override(language):
        context = {
            "language": language,
            "home_url": "/en/" if language == "en" else "/",
            "contact_email": settings.CONTACT_EMAIL,
            "stylesheets": _stylesheets(),
        }
        return HttpResponse(render_to_string("errors/server_error.html", context), status=500)


def _error(request: HttpRequest, status: int, title: str, sentence: str) -> HttpResponse:
    context = {"status": status, "title": title, "sentence": sentence}
    return render(request, "errors/page.html", context, status=status)


def _stylesheets() -> list[str]:
    try:
        return [staticfiles_storage.url(name) for name in STYLESHEETS]
    except ValueError:  # the manifest lacks a file: a bare page is better than none
        logger.exception("No style sheets for the page of an error")
        return []


def export_formats() -> list[ExportFormat]:
    """Return the formats in which the whole bank can be downloaded."""
    hints = {
        "ris": _("Zotero, Mendeley, EndNote y otros gestores de citas"),
        "bib": _("LaTeX, JabRef"),
        "json": _("programas que dan formato a citas"),
        "docx": _("Word y LibreOffice: referencias con formato, en el estilo que elija"),
        "html": _("el navegador, para imprimir o pegar: referencias con formato"),
        "txt": _("cualquier editor de texto: referencias con formato"),
        "xlsx": _("Excel y LibreOffice: estudios, hallazgos y diccionario de datos, cada uno en su hoja"),
        "csv": _("hojas de cálculo y programas de estadística: un estudio por fila"),
    }
    return [
        ExportFormat(export.label, reverse("studies-export", args=[ext]), hints[ext]) for ext, export in EXPORTS.items()
    ]
