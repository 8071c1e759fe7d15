"""A brief in a real browser: her words go into preview and files by the form alone, and paper takes two sheets."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import expect
from pypdf import PdfReader

from search.web.brief.author_text import LONGEST
from tests.browser.conftest import PHONE, WIDE, Open
from tests.thorough import mainly

CASH = "/ficha/?intervention=cash-transfer"
HERS = "Antes de ampliar conviene medir."


@pytest.mark.parametrize("script", mainly(1, [True, False]))
def test_her_words_go_into_the_preview_and_into_the_file(open_page: Open, tmp_path: Path, script: bool) -> None:
    page = open_page(PHONE, script=script)
    page.goto(CASH)
    page.get_by_label("Conclusión (opcional)").fill(HERS)
    page.get_by_role("button", name="Ver con mis textos").click()
    expect(page.locator(".brief__own")).to_contain_text(HERS)
    expect(page.get_by_label("Conclusión (opcional)")).to_have_value(HERS)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Descargar Word").click()
    waiting.value.save_as(tmp_path / "ficha.docx")
    assert HERS in [paragraph.text for paragraph in Document(str(tmp_path / "ficha.docx")).paragraphs]
    page.get_by_role("link", name="Volver a los textos del banco").click()
    expect(page.locator(".brief__own")).to_have_count(0)
    assert page.context.cookies() == []


@pytest.mark.parametrize(
    "query",
    mainly(1, ["theme=prevention", "intervention=economic-plus", "intervention=police-response", "theme=autonomy"]),
)
def test_paper_takes_two_sheets_of_a4(open_page: Open, query: str) -> None:
    page = open_page(WIDE)
    for path in ("/ficha/", "/en/brief/"):
        page.goto(f"{path}?{query}")
        assert sheets(page.pdf(prefer_css_page_size=True)) == 2
    page.locator("#ficha-conclusion").fill(("La conclusión ocupa su lugar. " * 40)[: LONGEST["conclusion"]])
    page.get_by_role("button", name="See it with my texts").click()
    expect(page.locator(".brief__own")).to_be_visible()
    assert sheets(page.pdf(prefer_css_page_size=True)) == 2


def sheets(pdf: bytes) -> int:
    reader = PdfReader(io.BytesIO(pdf))
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]
    return len(reader.pages)
