"""The second factor: who is asked, what is taken, what is added and removed, and who resets it."""

from __future__ import annotations

import base64
import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import limits, recovery_codes, sessions, totp
from accounts.models import AuthenticatorApp, FailedAttempt, RecoveryCode, RequiredPasswordChange, SignIn
from tests.accounts.second_factor import (
    ADD,
    CONFIRM,
    INDEX,
    OWN,
    PASSWORD,
    STEP,
    code_at,
    code_of,
    codes_on,
    confirm,
    give_app,
    give_password,
    is_in,
    key_on,
    make_person,
    sign_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def demanded(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.fixture
def rosa() -> User:
    return make_person()


@pytest.fixture
def app(rosa: User) -> AuthenticatorApp:
    return give_app(rosa)


class TestWhoIsAsked:
    def test_nobody_on_a_laptop_who_has_not_added_one(self, rosa: User):
        assert is_in(give_password())

    def test_whoever_has_added_one_also_on_a_laptop(self, app: AuthenticatorApp):
        client = give_password()
        assert client.get(INDEX).headers["Location"] == STEP
        client.post(STEP, {"code": code_of(app)})
        assert is_in(client)

    @pytest.mark.usefixtures("demanded", "rosa")
    def test_everybody_adds_one_where_it_is_demanded(self):
        client = give_password()
        assert client.get(INDEX).headers["Location"] == ADD
        page = client.get(ADD).content.decode()
        assert "Nada más se abre antes" in page
        assert "nav-sidebar" not in page

    def test_sessions_of_before_it_was_demanded_too(self, rosa: User, settings: Any):
        client = give_password()
        assert is_in(client)
        settings.REQUIRE_SECOND_FACTOR = True
        assert client.get(INDEX).headers["Location"] == ADD

    def test_the_factor_comes_before_a_password_that_others_saw(self, app: AuthenticatorApp, rosa: User):
        RequiredPasswordChange.objects.create(user=rosa)
        client = give_password()
        assert client.get("/admin/password_change/").headers["Location"].startswith(STEP)
        client.post(STEP, {"code": code_of(app)})
        assert client.get(INDEX).headers["Location"] == "/admin/password_change/"

    @pytest.mark.usefixtures("demanded")
    def test_a_new_password_comes_before_adding_a_factor(self, rosa: User):
        RequiredPasswordChange.objects.create(user=rosa)
        client = give_password()
        assert client.get(INDEX).headers["Location"] == "/admin/password_change/"
        new = "otra tortuga, otro queso, otro mar"
        client.post("/admin/password_change/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
        assert client.get(INDEX).headers["Location"] == ADD

    def test_one_goes_on_to_the_page_that_one_wanted_and_nowhere_else(self, app: AuthenticatorApp):
        client = give_password()
        wanted = client.get("/admin/studies/study/?q=x").headers["Location"]
        assert wanted == f"{STEP}?next=%2Fadmin%2Fstudies%2Fstudy%2F%3Fq%3Dx"
        page = client.get(wanted).content.decode()
        assert 'value="/admin/studies/study/?q=x"' in page
        away = {"code": code_of(app), "next": "https://example.com/"}
        assert client.post(STEP, away).headers["Location"] == INDEX

    def test_a_link_for_a_forgotten_password_does_not_spare_it(self, app: AuthenticatorApp, rosa: User):
        from evidencebank.passwords import reset_link_path

        client = Client()
        form = client.get(reset_link_path(rosa)).headers["Location"]
        client.post(form, {"new_password1": PASSWORD + "s", "new_password2": PASSWORD + "s"})
        assert not is_in(client)
        client.post(reverse("admin:login"), {"username": "rosa", "password": PASSWORD + "s"})
        assert client.get(INDEX).headers["Location"] == STEP
        assert AuthenticatorApp.objects.filter(user=rosa).exists()

    def test_a_session_that_has_proven_it_costs_no_query(self, app: AuthenticatorApp, django_assert_num_queries: Any):
        client = sign_in(app)
        client.get("/healthz")
        with django_assert_num_queries(1):
            client.get("/healthz")

    def test_the_key_of_the_session_changes(self, app: AuthenticatorApp):
        client = give_password()
        before = client.session.session_key
        client.post(STEP, {"code": code_of(app)})
        assert client.session.session_key != before
        assert SignIn.objects.get().session_key == client.session.session_key

    def test_one_who_did_it_in_another_window_goes_on(self, app: AuthenticatorApp):
        client = give_password()
        client.get(STEP)
        client.post(STEP, {"code": code_of(app)})
        late = client.post(STEP, {"code": "000000", "next": "/admin/studies/study/"})
        assert late.headers["Location"] == "/admin/studies/study/"

    def test_a_session_in_which_it_is_due_is_told_apart_in_the_list_of_sessions(self, app: AuthenticatorApp):
        give_password()
        page = sign_in(app).get(reverse("own-sessions")).content.decode()
        assert page.count("Solo se escribió la contraseña") == 1

    def test_somebody_else_may_sign_in_instead(self, app: AuthenticatorApp):
        make_person(username="berta")
        client = give_password()
        client.post(reverse("admin:login"), {"username": "berta", "password": PASSWORD})
        assert is_in(client)
        assert "berta" in client.get(INDEX).content.decode()

    def test_a_half_session_ends_with_the_password(self, app: AuthenticatorApp, rosa: User):
        client = give_password()
        rosa.set_password("otra tortuga, otro queso, otro mar")
        rosa.save()
        assert client.get("/healthz").status_code == 200
        assert client.get(INDEX).headers["Location"].startswith(reverse("admin:login"))

    def test_one_can_leave(self, app: AuthenticatorApp):
        client = give_password()
        client.post(reverse("admin:logout"))
        assert client.get(STEP).headers["Location"].startswith(reverse("admin:login"))


class TestACodeOfTheApp:
    @pytest.mark.parametrize(("drift", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
    def test_may_be_of_a_clock_that_is_half_a_minute_off(
        self, app: AuthenticatorApp, drift: int, taken: bool, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("time.time", lambda: 1_800_000_000.0)
        assert totp.use(app.user, code_of(app, drift)) is taken

    def test_is_taken_once(self, app: AuthenticatorApp):
        code = code_of(app)
        assert is_in(sign_in(app))
        again = give_password()
        assert "ya se usó" in again.post(STEP, {"code": code}).content.decode()
        assert not is_in(again)

    def test_is_not_taken_after_a_later_one(self, app: AuthenticatorApp):
        assert totp.use(app.user, code_of(app, 1))
        assert not totp.use(app.user, code_of(app))

    def test_of_another_person_is_not_taken(self, app: AuthenticatorApp):
        other = give_app(make_person(username="berta"))
        assert not totp.use(app.user, code_of(other))

    @pytest.mark.parametrize("typed", ["", " ", "12345", "1234567", "٣" * 6, "1_2345", "\x00", "x" * 5000, "-12345"])
    def test_that_is_none_is_told(self, app: AuthenticatorApp, typed: str):
        client = give_password()
        answer = client.post(STEP, {"code": typed})
        assert answer.status_code == 200
        assert "errorlist" in answer.content.decode()
        assert not is_in(client)

    def test_may_be_typed_with_a_space(self, app: AuthenticatorApp):
        client = give_password()
        code = code_of(app)
        client.post(STEP, {"code": f"{code[:3]} {code[3:]} "})
        assert is_in(client)

    def test_needs_the_secret_key_that_was_there_when_the_app_was_added(self, app: AuthenticatorApp, settings: Any):
        code = code_of(app)
        settings.SECRET_KEY = "another" * 10
        assert not totp.use(app.user, code)

    def test_comes_of_a_key_that_is_in_no_column(self, app: AuthenticatorApp):
        row = AuthenticatorApp.objects.values().get()
        key = totp.key_of(app.seed)
        held = " ".join(map(str, row.values()))
        assert key.hex() not in held
        assert base64.b32encode(key).decode() not in held


class TestWrongCodes:
    def wrong(self, client: Client) -> Any:
        return client.post(STEP, {"code": "000000"})

    @pytest.fixture(autouse=True)
    def never_zero(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(totp, "use", lambda user, code: False)

    def test_are_refused_after_five_though_one_signs_in_anew(self, app: AuthenticatorApp):
        for _try in range(5):
            assert self.wrong(give_password()).status_code == 200
        refused = self.wrong(give_password())
        assert refused.status_code == 429
        assert "un código que no corresponde" in refused.content.decode()

    def test_are_counted_apart_from_passwords(self, app: AuthenticatorApp):
        client = give_password()
        for _try in range(6):
            self.wrong(client)
        assert give_password().get(STEP).status_code == 200

    def test_from_many_networks_make_all_wait(self, app: AuthenticatorApp, monkeypatch: pytest.MonkeyPatch):
        # The first pause is two seconds, which a busy machine may take for the tries themselves.
        now = timezone.now()
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)
        for number in range(21):
            self.wrong(give_password(at=f"198.51.100.{number}"))
        refusal = self.wrong(give_password(at="203.0.113.1"))
        assert refusal.status_code == 429

    def test_are_not_forgotten_by_a_new_password(self, app: AuthenticatorApp, rosa: User):
        self.wrong(give_password())
        rosa.set_password("otra tortuga, otro queso, otro mar")
        rosa.save()
        key = limits.account_key("rosa", limits.SECOND_STEP)
        assert FailedAttempt.objects.filter(account=key).count() == 1
        call_command("unlock_sign_in", "rosa")
        assert not FailedAttempt.objects.filter(account=key).exists()

    def test_do_not_make_a_network_or_browser_known(self, app: AuthenticatorApp):
        client = give_password()
        self.wrong(client)
        assert SignIn.objects.get().network == ""
        assert "bank_device" not in client.cookies


class TestRecoveryCodes:
    def test_are_good_once_each(self, app: AuthenticatorApp, rosa: User):
        codes = recovery_codes.replace(rosa)
        client = give_password()
        page = client.post(STEP, {"code": codes[2].upper()}, follow=True).content.decode()
        assert "Le quedan 7 códigos de recuperación" in page
        assert not is_in_after(codes[2])
        assert is_in_after(codes[3].replace("-", " "))

    def test_are_kept_as_password_hashes(self, rosa: User):
        codes = recovery_codes.replace(rosa)
        held = " ".join(RecoveryCode.objects.values_list("digest", flat=True))
        assert len(codes) == recovery_codes.COUNT
        assert not any(code[2:6] in held or code.replace("-", "")[1:] in held for code in codes)

    def test_of_another_list_or_person_are_not_taken(self, app: AuthenticatorApp, rosa: User):
        old = recovery_codes.replace(rosa)
        recovery_codes.replace(rosa)
        others = recovery_codes.replace(make_person(username="berta"))
        assert not recovery_codes.use(rosa, old[0])
        assert not recovery_codes.use(rosa, others[0])


def is_in_after(code: str) -> bool:
    client = give_password()
    client.post(STEP, {"code": code})
    return is_in(client)


def add_app(client: Client, key: str = "", name: str = "Mi celular") -> Any:
    """Add an app with the key that the page shows, or `key`."""
    code = code_at(base64.b32decode(key or key_on(client.get(ADD).content.decode())))
    return client.post(ADD, {"what": "app", "app-name": name, "app-code": code})


class TestAdding:
    def test_the_first_app_opens_the_workplace_and_gives_codes_once(self, rosa: User, demanded: None):
        client = give_password()
        answer = add_app(client)
        assert len(codes_on(answer.content.decode())) == recovery_codes.COUNT
        assert "no-store" in answer.headers["Cache-Control"]
        assert is_in(client)
        assert codes_on(client.get(OWN).content.decode()) == []
        again = give_password()
        assert again.get(INDEX).headers["Location"] == STEP
        assert not is_in(again)

    def test_the_picture_holds_the_same_key_and_no_style(self, rosa: User, demanded: None):
        page = give_password().get(ADD).content.decode()
        assert re.search(r"<svg[^>]+viewBox", page)
        assert "style=" not in page

    def test_a_wrong_code_adds_nothing(self, rosa: User, demanded: None):
        client = give_password()
        page = client.post(ADD, {"what": "app", "app-name": "x", "app-code": "000"}).content.decode()
        assert "Este código no corresponde" in page
        assert not AuthenticatorApp.objects.exists()

    def test_a_session_that_was_left_open_asks_for_the_password_first(
        self, rosa: User, settings: Any, monkeypatch: pytest.MonkeyPatch
    ):
        client = give_password()
        settings.REQUIRE_SECOND_FACTOR = True
        monkeypatch.setattr(sessions, "LATELY", timedelta(0))
        asked = client.get(ADD).headers["Location"]
        assert asked.startswith(CONFIRM)
        page = client.get(asked).content.decode()
        assert "Salir sin entrar" in page
        assert "nav-sidebar" not in page
        assert not codes_on(add_app(client, key="A" * 32).content.decode())
        confirm(client)
        assert len(codes_on(add_app(client).content.decode())) == recovery_codes.COUNT
        assert is_in(client)

    def test_a_form_that_is_sent_twice_adds_one(self, rosa: User):
        seed = totp.new_seed()
        for _time in range(2):
            assert totp.add(rosa, seed, "Mi celular", code_of(seed))
        assert AuthenticatorApp.objects.count() == 1

    def test_another_one_asks_for_the_password_again(self, app: AuthenticatorApp):
        client = sign_in(app)
        assert client.get(ADD).headers["Location"].startswith(CONFIRM)
        assert "No es su contraseña" in client.post(CONFIRM, {"password": "x"}).content.decode()
        assert client.post(ADD, {"what": "app"}).headers["Location"].startswith(CONFIRM)
        confirm(client)
        add_app(client, name="Tableta")
        assert [each.name for each in AuthenticatorApp.objects.order_by("pk")] == ["Mi celular", "Tableta"]

    def test_the_password_once_more_makes_the_key_of_before_worthless(self, app: AuthenticatorApp):
        client = sign_in(app)
        before = client.cookies["sessionid"].value
        confirm(client)
        assert client.cookies["sessionid"].value != before
        assert client.get("/admin/").status_code == 200
        client.cookies["sessionid"] = before
        assert client.get("/admin/").status_code == 302
        assert list(SignIn.objects.exclude(session_key=before)), "the list of sessions knows the new key"

    def test_the_first_one_ends_the_other_sessions(self, rosa: User):
        other, client = give_password(), give_password()
        confirm(client)
        add_app(client)
        assert (is_in(other), is_in(client)) == (False, True)

    def test_the_password_that_is_asked_for_is_limited(self, app: AuthenticatorApp):
        client = sign_in(app)
        tries = [client.post(CONFIRM, {"password": "x"}).status_code for _try in range(6)]
        assert tries == [200] * 5 + [429]


class TestRemoving:
    def test_needs_the_password(self, app: AuthenticatorApp):
        client = sign_in(app)
        assert client.post(OWN, {"remove": f"app-{app.pk}"}).headers["Location"].startswith(CONFIRM)
        assert AuthenticatorApp.objects.exists()

    def test_the_last_one_takes_the_codes_along(self, app: AuthenticatorApp, rosa: User):
        recovery_codes.replace(rosa)
        client = sign_in(app)
        confirm(client)
        client.post(OWN, {"remove": f"app-{app.pk}"})
        assert not RecoveryCode.objects.exists()
        assert is_in(give_password())

    def test_the_last_one_stays_where_one_is_demanded(self, app: AuthenticatorApp, demanded: None):
        client = sign_in(app)
        confirm(client)
        page = client.post(OWN, {"remove": f"app-{app.pk}"}, follow=True).content.decode()
        assert "Es el único que tiene" in page
        assert AuthenticatorApp.objects.exists()

    @pytest.mark.parametrize("key", ["", "x", "app-", "app-0", "passkey-1", "app-9" * 20, "\x00"])
    def test_what_is_not_on_the_list_is_told(self, app: AuthenticatorApp, key: str):
        client = sign_in(app)
        confirm(client)
        assert "ya no estaba en su lista" in client.post(OWN, {"remove": key}, follow=True).content.decode()

    def test_nobody_removes_those_of_another(self, app: AuthenticatorApp):
        other = give_app(make_person(username="berta"))
        client = sign_in(app)
        confirm(client)
        client.post(OWN, {"remove": f"app-{other.pk}"})
        assert AuthenticatorApp.objects.filter(pk=other.pk).exists()

    def test_a_new_list_of_codes_ends_the_old_one(self, app: AuthenticatorApp, rosa: User):
        old = recovery_codes.replace(rosa)
        client = sign_in(app)
        confirm(client)
        new = codes_on(client.post(OWN, {"codes": "new"}).content.decode())
        assert not recovery_codes.use(rosa, old[0])
        assert recovery_codes.use(rosa, new[0])


class TestResetting:
    WHY = "Perdió el celular; la llamé a su anexo."

    def by(self, user: User) -> Client:
        client = Client()
        client.force_login(user)
        confirm(client)
        return client

    def test_by_an_administrator_leaves_who_and_why(self, app: AuthenticatorApp, rosa: User, caplog: Any):
        caplog.set_level(logging.INFO, "evidencebank.security")
        session = sign_in(app)
        chief = make_person(None, username="jefa", is_superuser=True)
        where = reverse("reset-factors", args=[rosa.pk])
        client = self.by(chief)
        assert "Mi celular" in client.get(where).content.decode()
        assert "errorlist" in client.post(where, {"reason": "corto"}).content.decode()
        client.post(where, {"reason": self.WHY})
        assert not AuthenticatorApp.objects.exists()
        assert not is_in(session)
        entry = LogEntry.objects.get(object_id=str(rosa.pk))
        assert entry.user == chief
        assert self.WHY in entry.get_change_message()
        history = client.get(reverse("admin:auth_user_history", args=[rosa.pk])).content.decode()
        assert "Perdió el celular" in history
        assert "second factor reset: name=rosa" in caplog.text
        assert "by=jefa" in caplog.text

    def test_is_offered_on_the_page_of_the_account(self, app: AuthenticatorApp, rosa: User):
        client = self.by(make_person(None, username="jefa", is_superuser=True))
        page = client.get(reverse("admin:auth_user_change", args=[rosa.pk])).content.decode()
        assert reverse("reset-factors", args=[rosa.pk]) in page

    def test_needs_the_password_of_the_administrator(self, app: AuthenticatorApp, rosa: User):
        client = Client()
        client.force_login(make_person(None, username="jefa", is_superuser=True))
        client.post(reverse("reset-factors", args=[rosa.pk]), {"reason": self.WHY})
        assert AuthenticatorApp.objects.exists()

    @pytest.mark.parametrize("role", [None, "Curaduría", "Revisión", "Administración"])
    def test_is_for_those_only_who_may_change_accounts(self, app: AuthenticatorApp, rosa: User, role: str | None):
        client = self.by(make_person(role, username="otra"))
        assert client.post(reverse("reset-factors", args=[rosa.pk]), {"reason": self.WHY}).status_code == 403
        assert AuthenticatorApp.objects.exists()

    def test_of_a_superuser_is_for_superusers(self, app: AuthenticatorApp, rosa: User):
        User.objects.filter(pk=rosa.pk).update(is_superuser=True)
        other = make_person(username="otra")
        other.user_permissions.add(Permission.objects.get(codename="change_user"))
        assert self.by(other).post(reverse("reset-factors", args=[rosa.pk]), {"reason": self.WHY}).status_code == 403

    def test_of_oneself_is_not_possible(self, app: AuthenticatorApp, rosa: User):
        User.objects.filter(pk=rosa.pk).update(is_superuser=True)
        client = sign_in(app)
        confirm(client)
        client.post(reverse("reset-factors", args=[rosa.pk]), {"reason": self.WHY})
        assert AuthenticatorApp.objects.exists()

    def test_by_the_command_leaves_its_trace_too(self, app: AuthenticatorApp, rosa: User):
        call_command("reset_second_factor", "rosa", reason=self.WHY)
        assert not AuthenticatorApp.objects.exists()
        assert "en el servidor" in LogEntry.objects.get(object_id=str(rosa.pk)).get_change_message()

    def test_by_the_command_needs_an_account_and_a_reason(self, rosa: User):
        with pytest.raises(CommandError):
            call_command("reset_second_factor", "nadie", reason=self.WHY)
        with pytest.raises(CommandError):
            call_command("reset_second_factor", "rosa", reason=" ")


class TestTheLog:
    def test_says_sign_in_only_once_the_factor_is_proven(self, app: AuthenticatorApp, caplog: Any):
        caplog.set_level(logging.INFO, "evidencebank.security")
        client = give_password()
        client.post(STEP, {"code": "x"})
        client.post(STEP, {"code": code_of(app)})
        said = [record.getMessage() for record in caplog.records if record.name == "evidencebank.security"]
        assert said == [
            "password accepted: name=rosa address=192.0.2.1",
            "second step failed: name=rosa address=192.0.2.1 factor=code",
            "sign-in: name=rosa address=192.0.2.1 factor=app",
        ]

    def test_does_not_say_it_twice_for_one_who_was_in(self, rosa: User, caplog: Any):
        caplog.set_level(logging.INFO, "evidencebank.security")
        client = give_password()
        confirm(client)
        add_app(client)
        assert caplog.text.count("sign-in:") == 1
        assert "second factor added: name=rosa" in caplog.text

    def test_does_not_say_it_before_a_demanded_factor_is_added(self, rosa: User, demanded: None, caplog: Any):
        caplog.set_level(logging.INFO, "evidencebank.security")
        RequiredPasswordChange.objects.create(user=rosa)
        give_password()
        assert "password accepted: name=rosa" in caplog.text
        assert "sign-in:" not in caplog.text
        assert SignIn.objects.get().network == ""
