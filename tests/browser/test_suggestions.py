"""Suggestions below a search box: a combobox for the keyboard, the pointer and those who hear the page (S7)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NARROWEST, PHONE, WIDE, Open
from tests.thorough import mainly

AXE = (Path(__file__).parents[1] / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def box_of(page: Page, path: str = "/") -> Page:
    page.goto(path)
    page.get_by_label("Buscar estudios" if "/en/" not in path else "Search studies").first.focus()
    return page


def active(page: Page) -> str:
    """Say which option is active for those who hear the page; empty for none."""
    text: str = page.evaluate(
        """() => {
            const id = document.activeElement.getAttribute("aria-activedescendant");
            return id ? document.getElementById(id).textContent : "";
        }"""
    )
    return text


@pytest.mark.parametrize("path", ["/", "/estudios/"])
class TestKeyboard:
    def test_arrows_choose_and_enter_opens_what_is_active(self, open_page: Open, path: str) -> None:
        page = box_of(open_page(), path)
        page.keyboard.type("transferencias")
        expect(page.get_by_role("listbox")).to_be_visible()
        expect(page.locator("#q")).to_have_attribute("aria-expanded", "true")
        assert active(page) == ""
        page.keyboard.press("ArrowDown")
        assert active(page) == "Transferencias monetarias y en especie Intervención"
        expect(page.locator(".suggest").get_by_role("option", selected=True)).to_have_count(1)
        page.keyboard.press("Enter")
        page.wait_for_url("**/intervenciones/cash-transfer/")

    def test_enter_sends_what_was_typed_while_nothing_is_active(self, open_page: Open, path: str) -> None:
        page = box_of(open_page(), path)
        page.keyboard.type("transferencias")
        expect(page.get_by_role("listbox")).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        assert active(page) == ""
        page.keyboard.press("Enter")
        page.wait_for_url("**/estudios/?q=transferencias**")


class TestCombobox:
    def test_escape_closes_the_list_and_keeps_the_words(self, open_page: Open) -> None:
        page = box_of(open_page())
        page.keyboard.type("transf")
        expect(page.get_by_role("listbox")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("listbox")).to_be_hidden()
        expect(page.get_by_role("combobox")).to_have_value("transf")
        expect(page.get_by_role("combobox")).to_have_attribute("aria-expanded", "false")

    def test_arrows_go_round_by_way_of_the_box_itself(self, open_page: Open) -> None:
        page = box_of(open_page())
        page.keyboard.type("violencia")
        expect(page.get_by_role("listbox")).to_be_visible()
        count = page.get_by_role("option").count()
        seen = []
        for _ in range(count + 1):
            page.keyboard.press("ArrowDown")
            seen.append(active(page))
        assert "" not in seen[:count]
        assert seen[count] == ""
        page.keyboard.press("ArrowUp")
        assert active(page) == seen[count - 1]

    def test_the_number_of_suggestions_is_said(self, open_page: Open) -> None:
        page = box_of(open_page())
        page.keyboard.type("violencia")
        expect(page.get_by_role("listbox")).to_be_visible()
        count = page.get_by_role("option").count()
        expect(page.locator(".search__row + [role=status]")).to_have_text(
            f"{count} sugerencias. Use las flechas para elegir."
        )
        page.keyboard.type("xyzzy")
        expect(page.locator(".search__row + [role=status]")).to_have_text("Sin sugerencias.")
        expect(page.get_by_role("listbox")).to_be_hidden()

    def test_leaving_the_box_closes_the_list(self, open_page: Open) -> None:
        page = box_of(open_page())
        page.keyboard.type("transf")
        expect(page.get_by_role("listbox")).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.get_by_role("listbox")).to_be_hidden()

    def test_a_touch_chooses(self, open_page: Open) -> None:
        page = box_of(open_page(PHONE))
        page.keyboard.type("melissa hidro")
        page.get_by_role("option").first.tap()
        page.wait_for_url("**/estudios/?q=**")
        expect(page.get_by_role("heading", level=2).first).to_contain_text("estudios")

    def test_an_answer_that_comes_late_does_not_replace_a_later_one(self, open_page: Open) -> None:
        page = open_page()
        held: list[Route] = []
        page.route("**/sugerencias.json?q=transf", lambda route: held.append(route))
        box_of(page)
        with page.expect_request("**/sugerencias.json?q=transf"):
            page.keyboard.type("transf")
        page.get_by_role("combobox").fill("policía")
        expect(page.get_by_role("option").filter(has_text="policía").first).to_be_visible()
        held[0].fulfill(json={"groups": [{"label": "Tarde", "options": [{"text": "Tarde", "url": "/"}]}]})
        expect(page.get_by_role("option").filter(has_text="policía").first).to_be_visible()
        expect(page.get_by_role("option").filter(has_text="Tarde")).to_have_count(0)

    def test_speaks_english_on_english_pages(self, open_page: Open) -> None:
        page = box_of(open_page(), "/en/")
        page.keyboard.type("cash")
        expect(page.get_by_role("option").nth(0)).to_contain_text("Cash and in-kind transfers Intervention")
        expect(page.get_by_role("option").nth(1)).to_contain_text(re.compile(r"Cash and in-kind transfers \d+ studies"))

    def test_a_server_that_fails_leaves_a_plain_box(self, open_page: Open) -> None:
        page = open_page(watched=False)
        page.route("**/sugerencias.json**", lambda route: route.abort())
        box_of(page)
        page.keyboard.type("transf")
        page.keyboard.press("Enter")
        page.wait_for_url("**/estudios/?q=transf**")

    def test_without_script_the_box_is_a_plain_one(self, open_page: Open) -> None:
        page = open_page(script=False)
        page.goto("/")
        expect(page.get_by_role("combobox")).to_have_count(0)
        page.get_by_role("searchbox").fill("transferencias")
        page.keyboard.press("Enter")
        page.wait_for_url("**/estudios/?q=transferencias**")

    @pytest.mark.parametrize("width", mainly(1, [NARROWEST, WIDE]))
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_open_it_has_no_fault_that_axe_finds_and_fits(self, width: int, scheme: str, open_page: Open) -> None:
        page = box_of(open_page(width, color_scheme=scheme))
        page.keyboard.type("violencia")
        expect(page.get_by_role("listbox")).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.evaluate(AXE)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [(each["id"], [node["html"][:150] for node in each["nodes"]]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
