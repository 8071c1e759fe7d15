"""The page that documents the API, generated from the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from search.api import VERSION, examples
from search.api.collections import COLLECTIONS
from search.api.problems import PROBLEM_KINDS
from search.api.schema import openapi_document
from search.api.throttling import WINDOW_S
from studies.text.language import page_language
from studies.web.shared.addresses import absolute_url


@dataclass(frozen=True, slots=True)
class ParameterView:
    """A parameter of an operation; `example` is part of a query string."""

    name: str
    kind: str
    meaning: str
    example: str


@dataclass(frozen=True, slots=True)
class OperationView:
    """An operation on the page. `example`: an answer as indented JSON; `curl`: a command that returns a similar one."""

    anchor: str
    path: str
    summary: str
    description: str
    parameters: tuple[ParameterView, ...]
    answers: tuple[tuple[str, str], ...]
    curl: str
    example: str


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """Render the documentation of the API."""
    language = page_language()
    base = absolute_url(request, reverse("api")).removesuffix(reverse("api"))
    context = {
        "operations": [*_operations(openapi_document(language), base)],
        "problems": [kind for kind in PROBLEM_KINDS.values() if kind.code != "server-error"]
        + [PROBLEM_KINDS["server-error"]],
        "problem_example": _indented_json(examples.PROBLEM),
        "schema_url": f"{reverse('api-schema')}?lang={language}",
        "entry_url": reverse("api"),
        "limit": settings.API_REQUESTS_PER_MINUTE,
        "window_s": WINDOW_S,
        "version": VERSION,
        "first_curl": f"curl '{base}{reverse('api-studies')}?{examples.QUERY}'",
    }
    return render(request, "search/api.html", context)


def _operations(schema: Mapping[str, Any], base: str) -> Iterator[OperationView]:
    for path, methods in schema["paths"].items():
        operation = methods["get"]
        name = operation["operationId"]
        query = f"?{examples.QUERY}" if name == "studies" else ""
        yield OperationView(
            anchor=f"operacion-{name}",
            path=path,
            summary=operation["summary"],
            description=operation["description"],
            parameters=tuple(_parameter(each) for each in operation["parameters"] if each["in"] != "header"),
            answers=tuple((status, each["description"]) for status, each in sorted(operation["responses"].items())),
            curl=f"curl '{base}{path.replace('{slug}', _example_id(name))}{query}'",
            example=_indented_json(examples.ANSWERS[name]),
        )


def _example_id(operation: str) -> str:
    return next((each.example_id for each in COLLECTIONS.values() if each.singular == operation), examples.RECORD["id"])


def _parameter(parameter: Mapping[str, Any]) -> ParameterView:
    name = parameter["name"]
    (given,) = parameter.get("examples", {"": {}}).values()
    value = given.get("value", "")
    values = value if isinstance(value, list) else [value] if value else []
    example = "&".join(f"{name}={str(each).replace(' ', '+')}" for each in values)
    return ParameterView(name, _kind(parameter["schema"]), parameter["description"], example)


def _kind(schema: Mapping[str, Any]) -> str:
    if schema["type"] == "array":
        return _("%(kind)s; se repite") % {"kind": _kind(schema["items"])}
    if "enum" in schema:
        return ", ".join(str(each) for each in schema["enum"])
    if schema["type"] == "integer":
        return _("entero de %(least)s a %(most)s") % {"least": schema["minimum"], "most": schema["maximum"]}
    return _("texto de hasta %(most)s caracteres") % {"most": schema["maxLength"]}


def _indented_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
