"""Whoever has only the password of an account with a second factor: every address of the workplace, and the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from accounts.models import AuthenticatorApp, Passkey, RequiredPasswordChange
from studies.models import BankCounter, Stage, Study
from tests.accounts.second_factor import ADD, CONFIRM, PASSWORD, STEP, code_of, give_app, give_password, make_person
from tests.evidencebank.workplace import SECRET, Address, addresses, make_rows
from tests.factories import make_study
from tests.studies.admin_forms import address, filled_in

pytestmark = pytest.mark.django_db
OPEN = {"login", "admin_password_reset", "password_reset_done", "password_reset_complete", "password_reset_confirm"}
"""What answers strangers too."""


@pytest.fixture(scope="module")
def everything(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[Address]]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield addresses(make_rows())
        transaction.set_rollback(True)


@pytest.fixture
def chief() -> User:
    return make_person(None, username="jefa", is_superuser=True)


def state() -> tuple[Any, ...]:
    return (
        BankCounter.current().change_no,
        sorted(User.objects.values_list("username", "password", "is_superuser")),
        AuthenticatorApp.objects.count(),
    )


def attack(client: Client, everything: list[Address], step: str, *more_open: str) -> None:
    before = state()
    for each in everything:
        if each.sample in (step, *more_open, reverse("admin:logout")):
            continue
        read = client.get(each.sample)
        assert read.status_code == 302, each
        assert read.headers["Location"].partition("?")[0] == step, each
        for form in ({"title": "x", "note": "x", "name": "x", "_save": "1", "reason": "x" * 20, "remove": "app-1"}, {}):
            sent = client.post(each.sample, form)
            page = sent.content.decode()
            assert SECRET not in page, each
            assert sent.status_code in (200, 302, 403, 404, 405), each
            is_harmless = "Falta un paso para entrar" in page or each.name in OPEN
            assert sent.status_code != 200 or is_harmless, each
        for method in ("put", "delete", "patch", "options"):
            answer = getattr(client, method)(each.sample)
            assert answer.status_code >= 300 or each.name in OPEN, (method, each)
            assert SECRET not in answer.content.decode(), each
    assert state() == before


class TestWithThePasswordOnly:
    def test_no_address_of_the_workplace_opens_before_the_code(self, everything: list[Address], chief: User):
        give_app(chief)
        attack(give_password("jefa"), everything, STEP)

    def test_no_address_of_the_workplace_opens_before_a_factor_is_added(
        self, everything: list[Address], chief: User, settings: Any
    ):
        settings.REQUIRE_SECOND_FACTOR = True
        attack(give_password("jefa"), everything, ADD, CONFIRM)

    def test_no_address_of_the_workplace_opens_before_a_password_that_others_saw_is_changed(
        self, everything: list[Address], chief: User
    ):
        RequiredPasswordChange.objects.create(user=chief)
        attack(give_password("jefa"), everything, reverse("admin:password_change"))

    def test_a_redirect_to_the_step_is_kept_by_no_proxy(self, chief: User):
        give_app(chief)
        answer = give_password("jefa").get("/admin/")
        assert answer.status_code == 302
        assert "no-store" in answer.headers["Cache-Control"]

    def test_public_pages_are_read_as_by_a_stranger(self, chief: User):
        give_app(chief)
        client = give_password("jefa")
        for path in ("/", "/en/studies/", "/mapa/"):
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert "jefa" not in answer.content.decode(), path

    def test_drafts_do_not_show_on_public_pages(self, chief: User):
        give_app(chief)
        draft = make_study(title=SECRET, title_es=SECRET, title_en=None)
        client = give_password("jefa")
        for path in (draft.get_absolute_url(), "/", "/en/", "/estudios/?q=xilofonista", "/seleccion/"):
            for answer in (client.get(path, follow=True), client.post(path)):
                assert SECRET not in answer.content.decode(), path

    @pytest.mark.parametrize("passkey", ["{}", "[]", "null", "x", '{"id": 1}', "[" * 9000, '{"id":"AA","rawId":"AA"}'])
    def test_a_made_up_answer_of_a_passkey_is_refused(self, chief: User, passkey: str):
        Passkey.objects.create(user=chief, name="Llave", credential="AA", public_key=b"", sign_count=0)
        client = Client(headers={"host": "localhost"})
        client.post(reverse("admin:login"), {"username": "jefa", "password": PASSWORD})
        client.get(STEP)
        answer = client.post(STEP, {"passkey": passkey})
        assert answer.status_code == 200
        assert client.get("/admin/").status_code == 302


class TestTheFormOfASessionThatEnded:
    @pytest.fixture
    def typed(self, chief: User) -> tuple[Study, dict[str, Any]]:
        study = make_study()
        client = Client()
        client.force_login(chief)
        return study, filled_in(client, study, title_es="Lo que escribí")

    def test_comes_back_only_after_the_second_step(self, chief: User, typed: tuple[Study, dict[str, Any]]):
        study, form = typed
        app, client = give_app(chief), Client()
        signing_in = {**form, "sign_in-username": "jefa", "sign_in-password": PASSWORD}
        page = client.post(address(study), signing_in).content.decode()
        assert "Falta un paso para entrar" in page
        assert "Lo que escribí" in page
        assert PASSWORD not in page
        assert client.get("/admin/").status_code == 302
        wrong = client.post(address(study), {**form, "sign_in-step": "1", "sign_in-code": "x"}).content.decode()
        assert "no corresponde" in wrong
        assert "Lo que escribí" in wrong
        back = client.post(address(study), {**form, "sign_in-step": "1", "sign_in-code": code_of(app)}).content.decode()
        assert "Lo que escribí" in back
        assert "Falta un paso" not in back
        assert client.get("/admin/").status_code == 200
        study.refresh_from_db()
        assert study.title_es != "Lo que escribí", "shown again, not saved"

    def test_comes_back_when_the_step_was_done_in_another_window(
        self, chief: User, typed: tuple[Study, dict[str, Any]]
    ):
        study, form = typed
        app, client = give_app(chief), Client()
        client.post(address(study), {**form, "sign_in-username": "jefa", "sign_in-password": PASSWORD})
        client.post(STEP, {"code": code_of(app)})
        back = client.post(address(study), {**form, "sign_in-step": "1", "sign_in-code": ""}).content.decode()
        assert "Lo que escribí" in back
        study.refresh_from_db()
        assert study.title_es != "Lo que escribí"

    def test_does_nothing_before_a_factor_is_added(
        self, chief: User, typed: tuple[Study, dict[str, Any]], settings: Any
    ):
        settings.REQUIRE_SECOND_FACTOR = True
        study, form = typed
        client = Client()
        page = client.post(
            address(study), {**form, "sign_in-username": "jefa", "sign_in-password": PASSWORD}
        ).content.decode()
        assert ADD in page
        assert "Lo que escribí" in page
        assert Study.objects.get(pk=study.pk).stage == Stage.DRAFT
