"""Responses that are files to download, and what the writer of an export has to know beside the studies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from studies.exports.options import (
    NO_WORDS,
    ExportOptions,
    KeepFinding,
    ListWords,
    TermRow,
    keep_every_finding,
    style_or_default,
)
from studies.models import Vocabulary
from studies.store import vocabularies
from studies.store.exchange.study import LISTS

if TYPE_CHECKING:
    from studies.exports.registry import Export
    from studies.records.study import StudyRecord
    from studies.store.vocabularies import Vocabularies


def export_response(
    export: Export,
    records: Iterable[StudyRecord],
    stem: str,
    language: str,
    style: str = "",
    address: str = "",
    words: ListWords = NO_WORDS,
    keep_finding: KeepFinding = keep_every_finding,
) -> StreamingHttpResponse:
    """Return a response that streams `records` as the file `stem`: its memory is bounded.

    `style` is what the reader asked for, known or not; `address` and `words` are those of the list, for files that
    print them; `keep_finding` tells which findings the list asks for.
    """
    # Read now: the body is written after the request has ended, and with it the memory of vocabularies.
    vocabulary = vocabularies.current()
    context = replace(writer_context(vocabulary, language, style, address), words=words, keep_finding=keep_finding)
    response = StreamingHttpResponse(export.write(records, context), content_type=export.content_type)
    name = f"{stem}-{context.style}" if export.has_style else stem
    return as_attachment(response, f"{name}.{export.ext}")


def text_response(lines: Iterable[str], stem: str, ext: str) -> StreamingHttpResponse:
    """Return a response that streams lines of text as a file. `stem` is a fixed word, never one of a reader."""
    response = StreamingHttpResponse(lines, content_type=_CONTENT_TYPES[ext])
    return as_attachment(response, f"{stem}.{ext}")


_CONTENT_TYPES = {"csv": "text/csv; charset=utf-8"}

Response = TypeVar("Response", bound=HttpResponseBase)


def as_attachment(response: Response, name: str) -> Response:
    """Return a response that browsers save under `name` and search engines leave out."""
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def writer_context(vocabulary: Vocabularies, language: str, style: str = "", address: str = "") -> ExportOptions:
    """Return what the writer of an export needs beside the studies. An unknown `style` becomes the default one."""
    return ExportOptions(
        language=language,
        style=style_or_default(style),
        on=timezone.localdate(),
        address=address,
        keywords=lambda record: keywords(record, vocabulary, language),
        terms=term_rows(vocabulary),
    )


def term_rows(vocabulary: Vocabularies) -> tuple[TermRow, ...]:
    """Return every term that a record can carry, vocabulary by vocabulary, for the labels of a workbook."""
    return tuple(
        TermRow(term.vocabulary, term.code, term.es, term.en, term.definition_es, term.definition_en)
        for kind in Vocabulary.values
        for term in vocabulary.every_term(kind)
        if term.current == term.code
    )


def keywords(record: StudyRecord, vocabulary: Vocabularies, language: str) -> Iterator[str]:
    """Yield the labels of what a record is about, each once; where its data come from is no keyword."""
    kinds = {"themes": Vocabulary.THEMES, "interventions": Vocabulary.INTERVENTIONS, **LISTS}
    labels = (
        vocabulary.label(kind, code, language)
        for name, kind in kinds.items()
        if name != "data_sources"
        for code in (record.intervention_codes if name == "interventions" else getattr(record, name))
    )
    yield from dict.fromkeys(labels)
