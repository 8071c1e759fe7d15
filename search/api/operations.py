"""Decorators of views that describe each operation in the OpenAPI document: purpose, parameters, answers, examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from search.api import examples, parameters
from search.api.problems import MEDIA_TYPE, PROBLEM_KINDS
from search.api.serializers import (
    EntrySerializer,
    ProblemSerializer,
    StudyListSerializer,
    StudySerializer,
    TaxonomySerializer,
)
from studies.records.json_fields import LONGEST_SLUG

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise
    from rest_framework.serializers import Serializer

_ALWAYS = ("not-acceptable", "precondition-failed", "too-many-requests")
"""Problems that every operation may answer with."""


def _header(name: str, meaning: _StrPromise, type: type = str, response: Any = False) -> OpenApiParameter:
    """Describe a header of the request, or of the answers with the statuses in `response`."""
    return OpenApiParameter(name, type, OpenApiParameter.HEADER, description=meaning, response=response)


_HEADERS = (
    _header("If-None-Match", _("La ETag de una respuesta anterior: si nada cambió, viene 304 sin cuerpo.")),
    _header("ETag", _("Identifica esta respuesta; cambia con todo lo que la cambiaría."), response=["200", "304"]),
    _header("Link", _("Licencia y, en una lista, sus páginas."), response=["200"]),
    _header("Retry-After", _("Segundos que hay que esperar."), int, response=["429"]),
    _header("RateLimit-Policy", _("Cuántos pedidos por minuto acepta el banco desde una dirección."), response=["200"]),
    _header("RateLimit", _("Cuántos quedan y en cuántos segundos se renuevan."), response=["200"]),
)


def _operation(
    name: str,
    serializer: type[Serializer],
    *,
    summary: _StrPromise,
    description: _StrPromise,
    parameters: Iterable[OpenApiParameter] = (),
    problems: Iterable[str] = (),
    responses: Mapping[Any, OpenApiResponse] | None = None,
) -> Callable[[Any], Any]:
    """Return the decorator of a view's `get`. `responses`: those beside the answer (200), 304 and problems."""
    example = OpenApiExample(name, examples.ANSWERS[name], response_only=True, status_codes=["200"])
    # If two kinds have one status, the first in the list describes it.
    kinds = {kind.status: kind for kind in (PROBLEM_KINDS[code] for code in reversed([*problems, *_ALWAYS]))}
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=description,
        tags=["api"],
        auth=[],
        parameters=[*parameters, *_HEADERS],
        responses={
            (200, "application/json"): OpenApiResponse(serializer, _("La respuesta."), examples=[example]),
            304: OpenApiResponse(None, _("Nada cambió desde la respuesta de esa ETag.")),
            **(responses or {}),
            **{(status, MEDIA_TYPE): OpenApiResponse(ProblemSerializer, kind.title) for status, kind in kinds.items()},
        },
    )


entry = _operation(
    "entry",
    EntrySerializer,
    summary=_("La entrada: qué banco es este y dónde está todo"),
    description=_("Versión del banco, licencia, y las direcciones de lo demás."),
)
studies = _operation(
    "studies",
    StudyListSerializer,
    summary=_("Estudios según criterios"),
    description=_(
        "Los mismos criterios que la página de búsqueda y la misma lista, en el mismo orden. Los códigos son los "
        "de los vocabularios; «none» pide los estudios que no dicen ese dato. Varios códigos de un criterio "
        "amplían la lista; criterios distintos la reducen. Para recorrerla, siga «next»."
    ),
    parameters=parameters.describe_parameters(),
    problems=("bad-parameters", "past-the-end"),
    responses={
        (414, "text/html"): OpenApiResponse(
            str, _("La dirección pasa de 8190 bytes. La rechaza el servidor, antes que la API: no viene un problema.")
        )
    },
)
study = _operation(
    "study",
    StudySerializer,
    summary=_("Un estudio entero"),
    description=_(
        "El registro completo en el formato de intercambio. Un estudio unido a otro lleva a ese otro; uno retirado "
        "responde 410 y dice por qué."
    ),
    parameters=[
        OpenApiParameter(
            "slug",
            {"type": "string", "pattern": "^[a-zA-Z0-9_-]+$", "maxLength": LONGEST_SLUG},
            OpenApiParameter.PATH,
            description=_("El «id» del estudio."),
            examples=[OpenApiExample("slug", examples.RECORD["id"], parameter_only=("slug", "path"))],
        )
    ],
    problems=("not-found", "withdrawn"),
    responses={301: OpenApiResponse(None, _("Unido a otro estudio, cuya dirección está en Location."))},
)
taxonomy = _operation(
    "taxonomy",
    TaxonomySerializer,
    summary=_("Los vocabularios"),
    description=_("Todos los términos con su código, sus nombres y sus definiciones en los dos idiomas."),
)
