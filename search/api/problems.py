"""Errors as RFC 9457 asks: one media type, a stable address for each kind of problem, a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import get_language_from_request, gettext, override
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from studies.web.shared.addresses import in_each_language

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/"
"""Below this every answer is for programs, that of an address which does not exist too."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem. `meaning` says on the page of documentation when it comes and what to do."""

    code: str
    status: int
    title: _StrPromise
    meaning: _StrPromise

    @property
    def anchor(self) -> str:
        """Its place on the page of documentation."""
        return f"problema-{self.code}"


KINDS: Mapping[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(
            "bad-parameters",
            400,
            _("Hay parámetros que no se pueden leer"),
            _("Un valor no es del tipo pedido o pasa de un límite. La lista «errors» dice cuál y por qué."),
        ),
        Kind(
            "bad-request",
            400,
            _("No se entiende el pedido"),
            _("El pedido no está bien formado o lleva el nombre de otro sitio."),
        ),
        Kind(
            "not-found",
            404,
            _("No hay nada en esta dirección"),
            _("La dirección está mal escrita o el banco no tiene publicado ese estudio."),
        ),
        Kind(
            "past-the-end",
            404,
            _("La lista no llega a esta página"),
            _("Siga los enlaces «next» de las respuestas: el de la última página es nulo."),
        ),
        Kind(
            "method-not-allowed",
            405,
            _("Esta dirección solo se lee"),
            _("Use GET, HEAD u OPTIONS; la cabecera Allow los nombra."),
        ),
        Kind(
            "not-acceptable",
            406,
            _("Esta dirección responde solo en JSON"),
            _("Pida application/json en la cabecera Accept, o no la envíe."),
        ),
        Kind(
            "withdrawn",
            410,
            _("El estudio fue retirado del banco"),
            _("Estuvo publicado y ya no lo está: «reason» dice por qué. Retírelo también de su copia."),
        ),
        Kind(
            "precondition-failed",
            412,
            _("La condición del pedido no se cumple"),
            _("Vino con If-Match, y la respuesta ya es otra."),
        ),
        Kind(
            "too-many-requests",
            429,
            _("Demasiados pedidos desde esta dirección"),
            _("Espere los segundos que dice la cabecera Retry-After."),
        ),
        Kind(
            "server-error",
            500,
            _("El programa falló"),
            _("No es culpa de quien pregunta. Inténtelo más tarde; si se repite, avise al banco."),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A parameter that cannot be read, and why."""

    parameter: str
    detail: str


class Refused(exceptions.APIException):
    """A request that is answered with a problem. `more` are members of its own kind."""

    def __init__(self, code: str, detail: str = "", **more: Any) -> None:
        self.kind = KINDS[code]
        self.status_code = self.kind.status
        self.more = more
        super().__init__(detail or str(self.kind.meaning))


class BadParameters(Refused):
    """Parameters that cannot be read, all of them at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "bad-parameters",
            " ".join(f"{fault.parameter}: {fault.detail}" for fault in faults),
            errors=[asdict(fault) for fault in faults],
        )


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the answer to an exception of a view; None for a failure of the program, which Django then reports."""
    headers = {}
    match error:
        case Refused():
            body = _body(error.kind, str(error.detail), **error.more)
        case Http404():
            body = _body(KINDS["not-found"])
        case exceptions.MethodNotAllowed():
            # The view's own headers name the methods that it has (Allow).
            body = _body(KINDS["method-not-allowed"])
        case exceptions.NotAcceptable():
            body = _body(KINDS["not-acceptable"])
        case exceptions.Throttled():
            wait_s = error.wait or 1
            headers = {"Retry-After": str(wait_s)}
            body = _body(KINDS["too-many-requests"], gettext("Espere %(seconds)s segundos.") % {"seconds": wait_s})
        case _:
            return None
    return Response(body, body["status"], headers=headers, content_type=MEDIA_TYPE)


def plain_problem(request: HttpRequest, code: str) -> JsonResponse:
    """Return the answer to an error below `PREFIX` that no view raised. Without queries, in the caller's language."""
    with override(get_language_from_request(request)):
        response = JsonResponse(_body(KINDS[code]), status=KINDS[code].status, content_type=MEDIA_TYPE)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _body(kind: Kind, detail: str = "", **more: Any) -> dict[str, Any]:
    return {
        # In one language only: the address is the name of the kind.
        "type": f"{in_each_language('api-docs')['es']}#{kind.anchor}",
        "title": str(kind.title),
        "status": kind.status,
        "detail": detail or str(kind.meaning),
        **more,
    }
