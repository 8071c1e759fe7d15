"""Writes resources as Turtle and as JSON-LD. Pure. rdflib reads both back in the tests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from studies.publishing.skos.graph import PREFIXES, Iri, Literal, Resource, Truth, Value

_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def write_turtle(resources: Iterable[Resource]) -> str:
    """Return a Turtle document."""
    lines = [f"@prefix {prefix}: <{address}> ." for prefix, address in PREFIXES.items()]
    for resource in resources:
        lines.append(f"\n<{resource.iri.value}>")
        properties = [f"    {name} {_in_turtle(value)}" for name, value in resource.properties]
        lines.append(" ;\n".join(properties) + " .")
    return "\n".join(lines) + "\n"


def write_json_ld(resources: Iterable[Resource]) -> str:
    """Return a JSON-LD 1.1 document: the prefixes as its context, the resources as its graph."""
    graph = [{"@id": resource.iri.value, **_properties_in_json(resource)} for resource in resources]
    return json.dumps({"@context": dict(PREFIXES), "@graph": graph}, ensure_ascii=False, indent=1) + "\n"


def _in_turtle(value: Value) -> str:
    match value:
        case Iri(address):
            return f"<{address}>"
        case Truth(is_true):
            return "true" if is_true else "false"
        case Literal(text, language):
            return f'"{text.translate(_ESCAPED)}"' + (f"@{language}" if language else "")


def _properties_in_json(resource: Resource) -> Mapping[str, Any]:
    written = {}
    for name, own in groupby(sorted(resource.properties, key=itemgetter(0)), key=itemgetter(0)):
        values = [_in_json(value) for _name, value in own]
        written[name] = values[0] if len(values) == 1 else values
    return written


def _in_json(value: Value) -> Any:
    match value:
        case Iri(address):
            return {"@id": address}
        case Truth(is_true):
            return is_true
        case Literal(text, language):
            return {"@value": text, "@language": language} if language else text
