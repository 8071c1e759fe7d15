"""The exchange format of appraisals: instruments, and what came out of one for a study. Pure.

An instrument is named by its domains and levels in the bank's own words; the questions of its authors are theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from studies.records.json_fields import RecordInvalid, Text, day, slug, whole_number
from studies.records.json_record import Field, Record
from studies.records.json_record import gettext_noop as _

LONGEST_QUOTE = 600
"""Characters of a quotation: a sentence or three, as the law of quotation allows, not a copy of the text."""
LONGEST_PAGE = 80
MOST_APPRAISERS = 20


@dataclass(frozen=True, slots=True)
class LevelRecord(Record):
    """A level of judgement. Without `certainty` it says nothing of bias: the domain does not apply."""

    code: Annotated[str, Field(_("código, que no cambia ni se usa dos veces"), slug)]
    es: Annotated[str, Field(_("nombre en español"), Text(200))]
    en: Annotated[str, Field(_("nombre en inglés"), Text(200))]
    certainty: Annotated[
        str | None, Field(_("riesgo de sesgo, como lo dice el filtro; vacío si el dominio no se aplica"))
    ] = None

    def label(self, language: str) -> str:
        """Return the name in "es" or "en"."""
        return self.en if language == "en" else self.es


@dataclass(frozen=True, slots=True)
class DomainRecord(Record):
    """What is judged. `levels` are the codes that it may have, all of the instrument's where none is named."""

    code: Annotated[str, Field(_("código, que no cambia ni se usa dos veces"), slug)]
    es: Annotated[str, Field(_("nombre en español"), Text(200))]
    en: Annotated[str, Field(_("nombre en inglés"), Text(200))]
    hint_es: Annotated[str | None, Field(_("a qué se atiende, en español"))] = None
    hint_en: Annotated[str | None, Field(_("a qué se atiende, en inglés"))] = None
    critical: Annotated[bool, Field(_("si el dominio es crítico para la regla"))] = False
    levels: Annotated[
        tuple[str, ...], Field(_("códigos de los juicios que puede tener; vacío: todos los del instrumento"))
    ] = ()

    def label(self, language: str) -> str:
        """Return the name in "es" or "en"."""
        return self.en if language == "en" else self.es


@dataclass(frozen=True, slots=True)
class InstrumentRecord(Record):
    """A tool for appraisal, in one version. `rule` names how the overall judgement follows from the domains."""

    _sets = frozenset({"designs"})

    id: Annotated[str, Field(_("identificador"), slug)]
    name: Annotated[str, Field(_("nombre propio del instrumento"), Text(100))]
    version: Annotated[str, Field(_("versión"), Text(100))]
    es: Annotated[str, Field(_("para qué sirve, en español"), Text(200))]
    en: Annotated[str, Field(_("para qué sirve, en inglés"), Text(200))]
    citation: Annotated[str, Field(_("publicación que lo presenta"))]
    url: Annotated[str, Field(_("dirección del instrumento"), Text(2000))]
    rule: Annotated[
        str | None, Field(_("regla por la que el juicio global sigue de los dominios, si tiene una"), Text(20))
    ] = None
    designs: Annotated[tuple[str, ...], Field(_("diseños para los que se propone"))] = ()
    domains: Annotated[tuple[DomainRecord, ...], Field(_("dominios que se juzgan, con las palabras del banco"))] = ()
    levels: Annotated[tuple[LevelRecord, ...], Field(_("juicios que puede tener un dominio"))] = ()
    overall: Annotated[tuple[LevelRecord, ...], Field(_("juicios globales"))] = ()

    def _check(self, path: str) -> None:
        dot = f"{path}." if path else ""
        for name in ("domains", "levels", "overall"):
            if not getattr(self, name):
                raise RecordInvalid(f"{dot}{name}", "is empty")
            _refuse_twice((row.code for row in getattr(self, name)), f"{dot}{name}")
        known = {level.code for level in self.levels}
        for place, domain in enumerate(self.domains):
            if unknown := [code for code in domain.levels if code not in known]:
                raise RecordInvalid(f"{dot}domains[{place}].levels", f"names no level: {unknown[0]}")
        for place, level in enumerate(self.overall):
            if level.certainty is None:
                raise RecordInvalid(f"{dot}overall[{place}].certainty", "is missing")

    def label(self, language: str) -> str:
        """Return what the instrument is for, in "es" or "en"."""
        return self.en if language == "en" else self.es

    def levels_of(self, domain: DomainRecord) -> tuple[LevelRecord, ...]:
        """Return the levels that `domain` may have, in the order of the instrument."""
        return tuple(level for level in self.levels if not domain.levels or level.code in domain.levels)

    def level(self, code: str) -> LevelRecord | None:
        """Return a level of judgement of a domain."""
        return next((level for level in self.levels if level.code == code), None)

    def overall_level(self, code: str) -> LevelRecord | None:
        """Return a level of the overall judgement."""
        return next((level for level in self.overall if level.code == code), None)


@dataclass(frozen=True, slots=True)
class JudgementRecord(Record):
    """The judgement of one domain, with what it rests on: a quotation, a place, or that the study does not say.

    Only an unfinished one, which no record holds, lacks a level.
    """

    domain: Annotated[str, Field(_("código del dominio, como lo nombra el instrumento"), slug)]
    level: Annotated[str, Field(_("código del juicio, como lo nombra el instrumento"), slug)] = ""
    quote: Annotated[str | None, Field(_("cita del estudio en que se apoya"), Text(LONGEST_QUOTE))] = None
    page: Annotated[str | None, Field(_("lugar del estudio en que se apoya"), Text(LONGEST_PAGE))] = None
    not_reported: Annotated[bool, Field(_("si el estudio no lo dice"))] = False

    @property
    def has_support(self) -> bool:
        return bool(self.quote or self.page or self.not_reported)


@dataclass(frozen=True, slots=True)
class AppraisalRecord(Record):
    """The final appraisal of a study by one instrument: a consensus, or one person's that a reviewer confirmed."""

    _always_written = frozenset({"appraisers", "judgements"})

    instrument: Annotated[str, Field(_("instrumento con que se evaluó"), slug)]
    overall: Annotated[str, Field(_("juicio global, como lo llama el instrumento"), slug)]
    certainty: Annotated[str, Field(_("riesgo de sesgo, como lo dice el filtro"))]
    appraised_on: Annotated[str, Field(_("fecha"), day)]
    appraisers: Annotated[int, Field(_("cuántas personas evaluaron"), whole_number(MOST_APPRAISERS))] = 1
    judgements: Annotated[
        tuple[JudgementRecord, ...],
        Field(_("juicio de cada dominio, con una cita, su lugar, o que el estudio no lo dice")),
    ] = ()
    note_es: Annotated[str | None, Field(_("nota del banco, en español"))] = None
    note_en: Annotated[str | None, Field(_("nota del banco, en inglés"))] = None

    def _check(self, path: str) -> None:
        _refuse_twice((row.domain for row in self.judgements), f"{path}.judgements" if path else "judgements")
        dot = f"{path}." if path else ""
        if self.appraisers < 1:
            raise RecordInvalid(f"{dot}appraisers", "is not positive")
        for place, judgement in enumerate(self.judgements):
            if not judgement.level:
                raise RecordInvalid(f"{dot}judgements[{place}].level", "is missing")


def _refuse_twice(names: Iterable[str], path: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise RecordInvalid(path, f"holds {name} twice")
        seen.add(name)
