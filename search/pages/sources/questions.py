"""Published policy questions. One query."""

from __future__ import annotations

from collections.abc import Iterator

from search.pages.page import Page
from studies.store.vocabularies import Vocabularies
from studies.web.shared.queries import published_questions


def list_questions(vocabulary: Vocabularies) -> Iterator[Page]:
    """Yield the page of each published policy question, the last reviewed first."""
    for row in published_questions():
        yield Page(
            "question",
            row.question_es,
            row.question_en,
            "question",
            {"slug": row.slug},
            note_es=row.reviewed_by,
            note_en=row.reviewed_by,
            is_sentence=True,
        )
