"""The exchange format of appraisals: instruments, and what came out of one for a study. Pure.

An instrument is named by its domains and levels in the bank's own words; the questions of its authors are theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from studies.records.json_fields import RecordInvalid, day, flag, list_of, slug, text, text_up_to, whole_number
from studies.records.json_record import Record, codes, texts

LONGEST_QUOTE = 600
"""Characters of a quotation: a sentence or three, as the law of quotation allows, not a copy of the text."""
LONGEST_PAGE = 80
MOST_APPRAISERS = 20


@dataclass(frozen=True, slots=True)
class LevelRecord(Record):
    """A level of judgement. Without `certainty` it says nothing of bias: the domain does not apply."""

    code: str
    es: str
    en: str
    certainty: str | None = None

    def label(self, language: str) -> str:
        """Return the name in "es" or "en"."""
        return self.en if language == "en" else self.es


@dataclass(frozen=True, slots=True)
class DomainRecord(Record):
    """What is judged. `levels` are the codes that it may have, all of the instrument's where none is named."""

    code: str
    es: str
    en: str
    hint_es: str | None = None
    hint_en: str | None = None
    critical: bool = False
    levels: tuple[str, ...] = ()

    def label(self, language: str) -> str:
        """Return the name in "es" or "en"."""
        return self.en if language == "en" else self.es


@dataclass(frozen=True, slots=True)
class InstrumentRecord(Record):
    """A tool for appraisal, in one version. `rule` names how the overall judgement follows from the domains."""

    id: str
    name: str
    version: str
    es: str
    en: str
    citation: str
    url: str
    rule: str | None = None
    designs: tuple[str, ...] = ()
    domains: tuple[DomainRecord, ...] = ()
    levels: tuple[LevelRecord, ...] = ()
    overall: tuple[LevelRecord, ...] = ()

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

    domain: str
    level: str = ""
    quote: str | None = None
    page: str | None = None
    not_reported: bool = False

    @property
    def has_support(self) -> bool:
        return bool(self.quote or self.page or self.not_reported)


@dataclass(frozen=True, slots=True)
class AppraisalRecord(Record):
    """The final appraisal of a study by one instrument: a consensus, or one person's that a reviewer confirmed."""

    instrument: str
    overall: str
    certainty: str
    appraised_on: str
    appraisers: int = 1
    judgements: tuple[JudgementRecord, ...] = ()
    note_es: str | None = None
    note_en: str | None = None

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


LevelRecord._shape = {"code": slug, **texts(("es", "en", "certainty"))}
LevelRecord._required = frozenset({"code", "es", "en"})

DomainRecord._shape = {
    "code": slug,
    **texts(("es", "en", "hint_es", "hint_en")),
    "critical": flag,
    "levels": codes,
}
DomainRecord._required = frozenset({"code", "es", "en"})

InstrumentRecord._shape = {
    "id": slug,
    **dict.fromkeys(("name", "version"), text_up_to(100)),
    **texts(("es", "en", "citation", "url")),
    "rule": text,
    "designs": codes,
    "domains": list_of(DomainRecord._read),
    "levels": list_of(LevelRecord._read),
    "overall": list_of(LevelRecord._read),
}
InstrumentRecord._required = frozenset({"id", "name", "version", "es", "en", "citation", "url"})
InstrumentRecord._sets = frozenset({"designs"})

JudgementRecord._shape = {
    "domain": slug,
    "level": slug,
    "quote": text_up_to(LONGEST_QUOTE),
    "page": text_up_to(LONGEST_PAGE),
    "not_reported": flag,
}
JudgementRecord._required = frozenset({"domain"})

AppraisalRecord._shape = {
    "instrument": slug,
    "overall": slug,
    "certainty": text,
    "appraised_on": day,
    "appraisers": whole_number(MOST_APPRAISERS),
    "judgements": list_of(JudgementRecord._read),
    **texts(("note_es", "note_en")),
}
AppraisalRecord._required = frozenset({"instrument", "overall", "certainty", "appraised_on"})
AppraisalRecord._always_written = frozenset({"appraisers", "judgements"})
