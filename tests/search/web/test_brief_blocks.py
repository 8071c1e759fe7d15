"""Blocks of a brief: every kind has its two renderers, and these say the same."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from typing import Any, get_args

import pytest
from django.template.loader import render_to_string
from docx import Document
from lxml import html

from search.web.brief import blocks, docx
from search.web.brief.author_text import AuthorText
from search.web.brief.blocks import BriefRun, Citation
from search.web.brief.content import Brief
from search.web.brief.subject import BriefSubject
from studies.citations.runs import TextRun as CitationRun
from studies.text.bilingual import LocalizedText
from studies.web.shared.bank_counts import BankVersion
from tests.html_pages import text_of

TABLE = blocks.TableBlock(
    "Dos estudios",
    (
        blocks.TableColumn("Estudio", 40),
        blocks.TableColumn("Lugar", 30, is_labelled=True),
        blocks.TableColumn("Hallazgo", 60),
    ),
    (
        (
            (BriefRun("Uno, 2020", "/estudios/uno/"), Citation((1,))),
            (BriefRun("Perú"),),
            (BriefRun("Sin dato", look="soft"),),
        ),
        (
            (BriefRun("Dos, 2021", "/estudios/dos/"), Citation((2,))),
            (BriefRun("Chile"),),
            LocalizedText("Baja.", "es", is_fallback=False),
        ),
    ),
    note=(BriefRun("Aquí, "), BriefRun("2", "/mapa/"), BriefRun(" de 9.")),
)
CASES: tuple[blocks.Block, ...] = (
    blocks.Heading("Referencias"),
    blocks.Paragraph(
        (BriefRun("De "), BriefRun("3 evaluaciones", "/mapa/"), BriefRun(", ninguna."), Citation((1, 4))), "notice"
    ),
    blocks.Passage("Conclusión", ((BriefRun("Una."),), (BriefRun("Otra <b>."),)), is_own=True),
    blocks.BulletList(((BriefRun("Costo: ", look="strong"), BriefRun("1 estudio", "/mapa/")), (BriefRun("Dos"),))),
    TABLE,
    blocks.ReferenceListBlock(
        (blocks.BriefReference(1, (CitationRun("Uno. "), CitationRun("Revista", italic=True)), "en"),),
    ),
)


def brief_of(*parts: blocks.Block) -> Brief:
    day = datetime.datetime(2030, 1, 2, tzinfo=datetime.UTC)
    subject = BriefSubject("Título", "¿Qué?", "", "", "", "", day.date(), BankVersion(1, day, 0))
    return Brief(subject, AuthorText(), "apa", parts)


def on_page(block: blocks.Block) -> Any:
    return html.fromstring(render_to_string("brief/brief.html", {"brief": brief_of(block)}))


@pytest.fixture
def in_word(absolute: Callable[[str], str]) -> Callable[[blocks.Block], Any]:
    return lambda block: Document(io.BytesIO(docx.write(brief_of(block), absolute, "es")))


@pytest.fixture
def absolute() -> Callable[[str], str]:
    return lambda path: f"https://bank.example{path}"


def words(document: Any) -> list[str]:
    """Return the words of a document in their order, those of tables too."""
    return " ".join(document.element.body.xpath(".//w:t/text()")).split()


class TestAKindOfBlock:
    @pytest.mark.parametrize("kind", get_args(blocks.Block))
    def test_has_a_template_and_a_function_for_word(self, kind: Any):
        assert render_to_string(kind.template, {})
        assert docx._DocxWriter.__dict__["add"].dispatcher.dispatch(kind) is not docx._DocxWriter.__dict__["add"].func

    def test_that_word_does_not_know_is_a_fault(self):
        with pytest.raises(TypeError, match="No function for str"):
            docx._DocxWriter("Título", str, "es").add("text")

    @pytest.mark.parametrize("block", CASES, ids=lambda block: type(block).__name__)
    def test_says_the_same_on_the_page_and_in_word(self, block: blocks.Block, in_word: Callable[[blocks.Block], Any]):
        said = "".join(words(in_word(block)))
        assert "".join(text_of(on_page(block)).split()) in (said, said.removeprefix("1."))  # the page numbers by ol


class TestRuns:
    def test_cite_references_by_links_on_the_page(self):
        (cited,) = on_page(blocks.Paragraph((BriefRun("Así."), Citation((1, 4))))).xpath(".//*[@class='ref']")
        assert [link.get("href") for link in cited] == ["#r1", "#r4"]
        assert text_of(cited.getparent()) == "Así. [1, 4]"

    def test_keep_the_space_around_them(self):
        runs = (
            BriefRun("De "),
            BriefRun("3", "/mapa/"),
            BriefRun(", una"),
            BriefRun(" más", look="strong"),
            BriefRun("."),
        )
        assert text_of(on_page(blocks.Paragraph(runs))) == "De 3, una más."

    def test_lead_to_whole_addresses_in_word(self, in_word: Callable[[blocks.Block], Any]):
        document = in_word(blocks.Paragraph((BriefRun("3", "/mapa/"), BriefRun("guía", "https://example.org/"))))
        links = {each.target_ref for each in document.part.rels.values() if each.is_external}
        assert links == {"https://bank.example/mapa/", "https://example.org/"}


class TestATable:
    def test_has_a_head_a_row_head_and_labels_for_phones(self):
        page = on_page(TABLE)
        assert [text_of(each) for each in page.xpath(".//th[@scope='row']")] == ["Uno, 2020 [1]", "Dos, 2021 [2]"]
        assert page.xpath(".//td/@data-label") == ["Lugar", "Lugar"]

    def test_has_headings_across_it(self, in_word: Callable[[blocks.Block], Any]):
        table = blocks.TableBlock("Dos", TABLE.columns, (((BriefRun("Frente a nada."),),), *TABLE.rows))
        (heading,) = on_page(table).xpath(".//th[@colspan='3']")
        assert (heading.get("scope"), text_of(heading)) == ("colgroup", "Frente a nada.")
        (in_file,) = in_word(table).tables
        assert in_file.rows[1].cells[0]._tc is in_file.rows[1].cells[2]._tc
        assert in_file.rows[1].cells[0].text == "Frente a nada."
        assert [paragraph.paragraph_format.keep_with_next for paragraph in in_file.rows[1].cells[0].paragraphs] == [
            True
        ]

    def test_breaks_long_words_of_its_head_in_word_between_syllables(self, in_word: Callable[[blocks.Block], Any]):
        table = blocks.TableBlock("Uno", (blocks.TableColumn("Desfavorable", 12),), (((BriefRun("1"),),),))
        assert in_word(table).tables[0].rows[0].cells[0].text == "Des\u00adfa\u00advo\u00adra\u00adble"
        assert text_of(on_page(table).find(".//thead//th")) == "Desfavorable"

    def test_marks_a_text_in_another_language(self, in_word: Callable[[blocks.Block], Any]):
        cell = LocalizedText("It fell.", "en", is_fallback=True)
        table = blocks.TableBlock("Uno", (blocks.TableColumn("Hallazgo", 50),), ((cell,),))
        assert 'w:lang w:val="en-US"' in in_word(table).tables[0]._tbl.xml
        assert text_of(on_page(table).find(".//th/span[@lang='en']")) == "It fell."
