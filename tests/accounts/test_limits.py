"""How many wrong passwords may be tried from where, and that nobody's failures keep another person out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import limits
from accounts.models import FailedAttempt

pytestmark = pytest.mark.django_db
PASSWORD = "tortuga lámpara viento queso"
HOME, ELSEWHERE = "203.0.113.9", "198.51.100.7"


@pytest.fixture(autouse=True)
def people() -> None:
    for name in ("ana", "berta"):
        User.objects.create_user(name, password=PASSWORD, is_staff=True)


def sign_in(name: str, password: str, address: str = HOME, client: Client | None = None, **headers: str) -> int:
    """Try it in `client`, by default a browser that nobody has used. 302 is in, 429 is refused."""
    form = {"username": name, "password": password}
    return (client or Client()).post(reverse("admin:login"), form, REMOTE_ADDR=address, **headers).status_code


def fail(times: int, name: str = "ana", address: str | Callable[[int], str] = HOME) -> list[int]:
    return [sign_in(name, "falsa", address(n) if callable(address) else address) for n in range(times)]


def anywhere(number: int) -> str:
    return f"10.{number // 250}.{number % 250}.1"


def let_pass(time: timedelta) -> None:
    """Move all failures into the past, which is the same as to wait."""
    for row in FailedAttempt.objects.all():
        row.at -= time
        row.save()


def browser_of(name: str, address: str = HOME) -> Client:
    """A browser in which `name` has signed in and out again."""
    client = Client()
    assert sign_in(name, PASSWORD, address, client) == 302
    client.post(reverse("admin:logout"))
    return client


class TestOneAccountFromOneNetwork:
    def test_is_refused_after_five_failures_even_with_the_right_password(self):
        assert fail(5) == [200] * 5
        assert sign_in("ana", PASSWORD) == 429

    def test_opens_by_itself(self):
        fail(5)
        let_pass(limits.WINDOW + timedelta(seconds=1))
        assert sign_in("ana", PASSWORD) == 302

    def test_attempts_that_were_refused_do_not_prolong_it(self):
        fail(5)
        let_pass(limits.WINDOW - timedelta(seconds=5))
        assert set(fail(3)) == {429}
        let_pass(timedelta(seconds=6))
        assert sign_in("ana", PASSWORD) == 302

    def test_a_success_starts_the_count_anew(self):
        for _ in range(2):
            assert fail(4) == [200] * 4
            assert sign_in("ana", PASSWORD) == 302

    def test_addresses_of_one_64_are_one_network(self):
        fail(5, address=lambda n: f"2001:db8:1:2::{n + 1}")
        assert sign_in("ana", PASSWORD, "2001:db8:1:2:ffff::1") == 429
        assert sign_in("ana", PASSWORD, "2001:db8:1:3::1") == 302

    def test_many_at_once_do_not_get_more_tries(self, rf: Any):
        request = rf.get("/", REMOTE_ADDR=HOME)
        begun = [limits.begin(request, "ana") for _ in range(5)]
        with pytest.raises(limits.TooManyFailures) as caught:
            limits.begin(request, "ana")
        assert caught.value.rule == "pair"
        begun[0].forget()
        limits.begin(request, "ana")

    def test_the_answer_says_how_long_to_wait_and_the_same_for_names_that_nobody_has(self):
        pages = []
        for name in ("ana", "nadie"):
            fail(5, name)
            page = Client().post(reverse("admin:login"), {"username": name, "password": "x"}, REMOTE_ADDR=HOME)
            assert 1700 < int(page.headers["Retry-After"]) <= 1800
            pages.append(page.content.decode())
        assert all("Espere 30 minutos" in page for page in pages)
        assert all('name="password"' in page for page in pages)


class TestColleaguesAndStrangers:
    def test_a_colleague_behind_the_same_address_gets_in(self):
        fail(5)
        assert sign_in("berta", PASSWORD) == 302

    def test_nobody_keeps_a_person_out_from_elsewhere(self):
        fail(5, address=ELSEWHERE)
        assert sign_in("ana", PASSWORD) == 302

    def test_somebody_at_the_next_desk_does_not_keep_a_person_out_of_the_own_browser(self):
        own = browser_of("ana")
        fail(5)
        assert sign_in("ana", PASSWORD, client=own) == 302

    def test_the_own_browser_gets_no_more_tries_than_any_other(self):
        own = browser_of("ana")
        assert [sign_in("ana", "falsa", client=own) for _ in range(6)] == [200] * 5 + [429]

    def test_a_browser_is_known_for_its_own_account_only(self):
        own = browser_of("berta")
        assert [sign_in("ana", "falsa", client=own) for _ in range(6)] == [200] * 5 + [429]

    def test_a_made_up_cookie_is_worth_nothing(self):
        fail(5)
        for value in ("x", "x:y:z", "[]", '["a","b"]'):
            client = Client()
            client.cookies["bank_device"] = value
            assert sign_in("ana", PASSWORD, client=client) == 429


class TestOneAccountFromAllNetworks:
    def test_slows_down_more_and_more(self):
        assert set(fail(limits.ACCOUNT_LIMIT, address=anywhere)) == {200}
        pauses = []
        for number in range(4):
            form = {"username": "ana", "password": "falsa"}
            refused = Client().post(reverse("admin:login"), form, REMOTE_ADDR=anywhere(500 + number))
            assert refused.status_code == 429
            pauses.append(int(refused.headers["Retry-After"]))
            let_pass(timedelta(seconds=pauses[-1]))
            assert sign_in("ana", "falsa", anywhere(600 + number)) == 200
        assert pauses == [1, 2, 4, 8]

    def test_never_asks_for_more_than_a_quarter_of_an_hour(self):
        fail(limits.ACCOUNT_LIMIT, address=anywhere)
        key, now = limits.account_key("ana"), timezone.now()
        FailedAttempt.objects.bulk_create(FailedAttempt(account=key, network="n", at=now) for _ in range(500))
        assert sign_in("ana", PASSWORD) == 429
        let_pass(limits.LONGEST_PAUSE)
        assert sign_in("ana", PASSWORD) == 302

    def test_spares_the_networks_from_which_the_person_signed_in(self):
        browser_of("ana", HOME)
        fail(limits.ACCOUNT_LIMIT + 1, address=anywhere)
        assert sign_in("ana", PASSWORD, ELSEWHERE) == 429
        assert sign_in("ana", PASSWORD, HOME) == 302

    def test_does_not_touch_other_accounts(self):
        fail(limits.ACCOUNT_LIMIT + 5, address=anywhere)
        assert sign_in("berta", PASSWORD, ELSEWHERE) == 302


class TestOneNetworkWithManyAccounts:
    def test_is_refused_after_thirty_failures(self):
        assert {sign_in(f"nombre-{n}", "falsa") for n in range(limits.NETWORK_LIMIT)} == {200}
        assert sign_in("berta", PASSWORD) == 429
        assert sign_in("berta", PASSWORD, ELSEWHERE) == 302

    def test_known_browsers_in_it_get_in_all_the_same(self):
        own = browser_of("berta")
        for number in range(limits.NETWORK_LIMIT):
            sign_in(f"nombre-{number}", "falsa")
        assert sign_in("berta", PASSWORD, client=own) == 302

    def test_a_hundred_people_behind_one_address_work_while_one_attacks(self, settings: Any):
        settings.HOUSE_NETWORKS = ["203.0.113.0/24"]
        people = [
            User.objects.create_user(f"persona-{number}", password=PASSWORD, is_staff=True) for number in range(100)
        ]
        for number, person in enumerate(people):
            assert sign_in(person.username, "falsa") in (200, 429)
            sign_in("ana", "falsa")
            assert sign_in(people[-number].username, PASSWORD) == 302
        assert sign_in("ana", PASSWORD) == 429

    def test_even_in_the_house_there_is_a_limit(self, settings: Any, monkeypatch: pytest.MonkeyPatch):
        settings.HOUSE_NETWORKS = ["203.0.113.0/24"]
        monkeypatch.setattr(limits, "HOUSE_LIMIT", 40)
        assert {sign_in(f"nombre-{n}", "falsa") for n in range(40)} == {200}
        assert sign_in("berta", PASSWORD) == 429


class TestTheAddress:
    def test_that_somebody_made_up_does_not_open_it(self):
        for number in range(5):
            sign_in("ana", "falsa", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
        assert sign_in("ana", PASSWORD, HTTP_X_FORWARDED_FOR="192.0.2.99") == 429

    def test_that_a_named_proxy_tells_counts(self, settings: Any):
        settings.TRUSTED_PROXY = ["127.0.0.1"]
        for _ in range(5):
            sign_in("ana", "falsa", "127.0.0.1", HTTP_X_FORWARDED_FOR=f"1.1.1.1, {ELSEWHERE}")
        assert sign_in("ana", PASSWORD, "127.0.0.1", HTTP_X_FORWARDED_FOR=HOME) == 302
        assert sign_in("ana", PASSWORD, "127.0.0.1", HTTP_X_FORWARDED_FOR=ELSEWHERE) == 429


class TestOddNames:
    @pytest.mark.parametrize("name", ["n" * 5000, "ñ" * 5000, "\ufffd", "a\x00b", "' OR 1=1 --", "\U0001f600" * 200])
    def test_are_an_ordinary_refusal(self, name: str):
        assert sign_in(name, "falsa") == 200


class TestUnlocking:
    def test_a_command_opens_an_account_at_once(self, capsys: pytest.CaptureFixture[str]):
        fail(5)
        call_command("unlock_sign_in", "ana")
        assert sign_in("ana", PASSWORD) == 302

    def test_it_names_an_account_that_is_not_there(self):
        with pytest.raises(CommandError, match="nadie"):
            call_command("unlock_sign_in", "nadie")


class TestHousekeeping:
    def test_old_failures_go_with_the_next_sign_in(self):
        fail(3, "nadie")
        let_pass(limits.DAY + timedelta(minutes=1))
        fail(1, "nadie")
        sign_in("berta", PASSWORD)
        assert FailedAttempt.objects.count() == 1
