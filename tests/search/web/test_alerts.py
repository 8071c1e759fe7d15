"""Pages of alerts: asking, confirming, ending; what a link alone does not do; and how often one may ask."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from search.criteria.criteria import Criteria
from search.lists import alerts
from search.models import Alert

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

PAGE = "/avisos/?q=violencia&country=PE"
FORM = {"email": "ana@example.org", "frequency": "weekly"}


@pytest.fixture(autouse=True)
def _public_site(settings):
    settings.SENDS_MAIL = True
    settings.SITE_URL = "https://banco.example.pe"
    settings.MAIL_FROM = "banco@example.pe"


def text(response: HttpResponse) -> str:
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def link(letter: int = -1) -> str:
    found = re.search(r"https://banco\.example\.pe(/\S+)", str(mail.outbox[letter].body))
    assert found
    return found[1]


def kept() -> Alert:
    return alerts.confirm_alert(alerts.request_alert("ana@example.org", Criteria(q="violencia"), "es", "weekly"))


class TestAsking:
    def test_is_offered_on_every_list(self, client: Client):
        html = client.get("/estudios/?q=violencia&country=PE&sort=title&page=2").content.decode()
        assert '<a href="/avisos/?q=violencia&amp;country=PE"' in html

    def test_names_the_search_and_says_what_is_kept(self, client: Client):
        html = text(client.get(PAGE))
        assert "«violencia»; País: Perú" in html
        assert "Hasta que confirme, no se guarda nada." in html

    def test_sends_a_letter_and_keeps_nothing(self, client: Client):
        html = text(client.post(PAGE, FORM))
        assert "Se envió un correo a ana@example.org." in html
        assert not Alert.objects.exists()
        (letter,) = mail.outbox
        assert (letter.to, letter.from_email) == (["ana@example.org"], "banco@example.pe")
        assert "  con palabras escritas; País: Perú\n" in str(letter.body)

    def test_speaks_the_language_of_the_page(self, client: Client):
        client.post("/en/alerts/?q=violencia", FORM)
        assert mail.outbox[0].subject == "Confirm your alerts from the Banco de Evidencias"
        assert link().startswith("/en/alerts/confirm/")

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"email": "ana"}, "Escriba una dirección de correo"),
            ({"email": ""}, "Escriba una dirección de correo"),
            ({"frequency": "daily"}, "Elija cada cuánto"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(self, client: Client, changed: dict[str, str], sentence: str):
        response = client.post(PAGE, FORM | changed)
        assert response.status_code == 400
        assert sentence in text(response)
        assert (FORM | changed)["email"] in text(response)
        assert mail.outbox == []

    def test_a_search_that_is_too_long_is_refused(self, client: Client):
        response = client.post(f"/avisos/?q={'x' * 2000}", FORM)
        assert response.status_code == 400
        assert "demasiado larga" in text(response)

    def test_says_that_there_are_none_where_no_mail_is_sent(self, client: Client, settings):
        settings.SENDS_MAIL = False
        for response in (client.get(PAGE), client.post(PAGE, FORM)):
            assert "Este banco no envía avisos por correo." in text(response)
            assert "/feeds/estudios.atom?q=violencia&country=PE" in text(response)
        assert mail.outbox == []

    @pytest.mark.parametrize("sends_mail", [True, False])
    def test_is_offered_only_where_mail_is_sent(self, client: Client, settings, sends_mail: bool):
        settings.SENDS_MAIL = sends_mail
        assert ("por correo</a>" in text(client.get("/estudios/?q=violencia"))) is sends_mail
        assert ("«Por correo» envía" in text(client.get("/ayuda/"))) is sends_mail

    def test_tells_when_the_letter_could_not_be_sent(self, client: Client, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        response = client.post(PAGE, FORM)
        assert response.status_code == 503
        assert "Nada quedó guardado" in text(response)

    def test_of_another_site_is_refused(self, client: Client):
        assert client.post(PAGE, FORM, headers={"Origin": "https://evil.example"}).status_code == 403
        assert mail.outbox == []

    def test_sets_no_cookie(self, client: Client):
        assert not client.get(PAGE).cookies
        assert not client.post(PAGE, FORM).cookies


class TestLimits:
    def test_nobody_is_flooded(self, client: Client):
        answers = [client.post(PAGE, FORM).status_code for _ in range(4)]
        assert answers == [200, 200, 200, 429]
        assert len(mail.outbox) == 3

    def test_it_is_said_in_words_when_to_ask_again(self, client: Client):
        response = [client.post(PAGE, FORM) for _ in range(4)][-1]
        assert 0 < int(response["Retry-After"]) <= 86_400
        assert "Pruebe mañana." in text(response)


class TestConfirming:
    def test_by_the_button_behind_the_link(self, client: Client):
        client.post(PAGE, FORM | {"frequency": "monthly"})
        html = text(client.get(link()))
        assert "¿Quiere recibir estos avisos?" in html
        assert "<q>violencia</q>" in html
        assert "País: Perú" in html
        assert not Alert.objects.exists()
        assert "Los avisos quedaron confirmados" in text(client.post(link()))
        alert = Alert.objects.get()
        assert (alert.email, alert.query, alert.language, alert.frequency) == (
            *("ana@example.org", "q=violencia&country=PE", "es", "monthly"),
        )

    def test_twice_is_as_good_as_once(self, client: Client):
        client.post(PAGE, FORM)
        client.post(link())
        assert "Los avisos quedaron confirmados" in text(client.post(link()))
        assert Alert.objects.count() == 1

    @pytest.mark.parametrize("path", ["/avisos/confirmar/nada/", "/avisos/confirmar/a:b:c/", "/avisos/confirmar/%00/"])
    def test_an_invented_link_says_that_it_is_not_good(self, client: Client, path: str):
        for response in (client.get(path), client.post(path)):
            assert response.status_code == 410
            assert "El enlace ya no vale" in text(response)


class TestEnding:
    def test_by_the_button_behind_the_link(self, client: Client):
        alert = kept()
        html = text(client.get(alert.get_absolute_url()))
        assert "¿No recibir más estos avisos?" in html
        assert "ana@example.org" not in html
        assert Alert.objects.exists()
        assert "No recibirá más estos avisos" in text(client.post(alert.get_absolute_url()))
        assert not Alert.objects.exists()

    def test_by_the_one_click_of_a_mail_program_from_anywhere(self):
        """RFC 8058: a POST without cookies, answered without a redirect."""
        address = kept().get_absolute_url()
        strict = Client(
            enforce_csrf_checks=True, headers={"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
        )
        response = strict.post(address, {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
        assert not response.cookies
        assert not Alert.objects.exists()

    def test_twice_is_as_good_as_once(self, client: Client):
        address = kept().get_absolute_url()
        client.post(address)
        for response in (client.post(address), client.get(address)):
            assert response.status_code == 200
            assert "No recibirá más estos avisos" in text(response)

    def test_ends_no_other(self, client: Client):
        kept()
        client.post("/avisos/baja/nada/")
        assert Alert.objects.exists()
