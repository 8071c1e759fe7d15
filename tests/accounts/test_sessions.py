"""How long a session lasts, which ones a person sees and ends, and what has to be done before anything else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import RequiredPasswordChange, SignIn
from accounts.sessions import describe_browser
from tests.factories import make_study, user_with_role
from tests.studies.admin_forms import address, filled_in

pytestmark = pytest.mark.django_db
PASSWORD, NEW = "tortuga lámpara viento queso", "otra tortuga, otro queso, otro mar"
SESSIONS, INDEX, CHANGE = "/admin/sesiones/", "/admin/", "/admin/password_change/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


@pytest.fixture
def rosa() -> User:
    user = user_with_role("Curaduría", username="rosa")
    user.set_password(PASSWORD)
    user.save()
    return user


def signed_in(name: str = "rosa", password: str = PASSWORD, agent: str = FIREFOX, at: str = "192.0.2.1") -> Client:
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=at)
    assert client.post(reverse("admin:login"), {"username": name, "password": password}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get(INDEX).status_code == 200


def let_pass(client: Client, **times: timedelta) -> None:
    """Move moments of the session into the past: `started_at`, `seen_at`."""
    session = client.session
    for name, time in times.items():
        session[name] -= int(time.total_seconds())
    session.save()


def change_password(client: Client, old: str = PASSWORD, new: str = NEW) -> Any:
    return client.post(CHANGE, {"old_password": old, "new_password1": new, "new_password2": new})


@pytest.mark.usefixtures("rosa")
class TestHowLongItLasts:
    def test_it_ends_after_the_idle_time_of_the_setting(self, settings: Any):
        settings.SESSION_IDLE_MINUTES = 10
        client = signed_in()
        let_pass(client, seen_at=timedelta(minutes=9))
        assert is_in(client)
        let_pass(client, seen_at=timedelta(minutes=11))
        assert not is_in(client)
        assert SignIn.objects.get().ended_at

    def test_use_prolongs_it_but_not_beyond_twelve_hours(self):
        client = signed_in()
        for _hour in range(23):
            let_pass(client, started_at=timedelta(minutes=29), seen_at=timedelta(minutes=29))
            assert is_in(client)
        let_pass(client, started_at=timedelta(minutes=60))
        assert not is_in(client)

    def test_a_session_of_before_the_upgrade_ends(self, rosa: User):
        client = signed_in()
        session = client.session
        for name in ("started_at", "seen_at", "sign_in"):
            del session[name]
        session.save()
        assert not is_in(client)

    def test_what_was_typed_meanwhile_comes_back_after_the_sign_in(self):
        client = signed_in()
        study = make_study()
        typed = filled_in(client, study, title_es="Lo que escribí")
        let_pass(client, seen_at=timedelta(hours=1))
        page = client.post(address(study), typed).content.decode()
        assert "Su sesión terminó mientras escribía" in page
        assert "Lo que escribí" in page

    def test_a_session_in_use_is_written_once_a_minute(self, django_assert_num_queries: Any):
        client = signed_in()
        client.get("/healthz")
        with django_assert_num_queries(1):
            client.get("/healthz")
        assert "Cookie" not in Client().get("/healthz").headers.get("Vary", "")


@pytest.mark.usefixtures("rosa")
class TestOwnSessions:
    def test_are_listed_with_browser_and_address(self):
        signed_in(agent=CHROME, at="198.51.100.7")
        page = signed_in().get(SESSIONS).content.decode()
        assert "Chrome, Windows" in page
        assert "198.51.100.7" in page
        assert page.count("es esta sesión") == 1
        assert page.count('name="end"') == 2

    def test_one_is_ended_at_once(self):
        other, this = signed_in(agent=CHROME), signed_in()
        row = SignIn.objects.get(browser="Chrome, Windows")
        assert "Se terminó la sesión" in this.post(SESSIONS, {"end": row.pk}, follow=True).content.decode()
        assert (is_in(other), is_in(this)) == (False, True)

    def test_all_others_are_ended_at_once(self):
        others, this = [signed_in(), signed_in()], signed_in()
        page = this.post(SESSIONS, {"end": "others"}, follow=True).content.decode()
        assert "Se terminaron las otras 2 sesiones" in page
        assert [is_in(each) for each in (*others, this)] == [False, False, True]

    @pytest.mark.parametrize("end", ["", "x", "0", "-1", "9" * 30, "٣", "\x00"])
    def test_what_is_no_session_is_told(self, end: str):
        page = signed_in().post(SESSIONS, {"end": end}, follow=True).content.decode()
        assert "ya no estaba abierta" in page

    def test_nobody_sees_or_ends_those_of_another(self):
        other = signed_in()
        user_with_role("Administración", username="berta").set_password(PASSWORD)
        berta = Client()
        berta.force_login(User.objects.get(username="berta"))
        row = SignIn.objects.get(user__username="rosa")
        assert "192.0.2.1" not in berta.get(SESSIONS).content.decode()
        berta.post(SESSIONS, {"end": row.pk})
        assert is_in(other)

    def test_a_stranger_is_led_to_the_sign_in(self):
        assert Client().get(SESSIONS).status_code == 302
        assert Client().post(SESSIONS, {"end": "others"}).status_code == 302

    def test_those_that_ended_or_are_too_old_are_not_listed(self):
        gone, idle, this = signed_in(at="198.51.100.1"), signed_in(at="198.51.100.2"), signed_in()
        gone.post(reverse("admin:logout"))
        let_pass(idle, seen_at=timedelta(hours=1))
        assert "198.51.100" not in this.get(SESSIONS).content.decode()

    def test_rows_are_kept_for_ninety_days(self):
        signed_in()
        SignIn.objects.update(at=timezone.now() - timedelta(days=91))
        signed_in()
        assert SignIn.objects.count() == 1


@pytest.mark.usefixtures("rosa")
class TestChangingThePassword:
    def test_ends_the_other_sessions_and_keeps_this_one(self):
        other, this = signed_in(), signed_in()
        assert change_password(this).status_code == 302
        assert (is_in(other), is_in(this)) == (False, True)
        assert this.get(SESSIONS).content.decode().count("es esta sesión") == 1
        assert SignIn.objects.filter(ended_at=None).count() == 1

    def test_is_refused_after_five_wrong_tries_of_the_old_one(self):
        client = signed_in()
        assert [change_password(client, "falsa").status_code for _try in range(5)] == [200] * 5
        refused = change_password(client)
        assert refused.status_code == 429
        assert "Espere 30 minutos" in refused.content.decode()
        assert User.objects.get(username="rosa").check_password(PASSWORD)

    def test_does_not_take_the_same_again_nor_an_easy_one(self):
        client = signed_in()
        assert "Elija otra" in change_password(client, new=PASSWORD).content.decode()
        assert "fácil adivinar" in change_password(client, new="violencia2026").content.decode()


class TestAPasswordThatOthersSaw:
    @pytest.fixture
    def chief(self) -> User:
        user = User.objects.create_superuser("administrador", password=PASSWORD)
        RequiredPasswordChange.objects.create(user=user)
        return user

    @pytest.mark.parametrize("path", ["/admin/", "/admin/auth/user/", SESSIONS, "/admin/contrasena/"])
    def test_opens_nothing_before_it_is_changed(self, chief: User, path: str):
        answer = signed_in("administrador").get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, CHANGE)

    def test_is_asked_for_with_the_reason(self, chief: User):
        page = signed_in("administrador").get(CHANGE).content.decode()
        assert "otras personas pudieron ver" in page

    def test_a_post_does_nothing_either(self, chief: User):
        signed_in("administrador").post("/admin/auth/user/add/", {"username": "intrusa", "usable_password": "false"})
        assert not User.objects.filter(username="intrusa").exists()

    def test_the_workplace_opens_once_it_is_changed(self, chief: User):
        client = signed_in("administrador")
        assert "Elija otra" in change_password(client, new=PASSWORD).content.decode()
        assert not is_in(client)
        assert change_password(client).status_code == 302
        assert is_in(client)
        assert is_in(signed_in("administrador", NEW))

    def test_one_can_sign_out(self, chief: User):
        assert signed_in("administrador").post(reverse("admin:logout")).status_code == 200


@pytest.mark.usefixtures("rosa")
class TestTheEnd:
    def test_has_the_browser_forget_what_it_kept_of_the_workplace(self):
        client = signed_in()
        assert "Clear-Site-Data" not in client.get(INDEX).headers
        assert client.post("/admin/logout/").headers["Clear-Site-Data"] == '"cache", "storage"'

    def test_of_an_account_is_the_end_of_its_sessions(self, rosa: User):
        client = signed_in()
        rosa.is_active = False
        rosa.save()
        assert not is_in(client)

    def test_by_the_time_does_too(self, settings: Any):
        client = signed_in()
        let_pass(client, seen_at=timedelta(minutes=settings.SESSION_IDLE_MINUTES))
        assert client.get(INDEX).headers["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.usefixtures("rosa")
class TestTheCommand:
    def test_ends_the_sessions_of_one_account(self):
        luz = Client()
        luz.force_login(user_with_role("Revisión", username="luz"))
        one, two = signed_in(), signed_in(agent=CHROME)
        call_command("end_sessions", "rosa")
        assert (is_in(one), is_in(two), is_in(luz)) == (False, False, True)

    def test_ends_those_of_everybody(self):
        one = signed_in()
        call_command("end_sessions", "--all")
        assert not is_in(one)
        assert not SignIn.objects.filter(ended_at=None).exists()

    @pytest.mark.parametrize("arguments", [[], ["nadie"], ["rosa", "--all"]])
    def test_wants_an_account_that_is_there_or_all(self, arguments: list[str]):
        with pytest.raises(CommandError):
            call_command("end_sessions", *arguments)


class TestBrowser:
    @pytest.mark.parametrize(
        ("agent", "said"),
        [
            (FIREFOX, "Firefox, Linux"),
            (CHROME, "Chrome, Windows"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
            ("curl/8.0", ""),
            ("", ""),
            ("x" * 9000, ""),
        ],
    )
    def test_is_said_in_two_words(self, agent: str, said: str):
        assert describe_browser(agent) == said
