"""The second step with a passkey, on a device that Chromium imitates, and with codes where no script runs."""

from __future__ import annotations

import base64
import re
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.accounts.second_factor import code_at
from tests.bank_server import ADMINISTRATOR, BankServer
from tests.browser.conftest import Open
from tests.browser.test_workplace_look import faults_here

STEP = re.compile(r"/admin/segundo-paso/(\?.*)?$")
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def named(server: BankServer) -> str:
    """Return the address by which passkeys work: browsers take no address of digits for the name of a site."""
    return f"http://localhost:{urlsplit(server.url).port}"


def attach_device(page: Page) -> tuple[CDPSession, str]:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]


def give_password(page: Page, server: BankServer, name: str = ADMINISTRATOR) -> None:
    page.goto(named(server) + "/admin/login/?next=/admin/")
    page.get_by_label("Nombre de usuario").fill(name)
    page.get_by_label("Contraseña").fill(server.password)
    page.get_by_role("button", name="Iniciar sesión").click()


def open_adding(page: Page, server: BankServer) -> None:
    give_password(page, server)
    page.get_by_role("link", name="Segundo paso").click()
    page.get_by_role("link", name="Agregar una aplicación o una llave").click()
    page.get_by_label("Contraseña").fill(server.password)
    page.get_by_role("button", name="Seguir").click()


def add_app(page: Page) -> bytes:
    """Add an app on the page for it, and return its key."""
    key = base64.b32decode(page.locator(".code-key").inner_text().replace(" ", ""))
    page.get_by_label("Código que muestra la aplicación").fill(code_at(key))
    page.get_by_role("button", name="Agregar la aplicación").click()
    return key


def leave(page: Page) -> None:
    page.get_by_role("button", name="Cerrar sesión").click()


class TestPasskey:
    def test_is_added_and_used_and_one_that_another_device_holds_is_not(
        self, open_own_page: Open, own_bank: BankServer
    ) -> None:
        page = open_own_page(watched=False)
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        session, device = attach_device(page)

        open_adding(page, own_bank)
        expect(page.locator("[data-passkey-failed]")).to_be_hidden()
        page.get_by_role("button", name="Agregar una llave de acceso").click()
        expect(page.locator(".recovery-codes li")).to_have_count(8)
        held = session.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
        assert held[0]["rpId"] == "localhost"
        leave(page)

        give_password(page, own_bank)
        expect(page).to_have_url(STEP)
        page.get_by_role("button", name="Usar mi llave de acceso").click()
        expect(page.locator("#user-tools")).to_be_visible()
        leave(page)

        # A copy of the key with an older counter.
        session.send("WebAuthn.clearCredentials", {"authenticatorId": device})
        copy = {**held[0], "signCount": 0}
        session.send("WebAuthn.addCredential", {"authenticatorId": device, "credential": copy})
        give_password(page, own_bank)
        page.get_by_role("button", name="Usar mi llave de acceso").click()
        expect(page.locator(".errornote, .errorlist").first).to_contain_text("No se pudo comprobar")

        # A device whose owner does not prove to be there.
        session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
        page.get_by_role("button", name="Usar mi llave de acceso").click()
        expect(page.locator("[data-passkey-failed]")).to_be_visible()
        page.goto(named(own_bank) + "/admin/")
        expect(page).to_have_url(STEP)
        assert faults == []


class TestWithoutScript:
    def test_an_app_is_added_and_its_codes_open_the_workplace(self, open_own_page: Open, own_bank: BankServer) -> None:
        page = open_own_page(360, script=False, watched=False)
        open_adding(page, own_bank)
        add_app(page)
        first_code = page.locator(".recovery-codes li").first.inner_text()
        leave(page)
        give_password(page, own_bank)
        page.get_by_label("Código", exact=False).fill(first_code)
        page.get_by_role("button", name="Entrar", exact=True).click()
        expect(page.locator(".messagelist")).to_contain_text("Le quedan 7 códigos de recuperación")


class TestLook:
    def test_no_page_of_it_has_a_fault_that_axe_finds_or_is_too_wide(
        self, browser: Browser, own_bank: BankServer
    ) -> None:
        own_bank.add_person("rosa", "Curaduría")
        # The policy for scripts lets nothing of ours in, and axe is put into each page.
        with browser.new_context(locale="es-PE", bypass_csp=True) as context:
            page, found = context.new_page(), []
            give_password(page, own_bank, "rosa")
            page.get_by_role("link", name="Segundo paso").click()
            found += faults_here(page)
            page.get_by_role("link", name="Agregar una aplicación o una llave").click()
            found += faults_here(page)
            page.get_by_label("Contraseña").fill(own_bank.password)
            page.get_by_role("button", name="Seguir").click()
            found += faults_here(page)
            add_app(page)
            found += faults_here(page)
            page.get_by_role("link", name="Ya los guardé, seguir").click()
            page.get_by_role("link", name="Segundo paso").click()
            found += faults_here(page)
            leave(page)
            give_password(page, own_bank, "rosa")
            found += faults_here(page)
            page.get_by_label("Código", exact=False).fill("1")
            page.get_by_role("button", name="Entrar", exact=True).click()
            found += faults_here(page)
            page.get_by_role("button", name="Salir sin entrar").click()
            give_password(page, own_bank)
            page.goto(named(own_bank) + "/admin/auth/user/?q=rosa")
            page.get_by_role("link", name="rosa", exact=True).click()
            page.get_by_role("link", name="quitar").click()
            page.get_by_label("Contraseña").fill(own_bank.password)
            page.get_by_role("button", name="Seguir").click()
            found += faults_here(page)
        assert found == []
