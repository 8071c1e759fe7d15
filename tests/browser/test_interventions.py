"""The table of all interventions on a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NARROWEST, PHONE, Open

PATHS = ("/intervenciones/", "/en/interventions/")
SCREEN, SCREENS = 800, 1.5
TWO_LINES = 40
"""The height of a line of the table whose name takes two lines, with its padding, at most."""

SIZES = """() => {
    const table = document.querySelector(".toolkit");
    if (!table) return {height: 0, rows: [], wide: 0};
    const rows = [...table.querySelectorAll("tbody tr")].map(row => row.getBoundingClientRect().height);
    return {height: table.getBoundingClientRect().height, rows, wide: table.scrollWidth - table.clientWidth};
}"""


def choices(page: Page) -> list[str]:
    """Return a query for each choice of each select of the form."""
    found: list[str] = page.locator(".filterline option").evaluate_all(
        "options => options.map(each => `${each.parentNode.name}=${each.value}`)"
    )
    return found


class TestOnADesk:
    @pytest.mark.parametrize("path", PATHS)
    def test_every_order_and_filter_leaves_it_within_a_screen_and_a_half(self, open_page: Open, path: str) -> None:
        page = open_page()
        page.goto(path)
        queries = choices(page)
        assert {query.partition("=")[0] for query in queries} == {"order", "theme", "outcome", "place", "population"}
        for query in queries:
            page.goto(f"{path}?{query}")
            sizes = page.evaluate(SIZES)
            assert sizes["height"] <= SCREENS * SCREEN, query
            assert max(sizes["rows"], default=0) <= TWO_LINES, query
            assert sizes["wide"] <= 0, query

    @pytest.mark.parametrize("path", PATHS)
    def test_its_head_stays_in_sight(self, open_page: Open, path: str) -> None:
        page = open_page()
        for query in ("", "?order=name"):
            page.goto(f"{path}{query}")
            page.locator(".toolkit tbody tr").last.evaluate("row => row.scrollIntoView({block: 'end'})")
            assert page.evaluate("scrollY") > 0
            top = page.locator(".toolkit thead").evaluate("head => head.getBoundingClientRect().top")
            assert top == pytest.approx(0, abs=1)

    def test_is_sorted_and_filtered_by_keyboard_without_script(self, open_page: Open) -> None:
        page = open_page(script=False)
        page.goto("/intervenciones/")
        page.locator("#f-theme").focus()
        page.keyboard.press("ArrowDown")
        for _ in range(4):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**theme=**")
        page.locator(".toolkit thead a").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**order=name**")
        assert page.locator("[aria-sort=ascending]").count() == 1


class TestOnAPhone:
    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize("width", [PHONE, NARROWEST])
    def test_nothing_is_wider_than_the_page(self, open_page: Open, path: str, width: int) -> None:
        page = open_page(width)
        for query in ("", "?order=nearness"):
            page.goto(f"{path}{query}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
