"""Alerts: requests, what is stored once they are confirmed, and when a digest is due."""

from __future__ import annotations

import datetime

import pytest

from search.criteria.criteria import Criteria
from search.lists import alerts
from search.lists.alerts import AlertRefused, AlertRequest, LinkExpired, next_due_date
from search.models import Alert
from studies.store import bank_state

pytestmark = pytest.mark.django_db

PERU = Criteria(q="violencia", chosen={"country": ("PE",)}, sort="title", page=3)


def ask(email: str = "ana@example.org", criteria: Criteria = PERU, frequency: str = "weekly") -> AlertRequest:
    return alerts.request_alert(email, criteria, "es", frequency)


class TestAsking:
    def test_keeps_nothing_and_says_what_a_link_needs(self):
        asked = ask(" ana@example.org ")
        assert (asked.email, asked.query) == ("ana@example.org", "q=violencia&country=PE")
        assert asked.criteria == Criteria(q="violencia", chosen={"country": ("PE",)})
        assert alerts.read_token(asked.token()) == asked
        assert not Alert.objects.exists()

    @pytest.mark.parametrize(
        "email",
        ["", "ana", "ana@", "@example.org", "a\nb@example.org", "a@b c.org", "a" * 250 + "@example.org", "<a@b.pe>"],
    )
    def test_refuses_what_is_no_address(self, email: str):
        with pytest.raises(AlertRefused) as refusal:
            ask(email)
        assert refusal.value.field == "email"

    def test_refuses_another_frequency_and_a_search_that_no_link_holds(self):
        for refused, field in (({"frequency": "daily"}, "frequency"), ({"criteria": Criteria(q="x" * 1001)}, "query")):
            with pytest.raises(AlertRefused) as refusal:
                ask(**refused)  # type: ignore[arg-type]
            assert refusal.value.field == field

    @pytest.mark.parametrize("token", ["", "nada", "a:b:c", "\x00"])
    def test_an_invented_link_confirms_nothing(self, token: str):
        with pytest.raises(LinkExpired):
            alerts.read_token(token)

    def test_a_link_is_good_for_three_days(self, monkeypatch: pytest.MonkeyPatch):
        token = ask().token()
        import django.core.signing

        now = django.core.signing.time.time()
        monkeypatch.setattr("django.core.signing.time.time", lambda: now + 3 * 86_400 + 1)
        with pytest.raises(LinkExpired):
            alerts.read_token(token)


class TestConfirming:
    def test_keeps_address_search_language_frequency_and_where_it_begins(self):
        alert = alerts.confirm_alert(ask())
        kept = {field.name: getattr(alert, field.name) for field in Alert._meta.fields}
        assert set(kept) - {"id", "key"} == {
            *("email", "query", "language", "frequency", "told_no", "due_on"),
            *("claimed_no", "claimed_at", "unsure_since"),
        }
        assert kept["told_no"] == bank_state.current().change_no
        assert len(alert.key) >= 32

    def test_twice_keeps_one(self):
        first = alerts.confirm_alert(ask())
        again = alerts.confirm_alert(ask("ANA@example.org", frequency="monthly"))
        assert first.pk == again.pk
        assert Alert.objects.get().frequency == "monthly"
        assert again.key == first.key

    def test_another_search_is_another_alert(self):
        alerts.confirm_alert(ask())
        alerts.confirm_alert(ask(criteria=Criteria()))
        assert Alert.objects.count() == 2


class TestEnding:
    def test_forgets_all(self):
        alert = alerts.confirm_alert(ask())
        assert alerts.end_alert(alert.key)
        assert not Alert.objects.exists()
        assert not alerts.end_alert(alert.key)

    @pytest.mark.parametrize("key", ["", "nada", "1"])
    def test_another_key_ends_nothing(self, key: str):
        alerts.confirm_alert(ask())
        assert not alerts.end_alert(key)
        assert Alert.objects.exists()


class TestNextDate:
    @pytest.mark.parametrize(
        ("day", "frequency", "following"),
        [
            ("2026-11-26", "weekly", "2026-12-03"),
            ("2026-11-26", "monthly", "2026-12-26"),
            ("2026-12-31", "monthly", "2027-01-31"),
            ("2027-01-31", "monthly", "2027-02-28"),
            ("2028-01-31", "monthly", "2028-02-29"),
        ],
    )
    def test_is_a_week_or_a_month_later(self, day: str, frequency: str, following: str):
        assert next_due_date(datetime.date.fromisoformat(day), frequency) == datetime.date.fromisoformat(following)


class TestOffered:
    @pytest.mark.parametrize(
        ("sends", "name", "offered"), [(True, "https://banco.example.pe", True), (True, "", False), (False, "x", False)]
    )
    def test_where_mail_can_be_sent_and_links_have_a_name(self, settings, sends: bool, name: str, offered: bool):
        settings.SENDS_MAIL, settings.SITE_URL = sends, name
        assert alerts.are_offered() is offered
