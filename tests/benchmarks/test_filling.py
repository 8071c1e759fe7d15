"""Banks to measure on: what is inserted by the thousand equals what is saved one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model

from benchmarks import filling
from studies.models import BankCounter, Finding, Study
from studies.records.study import StudyRecord
from studies.store.changes import bank_change
from studies.store.exchange import study as exchange_study
from tests.factories import publish
from tests.studies.records_factory import author, complete_record, finding, fixture_studies, institution

pytestmark = pytest.mark.django_db

# What differs between any two saves: keys, times, numbers of changes, and why somebody saved.
_OWN = {"id", "study", "created_at", "updated_at", "published_at", "changed_no", "change_no", "at", "note"}


def columns(row: Model) -> dict[str, Any]:
    """Read a row but for `_OWN`; of a finding, its interventions too."""
    held = {field.name: field.value_from_object(row) for field in row._meta.concrete_fields if field.name not in _OWN}
    if isinstance(row, Finding):
        held["interventions"] = sorted(row.interventions.values_list("code", flat=True))
    return held


def rows(slug: str) -> dict[str, list[dict[str, Any]]]:
    """Read all rows of a study, and its newest revision."""
    study = Study.objects.get(slug=slug)
    below = {
        name: [columns(row) for row in getattr(study, name).order_by("position", "id")]
        for name in ("study_terms", "authorships", "findings", "sources")
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
    complete_record(id="otra", doi=None, url=None, findings=(finding(interventions=("engaging-men",)), finding())),
]


class TestFilling:
    @pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
    def test_makes_the_rows_that_saving_and_publishing_makes(self, record, empty_bank):
        record = replace(record, programme=None)
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
