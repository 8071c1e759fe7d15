"""The OpenAPI document, generated from the views once per language, and its view."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import get_language, gettext_lazy, override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from search.api import VERSION
from search.api.base import ApiView
from studies.records.study import TermRecord

if TYPE_CHECKING:
    from django.http import HttpResponseBase
    from rest_framework.request import Request

MEDIA_TYPE = "application/vnd.oai.openapi+json"
OPENAPI = "3.1.1"

_TITLE = gettext_lazy("API del Banco de Evidencias")
_DESCRIPTION = gettext_lazy(
    "Los estudios publicados del banco, para programas. Solo se lee y no hace falta una cuenta. El banco no es una "
    "búsqueda sistemática: los conteos describen el banco, no toda la literatura."
)


class _OpenApiRenderer(JSONRenderer):
    media_type = MEDIA_TYPE


class SchemaView(ApiView):
    """The OpenAPI document, as JSON only."""

    renderer_classes = (_OpenApiRenderer, JSONRenderer)

    @extend_schema(
        operation_id="schema",
        summary=gettext_lazy("Este documento, en OpenAPI"),
        tags=["api"],
        auth=[],
        exclude=True,
        parameters=[OpenApiParameter("lang", {"type": "string", "enum": ["es", "en"]}, OpenApiParameter.QUERY)],
    )
    def get(self, request: Request) -> HttpResponseBase:
        language = request.query_params.get("lang", "")
        if language not in dict(settings.LANGUAGES):
            language = get_language() or settings.LANGUAGE_CODE
        return self.respond_unless_unchanged(lambda: Response(openapi_document(language)), language=language)


@lru_cache(maxsize=2)
def openapi_document(language: str) -> Mapping[str, Any]:
    """Return the OpenAPI document with texts in "es" or "en". The first call per language takes 0.1 s."""
    with override("en" if language.startswith("en") else "es"), patched_settings(_settings()):
        generated: Mapping[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    for name, shape in generated["components"]["schemas"].items():
        # Answers have no undocumented members; only a term also has the attributes of its vocabulary.
        shape["additionalProperties"] = name == TermRecord.__name__
    return generated


def _settings() -> dict[str, Any]:
    return {
        "TITLE": str(_TITLE),
        "DESCRIPTION": str(_DESCRIPTION),
        "VERSION": VERSION,
        "OAS_VERSION": OPENAPI,
        "LICENSE": {"name": settings.DATA_LICENCE_NAME, "url": settings.DATA_LICENCE_URL},
        "CONTACT": {"email": settings.CONTACT_EMAIL} if settings.CONTACT_EMAIL else {},
        "SERVERS": [{"url": settings.SITE_URL or "/"}],
        "DISABLE_DOCSTRING_DESCRIPTIONS": True,
        # Enumerations stay inline, without named schemas.
        "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
        "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enum_id_removal"],
        "SORT_OPERATION_PARAMETERS": False,
    }
