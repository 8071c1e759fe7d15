"""Changes of the bank: numbers, revisions and signals (I2, R8)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from studies.models import BankCounter, Revision, Study, Term
from studies.records.study import StudyRecord
from studies.store import bank_state, changes, vocabularies
from studies.store.changes import answer_change, bank_change, vocabulary_change
from studies.store.exchange.study import to_record
from studies.store.signals import study_changed, vocabulary_changed
from tests.factories import edit, make_study, publish, user_with_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def announced() -> Iterator[list[dict[str, Any]]]:
    """The arguments of the signals that were sent, in order, without sender and signal."""
    heard: list[dict[str, Any]] = []

    def listen(**message: Any) -> None:
        heard.append({key: value for key, value in message.items() if key not in ("sender", "signal")})

    for signal in (study_changed, vocabulary_changed):
        signal.connect(listen)
    yield heard
    for signal in (study_changed, vocabulary_changed):
        signal.disconnect(listen)


def change_no() -> int:
    return BankCounter.current().change_no


class TestI2Numbers:
    def test_a_use_case_raises_the_number_once_however_many_studies_it_touches(self):
        first, second, before = make_study(), make_study(), change_no()
        with bank_change() as change:
            change.touch(first)
            change.touch(second)
            change.touch(second, content=False)
        assert change_no() == before + 1
        assert set(Study.objects.changed_since(before)) == {first, second}
        assert {study.changed_no for study in Study.objects.changed_since(before)} == {before + 1}

    def test_what_changed_since_a_number_is_the_whole_difference_and_nothing_else(self):
        kept, changed = make_study(), make_study()
        before = change_no()
        edit(changed, title="Otro título")
        published = publish(make_study())
        assert set(Study.objects.changed_since(before)) == {changed, published}
        assert kept not in Study.objects.changed_since(before)

    def test_a_use_case_that_touches_nothing_raises_nothing(self):
        before = change_no()
        with bank_change():
            pass
        assert change_no() == before

    def test_a_failed_use_case_raises_nothing_and_leaves_nothing(self):
        study, before = make_study(), change_no()
        with pytest.raises(ZeroDivisionError):
            self.fail_half_way(study)
        study.refresh_from_db()
        assert (change_no(), study.title) == (before, to_record(study).title)
        assert study.title != "A medias"
        assert study.revisions.count() == 1

    def fail_half_way(self, study: Study) -> None:
        with bank_change() as change:
            Study.objects.filter(pk=study.pk).update(title="A medias")
            change.touch(study)
            raise ZeroDivisionError

    def test_labels_raise_only_the_number_of_the_vocabularies(self):
        before = BankCounter.current()
        with vocabulary_change():
            Term.objects.filter(vocabulary="themes", code="autonomy").update(label_es="Autonomía")
        after = BankCounter.current()
        assert (after.change_no, after.vocabulary_no) == (before.change_no, before.vocabulary_no + 1)

    def test_what_answers_show_beside_studies_raises_the_number_and_touches_no_study(self):
        make_study()
        before, revisions = change_no(), Revision.objects.count()
        with answer_change():
            pass
        assert change_no() == before + 1
        assert not Study.objects.changed_since(before).exists()
        assert Revision.objects.count() == revisions

    def test_a_change_without_a_revision_was_made_between_its_neighbours(self):
        study = make_study()
        earlier = BankCounter.current()
        with answer_change():
            pass
        own = BankCounter.current()
        edit(study, title="Otro título")
        later = BankCounter.current()
        assert bank_state.was_made_at(own.change_no, own.changed_at)
        assert not bank_state.was_made_at(own.change_no, later.changed_at + timedelta(seconds=1))
        assert not bank_state.was_made_at(own.change_no, earlier.changed_at - timedelta(seconds=1))
        assert not bank_state.was_made_at(later.change_no, own.changed_at)

    def test_the_bank_has_one_counter_row_made_at_the_first_question(self):
        BankCounter.objects.all().delete()
        assert BankCounter.current().bank_id == BankCounter.current().bank_id
        assert BankCounter.objects.count() == 1

    def test_a_bank_made_anew_has_another_identity(self):
        former = BankCounter.current().bank_id
        BankCounter.objects.all().delete()
        assert BankCounter.current().bank_id != former


class TestI2Announcing:
    def test_a_change_is_announced_after_the_commit_and_not_before(
        self,
        announced: list[dict[str, Any]],
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ):
        with django_capture_on_commit_callbacks(execute=True):
            make_study()
            assert announced == []
        assert announced == [{"change_no": change_no()}]

    def test_labels_are_announced_as_such(
        self,
        announced: list[dict[str, Any]],
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ):
        with django_capture_on_commit_callbacks(execute=True), vocabulary_change():
            pass
        assert announced == [{"vocabulary_no": BankCounter.current().vocabulary_no}]

    def test_nothing_is_announced_of_what_was_rolled_back(
        self,
        announced: list[dict[str, Any]],
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ):
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            make_study()
            transaction.set_rollback(True)
        assert announced == []

    def test_a_listener_that_fails_does_not_fail_the_change(
        self, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ):
        def fail(**_message: Any) -> None:
            raise ZeroDivisionError

        study_changed.connect(fail)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                study = make_study()
        finally:
            study_changed.disconnect(fail)
        assert Study.objects.filter(pk=study.pk).exists()


class TestR8Revisions:
    def test_each_change_writes_number_person_note_stage_and_the_whole_record(self):
        curator = user_with_role("Curaduría")
        study = make_study()
        with bank_change(by=curator, note="Se corrigió el año.") as change:
            Study.objects.filter(pk=study.pk).update(year=2020)
            change.touch(study)
        revision = study.revisions.get(change_no=change_no())
        assert (revision.by, revision.note, revision.stage) == (curator, "Se corrigió el año.", "draft")
        assert revision.is_content
        assert revision.record["year"] == 2020

    def test_a_revision_is_read_back_as_the_record_that_it_keeps(self):
        study = make_study()
        read = Study.objects.for_record().get(pk=study.pk)
        assert StudyRecord.from_json(study.revisions.get().record) == to_record(read)

    def test_former_revisions_stay_as_they_were(self):
        study = make_study(title="Primero")
        edit(study, title="Segundo")
        edit(study, title="Tercero")
        assert [revision.record["title"] for revision in study.revisions.all()] == ["Tercero", "Segundo", "Primero"]

    def test_a_study_touched_twice_in_one_change_has_one_revision_of_content(self):
        study = make_study()
        with bank_change() as change:
            change.touch(study)
            change.touch(study, content=False)
        assert study.revisions.get(change_no=change_no()).is_content

    def test_every_study_of_the_bank_has_one(self):
        assert not Study.objects.filter(revisions=None).exists()

    def test_a_large_change_is_written_in_pieces_with_one_number(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(changes, "_BATCH", 2)
        studies = [make_study() for _ in range(5)]
        with bank_change(note="Todos") as change:
            for study in studies:
                Study.objects.filter(pk=study.pk).update(year=1999)
                change.touch(study)
        written = Revision.objects.filter(note="Todos")
        assert set(written.values_list("study_id", flat=True)) == {study.pk for study in studies}
        assert {(row.change_no, row.study.changed_no) for row in written} == {(change_no(), change_no())}
        assert all("year" in row.changed and row.record["year"] == 1999 for row in written)

    def test_the_cost_of_many_revisions_does_not_grow_with_the_studies(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ):
        studies = list(Study.objects.all()[:20])
        # What a test before left in this process must not count.
        vocabularies.current()
        # Two savepoints, lock, the last records, three for the counter, stamp, eleven for the records of now,
        # vocabularies' number, insert.
        for some in (studies[:1], studies):
            with django_assert_num_queries(21), bank_change() as change:
                for study in some:
                    change.touch(study)

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: nobody can hold half a lock")
    @pytest.mark.django_db(transaction=True)
    def test_a_change_that_did_not_save_its_study_waits_for_the_one_that_does(self):
        study = Study.objects.create(slug="uno", title="Uno")
        before = change_no()
        saved = threading.Event()
        failures: list[Exception] = []

        def save_slowly() -> None:
            try:
                with bank_change() as change:
                    Study.objects.filter(pk=study.pk).update(title="Otro")
                    saved.set()
                    _until_somebody_waits_for_a_lock()
                    change.touch(study)
            except Exception as error:
                failures.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=save_slowly)
        thread.start()
        saved.wait(timeout=10)
        with bank_change() as change:
            change.touch(study, content=False)
        thread.join()
        assert failures == []
        assert change_no() == before + 2
        assert Revision.objects.filter(study=study).count() == 2


def _until_somebody_waits_for_a_lock() -> None:
    with connection.cursor() as cursor:
        for _attempt in range(100):
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            if cursor.fetchone()[0]:
                return
            threading.Event().wait(0.1)
    raise AssertionError("Nobody waits.")


class TestReadingTheCounterOnce:
    def test_a_request_reads_it_once(self, django_assert_num_queries: DjangoAssertNumQueries):
        with django_assert_num_queries(1), bank_state.cached_counter():
            assert bank_state.current() == bank_state.current()

    def test_a_change_within_the_request_is_seen_at_once(self):
        with bank_state.cached_counter():
            before = bank_state.current().change_no
            make_study()
            assert bank_state.current().change_no == before + 1

    def test_without_a_request_it_is_read_each_time(self, django_assert_num_queries: DjangoAssertNumQueries):
        with django_assert_num_queries(2):
            bank_state.current()
            bank_state.current()

    def test_new_labels_are_seen_by_those_who_ask_next(self):
        assert vocabularies.current().label("themes", "autonomy", "en") == "Women's autonomy"
        with vocabulary_change():
            Term.objects.filter(vocabulary="themes", code="autonomy").update(label_en="Her autonomy")
        assert vocabularies.current().label("themes", "autonomy", "en") == "Her autonomy"


class TestR8WhatChanged:
    def test_a_revision_names_the_fields_that_it_changed(self):
        study = make_study()
        assert study.revisions.get().changed == []
        edit(study, year=2020, title_es="Otro")
        assert study.revisions.first().changed == ["title_es", "year"]

    def test_a_move_changes_no_field(self):
        assert publish(make_study()).revisions.first().changed == []
