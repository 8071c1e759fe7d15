"""The view model of the glossary: the vocabularies that describe studies, with their definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studies.models import Vocabulary
from studies.models.vocabulary import PARENT_OF
from studies.store.vocabularies import TermView, Vocabularies
from studies.web.shared.links import glossary_anchor

VOCABULARIES = (
    Vocabulary.THEMES,
    Vocabulary.INTERVENTIONS,
    Vocabulary.ROLES,
    Vocabulary.EXPOSURES,
    Vocabulary.DATA_SOURCES,
    Vocabulary.OUTCOMES,
    Vocabulary.EFFECTS,
    Vocabulary.DESIGNS,
    Vocabulary.RISK_OF_BIAS,
    Vocabulary.POPULATIONS,
    Vocabulary.SETTINGS,
    Vocabulary.COMPARATORS,
    Vocabulary.REPORTERS,
    Vocabulary.HARMS,
    Vocabulary.MEASURES,
    Vocabulary.TYPES,
    Vocabulary.STATUSES,
    Vocabulary.REGIONS,
)
"""The vocabularies whose terms need a definition. Countries, languages and units do not."""


@dataclass(frozen=True, slots=True)
class GlossaryEntry:
    anchor: str
    label: str
    definition: str


@dataclass(frozen=True, slots=True)
class GlossaryGroup:
    """Terms under the term that groups them; without a label where nothing does."""

    label: str
    definition: str
    terms: tuple[GlossaryEntry, ...]


@dataclass(frozen=True, slots=True)
class GlossarySection:
    code: str
    label: str
    groups: tuple[GlossaryGroup, ...]


def glossary_page(vocabulary: Vocabularies, language: str) -> tuple[GlossarySection, ...]:
    """Return the vocabularies, their terms grouped as a reader meets them in the filters."""
    return tuple(
        GlossarySection(name.value, str(name.label), tuple(_groups(vocabulary, name, language)))
        for name in VOCABULARIES
    )


def _groups(vocabulary: Vocabularies, name: Vocabulary, language: str) -> list[GlossaryGroup]:
    parents = PARENT_OF.get(name)
    if parents is None:
        return [GlossaryGroup("", "", _entries(vocabulary.terms(name), language))]
    return [
        GlossaryGroup(parent.label(language), parent.definition(language), _entries(terms, language))
        for parent in vocabulary.terms(parents)
        if (terms := vocabulary.children(name, parent.code))
    ]


def _entries(terms: Sequence[TermView], language: str) -> tuple[GlossaryEntry, ...]:
    return tuple(
        GlossaryEntry(glossary_anchor(term.vocabulary, term.code), term.label(language), term.definition(language))
        for term in terms
    )
