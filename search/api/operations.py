"""What the OpenAPI schema says of each operation: purpose, parameters, answers, examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from search.api import examples, problems, shapes

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

View = TypeVar("View", bound=Callable[..., Any])

ALWAYS = ("not-acceptable", "precondition-failed", "too-many-requests")
"""Problems that any operation may answer with."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One address as the schema and the page of documentation describe it."""

    summary: _StrPromise
    description: _StrPromise
    shape: str
    problems: tuple[str, ...] = ()
    is_list: bool = False
    slug: bool = False


OPERATIONS: Mapping[str, Operation] = {
    "entry": Operation(
        summary=_("La entrada: qué banco es este y dónde está todo"),
        description=_("Versión del banco, licencia, y las direcciones de lo demás."),
        shape="Entry",
    ),
    "studies": Operation(
        summary=_("Estudios según criterios"),
        description=_(
            "Los mismos criterios que la página de búsqueda y la misma lista, en el mismo orden. Los códigos son los "
            "de los vocabularios; «none» pide los estudios que no dicen ese dato. Varios códigos de un criterio "
            "amplían la lista; criterios distintos la reducen. Para recorrerla, siga «next»."
        ),
        shape="StudyList",
        problems=("bad-parameters", "past-the-end"),
        is_list=True,
    ),
    "study": Operation(
        summary=_("Un estudio entero"),
        description=_(
            "El registro completo en el formato de intercambio. Un estudio unido a otro lleva a ese otro; uno retirado "
            "responde 410 y dice por qué."
        ),
        shape="Study",
        problems=("not-found", "withdrawn"),
        slug=True,
    ),
    "taxonomy": Operation(
        summary=_("Los vocabularios"),
        description=_("Todos los términos con su código, sus nombres y sus definiciones en los dos idiomas."),
        shape="Taxonomy",
    ),
}

_LIMIT_HEADERS = {
    "RateLimit-Policy": _("Cuántos pedidos por minuto acepta el banco desde una dirección."),
    "RateLimit": _("Cuántos quedan y en cuántos segundos se renuevan."),
}


def described(name: str) -> Callable[[View], View]:
    """Describe a view's `get` as OPERATIONS has it."""
    operation = OPERATIONS[name]
    decorator: Callable[[View], View] = extend_schema(
        operation_id=name,
        summary=operation.summary,
        description=operation.description,
        tags=["api"],
        parameters=[*_parameters(operation)],
        responses={**_answers(name, operation)},
        auth=[],
    )
    return decorator


def _parameters(operation: Operation) -> list[OpenApiParameter]:
    found = []
    if operation.slug:
        found.append(
            OpenApiParameter(
                "slug",
                shapes.SLUG,
                OpenApiParameter.PATH,
                description=_("El «id» del estudio."),
                examples=[OpenApiExample("slug", examples.RECORD["id"], parameter_only=("slug", "path"))],
            )
        )
    if operation.is_list:
        found += [_criterion(given) for given in shapes.parameters()]
    unchanged = _("La ETag de una respuesta anterior: si nada cambió, viene 304 sin cuerpo.")
    found.append(OpenApiParameter("If-None-Match", {"type": "string"}, OpenApiParameter.HEADER, description=unchanged))
    etag = _("Identifica esta respuesta; cambia con todo lo que la cambiaría.")
    found.append(
        OpenApiParameter("ETag", {"type": "string"}, OpenApiParameter.HEADER, response=["200", "304"], description=etag)
    )
    links = _("Licencia y, en una lista, sus páginas.")
    found.append(
        OpenApiParameter("Link", {"type": "string"}, OpenApiParameter.HEADER, response=["200"], description=links)
    )
    wait = _("Segundos que hay que esperar.")
    found.append(
        OpenApiParameter(
            "Retry-After", {"type": "integer"}, OpenApiParameter.HEADER, response=["429"], description=wait
        )
    )
    for name, meaning in _LIMIT_HEADERS.items():
        found.append(
            OpenApiParameter(name, {"type": "string"}, OpenApiParameter.HEADER, response=["200"], description=meaning)
        )
    return found


def _criterion(given: shapes.Schema) -> OpenApiParameter:
    return OpenApiParameter(
        given["name"],
        given["schema"],
        OpenApiParameter.QUERY,
        description=given["description"],
        # Several codes are several parameters: ?theme=a&theme=b
        style="form",
        explode=True,
        examples=examples.of_parameter(given["name"]),
    )


def _answers(name: str, operation: Operation) -> Mapping[Any, OpenApiResponse]:
    reference = {"$ref": f"#/components/schemas/{operation.shape}"}
    example = OpenApiExample(name, examples.ANSWERS[name], response_only=True, status_codes=["200"])
    answers: dict[Any, OpenApiResponse] = {
        (200, "application/json"): OpenApiResponse(reference, _("La respuesta."), examples=[example]),
        304: OpenApiResponse(None, _("Nada cambió desde la respuesta de esa ETag.")),
    }
    if operation.is_list:
        too_long = _("La dirección pasa de 8190 bytes. La rechaza el servidor, antes que la API: no viene un problema.")
        answers[(414, "text/html")] = OpenApiResponse({"type": "string"}, too_long)
    if operation.slug:
        answers[301] = OpenApiResponse(None, _("Unido a otro estudio, cuya dirección está en Location."))
    by_status: dict[int, list[problems.Kind]] = {}
    for code in (*operation.problems, *ALWAYS):
        by_status.setdefault(problems.KINDS[code].status, []).append(problems.KINDS[code])
    for status, kinds in by_status.items():
        problem = {"$ref": "#/components/schemas/Problem"}
        answers[(status, problems.MEDIA_TYPE)] = OpenApiResponse(problem, kinds[0].title)
    return answers
