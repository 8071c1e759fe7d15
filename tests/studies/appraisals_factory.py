"""Appraisals for tests: whole entries of an instrument, and rounds brought to where a test wants them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from studies.appraisals import workflow
from studies.appraisals.state import AppraisalRound
from studies.appraisals.workflow import AssessmentInput
from studies.models import Instrument, Study
from studies.records.appraisal import AppraisalRecord, InstrumentRecord, JudgementRecord
from studies.store.exchange import study as exchange_study
from tests.factories import user_with_role
from tests.studies.records_factory import fixture_json

SECRET = "Cita hecha para la prueba"
"""Stands in every judgement made here: where it shows, a judgement shows."""


def instrument_of(code: str = "rob-2") -> InstrumentRecord:
    """Read an instrument of the fixtures: no database."""
    return InstrumentRecord.from_json(next(row for row in fixture_json("instruments") if row["id"] == code))


def judged(code: str = "rob-2", level: str | None = None, **levels: str) -> tuple[JudgementRecord, ...]:
    """Judge every domain with its first level, or with `level`, or as `levels` say by domain (`_` for a hyphen)."""
    chosen = {name.replace("_", "-"): value for name, value in levels.items()}
    instrument = instrument_of(code)
    return tuple(
        JudgementRecord(
            domain.code,
            chosen.get(domain.code, level or instrument.levels_of(domain)[0].code),
            quote=SECRET,
            page="p. 4",
        )
        for domain in instrument.domains
    )


def entered(code: str = "rob-2", overall: str = "", **levels: str) -> AssessmentInput:
    return AssessmentInput(judged(code, **levels), overall)


def appraisal_record(**changes: Any) -> AppraisalRecord:
    """Build a final appraisal with RoB 2: low risk, by two people."""
    values: dict[str, Any] = {
        "instrument": "rob-2",
        "overall": "low",
        "risk_of_bias": "low",
        "appraised_on": "2026-11-20",
        "appraisers": 2,
        "judgements": judged(),
    }
    return AppraisalRecord(**{**values, **changes})


def casp_record(**changes: Any) -> AppraisalRecord:
    """Build a final appraisal with the instrument for qualitative studies: some concerns, by one person."""
    values = {
        "instrument": "casp-qualitative",
        "overall": "most",
        "risk_of_bias": "some",
        "appraisers": 1,
        "judgements": judged("casp-qualitative"),
    }
    return appraisal_record(**{**values, **changes})


def rob_2() -> Instrument:
    return Instrument.objects.get(slug="rob-2")


def round_of(study: Study, instrument: Instrument | None = None) -> AppraisalRound:
    return AppraisalRound(Study.objects.get(pk=study.pk), instrument or rob_2())


def assessed(
    study: Study, *, by: User | None = None, finish: bool = True, given: AssessmentInput | None = None
) -> User:
    """Let a person judge `study` with RoB 2, and finish unless told. Return the person: a curator unless named."""
    person = by or user_with_role("Curaduría")
    own = workflow.begin(study, rob_2(), by=person)
    workflow.save(own, given or entered(), version=own.version, by=person, finish=finish)
    return person


def assessed_by_two(study: Study, **levels_of_second: str) -> tuple[User, User]:
    """Let two curators judge `study`, the second as told, and look at one another's."""
    people = assessed(study), assessed(study, given=entered(**levels_of_second))
    for person in people:
        workflow.mark_seen(study, rob_2(), by=person)
    return people


def proposed(study: Study) -> tuple[User, User]:
    """Let two curators judge `study`, and the first propose their consensus."""
    people = assessed_by_two(study)
    workflow.save_consensus(study, rob_2(), entered(), version=0, by=people[0], finish=True)
    return people


def confirmed(study: Study, *, by: User | None = None) -> None:
    """Let a person judge `study`, a curator unless named, and a reviewer confirm it: it is final."""
    assessed(study, by=by)
    reviewer = user_with_role("Revisión")
    workflow.mark_seen(study, rob_2(), by=reviewer)
    workflow.confirm(study, rob_2(), version=round_of(study).own[0].version, by=reviewer)


def risks_of_bias(study: Study) -> list[str]:
    """Return the codes of the final appraisals of a study, that of the facet first."""
    record = exchange_study.to_record(Study.objects.for_record().get(pk=study.pk))
    return [appraisal.risk_of_bias for appraisal in record.own_appraisals]
