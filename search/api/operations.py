"""Decorators of views that describe each operation in the OpenAPI document: purpose, parameters, answers, examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from search.api import examples, paging, parameters
from search.api.problems import MEDIA_TYPE, PROBLEM_KINDS
from search.api.serializers import (
    ChangeListSerializer,
    EntrySerializer,
    FindingListSerializer,
    ProblemSerializer,
    StudyListSerializer,
    StudySerializer,
    TaxonomySerializer,
    collection_serializers,
)
from studies.records.finding import FindingRecord
from studies.records.json_fields import LONGEST_SLUG
from studies.records.json_record import fields_of
from studies.records.study import STUDY_FIELDS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise
    from rest_framework.serializers import Serializer

    from search.api.collections import ApiCollection

_ALWAYS = ("bad-parameters", "not-acceptable", "precondition-failed", "too-many-requests")
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
    is_list: bool = False,
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
            **({(200, "text/csv"): OpenApiResponse(str, _("Lo mismo en una tabla."))} if is_list else {}),
            304: OpenApiResponse(None, _("Nada cambió desde la respuesta de esa ETag.")),
            **(responses or {}),
            **{(status, MEDIA_TYPE): OpenApiResponse(ProblemSerializer, kind.title) for status, kind in kinds.items()},
        },
    )


def _slug(meaning: _StrPromise, example: str) -> OpenApiParameter:
    return OpenApiParameter(
        "slug",
        {"type": "string", "pattern": "^[a-zA-Z0-9_-]+$", "maxLength": LONGEST_SLUG},
        OpenApiParameter.PATH,
        description=meaning,
        examples=[OpenApiExample("slug", example, parameter_only=("slug", "path"))],
    )


_TOO_LONG = {
    (414, "text/html"): OpenApiResponse(
        str, _("La dirección pasa de 8190 bytes. La rechaza el servidor, antes que la API: no viene un problema.")
    )
}


def describe_collection(collection: ApiCollection) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Return the decorators that describe the list of a collection, and one of its entries."""
    of_list, of_entry = collection_serializers(collection)
    return (
        _operation(
            collection.name,
            of_list,
            summary=collection.summary,
            description=_("Por orden de su «id». Para recorrer la lista, siga «next»."),
            parameters=[
                *paging.describe_paging("page_size", "cursor", "format", is_by_word=True),
                paging.describe_fields(tuple(fields_of(collection.record))),
            ],
            is_list=True,
        ),
        _operation(
            collection.singular,
            of_entry,
            summary=collection.summary_of_one,
            description=_("El registro completo en el formato de intercambio o de los datos abiertos."),
            parameters=[
                _slug(_("El «id» de la entrada."), collection.example_id),
                paging.describe_fields(tuple(fields_of(collection.item_record))),
            ],
            problems=("not-found",),
        ),
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
        "amplían la lista; criterios distintos la reducen. Para recorrerla, siga «next». Con «cursor» o "
        "«updated_since» viene en el orden del último cambio, y nada se pierde aunque el banco cambie entretanto."
    ),
    parameters=parameters.describe_parameters(),
    problems=("past-the-end",),
    responses=_TOO_LONG,
    is_list=True,
)
findings = _operation(
    "findings",
    FindingListSerializer,
    summary=_("Hallazgos de los estudios según criterios"),
    description=_(
        "Los hallazgos de los estudios que cumplen los criterios, en el orden del último cambio de su estudio. Si los "
        "criterios nombran resultados o efectos, solo los hallazgos que los tienen."
    ),
    parameters=parameters.describe_parameters(tuple(fields_of(FindingRecord)), is_walked=True),
    responses=_TOO_LONG,
    is_list=True,
)
changes = _operation(
    "changes",
    ChangeListSerializer,
    summary=_("Qué cambió"),
    description=_(
        "Cada estudio que es o fue público, en el orden de su último cambio. De los retirados y los unidos a otro dice "
        "que ya no están: retírelos también de su copia."
    ),
    parameters=paging.describe_paging("page_size", "cursor", "updated_since", "format"),
    is_list=True,
)
study = _operation(
    "study",
    StudySerializer,
    summary=_("Un estudio entero"),
    description=_(
        "El registro completo en el formato de intercambio. Un estudio unido a otro lleva a ese otro; uno retirado "
        "responde 410 y dice por qué."
    ),
    parameters=[_slug(_("El «id» del estudio."), examples.RECORD["id"]), paging.describe_fields(STUDY_FIELDS)],
    problems=("not-found", "withdrawn"),
    responses={301: OpenApiResponse(None, _("Unido a otro estudio, cuya dirección está en Location."))},
)
taxonomy = _operation(
    "taxonomy",
    TaxonomySerializer,
    summary=_("Los vocabularios"),
    description=_("Todos los términos con su código, sus nombres y sus definiciones en los dos idiomas."),
)
