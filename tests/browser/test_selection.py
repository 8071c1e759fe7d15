"""A selection by hand: pick three studies, note, reorder, freeze, take away, print; with a script and without."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
import rispy
from docx import Document
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE, Open
from tests.browser.test_pages import AXE, overflow, violations
from tests.thorough import mainly


def pick_three(page: Page) -> list[str]:
    """Pick the first three studies of a list and return their slugs."""
    page.goto("/estudios/?q=transferencias")
    picked = []
    for _ in range(3):
        button = page.locator(".pick__button[name=add]").first
        picked.append(button.get_attribute("value") or "")
        button.click()
        expect(page.locator(f'.pick__button[value="{picked[-1]}"]')).to_have_attribute("name", "remove")
    expect(page.locator(".selection [role=status]")).to_have_text("3 estudios en su selección")
    return picked


def slugs(page: Page) -> list[str]:
    ids = page.locator(".picks__item").evaluate_all("items => items.map(item => item.id)")
    return [each.removeprefix("e-") for each in ids]


@pytest.mark.parametrize("width", mainly(1, [PHONE, WIDE]))
@pytest.mark.parametrize("script", mainly(1, [True, False]), ids=["script", "no script"])
class TestSelection:
    def test_leads_from_a_list_to_a_frozen_one_and_its_files(
        self, open_own_page: Open, width: int, script: bool, tmp_path: Path
    ) -> None:
        page = open_own_page(width, script=script)
        first, second, third = pick_three(page)
        expect(page.locator(".card", has=page.locator(f'[value="{first}"]'))).to_contain_text("En la selección")
        page.locator(".selection a").click()
        page.wait_for_url("**/seleccion/")
        assert slugs(page) == [first, second, third]

        # A note and another order; what was typed survives each button.
        page.locator(f'[name="note-{third}"]').fill("Comparar montos.\nVer el anexo.")
        page.locator(f'[name=up][value="{third}"]').click()
        expect(page.locator(".picks__item").nth(1)).to_have_id(f"e-{third}")
        page.locator(f'[name=down][value="{first}"]').click()
        expect(page.locator(".picks__item").nth(1)).to_have_id(f"e-{first}")
        assert slugs(page) == [third, first, second]
        assert page.locator(f'[name="note-{third}"]').input_value() == "Comparar montos.\nVer el anexo."

        # Cleared and brought back.
        page.get_by_role("button", name="Vaciar la selección").click()
        expect(page.get_by_text("La selección está vacía.")).to_be_visible()
        page.get_by_role("button", name="Deshacer").click()
        expect(page.locator(".picks__item")).to_have_count(3)
        assert slugs(page) == [third, first, second]

        # As a file.
        page.locator("summary", has_text="Exportar").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="RIS", exact=True).click()
        saved = tmp_path / "seleccion.ris"
        download.value.save_as(saved)
        entries = rispy.loads(saved.read_text(encoding="utf-8"))
        assert [entry["accession_number"] for entry in entries] == [third, first, second]

        # As a file with one's own words, by the key that sends a form.
        page.locator("#titulo").fill("Transferencias y violencia")
        with page.expect_download() as download:
            page.locator("#titulo").press("Enter")
        own = tmp_path / "propia.docx"
        download.value.save_as(own)
        told = "\n".join(paragraph.text for paragraph in Document(str(own)).paragraphs)
        assert "Transferencias y violencia" in told
        assert "Nota: Comparar montos. Ver el anexo." in told

        # Frozen, without them.
        page.get_by_role("button", name="Guardar la versión fija").click()
        page.wait_for_url("**/listas/**")
        expect(page.locator("h1")).to_have_text("Lista de 3 estudios")
        assert slugs(page) == [third, first, second]
        expect(page.locator(".picks__note")).to_have_count(0)
        with page.expect_download() as download:
            page.get_by_role("link", name="Descargar el contenido de la lista").click()
        manifest = tmp_path / "lista.json"
        download.value.save_as(manifest)
        checksum = hashlib.sha256(manifest.read_bytes()).hexdigest()
        expect(page.locator(".cite__text")).to_contain_text(checksum)
        assert re.search(rf"/listas/\d{{4}}-\d\d-\d\d-{checksum[:12]}/$", page.url)


class TestPages:
    @pytest.mark.parametrize("width", mainly(1, [320, PHONE, WIDE]))
    def test_have_no_fault_that_axe_finds_and_fit_the_window(self, open_own_page: Open, width: int) -> None:
        page = open_own_page(width)
        pick_three(page)
        faults = {"bar": violations_of(page), "bar overflow": overflow(page)}
        page.goto("/seleccion/")
        faults |= {"own": violations_of(page), "own overflow": overflow(page)}
        page.get_by_role("button", name="Guardar la versión fija").click()
        page.wait_for_url("**/listas/**")
        faults |= {"frozen": violations_of(page), "frozen overflow": overflow(page)}
        page.get_by_role("link", name="Informar de un problema con esta página").click()
        page.wait_for_url("**/informar/")
        faults |= {"report": violations_of(page), "report overflow": overflow(page)}
        page.goto("/seleccion/?id=abramsky-2014-sasa&id=nada")
        faults |= {"shared": violations_of(page), "shared overflow": overflow(page)}
        assert {what: fault for what, fault in faults.items() if fault} == {}

    @pytest.mark.thorough
    def test_on_paper_have_studies_and_notes_and_no_controls(self, open_own_page: Open) -> None:
        page = open_own_page()
        picked = pick_three(page)
        page.goto("/seleccion/")
        page.locator(f'[name="note-{picked[0]}"]').fill("Una nota para el papel")
        page.get_by_role("button", name="Guardar las notas").click()
        expect(page.locator(".picks__item")).to_have_count(3)
        page.emulate_media(media="print")
        controls = page.locator("button, input, textarea, summary, select").all()
        assert [each.get_attribute("name") for each in controls if each.is_visible()] == []
        assert page.locator(".picks__note").is_visible()
        assert page.locator(".list__title").count() == 3
        assert page.pdf(format="A4").startswith(b"%PDF")

    @pytest.mark.thorough
    def test_print_by_a_button_where_a_script_can(self, open_own_page: Open) -> None:
        page = open_own_page()
        pick_three(page)
        page.goto("/seleccion/")
        page.evaluate("window.print = () => { document.title = 'printed'; }")
        page.get_by_role("button", name="Imprimir").click()
        expect(page).to_have_title("printed")


def violations_of(page: Page) -> list[str]:
    page.evaluate(AXE)
    return violations(page)
