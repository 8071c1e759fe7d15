"""A curator's job from the sign-in to the public page."""

from __future__ import annotations

import time

from playwright.sync_api import expect

from tests.bank_server import ADMINISTRATOR, BankServer
from tests.browser.conftest import Open, sign_in

CATCHING_UP_S = 15
"""I3 promises two seconds on a host that has little else to do; a machine that runs tests has."""


def listed(server: BankServer, word: str) -> bool:
    return 'class="card"' in server.page(f"/estudios/?q={word}")


def comes_true(server: BankServer, word: str, wanted: bool) -> bool:
    """Ask until the list holds a study with `word` or not, as wanted, for as long as a host may take."""
    until = time.monotonic() + CATCHING_UP_S
    while listed(server, word) != wanted:
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


class TestWorkplace:
    def test_a_word_changed_is_found_by_it_and_a_study_withdrawn_by_none(
        self, open_own_page: Open, own_bank: BankServer
    ) -> None:
        page = open_own_page()
        sign_in(page, ADMINISTRATOR, own_bank.password)

        # Find the study by words, accents aside.
        page.locator("main, #content").locator('a[href="/admin/studies/study/"]').first.click()
        page.locator("#searchbar").fill("abramsky-2014-sasa")
        page.locator("#searchbar").press("Enter")
        page.locator("#result_list tbody th a").first.click()

        # Change a word, with a note.
        title = page.locator("[name=title_es]")
        title.fill(title.input_value() + " y xilófonos")
        page.locator("[name=note]").fill("Prueba de un cambio")
        assert not listed(own_bank, "xil%C3%B3fonos")
        page.get_by_role("button", name="Guardar", exact=True).last.click()
        expect(page.locator(".messagelist")).to_contain_text("Se guardó «abramsky-2014-sasa».")
        assert comes_true(own_bank, "xilofono", True)
        page.get_by_role("link", name="Historia").first.click()
        expect(page.locator("#content")).to_contain_text("Prueba de un cambio")

        # It is on the public page.
        page.goto("/estudios/abramsky-2014-sasa/")
        expect(page.locator("h1")).to_contain_text("y xilófonos")

        # Withdraw it, with a reason.
        page.goto("/admin/studies/study/?q=abramsky-2014-sasa")
        page.locator("#result_list tbody th a").first.click()
        page.get_by_role("button", name="Retirar de la publicación").click()
        page.locator("[name=note]").fill("Retirado por una prueba.")
        page.get_by_role("button", name="Retirar de la publicación").click()
        expect(page.locator(".messagelist")).to_contain_text("retirado")
        page.context.clear_cookies()
        page.goto("/estudios/abramsky-2014-sasa/")
        expect(page.locator("h1")).to_have_text("Este estudio fue retirado del banco")
        expect(page.locator("main")).to_contain_text("Retirado por una prueba.")
        expect(page.locator("main")).not_to_contain_text("xilófonos")
        assert comes_true(own_bank, "xilofono", False)
        assert own_bank.get("/estudios/abramsky-2014-sasa/cita.ris").status == 302
