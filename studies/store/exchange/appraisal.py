"""Converts instruments and appraisals between rows and records."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from studies.models import Appraisal, Instrument, InstrumentDomain, InstrumentLevel, Study, Term, Vocabulary
from studies.records.appraisal import AppraisalRecord, InstrumentRecord
from studies.records.appraisal_rules import sort_appraisals
from studies.records.json_record import Json
from studies.records.study import StudyRecord
from studies.store.exchange.errors import UnknownTerm

if TYPE_CHECKING:
    from studies.store.vocabularies import Vocabularies

_SCOPES = {"levels": InstrumentLevel.Scope.DOMAIN, "overall": InstrumentLevel.Scope.OVERALL}


INSTRUMENT_PARTS = ("designs", "domains", "levels__risk_of_bias")
"""What an instrument's record is made of, for `prefetch_related`."""


def instrument_to_record(row: Instrument) -> InstrumentRecord:
    """Convert an instrument: four queries unless INSTRUMENT_PARTS were prefetched."""
    designs = sorted(row.designs.all(), key=lambda term: (term.position, term.code))
    levels = list(row.levels.all())
    json: Json = {
        "id": row.slug,
        "name": row.name,
        "version": row.version,
        "es": row.purpose_es,
        "en": row.purpose_en,
        "citation": row.citation,
        "url": row.url,
        "rule": row.rule or None,
        "designs": [term.code for term in designs],
        "domains": [_domain_to_json(domain) for domain in row.domains.all()],
        **{
            name: [_level_to_json(level) for level in levels if level.scope == scope] for name, scope in _SCOPES.items()
        },
    }
    return InstrumentRecord.from_json(json)


def save_instrument(record: InstrumentRecord, position: int, row: Instrument | None = None) -> Instrument:
    """Write an instrument over `row`, or as a new one.

    Raises UnknownTerm for a design or a risk_of_bias that no vocabulary holds.
    """
    row = row if row is not None else Instrument(slug=record.id)
    row.name, row.version = record.name, record.version
    row.purpose_es, row.purpose_en = record.es, record.en
    row.citation, row.url, row.rule = record.citation, record.url, record.rule or ""
    row.position = position
    row.save()
    row.designs.set(_find_term(Vocabulary.DESIGNS, code, f"{record.id}.designs") for code in record.designs)
    for place, domain in enumerate(record.domains):
        InstrumentDomain.objects.update_or_create(
            instrument=row,
            code=domain.code,
            defaults={
                "position": place,
                "label_es": domain.es,
                "label_en": domain.en,
                "hint_es": domain.hint_es or "",
                "hint_en": domain.hint_en or "",
                "is_critical": domain.critical,
                "levels": list(domain.levels),
            },
        )
    for name, scope in _SCOPES.items():
        for place, level in enumerate(getattr(record, name)):
            risk_of_bias = level.risk_of_bias and _find_term(
                Vocabulary.RISK_OF_BIAS, level.risk_of_bias, f"{record.id}.{name}"
            )
            labels = {"label_es": level.es, "label_en": level.en, "risk_of_bias": risk_of_bias or None}
            InstrumentLevel.objects.update_or_create(
                instrument=row, scope=scope, code=level.code, defaults={"position": place, **labels}
            )
    if not is_in_use(row):
        row.domains.exclude(code__in=[domain.code for domain in record.domains]).delete()
        for name, scope in _SCOPES.items():
            held = [level.code for level in getattr(record, name)]
            row.levels.filter(scope=scope).exclude(code__in=held).delete()
    return row


def is_in_use(row: Instrument) -> bool:
    """Return True if anybody has judged a study with it: its domains and levels then keep their codes."""
    return row.assessments.exists() or row.appraisals.exists()


def appraisal_to_record(row: Appraisal, vocabulary: Vocabularies) -> AppraisalRecord:
    """Convert a final appraisal that was read by `for_record`: no query."""
    return AppraisalRecord.from_json(
        {
            "instrument": row.instrument.slug,
            "overall": row.overall,
            "risk_of_bias": vocabulary.by_id[row.risk_of_bias_id].code,
            "appraised_on": row.appraised_on.isoformat(),
            "appraisers": row.appraisers,
            "judgements": row.judgements,
            "note_es": row.note_es or None,
            "note_en": row.note_en or None,
        }
    )


def build_appraisal_rows(study: Study, record: StudyRecord, vocabulary: Vocabularies) -> list[Appraisal]:
    """Build the unsaved rows of a record's appraisals, that of the main design first. Raises UnknownTerm.

    Five queries, or none if the record has no appraisals.
    """
    if not record.own_appraisals:
        return []
    named = Instrument.objects.filter(slug__in=[appraisal.instrument for appraisal in record.own_appraisals])
    rows = {row.slug: row for row in named.prefetch_related(*INSTRUMENT_PARTS)}
    instruments = {slug: instrument_to_record(row) for slug, row in rows.items()}
    for place, appraisal in enumerate(record.own_appraisals):
        _check_codes(appraisal, instruments.get(appraisal.instrument), f"own_appraisals[{place}]")
    ordered = sort_appraisals(record.own_appraisals, tuple(instruments.values()), record.designs)
    return [
        Appraisal(
            study=study,
            position=position,
            instrument=rows[appraisal.instrument],
            overall=appraisal.overall,
            risk_of_bias_id=_risk_of_bias(
                vocabulary, appraisal.risk_of_bias, f"own_appraisals[{position}].risk_of_bias"
            ),
            judgements=[judgement.to_json() for judgement in appraisal.judgements],
            note_es=appraisal.note_es or "",
            note_en=appraisal.note_en or "",
            appraisers=appraisal.appraisers,
            appraised_on=datetime.date.fromisoformat(appraisal.appraised_on),
        )
        for position, appraisal in enumerate(ordered)
    ]


def _check_codes(appraisal: AppraisalRecord, instrument: InstrumentRecord | None, path: str) -> None:
    """Raise UnknownTerm for an instrument that is None, and for codes that it does not have."""
    if instrument is None:
        raise UnknownTerm(f"{path}.instrument", appraisal.instrument)
    if instrument.overall_level(appraisal.overall) is None:
        raise UnknownTerm(f"{path}.overall", appraisal.overall)
    domains = {domain.code for domain in instrument.domains}
    for place, judgement in enumerate(appraisal.judgements):
        if judgement.domain not in domains:
            raise UnknownTerm(f"{path}.judgements[{place}].domain", judgement.domain)
        if instrument.level(judgement.level) is None:
            raise UnknownTerm(f"{path}.judgements[{place}].level", judgement.level)


def _risk_of_bias(vocabulary: Vocabularies, code: str, path: str) -> int:
    term = vocabulary.find(Vocabulary.RISK_OF_BIAS, code)
    if term is None:
        raise UnknownTerm(path, code)
    return term.id


def _domain_to_json(row: InstrumentDomain) -> Json:
    return {
        "code": row.code,
        "es": row.label_es,
        "en": row.label_en,
        "hint_es": row.hint_es or None,
        "hint_en": row.hint_en or None,
        "critical": row.is_critical,
        "levels": row.levels,
    }


def _level_to_json(row: InstrumentLevel) -> dict[str, Any]:
    risk_of_bias = row.risk_of_bias.code if row.risk_of_bias else None
    return {"code": row.code, "es": row.label_es, "en": row.label_en, "risk_of_bias": risk_of_bias}


def _find_term(vocabulary: str, code: str, path: str) -> Term:
    term = Term.objects.filter(vocabulary=vocabulary, code=code).first()
    if term is None:
        raise UnknownTerm(path, code)
    return term
