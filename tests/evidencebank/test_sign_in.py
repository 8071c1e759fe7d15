"""The lock on sign-in after repeated failures, as the settings shape it."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

PASSWORD = "una-clave-bien-larga"


@pytest.fixture
def sign_in(client, db):
    """Try to sign in as `name` from `address`, and return the status: 302 is in, 429 is locked out."""
    for name in ("ana", "berta"):
        User.objects.create_user(name, password=PASSWORD, is_staff=True)

    def attempt(name: str, password: str, address: str = "203.0.113.9", **headers: str) -> int:
        client.logout()
        form = {"username": name, "password": password}
        return client.post(reverse("admin:login"), form, REMOTE_ADDR=address, **headers).status_code

    return attempt


class TestLockOut:
    def test_the_fifth_failure_locks_even_the_right_password_out(self, sign_in):
        assert [sign_in("ana", "falsa") for _ in range(5)] == [200, 200, 200, 200, 429]
        assert sign_in("ana", PASSWORD) == 429

    def test_a_success_starts_the_count_anew(self, sign_in):
        for _ in range(2):
            assert [sign_in("ana", "falsa") for _ in range(4)] == [200] * 4
            assert sign_in("ana", PASSWORD) == 302

    def test_colleagues_behind_the_same_address_still_get_in(self, sign_in):
        for _ in range(5):
            sign_in("ana", "falsa")
        assert sign_in("berta", PASSWORD) == 302

    def test_nobody_can_lock_a_curator_out_from_elsewhere(self, sign_in):
        for _ in range(5):
            sign_in("ana", "falsa", address="198.51.100.7")
        assert sign_in("ana", PASSWORD) == 302

    def test_an_invented_address_does_not_open_it(self, sign_in):
        for number in range(5):
            sign_in("ana", "falsa", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
        assert sign_in("ana", PASSWORD, HTTP_X_FORWARDED_FOR="192.0.2.99") == 429

    def test_behind_a_proxy_the_readers_address_counts(self, sign_in, settings):
        settings.TRUSTED_PROXY = ["127.0.0.1"]
        for _ in range(5):
            sign_in("ana", "falsa", address="127.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.7")
        assert sign_in("ana", PASSWORD, address="127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9") == 302
        assert sign_in("ana", PASSWORD, address="127.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.7") == 429


@pytest.mark.django_db
class TestHeaders:
    def test_pages_run_no_inline_script_or_style_and_stand_in_no_frame(self, client):
        answer = client.get(reverse("admin:login"))
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy["script-src"] == policy["style-src"] == policy["default-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
