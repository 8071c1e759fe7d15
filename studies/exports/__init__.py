"""All that a list of studies can be taken away as: citation formats and tables, streamed, in the list's order.

The one registry for export addresses (`export.<ext>`); a new kind is one line in EXPORTS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from studies import citations
from studies.exports import tabular
from studies.records import StudyRecord

Keywords = Callable[[StudyRecord], Iterable[str]]
"""Gives the labels of a study's terms in the reader's language."""


@dataclass(frozen=True, slots=True)
class Export:
    """A kind of download. `content_type` is the whole header; `label` a proper name; `is_citation` tells tables apart.

    `write(records, language, keywords)` streams UTF-8; it reads `records` one by one and never holds them all.
    """

    ext: str
    label: str
    content_type: str
    is_citation: bool
    write: Callable[[Iterable[StudyRecord], str, Keywords], Iterator[bytes]]


def no_keywords(record: StudyRecord) -> Iterable[str]:
    return ()


def _of_citations(citation_format: citations.Format) -> Export:
    def write(records: Iterable[StudyRecord], language: str, keywords: Keywords) -> Iterator[bytes]:
        references = (
            citations.reference(record, language=language, keywords=tuple(keywords(record))) for record in records
        )
        return (text.encode() for text in citation_format.write(references))

    content_type = f"{citation_format.media_type}; charset=utf-8"
    return Export(citation_format.ext, citation_format.label, content_type, True, write)


def _write_csv(records: Iterable[StudyRecord], language: str, keywords: Keywords) -> Iterator[bytes]:
    return (text.encode() for text in tabular.write(records))


EXPORTS: Mapping[str, Export] = MappingProxyType(
    {
        each.ext: each
        for each in (
            *(_of_citations(citation_format) for citation_format in citations.FORMATS.values()),
            Export("csv", "CSV", "text/csv; charset=utf-8", False, _write_csv),
        )
    }
)
