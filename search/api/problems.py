"""Errors by RFC 9457: one media type, a stable address for each kind of problem, a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import DisallowedHost
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import get_language_from_request, gettext, override
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from studies.web.shared.addresses import absolute_url, in_each_language

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 30
PREFIX = "/api/"
"""Below this path all errors are answered as problems, also for addresses that do not exist."""


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem. `meaning` tells, on the page of documentation, when it occurs and what to do."""

    code: str
    status: int
    title: _StrPromise
    meaning: _StrPromise

    @property
    def anchor(self) -> str:
        """The anchor of its entry on the page of documentation."""
        return f"problema-{self.code}"


PROBLEM_KINDS: Mapping[str, ProblemKind] = {
    kind.code: kind
    for kind in (
        ProblemKind(
            "bad-parameters",
            400,
            _("Hay parámetros que no se pueden leer"),
            _("Un valor no es del tipo pedido o pasa de un límite. La lista «errors» dice cuál y por qué."),
        ),
        ProblemKind(
            "bad-request",
            400,
            _("No se entiende el pedido"),
            _("El pedido no está bien formado o lleva el nombre de otro sitio."),
        ),
        ProblemKind(
            "not-found",
            404,
            _("No hay nada en esta dirección"),
            _("La dirección está mal escrita o el banco no tiene publicado ese estudio."),
        ),
        ProblemKind(
            "past-the-end",
            404,
            _("La lista no llega a esta página"),
            _("Siga los enlaces «next» de las respuestas: el de la última página es nulo."),
        ),
        ProblemKind(
            "method-not-allowed",
            405,
            _("Esta dirección solo se lee"),
            _("Use GET, HEAD u OPTIONS; la cabecera Allow los nombra."),
        ),
        ProblemKind(
            "not-acceptable",
            406,
            _("Esta dirección no responde en esa forma"),
            _("Pida application/json en la cabecera Accept, o no la envíe; una lista responde también en text/csv."),
        ),
        ProblemKind(
            "withdrawn",
            410,
            _("El estudio fue retirado del banco"),
            _("Estuvo publicado y ya no lo está: «reason» dice por qué. Retírelo también de su copia."),
        ),
        ProblemKind(
            "precondition-failed",
            412,
            _("La condición del pedido no se cumple"),
            _("Vino con If-Match, y la respuesta ya es otra."),
        ),
        ProblemKind(
            "too-many-requests",
            429,
            _("Demasiados pedidos desde esta dirección"),
            _("Espere los segundos que dice la cabecera Retry-After."),
        ),
        ProblemKind(
            "server-error",
            500,
            _("El programa falló"),
            _("No es culpa de quien pregunta. Inténtelo más tarde; si se repite, avise al banco."),
        ),
        ProblemKind(
            "unavailable",
            503,
            _("El banco no puede responder ahora"),
            _("Su base de datos no contesta o no acepta nada. Espere los segundos que dice Retry-After."),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A parameter that cannot be read, and the reason."""

    parameter: str
    detail: str


class RequestRefused(exceptions.APIException):
    """A request that is answered with a problem. `more` are extension members of its kind (RFC 9457, 3.2)."""

    def __init__(self, code: str, detail: str = "", **more: Any) -> None:
        self.kind = PROBLEM_KINDS[code]
        self.status_code = self.kind.status
        self.more = more
        super().__init__(detail or str(self.kind.meaning))


class BadParameters(RequestRefused):
    """All parameters of a request that cannot be read."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "bad-parameters",
            " ".join(f"{fault.parameter}: {fault.detail}" for fault in faults),
            errors=[asdict(fault) for fault in faults],
        )


def handle_exception(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the answer to an exception of a view, or None for a bug, which Django then reports."""
    headers = {}
    request = context["request"]._request
    match error:
        case RequestRefused():
            body = _body(request, error.kind, str(error.detail), **error.more)
        case Http404():
            body = _body(request, PROBLEM_KINDS["not-found"])
        case exceptions.MethodNotAllowed():
            # The header Allow, which a 405 needs, is set by the view.
            body = _body(request, PROBLEM_KINDS["method-not-allowed"])
        case exceptions.NotAcceptable():
            body = _body(request, PROBLEM_KINDS["not-acceptable"])
        case exceptions.Throttled():
            wait_s = error.wait or 1
            headers = {"Retry-After": str(wait_s)}
            body = _body(
                request,
                PROBLEM_KINDS["too-many-requests"],
                gettext("Espere %(seconds)s segundos.") % {"seconds": wait_s},
            )
        case _:
            return None
    return Response(body, body["status"], headers=headers, content_type=MEDIA_TYPE)


def problem_response(request: HttpRequest, code: str) -> JsonResponse:
    """Return the answer to an error below `PREFIX` outside the API's views, in the client's language: no query."""
    with override(get_language_from_request(request)):
        response = JsonResponse(
            _body(request, PROBLEM_KINDS[code]), status=PROBLEM_KINDS[code].status, content_type=MEDIA_TYPE
        )
    response.headers["Access-Control-Allow-Origin"] = "*"
    if response.status_code == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _body(request: HttpRequest, kind: ProblemKind, detail: str = "", **more: Any) -> dict[str, Any]:
    return {
        # Always the Spanish address: it identifies the kind, and the page there explains it.
        "type": f"{_page_of_problems(request)}#{kind.anchor}",
        "title": str(kind.title),
        "status": kind.status,
        "detail": detail or str(kind.meaning),
        **more,
    }


def _page_of_problems(request: HttpRequest) -> str:
    path = in_each_language("api-docs")["es"]
    try:
        return absolute_url(request, path)
    except DisallowedHost:  # the problem itself may be a foreign host, which is repeated to nobody
        return path
