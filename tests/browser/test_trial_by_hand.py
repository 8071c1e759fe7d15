"""A curator enters a made-up trial by hand, in Spanish, and the public reads it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.bank_server import ADMINISTRATOR, BankServer
from tests.browser.conftest import WIDE, Open, sign_in
from tests.browser.test_pages import overflow

TABLET = 768
STUDY = {
    "title": "Un ensayo inventado de dinero y talleres",
    "title_es": "Un ensayo inventado de dinero y talleres",
    "authors-0-family": "Quispe Inventada",
    "year": "2022",
    "sample_size": "1 200",
    "registration": "ISRCTN00000000",
    "summary_es": "Este registro inventado prueba el formulario del banco. " * 7,
    "delivery_es": "Personal inventado dio dinero y diez talleres.",
    "delivery_en": "Made-up staff gave money and ten workshops.",
    "harms_es": "Se preguntó por represalias.",
    "harms_en": "Reprisals were asked about.",
    "sources-0-url": "https://revista.example.org/ensayo",
}
FINDING = {
    "statement_es": "Con dinero y talleres hubo menos violencia.",
    "arm_es": "dinero y talleres",
    "comparator_es": "hogares sin programa",
    "subgroup_es": "mujeres de 18 a 24 años",
    "value": "0,62",
    "ci_low": "0,45",
    "ci_high": "0,85",
    "n": "800",
    "follow_up": "24 meses",
    "arms-0-arm": "Grupo con programa",
    "arms-0-n": "400",
    "arms-0-events": "60",
    "arms-1-arm": "Grupo de comparación",
    "arms-1-n": "400",
    "arms-1-events": "97",
}
JUDGEMENT = {
    "instrument": "RoB 2",
    "version": "2019",
    "result": "violencia física",
    "overall": "Some concerns",
    "by": "Una revisión inventada (2024)",
    "where": "tabla 3",
    "licence": "CC BY 4.0",
}


def fill(page: Page, typed: dict[str, str], prefix: str = "") -> None:
    for name, text in typed.items():
        page.locator(f"[name='{prefix}{name}']").fill(text)


def choose(page: Page, chosen: dict[str, str], prefix: str = "") -> None:
    for name, label in chosen.items():
        page.locator(f"[name='{prefix}{name}']").select_option(label=label)


def tick(page: Page, field: str, *labels: str) -> None:
    boxes = page.locator(f"[id='{field}']")
    boxes.locator("summary").click()
    for label in labels:
        boxes.get_by_role("checkbox", name=label, exact=True).check()


def enter_trial(page: Page) -> None:
    fill(page, STUDY)
    page.locator("#id_themes").get_by_role("checkbox", name="Autonomía de las mujeres").check()
    choose(page, {"code": "Transferencias monetarias y en especie", "role": "Evaluada"}, "interventions-0-")
    choose(
        page, {"code": "Talleres grupales sobre género y relaciones", "role": "Parte de un paquete"}, "interventions-1-"
    )
    tick(page, "id_outcomes", "Violencia física de pareja")
    tick(page, "id_countries", "Perú")
    choose(
        page, {"main_design": "Ensayo aleatorizado por conglomerados", "sample_unit": "mujeres", "status": "Terminado"}
    )
    choose(page, {"harms": "Se buscaron, no se hallaron"})
    found = {"outcome": "Violencia física de pareja", "reporter": "Mujeres", "measure": "razón de riesgos"}
    page.get_by_role("button", name="Añadir: hallazgo").click()
    choose(page, {**found, "effect": "Favorable", "comparator": "Nada"}, "findings-0-")
    choose(page, {"about_what": "De todas las que el estudio evalúa o revisa"}, "findings-0-")
    fill(page, FINDING, "findings-0-")
    page.get_by_role("button", name="Añadir: hallazgo").click()
    choose(page, {**found, "effect": "Sin efecto detectable", "inconclusive": "Sí"}, "findings-1-")
    choose(page, {"about_what": "Solo de las que marque"}, "findings-1-")
    fill(page, {"arm_es": "solo dinero", "value": "0,95"}, "findings-1-")
    page.get_by_role("button", name="Añadir: costo").click()
    fill(page, {"amount": "85", "currency": "usd", "statement_es": "Costó 85 dólares por hogar."}, "costs-0-")
    page.get_by_role("button", name="Añadir: juicio publicado").click()
    choose(page, {"judges": "El riesgo de sesgo o la calidad del estudio"}, "appraisals-0-")
    fill(page, {**JUDGEMENT, "url": "https://revision.example.org/tabla"}, "appraisals-0-")
    for fact in ("Bibliografía", "Hallazgos"):
        page.locator("#id_sources-0-supports").get_by_label(fact).check()


def save(page: Page) -> None:
    page.get_by_role("button", name="Guardar", exact=True).last.click()


class TestTrialByHand:
    @pytest.mark.parametrize("width", [WIDE, TABLET])
    def test_is_entered_corrected_published_and_read(
        self, open_own_page: Open, own_bank: BankServer, width: int
    ) -> None:
        page = open_own_page(width)
        sign_in(page, ADMINISTRATOR, own_bank.password)
        page.goto("/admin/studies/study/add/")
        enter_trial(page)
        assert overflow(page) == 0
        groups = page.locator("#findings-0 .wide-table")
        assert groups.evaluate("box => box.scrollWidth - box.clientWidth") == 0

        # What was forgotten is named, leads to its field, and nothing typed is lost.
        save(page)
        page.get_by_role("link", name="Hallazgo 2, solo de estas intervenciones").click()
        expect(page.locator("[id='id_findings-1-about']")).to_be_in_viewport()
        expect(page.locator("[name='appraisals-0-where']")).to_have_value("tabla 3")
        tick(page, "id_findings-1-about", "Transferencias monetarias y en especie")
        save(page)
        expect(page.locator(".problems--none")).to_have_text("No le falta nada para poder publicarse.")
        expect(page.locator("[name='findings-0-follow_up']")).to_have_value("24 meses")

        page.get_by_role("button", name="Enviar a revisión").click()
        page.get_by_role("button", name="Enviar a revisión").click()
        page.get_by_role("button", name="Publicar").click()
        page.get_by_role("button", name="Publicar").click()
        page.get_by_role("link", name="Ver su página pública").click()
        main = page.locator("main")
        for told in (
            "no concluye",
            "hogares sin programa",
            "1 200 mujeres",
            "Se buscaron, no se hallaron",
            "«Some concerns»",
        ):
            expect(main).to_contain_text(told.replace("1 200", "1\u202f200"))
        page.get_by_text("Datos por grupo").first.click()
        expect(main.locator(".table--arms")).to_contain_text("97")
