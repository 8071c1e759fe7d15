"""Types of intervention: what the evidence says on each. No query."""

from __future__ import annotations

from collections.abc import Iterator

from search.pages.page import Page
from studies.models import Vocabulary
from studies.store.vocabularies import Vocabularies


def list_interventions(vocabulary: Vocabularies) -> Iterator[Page]:
    """Yield the page of each intervention that is not retired."""
    for term in vocabulary.terms(Vocabulary.INTERVENTIONS):
        yield Page(
            "intervention",
            term.es,
            term.en,
            "intervention",
            {"code": term.code},
            codes=frozenset({("intervention", term.code)}),
            note_es=term.definition_es,
            note_en=term.definition_en,
        )
