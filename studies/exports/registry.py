"""The registry of download formats of a list of studies, by the extension of their address (`export.<ext>`).

All are streamed. A new format is one module and one line in EXPORTS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from studies.citations import formats, reference
from studies.exports import tabular, workbook
from studies.exports.lists import docx, html, text
from studies.exports.lists.reference_list import build_reference_list
from studies.exports.options import ExportOptions
from studies.exports.options import no_keywords as no_keywords
from studies.records.study import StudyRecord

Write = Callable[[Iterable[StudyRecord], ExportOptions], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Export:
    """A download format. `content_type` is the whole header; `label` needs no translation; tables are no citations.

    `has_style`: the file depends on the citation style. `write(records, options)` yields the file piece by piece; it
    reads `records` one by one and never holds them all.
    """

    ext: str
    label: str
    content_type: str
    is_citation: bool
    write: Write
    has_style: bool = False


def _of_citations(citation_format: formats.CitationFormat) -> Export:
    def write(records: Iterable[StudyRecord], options: ExportOptions) -> Iterator[bytes]:
        references = (
            reference.make_reference(
                record, language=options.language, keywords=tuple(options.keywords(record)), on=options.on
            )
            for record in records
        )
        return (piece.encode() for piece in citation_format.write(references))

    content_type = f"{citation_format.media_type}; charset=utf-8"
    return Export(citation_format.ext, citation_format.label, content_type, True, write)


def _write_text(records: Iterable[StudyRecord], options: ExportOptions) -> Iterator[bytes]:
    return text.write(build_reference_list(records, options))


def _write_html(records: Iterable[StudyRecord], options: ExportOptions) -> Iterator[bytes]:
    return html.write(build_reference_list(records, options))


def _write_docx(records: Iterable[StudyRecord], options: ExportOptions) -> Iterator[bytes]:
    return docx.write(build_reference_list(records, options), options.on)


def _write_csv(records: Iterable[StudyRecord], options: ExportOptions) -> Iterator[bytes]:
    return (piece.encode() for piece in tabular.write(records))


EXPORTS: Mapping[str, Export] = MappingProxyType(
    {
        each.ext: each
        for each in (
            *(_of_citations(citation_format) for citation_format in formats.CITATION_FORMATS.values()),
            Export("docx", "Word", docx.MEDIA_TYPE, True, _write_docx, has_style=True),
            Export("html", "HTML", f"{html.MEDIA_TYPE}; charset=utf-8", True, _write_html, has_style=True),
            Export("txt", "TXT", f"{text.MEDIA_TYPE}; charset=utf-8", True, _write_text, has_style=True),
            Export("xlsx", "Excel", workbook.MEDIA_TYPE, False, workbook.write),
            Export("csv", "CSV", "text/csv; charset=utf-8", False, _write_csv),
        )
    }
)
