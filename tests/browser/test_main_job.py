"""The main job: from the first page to the list of citations, for whoever reads and with whatever they have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import rispy
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, WIDE, Open
from tests.studies.records_factory import fixture_studies
from tests.thorough import mainly


@dataclass(frozen=True)
class Words:
    """What a reader sees and types in one language."""

    home: str
    query: str
    search: str
    filters: str
    facet: str
    apply: str
    back_to_list: str
    plot: str
    findings: str
    copy: str
    copied: str
    export: re.Pattern[str]
    other_language: str


SPANISH = Words(
    home="/",
    query="violencia física",
    search="Buscar",
    filters="Filtrar",
    facet="Diseño",
    apply="Aplicar filtros",
    back_to_list="Estudios",
    plot="hallazgo",
    findings="Qué se encontró",
    copy="Copiar",
    copied="Cita copiada",
    export=re.compile("Exportar"),
    other_language="English",
)
ENGLISH = Words(
    home="/en/",
    query="physical violence",
    search="Search",
    filters="Filter",
    facet="Design",
    apply="Apply filters",
    back_to_list="Studies",
    plot="finding",
    findings="What was found",
    copy="Copy",
    copied="Citation copied",
    export=re.compile("Export"),
    other_language="Español",
)


def number(text: str) -> int:
    """Read a number as it is printed: with a thin space or a comma between its thousands."""
    found = re.search(r"\d[\d\u202f,]*", text)
    assert found, text
    return int(re.sub(r"\D", "", found[0]))


def total(page: Page) -> int:
    return number(page.locator("h2#n").inner_text())


WITH_INTERVALS = {record.id for record in fixture_studies() if any(each.ci_low is not None for each in record.findings)}


def slug_of(link: Locator) -> str:
    return (link.get_attribute("href") or "").rstrip("/").rpartition("/")[2]


def facet(page: Page, words: Words) -> Locator:
    return page.get_by_role("group", name=words.facet, exact=True)


@pytest.mark.parametrize("words", [SPANISH, ENGLISH], ids=["es", "en"])
@pytest.mark.parametrize("width", [WIDE, PHONE])
@pytest.mark.parametrize("script", mainly(1, [True, False]), ids=["script", "no script"])
class TestMainJob:
    def test_leads_from_the_first_page_to_a_list_of_citations(
        self, open_page: Open, words: Words, width: int, script: bool, tmp_path: Path
    ) -> None:
        page = open_page(width, script=script, permissions=["clipboard-read", "clipboard-write"] if script else [])
        page.goto(words.home)

        # Words.
        page.locator("main").get_by_role("combobox" if script else "searchbox").fill(words.query)
        page.locator("main").get_by_role("button", name=words.search).click()
        found = total(page)
        assert found > 20

        # A facet, by its box; the number beside it is what comes.
        if width == PHONE:
            page.locator("summary", has_text=words.filters).click()
        page.locator(".facet > summary", has_text=words.facet).click()
        box = facet(page, words).locator("label", has_text="(").first
        promised = number(box.locator(".check__count").inner_text())
        box.click()
        page.get_by_role("button", name=words.apply).first.click()
        assert total(page) == promised < found
        assert page.locator("#q").input_value() == words.query
        expect(page.locator("a.chip").first).to_contain_text(words.facet)

        # A study with intervals, as a table and as a plot.
        listed = page.url
        links = page.locator("h3.card__title a")
        study = next(link for link in links.all() if slug_of(link) in WITH_INTERVALS)
        title = study.inner_text()
        study.click()
        expect(page.locator("h1")).to_have_text(title)
        findings = page.get_by_role("region", name=words.findings)
        assert findings.locator("table tbody tr").count() > 0
        plot = findings.locator("svg.plot").first
        expect(plot).to_be_visible()
        assert plot.bounding_box()["width"] > 200
        assert plot.locator(".plot__ci").count() > 0

        # The citation.
        cite = page.locator(".cite")
        button = cite.get_by_role("button", name=words.copy)
        if script:
            button.click()
            expect(cite.get_by_role("status")).to_have_text(words.copied)
            copied = page.evaluate("navigator.clipboard.readText()")
            assert copied == re.sub(r"\s+", " ", cite.locator(".cite__text").inner_text()).strip()
        else:
            expect(button).to_be_hidden()

        # Back, and the whole list as a file.
        page.go_back()
        assert page.url == listed
        assert total(page) == promised
        page.locator("summary", has_text=words.export).click()
        with page.expect_download() as download:
            page.get_by_role("link", name="RIS", exact=True).click()
        saved = tmp_path / download.value.suggested_filename
        download.value.save_as(saved)
        assert saved.suffix == ".ris"
        entries = rispy.loads(saved.read_text(encoding="utf-8"))
        assert len(entries) == promised


class TestPlotAndTable:
    def test_hold_the_same_figures(self, open_page: Open) -> None:
        page = open_page(PHONE, script=False)
        page.goto("/estudios/abramsky-2014-sasa/")
        plotted = [figure.split()[0] for figure in page.locator("svg.plot .plot__figure").all_text_contents()]
        listed = [figure.split()[0] for figure in page.locator("table td.figure").all_inner_texts() if "[" in figure]
        assert plotted == listed
        assert len(plotted) > 2


class TestLanguageSwitch:
    @pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
    def test_keeps_the_page_its_words_and_its_choices(self, open_page: Open, script: bool) -> None:
        page = open_page(script=script)
        page.goto("/estudios/?q=polic%C3%ADa&theme=attention&sort=title&page=2")
        spanish = total(page)
        titles = page.locator("h3.card__title a").count()
        page.get_by_role("link", name="English").click()
        assert page.url.partition("?")[0].endswith("/en/studies/")
        assert page.locator("html").get_attribute("lang") == "en"
        assert (total(page), page.locator("h3.card__title a").count()) == (spanish, titles)
        assert page.locator("#q").input_value() == "policía"
        assert page.locator("input[name=theme][value=attention]").is_checked()
        assert page.locator("#sort").input_value() == "title"
        expect(page.locator(".pager [aria-current=page]")).to_contain_text("2")
        page.get_by_role("link", name="Español").click()
        assert page.url.partition("?")[0].endswith("/estudios/")
        assert total(page) == spanish

    def test_leads_from_a_study_to_the_same_study(self, open_page: Open) -> None:
        page = open_page()
        page.goto("/estudios/abramsky-2014-sasa/")
        page.get_by_role("link", name="English", exact=True).click()
        assert page.url.endswith("/en/studies/abramsky-2014-sasa/")


class TestQuickExit:
    def test_leaves_at_once_and_leaves_no_way_back(self, open_page: Open) -> None:
        page = open_page(watched=False)
        page.goto("/")
        page.goto("/ayuda/")
        address = page.locator("[data-quick-exit]").get_attribute("href")
        # The page beyond stands in for itself: nothing leaves this machine.
        page.context.route("https://**", lambda route: route.fulfill(body="<title>beyond</title>"))
        page.locator("[data-quick-exit]").click()
        page.wait_for_url(address)
        page.go_back()
        assert not page.url.endswith("/ayuda/")
