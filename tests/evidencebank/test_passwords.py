"""A forgotten password, with a mail server and without: who gets a link, what it opens, and what strangers learn."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import RequiredPasswordChange
from evidencebank.passwords import reset_link_path
from tests.factories import user_with_role

pytestmark = pytest.mark.django_db
OLD, NEW = "la-clave-que-olvidó", "una-clave-del-todo-nueva"
ASK = "/admin/contrasena/"


@pytest.fixture
def rosa() -> User:
    user = user_with_role("Curaduría", username="rosa", email="rosa@example.pe")
    user.set_password(OLD)
    user.save()
    return user


@pytest.fixture
def mail(settings: Any) -> None:
    settings.SENDS_MAIL = True
    settings.MAIL_FROM = settings.DEFAULT_FROM_EMAIL = "banco@example.pe"
    cache.clear()


def ask(address: str) -> Any:
    return Client().post(ASK, {"email": address})


def path_in(letter: EmailMessage) -> str:
    found = re.search(r"http://testserver(/admin/contrasena/\S+)", letter.body)
    assert found, letter.body
    return found[1]


def choose(client: Client, link: str, new: str = NEW, again: str = NEW) -> Any:
    page = client.get(link, follow=True)
    return client.post(page.redirect_chain[-1][0], {"new_password1": new, "new_password2": again})


def can_sign_in(password: str) -> bool:
    answer = Client().post(reverse("admin:login"), {"username": "rosa", "password": password})
    return answer.status_code == 302


class TestTheSignIn:
    def test_leads_to_the_help(self, client: Client):
        assert f'href="{ASK}"' in client.get(reverse("admin:login")).content.decode()


@pytest.mark.usefixtures("mail")
class TestWithMail:
    def test_a_letter_brings_a_link_by_which_a_new_password_is_chosen_once(self, rosa: User, mailoutbox: Any):
        assert ask("ROSA@example.pe").url == "/admin/contrasena/enviado/"
        (letter,) = mailoutbox
        assert (letter.to, letter.from_email) == (["rosa@example.pe"], "banco@example.pe")
        assert letter.subject == "[Banco de Evidencias] Una contraseña nueva"
        link = path_in(letter)
        client = Client()
        assert choose(client, link).url == "/admin/contrasena/lista/"
        assert "Ya puede entrar" in client.get("/admin/contrasena/lista/").content.decode()
        assert (can_sign_in(OLD), can_sign_in(NEW)) == (False, True)
        assert "El enlace ya no sirve" in Client().get(link, follow=True).content.decode()

    def test_a_stranger_learns_nothing(self, rosa: User, mailoutbox: Any):
        known, unknown = ask("rosa@example.pe"), ask("nadie@example.pe")
        assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
        assert len(mailoutbox) == 1

    def test_who_may_not_enter_the_workplace_is_not_written_to(self, mailoutbox: Any):
        user_with_role(username="lectora", email="lectora@example.pe", is_staff=False)
        user_with_role(username="ausente", email="ausente@example.pe", is_active=False)
        for address in ("lectora@example.pe", "ausente@example.pe", ""):
            ask(address)
        assert mailoutbox == []

    def test_nobodys_mailbox_is_filled(self, rosa: User, mailoutbox: Any):
        for _try in range(5):
            ask("rosa@example.pe")
        assert len(mailoutbox) == 1

    def test_what_is_no_address_is_told(self):
        page = ask("no es un correo")
        assert page.status_code == 200
        assert "errorlist" in page.content.decode()

    @pytest.mark.parametrize("value", ["\x00", "a" * 5_000, "a@b\r\nBcc: c@d.pe", "{{ x }}"])
    def test_garbage_is_answered(self, value: str, mailoutbox: Any):
        assert ask(value).status_code in (200, 302)
        assert mailoutbox == []

    def test_a_server_that_fails_is_no_error_of_the_page(self, rosa: User, monkeypatch: pytest.MonkeyPatch):
        def fail(*_args: Any, **_options: Any) -> None:
            raise ConnectionRefusedError

        monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
        assert ask("rosa@example.pe").status_code == 302


class TestWithoutMail:
    def test_the_page_says_whom_to_ask(self, client: Client):
        page = client.get(ASK)
        assert page.status_code == 200
        assert "Pida a quien lo administra" in page.content.decode()
        assert '<form method="post" novalidate>' not in page.content.decode()
        assert client.post(ASK, {"email": "rosa@example.pe"}).status_code == 405

    def test_the_command_prints_a_link_to_hand_over(self, rosa: User, capsys: pytest.CaptureFixture[str]):
        call_command("password_link", "rosa", "--site", "https://banco.example.pe/")
        link = capsys.readouterr().out.strip()
        assert link.startswith("https://banco.example.pe/admin/contrasena/")
        choose(Client(), link.removeprefix("https://banco.example.pe"))
        assert can_sign_in(NEW)

    def test_the_command_names_the_accounts_that_there_are(self, rosa: User):
        with pytest.raises(CommandError, match="rosa"):
            call_command("password_link", "rossa")

    def test_the_command_gives_none_to_who_may_not_enter(self):
        user_with_role(username="lectora", is_staff=False)
        with pytest.raises(CommandError, match="may not enter"):
            call_command("password_link", "lectora")

    def test_administrators_set_one_in_the_workplace_too(self, rosa: User):
        chief = Client()
        chief.force_login(User.objects.create_superuser("jefa"))
        where = reverse("admin:auth_user_password_change", args=[rosa.pk])
        assert chief.get(where).status_code == 200
        chief.post(where, {"password1": NEW, "password2": NEW, "usable_password": "true"})
        assert can_sign_in(NEW)

    def test_what_an_administrator_set_is_good_for_choosing_another_only(self, rosa: User):
        chief = Client()
        chief.force_login(boss := User.objects.create_superuser("jefa"))
        form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
        chief.post(reverse("admin:auth_user_password_change", args=[rosa.pk]), {**form, "password2": "otra"})
        assert not RequiredPasswordChange.objects.exists(), "nothing was set"
        chief.post(reverse("admin:auth_user_password_change", args=[rosa.pk]), form)
        chief.post(reverse("admin:auth_user_add"), {**form, "username": "nueva"})
        chief.post(reverse("admin:auth_user_password_change", args=[boss.pk]), form)
        due = RequiredPasswordChange.objects.values_list("user__username", flat=True)
        assert set(due) == {"rosa", "nueva"}


class TestTheLink:
    def test_opens_the_lock_of_too_many_failures(self, rosa: User):
        for _try in range(5):
            can_sign_in("falsa")
        assert not can_sign_in(OLD)
        choose(Client(), reset_link_path(rosa))
        assert can_sign_in(NEW)

    @pytest.mark.parametrize(("new", "again"), [("corta", "corta"), (NEW, NEW + "x"), ("", "")])
    def test_takes_no_password_that_the_rules_refuse(self, rosa: User, new: str, again: str):
        page = choose(Client(), reset_link_path(rosa), new, again)
        assert page.status_code == 200
        assert "errorlist" in page.content.decode()
        assert can_sign_in(OLD)

    def test_is_kept_by_no_cache_and_told_to_nobody_else(self, rosa: User):
        answer = Client().get(reset_link_path(rosa))
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.url.endswith("/set-password/")
        assert answer.headers["Referrer-Policy"] == "same-origin"

    @pytest.mark.parametrize("bad", ["x/y", "MQ/set-password", "%00/%00", "9" * 300 + "/a", "Lw==/a-b"])
    def test_a_bad_one_is_told(self, bad: str):
        page = Client().get(f"{ASK}{bad}/")
        assert page.status_code == 200
        assert "El enlace ya no sirve" in page.content.decode()

    def test_makes_the_browser_known_so_that_no_stranger_keeps_the_person_out(self, rosa: User):
        browser = Client()
        choose(browser, reset_link_path(User.objects.get(pk=rosa.pk)))
        for _try in range(6):
            can_sign_in("falsa")
        assert not can_sign_in(NEW)
        assert browser.post(reverse("admin:login"), {"username": "rosa", "password": NEW}).status_code == 302

    def test_ends_the_sessions_of_before(self, rosa: User):
        browser = Client()
        browser.force_login(rosa)
        choose(Client(), reset_link_path(User.objects.get(pk=rosa.pk)))
        assert browser.get("/admin/").status_code == 302
