"""The table of all addresses, Spanish and English side by side. No other module spells out a path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.sitemaps.views import index, sitemap
from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, path
from django.utils.functional import lazy
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from accounts.second_factor_views import URLS as SECOND_FACTOR_URLS
from accounts.views import URLS as ACCOUNT_URLS
from evidencebank import jobs_page, passwords, trust, views
from evidencebank.expensive import limit_expensive
from evidencebank.llms import llms
from evidencebank.sitemaps import SITEMAPS
from evidencebank.version import version
from evidencebank.watching.audit import audit_page
from evidencebank.watching.metrics import metrics
from search.admin.bank_health import bank_health
from search.admin.choose_studies import select_studies
from search.api.collections import COLLECTIONS
from search.api.documentation import documentation
from search.api.schema import SchemaView
from search.api.views import (
    COLLECTION_VIEWS,
    ChangesView,
    EntryView,
    FindingsView,
    StudiesView,
    StudyView,
    TaxonomyView,
)
from search.web.alerts import views as alerts_views
from search.web.brief.views import brief_file, brief_page
from search.web.compare.views import compare
from search.web.evidence.intervention import intervention
from search.web.evidence.intervention_file import intervention_file
from search.web.evidence.intervention_index import intervention_index
from search.web.evidence.theme import theme
from search.web.evidence.views import evidence, evidence_data, evidence_figure
from search.web.feeds import atom
from search.web.health_check import readyz
from search.web.map.views import evidence_map, evidence_studies, map_data, map_figure
from search.web.results.export_page import export_page
from search.web.results.exports import export_studies
from search.web.results.suggestions import suggest
from search.web.results.total import count_studies
from search.web.results.views import search
from search.web.search_record.views import search_record, search_record_file
from search.web.selection.frozen_lists import frozen_list, frozen_list_export, frozen_list_report, manifest
from search.web.selection.views import selection, selection_export
from search.web.study_report import study_report
from studies.admin.shared.sessions import keep_typed_form
from studies.publishing.oai.view import oai
from studies.publishing.opendata.views import data_file, data_json
from studies.publishing.skos.views import skos
from studies.web.programmes.views import programme, programme_index
from studies.web.questions import question, question_index
from studies.web.study.citation import citation
from studies.web.study.views import study

View = Callable[..., HttpResponseBase]


def page(spanish: str, english: str, view: View, name: str) -> URLPattern:
    """Return the URL pattern of a page, whose path depends on the language of the request; English is below /en/."""
    return path(_in_page_language(spanish, english), _without_csrf_token(view), name=name)


def _without_csrf_token(view: View) -> View:
    """Exempt a view from the CSRF token, so that it answers a wrong method by 405 instead of 403.

    Views that take a form of readers protect it by `search.web.shared.same_origin`.
    """
    return csrf_exempt(view)


def _path_in_language(spanish: str, english: str) -> str:
    return english if get_language() == "en" else spanish


_in_page_language: Any = lazy(_path_in_language, str)


def _collection_addresses() -> Iterator[URLPattern]:
    for name, collection in COLLECTIONS.items():
        list_view, entry_view = COLLECTION_VIEWS[name]
        yield path(f"api/v1/{name}/", list_view, name=f"api-{name}")
        yield path(f"api/v1/{name}/<slug:slug>/", entry_view, name=f"api-{collection.singular}")


PAGES: list[URLPattern | URLResolver] = [
    page("", "", views.home, name="home"),
    page("estudios/", "studies/", search, name="search"),
    page("estudios/exportar/", "studies/export/", export_page, name="export-list"),
    page(
        "estudios/exportar.<slug:ext>",
        "studies/export.<slug:ext>",
        limit_expensive(export_studies),
        name="studies-export",
    ),
    page("estudios/total.json", "studies/total.json", count_studies, name="search-total"),
    page("estudios/sugerencias.json", "studies/suggestions.json", suggest, name="suggestions"),
    page("estudios/<slug:slug>/", "studies/<slug:slug>/", study, name="study"),
    page("estudios/<slug:slug>/cita.<slug:ext>", "studies/<slug:slug>/citation.<slug:ext>", citation, "study-citation"),
    page("estudios/<slug:slug>/informar/", "studies/<slug:slug>/report/", study_report, name="study-report"),
    page("avisos/", "alerts/", alerts_views.sign_up, name="alerts"),
    page("avisos/confirmar/<str:token>/", "alerts/confirm/<str:token>/", alerts_views.confirm, name="alert-confirm"),
    page("avisos/baja/<str:key>/", "alerts/unsubscribe/<str:key>/", alerts_views.end, name="alert-end"),
    page("registro-de-busqueda/", "search-record/", search_record, name="search-record"),
    page(
        "registro-de-busqueda/registro.<slug:ext>",
        "search-record/record.<slug:ext>",
        limit_expensive(search_record_file),
        name="search-record-file",
    ),
    page("seleccion/", "selection/", selection, name="selection"),
    page(
        "seleccion/exportar.<slug:ext>",
        "selection/export.<slug:ext>",
        limit_expensive(selection_export),
        name="selection-export",
    ),
    page("listas/<slug:code>/", "lists/<slug:code>/", frozen_list, name="frozen-list"),
    page("listas/<slug:code>/lista.json", "lists/<slug:code>/list.json", manifest, name="frozen-list-manifest"),
    page(
        "listas/<slug:code>/exportar.<slug:ext>",
        "lists/<slug:code>/export.<slug:ext>",
        limit_expensive(frozen_list_export),
        name="frozen-list-export",
    ),
    page("listas/<slug:code>/informar/", "lists/<slug:code>/report/", frozen_list_report, name="frozen-list-report"),
    page("temas/<slug:code>/", "themes/<slug:code>/", theme, name="theme"),
    page("intervenciones/", "interventions/", intervention_index, name="interventions"),
    page(
        "intervenciones/tabla.<slug:ext>",
        "interventions/table.<slug:ext>",
        limit_expensive(intervention_file),
        "interventions-file",
    ),
    page("intervenciones/<slug:code>/", "interventions/<slug:code>/", intervention, name="intervention"),
    page("comparar/", "compare/", compare, name="compare"),
    page("evidencia/", "evidence/", evidence, name="evidence"),
    page("evidencia/datos.csv", "evidence/data.csv", limit_expensive(evidence_data), name="evidence-data"),
    page("evidencia/figura.svg", "evidence/figure.svg", limit_expensive(evidence_figure), name="evidence-figure"),
    page("ficha/", "brief/", limit_expensive(brief_page), name="brief"),
    page("ficha/ficha.<slug:ext>", "brief/brief.<slug:ext>", limit_expensive(brief_file), name="brief-file"),
    page("mapa/", "map/", evidence_map, name="map"),
    page("mapa/datos.csv", "map/data.csv", limit_expensive(map_data), name="map-data"),
    page("mapa/figura.svg", "map/figure.svg", limit_expensive(map_figure), name="map-figure"),
    page("mapa/estudios/", "map/studies/", evidence_studies, name="evidence-studies"),
    page("programas/", "programmes/", programme_index, name="programmes"),
    page("programas/<slug:slug>/", "programmes/<slug:slug>/", programme, name="programme"),
    page("preguntas/", "questions/", question_index, name="questions"),
    page("preguntas/<slug:slug>/", "questions/<slug:slug>/", question, name="question"),
    page("datos/", "data/", views.data, name="data"),
    page("datos/api/", "data/api/", documentation, name="api-docs"),
    page("ayuda/", "help/", views.help_page, name="help"),
    page("acerca/", "about/", views.about, name="about"),
    page("glosario/", "glossary/", views.glossary, name="glossary"),
    page("accesibilidad/", "accessibility/", views.accessibility, name="accessibility"),
    page("privacidad/", "privacy/", trust.privacy, name="privacy"),
    page("componentes/", "patterns/", views.patterns, name="patterns"),
]

SITEMAP_OPTIONS: dict[str, Any] = {"sitemaps": SITEMAPS}
SITEMAP_INDEX_OPTIONS = SITEMAP_OPTIONS | {"sitemap_url_name": "sitemap-part"}

urlpatterns = [
    *i18n_patterns(*PAGES, prefix_default_language=False),
    path("admin/trabajo-en-grupo/", keep_typed_form(admin.site.admin_view(select_studies)), name="select-studies"),
    path("admin/salud/", admin.site.admin_view(bank_health), name="bank-health"),
    path("admin/sucesos/", admin.site.admin_view(audit_page), name="audit"),
    path("admin/trabajos/", admin.site.admin_view(jobs_page.job_list), name="jobs"),
    path("admin/trabajos/<int:job_id>/terminar/", admin.site.admin_view(jobs_page.end_job), name="job-end"),
    path("admin/trabajos/<int:job_id>/reintentar/", admin.site.admin_view(jobs_page.retry_job), name="job-retry"),
    path("admin/trabajos/pedir/<slug:kind>/", admin.site.admin_view(jobs_page.ask_for_job), name="job-ask"),
    path("version", _without_csrf_token(version), name="version"),
    *passwords.URLS,
    *ACCOUNT_URLS,
    *SECOND_FACTOR_URLS,
    path("admin/", admin.site.urls),
    path("api/v1/", EntryView.as_view(), name="api"),
    path("api/v1/studies/", StudiesView.as_view(), name="api-studies"),
    path("api/v1/studies/<slug:slug>/", StudyView.as_view(), name="api-study"),
    path("api/v1/findings/", FindingsView.as_view(), name="api-findings"),
    path("api/v1/changes/", ChangesView.as_view(), name="api-changes"),
    *_collection_addresses(),
    path("api/v1/taxonomy/", TaxonomyView.as_view(), name="api-taxonomy"),
    path("api/v1/schema/", SchemaView.as_view(), name="api-schema"),
    path("data.json", _without_csrf_token(data_json), name="data-json"),
    path("datos/archivos/<str:day>/<str:name>", _without_csrf_token(data_file), name="data-file"),
    path("datos/vocabularios", _without_csrf_token(limit_expensive(skos)), name="skos"),
    path("datos/vocabularios.<slug:ext>", _without_csrf_token(limit_expensive(skos)), name="skos-file"),
    path("oai/", _without_csrf_token(limit_expensive(oai)), name="oai"),
    path("feeds/estudios.atom", _without_csrf_token(limit_expensive(atom)), {"language": "es"}, name="feed-es"),
    path("feeds/studies.atom", _without_csrf_token(limit_expensive(atom)), {"language": "en"}, name="feed-en"),
    path("healthz", _without_csrf_token(views.healthz), name="healthz"),
    path("readyz", _without_csrf_token(readyz), name="readyz"),
    path("metrics", _without_csrf_token(metrics), name="metrics"),
    path(".well-known/security.txt", _without_csrf_token(trust.security_text), name="security-text"),
    path("llms.txt", _without_csrf_token(llms), name="llms"),
    path("robots.txt", _without_csrf_token(views.robots), name="robots"),
    path("sitemap.xml", _without_csrf_token(require_safe(index)), SITEMAP_INDEX_OPTIONS, name="sitemap"),
    path(
        "sitemap-<slug:section>.xml", _without_csrf_token(require_safe(sitemap)), SITEMAP_OPTIONS, name="sitemap-part"
    ),
]

handler400 = "evidencebank.views.bad_request"
handler403 = "evidencebank.views.permission_denied"
handler404 = "evidencebank.views.page_not_found"
handler500 = "evidencebank.views.server_error"
