"""Appraisals as a study's page prints them: instrument, overall judgement, and each domain with its quotation.

They come from the record, which holds only final appraisals and no names of people.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from studies.records.appraisal import AppraisalRecord, DomainRecord, InstrumentRecord, JudgementRecord
from studies.records.study import StudyRecord
from studies.store.vocabularies import Vocabularies
from studies.text.bilingual import LocalizedText, choose_text
from studies.web.shared.links import PageTerms, TermMeaning


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A domain with its judgement; `quote` is in its own language.

    `risk_of_bias` is empty where the judgement says nothing of bias.
    """

    name: str
    hint: str
    is_critical: bool
    level: str
    risk_of_bias: str
    quote: str
    quote_language: str
    page: str
    is_not_reported: bool


@dataclass(frozen=True, slots=True)
class AppraisalView:
    """A final appraisal. `risk_of_bias` has the facet's word for it, `overall` the instrument's own.

    `quotes_language` is empty if there are no quotations, or they are in the page's language.
    """

    record: AppraisalRecord
    instrument: InstrumentRecord
    purpose: str
    risk_of_bias: TermMeaning
    overall: str
    rows: tuple[DomainRow, ...]
    quotes_language: str
    note: LocalizedText | None
    appraised_on: datetime.date

    @property
    def has_critical(self) -> bool:
        return any(row.is_critical for row in self.rows)


def appraisal_views(
    record: StudyRecord, instruments: Mapping[str, InstrumentRecord], vocabulary: Vocabularies, language: str
) -> tuple[AppraisalView, ...]:
    """Return the appraisals of a record, that of the facet first. `instruments` has theirs by code."""
    return tuple(
        _view(appraisal, instruments[appraisal.instrument], vocabulary, language, record.language or "")
        for appraisal in record.own_appraisals
    )


def _view(
    appraisal: AppraisalRecord, instrument: InstrumentRecord, vocabulary: Vocabularies, language: str, original: str
) -> AppraisalView:
    level = instrument.overall_level(appraisal.overall)
    has_quotes = any(judgement.quote for judgement in appraisal.judgements)
    return AppraisalView(
        record=appraisal,
        instrument=instrument,
        purpose=instrument.label(language),
        risk_of_bias=PageTerms(vocabulary, language).meaning("risk_of_bias", appraisal.risk_of_bias),
        overall=level.label(language) if level else appraisal.overall,
        rows=tuple(_rows(appraisal.judgements, instrument, language, original)),
        quotes_language=original if has_quotes and original != language else "",
        note=choose_text(appraisal.note_es, appraisal.note_en, language),
        appraised_on=datetime.date.fromisoformat(appraisal.appraised_on),
    )


def _rows(
    judgements: Iterable[JudgementRecord], instrument: InstrumentRecord, language: str, original: str
) -> Iterable[DomainRow]:
    domains: Mapping[str, DomainRecord] = {domain.code: domain for domain in instrument.domains}
    for judgement in judgements:
        domain, level = domains.get(judgement.domain), instrument.level(judgement.level)
        if domain is None or level is None:
            continue
        yield DomainRow(
            name=domain.label(language),
            hint=(domain.hint_en if language == "en" else domain.hint_es) or "",
            is_critical=domain.critical,
            level=level.label(language),
            risk_of_bias=level.risk_of_bias or "",
            quote=judgement.quote or "",
            quote_language=original,
            page=(judgement.page or "").replace(". ", ".\N{NO-BREAK SPACE}"),  # "p. 4" stays on one line
            is_not_reported=judgement.not_reported,
        )
