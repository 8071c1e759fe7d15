"""A change to a published study by two people: proposed by one, lost by no time-out, published by the other."""

from __future__ import annotations

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.bank_server import ADMINISTRATOR, ROOT, BankServer, environment
from tests.browser.conftest import PHONE, Open, sign_in

SASA = "abramsky-2014-sasa"
CURATORS_PASSWORD = "una-clave-bien-larga"


def make_curator(server: BankServer) -> None:
    script = (
        "from django.contrib.auth.models import Group, User;"
        f"user = User.objects.create_user('rosa', password='{CURATORS_PASSWORD}', is_staff=True);"
        "user.groups.add(Group.objects.get(name='Curaduría'))"
    )
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", script]
    subprocess.run(command, cwd=ROOT, env=environment(server.var), check=True)


@pytest.mark.thorough
class TestTwoPairsOfEyes:
    def test_a_proposal_is_written_kept_through_a_time_out_and_published_by_another(
        self, open_own_page: Open, own_bank: BankServer
    ) -> None:
        make_curator(own_bank)
        reviewer = open_own_page()
        sign_in(reviewer, ADMINISTRATOR, own_bank.password)

        # A curator, on a phone, proposes; the session ends before it is sent.
        curator = open_own_page(PHONE)
        sign_in(curator, "rosa", CURATORS_PASSWORD)
        curator.goto(f"/admin/studies/study/?q={SASA}")
        curator.locator("#result_list tbody th a").first.click()
        expect(curator.locator("#content")).to_contain_text("será una propuesta")
        title = curator.locator("[name=title_es]")
        proposed = title.input_value() + " con xilófonos"
        title.fill(proposed)
        curator.context.clear_cookies(name="sessionid")
        curator.get_by_role("button", name="Enviar la propuesta").last.click()
        curator.get_by_label("Nombre de usuario").fill("rosa")
        curator.get_by_label("Contraseña").fill(CURATORS_PASSWORD)
        curator.get_by_role("button", name="Entrar y recuperar lo escrito").click()
        expect(curator.locator("[name=title_es]")).to_have_value(proposed)
        curator.get_by_role("button", name="Enviar la propuesta").last.click()
        expect(curator.locator(".messagelist")).to_contain_text("La propuesta se envió a revisión")
        assert "xilófonos" not in own_bank.page(f"/estudios/{SASA}/")

        # The reviewer finds it waiting, reads what would change, publishes.
        reviewer.goto("/admin/")
        reviewer.get_by_role("link", name="Espera revisión").click()
        reviewer.locator(".queue__title a").first.click()
        expect(reviewer.locator(".diff ins")).to_contain_text("con xilófonos")
        reviewer.get_by_role("link", name="Publicar la propuesta").click()
        reviewer.get_by_role("button", name="Publicar la propuesta").click()
        expect(reviewer.locator(".messagelist")).to_contain_text("La propuesta se publicó")

        # The public reads the new title, when it changed, and nobody's name.
        page = own_bank.page(f"/en/studies/{SASA}/")
        assert "correction of bibliographic data" in page
        assert "rosa" not in page
        assert "con xilófonos" in own_bank.page(f"/estudios/{SASA}/")
