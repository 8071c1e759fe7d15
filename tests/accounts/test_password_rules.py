"""Which passwords are refused, and in what words."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import override

from accounts import limits
from accounts.models import FailedAttempt, RequiredPasswordChange

ROSA = User(username="rosaquispe", first_name="Rosa Elvira", last_name="Huarcaya", email="elvirita@example.pe")


def refusal(password: str, user: Any = ROSA) -> str:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


class TestAPasswordThatIsRefused:
    @pytest.mark.parametrize(
        "password",
        [
            "mimp2026mimp",
            "violencia2026",
            "aaaaaaaaaaaa",
            "contrasena123456",
            "Contraseña123456",
            "Banco2026Evidencias",
            "B4nco2026Ev1d3nc1as",
            "MinisterioDeLaMujer2026",
            "password123456",
            "qwertyuiop123",
            "123456789012",
            "Huarcaya-1987-elvirita",
        ],
    )
    def test_is_made_of_what_people_try_first(self, password: str):
        assert "fácil adivinar" in refusal(password)

    def test_is_short(self):
        assert "12" in refusal("x9-Kpw_3fQ")

    def test_is_told_what_to_do_in_the_language_of_the_page(self):
        assert "cuatro o más palabras" in refusal("violencia2026")
        with override("en"):
            assert "four or more words" in refusal("violencia2026")


class TestAPasswordThatIsTaken:
    @pytest.mark.parametrize(
        "password",
        [
            "tortuga lámpara viento queso",
            "mi banco tiene tres tortugas azules",
            "x9-Kpw_3fQ-aa2",
            "una lluvia que no moja " * 200,
        ],
    )
    def test_is_a_phrase_or_comes_from_chance(self, password: str):
        assert refusal(password) == ""

    def test_is_taken_without_an_account_too(self):
        assert refusal("tortuga lámpara viento queso", None) == ""


@pytest.mark.parametrize("password", ["a<b " * 5000, "1" * 100_000, "é" * 50_000, "\u0000" * 300, "(((((" * 9000])
def test_no_length_takes_long(password: str):
    began = time.monotonic()
    refusal(password)
    assert time.monotonic() - began < 3


@pytest.mark.django_db
class TestANewPassword:
    def test_opens_what_failures_locked_and_ends_the_duty_to_change_it(self, rf: Any):
        user = User.objects.create_user("ana", password="tortuga lámpara viento queso")
        RequiredPasswordChange.objects.create(user=user)
        limits.begin(rf.get("/", REMOTE_ADDR="192.0.2.1"), "ana")
        user.set_password("otra tortuga, otro queso")
        user.save()
        assert not RequiredPasswordChange.objects.exists()
        assert not FailedAttempt.objects.exists()

    def test_another_change_of_the_account_does_not(self):
        user = User.objects.create_user("ana")
        RequiredPasswordChange.objects.create(user=user)
        user.first_name = "Ana"
        user.save()
        assert RequiredPasswordChange.objects.exists()
