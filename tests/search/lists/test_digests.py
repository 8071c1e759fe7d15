"""Digests: each is sent at most once, whatever happens to the mail server and to the program."""

from __future__ import annotations

import datetime
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.utils import timezone
from django.utils.translation import override

from search.criteria.criteria import Criteria
from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.index import indexing
from search.lists import alerts, digests
from search.models import Alert
from search.services import public_search
from search.web.alerts.emails import digest_email
from studies.models import BankCounter, Stage, Study
from tests.factories import edit, make_study, merge_studies, withdraw
from tests.search.smtp_server import MailServer, mail_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

BOLIVIA = Criteria(chosen={"country": ("BO",)})
SECRET = "zarzaparrilla"


@pytest.fixture(autouse=True)
def _public_site(settings):
    settings.SENDS_MAIL = True
    settings.SITE_URL = "https://banco.example.pe"
    settings.MAIL_FROM = "banco@example.pe"


@pytest.fixture
def server(settings) -> Any:
    """A mail server that really listens."""
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = running.server_address
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield running


def subscribe(email: str = "ana@example.org", frequency: str = "weekly", language: str = "es") -> Alert:
    """Make an alert that is due today."""
    alert = alerts.confirm_alert(alerts.request_alert(email, BOLIVIA, language, frequency))
    Alert.objects.filter(pk=alert.pk).update(due_on=timezone.localdate())
    alert.refresh_from_db()
    return alert


def make(**changes: object) -> Study:
    return make_study(stage=Stage.PUBLISHED, countries=("BO",), **changes)


def run() -> digests.DigestReport:
    public_search.list_ids(Criteria())
    return digests.send_due_digests(digest_email)


def days_later(alert: Alert, monkeypatch: pytest.MonkeyPatch, days: int = 7) -> None:
    later = timezone.localdate() + datetime.timedelta(days=days)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: later)


def body(letter: EmailMessage) -> str:
    return str(letter.body)


