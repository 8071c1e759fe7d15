"""The pages of jobs: who sees which, who may ask, try again and end."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from evidencebank.models import AuditEvent
from evidencebank.watching import metrics
from jobs import kinds, queue
from jobs.models import Job
from tests.factories import user_with_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> User:
    return user_with_role("Curaduría", username="rosa")


@pytest.fixture
def administrator() -> User:
    return user_with_role("Administración", username="ada")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def failed_job(by: User | None = None) -> Job:
    return Job.objects.create(
        kind="import", key="1", by=by, state="failed", outcome="Un término ya no está.", finished_at=timezone.now()
    )


class TestList:
    def test_administrators_see_all_and_curators_what_they_asked_for(self, curator, administrator):
        queue.ask("import", {"batch": 41}, key="41", by=curator)
        queue.ask("housekeeping")
        assert "importación 41" in text(client_of(curator).get(reverse("jobs")))
        assert "Quitar lo que ya no" not in text(client_of(curator).get(reverse("jobs")))
        page = text(client_of(administrator).get(reverse("jobs")))
        assert "importación 41" in page
        assert "Quitar lo que ya no" in page

    @pytest.mark.parametrize(("shown", "seen"), [("", True), ("failed", True), ("unfinished", False), ("\x00", True)])
    def test_it_is_narrowed_by_state(self, curator, shown, seen):
        failed_job(curator)
        page = text(client_of(curator).get(reverse("jobs"), {"show": shown, "p": "x"}))
        assert ("Un término ya no está." in page) is seen

    def test_it_says_when_nobody_works(self, curator):
        page = client_of(curator)
        assert "ningún proceso hace trabajos" in text(page.get(reverse("jobs")))
        queue.show_life("a:1", "a")
        assert "ningún proceso" not in text(page.get(reverse("jobs")))

    def test_its_queries_do_not_depend_on_the_number_of_jobs(self, administrator, django_assert_num_queries):
        client = client_of(administrator)
        client.get(reverse("jobs"))
        for count in (1, 20):
            for number in range(count):
                queue.ask("import", key=f"{count}-{number}", by=administrator)
            with django_assert_num_queries(7):
                client.get(reverse("jobs"))

    def test_staff_without_a_role_are_refused_and_strangers_sign_in(self):
        assert client_of(user_with_role()).get(reverse("jobs")).status_code == 403
        assert Client().get(reverse("jobs")).status_code == 302


class TestTryingAgainAndEnding:
    def test_a_failed_job_waits_again_after_a_question_and_that_is_noted(self, curator):
        job = failed_job(curator)
        client = client_of(curator)
        address = reverse("job-retry", args=[job.pk])
        assert "Un término ya no está." in text(client.get(address))
        assert Job.objects.get().state == "failed"
        client.post(address)
        assert Job.objects.get().state == "waiting"
        event = AuditEvent.objects.get(event="job retried")
        assert (event.person, event.told) == ("rosa", {"job": f"{job.pk} import"})

    def test_a_waiting_job_is_dropped_and_that_is_noted(self, administrator):
        job = queue.ask("housekeeping")
        client_of(administrator).post(reverse("job-end", args=[job.pk]))
        assert Job.objects.get().state == "ended"
        assert AuditEvent.objects.filter(event="job ended", person="ada").exists()

    def test_what_cannot_be_done_is_told(self, curator):
        client = client_of(curator)
        job = failed_job(curator)
        page = client.post(reverse("job-end", args=[job.pk]), follow=True)
        assert "ya había acabado" in text(page)
        client.post(reverse("job-retry", args=[job.pk]))
        assert "Solo se reintenta" in text(client.post(reverse("job-retry", args=[job.pk]), follow=True))

    @pytest.mark.parametrize("name", ["job-end", "job-retry"])
    def test_what_others_asked_for_does_not_exist_for_a_curator(self, curator, administrator, name):
        job = failed_job(administrator)
        client = client_of(curator)
        for answer in (client.get(reverse(name, args=[job.pk])), client.post(reverse(name, args=[job.pk]))):
            assert answer.status_code == 404
            assert "término" not in text(answer)
        assert client.get(reverse(name, args=[10**25])).status_code == 404
        assert Job.objects.get().state == "failed"

    @pytest.mark.parametrize("name", ["job-end", "job-retry"])
    def test_forged_requests_are_refused(self, name):
        job = failed_job()
        client = client_of(user_with_role())
        assert client.post(reverse(name, args=[job.pk])).status_code == 403
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(user_with_role("Administración"))
        assert strict.post(reverse(name, args=[job.pk])).status_code == 403
        assert Job.objects.get().state == "failed"


class TestWhoWasAnAdministrator:
    def test_tries_no_work_of_administrators_again(self, curator):
        job = Job.objects.create(kind="rebuild-index", by=curator, state=Job.State.FAILED, finished_at=timezone.now())
        client = client_of(curator)
        assert client.post(reverse("job-retry", args=[job.pk])).status_code == 404
        assert "Reconstruir el índice" not in text(client.get(reverse("jobs")))
        job.refresh_from_db()
        assert job.state == Job.State.FAILED


class TestAsking:
    def test_an_administrator_asks_after_a_question_and_that_is_noted(self, administrator):
        client = client_of(administrator)
        for kind in kinds.KINDS.values():
            if kind.is_for_administrators:
                assert kind.label in text(client.get(reverse("job-ask", args=[kind.name])))
                client.post(reverse("job-ask", args=[kind.name]))
        asked = set(Job.objects.values_list("kind", flat=True))
        assert asked == {"find-duplicates", "publish-data", "check-links", "rebuild-index", "housekeeping"}
        assert set(Job.objects.values_list("by", flat=True)) == {administrator.pk}
        assert AuditEvent.objects.filter(event="job asked for").count() == len(asked)

    @pytest.mark.parametrize("kind", ["import", "send-alerts", "nothing"])
    def test_what_has_no_button_does_not_exist(self, administrator, kind):
        assert client_of(administrator).post(reverse("job-ask", args=[kind])).status_code == 404

    def test_links_are_not_asked_without_an_address_of_contact(self, administrator, settings):
        settings.CONTACT_EMAIL = ""
        assert client_of(administrator).post(reverse("job-ask", args=["check-links"])).status_code == 404

    def test_curators_are_refused(self, curator):
        assert client_of(curator).post(reverse("job-ask", args=["housekeeping"])).status_code == 403
        assert not Job.objects.exists()


class TestWatching:
    def test_metrics_tell_what_waits_what_failed_and_when_a_worker_was_seen(self):
        failed_job()
        queue.ask("housekeeping")
        queue.show_life("a:1", "a")
        read = {family.name: family for family in metrics._read_jobs()}
        counts = {sample.labels["state"]: sample.value for sample in read["bank_jobs"].samples}
        assert counts == {"waiting": 1, "running": 0, "failed": 1}
        assert 0 <= read["bank_worker_seen_seconds"].samples[0].value < 60

    def test_the_page_of_health_tells_of_jobs_that_wait_for_nobody(self, curator):
        client = client_of(curator)
        queue.ask("housekeeping")
        assert "ningún proceso" not in text(client.get(reverse("bank-health")))
        Job.objects.update(run_after=timezone.now() - timedelta(minutes=5))
        assert "ningún proceso" in text(client.get(reverse("bank-health")))

    def test_housekeeping_removes_old_jobs(self, settings):
        Job.objects.filter(pk=failed_job().pk).update(finished_at=timezone.now() - timedelta(days=8))
        settings.KEEP_JOBS_DAYS = 9
        call_command("housekeeping", stdout=StringIO())
        assert Job.objects.exists()
        settings.KEEP_JOBS_DAYS = 7
        call_command("housekeeping", stdout=StringIO())
        assert not Job.objects.exists()
