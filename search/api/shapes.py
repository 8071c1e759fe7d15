"""JSON Schema of what is asked and answered, drawn from the records and the FilterSet, so that neither can drift."""

from __future__ import annotations

import types
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from search.api.asking import COUNTABLE
from search.api.problems import KINDS
from search.contract import SORTS
from search.criteria.criteria import PAGE_SIZES
from search.criteria.facets import FACET_OF, VOCABULARY_OF
from search.criteria.filters import (
    MAX_CODE_LENGTH,
    MAX_CODES,
    MAX_PAGE,
    ChoiceFilter,
    CodesFilter,
    PageFilter,
    StudyFilterSet,
    YearFilter,
)
from search.query.tokenizer import LONGEST_QUERY
from studies.records import dictionary
from studies.records.json_fields import LONGEST_SLUG
from studies.records.study import AuthorRecord, FindingRecord, SourceRecord, StudyRecord, TermRecord

if TYPE_CHECKING:
    from studies.records.study import AnyRecord

Schema = dict[str, Any]

SLUG: Schema = {"type": "string", "pattern": "^[a-zA-Z0-9_-]+$", "maxLength": LONGEST_SLUG}
_ADDRESS: Schema = {"type": "string", "format": "uri"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_BASIC = {str: "string", int: "integer", float: "number", bool: "boolean"}

CRITERIA_MEANINGS: Mapping[str, Promise] = {
    "q": gettext_lazy("Palabras, frases entre comillas y campos, como en la página de búsqueda."),
    "year_from": gettext_lazy("Primer año de publicación."),
    "year_to": gettext_lazy("Último año de publicación."),
    "sort": gettext_lazy("Orden. Sin él: por relevancia si hay palabras; si no, primero los más nuevos."),
    "page": gettext_lazy("Página, desde 1."),
    "page_size": gettext_lazy("Estudios por página."),
    "without": gettext_lazy("Concepto del tesauro que no debe añadir nada a las palabras."),
    "exact": gettext_lazy("Con 1, el tesauro no añade nada."),
}
_CHOICES: Mapping[str, Schema] = {
    "sort": {"type": "string", "enum": list(SORTS)},
    "page_size": {"type": "integer", "enum": list(PAGE_SIZES), "default": PAGE_SIZES[0]},
    "exact": {"type": "integer", "enum": [1]},
}
_CODES_OF = defaultdict(
    lambda: gettext_lazy("{label}: códigos de «{vocabulary}»."),
    open_access=gettext_lazy("{label}: yes, no o unknown."),
    programme=gettext_lazy("{label}: su identificador, el de la página de búsqueda."),
)


def parameters() -> list[Schema]:
    """Return the parameters of a list: every criterion of the FilterSet, and the facets to count."""
    found = [_parameter(name, criterion) for name, criterion in StudyFilterSet.base_filters.items()]
    facets = {"type": "array", "items": {"type": "string", "enum": list(COUNTABLE)}}
    meaning = gettext_lazy("Facetas que se cuentan en la respuesta: cada opción, con los estudios que daría.")
    return [*found, {"name": "facets", "schema": facets, "description": meaning}]


def _parameter(name: str, criterion: object) -> Schema:
    description: Promise | str = CRITERIA_MEANINGS.get(name, "")
    match criterion:
        case CodesFilter():
            item = {"type": "string", "maxLength": MAX_CODE_LENGTH}
            schema: Schema = {"type": "array", "maxItems": MAX_CODES, "items": item}
            if name in FACET_OF:
                description = format_lazy(_CODES_OF[name], label=FACET_OF[name].label, vocabulary=VOCABULARY_OF[name])
        case YearFilter():
            schema = {"type": "integer", "minimum": 1000, "maximum": 2999}
        case PageFilter():
            schema = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 1}
        case ChoiceFilter():
            schema = _CHOICES[name]
        case _:
            schema = {"type": "string", "maxLength": LONGEST_QUERY}
    return {"name": name, "schema": schema, "description": description}


def components() -> Schema:
    """Return the named shapes of all answers, their meanings in the language that is active."""
    both = {"es": {"type": "string"}, "en": {"type": "string"}}
    return {
        "Study": _object(
            {
                "id": SLUG,
                "change": _COUNT,
                "changed_at": _MOMENT,
                "published_at": _MOMENT,
                "links": _object({"self": _ADDRESS, "html": _ref("Pages")}),
                "record": _ref("StudyRecord"),
            }
        ),
        "StudyRecord": _of_record(StudyRecord, dictionary.STUDY_FIELDS),
        "AuthorRecord": _of_record(AuthorRecord, dictionary.AUTHOR_FIELDS),
        "FindingRecord": _of_record(FindingRecord, dictionary.FINDING_FIELDS),
        "SourceRecord": _of_record(SourceRecord, dictionary.SOURCE_FIELDS),
        "TermRecord": _of_record(TermRecord, dictionary.TERM_FIELDS) | {"additionalProperties": True},
        "Pages": _object({"es": _ADDRESS, "en": _ADDRESS}),
        "Bank": _object({"change": _COUNT, "changed_at": _MOMENT}),
        "StudyList": _list_of_studies(both),
        "Taxonomy": _taxonomy(both),
        "Entry": _object(
            {
                "name": {"type": "string"},
                "bank": _ref("Bank"),
                "licence": _object({"name": {"type": "string"}, "url": _ADDRESS}),
                "caution": _object(both),
                "links": _object(
                    {
                        **dict.fromkeys(("studies", "taxonomy", "schema"), _ADDRESS),
                        **dict.fromkeys(("documentation", "data"), _ref("Pages")),
                    }
                ),
            }
        ),
        "Problem": _problem(),
    }