class TestSending:
    def test_tells_what_changed_and_is_due_again_in_a_week(self):
        changed, gone, merged, kept = make(title_es="Uno que cambia"), make(), make(), make()
        alert = subscribe()
        new = make(title_es="Uno nuevo")
        edit(changed, sample_size=8)
        withdraw(gone)
        merge_studies(merged, kept)
        assert run() == digests.DigestReport(sent=1)
        (letter,) = mail.outbox
        assert letter.to == ["ana@example.org"]
        assert letter.subject == "Cambios en su búsqueda: País: Bolivia"
        for told in (
            "Llegaron a la lista (1)\n\n- Uno nuevo",
            f"https://banco.example.pe/estudios/{new.slug}/",
            "Cambiaron (1)\n\n- Uno que cambia",
            "Cambió: métodos",
            "Dejaron la lista (2)",
            f"- Un estudio fue retirado del banco.\n  https://banco.example.pe/estudios/{gone.slug}/",
            f"- Un registro se unió a otro.\n  https://banco.example.pe/estudios/{kept.slug}/",
            f"https://banco.example.pe/avisos/baja/{alert.key}/",
        ):
            assert told in body(letter)
        alert.refresh_from_db()
        assert alert.told_no == BankCounter.current().change_no
        assert alert.due_on == timezone.localdate() + datetime.timedelta(days=7)

    def test_in_the_language_that_was_asked_for(self):
        subscribe(language="en")
        make()
        run()
        assert mail.outbox[0].subject == "Changes in your search: Country: Bolivia"
        assert "https://banco.example.pe/en/studies/?country=BO" in body(mail.outbox[0])

    @pytest.mark.parametrize(("language", "path"), [("es", "avisos/baja"), ("en", "en/alerts/unsubscribe")])
    def test_leads_to_its_end_in_the_language_of_its_reader(self, language: str, path: str):
        """Whatever language the process happens to speak."""
        alert = subscribe()
        Alert.objects.filter(pk=alert.pk).update(language=language)
        make()
        with override("en" if language == "es" else "es"):
            run()
        assert mail.outbox[0].extra_headers["List-Unsubscribe"] == f"<https://banco.example.pe/{path}/{alert.key}/>"

    def test_can_be_ended_by_one_click(self):
        alert = subscribe()
        make()
        run()
        headers = mail.outbox[0].extra_headers
        assert headers["List-Unsubscribe"] == f"<https://banco.example.pe/avisos/baja/{alert.key}/>"
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_sends_nothing_where_nothing_changed(self):
        alert = subscribe()
        make_study(stage=Stage.PUBLISHED, countries=("PE",))
        assert run() == digests.DigestReport(nothing_new=1)
        assert mail.outbox == []
        alert.refresh_from_db()
        assert alert.due_on > timezone.localdate()

    def test_sends_nothing_before_it_is_due(self):
        alert = subscribe()
        Alert.objects.filter(pk=alert.pk).update(due_on=timezone.localdate() + datetime.timedelta(days=1))
        make()
        assert run() == digests.DigestReport()

    def test_never_sends_the_same_twice(self, monkeypatch: pytest.MonkeyPatch):
        alert = subscribe()
        first = make(title_es="El primero")
        assert run().sent == 1
        assert run() == digests.DigestReport()
        second = make(title_es="El segundo")
        days_later(alert, monkeypatch)
        assert run().sent == 1
        assert second.slug in body(mail.outbox[1])
        assert first.slug not in body(mail.outbox[1])

    def test_holds_nothing_of_what_is_not_public(self):
        gone = make(title=SECRET, title_es=SECRET, title_en=SECRET, key_finding_es=SECRET)
        subscribe()
        withdraw(gone)
        make_study(countries=("BO",), title_es=SECRET)
        assert run().sent == 1
        assert SECRET not in body(mail.outbox[0]) + mail.outbox[0].subject

    def test_names_thirty_of_a_kind(self):
        subscribe()
        for _ in range(32):
            make()
        run()
        assert "Llegaron a la lista (32)" in body(mail.outbox[0])
        assert body(mail.outbox[0]).count("Nuevo en el banco") == 30
        assert "… y 2 más, en la lista." in body(mail.outbox[0])

    def test_says_so_where_too_much_changed(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(digests, "MOST_TOUCHED", 1)
        subscribe()
        make(), make()
        assert run().sent == 1
        assert "Cambiaron más registros" in body(mail.outbox[0])
        assert run() == digests.DigestReport()

    def test_begins_anew_where_a_backup_was_restored(self):
        """The reader was told of changes that the bank does not know any more."""
        alert = subscribe()
        Alert.objects.filter(pk=alert.pk).update(told_no=10**9)
        make()
        assert run() == digests.DigestReport(nothing_new=1)
        alert.refresh_from_db()
        assert alert.told_no == BankCounter.current().change_no

    def test_a_line_end_in_a_title_or_a_search_breaks_no_letter(self):
        alert = subscribe()
        Alert.objects.filter(pk=alert.pk).update(query="q=de%0D%0ABcc:+x@example.org")
        make(title_es="Uno\r\nBcc: x@example.org")
        assert run().sent + run().nothing_new >= 1
        for letter in mail.outbox:
            assert letter.message()["Bcc"] is None


class TestMailServer:
    def test_gets_whole_letters(self, server: MailServer):
        alert = subscribe()
        make(title_es="Niñas & «comillas»")
        assert run() == digests.DigestReport(sent=1)
        (letter,) = server.letters
        assert letter["To"] == "ana@example.org"
        assert letter["List-Unsubscribe"].strip() == f"<https://banco.example.pe/avisos/baja/{alert.key}/>"
        assert letter["Auto-Submitted"] == "auto-generated"
        assert "- Niñas & «comillas»" in letter.get_content()

    def test_that_is_down_leaves_all_to_the_next_run(self, server: MailServer, settings):
        first, second = subscribe(), subscribe("eva@example.org")
        make()
        port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
        assert run() == digests.DigestReport(is_server_down=True)
        settings.EMAIL_PORT = port
        assert run() == digests.DigestReport(sent=2)
        assert sorted(letter["To"] for letter in server.letters) == [first.email, second.email]
        assert run() == digests.DigestReport()

    def test_that_refuses_one_is_asked_again_and_gets_the_others(self, server: MailServer, caplog):
        subscribe()
        make()
        server.manner = "refuse"
        assert run() == digests.DigestReport(refused=1)
        assert server.letters == []
        assert "ana@example.org" not in caplog.text
        server.manner = "take"
        assert run() == digests.DigestReport(sent=1)

    def test_that_takes_a_letter_and_does_not_say_so_gets_no_second_one(self, server: MailServer, monkeypatch):
        alert = subscribe()
        first = make()
        before = alert.told_no
        server.manner = "vanish"
        assert run() == digests.DigestReport(doubtful=1)
        server.manner = "take"
        assert run() == digests.DigestReport()
        assert len(server.letters) == 1
        # The next digest tells the new, and leads to all since before the doubtful one.
        second = make()
        days_later(alert, monkeypatch)
        assert run() == digests.DigestReport(sent=1)
        text = server.letters[1].get_content()
        assert second.slug in text
        assert first.slug not in text
        assert "Es posible que un aviso anterior no le haya llegado." in text
        assert f"https://banco.example.pe/registro-de-busqueda/?country=BO&since={before}" in text
        alert.refresh_from_db()
        assert alert.unsure_since is None


class TestKills:
    def test_between_sending_and_noting_sends_nothing_twice(self, monkeypatch: pytest.MonkeyPatch):
        alert = subscribe()
        make()
        with monkeypatch.context() as patch:
            patch.setattr(digests, "_settle", _killed)
            with pytest.raises(KeyboardInterrupt):
                run()
        assert len(mail.outbox) == 1
        # Another run at once leaves it to the one that may still be at it.
        assert run() == digests.DigestReport()
        # An hour later nobody is: it counts as sent.
        Alert.objects.update(claimed_at=timezone.now() - datetime.timedelta(hours=2))
        assert run() == digests.DigestReport()
        assert len(mail.outbox) == 1
        alert.refresh_from_db()
        assert (alert.claimed_no, alert.told_no) == (None, BankCounter.current().change_no)
        # With nothing new, the next digest still says that one may be missing.
        days_later(alert, monkeypatch)
        assert run() == digests.DigestReport(sent=1)
        assert "Es posible que un aviso anterior no le haya llegado." in body(mail.outbox[1])
        assert run() == digests.DigestReport()

    def test_before_sending_lose_nothing(self, monkeypatch: pytest.MonkeyPatch):
        subscribe()
        study = make()
        with monkeypatch.context() as patch:
            patch.setattr(digests, "_claim", _killed)
            with pytest.raises(KeyboardInterrupt):
                run()
        assert mail.outbox == []
        assert run() == digests.DigestReport(sent=1)
        assert study.slug in body(mail.outbox[0])

    def test_two_runs_at_once_send_one(self, monkeypatch: pytest.MonkeyPatch):
        subscribe()
        make()
        compose = digest_email

        def meanwhile(alert: Alert, found: Any) -> EmailMessage:
            if not mail.outbox:
                digests._claim(alert, found.until_no)
            return compose(alert, found)

        public_search.list_ids(Criteria())
        assert digests.send_due_digests(meanwhile) == digests.DigestReport()
        assert mail.outbox == []


def _killed(*_args: Any) -> None:
    raise KeyboardInterrupt


class TestCommand:
    def call(self) -> str:
        told = StringIO()
        call_command("send_alerts", stdout=told)
        return told.getvalue()

    def test_tells_what_it_did(self):
        subscribe()
        make()
        assert self.call() == "sent 1, nothing new 0, refused 0, doubtful 0\n"
        assert self.call() == "sent 0, nothing new 0, refused 0, doubtful 0\n"

    def test_fails_where_no_mail_is_sent(self, settings):
        settings.SENDS_MAIL = False
        with pytest.raises(CommandError, match="MAIL_SERVER"):
            self.call()

    def test_fails_where_the_server_is_down(self, server: MailServer, settings):
        subscribe()
        make()
        settings.EMAIL_PORT = 9
        with pytest.raises(CommandError, match="left to the next run"):
            self.call()

    def test_fails_where_one_was_refused(self, server: MailServer):
        subscribe()
        make()
        server.manner = "refuse"
        with pytest.raises(CommandError, match="the log says why"):
            self.call()

    def test_fails_without_an_index(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(indexing, "get_engine", lambda: MemoryEngine(FACET_PARAMETERS))
        with pytest.raises(CommandError, match="rebuild_index"):
            self.call()
