"""A list of references as a Word document with styles of its own, streamed by `studies.exports.office`."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Iterator
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from studies.citations.bibliography import BibliographyEntry
from studies.citations.runs import TextRun
from studies.exports.lists.reference_list import ReferenceList
from studies.exports.office import split_part, stream_archive, xml_text

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

ENTRY, IN_TEXT = "Referencia", "Cita en el texto"
_BODY = "word/document.xml"
_MARKER = "<!--entries-->"
_LANGUAGES = {"es": "es-PE", "en": "en-US"}


def write(reference_list: ReferenceList, on: datetime.date | None) -> Iterator[bytes]:
    """Yield the document: python-docx makes the template, the entries are written one by one."""
    template, ids = _template(reference_list, on)
    before, behind = split_part(template, _BODY, _MARKER)

    def body() -> Iterator[str]:
        yield before
        is_empty = True
        for entry in reference_list.entries:
            is_empty = False
            yield _entry(entry, reference_list, ids)
        if is_empty:
            yield _paragraph([TextRun(reference_list.empty)], "")
        yield behind

    return stream_archive(template, {_BODY: body()}, on)


def _entry(entry: BibliographyEntry, reference_list: ReferenceList, ids: dict[str, str]) -> str:
    number = [TextRun(f"{entry.number}. ")] if reference_list.is_numbered else []
    cited = [TextRun(f"{reference_list.in_text_label} "), *entry.in_text]
    note = reference_list.note(entry)
    return (
        _paragraph([*number, *entry.runs], ids[ENTRY])
        + _paragraph(cited, ids[IN_TEXT])
        + (_paragraph([TextRun(note)], ids[IN_TEXT]) if note else "")
    )


def _paragraph(runs: Iterable[TextRun], style: str) -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}{''.join(_run(run) for run in runs)}</w:p>"


def _run(run: TextRun) -> str:
    italic = "<w:rPr><w:i/></w:rPr>" if run.italic else ""
    return f'<w:r>{italic}<w:t xml:space="preserve">{xml_text(run.text)}</w:t></w:r>'


def _template(reference_list: ReferenceList, on: datetime.date | None) -> tuple[bytes, dict[str, str]]:
    """Return an A4 document with a marker in place of the entries, and the ids of its two styles by name."""
    document: Any = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    properties = document.core_properties
    properties.title, properties.author = reference_list.title, "Banco de Evidencias"
    properties.comments = ""
    day = datetime.datetime.combine(on or datetime.date(2000, 1, 1), datetime.time())
    properties.created = properties.modified = day
    ids = _add_styles(document, reference_list.language)
    document.add_heading(reference_list.title, level=1)
    document.add_paragraph(" ".join(reference_list.about))
    if reference_list.address:
        document.add_paragraph(reference_list.address)
    document.add_paragraph("entries-here")
    file = io.BytesIO()
    document.save(file)
    return _with_marker(file.getvalue()), ids


def _add_styles(document: Any, language: str) -> dict[str, str]:
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(11)
    proofing = normal.element.get_or_add_rPr()
    proofing.append(proofing.makeelement(qn("w:lang"), {qn("w:val"): _LANGUAGES[language]}))
    entry = document.styles.add_style(ENTRY, WD_STYLE_TYPE.PARAGRAPH)
    entry.base_style = normal
    # All four citation styles ask for a hanging indent.
    entry.paragraph_format.left_indent, entry.paragraph_format.first_line_indent = Mm(12.7), Mm(-12.7)
    entry.paragraph_format.space_after, entry.paragraph_format.keep_with_next = Pt(0), True
    cited = document.styles.add_style(IN_TEXT, WD_STYLE_TYPE.PARAGRAPH)
    cited.base_style = normal
    cited.font.size = Pt(9)
    cited.paragraph_format.left_indent, cited.paragraph_format.space_after = Mm(12.7), Pt(8)
    return {ENTRY: entry.style_id, IN_TEXT: cited.style_id}


def _with_marker(template: bytes) -> bytes:
    """Replace the placeholder paragraph by the marker."""
    before, behind = split_part(template, _BODY, "entries-here")
    start, end = before.rindex("<w:p>"), behind.index("</w:p>") + len("</w:p>")
    return b"".join(stream_archive(template, {_BODY: (before[:start], _MARKER, behind[end:])}))
