"""Public records at an earlier change, and the list of public changes."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from studies.models import Stage, Study
from studies.store import bank_state
from studies.store.exchange.study import to_record
from studies.store.revisions import iterate_public_changes, read_public_records_at
from tests.factories import edit, make_study, merge_studies, publish, withdraw

pytestmark = pytest.mark.django_db


def now() -> int:
    bank_state.clear_cache()
    return bank_state.current().change_no


def record(study: Study):
    return to_record(Study.objects.for_record().get(pk=study.pk))


class TestPublicRecordsAt:
    def test_are_those_after_that_change(self):
        study = make_study(stage=Stage.PUBLISHED, sample_size=100)
        before, then = record(study), now()
        edit(study, sample_size=200)
        assert read_public_records_at([study.pk], then) == {study.pk: before}
        assert read_public_records_at([study.pk], now()) == {study.pk: record(study)}

    def test_leave_out_what_was_not_published_then(self):
        study, gone = make_study(), make_study(stage=Stage.PUBLISHED)
        withdraw(gone)
        then = now()
        publish(study)
        assert read_public_records_at([study.pk, gone.pk], then) == {}
        assert read_public_records_at([study.pk, gone.pk], 0) == {}

    def test_cost_one_query(self, django_assert_num_queries: DjangoAssertNumQueries):
        keys = [make_study(stage=Stage.PUBLISHED).pk for _ in range(4)]
        with django_assert_num_queries(1):
            read_public_records_at(keys, 10**9)


class TestPublicChanges:
    def told(self, most: int = 3) -> list[int]:
        return [change.study_id for batch in iterate_public_changes(most) for change in batch]

    def test_are_told_newest_first_and_not_of_drafts(self):
        study, gone = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.PUBLISHED)
        make_study()
        edit(study, sample_size=5)
        withdraw(gone)
        assert self.told() == [gone.pk, study.pk, gone.pk]

    def test_a_study_that_was_merged_is_not_told(self):
        study, into = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.PUBLISHED)
        merge_studies(study, into)
        assert self.told(2) == [into.pk, into.pk]

    def test_are_read_in_batches_without_a_gap(self, monkeypatch: pytest.MonkeyPatch):
        whole = self.told(most=10_000)
        monkeypatch.setattr("studies.store.revisions._BATCH", 7)
        assert self.told(most=10_000) == whole
        assert len(whole) == len(set(whole)) == Study.objects.published().count()
        assert self.told(most=20) == whole[:20]
