"""The job of an import: a curator brings a list, mends what is wrong in it, another person publishes, a reader finds.

Each step is a function of its own, in the order of the job; `STEPS` names them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from studies.citations import formats, reference
from studies.records.study import AuthorRecord, StudyRecord
from tests.bank_server import BankServer
from tests.browser.conftest import PHONE, WIDE, Open, sign_in
from tests.browser.test_workplace import comes_true
from tests.studies.records_factory import fixture_studies

CURATOR, REVIEWER = "rosa", "elena"
FIRST_PREVIEW_MS = 20_000
_WORDS = (
    "alfalfa bruma cántaro dintel esparto fogata greda higuera islote jornal kiosco linterna molino nogal olla "
    "parral quebrada ruda sauce totora umbral vicuña yunque zampoña acequia balsa"
)
MENDED = "Telares y xilografías en la feria del pueblo"


def list_of_thirty(folder: Path) -> Path:
    """Write a RIS file: 25 made-up references, three that the bank has, one without title, one without a year."""
    words = _WORDS.split()
    made_up = [
        StudyRecord(
            id=f"prueba-{number}",
            title=f"Feria {words[number]} en {words[-number]}",
            authors=(AuthorRecord(family=words[number].title(), given="Prueba"),),
            year=2001,
        )
        for number in range(25)
    ]
    known = [record for record in fixture_studies() if record.doi][:3]
    whole = "".join(
        formats.CITATION_FORMATS["ris"].write([reference.make_reference(record) for record in [*made_up, *known]])
    )
    bad = (
        "TY  - JOUR\r\nAU  - Poma, Elías\r\nPY  - 2019\r\nT2  - Cuadernos\r\nKW  - telares de cintura\r\nER  - \r\n"
        "TY  - JOUR\r\nAU  - Poma, Elías\r\nPY  - pronto\r\nER  - \r\n"
    )
    path = folder / "treinta.ris"
    path.write_text(whole + bad, encoding="utf-8", newline="")
    return path


def look_at_the_list(page: Page, folder: Path) -> None:
    page.get_by_role("link", name="Subir una lista de referencias").click()
    page.get_by_label("Archivo").set_input_files(list_of_thirty(folder))
    page.get_by_role("button", name="Subir y revisar").click()
    expect(page.locator("h1", has_text="Antes de importar")).to_be_visible(timeout=FIRST_PREVIEW_MS)
    for outcome, count in (("Nuevas", 25), ("Ya están", 3), ("Con error", 2)):
        expect(page.get_by_role("link", name=f"{outcome} {count}")).to_be_visible()
    expect(page.locator("#content")).to_contain_text("Falta el título")


def take_all_but_one(page: Page, folder: Path) -> None:
    page.get_by_role("checkbox", name="Importar la fila 1", exact=True).uncheck()
    page.get_by_role("button", name="Importar lo marcado").click()
    expect(page.locator(".messagelist")).to_contain_text("Se crearon 24 borradores.")


def mend_one(page: Page, folder: Path) -> None:
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Descargar las 2 filas con error").click()
    bad = Path(downloading.value.path()).read_text(encoding="utf-8")
    mended = folder / "corregido.ris"
    mended.write_text(bad.replace("T2  -", f"TI  - {MENDED}\nT2  -"), encoding="utf-8")
    page.goto("/admin/studies/importbatch/add/")
    page.get_by_label("Archivo").set_input_files(mended)
    page.get_by_role("button", name="Subir y revisar").click()
    expect(page.get_by_role("link", name="Con error 1")).to_be_visible(timeout=FIRST_PREVIEW_MS)
    page.get_by_role("button", name="Importar lo marcado").click()
    expect(page.locator(".messagelist")).to_contain_text("Se creó 1 borrador.")


def complete_it(page: Page, folder: Path) -> None:
    page.get_by_role("link", name=MENDED).click()
    expect(page.locator("#content")).to_contain_text("telares de cintura")
    page.locator("[name=summary_es]").fill("Un resumen propio, hecho para esta prueba y solo para ella.")
    page.locator("[name=themes][value=prevention]").check()
    page.locator("[name=main_design]").select_option("rct")
    page.locator("[name=sources-0-url]").fill("https://example.org/telares")
    page.get_by_role("button", name="Guardar", exact=True).last.click()
    expect(page.locator(".messagelist")).to_contain_text("Se guardó")


def send_it(page: Page, folder: Path) -> None:
    page.get_by_role("button", name="Enviar a revisión").click()
    page.get_by_role("button", name="Enviar a revisión").click()
    expect(page.locator(".messagelist")).to_contain_text("en revisión")


def publish_it(page: Page, folder: Path) -> None:
    page.get_by_role("link", name="Espera revisión").click()
    page.get_by_role("link", name=MENDED).click()
    page.get_by_role("button", name="Publicar").click()
    page.get_by_role("button", name="Publicar").click()
    expect(page.locator(".messagelist")).to_contain_text("publicado")


def find_it(page: Page, folder: Path) -> None:
    page.goto("/")
    page.locator("[name=q]").first.fill("xilografias")
    page.locator("[name=q]").first.press("Enter")
    page.get_by_role("link", name=MENDED).click()
    expect(page.locator("h1")).to_contain_text(MENDED)
    # What came with the reference is the team's.
    expect(page.locator("main")).not_to_contain_text("telares de cintura")


OF_THE_CURATOR = (look_at_the_list, take_all_but_one, mend_one, complete_it, send_it)


class TestImport:
    def test_a_list_is_looked_at_imported_mended_sent_published_and_found(
        self, open_own_page: Open, own_bank: BankServer, tmp_path: Path
    ) -> None:
        own_bank.add_person(CURATOR, "Curaduría")
        own_bank.add_person(REVIEWER, "Revisión")
        curator, reviewer, reader = open_own_page(), open_own_page(), open_own_page(PHONE)
        sign_in(curator, CURATOR, own_bank.password)
        for step in OF_THE_CURATOR:
            step(curator, tmp_path)
        sign_in(reviewer, REVIEWER, own_bank.password)
        publish_it(reviewer, tmp_path)
        assert comes_true(own_bank, "xilografia", True)
        find_it(reader, tmp_path)

    @pytest.mark.thorough
    def test_without_a_script_on_a_phone_it_is_imported_too(
        self, open_own_page: Open, own_bank: BankServer, tmp_path: Path
    ) -> None:
        own_bank.add_person(CURATOR, "Curaduría")
        page = open_own_page(PHONE, script=False)
        sign_in(page, CURATOR, own_bank.password)
        look_at_the_list(page, tmp_path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE < WIDE
        take_all_but_one(page, tmp_path)
