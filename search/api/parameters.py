"""The parameters of a list: the criteria of the search page, and the facets to count. Parses and describes them.

A page ignores values that it cannot read, because a person sees what was applied. A program does not look: here such
values are refused (400), all faults in one answer. Unknown parameters are listed in the answer.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter

from search.api import examples, paging
from search.api.paging import ParameterReader, Position
from search.api.problems import Fault
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
from studies.records.study import STUDY_FIELDS

if TYPE_CHECKING:
    from django.http import QueryDict
    from django.utils.functional import _StrPromise

    from search.criteria.criteria import Criteria

Schema = dict[str, Any]

YEARS = "years"
COUNTABLE = (*(facet.name for facet in FACETS), YEARS)
"""The values of the parameter `facets`."""

_CRITERIA = StudyFilterSet.base_filters
_OF_PAGES = ("page", "sort", "facets")
"""Criteria that say nothing of a list that is walked by a cursor, which has an order of its own."""
_DIGITS = re.compile(r"[0-9]{1,9}")
_MEANINGS: Mapping[str, _StrPromise] = {
    "q": gettext_lazy("Palabras, frases entre comillas y campos, como en la página de búsqueda."),
    "year_from": gettext_lazy("Primer año de publicación."),
    "year_to": gettext_lazy("Último año de publicación."),
    "sort": gettext_lazy("Orden. Sin él: por relevancia si hay palabras; si no, primero los más nuevos."),
    "page": gettext_lazy("Página, desde 1."),
    "without": gettext_lazy("Concepto del tesauro que no debe añadir nada a las palabras."),
    "exact": gettext_lazy("Con 1, el tesauro no añade nada."),
    "match": gettext_lazy("Cuántas partes de la consulta debe tener un estudio, al menos. Sin él: todas."),
    "facets": gettext_lazy("Facetas que se cuentan en la respuesta: cada opción, con los estudios que daría."),
}
_DEFAULTS = {"page": 1, "page_size": paging.DEFAULT_PAGE_SIZE}


@dataclass(frozen=True, slots=True)
class StudyListRequest:
    """The parsed parameters of a list. `facets`: those to count; `ignored`: the names of unknown parameters.

    `is_walked`: the list is read by a cursor, in the order of the last change, from `after` on. `fields` is empty
    where whole records are wanted.
    """

    criteria: Criteria
    facets: tuple[str, ...]
    ignored: tuple[str, ...]
    fields: tuple[str, ...] = ()
    is_walked: bool = False
    after: Position | None = None
    updated_since: datetime.datetime | None = None
    given: Mapping[str, list[str]] = field(default_factory=dict)
    """The parameters of the address, for the links to other pages of a walk."""


def parse_parameters(given: QueryDict) -> StudyListRequest:
    """Parse the parameters of a list of studies. Raises BadParameters."""
    return _parse(given, STUDY_FIELDS, may_facet=True)


def parse_walk(given: QueryDict, known: Collection[str]) -> StudyListRequest:
    """Parse the parameters of what is walked by studies, of records with the fields `known`. Raises BadParameters."""
    return replace(_parse(given, known, may_facet=False), is_walked=True)


def _parse(given: QueryDict, known: Collection[str], *, may_facet: bool) -> StudyListRequest:
    reader = ParameterReader(given)
    # A page of the site has one of two sizes.
    criteria_given = given.copy()
    criteria_given.pop("page_size", None)
    filter_set = StudyFilterSet(criteria_given, queryset=Study.objects.none())
    faults = [*_faults(given, may_facet=may_facet)]
    told = {fault.parameter for fault in faults}
    for name, messages in filter_set.form.errors.items():
        faults += [Fault(name, str(message)) for message in messages if name not in told]
    size, after, since, fields = reader.page_size(), reader.position(), reader.updated_since(), reader.fields(known)
    is_walked = not may_facet or "cursor" in given or "updated_since" in given
    reader.faults[:0] = faults
    reader.finish()
    used = {*_CRITERIA, *paging.NAMES, "facets"} - set(_OF_PAGES if is_walked else ())
    return StudyListRequest(
        criteria=replace(filter_set.criteria(), page_size=size),
        facets=tuple(name for name in COUNTABLE if name in given.getlist("facets")) if may_facet else (),
        ignored=reader.ignored(used),
        fields=fields,
        is_walked=is_walked,
        after=after,
        updated_since=since,
        given=dict(given.lists()),
    )


def describe_parameters(known: Collection[str] = STUDY_FIELDS, *, is_walked: bool = False) -> list[OpenApiParameter]:
    """Return the descriptions of all parameters for the OpenAPI document, of records with the fields `known`."""
    left_out = {"page_size", *(_OF_PAGES if is_walked else ())}
    schemas = {name: _schema(criterion) for name, criterion in _CRITERIA.items() if name not in left_out}
    if not is_walked:
        schemas["facets"] = {"type": "array", "items": {"type": "string", "enum": list(COUNTABLE)}}
    of_criteria = [
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
    shared = paging.describe_paging("page_size", "cursor", "updated_since", "format")
    return [*of_criteria, *shared, paging.describe_fields(known)]


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


def _faults(given: QueryDict, *, may_facet: bool) -> Iterator[Fault]:
    """Yield the faults that the form of the search page tolerates."""
    for name, criterion in _CRITERIA.items():
        if name == "page_size":
            continue
        values = given.getlist(name)
        if isinstance(criterion, CodesFilter):
            yield from _faults_of_codes(name, values)
        elif len(values) > 1:
            yield Fault(name, _("va una sola vez."))
        elif isinstance(criterion, YearFilter | PageFilter) and values and not _DIGITS.fullmatch(values[0]):
            yield Fault(name, _("es un número entero, escrito con cifras."))
    if len(given.get("q", "")) > LONGEST_QUERY:
        yield Fault("q", _("pasa de %(most)s caracteres.") % {"most": LONGEST_QUERY})
    for name in given.getlist("facets") if may_facet else ():
        if name not in COUNTABLE:
            yield Fault("facets", _("no hay tal faceta: %(names)s.") % {"names": ", ".join(COUNTABLE)})
            return


def _faults_of_codes(name: str, values: list[str]) -> Iterator[Fault]:
    if len(values) > MAX_CODES:
        yield Fault(name, _("va hasta %(most)s veces.") % {"most": MAX_CODES})
    if any(len(value) > MAX_CODE_LENGTH for value in values):
        yield Fault(name, _("un código tiene hasta %(most)s caracteres.") % {"most": MAX_CODE_LENGTH})
