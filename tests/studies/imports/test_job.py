"""A long batch is written in steps: what interrupts it neither loses a reference nor writes one twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from jobs import queue
from jobs.models import Job
from jobs.worker import Worker
from studies.imports import drafts, errors, job, writing
from studies.models import ImportBatch, Revision, Study
from studies.records.study import StudyRecord
from tests.factories import edit, make_study, user_with_role
from tests.studies.imports.batches_factory import batch_of
from tests.studies.reference_files import records, written

pytestmark = pytest.mark.django_db
TITLES = (
    "Ferias nocturnas en la ribera",
    "Cerámica vidriada de barrios altos",
    "Orquestas juveniles y su público",
    "Cuánto tarda un bus en la cuesta",
    "Abejas sin aguijón en patios de escuela",
    "Lecturas en voz alta para abuelos",
    "Mareas rojas vistas desde el muelle",
)
COUNT = len(TITLES)


@pytest.fixture(autouse=True)
def _short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "STEP", 2)
    monkeypatch.setattr(writing, "MOST_AT_ONCE", 3)
    # Nor does the worker do here what it does every night.
    monkeypatch.setattr(queue, "ask_what_is_due", lambda host: None)


@pytest.fixture
def curator() -> User:
    return user_with_role("Curaduría")


@pytest.fixture
def batch() -> ImportBatch:
    (model,) = records(1)
    return batch_of(written("ris", [_with_title(model, number, title) for number, title in enumerate(TITLES)]))


def _with_title(model: StudyRecord, number: int, title: str) -> StudyRecord:
    return replace(model, title=title, doi=f"10.5555/larga.{number}", volume=f"{number + 20}", pages=f"{number}5")


def work() -> Job:
    """Let a worker do the job that waits."""
    assert Worker("telar").run_one()
    return Job.objects.first()


def interrupt(monkeypatch: pytest.MonkeyPatch, name: str, at: int, error: BaseException) -> None:
    """Have the function `name` of `drafts` raise `error` after its work, the time `at`."""
    act: Callable[..., Any] = getattr(drafts.exchange_study, name)
    calls = []

    def act_and_fail(*args: Any, **options: Any) -> Any:
        done = act(*args, **options)
        calls.append(1)
        if len(calls) == at:
            raise error
        return done

    monkeypatch.setattr(drafts.exchange_study, name, act_and_fail)


class Killed(BaseException):
    """Stands for a process that ends at this place."""


def assert_each_once(batch: ImportBatch, count: int = COUNT) -> None:
    made = list(batch.rows.order_by("position").values_list("made", flat=True))
    assert None not in made[:count]
    assert len(set(made[:count])) == count
    assert Revision.objects.filter(study__in=made[:count]).count() == count


class TestSteps:
    def test_each_step_is_a_change_of_its_own_and_progress_is_told(self, batch, curator):
        told: list[tuple[int, int]] = []
        assert writing.write(batch, by=curator, between=lambda *at: told.append(at)) == COUNT
        assert told == [(2, COUNT), (4, COUNT), (6, COUNT), (7, COUNT)]
        numbers = Revision.objects.filter(study__import_rows__batch=batch).values_list("change_no", flat=True)
        assert len(set(numbers)) == 4
        assert_each_once(batch)

    @pytest.mark.parametrize("step", [1, 2, 4])
    def test_what_is_killed_within_a_step_loses_that_step_alone(self, batch, curator, monkeypatch, step):
        job.ask(batch, by=curator)
        with monkeypatch.context() as patch:
            interrupt(patch, "create_records", step, Killed())
            with pytest.raises(Killed):
                work()
        assert batch.rows.filter(made__isnull=False).count() == 2 * (step - 1)
        assert Job.objects.get().state == "running"
        Job.objects.update(claimed_until="2026-01-01T00:00Z")
        assert work().outcome == f"Se crearon {COUNT} borradores."
        assert_each_once(batch)

    def test_what_is_killed_between_steps_goes_on_with_the_next_one(self, batch, curator, monkeypatch):
        job.ask(batch, by=curator)

        def be_killed(*_at: Any) -> None:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr("jobs.running.ClaimedJob.checkpoint", lambda *at: None if at[1] == 0 else be_killed())
            with pytest.raises(Killed):
                work()
        assert batch.rows.filter(made__isnull=False).count() == 2
        Job.objects.update(claimed_until="2026-01-01T00:00Z")
        work()
        assert_each_once(batch)

    def test_a_worker_that_lost_the_job_writes_nothing_more(self, batch, curator, monkeypatch):
        job.ask(batch, by=curator)
        read = drafts.unhandled_rows
        steps = []

        def lose_at_the_second(held: ImportBatch) -> Any:
            steps.append(1)
            return read(held)

        monkeypatch.setattr(drafts, "unhandled_rows", lose_at_the_second)
        keep = queue.keep
        monkeypatch.setattr(queue, "keep", lambda held: keep(held) and len(steps) < 1)
        assert work().state == "running"
        assert batch.rows.filter(made__isnull=False).count() == 2

    def test_a_draft_that_somebody_deleted_meanwhile_is_not_made_again(self, batch, curator):
        first = True

        def delete_one(*_at: Any) -> None:
            nonlocal first
            if first:
                batch.rows.exclude(made=None)[0].made.delete()
            first = False

        assert writing.write(batch, by=curator, between=delete_one) == COUNT - 1
        assert batch.rows.filter(made__isnull=True).count() == 1

    def test_what_somebody_brings_between_two_steps_is_left_out_later(self, batch, curator):
        last = batch.rows.order_by("-position")[0]

        def bring(*_at: Any) -> None:
            if not Study.objects.filter(doi=last.record["doi"]).exists():
                make_study(title=last.record["title"], doi=last.record["doi"], title_es=None, title_en=None)

        assert writing.write(batch, by=curator, between=bring) == COUNT - 1
        last.refresh_from_db()
        assert (last.is_taken, last.outcome) == (False, "duplicate")


class TestEnding:
    @pytest.fixture
    def half(self, batch, curator, monkeypatch) -> ImportBatch:
        """A batch whose job somebody ended after its first step."""
        asked = job.ask(batch, by=curator)
        note = queue.note_progress

        def end_after_a_step(held: Job, done: int, total: int, **options: Any) -> bool:
            if done:
                queue.end(asked)
            return note(held, done, total, **options)

        with monkeypatch.context() as patch:
            patch.setattr(queue, "note_progress", end_after_a_step)
            assert work().state == "ended"
        batch.refresh_from_db()
        return batch

    def test_what_was_written_stays_and_the_rest_is_told(self, half):
        assert (half.state, writing.count_left(half)) == ("written", COUNT - 2)

    def test_it_can_be_undone(self, half):
        before = Study.objects.count()
        assert writing.undo(half) == 2
        assert Study.objects.count() == before - 2

    def test_it_cannot_be_undone_once_somebody_worked_on_it(self, half):
        edit(writing.studies_made_by(half)[0], by=user_with_role("Revisión"), year=2001)
        with pytest.raises(errors.ImportRefused):
            writing.undo(half)

    def test_it_can_go_on(self, half, curator):
        job.ask(half, by=curator)
        work()
        assert_each_once(half)

    def test_trying_the_job_again_goes_on_too(self, half):
        queue.retry(Job.objects.get())
        assert work().state == "done"
        assert_each_once(half)

    def test_before_anything_was_written_the_preview_is_back(self, batch, curator):
        queue.end(job.ask(batch, by=curator))
        batch.refresh_from_db()
        assert (batch.state, writing.count_left(batch)) == ("preview", 0)

    def test_a_term_that_is_gone_fails_with_a_sentence_and_keeps_what_was_written(self, batch, curator):
        batch.rows.filter(position=3).update(record={"title": "A", "settings": ["gone"]})
        job.ask(batch, by=curator)
        done = work()
        batch.refresh_from_db()
        assert (done.state, batch.state, writing.count_left(batch)) == ("failed", "written", COUNT - 2)
        assert "«gone» ya no está" in done.outcome

    def test_a_batch_that_was_discarded_fails_with_a_sentence(self, batch, curator):
        asked = job.ask(batch, by=curator)
        Job.objects.filter(pk=asked.pk).update(arguments={"batch": 0})
        assert "descartó" in work().outcome


class TestWhileItIsWritten:
    @pytest.mark.parametrize("act", [writing.discard, writing.reset, writing.undo])
    def test_nobody_discards_reads_again_or_undoes_it(self, batch, curator, act):
        job.ask(batch, by=curator)
        with pytest.raises(errors.ImportRefused):
            act(batch)
        with pytest.raises(errors.ImportRefused):
            writing.tick_all(batch, None, is_taken=False)

    def test_undoing_all_of_it_afterwards_deletes_what_it_made_and_nothing_else(self, batch, curator):
        own = make_study()
        before = Study.objects.count()
        job.ask(batch, by=curator)
        work()
        batch.refresh_from_db()
        assert writing.undo(batch) == COUNT
        assert Study.objects.count() == before
        assert Study.objects.filter(pk=own.pk).exists()


class TestPages:
    @pytest.fixture
    def client(self, curator) -> Client:
        client = Client()
        client.force_login(curator)
        return client

    @staticmethod
    def send(client: Client, batch: ImportBatch, what: str = "decide", **data: str) -> str:
        return client.post(
            reverse(f"admin:studies_importbatch_{what}", args=[batch.pk]), data, follow=True
        ).content.decode()

    def test_a_short_list_is_written_at_once(self, client):
        page = self.send(client, batch_of(written("ris", records(3))), action="write")
        assert "Se crearon 3 borradores" in page
        assert not Job.objects.exists()

    def test_a_long_one_waits_for_the_worker_and_that_is_told(self, client, batch, curator):
        page = self.send(client, batch, action="write")
        assert "0 de 7" in page
        assert "ningún proceso hace trabajos" in page
        assert Job.objects.get().by == curator
        queue.show_life("a:1", "a")
        assert (
            "ningún proceso"
            not in client.get(reverse("admin:studies_importbatch_change", args=[batch.pk])).content.decode()
        )
        work()
        assert "Borradores de esta importación" in self.send(client, batch, action="write")

    def test_what_was_interrupted_goes_on_by_a_button(self, client, batch):
        writing.begin(batch)
        page = client.get(reverse("admin:studies_importbatch_change", args=[batch.pk])).content.decode()
        assert "se interrumpió" in page
        self.send(client, batch, "write")
        work()
        assert_each_once(batch)

    def test_an_import_that_is_over_cannot_be_written_again(self, client, batch):
        writing.write(batch, by=None)
        assert "ya se escribió" in self.send(client, batch, "write")
        assert not Job.objects.exists()

    def test_staff_without_the_right_are_refused(self, batch):
        client = Client()
        client.force_login(user_with_role())
        address = reverse("admin:studies_importbatch_write", args=[batch.pk])
        assert client.post(address).status_code == 403

    def test_the_page_costs_the_same_queries_whatever_the_number_of_rows(
        self, client, batch, curator, django_assert_max_num_queries
    ):
        job.ask(batch, by=curator)
        with django_assert_max_num_queries(14):
            client.get(reverse("admin:studies_importbatch_change", args=[batch.pk]))
