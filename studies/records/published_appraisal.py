"""The exchange format of what others judged about a study: facts with a source, never the bank's own. Pure.

`appraisal` holds the bank's own appraisals, which two people make and which are never mixed with these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from studies.records.json_fields import RecordInvalid, TextReader
from studies.records.json_record import Field, Record
from studies.records.json_record import gettext_noop as _

BIAS, EFFECT = "bias", "effect"
JUDGES = (BIAS, EFFECT)
"""What a published judgement is about: how far a result can be trusted, or how well the programme works."""

MOST_DOMAINS = 50


def _domains(value: object, path: str) -> Mapping[str, str]:
    """Read the judgement of each domain, both as their authors name them."""
    if not isinstance(value, Mapping):
        raise RecordInvalid(path, "is not an object")
    if len(value) > MOST_DOMAINS:
        raise RecordInvalid(path, f"holds more than {MOST_DOMAINS} domains")
    read = TextReader(200)
    return {read(name, path): read(judged, f"{path}.{name}") for name, judged in value.items()}


@dataclass(frozen=True, slots=True)
class PublishedAppraisalRecord(Record):
    """A judgement that a named review or register published about a study.

    Only one of bias can carry a `risk_of_bias`, which is what the facet says of it; a rating of effect ("Promising")
    is what others concluded.
    """

    instrument: Annotated[str, Field(_("instrumento, como lo nombra quien lo usó"), TextReader(200))]
    version: Annotated[str | None, Field(_("versión del instrumento"), TextReader(100))] = None
    judges: Annotated[
        str | None, Field(_("qué se juzgó: bias (sesgo o calidad) o effect (si funciona)"), TextReader(6))
    ] = None
    result: Annotated[str | None, Field(_("qué resultado se juzgó, si la fuente lo dice"), TextReader(300))] = None
    overall: Annotated[str | None, Field(_("juicio global, como lo publicaron"), TextReader(200))] = None
    risk_of_bias: Annotated[
        str | None, Field(_("riesgo de sesgo que le corresponde en el filtro"), vocabulary="risk_of_bias")
    ] = None
    domains: Annotated[Mapping[str, str], Field(_("juicio de cada dominio, como lo publicaron"), _domains)] = field(
        default_factory=dict
    )
    by: Annotated[str | None, Field(_("quién juzgó, como se cita"), TextReader(500))] = None
    where: Annotated[str | None, Field(_("tabla o página donde está"), TextReader(200))] = None
    url: Annotated[str | None, Field(_("dirección donde se leyó"), TextReader(2000))] = None
    licence: Annotated[str | None, Field(_("licencia de la publicación"), TextReader(100))] = None
