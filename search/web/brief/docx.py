"""A brief as a Word file to edit: headings, real tables with a header row, links, the language of its texts.

The plot goes in as its table: a drawing could not be edited, nor read aloud.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.template.defaultfilters import capfirst
from django.utils import timezone
from django.utils.translation import gettext as _
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from search.web.brief.content import Brief, Claim, Entry
from search.web.brief.rows import BriefRow
from search.web.evidence.forest_view import ForestView
from search.web.evidence.harvest_view import HarvestView
from search.web.evidence.sentences import Piece
from studies.exports.lists.docx import MEDIA_TYPE as MEDIA_TYPE
from studies.templatetags.bank import day
from studies.text.numbers import format_number

LANGUAGES = {"es": "es-PE", "en": "en-US", "pt": "pt-BR"}
LINK, OWN, SMALL, CELL = "Enlace", "Texto de quien preparó la ficha", "Nota", "Celda"
_BANK_COLOUR, _LINK_COLOUR = RGBColor(0x5B, 0x2A, 0x86), RGBColor(0x00, 0x56, 0xAC)

Absolute = Callable[[str], str]
Cell = Sequence[Piece] | str


def write(brief: Brief, absolute: Absolute, language: str) -> bytes:
    """Write the document. `absolute` gives the whole address of a path of the bank."""
    return _Writer(brief, absolute, language).written()


class _Writer:
    def __init__(self, brief: Brief, absolute: Absolute, language: str) -> None:
        self.brief, self.absolute, self.language = brief, absolute, language
        self.document: Any = Document()
        self._set_up()

    def written(self) -> bytes:
        self._head()
        self._answer()
        self._studies()
        self._plot()
        self._heading(_("Qué tan seguro es"))
        for claim in self.brief.sureness:
            self._claim(self._bullet(), claim)
        self._peru()
        self._gaps()
        self._search()
        self._references()
        file = io.BytesIO()
        self.document.save(file)
        return file.getvalue()

    # --- The frame ----------------------------------------------------------------------------------------------

    def _set_up(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(18)
        section.top_margin = section.bottom_margin = Mm(16)
        properties = self.document.core_properties
        properties.title, properties.author, properties.comments = self.brief.title, "Banco de Evidencias", ""
        properties.language = LANGUAGES[self.language]
        now = timezone.now().astimezone(datetime.UTC).replace(tzinfo=None)
        properties.created = properties.modified = now
        styles = self.document.styles
        normal = styles["Normal"]
        normal.font.name, normal.font.size = "Calibri", Pt(10)
        normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(4), 1.0
        _set_language(normal.element.get_or_add_rPr(), LANGUAGES[self.language])
        for level, size in ((1, 18), (2, 12)):
            heading = styles[f"Heading {level}"]
            heading.font.size, heading.font.color.rgb = Pt(size), _BANK_COLOUR
            heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(8), Pt(3)
        link = styles.add_style(LINK, WD_STYLE_TYPE.CHARACTER)
        link.font.color.rgb, link.font.underline = _LINK_COLOUR, True
        own = styles.add_style(OWN, WD_STYLE_TYPE.PARAGRAPH)
        own.base_style = normal
        own.font.size = Pt(11)
        own.paragraph_format.left_indent = Mm(6)
        small = styles.add_style(SMALL, WD_STYLE_TYPE.PARAGRAPH)
        small.base_style = normal
        small.font.size = Pt(9)
        small.paragraph_format.space_after = Pt(3)
        cell = styles.add_style(CELL, WD_STYLE_TYPE.PARAGRAPH)
        cell.base_style = normal
        cell.font.size = Pt(9)
        cell.paragraph_format.space_after = Pt(0)
        styles["List Bullet"].paragraph_format.space_after = Pt(2)

    def _head(self) -> None:
        brief = self.brief
        self._paragraph(_("Ficha de evidencia"), SMALL)
        self.document.add_heading(brief.title, level=1)
        self._paragraph(brief.question).runs[0].bold = True
        prepared = _("Preparada con el Banco de Evidencias el %(day)s, versión %(number)s.") % {
            "day": day(brief.about.on),
            "number": format_number(brief.about.version.change_no, self.language),
        }
        paragraph = self._paragraph(prepared, SMALL)
        if brief.own.names:
            hers = _("Texto de quien preparó la ficha: %(names)s.") % {"names": ", ".join(brief.own.names)}
            paragraph.add_run(f" {hers}").bold = True
            paragraph.add_run(f" {_('Lo demás es del banco.')}")

    def _answer(self) -> None:
        if self.brief.own.conclusion:
            self._heading(_("Conclusión de quien preparó la ficha"))
            for text in self.brief.own.paragraphs:
                self._paragraph(text, OWN)
            self._heading(_("Respuesta del banco, hecha por reglas"))
        paragraph = self._paragraph()
        for claim in self.brief.answer:
            self._claim(paragraph, claim)
            paragraph.add_run(" ")
        if self.brief.is_chosen_by_effect:
            self._paragraph(
                _(
                    "La lista está filtrada por efecto: lo que se cuenta describe esa elección, no lo que halló la "
                    "evidencia."
                ),
                SMALL,
            )

    # --- Studies and plot ---------------------------------------------------------------------------------------

    def _studies(self) -> None:
        self._heading(_("Qué muestran los estudios"))
        for sentence in self.brief.findings:
            self._pieces(self._bullet(), sentence.pieces)
        self._caption(self.brief.caption)
        heads = (_("Estudio"), _("Lugar"), _("Diseño"), _("Efecto, según los autores"), _("Hallazgo principal"))
        table = self._table(heads, [self._study_cells(row) for row in self.brief.rows], (32, 22, 28, 42, 50))
        for row, cells in zip(self.brief.rows, table.rows[1:], strict=True):
            if row.finding and row.finding.is_fallback:
                _mark(cells.cells[-1].paragraphs[0], LANGUAGES.get(row.finding.language, row.finding.language))
        if self.brief.left_out:
            self._pieces(self._paragraph(style=SMALL), self.brief.left_out.pieces)

    def _study_cells(self, row: BriefRow) -> list[Cell]:
        effects = "; ".join(f"{each.label}: {each.outcome}" for each in row.effects)
        if row.more_effects:
            effects += f" {row.more_effects}"
        return [
            (Piece(row.name, row.url), Piece(f" [{row.number}]")),
            row.place,
            row.design,
            effects or _("Sin estimación en el registro"),
            str(row.finding or _("Sin dato")),
        ]

    def _plot(self) -> None:
        if self.brief.forest:
            self._forest(self.brief.forest)
        elif self.brief.harvest:
            self._harvest(self.brief.harvest)

    def _forest(self, forest: ForestView) -> None:
        self._caption(_("Las estimaciones del gráfico: %(measure)s") % {"measure": forest.measure})
        heads = (_("Resultado"), _("Evaluación"), _("Medido a los"), _("Cifra [intervalo]"), _("Peso"))
        rows: list[list[Cell]] = []
        for each in forest.sets:
            rows += [
                [
                    each.heading,
                    (Piece(row.name, row.url),),
                    row.measured_at,
                    f"{row.figure} {row.interval}".strip(),
                    row.weight or "·",
                ]
                for row in each.rows
            ]
            if each.mean:
                rows.append([each.heading, each.mean.label, "·", each.mean.figure, "·"])
        self._table(heads, rows, (42, 48, 24, 42, 18))

    def _harvest(self, harvest: HarvestView) -> None:
        self._caption(_("Evaluaciones por resultado y efecto"))
        heads = (_("Resultado"), *harvest.table_heads)
        rows: list[list[Cell]] = [
            [
                row.outcome,
                *(
                    (Piece(format_number(count.number, self.language), count.url if count.number else ""),)
                    for count in row.counts
                ),
            ]
            for row in harvest.table
        ]
        self._table(heads, rows, (54, *(24 for _head in harvest.table_heads)))
        self._paragraph(_("El efecto es el juicio de los autores; contar evaluaciones no es un veredicto."), SMALL)

    # --- What follows -------------------------------------------------------------------------------------------

    def _peru(self) -> None:
        self._heading(_("Qué dice para el Perú"))
        for step in self.brief.ladder:
            paragraph = self._bullet()
            paragraph.add_run(f"{step.label}: ").bold = True
            if step.url:
                self._pieces(paragraph, (Piece(step.text, step.url), Piece(".")))
                if step.programmes:
                    paragraph.add_run(f" {', '.join(step.programmes)}.")
            else:
                paragraph.add_run(_("Ninguno en este banco."))

    def _gaps(self) -> None:
        if self.brief.gaps:
            self._heading(_("Qué no se sabe"))
        for gap in self.brief.gaps:
            paragraph = self._bullet()
            paragraph.add_run(f"{gap.topic}: ").bold = True
            self._pieces(paragraph, (Piece(gap.text, gap.url),))

    def _search(self) -> None:
        about = self.brief.about
        self._heading(_("Cómo se buscó"))
        paragraph = self._paragraph()
        self._pieces(paragraph, self.brief.searched.pieces)
        paragraph.add_run(
            " "
            + _("Banco de Evidencias, versión %(number)s del %(date)s, consultado el %(day)s.")
            % {
                "number": format_number(about.version.change_no, self.language),
                "date": day(timezone.localtime(about.version.changed_at)),
                "day": day(about.on),
            }
            + " "
        )
        links = [Piece(_("Repetir la búsqueda"), about.list_url)]
        if about.record_url:
            links += [Piece(" "), Piece(_("Registro de la búsqueda"), about.record_url)]
        self._pieces(paragraph, links)
        reminder = _("Los conteos describen este banco, que no es una búsqueda sistemática, no toda la literatura.")
        opened = _("Los números de esta ficha se abren en:")
        self._pieces(self._paragraph(f"{reminder} {opened} "), (Piece(about.address, about.address),))

    def _references(self) -> None:
        self._heading(f"{_('Referencias')} ({self.brief.style_label})")
        for entry in self.brief.entries:
            self._entry(entry)

    def _entry(self, entry: Entry) -> None:
        paragraph = self._paragraph(f"{entry.number}. ", SMALL)
        paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Mm(6), Mm(-6)
        for run in entry.runs:
            if run.link:
                self._link(paragraph, run.text, run.link)
            else:
                paragraph.add_run(run.text).italic = run.italic or None
        if entry.language and entry.language != self.language:
            _mark(paragraph, LANGUAGES.get(entry.language, entry.language))

    # --- Parts --------------------------------------------------------------------------------------------------

    def _heading(self, text: str) -> None:
        self.document.add_heading(text, level=2)

    def _paragraph(self, text: str = "", style: str = "Normal") -> Any:
        return self.document.add_paragraph(text, style=style)

    def _bullet(self) -> Any:
        return self.document.add_paragraph(style="List Bullet")

    def _caption(self, text: str) -> None:
        paragraph = self._paragraph(text)
        paragraph.paragraph_format.keep_with_next = True
        paragraph.runs[0].bold = True

    def _claim(self, paragraph: Any, claim: Claim) -> None:
        self._pieces(paragraph, claim.sentence.pieces)
        if claim.references:
            paragraph.add_run(f" [{', '.join(map(str, claim.references))}]")

    def _pieces(self, paragraph: Any, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            if piece.url:
                self._link(paragraph, piece.text, piece.url)
            else:
                paragraph.add_run(piece.text)

    def _link(self, paragraph: Any, text: str, url: str) -> None:
        address = self.absolute(url) if url.startswith("/") else url
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        run = paragraph.add_run(text, style=LINK)
        link.append(run._r)
        paragraph._p.append(link)

    def _table(self, heads: Sequence[str], rows: Iterable[Sequence[Cell]], widths_mm: Sequence[int]) -> Any:
        table = self.document.add_table(rows=1, cols=len(heads), style="Table Grid")
        table.autofit = False
        for cell, head in zip(table.rows[0].cells, heads, strict=True):
            cell.paragraphs[0].add_run(capfirst(head)).bold = True
        header = table.rows[0]._tr.get_or_add_trPr()
        header.append(OxmlElement("w:tblHeader"))
        for row in rows:
            line = table.add_row()
            line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, content in zip(line.cells, row, strict=True):
                self._pieces(cell.paragraphs[0], (Piece(content),) if isinstance(content, str) else content)
        for column, width in zip(table.columns, widths_mm, strict=True):
            # Word goes by the cells, LibreOffice by the columns.
            column.width = Mm(width)
            for cell in column.cells:
                cell.width = Mm(width)
                cell.paragraphs[0].style = self.document.styles[CELL]
        return table


def _mark(paragraph: Any, language: str) -> None:
    """Say of all runs of a paragraph which language they are in, for whoever has them read aloud or checked."""
    for run in paragraph._p.iter(qn("w:r")):
        _set_language(run.get_or_add_rPr(), language)


def _set_language(properties: Any, language: str) -> None:
    mark = OxmlElement("w:lang")
    mark.set(qn("w:val"), language)
    properties.append(mark)
