"""The queue: who gets a job, what a lost worker leaves, what people may do to it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import queue
from jobs.errors import JobRefused
from jobs.kinds import each_night, each_week
from jobs.models import Job, Worker
from tests.factories import user_with_role

pytestmark = pytest.mark.django_db
HOST = "telar"


def lose_worker(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))


class TestAsking:
    def test_the_same_is_not_asked_for_twice_while_it_is_unfinished(self, add_kind):
        add_kind()
        first = queue.ask("weave", {"batch": 1}, key="1")
        assert queue.ask("weave", {"batch": 1}, key="1") == first
        assert queue.ask("weave", {"batch": 2}, key="2") != first
        queue.finish(queue.claim("w", HOST), Job.State.DONE, "")
        assert queue.ask("weave", {"batch": 1}, key="1") != first

    def test_what_each_host_does_for_itself_is_asked_for_on_each(self, add_kind):
        kind = add_kind(is_per_host=True)
        queue.show_life("a:1", "a")
        queue.show_life("b:1", "b")
        assert [job.host for job in queue.ask_everywhere(kind)] == ["a", "b"]

    def test_without_any_worker_it_waits_for_one_of_this_host(self, add_kind):
        assert [job.host for job in queue.ask_everywhere(add_kind(is_per_host=True))] == [queue.this_host()]


class TestPeriodic:
    def test_is_asked_for_once_a_period_whatever_worker_asks(self, add_kind):
        add_kind(period=lambda now: "2026-12-01")
        for host in ("a", "b", "a"):
            queue.ask_what_is_due(host)
        assert Job.objects.count() == 1
        queue.finish(queue.claim("w", "a"), Job.State.DONE, "")
        queue.ask_what_is_due("b")
        assert Job.objects.count() == 1

    def test_is_asked_for_again_in_the_next_period(self, add_kind):
        add_kind(period=lambda now: "2026-12-01")
        queue.ask_what_is_due("a")
        queue.finish(queue.claim("w", "a"), Job.State.FAILED, "")
        add_kind(period=lambda now: "2026-12-02")
        queue.ask_what_is_due("a")
        assert Job.objects.count() == 2

    def test_one_of_each_host_is_asked_for_on_each(self, add_kind):
        add_kind(period=lambda now: "2026-12-01", is_per_host=True)
        for host in ("a", "b", "a"):
            queue.ask_what_is_due(host)
        assert sorted(Job.objects.values_list("host", flat=True)) == ["a", "b"]

    def test_two_workers_at_the_same_moment_ask_for_one(self, add_kind):
        add_kind()
        first, second = (Job(kind="weave", period="2026-12-01") for _ in range(2))
        assert queue._create(first) == queue._create(second)
        assert Job.objects.count() == 1

    def test_what_the_settings_do_not_allow_is_not_asked_for(self, add_kind):
        add_kind(period=lambda now: "2026-12-01", is_offered=lambda: False)
        queue.ask_what_is_due("a")
        assert not Job.objects.exists()

    def test_what_is_behind_is_asked_for_unless_it_waits_already(self, add_kind):
        add_kind(is_due=lambda: True)
        for _ in range(2):
            queue.ask_what_is_due("a")
        assert Job.objects.count() == 1

    @pytest.mark.parametrize(
        ("moment", "night", "week"),
        [
            ("2026-12-01T02:59", "2026-11-30", "week 2026-11-29"),
            ("2026-12-01T03:00", "2026-12-01", "week 2026-11-29"),
            ("2026-12-06T02:59", "2026-12-05", "week 2026-11-29"),
            ("2026-12-06T03:00", "2026-12-06", "week 2026-12-06"),
        ],
    )
    def test_a_night_and_a_week_begin_at_their_hour(self, moment: str, night: str, week: str):
        now = datetime.fromisoformat(moment)
        assert (each_night(3)(now), each_week(3)(now)) == (night, week)


class TestClaiming:
    def test_each_job_goes_to_one_worker_the_oldest_first(self, add_kind):
        add_kind()
        jobs = [queue.ask("weave", key=key) for key in "ab"]
        assert [queue.claim("one", HOST), queue.claim("two", HOST), queue.claim("one", HOST)] == [*jobs, None]

    def test_what_people_wait_for_comes_before_what_is_done_every_night(self, add_kind):
        add_kind()
        Job.objects.create(kind="weave", period="2026-12-01")
        asked = queue.ask("weave", key="a")
        assert queue.claim("one", HOST) == asked

    def test_of_two_that_saw_the_same_job_one_gets_it(self, add_kind, monkeypatch):
        add_kind()
        job = queue.ask("weave")
        make_token = queue.secrets.token_hex
        others = []

        def let_another_claim_first(size: int) -> str:
            monkeypatch.setattr(queue.secrets, "token_hex", make_token)
            others.append(queue.claim("faster", HOST))
            return make_token(size)

        monkeypatch.setattr(queue.secrets, "token_hex", let_another_claim_first)
        assert queue.claim("slower", HOST) is None
        assert others == [job]
        assert Job.objects.get().claim.startswith("faster/")

    def test_a_job_of_another_host_is_left_to_it(self, add_kind):
        add_kind()
        queue.ask("weave", host="other")
        assert queue.claim("one", HOST) is None
        assert queue.claim("two", "other") is not None

    def test_looking_for_work_is_one_query_that_takes_no_lock(
        self, add_kind, django_assert_num_queries: DjangoAssertNumQueries
    ):
        with django_assert_num_queries(1) as asked:
            assert queue.claim("one", HOST) is None
        assert asked.captured_queries[0]["sql"].startswith("SELECT")
        assert "FOR UPDATE" not in asked.captured_queries[0]["sql"]

    def test_what_a_lost_worker_had_is_done_by_another_and_no_longer_by_it(self, add_kind):
        add_kind()
        queue.ask("weave")
        lost = queue.claim("one", HOST)
        assert queue.claim("two", HOST) is None
        lose_worker(lost)
        found = queue.claim("two", HOST)
        assert (found, found.attempts) == (lost, 2)
        assert not queue.keep(lost)
        assert not queue.note_progress(lost, 1, 2, is_new_beginning=False)
        assert not queue.finish(lost, Job.State.DONE, "")
        queue.put_back(lost)
        assert Job.objects.get().claim == found.claim

    def test_what_is_tried_later_waits_longer_each_time_and_not_for_ever(self, add_kind):
        add_kind()
        queue.ask("weave")
        waits = []
        for _ in range(queue.MOST_ATTEMPTS - 1):
            job = queue.claim("one", HOST)
            assert queue.try_later(job, "Ocupado.")
            assert queue.claim("one", HOST) is None
            waits.append(Job.objects.get().run_after - timezone.now())
            Job.objects.update(run_after=timezone.now())
        assert waits == sorted(waits)
        assert not queue.try_later(queue.claim("one", HOST), "Ocupado.")


class TestEndingAndTryingAgain:
    def test_one_that_waits_is_dropped_and_its_kind_hears_of_it(self, add_kind):
        told = []
        add_kind(after_stop=told.append)
        queue.end(queue.ask("weave", {"batch": 7}))
        assert (Job.objects.get().state, told) == ("ended", [{"batch": 7}])
        assert queue.claim("one", HOST) is None

    def test_one_that_runs_is_asked_to_stop(self, add_kind):
        add_kind()
        queue.ask("weave")
        job = queue.claim("one", HOST)
        assert queue.end(job).state == "running"
        assert queue.is_ending(job)

    def test_one_whose_worker_is_lost_is_dropped(self, add_kind):
        add_kind()
        queue.ask("weave")
        lose_worker(queue.claim("one", HOST))
        assert queue.end(Job.objects.get()).state == "ended"

    def test_one_that_is_finished_cannot_be_ended(self, add_kind):
        add_kind()
        job = queue.end(queue.ask("weave"))
        with pytest.raises(JobRefused):
            queue.end(job)

    def test_one_that_failed_waits_again(self, add_kind):
        add_kind()
        job = queue.ask("weave")
        with pytest.raises(JobRefused):
            queue.retry(job)
        queue.finish(queue.claim("one", HOST), Job.State.FAILED, "No.")
        assert (queue.retry(job).state, job.attempts, job.outcome) == ("waiting", 0, "")

    def test_it_does_not_wait_again_beside_another_one(self, add_kind):
        add_kind()
        job = queue.end(queue.ask("weave"))
        queue.ask("weave")
        with pytest.raises(JobRefused, match="otro trabajo igual"):
            queue.retry(job)


class TestSignsOfLife:
    def test_a_worker_that_is_silent_for_long_counts_as_gone(self):
        queue.show_life("a:1", "a")
        assert queue.is_worker_alive()
        Worker.objects.update(seen_at=timezone.now() - queue.ALIVE_FOR)
        assert not queue.is_worker_alive()

    def test_jobs_that_wait_for_nobody_are_told(self, add_kind):
        add_kind()
        job = queue.ask("weave")
        assert not queue.find_waiting_too_long()
        Job.objects.filter(pk=job.pk).update(run_after=timezone.now() - queue.ALIVE_FOR)
        assert queue.find_waiting_too_long()
        queue.show_life("a:1", "a")
        assert not queue.find_waiting_too_long()


class TestForgetting:
    def test_old_ones_go_and_those_of_present_periods_stay(self, add_kind):
        add_kind()
        queue.ask("weave", key="waits", by=user_with_role("Curaduría"))
        for state, period, days in (
            ("done", "", 31),
            ("done", "", 2),
            ("ended", "2026-11-29", 10),
            ("done", "2026-W1", 31),
        ):
            finished = timezone.now() - timedelta(days=days)
            Job.objects.create(kind="weave", key="x", state=state, period=period, finished_at=finished)
        assert queue.forget_old(timedelta(days=5)) == 2
        assert sorted(Job.objects.values_list("state", flat=True)) == ["done", "ended", "waiting"]

    def test_what_waits_for_a_host_that_is_gone_goes_too(self, add_kind):
        add_kind()
        queue.show_life("here:1", "here")
        for host in ("gone", "here"):
            queue.ask("weave", host=host)
        Job.objects.update(run_after=timezone.now() - timedelta(days=31))
        assert queue.forget_old(timedelta(days=30)) == 1
        assert Job.objects.get().host == "here"
