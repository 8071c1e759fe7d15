"""Checks of published records against their sources, and when the next one is due."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from studies.curation import queues, rechecks
from studies.curation.rechecks import CheckRefused
from studies.models import BankCounter, Stage, Study
from tests.factories import make_study, user_with_role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_bank")]


@pytest.fixture
def rosa() -> User:
    return user_with_role("Curaduría", username="rosa")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


class TestChecks:
    @pytest.mark.parametrize(
        ("day", "months", "wanted"),
        [
            ((2026, 1, 31), 1, (2026, 2, 28)),
            ((2024, 2, 29), 12, (2025, 2, 28)),
            ((2026, 11, 23), 24, (2028, 11, 23)),
            ((2026, 11, 23), -24, (2024, 11, 23)),
            ((2026, 12, 31), 2, (2027, 2, 28)),
            ((2026, 1, 15), -1, (2025, 12, 15)),
        ],
    )
    def test_months_end_where_months_end(self, day: tuple, months: int, wanted: tuple):
        assert rechecks.add_months(datetime.date(*day), months) == datetime.date(*wanted)

    def test_a_published_study_is_due_some_months_after_its_publication(self, settings: Settings, rosa: User):
        settings.RECHECK_MONTHS = 6
        study = make_study(stage=Stage.PUBLISHED)
        assert not rechecks.list_due().exists()
        due = rechecks.add_months(timezone.localdate(), -6)
        Study.objects.update(published_at=rechecks.start_of_day(due + datetime.timedelta(days=1)))
        assert not rechecks.list_due().exists()
        Study.objects.update(published_at=rechecks.start_of_day(due))
        assert list(rechecks.list_due()) == [study]
        study.refresh_from_db()
        assert rechecks.get_due_date(study) == timezone.localdate()
        assert [item.study for item in queues.list_items(rosa, "recheck", 0, 50)] == [study]

    def test_a_check_puts_it_off_is_kept_and_changes_nothing_of_the_bank(self, rosa: User):
        study = make_study(stage=Stage.PUBLISHED)
        Study.objects.update(recheck_on=timezone.localdate())
        number, updated = BankCounter.current().change_no, Study.objects.get().updated_at
        rechecks.record_check(study, by=rosa, note="Comparado con el artículo")
        assert not rechecks.list_due().exists()
        assert (study.checks.get().by, study.checks.get().note) == (rosa, "Comparado con el artículo")
        assert rechecks.get_due_date(study) == rechecks.add_months(timezone.localdate(), 24)
        assert (BankCounter.current().change_no, Study.objects.get().updated_at) == (number, updated)

    @pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.WITHDRAWN])
    def test_only_what_is_published_is_checked(self, stage: Stage, rosa: User):
        study = make_study(stage=stage)
        with pytest.raises(CheckRefused):
            rechecks.record_check(study, by=rosa)
        Study.objects.update(recheck_on=timezone.localdate())
        assert not rechecks.list_due().exists()

    def test_the_page_checks_or_only_sets_the_date(self, rosa: User):
        study = make_study(stage=Stage.PUBLISHED)
        client, where = signed_in(rosa), f"/admin/studies/study/{study.pk}/comprobar/"
        assert client.get(where).status_code == 200
        day = (timezone.localdate() + datetime.timedelta(days=40)).isoformat()
        client.post(where, {"again_on": day, "_date": "1"})
        study.refresh_from_db()
        assert (study.recheck_on.isoformat(), study.checks.count()) == (day, 0)
        client.post(where, {"again_on": day, "note": "Bien"})
        assert study.checks.get().note == "Bien"
        assert "Bien" in client.get(f"/admin/studies/study/{study.pk}/history/").content.decode()

    @pytest.mark.parametrize("day", ["", "ayer", "2020-01-01", "0000-00-00", "\x00", "9" * 400, "99999-01-01"])
    def test_odd_dates_are_answered_in_words(self, rosa: User, day: str):
        study = make_study(stage=Stage.PUBLISHED)
        answer = signed_in(rosa).post(f"/admin/studies/study/{study.pk}/comprobar/", {"again_on": day})
        assert answer.status_code == 200
        assert "errorlist" in answer.content.decode()
        assert not study.checks.exists()
