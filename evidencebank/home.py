"""The view model of the first page. Counts of studies come from `bank_counts`, findings from `glance`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from evidencebank.glance import SmallMap, ThemeFinding, glance
from search.web.shared.list_address import list_address
from studies.learning.programmes import CYCLE, UNDER_STUDY, is_own
from studies.models import Programme
from studies.store import vocabularies
from studies.store.vocabularies import TermView, Vocabularies
from studies.text.bilingual import LocalizedText, choose_text
from studies.web.shared import queries
from studies.web.shared.bank_counts import PERU, StudyCounts, study_counts
from studies.web.shared.components import (
    ProgrammeLine,
    StudyLine,
    name_of,
    opening_sentence,
    organisation_names,
    programme_line,
    study_line,
)
from studies.web.shared.links import Link, PageTerms, TermMeaning

INTERVENTIONS_SHOWN = 4
NEWEST_SHOWN = 5
PROGRAMMES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class InterventionCount:
    label: str
    url: str
    studies: int


@dataclass(frozen=True, slots=True)
class ThemeCard:
    """A theme with its studies, its finding, and its most studied interventions; `url` is its page."""

    code: str
    label: str
    definition: str
    url: str
    studies: int
    studies_url: str
    known: ThemeFinding
    rows: tuple[InterventionCount, ...]


@dataclass(frozen=True, slots=True)
class ProgrammeCard:
    """A programme between evidence and evaluation, with the first sentence of its description."""

    line: ProgrammeLine
    organisations: str
    description: LocalizedText | None


@dataclass(frozen=True, slots=True)
class Home:
    """All that the first page prints."""

    studies: int
    countries: int
    peru: int
    examples: tuple[Link, ...]
    themes: tuple[ThemeCard, ...]
    map: SmallMap
    newest: tuple[StudyLine, ...]
    programmes: tuple[ProgrammeCard, ...]
    effects: tuple[TermMeaning, ...]


def home_page(language: str) -> Home:
    """Return the view model of the first page: nine queries, after a change three more and those of the snapshot."""
    vocabulary = vocabularies.current()
    counts = study_counts()
    seen = glance(vocabulary, language)
    examples = (_("transferencias"), _("trabajo con hombres"), _("medidas de protección"))
    return Home(
        studies=counts.studies,
        countries=len(counts.countries),
        peru=counts.peru,
        examples=tuple(Link(words, list_address(q=words)) for words in examples),
        themes=tuple(
            _theme_card(term, vocabulary, counts, seen.known[term.code], language)
            for term in vocabulary.terms("themes")
        ),
        map=seen.map,
        newest=tuple(study_line(study, vocabulary, language) for study in queries.newest_studies(NEWEST_SHOWN)),
        programmes=tuple(
            _programme_card(each, vocabulary, language) for each in _under_study(language)[:PROGRAMMES_SHOWN]
        ),
        effects=effect_meanings(vocabulary, language),
    )


def effect_meanings(vocabulary: Vocabularies, language: str) -> tuple[TermMeaning, ...]:
    """Return the effects with their definitions, in the order of the vocabulary."""
    return term_meanings("effects", vocabulary, language)


def term_meanings(kind: str, vocabulary: Vocabularies, language: str) -> tuple[TermMeaning, ...]:
    """Return the terms of a vocabulary with their definitions, in its order."""
    terms = PageTerms(vocabulary, language)
    return tuple(terms.meaning(kind, term.code) for term in vocabulary.terms(kind))


def _theme_card(
    term: TermView, vocabulary: Vocabularies, counts: StudyCounts, known: ThemeFinding, language: str
) -> ThemeCard:
    rows = [
        InterventionCount(
            each.label(language), list_address(intervention=each.code), counts.of_intervention(each.code).studies
        )
        for each in vocabulary.children("interventions", term.code)
    ]
    rows.sort(key=lambda row: -row.studies)
    return ThemeCard(
        code=term.code,
        label=term.label(language),
        definition=_before_list(term.definition(language)),
        url=reverse("theme", args=[term.code]),
        studies=counts.of_theme(term.code).studies,
        studies_url=list_address(theme=term.code),
        known=known,
        rows=tuple(row for row in rows[:INTERVENTIONS_SHOWN] if row.studies),
    )


def _under_study(language: str) -> list[Programme]:
    """Return the programmes between evidence and evaluation: those of the bank's makers first, then Peru's."""

    def place(programme: Programme) -> tuple[bool, bool, int, str]:
        is_peruvian = any(country.code == PERU for country in programme.countries.all())
        name = name_of(programme, language).casefold()
        return not is_own(programme), not is_peruvian, -CYCLE.index(programme.stage), name

    return sorted(queries.programmes_at(UNDER_STUDY), key=place)


def _programme_card(programme: Programme, vocabulary: Vocabularies, language: str) -> ProgrammeCard:
    text = choose_text(programme.description_es, programme.description_en, language)
    return ProgrammeCard(
        programme_line(programme, vocabulary, language),
        ", ".join(organisation_names(programme, language)),
        opening_sentence(text) if text else None,
    )


def _before_list(definition: str) -> str:
    """Return the beginning of a definition, up to its first colon or full stop."""
    opening = re.split(r"[:.]", definition, maxsplit=1)[0]
    return f"{opening}." if opening else ""
