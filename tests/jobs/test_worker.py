"""The worker: what becomes of a job that returns, fails, is ended, or meets the end of its worker."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest
from django.db import OperationalError

from jobs import queue
from jobs.errors import JobFailed, TryAgainLater
from jobs.kinds import RunningJob, each_night, each_week
from jobs.models import Job
from jobs.worker import Worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    """A worker on the connection of the test, which holds its transaction: an idle worker would close it."""
    for name in ("close", "close_if_unusable_or_obsolete"):
        monkeypatch.setattr(f"jobs.worker.connection.{name}", lambda: None)
    return Worker("telar")


def do(worker: Worker) -> Job:
    """Let the worker do the one job that waits, and return it."""
    assert worker.run_one()
    return Job.objects.get()


def raiser(error: BaseException) -> Any:
    def run(job: RunningJob) -> str:
        raise error

    return run


class TestGivingWay:
    def test_weekly_work_stops_between_two_steps_for_what_people_or_nights_ask(self, add_kind, worker):
        done: list[str] = []

        def ask_all(job: RunningJob) -> str:
            for step in range(3):
                done.append(f"link {step}")
                if len(done) == 1:
                    queue.ask("weave")
                job.checkpoint(step, 3)
            return "Preguntadas."

        add_kind(run=lambda job: done.append("weave") or "Tejido.")
        add_kind("links", run=ask_all, is_resumable=True, period=each_week(0))
        queue.ask_what_is_due("telar")
        while worker.run_one():
            pass
        assert done == ["link 0", "weave", "link 0", "link 1", "link 2"]
        assert set(Job.objects.values_list("state", flat=True)) == {"done"}

    def test_of_what_waits_that_of_people_comes_first_then_nights_then_weeks(self, add_kind, worker):
        order: list[str] = []
        for name, period in (("week", each_week(0)), ("night", each_night(0)), ("people", None)):
            add_kind(name, run=lambda job, name=name: order.append(name) or "Hecho.", period=period)
        queue.ask_what_is_due("telar")
        queue.ask("people")
        while worker.run_one():
            pass
        assert order == ["people", "night", "week"]


class TestOutcomes:
    def test_what_a_job_returns_is_kept(self, add_kind, worker):
        add_kind(run=lambda job: f"Tejido de {job.arguments['wool']}.")
        queue.ask("weave", {"wool": "alpaca"})
        job = do(worker)
        assert (job.state, job.outcome, job.claim) == ("done", "Tejido de alpaca.", "")
        assert job.started_at <= job.finished_at
        assert not worker.run_one()

    def test_a_sentence_for_people_is_kept_as_it_is(self, add_kind, worker):
        add_kind(run=raiser(JobFailed("La importación ya no está.")))
        queue.ask("weave")
        job = do(worker)
        assert (job.state, job.outcome) == ("failed", "La importación ya no está.")

    def test_of_an_error_of_the_program_only_kind_and_place_are_kept(self, add_kind, worker, caplog):
        add_kind(run=raiser(ValueError("clave secreta en tests/x")))
        queue.ask("weave")
        job = do(worker)
        assert job.state == "failed"
        assert "ValueError, en " in job.outcome
        assert "línea" in job.outcome
        assert "secreta" not in job.outcome
        assert "clave secreta" in caplog.text

    @pytest.mark.parametrize("error", [TryAgainLater("Ocupado."), OperationalError("database is locked")])
    def test_what_may_pass_is_tried_again_a_few_times(self, add_kind, worker, error, monkeypatch):
        add_kind(run=raiser(error))
        queue.ask("weave")
        for attempt in range(1, queue.MOST_ATTEMPTS + 1):
            Job.objects.update(run_after="2026-01-01T00:00Z")
            job = do(worker)
            assert job.state == ("waiting" if attempt < queue.MOST_ATTEMPTS else "failed")
        assert "locked" not in job.outcome

    def test_a_job_that_kills_its_worker_each_time_is_given_up(self, add_kind, worker):
        told = []
        add_kind(after_stop=told.append)
        queue.ask("weave")
        Job.objects.update(attempts=queue.MOST_ATTEMPTS)
        job = do(worker)
        assert (job.state, len(told)) == ("failed", 1)
        assert "murió" in job.outcome

    def test_a_kind_of_another_version_fails_with_a_sentence(self, add_kind, worker):
        add_kind()
        queue.ask("spin")
        assert "no conoce este trabajo" in do(worker).outcome

    def test_texts_are_spanish_and_lines_are_in_the_log(self, add_kind, worker, caplog):
        caplog.set_level(logging.INFO, "evidencebank.jobs")
        add_kind()
        queue.ask("weave")
        job = do(worker)
        assert [record.getMessage().split(" after")[0] for record in caplog.records] == [
            f"job {job.pk} begins: weave",
            f"job {job.pk} done",
        ]


class TestBetweenSteps:
    def test_progress_is_written_and_counts_as_a_new_beginning_of_what_can_go_on(self, add_kind, worker):
        seen = []

        def run(job: RunningJob) -> str:
            job.checkpoint(3, 10)
            seen.append(Job.objects.values_list("done", "total", "attempts").get())
            return ""

        add_kind(run=run, is_resumable=True)
        queue.ask("weave")
        Job.objects.update(attempts=3)
        do(worker)
        assert seen == [(3, 10, 1)]

    def test_an_ended_job_stops_and_its_kind_hears_of_it(self, add_kind, worker):
        told, steps = [], []

        def run(job: RunningJob) -> str:
            for step in range(9):
                steps.append(step)
                queue.end(Job.objects.get())
                job.checkpoint(step, 9)
            return ""

        add_kind(run=run, after_stop=told.append)
        queue.ask("weave")
        assert (do(worker).state, len(steps), len(told)) == ("ended", 1, 1)

    def test_a_job_that_was_to_end_when_its_worker_died_is_not_begun_again(self, add_kind, worker):
        add_kind(run=raiser(AssertionError()))
        queue.ask("weave")
        Job.objects.update(is_ending=True)
        assert do(worker).state == "ended"

    def test_a_worker_that_is_told_to_stop_puts_its_job_back(self, add_kind, worker):
        def run(job: RunningJob) -> str:
            worker.stop()
            job.checkpoint(1, 2)
            return ""

        add_kind(run=run)
        queue.ask("weave")
        job = do(worker)
        assert (job.state, job.attempts, job.done) == ("waiting", 0, 1)

    def test_a_worker_that_lost_its_job_writes_no_more_of_it(self, add_kind, worker):
        def run(job: RunningJob) -> str:
            Job.objects.update(claim="another/1")
            job.hold()
            raise AssertionError("not reached")

        add_kind(run=run)
        queue.ask("weave")
        job = do(worker)
        assert (job.state, job.claim) == ("running", "another/1")


class TestLoop:
    def test_the_database_is_waited_for_with_growing_pauses(self, add_kind, worker, monkeypatch, caplog):
        caplog.set_level(logging.INFO, "evidencebank.jobs")
        pauses: list[float] = []
        answers = iter([OperationalError(), OperationalError(), OperationalError(), False])

        class Clock(threading.Event):
            def wait(self, timeout: float | None = None) -> bool:
                pauses.append(timeout or 0.0)
                return self.is_set()

        def run_one() -> bool:
            answer = next(answers)
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(worker, "run_one", run_one)
        monkeypatch.setattr(worker, "_beat", lambda: None)
        worker.stopping = Clock()
        worker.run(until_idle=True)
        assert pauses == [0.0, 2.0, 4.0, 8.0]
        assert caplog.text.count("does not answer") == 1
        assert "answers again" in caplog.text
