"""What the bank keeps no longer goes by one command, and nothing else does."""

import os
import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from accounts.models import FailedAttempt, SignIn
from search.models import PageReport, RateCount

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def var(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path


def folder(var, name, days_old):
    path = var / name
    path.mkdir()
    (path / "bank.sqlite3").touch()
    then = time.time() - days_old * 86_400
    os.utime(path, (then, then))
    return path


class TestHousekeeping:
    def test_expired_sessions_go_and_open_ones_stay(self, var):
        Session.objects.create(session_key="old", expire_date=timezone.now() - DAY)
        Session.objects.create(session_key="open", expire_date=timezone.now() + DAY)
        call_command("housekeeping")
        assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]

    def test_failures_and_counts_go_after_a_day(self, var):
        for days in (0, 2):
            at = timezone.now() - days * DAY
            FailedAttempt.objects.create(account=f"{days}", network="192.0.2.1", at=at)
            RateCount.objects.create(key=f"{days}", used=1, ends_at=at)
        call_command("housekeeping")
        assert list(FailedAttempt.objects.values_list("account", flat=True)) == ["0"]
        assert list(RateCount.objects.values_list("key", flat=True)) == ["0"]

    def test_sign_ins_go_after_ninety_days(self, var, django_user_model):
        person = django_user_model.objects.create_user("rosa")
        for days in (10, 100):
            at = timezone.now() - days * DAY
            SignIn.objects.create(user=person, session_key=f"{days}", at=at, last_seen_at=at, address="192.0.2.1")
        call_command("housekeeping")
        assert list(SignIn.objects.values_list("session_key", flat=True)) == ["10"]

    def test_reports_go_only_once_settled_and_after_the_period_of_the_settings(self, var, settings):
        settings.KEEP_REPORTS_DAYS = 30
        for path, days in (("/waiting/", None), ("/new/", 10), ("/old/", 31)):
            settled = None if days is None else timezone.now() - days * DAY
            PageReport.objects.create(path=path, reason="wrong", settled_at=settled, outcome="Se corrigió.")
        call_command("housekeeping")
        assert set(PageReport.objects.values_list("path", flat=True)) == {"/waiting/", "/new/"}

    def test_what_restores_set_aside_goes_after_the_period_of_the_settings(self, var, settings):
        settings.KEEP_ASIDE_DAYS = 30
        folder(var, "before-restore-20260101-000000", 31)
        folder(var, "before-restore-20261101-000000", 29)
        folder(var, "open-data", 400)
        folder(var, "backup-x1", 2)
        folder(var, "backup-x2", 0)
        call_command("housekeeping")
        left = {path.name for path in var.iterdir()}
        assert left == {"before-restore-20261101-000000", "open-data", "backup-x2"}
