"""The evidence map by keyboard, on a phone and on paper."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import PHONE, WIDE, Open

FOCUSED = "document.activeElement.getAttribute('href')"


def cell(page: Page, row: str, column: str) -> str:
    return f"estudios/?row={row}&column={column}"


def open_table(page: Page) -> None:
    """Open the table, which is folded behind the picture on a wide page."""
    page.locator(".drawer--behind > summary").click()


class TestKeyboard:
    def test_arrows_move_by_cell_over_what_is_empty(self, open_page: Open) -> None:
        page = open_page()
        page.goto("/mapa/")
        open_table(page)
        first = page.locator(f'a[href="{cell(page, "shelter", "partner-violence")}"]')
        first.focus()
        page.keyboard.press("ArrowRight")
        # "Otras violencias" has nothing on shelters.
        assert page.evaluate(FOCUSED) == cell(page, "shelter", "services-justice")
        page.keyboard.press("ArrowDown")
        assert page.evaluate(FOCUSED) == cell(page, "housing-support", "services-justice")
        page.keyboard.press("Home")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("End")
        assert page.evaluate(FOCUSED) == "estudios/?row=shelter"

    def test_the_map_is_one_stop_of_the_tab_key(self, open_page: Open) -> None:
        page = open_page()
        page.goto("/mapa/")
        open_table(page)
        page.locator(f'a[href="{cell(page, "shelter", "partner-violence")}"]').focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('table')") is None
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(FOCUSED) == cell(page, "police-response", "partner-violence")

    def test_says_how_only_where_it_can(self, open_page: Open) -> None:
        hint = "Con las flechas se pasa de celda a celda."
        for script in (True, False):
            page = open_page(script=script)
            page.goto("/mapa/")
            open_table(page)
            assert page.get_by_text(hint).is_visible() == script


class TestThePicture:
    def test_has_every_bubble_in_sight_on_a_phone(self, open_page: Open) -> None:
        page = open_page(PHONE)
        page.goto("/mapa/?view=figure")
        drawn = page.locator(".plot--phone")
        assert drawn.is_visible()
        assert not page.locator(".plot--desk").is_visible()
        boxes = drawn.evaluate("each => [...each.querySelectorAll('circle')].map(c => c.getBoundingClientRect().right)")
        assert boxes
        assert max(boxes) <= PHONE

    def test_has_its_heads_at_the_left_on_a_wide_page(self, open_page: Open) -> None:
        page = open_page(WIDE)
        page.goto("/mapa/?view=figure")
        assert page.locator(".plot--desk").is_visible()
        assert not page.locator(".plot--phone").is_visible()

    def test_stands_before_the_table_on_a_wide_page_only(self, open_page: Open) -> None:
        for width, is_first in ((WIDE, True), (PHONE, False)):
            page = open_page(width)
            page.goto("/mapa/")
            assert page.locator(".map-first").is_visible() == is_first
            assert page.locator(".map").is_visible() == (not is_first)


class TestHeaders:
    def test_stay_in_sight(self, open_page: Open) -> None:
        for width in (PHONE, WIDE):
            page = open_page(width)
            page.goto("/mapa/")
            if width == WIDE:
                open_table(page)
            last = page.locator("tbody tr").last
            last.scroll_into_view_if_needed()
            if width == PHONE:
                page.evaluate("document.querySelector('.map-region').scrollTo(400, 99999)")
                page.locator(".map-region").scroll_into_view_if_needed()
            head = page.locator(".map thead th").nth(1)
            assert head.evaluate(
                """node => {
                    const box = node.getBoundingClientRect();
                    const region = node.closest('.map-region').getBoundingClientRect();
                    const top = Math.max(region.top, 0);
                    return box.top >= top - 3 && box.top < top + 60;
                }"""
            ), width


class TestWithoutScript:
    def test_every_cell_is_a_link_and_the_form_works(self, open_page: Open) -> None:
        page = open_page(script=False)
        page.goto("/mapa/")
        assert page.locator(".map [tabindex]").count() == 0
        page.get_by_label("Filas").select_option("country")
        page.get_by_label("Lugar").select_option("latin-america")
        page.get_by_role("button", name="Aplicar").click()
        open_table(page)
        page.get_by_role("rowheader", name="Bolivia").wait_for()
        assert "region=andean" in page.locator(".map td a").first.get_attribute("href")  # type: ignore[operator]
