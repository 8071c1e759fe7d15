"""Files that a reader takes along: the headers of a download, and the keywords of its records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.http import StreamingHttpResponse

from studies import vocabularies
from studies.exchange import LISTS, to_record

if TYPE_CHECKING:
    from studies.exports import Export
    from studies.models import Study
    from studies.records import StudyRecord
    from studies.vocabularies import Vocabularies


def download(export: Export, studies: Iterable[Study], stem: str, language: str) -> StreamingHttpResponse:
    """Stream `studies`, rows of `for_export`, as a file named `stem`: memory does not grow with the list."""
    # Read once: the body is written when the request, and what it remembers, is gone.
    vocabulary = vocabularies.current()
    records = (to_record(study, vocabulary) for study in studies)
    body = export.write(records, language, lambda record: keywords(record, vocabulary, language))
    response = StreamingHttpResponse(body, content_type=export.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{stem}.{export.ext}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def keywords(record: StudyRecord, vocabulary: Vocabularies, language: str) -> Iterator[str]:
    """Yield the names of a record's terms, each once."""
    labels = (vocabulary.label(kind, code, language) for name, kind in LISTS.items() for code in getattr(record, name))
    yield from dict.fromkeys(labels)
