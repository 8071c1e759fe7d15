"""The search page by keyboard and on a phone: results near the top, filters that say what they will give."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE, Open
from tests.browser.test_keyboard import focused, is_seen

MOST_STOPS = 5


def first_result(page: Page) -> str:
    return "a " + page.locator("h3.card__title a").first.inner_text()


class TestTabStops:
    @pytest.mark.parametrize("width", [WIDE, PHONE])
    @pytest.mark.parametrize("path", ["/estudios/?q=alcohol", "/estudios/", "/en/studies/?q=violence&country=PE"])
    def test_the_first_result_is_within_five(self, open_page: Open, width: int, path: str) -> None:
        page = open_page(width)
        page.goto(path)
        for _ in range(MOST_STOPS):
            page.keyboard.press("Tab")
            if re.match("a (Saltar a los resultados|Skip to the results)", focused(page)):
                assert is_seen(page)
                page.keyboard.press("Enter")
            if focused(page) == first_result(page):
                return
        raise AssertionError(focused(page))


class TestExportMenu:
    def test_escape_closes_it_and_goes_back_to_its_button(self, open_page: Open) -> None:
        page = open_page()
        page.goto("/estudios/?q=alcohol")
        menu = page.locator("details.menu")
        menu.locator("summary").click()
        menu.locator("a").first.focus()
        page.keyboard.press("Escape")
        expect(menu.locator("a").first).to_be_hidden()
        assert focused(page).startswith("summary Exportar")

    def test_a_click_elsewhere_closes_it(self, open_page: Open) -> None:
        page = open_page()
        page.goto("/estudios/?q=alcohol")
        page.locator("details.menu summary").click()
        page.locator("h1").click()
        expect(page.locator("details.menu a").first).to_be_hidden()


class TestFilters:
    def test_say_how_many_studies_there_will_be(self, open_page: Open) -> None:
        page = open_page()
        page.goto("/estudios/?q=alcohol")
        said = page.locator("[data-total]")
        before = said.inner_text()
        page.locator(".facet .check").first.click()
        expect(said).not_to_have_text(before)
        expect(said).to_have_text(re.compile("con lo marcado"))
        promised = said.inner_text().split()[0]
        page.get_by_role("button", name="Aplicar filtros").click()
        expect(page.locator("h2#n")).to_have_text(re.compile(rf"^\s*{promised} "))

    @pytest.mark.parametrize("script", [True, False])
    def test_the_bar_stays_in_sight_and_the_panel_closes_to_the_results_on_a_phone(
        self, open_page: Open, script: bool
    ) -> None:
        page = open_page(PHONE, script=script)
        page.goto("/estudios/?q=alcohol")
        page.locator(".filters > summary").click()
        page.locator(".facet .check").first.click()
        button = page.get_by_role("button", name="Aplicar filtros")
        expect(button).to_be_in_viewport()
        button.click()
        expect(page.locator("a.chip").first).to_be_visible()
        expect(page.locator("h2#n")).to_be_in_viewport()
        expect(page.locator(".facet .check").first).to_be_hidden()
