"""The rows below a study in the exchange format: authors, interventions with their roles, costs, sources. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from studies.records.json_fields import Number, RecordInvalid, TextReader, whole_number_reader
from studies.records.json_record import Field, Record
from studies.records.json_record import gettext_noop as _

EVALUATED, COMPONENT, DESCRIBED, REVIEWED = "evaluated", "component", "described", "reviewed"
TESTED_ROLES = frozenset({EVALUATED, COMPONENT})
"""The roles of an intervention whose effect a study estimates, by itself or as a part of a package."""
PEOPLE = ("authors", "editors", "translators")
"""The fields of a study that are lists of names."""


@dataclass(frozen=True, slots=True)
class AuthorRecord(Record):
    """An author in the parts of CSL: a person with `family`, or an institution with `literal` alone."""

    family: Annotated[str | None, Field(_("apellidos de una persona"), TextReader(200))] = None
    given: Annotated[str | None, Field(_("nombres"), TextReader(200))] = None
    non_dropping_particle: Annotated[
        str | None,
        Field(_("partícula que va siempre con el apellido: van Ommeren"), TextReader(50), key="non-dropping-particle"),
    ] = None
    dropping_particle: Annotated[
        str | None,
        Field(
            _("partícula que en una bibliografía va tras el nombre: Érika Neves de Barros"),
            TextReader(50),
            key="dropping-particle",
        ),
    ] = None
    literal: Annotated[
        str | None, Field(_("nombre de una institución, en lugar de todo lo anterior"), TextReader(500))
    ] = None
    orcid: Annotated[str | None, Field(_("ORCID de una persona"), TextReader(50))] = None
    ror: Annotated[str | None, Field(_("identificador ROR de una institución"), TextReader(50))] = None

    def _check(self, path: str) -> None:
        if (self.family is None) == (self.literal is None):
            raise RecordInvalid(path, "needs either a family name or a literal name")
        if self.literal is None:
            if self.ror is not None:
                raise RecordInvalid(path, "has a person's name and the ROR of an institution")
        elif self.given or self.non_dropping_particle or self.dropping_particle or self.orcid:
            raise RecordInvalid(path, "has a literal name and parts of a person's name")


@dataclass(frozen=True, slots=True)
class InterventionRecord(Record):
    """What somebody did, and what the study has to do with it.

    Without a role, which only a record of format 1 lacks, nobody knows: it counts nowhere, and `rules` keeps the
    record from being published again until somebody has chosen one.
    """

    code: Annotated[str, Field(_("intervención"), vocabulary="interventions")]
    role: Annotated[
        str | None, Field(_("qué hace el estudio con ella: evaluarla, describirla…"), vocabulary="roles")
    ] = None


@dataclass(frozen=True, slots=True)
class CostRecord(Record):
    """A cost as the source states it. A cost is never an effect."""

    amount: Annotated[Number, Field(_("monto"))]
    currency: Annotated[str, Field(_("moneda, código ISO 4217"), TextReader(3))]
    year: Annotated[int | None, Field(_("año de los precios"), whole_number_reader(9999))] = None
    per: Annotated[str | None, Field(_("por qué unidad: persona, familia, año…"), TextReader(200))] = None
    statement_es: Annotated[str | None, Field(_("el costo en una frase, en español"))] = None
    statement_en: Annotated[str | None, Field(_("el costo en una frase, en inglés"))] = None


@dataclass(frozen=True, slots=True)
class SourceRecord(Record):
    """A public page from which facts of the record were taken. `supports` says which, by `rules.SUPPORTS`."""

    _always_written = frozenset({"supports"})

    url: Annotated[str, Field(_("dirección de la página donde se leyeron los datos"), TextReader(2000))]
    supports: Annotated[tuple[str, ...], Field(_("qué sustenta: bibliography, findings, design, limitations"))] = ()
