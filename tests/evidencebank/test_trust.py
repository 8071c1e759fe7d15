"""The pages that say what is kept of whom, who answers for the bank, and where a fault is reported."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from search.models import PageReport
from studies.models import Stage
from tests.factories import make_study

pytestmark = pytest.mark.django_db


def text(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


class TestPrivacy:
    def test_it_names_who_answers_and_where_to_write(self, client, settings):
        settings.RESPONSIBLE_NAME = "Ministerio de <Ejemplo>"
        settings.RESPONSIBLE_ADDRESS = "Jr. Ejemplo 100, Lima"
        settings.PRIVACY_EMAIL = "datos@ejemplo.pe"
        page = text(client.get("/privacidad/"))
        assert "Ministerio de &lt;Ejemplo&gt; responde por este banco" in page
        assert "Jr. Ejemplo 100, Lima." in page
        assert 'href="mailto:datos@ejemplo.pe"' in page
        assert "Ley 29733" in page

    def test_what_no_setting_says_is_said_to_be_unknown(self, client, settings):
        settings.CONTACT_EMAIL = settings.PRIVACY_EMAIL = ""
        page = text(client.get("/en/privacy/"))
        assert "does not yet say who answers" in page
        assert "has no contact address yet" in page

    def test_periods_are_those_of_the_settings(self, client, settings):
        settings.KEEP_REPORTS_DAYS = 77
        assert "77 días después de resueltos" in text(client.get("/privacidad/"))

    def test_alerts_are_told_only_where_the_bank_sends_them(self, client, settings):
        assert "Avisos por correo:" not in text(client.get("/privacidad/"))

    def test_it_costs_no_query_of_its_own(self, client, django_assert_max_num_queries):
        client.get("/privacidad/")
        with django_assert_max_num_queries(2):
            client.get("/privacidad/")

    def test_every_page_leads_there(self, client):
        assert 'href="/privacidad/"' in text(client.get("/accesibilidad/"))


class TestSecurityText:
    def test_without_a_contact_there_is_none(self, client, settings):
        settings.SECURITY_CONTACT = ""
        assert client.get("/.well-known/security.txt").status_code == 404

    def test_it_has_what_rfc_9116_demands(self, client, settings):
        settings.SECURITY_CONTACT = "mailto:seguridad@ejemplo.pe"
        answer = client.get("/.well-known/security.txt")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
        assert fields["Contact"] == "mailto:seguridad@ejemplo.pe"
        assert fields["Canonical"].endswith("/.well-known/security.txt")
        expires = datetime.fromisoformat(fields["Expires"])
        assert timedelta(days=30) < expires - datetime.now(UTC) < timedelta(days=365)


class TestReportOnAStudy:
    @pytest.fixture
    def study(self):
        return make_study(id="con-error", stage=Stage.PUBLISHED)

    def report(self, slug, **form):
        return Client().post(f"/estudios/{slug}/informar/", {"reason": "wrong", **form})

    def test_every_study_leads_to_it_also_without_an_address_of_the_bank(self, client, study, settings):
        settings.CONTACT_EMAIL = ""
        assert 'href="/estudios/con-error/informar/"' in text(client.get("/estudios/con-error/"))
        assert 'href="/en/studies/con-error/report/"' in text(client.get("/en/studies/con-error/"))

    def test_it_waits_for_the_staff_and_nothing_of_it_is_public(self, client, study):
        answer = self.report("con-error", text="El año es <b>Zarzaparrilla</b>")
        assert "su informe llegó" in text(answer)
        row = PageReport.objects.get()
        assert (row.path, row.text) == ("/estudios/con-error/", "El año es <b>Zarzaparrilla</b>")
        assert "Zarzaparrilla" not in text(client.get("/estudios/con-error/"))

    def test_a_reason_must_be_chosen_and_what_was_typed_stays(self, study):
        answer = self.report("con-error", reason="", text="El año no es ese")
        assert answer.status_code == 400
        assert "El año no es ese" in text(answer)

    def test_another_site_cannot_send_it(self, study):
        client = Client(headers={"Sec-Fetch-Site": "cross-site"})
        assert client.post("/estudios/con-error/informar/", {"reason": "wrong"}).status_code == 403

    @pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.IN_REVIEW])
    def test_what_is_not_published_does_not_exist(self, stage):
        make_study(id="oculto", stage=stage)
        assert Client().get("/estudios/oculto/informar/").status_code == 404
        assert self.report("oculto").status_code == 404
        assert not PageReport.objects.exists()

    def test_too_many_from_one_network_are_told_when_to_come_back(self, study):
        answers = [self.report("con-error") for _ in range(11)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429]
        assert int(answers[-1].headers["Retry-After"]) > 0
