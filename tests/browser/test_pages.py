"""Every page in every light and width: no fault of accessibility, no request elsewhere, nothing beyond the edge."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NARROWEST, PHONE, WIDE, Open
from tests.thorough import mainly

AXE = (Path(__file__).parents[1] / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

MISSING = "/no-existe/"
PAGES = {
    "home": "/",
    "search": "/estudios/",
    "search by words and choices": "/estudios/?q=%22medidas+de+protecci%C3%B3n%22+O+polic%C3%ADa"
    "&theme=attention&country=PE&all=country&all=outcome",
    "search without results": "/estudios/?q=xilofonista&theme=autonomy&year_from=abcd",
    "study": "/estudios/abramsky-2014-sasa/",
    "study without findings": "/estudios/bhalotra-2025-brazil-job-loss/",
    "selection": "/seleccion/",
    "alerts": "/avisos/?q=transferencias",
    "search record": "/registro-de-busqueda/?q=transferencias+monetarias&country=PE&since=0",
    "theme": "/temas/prevention/",
    "interventions": "/intervenciones/",
    "interventions in another order": "/en/interventions/?order=nearness&outcome=ipv-physical",
    "intervention": "/intervenciones/engaging-men/",
    "intervention with a mean": "/intervenciones/economic-plus/",
    "evidence": "/evidencia/",
    "comparison of studies": "/comparar/?id=diaz-2022-juntos-peru&id=alencastre-2017-juntos&id=abramsky-2014-sasa",
    "comparison of interventions": "/en/compare/?intervention=cash-transfer&intervention=economic-plus",
    "evidence by words": "/en/evidence/?q=cash+transfers&effect=mixed",
    "brief": "/ficha/?intervention=cash-transfer",
    "brief in English": "/en/brief/?theme=autonomy&style=vancouver",
    "what briefs can be of": "/ficha/",
    "map": "/mapa/",
    "map as a picture": "/mapa/?view=figure",
    "map of countries by design": "/mapa/?rows=country&columns=design_family&marks=nearness&theme=autonomy",
    "studies behind a number": "/mapa/estudios/?row=engaging-men&column=partner-violence",
    "programmes": "/programas/",
    "programmes that meet no filter": "/programas/?stage=evaluation&country=IN&theme=nada",
    "programme": "/programas/hablemos-entre-patas/",
    "programme without studies": "/programas/real-man-challenge/",
    "questions": "/preguntas/",
    "programme in English": "/en/programmes/sasa/",
    "help": "/ayuda/",
    "about": "/acerca/",
    "glossary": "/glosario/",
    "data": "/datos/",
    "accessibility": "/accesibilidad/",
    "privacy": "/privacidad/",
    "patterns": "/componentes/",
    "not found": MISSING,
    "sign-in": "/admin/login/",
    "home in English": "/en/",
    "search in English": "/en/studies/?q=police&sort=newest&page=2",
    "study in English": "/en/studies/abramsky-2014-sasa/",
}


def violations(page: Page) -> list[str]:
    """Return what axe finds, a line for each element."""
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", RULES
    )["violations"]
    return [f"{each['id']}: {node['target']} {node['html'][:120]}" for each in found for node in each["nodes"]]


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


@pytest.mark.parametrize("path", mainly(5, PAGES.values()), ids=PAGES.keys())
class TestEveryPage:
    def test_has_no_fault_that_axe_finds_and_fits_the_narrowest_window(self, open_page: Open, path: str) -> None:
        page = open_page(NARROWEST, expected=(MISSING,))
        page.goto(path)
        too_wide = {"folded": overflow(page)}
        # What a phone keeps behind a button is read too.
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        too_wide["open"] = overflow(page)
        assert too_wide == {"folded": 0, "open": 0}

        page.evaluate(AXE)
        found = {}
        for width in (PHONE, WIDE):
            page.set_viewport_size({"width": width, "height": 800})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                found[width, scheme] = violations(page)
        assert {key: lines for key, lines in found.items() if lines} == {}
        assert len(found) == 4


class TestAxe:
    def test_would_find_a_fault(self, open_page: Open) -> None:
        """The tests above can fail: the same rules find a picture without words and pale letters."""
        page = open_page()
        page.goto("/accesibilidad/")
        page.evaluate(AXE)
        page.evaluate(
            """() => {
                const pale = document.createElement("p");
                pale.textContent = "pálido";
                pale.style.color = "#ddd";
                document.querySelector("main").append(pale, document.createElement("img"));
            }"""
        )
        assert {line.partition(":")[0] for line in violations(page)} == {"color-contrast", "image-alt"}


class TestPaper:
    @pytest.mark.parametrize("path", ["/", "/estudios/?theme=autonomy", "/estudios/abramsky-2014-sasa/", MISSING])
    def test_has_no_controls(self, open_page: Open, path: str) -> None:
        page = open_page(expected=(MISSING,))
        page.goto(path)
        controls = page.locator("button, input, select, summary, .nav, .tools, .skip, .pager").all()
        assert any(control.is_visible() for control in controls)
        page.emulate_media(media="print")
        left = [control.evaluate("node => node.id || node.outerHTML") for control in controls if control.is_visible()]
        # The order of a list belongs to what was printed.
        assert left == (["sort"] if "theme=" in path else [])

    def test_says_which_words_were_sought(self, open_page: Open) -> None:
        page = open_page()
        page.goto("/estudios/?q=mujeres")
        page.emulate_media(media="print")
        assert page.locator("#q").is_visible()

    def test_keeps_the_plot_the_table_and_the_sources(self, open_page: Open) -> None:
        page = open_page(color_scheme="dark")
        page.goto("/estudios/abramsky-2014-sasa/")
        page.emulate_media(media="print", color_scheme="dark")
        for what in ("h1", "svg.plot", "table", "#fuentes", ".cite__text"):
            assert page.locator(what).first.is_visible(), what
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
