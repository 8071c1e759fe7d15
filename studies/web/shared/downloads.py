"""Files that a reader takes along: the headers of a download, and what its writer is told beside the studies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone

from studies.exports.asked import Asked, TermRow, known_style
from studies.models import Vocabulary
from studies.store import vocabularies
from studies.store.exchange.study import LISTS, to_record

if TYPE_CHECKING:
    from studies.exports.registry import Export
    from studies.models import Study
    from studies.records.study import StudyRecord
    from studies.store.vocabularies import Vocabularies


def export_response(
    export: Export, studies: Iterable[Study], stem: str, language: str, style: str = "", address: str = ""
) -> StreamingHttpResponse:
    """Stream `studies`, rows of `for_export`, as a file named `stem`: memory does not grow with the list.

    `style` is what the reader asked for, known or not; `address` is where the list stands, for files that say so.
    """
    # Read once: the body is written when the request, and what it remembers, is gone.
    vocabulary = vocabularies.current()
    records = (to_record(study, vocabulary) for study in studies)
    asked = asked_of(vocabulary, language, style, address)
    response = StreamingHttpResponse(export.write(records, asked), content_type=export.content_type)
    name = f"{stem}-{asked.style}" if export.has_style else stem
    return _as_attachment(response, f"{name}.{export.ext}")


def text_response(lines: Iterable[str], stem: str, ext: str) -> StreamingHttpResponse:
    """Stream lines of text as a file that is not of studies. `stem` is a fixed word, never a reader's."""
    response = StreamingHttpResponse(lines, content_type=_CONTENT_TYPES[ext])
    return _as_attachment(response, f"{stem}.{ext}")


def svg_response(template: str, context: dict[str, Any], stem: str) -> HttpResponse:
    """Return a drawing as an SVG file that carries its own style: no page is around it."""
    svg = render_to_string("evidence/picture.svg", {**context, "drawing": template})
    return _as_attachment(HttpResponse(svg.strip(), content_type="image/svg+xml"), f"{stem}.svg")


_CONTENT_TYPES = {"csv": "text/csv; charset=utf-8"}

Response = TypeVar("Response", bound=HttpResponseBase)


def _as_attachment(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def asked_of(vocabulary: Vocabularies, language: str, style: str = "", address: str = "") -> Asked:
    """Return what a writer needs of this bank, today."""
    return Asked(
        language=language,
        style=known_style(style),
        on=timezone.localdate(),
        address=address,
        keywords=lambda record: keywords(record, vocabulary, language),
        terms=term_rows(vocabulary),
    )


def term_rows(vocabulary: Vocabularies) -> tuple[TermRow, ...]:
    """Return every term in use, vocabulary by vocabulary, as a dictionary prints it."""
    return tuple(
        TermRow(term.vocabulary, term.code, term.es, term.en, term.definition_es, term.definition_en)
        for kind in Vocabulary.values
        for term in vocabulary.terms(kind)
    )


def keywords(record: StudyRecord, vocabulary: Vocabularies, language: str) -> Iterator[str]:
    """Yield the names of a record's terms, each once."""
    labels = (vocabulary.label(kind, code, language) for name, kind in LISTS.items() for code in getattr(record, name))
    yield from dict.fromkeys(labels)
