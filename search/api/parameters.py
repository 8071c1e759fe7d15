"""The parameters of a list: the criteria of the search page, and the facets to count. Parses and describes them.

A page ignores values that it cannot read, because a person sees what was applied. A program does not look: here such
values are refused (400), all faults in one answer. Unknown parameters are listed in the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter

from search.api import examples
from search.api.problems import BadParameters, Fault
from search.criteria.criteria import PAGE_SIZES
from search.criteria.facets import FACET_OF, FACETS, PARAMETERS
from search.criteria.filters import (
    MAX_CODE_LENGTH,
    MAX_CODES,
    ChoiceFilter,
    CodesFilter,
    PageFilter,
    StudyFilterSet,
    YearFilter,
)
from search.query.tokenizer import LONGEST_QUERY
from studies.models import Study

if TYPE_CHECKING:
    from django.http import QueryDict
    from django.utils.functional import _StrPromise

    from search.criteria.criteria import Criteria

Schema = dict[str, Any]

YEARS = "years"
COUNTABLE = (*(facet.name for facet in FACETS), YEARS)
"""The values of the parameter `facets`."""

_CRITERIA = StudyFilterSet.base_filters
_DIGITS = re.compile(r"[0-9]{1,9}")
_MEANINGS: Mapping[str, _StrPromise] = {
    "q": gettext_lazy("Palabras, frases entre comillas y campos, como en la página de búsqueda."),
    "year_from": gettext_lazy("Primer año de publicación."),
    "year_to": gettext_lazy("Último año de publicación."),
    "sort": gettext_lazy("Orden. Sin él: por relevancia si hay palabras; si no, primero los más nuevos."),
    "page": gettext_lazy("Página, desde 1."),
    "page_size": gettext_lazy("Estudios por página."),
    "without": gettext_lazy("Concepto del tesauro que no debe añadir nada a las palabras."),
    "exact": gettext_lazy("Con 1, el tesauro no añade nada."),
    "match": gettext_lazy("Cuántas partes de la consulta debe tener un estudio, al menos. Sin él: todas."),
    "facets": gettext_lazy("Facetas que se cuentan en la respuesta: cada opción, con los estudios que daría."),
}
_DEFAULTS = {"page": 1, "page_size": PAGE_SIZES[0]}


@dataclass(frozen=True, slots=True)
class StudyListRequest:
    """The parsed parameters of a list. `facets`: those to count; `ignored`: the names of unknown parameters."""

    criteria: Criteria
    facets: tuple[str, ...]
    ignored: tuple[str, ...]


def parse_parameters(given: QueryDict) -> StudyListRequest:
    """Parse the parameters of an address. Raises BadParameters."""
    filter_set = StudyFilterSet(given, queryset=Study.objects.none())
    faults = [*_faults(given)]
    told = {fault.parameter for fault in faults}
    for name, messages in filter_set.form.errors.items():
        faults += [Fault(name, str(message)) for message in messages if name not in told]
    if faults:
        raise BadParameters(faults)
    return StudyListRequest(
        criteria=filter_set.criteria(),
        facets=tuple(name for name in COUNTABLE if name in given.getlist("facets")),
        ignored=tuple(name for name in given if name not in _CRITERIA and name != "facets"),
    )


def describe_parameters() -> list[OpenApiParameter]:
    """Return the descriptions of all parameters for the OpenAPI document."""
    schemas = {name: _schema(criterion) for name, criterion in _CRITERIA.items()}
    schemas["facets"] = {"type": "array", "items": {"type": "string", "enum": list(COUNTABLE)}}
    return [
        OpenApiParameter(
            name,
            schema,
            description=_meaning(name),
            default=_DEFAULTS.get(name),
            # Several codes are several parameters: ?theme=a&theme=b
            style="form",
            explode=True,
            examples=examples.parameter_examples(name),
        )
        for name, schema in schemas.items()
    ]


def _schema(criterion: Any) -> Schema:
    match criterion:
        case CodesFilter():
            return {"type": "array", "maxItems": MAX_CODES, "items": {"type": "string", "maxLength": MAX_CODE_LENGTH}}
        case YearFilter() | PageFilter():
            return {"type": "integer", "minimum": criterion.field.min_value, "maximum": criterion.field.max_value}
        case ChoiceFilter():
            values = [int(value) if value.isdigit() else value for value, _label in criterion.field.choices]
            return {"type": "integer" if isinstance(values[-1], int) else "string", "enum": values}
    return {"type": "string", "maxLength": LONGEST_QUERY}


def _meaning(name: str) -> _StrPromise:
    if name not in PARAMETERS:
        return _MEANINGS[name]
    parameter = PARAMETERS[name]
    return format_lazy(parameter.description, label=FACET_OF[name].label, vocabulary=parameter.vocabulary)


def _faults(given: QueryDict) -> Iterator[Fault]:
    """Yield the faults that the form of the search page tolerates."""
    for name, criterion in _CRITERIA.items():
        values = given.getlist(name)
        if isinstance(criterion, CodesFilter):
            yield from _faults_of_codes(name, values)
        elif len(values) > 1:
            yield Fault(name, _("va una sola vez."))
        elif isinstance(criterion, YearFilter | PageFilter) and values and not _DIGITS.fullmatch(values[0]):
            yield Fault(name, _("es un número entero, escrito con cifras."))
    if len(given.get("q", "")) > LONGEST_QUERY:
        yield Fault("q", _("pasa de %(most)s caracteres.") % {"most": LONGEST_QUERY})
    for name in given.getlist("facets"):
        if name not in COUNTABLE:
            yield Fault("facets", _("no hay tal faceta: %(names)s.") % {"names": ", ".join(COUNTABLE)})
            return


def _faults_of_codes(name: str, values: list[str]) -> Iterator[Fault]:
    if len(values) > MAX_CODES:
        yield Fault(name, _("va hasta %(most)s veces.") % {"most": MAX_CODES})
    if any(len(value) > MAX_CODE_LENGTH for value in values):
        yield Fault(name, _("un código tiene hasta %(most)s caracteres.") % {"most": MAX_CODE_LENGTH})
