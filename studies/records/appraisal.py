"""The exchange format of appraisals: instruments, and the appraisal of a study by one of them. Pure.

Only the shape is checked here; `appraisal_rules` judges. The names of domains and levels are the bank's own words: the
questions of an instrument belong to its authors and are not copied.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from studies.records.json_fields import RecordInvalid, TextReader, read_day, read_slug, whole_number_reader
from studies.records.json_record import Field, Record
from studies.records.json_record import gettext_noop as _

LONGEST_QUOTE = 600
"""Characters of a quotation: a sentence or three, as the law of quotation allows, not a copy of the text."""
LONGEST_PAGE = 80
MOST_APPRAISERS = 20


@dataclass(frozen=True, slots=True)
class LevelRecord(Record):
    """A level of judgement. Without `risk_of_bias` it says nothing of bias: the domain does not apply."""

    code: Annotated[str, Field(_("código, que no cambia ni se usa dos veces"), read_slug)]
    es: Annotated[str, Field(_("nombre en español"), TextReader(200))]
    en: Annotated[str, Field(_("nombre en inglés"), TextReader(200))]
    risk_of_bias: Annotated[
        str | None, Field(_("riesgo de sesgo, como lo dice el filtro; vacío si el dominio no se aplica"))
    ] = None

    def label(self, language: str) -> str:
        """Return the name in "es" or "en"."""
        return self.en if language == "en" else self.es


@dataclass(frozen=True, slots=True)
class DomainRecord(Record):
    """A domain that is judged. `levels` holds the codes that are allowed; an empty one allows all of the instrument."""

    code: Annotated[str, Field(_("código, que no cambia ni se usa dos veces"), read_slug)]
    es: Annotated[str, Field(_("nombre en español"), TextReader(200))]
    en: Annotated[str, Field(_("nombre en inglés"), TextReader(200))]
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
    """A tool for appraisal, in one version. `rule` is a key of `appraisal_rules.RULES`; None: assessors decide."""

    _sets = frozenset({"designs"})

    id: Annotated[str, Field(_("identificador"), read_slug)]
    name: Annotated[str, Field(_("nombre propio del instrumento"), TextReader(100))]
    version: Annotated[str, Field(_("versión"), TextReader(100))]
    es: Annotated[str, Field(_("para qué sirve, en español"), TextReader(200))]
    en: Annotated[str, Field(_("para qué sirve, en inglés"), TextReader(200))]
    citation: Annotated[str, Field(_("publicación que lo presenta"))]
    url: Annotated[str, Field(_("dirección del instrumento"), TextReader(2000))]
    rule: Annotated[
        str | None, Field(_("regla por la que el juicio global sigue de los dominios, si tiene una"), TextReader(20))
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
            _refuse_duplicates((row.code for row in getattr(self, name)), f"{dot}{name}")
        known = {level.code for level in self.levels}
        for place, domain in enumerate(self.domains):
            if unknown := [code for code in domain.levels if code not in known]:
                raise RecordInvalid(f"{dot}domains[{place}].levels", f"names no level: {unknown[0]}")
        for place, level in enumerate(self.overall):
            if level.risk_of_bias is None:
                raise RecordInvalid(f"{dot}overall[{place}].risk_of_bias", "is missing")

    def label(self, language: str) -> str:
        """Return what the instrument is for, in "es" or "en"."""
        return self.en if language == "en" else self.es

    def levels_of(self, domain: DomainRecord) -> tuple[LevelRecord, ...]:
        """Return the levels that `domain` may have, in the order of the instrument."""
        return tuple(level for level in self.levels if not domain.levels or level.code in domain.levels)

    def level(self, code: str) -> LevelRecord | None:
        """Return the level of a domain that has this code; None if there is none."""
        return next((level for level in self.levels if level.code == code), None)

    def overall_level(self, code: str) -> LevelRecord | None:
        """Return the level of the overall judgement that has this code; None if there is none."""
        return next((level for level in self.overall if level.code == code), None)


@dataclass(frozen=True, slots=True)
class JudgementRecord(Record):
    """The judgement of one domain, with its support: a quotation, a page, or that the study does not report it.

    An assessment in progress may lack levels; AppraisalRecord refuses a judgement without one.
    """

    domain: Annotated[str, Field(_("código del dominio, como lo nombra el instrumento"), read_slug)]
    level: Annotated[str, Field(_("código del juicio, como lo nombra el instrumento"), read_slug)] = ""
    quote: Annotated[str | None, Field(_("cita del estudio en que se apoya"), TextReader(LONGEST_QUOTE))] = None
    page: Annotated[str | None, Field(_("lugar del estudio en que se apoya"), TextReader(LONGEST_PAGE))] = None
    not_reported: Annotated[bool, Field(_("si el estudio no lo dice"))] = False

    @property
    def has_support(self) -> bool:
        return bool(self.quote or self.page or self.not_reported)


@dataclass(frozen=True, slots=True)
class AppraisalRecord(Record):
    """The final appraisal of a study by one instrument: a consensus, or one person's, confirmed by a reviewer."""

    _always_written = frozenset({"appraisers", "judgements"})

    instrument: Annotated[str, Field(_("instrumento con que se evaluó"), read_slug)]
    overall: Annotated[str, Field(_("juicio global, como lo llama el instrumento"), read_slug)]
    risk_of_bias: Annotated[str, Field(_("riesgo de sesgo, como lo dice el filtro"))]
    appraised_on: Annotated[str, Field(_("fecha"), read_day)]
    appraisers: Annotated[int, Field(_("cuántas personas evaluaron"), whole_number_reader(MOST_APPRAISERS))] = 1
    judgements: Annotated[
        tuple[JudgementRecord, ...],
        Field(_("juicio de cada dominio, con una cita, su lugar, o que el estudio no lo dice")),
    ] = ()
    note_es: Annotated[str | None, Field(_("nota del banco, en español"))] = None
    note_en: Annotated[str | None, Field(_("nota del banco, en inglés"))] = None

    def _check(self, path: str) -> None:
        _refuse_duplicates((row.domain for row in self.judgements), f"{path}.judgements" if path else "judgements")
        dot = f"{path}." if path else ""
        if self.appraisers < 1:
            raise RecordInvalid(f"{dot}appraisers", "is not positive")
        for place, judgement in enumerate(self.judgements):
            if not judgement.level:
                raise RecordInvalid(f"{dot}judgements[{place}].level", "is missing")


def _refuse_duplicates(names: Iterable[str], path: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise RecordInvalid(path, f"holds {name} twice")
        seen.add(name)
