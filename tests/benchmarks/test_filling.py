"""Banks to measure on: what is inserted by the thousand equals what is saved one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model

from benchmarks import filling
from studies.models import BankCounter, Finding, Stage, Study
from studies.records.finding import ArmRecord
from studies.records.study import CostRecord, InterventionRecord, StudyRecord
from studies.store.changes import bank_change
from studies.store.exchange import study as exchange_study
from tests.factories import make_study, publish
from tests.studies.appraisals_factory import appraisal_record
from tests.studies.records_factory import (
    author,
    complete_record,
    finding,
    fixture_studies,
    institution,
    published_appraisal,
)

pytestmark = pytest.mark.django_db

# What differs between any two saves: keys, times, numbers of changes, and why somebody saved.
_OWN = {"id", "study", "review", "created_at", "updated_at", "published_at", "changed_no", "change_no", "at", "note"}

INCLUDED = "incluido"
"""A study that a record includes: only what is public may be named."""

ROWS_BELOW = {
    **dict.fromkeys(("study_terms", "authorships", "findings", "costs", "sources", "published_appraisals"), "position"),
    "appraisals": "position",
    "inclusions": "slug",
}
"""The rows that a record is written into below its study, with their order."""


def columns(row: Model) -> dict[str, Any]:
    """Read a row but for `_OWN`; of a study and a finding, the interventions that they name beside it too."""
    held = {field.name: field.value_from_object(row) for field in row._meta.concrete_fields if field.name not in _OWN}
    if isinstance(row, Finding):
        held["about"] = sorted(row.about.values_list("code", flat=True))
    if isinstance(row, Study):
        held["harms_about"] = sorted(row.harms_about.values_list("code", flat=True))
    return held


def rows(slug: str) -> dict[str, list[dict[str, Any]]]:
    """Read all rows of a study, and its newest revision."""
    study = Study.objects.get(slug=slug)
    below = {
        name: [columns(row) for row in getattr(study, name).order_by(order, "id")] for name, order in ROWS_BELOW.items()
    }
    revision = columns(study.revisions.order_by("-change_no")[0])
    # A filled study is written and published at once.
    del revision["is_content"]
    return {"study": [columns(study)], **below, "revision": [revision]}


def saved(record: StudyRecord) -> dict[str, list[dict[str, Any]]]:
    """Save a record as a curator's form does, publish it, and read its rows."""
    with bank_change() as change:
        study = exchange_study.save_record(record)
        change.touch(study)
    publish(study)
    return rows(record.id)


RECORDS = [
    *fixture_studies()[:3],
    complete_record(id="una", doi="10.1234/una", authors=(institution(), author())),
    complete_record(id="otra", doi=None, url=None, findings=(finding(about=("engaging-men",)), finding())),
    complete_record(
        id="de-formato-2",
        doi=None,
        interventions=(InterventionRecord("helpline", "described"), "engaging-men"),
        exposures=("income-shock",),
        data_sources=("trial-survey",),
        registration=("ISRCTN 1",),
        delivery_es="Ocho sesiones.",
        delivery_en="Eight sessions.",
        costs=(CostRecord(1500, "PEN", 2024, "familia"),),
        harms="found",
        harms_about=("engaging-men",),
        findings=(
            finding(
                about=("engaging-men",),
                trial="ensayo-1",
                arm_es="Solo hombres",
                arm_en="Men alone",
                comparator="usual-services",
                reporter="women",
                p_below=0.001,
                se=0.1,
                n=900,
                higher_is="worse",
                arms=(ArmRecord("intervention", n=450, events=90), ArmRecord("comparison", n=450, events=130)),
            ),
            finding(about=()),
        ),
        appraisals=(published_appraisal(risk_of_bias="some", domains={"Sorteo": "Low"}),),
        own_appraisals=(appraisal_record(),),
        includes=(INCLUDED,),
    ),
]


class TestFilling:
    @pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
    def test_makes_the_rows_that_saving_and_publishing_makes(self, record, empty_bank):
        record = replace(record, programme=None)
        make_study(id=INCLUDED, doi=None, stage=Stage.PUBLISHED)
        before = transaction.savepoint()
        filling.fill([record])
        filled = rows(record.id)
        transaction.savepoint_rollback(before)
        assert filled == saved(record)

    def test_leaves_a_bank_whose_records_are_those_that_were_given(self, empty_bank):
        given = [replace(record, programme=None) for record in RECORDS]
        assert filling.fill(given) == len(given)
        assert [exchange_study.to_record(study) for study in Study.objects.for_record().order_by("pk")] == given

    def test_counts_as_one_change_for_each_thousand(self, empty_bank):
        before = BankCounter.current().change_no
        filling.fill([complete_record(id=f"de-mil-{number}", doi=None) for number in range(1001)])
        assert BankCounter.current().change_no == before + 2
        assert Study.objects.published().changed_since(before + 1).count() == 1


def test_a_kept_bank_is_named_by_files_that_exist():
    """Whatever moves: a bank is made anew where a file that makes it has changed, and the name has to be read first."""
    assert len(filling._fixtures_stamp()) == 12
