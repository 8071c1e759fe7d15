"""Who signed in or failed, from where: a line each, for people and for programs that watch."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db
PASSWORD = "tortuga lámpara viento queso"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """Return the lines so far."""
    User.objects.create_user("rosa", password=PASSWORD, is_staff=True)
    caplog.set_level(logging.INFO, "evidencebank.security")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "evidencebank.security"]


def sign_in(name: str, password: str, address: str = "2001:db8::7") -> Client:
    client = Client(REMOTE_ADDR=address)
    client.post(reverse("admin:login"), {"username": name, "password": password})
    return client


class TestALine:
    def test_names_the_account_and_the_address(self, lines: Any):
        sign_in("rosa", "falsa")
        sign_in("rosa", PASSWORD).post(reverse("admin:logout"))
        assert lines() == [
            "sign-in failed: name=rosa address=2001:db8::7",
            "sign-in: name=rosa address=2001:db8::7",
            "sign-out: name=rosa address=2001:db8::7",
        ]

    def test_of_a_refusal_says_by_which_rule_and_for_how_long(self, lines: Any):
        for _try in range(6):
            sign_in("rosa", "falsa")
        assert re.fullmatch(r"sign-in refused: name=rosa address=2001:db8::7 rule=pair wait_s=1\d{3}", lines()[-1])

    def test_does_not_repeat_a_name_that_no_account_has(self, lines: Any):
        sign_in("mi-contraseña-en-el-otro-campo", "x")
        assert lines() == ["sign-in failed: name=- address=2001:db8::7"]

    def test_quotes_what_would_break_it(self, lines: Any):
        sign_in("rosa", "falsa", 'x" name=admin\n2026')
        assert lines() == [r'sign-in failed: name=rosa address="x\" name=admin\n2026"']
