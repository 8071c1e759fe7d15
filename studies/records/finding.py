"""The exchange format of findings: what a study found on one outcome, with the numbers that its source states. Pure.

`study` holds the record that findings belong to; `rules` says which of them may be published.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from studies.records.json_fields import MOST_COUNTED, Number, SlugReader, TextReader, whole_number_reader
from studies.records.json_record import Field, Record
from studies.records.json_record import gettext_noop as _

USUAL_LEVEL = 95.0
"""Per cent: the level of an interval of which a record says none."""

HIGHER_IS = ("better", "worse")
"""What a higher value of a measure can mean for women."""


@dataclass(frozen=True, slots=True)
class ArmRecord(Record):
    """What the source gives for one of the groups that a finding compares: counts, a share or a mean."""

    arm: Annotated[str, Field(_("grupo: intervention, comparison o un nombre"), TextReader(200))]
    n: Annotated[int | None, Field(_("personas o unidades analizadas"), whole_number_reader(MOST_COUNTED))] = None
    events: Annotated[int | None, Field(_("cuántas tuvieron el resultado"), whole_number_reader(MOST_COUNTED))] = None
    percent: Annotated[Number | None, Field(_("porcentaje que tuvo el resultado"))] = None
    mean: Annotated[Number | None, Field(_("media"))] = None
    sd: Annotated[Number | None, Field(_("desviación estándar"))] = None


@dataclass(frozen=True, slots=True)
class FindingRecord(Record):
    """One result of a study.

    `about` None: it speaks of all that the record evaluates. `about` (): it tests no intervention, as an association
    or a prevalence does; that is known, and so it is written.
    """

    _sets = frozenset({"about"})
    _written_if_known = frozenset({"about"})

    outcome: Annotated[str, Field(_("resultado medido"), vocabulary="outcomes")]
    about: Annotated[
        tuple[str, ...] | None,
        Field(
            _("intervenciones que pone a prueba; vacío si ninguna; sin dato si todas las que el registro evalúa"),
            vocabulary="interventions",
        ),
    ] = None
    trial: Annotated[
        str | None, Field(_("identificador del ensayo, si el estudio informa de más de uno"), SlugReader(120))
    ] = None
    arm_es: Annotated[str | None, Field(_("de qué grupo con programa habla, en español"), TextReader(300))] = None
    arm_en: Annotated[str | None, Field(_("de qué grupo con programa habla, en inglés"), TextReader(300))] = None
    subgroup_es: Annotated[str | None, Field(_("para quiénes, si no es para todas, en español"), TextReader(300))] = (
        None
    )
    subgroup_en: Annotated[str | None, Field(_("para quiénes, si no es para todas, en inglés"), TextReader(300))] = None
    comparator: Annotated[str | None, Field(_("qué recibió el otro grupo"), vocabulary="comparators")] = None
    comparator_es: Annotated[str | None, Field(_("el otro grupo, en palabras, en español"), TextReader(300))] = None
    comparator_en: Annotated[str | None, Field(_("el otro grupo, en palabras, en inglés"), TextReader(300))] = None
    reporter: Annotated[str | None, Field(_("quién dio el dato"), vocabulary="reporters")] = None
    effect: Annotated[str, Field(_("dirección para las mujeres, según los autores"), vocabulary="effects")] = field(
        kw_only=True
    )
    inconclusive: Annotated[
        bool | None, Field(_("si el intervalo o los autores dicen que el estudio no permite saberlo"))
    ] = None
    primary: Annotated[bool | None, Field(_("si los autores lo declaran resultado principal"))] = None
    statement_es: Annotated[str | None, Field(_("el hallazgo en una frase, en español"))] = None
    statement_en: Annotated[str | None, Field(_("el hallazgo en una frase, en inglés"))] = None
    measure: Annotated[str | None, Field(_("clase de número"), vocabulary="measures")] = None
    unit: Annotated[str | None, Field(_("en qué se cuenta el valor"), vocabulary="units")] = None
    value: Annotated[Number | None, Field(_("estimación"))] = None
    ci_low: Annotated[Number | None, Field(_("límite inferior del intervalo"))] = None
    ci_high: Annotated[Number | None, Field(_("límite superior del intervalo"))] = None
    ci_level: Annotated[Number | None, Field(_("nivel del intervalo, en porcentaje"))] = None
    p: Annotated[Number | None, Field(_("valor p"))] = None
    p_below: Annotated[Number | None, Field(_("cota del valor p: 0.001 si la fuente dice p < 0,001"))] = None
    se: Annotated[Number | None, Field(_("error estándar del valor, en escala logarítmica si es una razón"))] = None
    adjusted: Annotated[bool | None, Field(_("si la estimación está ajustada"))] = None
    higher_is: Annotated[
        str | None, Field(_("qué significa un valor más alto para las mujeres: better o worse"), TextReader(6))
    ] = None
    n: Annotated[
        int | None, Field(_("personas o unidades analizadas para este hallazgo"), whole_number_reader(MOST_COUNTED))
    ] = None
    arms: Annotated[tuple[ArmRecord, ...], Field(_("lo que la fuente da de cada grupo"))] = ()
    follow_up: Annotated[str | None, Field(_("tiempo hasta la medición"), TextReader(50))] = None
    follow_up_months: Annotated[Number | None, Field(_("el mismo tiempo, en meses"))] = None

    @property
    def has_numbers(self) -> bool:
        """Whether the source gives a number that compares or describes; numbers of single arms alone are none."""
        return any(number is not None for number in (self.value, self.ci_low, self.ci_high, self.p, self.p_below))

    @property
    def has_interval(self) -> bool:
        return self.ci_low is not None and self.ci_high is not None

    @property
    def interval_level(self) -> float:
        """The level of the interval in per cent: USUAL_LEVEL unless the record says another."""
        return USUAL_LEVEL if self.ci_level is None else float(self.ci_level)