def _list_of_studies(both: Schema) -> Schema:
    strings = {"type": "array", "items": {"type": "string"}}
    code = {"parameter": {"type": "string"}, "code": {"type": "string"}}
    word = _object({"text": {"type": "string"}, "language": {"type": "string", "enum": ["es", "en"]}})
    option = _object({**code, **both, "count": _COUNT})
    facet = _object({**both, "options": {"type": "array", "items": option}})
    year = _object({"year": {"type": "integer"}, "count": _COUNT})
    body = _object(
        {
            "bank": _ref("Bank"),
            "total": _or_null(_COUNT) | {"description": _("Estudios de la lista; nulo mientras no hay índice.")},
            "page": {"type": "integer"},
            "page_size": {"type": "integer"},
            "page_count": _or_null(_COUNT),
            "links": _object(
                {
                    "self": _ADDRESS,
                    "first": _ADDRESS,
                    **dict.fromkeys(("previous", "next", "last"), _or_null(_ADDRESS)),
                    "html": _ref("Pages"),
                }
            ),
            "understood": _object(
                {
                    "concepts": {
                        "type": "array",
                        "items": _object({"concept": {"type": "string"}, "words": {"type": "array", "items": word}}),
                        "description": _("Lo que el tesauro añadió a las palabras; «without» lo quita."),
                    },
                    "notes": strings | {"description": _("Lo que no se tomó tal como vino en «q».")},
                }
            ),
            "unknown_codes": {
                "type": "array",
                "items": _object(code),
                "description": _("Códigos que ningún vocabulario tiene: no se usan junto a otros; solos, no dan nada."),
            },
            "ignored_parameters": strings | {"description": _("Parámetros que aquí no significan nada.")},
            "results": {"type": "array", "items": _ref("Study")},
        }
    )
    options = {name: {"type": "array", "items": year} if name == COUNTABLE[-1] else facet for name in COUNTABLE}
    body["properties"]["facets"] = {
        "type": ["object", "null"],
        "properties": options,
        "additionalProperties": False,
        "description": _("Solo si se pidieron; nulo mientras no hay índice."),
    }
    return body


def _taxonomy(both: Schema) -> Schema:
    term = _object(
        {
            "term": _ref("TermRecord"),
            "retired": {"type": "boolean", "description": _("Ya no se usa en registros nuevos.")},
            "merged_into": {
                "type": ["string", "null"],
                "description": _("Código del término que ahora dice lo mismo."),
            },
        }
    )
    vocabulary = _object(
        {
            "code": {"type": "string"},
            **both,
            "parameter": {"type": ["string", "null"], "description": _("Criterio que lleva estos códigos.")},
            "terms": {"type": "array", "items": term},
        }
    )
    return _object(
        {
            "number": _COUNT | {"description": _("Versión de los vocabularios.")},
            "links": _object({"self": _ADDRESS, "html": _ref("Pages")}),
            "vocabularies": {"type": "array", "items": vocabulary},
        }
    )


def _problem() -> Schema:
    """Return the shape of every problem (RFC 9457): the members that only some kinds have are not required."""
    statuses = sorted({kind.status for kind in KINDS.values()})
    body = _object(
        {
            "type": {"type": "string", "format": "uri-reference", "description": _("Dirección que nombra la clase.")},
            "title": {"type": "string"},
            "status": {"type": "integer", "enum": statuses},
            "detail": {"type": "string"},
        }
    )
    fault = _object({"parameter": {"type": "string"}, "detail": {"type": "string"}})
    body["properties"]["errors"] = {"type": "array", "items": fault}
    body["properties"]["reason"] = {"type": "string", "description": _("Por qué se retiró el estudio.")}
    return body


def _of_record(record: type[AnyRecord | AuthorRecord | FindingRecord | SourceRecord], meanings: Any) -> Schema:
    """Return the shape of a record. What is not known is left out: only what is always written is required."""
    hints = get_type_hints(record)
    properties = {
        key: _of_type(hints[key.replace("-", "_")]) | {"description": str(meanings[key])}
        for key in record._shape
        if key in meanings
    }
    always = record._required | record._always_written
    return {
        "type": "object",
        "properties": properties,
        "required": [key for key in properties if key in always],
        "additionalProperties": False,
    }


def _of_type(hint: Any) -> Schema:
    arguments = [each for each in get_args(hint) if each not in (type(None), Ellipsis)]
    if get_origin(hint) is tuple:
        item = arguments[0]
        return {"type": "array", "items": _ref(item.__name__) if hasattr(item, "_shape") else _of_type(item)}
    if isinstance(hint, types.UnionType) or arguments:
        if set(arguments) == {int, float}:
            return {"type": "number"}
        return _of_type(arguments[0])
    return {"type": _BASIC[hint]}


def _object(properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
