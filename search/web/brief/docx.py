"""Writes a brief as a Word file: headings, real tables with a header row, links, and the language of each text.

A figure is written as its table: a picture could not be edited, nor read aloud.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from functools import singledispatchmethod
from typing import Any

from django.utils import timezone
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from search.web.brief import blocks
from search.web.brief.blocks import BriefRun, BriefRuns, Citation
from search.web.brief.content import Brief
from search.web.brief.hyphens import hyphenate
from studies.exports.lists.docx import MEDIA_TYPE as MEDIA_TYPE
from studies.text.bilingual import LocalizedText
from studies.text.characters import replace_non_xml

LANGUAGES = {"es": "es-PE", "en": "en-US", "pt": "pt-BR"}
# Names of styles, as Word lists them: in Spanish, whatever the language of the brief.
LINK, OWN, SMALL, CELL = "Enlace", "Texto de quien preparó la ficha", "Nota", "Celda"
_FONT = "Arial"
"""On every machine, or a font of the same widths: another would need more than two sheets."""

_BANK_COLOUR, _LINK_COLOUR = RGBColor(0x5B, 0x2A, 0x86), RGBColor(0x00, 0x56, 0xAC)

AbsoluteUrl = Callable[[str], str]


def write(brief: Brief, absolute: AbsoluteUrl, language: str) -> bytes:
    """Return the document. `absolute` returns the whole address of a path of the bank."""
    writer = _DocxWriter(brief.title, absolute, language)
    for block in brief.blocks:
        writer.add(block)
    file = io.BytesIO()
    writer.document.save(file)
    return file.getvalue()


class _DocxWriter:
    def __init__(self, title: str, absolute: AbsoluteUrl, language: str) -> None:
        self.absolute, self.language = absolute, language
        self.document: Any = Document()
        self._set_up(title)

    def _set_up(self, title: str) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(16)
        section.top_margin = section.bottom_margin = Mm(14)
        properties = self.document.core_properties
        properties.title, properties.author = replace_non_xml(title), "Banco de Evidencias"
        # The comments of python-docx's template say that python-docx made the file.
        properties.comments = ""
        properties.language = LANGUAGES[self.language]
        # python-docx writes naive times and marks them as UTC.
        now = timezone.now().astimezone(datetime.UTC).replace(tzinfo=None)
        properties.created = properties.modified = now
        styles = self.document.styles
        normal = styles["Normal"]
        normal.font.name, normal.font.size = _FONT, Pt(9)
        normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(3), 1.0
        _set_language(normal.element.get_or_add_rPr(), LANGUAGES[self.language])
        for level, size in ((1, 17), (2, 11)):
            heading = styles[f"Heading {level}"]
            heading.font.size, heading.font.color.rgb = Pt(size), _BANK_COLOUR
            _set_font(heading)
            heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(6), Pt(2)
        link = styles.add_style(LINK, WD_STYLE_TYPE.CHARACTER)
        link.font.color.rgb, link.font.underline = _LINK_COLOUR, True
        for name, points, space_after, left_indent in (
            (OWN, 10, None, Mm(6)),
            (SMALL, 8, Pt(2), None),
            (CELL, 7.5, Pt(0), None),
        ):
            style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style, style.font.size = normal, Pt(points)
            style.paragraph_format.left_indent, style.paragraph_format.space_after = left_indent, space_after
        styles["List Bullet"].paragraph_format.space_after = Pt(1)

    # --- One method for each kind of block ----------------------------------------------------------------------------

    @singledispatchmethod
    def add(self, block: blocks.Block) -> None:
        """Append a block to the document."""
        raise TypeError(f"No function for {type(block).__name__}")

    @add.register
    def _heading(self, block: blocks.Heading) -> None:
        text = f"{block.text} ({block.note})" if block.note else block.text
        self.document.add_heading(replace_non_xml(text), level=block.level)

    @add.register
    def _paragraph(self, block: blocks.Paragraph) -> None:
        paragraph = self._new_paragraph(block.runs, SMALL if block.role in ("eyebrow", "soft", "notice") else "Normal")
        if block.role == "lead":
            paragraph.runs[0].bold = True

    @add.register
    def _passage(self, block: blocks.Passage) -> None:
        if block.label:
            self._heading(blocks.Heading(block.label))
        for runs in block.paragraphs:
            self._new_paragraph(runs, OWN if block.is_own else "Normal")

    @add.register
    def _bullet_list(self, block: blocks.BulletList) -> None:
        for runs in block.items:
            self._new_paragraph(runs, "List Bullet")

    @add.register
    def _table(self, block: blocks.TableBlock) -> None:
        caption = self._new_paragraph((BriefRun(block.caption, look="strong"),))
        caption.paragraph_format.keep_with_next = True
        table = self.document.add_table(rows=1, cols=len(block.columns), style="Table Grid")
        table.autofit = False
        for cell, column in zip(table.rows[0].cells, block.columns, strict=True):
            cell.paragraphs[0].add_run(self._head(column.head)).bold = True
        # A header row for Word: repeated on every page, announced by screen readers. python-docx has no call for it.
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for row in block.rows:
            line = table.add_row()
            line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, content in zip(line.cells, row, strict=len(row) > 1):
                self._fill(cell.paragraphs[0], content)
        for of_word, column in zip(table.columns, block.columns, strict=True):
            # Word takes the widths of the cells, LibreOffice those of the columns.
            of_word.width = Mm(column.width_mm)
            for cell in of_word.cells:
                cell.width = Mm(column.width_mm)
                cell.paragraphs[0].style = self.document.styles[CELL]
        for line, row in zip(table.rows[1:], block.rows, strict=True):
            if len(row) == 1:
                self._make_heading(line)
        _draw_rules(table)
        self._new_paragraph(block.note, SMALL)

    @add.register
    def _figure(self, block: blocks.FigureBlock) -> None:
        self._table(block.table)

    @add.register
    def _reference_list(self, block: blocks.ReferenceListBlock) -> None:
        for reference in block.references:
            paragraph = self._new_paragraph((BriefRun(f"{reference.number}. "),), SMALL)
            paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Mm(6), Mm(-6)
            for run in reference.runs:
                if run.link:
                    self._link(paragraph, run.text, run.link)
                else:
                    paragraph.add_run(replace_non_xml(run.text)).italic = run.italic or None
            if reference.language and reference.language != self.language:
                _mark_language(paragraph, reference.language)

    # --- Parts of blocks ----------------------------------------------------------------------------------------

    def _new_paragraph(self, runs: BriefRuns, style: str = "Normal") -> Any:
        paragraph = self.document.add_paragraph(style=style)
        self._add_runs(paragraph, runs)
        return paragraph

    def _head(self, text: str) -> str:
        return hyphenate(text) if self.language == "es" else text

    def _make_heading(self, line: Any) -> None:
        """Make a row of one cell the heading of the rows below it: across the table, never at the foot of a page."""
        cells = line.cells
        (paragraph,) = cells[0].paragraphs
        # Merging appends the paragraphs of the other cells.
        merged = cells[0].merge(cells[-1])
        for other in merged.paragraphs[1:]:
            other._p.getparent().remove(other._p)
        paragraph.paragraph_format.keep_with_next = True
        for run in paragraph._p.iter(qn("w:r")):
            run.get_or_add_rPr().append(OxmlElement("w:b"))

    def _fill(self, paragraph: Any, cell: blocks.TableCell) -> None:
        match cell:
            case LocalizedText():
                paragraph.add_run(replace_non_xml(cell.text))
                if cell.is_fallback:
                    _mark_language(paragraph, cell.language)
            case _:
                self._add_runs(paragraph, cell)

    def _add_runs(self, paragraph: Any, runs: BriefRuns) -> None:
        for run in runs:
            if isinstance(run, Citation):
                paragraph.add_run(f" [{', '.join(map(str, run.numbers))}]")
            elif run.url:
                self._link(paragraph, run.text, run.url)
            elif run.look == "strong":
                paragraph.add_run(replace_non_xml(run.text)).bold = True
            else:
                paragraph.add_run(replace_non_xml(run.text))

    def _link(self, paragraph: Any, text: str, url: str) -> None:
        address = self.absolute(url) if url.startswith("/") else url
        # python-docx cannot make links: a run is made and moved into an element of ours.
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        run = paragraph.add_run(replace_non_xml(text), style=LINK)
        link.append(run._r)
        paragraph._p.append(link)


def _set_font(style: Any) -> None:
    """Give a style of the template our font instead of that of its theme, which has precedence."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.attrib.clear()
    style.font.name = _FONT


def _draw_rules(table: Any) -> None:
    """Draw lines between rows only, and leave room between them and the text."""
    properties = table._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        line.set(qn("w:val"), "nil" if side in ("left", "right", "insideV") else "single")
        line.set(qn("w:sz"), "4")
        line.set(qn("w:color"), "999999")
        borders.append(line)
    margins = OxmlElement("w:tblCellMar")
    for side, twips in (("top", 28), ("left", 57), ("bottom", 28), ("right", 57)):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(twips))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    # The schema has an order: borders, layout, margins, look.
    layout = properties.find(qn("w:tblLayout"))
    layout.addprevious(borders)
    layout.addnext(margins)


def _mark_language(paragraph: Any, language: str) -> None:
    """Set the language of all runs of a paragraph, for screen readers and spelling checkers."""
    for run in paragraph._p.iter(qn("w:r")):
        _set_language(run.get_or_add_rPr(), LANGUAGES.get(language, language))


def _set_language(properties: Any, language: str) -> None:
    mark = OxmlElement("w:lang")
    mark.set(qn("w:val"), language)
    properties.append(mark)
