"""The main job without a mouse."""

from __future__ import annotations

import rispy
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open

MOST_STOPS = 200


def focused(page: Page) -> str:
    """Say where the keyboard is: the element's tag and what it says."""
    said: str = page.evaluate(
        """() => {
            const at = document.activeElement;
            const label = at.labels && at.labels[0] ? at.labels[0].textContent : at.textContent;
            return at.tagName.toLowerCase() + " " + label.trim().replace(/\\s+/g, " ");
        }"""
    )
    return said


def is_seen(page: Page) -> bool:
    """Say whether what has the focus is marked by a line round it, and within the window."""
    seen: bool = page.evaluate(
        """() => {
            const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
            const marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
            return marked && box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0;
        }"""
    )
    return seen


def tab_to(page: Page, start: str) -> None:
    """Press Tab until the focus is on what begins with `start`; each stop on the way must be seen."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        assert is_seen(page), focused(page)
        if focused(page).startswith(start):
            return
    raise AssertionError(f"{start}: not reached in {MOST_STOPS} stops")


class TestKeyboard:
    def test_is_enough_for_the_main_job(self, open_page: Open) -> None:
        page = open_page()
        page.goto("/")

        # The first stop skips what every page repeats; the next one is within the content.
        page.keyboard.press("Tab")
        assert focused(page) == "a Ir al contenido"
        assert is_seen(page)
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert focused(page) == "input Buscar estudios"

        page.keyboard.type("violencia física")
        page.keyboard.press("Enter")
        page.wait_for_url("**/estudios/?q=*")

        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        tab_to(page, "input Prevención de la violencia")
        page.keyboard.press("Space")
        tab_to(page, "button Aplicar filtros")
        page.keyboard.press("Enter")
        page.wait_for_url("**theme=prevention**")
        total = int(page.locator("h2#n").inner_text().split()[0])

        tab_to(page, "summary Exportar los")
        page.keyboard.press("Enter")
        tab_to(page, "a RIS")
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        assert len(rispy.loads(download.value.path().read_text(encoding="utf-8"))) == total

        tab_to(page, "a " + page.locator("h3.card__title a").first.inner_text())
        page.keyboard.press("Enter")
        expect(page.locator("main h1")).to_be_visible()
        tab_to(page, "button Copiar")

    def test_visits_a_page_in_the_order_in_which_it_is_read(self, open_page: Open) -> None:
        page = open_page()
        page.goto("/estudios/?theme=autonomy")
        places: list[float] = []
        stops: list[str] = []
        for _ in range(15):
            page.keyboard.press("Tab")
            stops.append(focused(page))
            places.append(page.evaluate("document.activeElement.getBoundingClientRect().top + scrollY"))
        assert stops[:2] == ["a Ir al contenido", "a Saltar a los resultados"]
        read = [stops.index(stop) for stop in ("input Buscar estudios", "button Buscar", "summary Tema 1 elegida")]
        assert read == sorted(read)
        assert len(set(stops)) == len(stops)
