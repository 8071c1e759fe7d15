"""The answer on an intervention as a record: what was compared, what each outcome showed, who concludes what. Pure.

Codes and numbers only, as the page of the intervention counts them; its sentences are made of the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from studies.records.json_fields import Number, whole_number_reader
from studies.records.json_record import Field, Record
from studies.records.json_record import gettext_noop as _

_count = whole_number_reader(2**53)


@dataclass(frozen=True, slots=True)
class InterventionSummaryRecord(Record):
    """A type of intervention, and how many evaluations of it the bank has."""

    _always_written = frozenset({"evaluations"})

    id: Annotated[str, Field(_("código de la intervención"))]
    name_es: Annotated[str, Field(_("nombre en español"))]
    name_en: Annotated[str, Field(_("nombre en inglés"))]
    theme: Annotated[str | None, Field(_("código del tema"))] = None
    evaluations: Annotated[int, Field(_("evaluaciones de ella en este banco"), _count)] = 0


@dataclass(frozen=True, slots=True)
class DirectionRecord(Record):
    """How many evaluations moved an outcome one way."""

    direction: Annotated[
        str,
        Field(_("hacia dónde se movió el resultado: less, more, no-difference, moved, mixed; differ: según la parte")),
    ]
    evaluations: Annotated[int, Field(_("número de evaluaciones"), _count)]


@dataclass(frozen=True, slots=True)
class EstimateRecord(Record):
    """A finding that speaks for its evaluation. The absolute numbers are of 1,000 people."""

    evaluation: Annotated[str, Field(_("identificador de la evaluación, o del estudio si es el único que informa"))]
    study: Annotated[str, Field(_("identificador del estudio que lo dice"))]
    direction: Annotated[str, Field(_("hacia dónde se movió el resultado"))]
    for_women: Annotated[str, Field(_("qué significa para las mujeres: better, worse, neither, unknown"))]
    effect: Annotated[str, Field(_("efecto, según los autores"))]
    reporter: Annotated[str | None, Field(_("quién informó"))] = None
    measure: Annotated[str | None, Field(_("medida"))] = None
    unit: Annotated[str | None, Field(_("unidad"))] = None
    value: Annotated[Number | None, Field(_("valor"))] = None
    ci_low: Annotated[Number | None, Field(_("límite inferior del intervalo"))] = None
    ci_high: Annotated[Number | None, Field(_("límite superior del intervalo"))] = None
    ci_level: Annotated[Number | None, Field(_("nivel del intervalo, en porcentaje"))] = None
    higher_is: Annotated[str | None, Field(_("si un valor más alto es mejor o peor"))] = None
    follow_up_months: Annotated[Number | None, Field(_("meses de seguimiento"))] = None
    without_per_1000: Annotated[Number | None, Field(_("de cada 1000 personas, cuántas sin la intervención"))] = None
    with_per_1000: Annotated[Number | None, Field(_("de cada 1000 personas, cuántas con la intervención"))] = None


@dataclass(frozen=True, slots=True)
class MeanRecord(Record):
    """A mean of the estimates of several evaluations, by random effects."""

    measure: Annotated[str, Field(_("medida"))]
    value: Annotated[Number, Field(_("media"))]
    ci_low: Annotated[Number, Field(_("límite inferior de su intervalo de 95 %"))]
    ci_high: Annotated[Number, Field(_("límite superior de su intervalo de 95 %"))]
    studies: Annotated[tuple[str, ...], Field(_("identificadores de los estudios que entran en ella"))]


@dataclass(frozen=True, slots=True)
class OutcomeRowRecord(Record):
    """What the evaluations show on one outcome, against one kind of comparison."""

    _always_written = frozenset({"is_priority", "evaluations"})

    outcome: Annotated[str, Field(_("código del resultado"))]
    is_priority: Annotated[bool, Field(_("si es de los que el banco muestra primero"))] = False
    evaluations: Annotated[int, Field(_("número de evaluaciones"), _count)] = 0
    people: Annotated[int | None, Field(_("personas de las evaluaciones que dicen cuántas"), _count)] = None
    directions: Annotated[tuple[DirectionRecord, ...], Field(_("cuántas evaluaciones apuntan a cada lado"))] = ()
    estimates: Annotated[tuple[EstimateRecord, ...], Field(_("lo que halló cada evaluación"))] = ()
    means: Annotated[tuple[MeanRecord, ...], Field(_("medias, solo si pueden juntarse"))] = ()


@dataclass(frozen=True, slots=True)
class ComparisonRecord(Record):
    """The outcomes of evaluations against one kind of comparison."""

    comparator: Annotated[str, Field(_("clase de lo que recibió el otro grupo"))]
    outcomes: Annotated[tuple[OutcomeRowRecord, ...], Field(_("resultados, los prioritarios primero"))] = ()


@dataclass(frozen=True, slots=True)
class HarmRecord(Record):
    """What an evaluation says of harms."""

    evaluation: Annotated[str, Field(_("identificador de la evaluación"))]
    harms: Annotated[str, Field(_("found, none-found, not-stated, o not-looked-up si nadie lo miró aún"))]
    studies: Annotated[tuple[str, ...], Field(_("identificadores de los estudios que lo dicen"))] = ()
