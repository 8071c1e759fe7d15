"""A stranger tries to have the ministry's mail server write what, to whom and as often as the stranger wants."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default
from html import unescape
from urllib.parse import quote_plus, urlencode

import pytest
from django.core import mail
from django.test import Client

from search.criteria.criteria import Criteria
from search.criteria.facets import FACET_PARAMETERS
from search.lists import alerts, digests
from search.models import Alert
from search.web.alerts.emails import digest_email
from search.web.alerts.views import LIMIT_BY_MAILBOX, LIMIT_BY_NETWORK, LIMIT_OVERALL
from studies.models import Stage
from tests.factories import make_study
from tests.search.smtp_server import mail_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

PHISHING = "Su denuncia fue recibida. Confirme su DNI y clave en https://mimp-gob.example/verifica antes de hoy"
PIECES = ("denuncia", "DNI", "clave", "mimp-gob", "verifica")


@pytest.fixture(autouse=True)
def _public_site(settings):
    settings.SENDS_MAIL = True
    settings.SITE_URL = "https://banco.example.pe"
    settings.MAIL_FROM = "banco@example.pe"


def ask(client: Client, email: str = "victima@example.pe", query: str = "", **environ: str) -> int:
    path = f"/avisos/?{query or urlencode({'q': PHISHING})}"
    return client.post(path, {"email": email, "frequency": "weekly"}, **environ).status_code


def everything_said(letter: mail.EmailMessage) -> str:
    """Return headers and decoded body of a letter as its reader gets it."""
    raw = letter.message().as_bytes()
    read = message_from_bytes(raw, policy=default)
    return f"{raw.decode(errors='replace')}\n{read['Subject']}\n{read.get_content()}"


class TestTheFirstLetter:
    @pytest.mark.parametrize("path", ["/avisos/", "/en/alerts/"])
    @pytest.mark.parametrize("parameter", ["q", "without", "exact", "sort", *sorted(FACET_PARAMETERS)])
    def test_carries_nothing_that_was_typed(self, client: Client, path: str, parameter: str):
        answer = client.post(
            f"{path}?{urlencode({parameter: PHISHING})}", {"email": "victima@example.pe", "frequency": "weekly"}
        )
        assert answer.status_code == 200
        (letter,) = mail.outbox
        assert [piece for piece in (*PIECES, quote_plus(PHISHING)) if piece in everything_said(letter)] == []

    def test_leads_to_the_bank_alone(self, client: Client):
        ask(client)
        addresses = re.findall(r"https?://\S+", str(mail.outbox[0].body))
        assert len(addresses) == 1
        assert addresses[0].startswith("https://banco.example.pe/avisos/confirmar/")

    def test_names_the_filters_by_the_labels_of_the_vocabularies(self, client: Client):
        ask(client, query=f"{urlencode({'q': PHISHING})}&country=PE&country=DNI")
        assert "  con palabras escritas; País: Perú\n" in str(mail.outbox[0].body)

    def test_takes_no_header_from_the_form(self, client: Client):
        assert ask(client, "victima@example.pe\nBcc: otra@example.pe") == 400
        assert mail.outbox == []


class TestThePageBehindTheLink:
    def test_shows_the_words_escaped_and_as_a_quotation_that_is_not_the_banks(self, client: Client):
        ask(client, query=urlencode({"q": "<script>alert(1)</script> & «comillas»"}))
        link = re.search(r"https://banco\.example\.pe(/\S+)", str(mail.outbox[0].body))
        assert link
        html = client.get(link[1]).content.decode()
        assert "<q>&lt;script&gt;alert(1)&lt;/script&gt; &amp; «comillas»</q>" in html
        assert "Las escribió quien pidió los avisos, no el banco." in re.sub(r"\s+", " ", unescape(html))


class TestLaterLetters:
    def test_carry_the_words_only_in_the_address_of_the_list(self):
        alert = alerts.confirm_alert(
            alerts.request_alert("ana@example.org", Criteria(q="zarzaparrilla DNI"), "es", "weekly")
        )
        make_study(stage=Stage.PUBLISHED, title_es="Zarzaparrilla DNI", title="Zarzaparrilla DNI")
        Alert.objects.update(due_on="2020-01-01")
        digests.send_due_digests(digest_email)
        (letter,) = mail.outbox
        assert letter.to == [alert.email]
        assert letter.subject == "Cambios en su búsqueda: con palabras escritas"
        assert str(letter.body).startswith(
            "con palabras escritas\nhttps://banco.example.pe/estudios/?q=zarzaparrilla+DNI\n"
        )


class TestHowOften:
    def test_a_mailbox_is_not_filled_by_its_aliases(self, client: Client):
        sent = [ask(client, f"Bomb+{n}@example.pe", REMOTE_ADDR=f"192.0.2.{n}") for n in range(8)]
        assert sent.count(200) == LIMIT_BY_MAILBOX.most
        assert sent[LIMIT_BY_MAILBOX.most :] == [429] * (8 - LIMIT_BY_MAILBOX.most)

    def test_one_who_has_a_whole_network_of_ipv6_is_one(self, client: Client):
        most = LIMIT_BY_NETWORK.most
        answers = [ask(client, f"a{n}@example.pe", REMOTE_ADDR=f"2001:db8:1:2::{n:x}") for n in range(most + 5)]
        assert answers == [200] * most + [429] * 5
        assert ask(client, "otra@example.pe", REMOTE_ADDR="2001:db8:1:3::1") == 200

    def test_one_address_of_ipv4_is_one(self, client: Client):
        most = LIMIT_BY_NETWORK.most
        answers = [ask(client, f"a{n}@example.pe", REMOTE_ADDR="192.0.2.7") for n in range(most + 1)]
        assert answers == [200] * most + [429]

    def test_many_networks_together_have_a_limit_a_day(self, client: Client):
        for _ in range(LIMIT_OVERALL.most):
            LIMIT_OVERALL.consume()
        assert ask(client, "a@example.pe", REMOTE_ADDR="203.0.113.9") == 429
        assert mail.outbox == []

    def test_one_network_does_not_use_up_the_day_of_all(self, client: Client):
        for n in range(LIMIT_BY_NETWORK.most + 10):
            ask(client, f"a{n}@example.pe", REMOTE_ADDR="192.0.2.7")
        left = LIMIT_OVERALL.most - LIMIT_BY_NETWORK.most
        assert [LIMIT_OVERALL.consume() for _ in range(left)] == [0] * left

    def test_a_header_of_the_reader_makes_no_new_network(self, client: Client):
        forged = [
            ask(client, f"a{n}@example.pe", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}")
            for n in range(LIMIT_BY_NETWORK.most + 1)
        ]
        assert forged[-1] == 429


class TestEveryLetter:
    def test_names_the_site_and_not_the_machine_as_its_sender(self, settings):
        with mail_server() as server:
            settings.EMAIL_BACKEND = "evidencebank.mail.SmtpBackend"
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
            mail.send_mail("Prueba", "Texto", "banco@example.pe", ["ana@example.org"])
            mail.EmailMessage("Otra", "", None, ["ana@example.org"], headers={"Message-ID": "<propio@x>"}).send()
        assert str(server.letters[0]["Message-ID"]).endswith("@banco.example.pe>")
        assert server.letters[1]["Message-ID"] == "<propio@x>"
