"""Programmes that have a public page, by all their names. One query."""

from __future__ import annotations

from collections.abc import Iterator

from search.pages.page import Page
from studies.models import Programme
from studies.store.vocabularies import Vocabularies
from studies.text.language import in_both_languages


def list_programmes(vocabulary: Vocabularies) -> Iterator[Page]:
    """Yield the page of each published programme; its note tells who runs it and at which stage it is."""
    for row in Programme.objects.public().order_by("name"):
        stages = in_both_languages(Programme.Stage(row.stage).label) if row.stage != "unknown" else ("", "")
        notes = [" · ".join(filter(None, (row.organisation, stage))) for stage in stages]
        yield Page(
            "programme",
            row.name_es,
            row.name_en,
            "programme",
            {"slug": row.slug},
            words=(row.name, *row.aliases),
            codes=frozenset({("programme", row.slug)}),
            note_es=notes[0],
            note_en=notes[1],
        )
