"""Small parts that many pages print: links, facts, sources, a study in two lines.

Rows come in, finished texts in the page's language go out. No query.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from django.urls import reverse
from django.utils.translation import gettext as _

from studies.citations.names import listing, short_authors
from studies.models import Source, Study
from studies.records.study import SourceRecord
from studies.store.vocabularies import Vocabularies
from studies.text.bilingual import Text, choose
from studies.text.numbers import format_number
from studies.web.shared.learning_cycle import StageView, stage_view

if TYPE_CHECKING:
    from studies.models import PolicyQuestion, Programme


@dataclass(frozen=True, slots=True)
class Link:
    """A label with an address, which may be empty."""

    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and its values, printed in one line."""

    label: str
    values: tuple[Link, ...]
    separator: str = ";"


@dataclass(frozen=True, slots=True)
class SourceLink:
    """A page where facts were read: its host as a name, and what it supports in words."""

    url: str
    name: str
    supports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StudyLine:
    """Another study, in two lines."""

    url: str
    title: Text
    meta: str


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A policy question with the day when its answer was reviewed."""

    url: str
    text: Text | None
    reviewed_on: datetime.date | None


@dataclass(frozen=True, slots=True)
class ProgrammeLine:
    """A programme with its place in the learning cycle."""

    url: str
    name: str
    places: str
    stage: StageView


def study_line(study: Study, vocabulary: Vocabularies, language: str) -> StudyLine:
    """Write a study of `for_results` in two lines: title, then authors, year, countries, main design."""
    terms = [vocabulary.by_id[row.term_id] for row in study.study_terms.all()]
    countries = [term.label(language) for term in terms if term.vocabulary == "countries"]
    places = _("Varios países") if len(countries) > 3 or not countries else listing(countries, language)
    design = next((term.label(language) for term in terms if term.vocabulary == "designs"), "")
    meta = [short_authors(list(study.authorships.all()), language), str(study.year or ""), places, design]
    return StudyLine(
        url=reverse("study", args=[study.slug]),
        title=title_of(study, vocabulary, language),
        meta=" · ".join(part for part in meta if part),
    )


def question_line(row: PolicyQuestion, language: str) -> QuestionLine:
    """Name a policy question."""
    text = choose(row.question_es, row.question_en, language)
    return QuestionLine(reverse("question", args=[row.slug]), text, row.reviewed_on)


def programme_line(programme: Programme, vocabulary: Vocabularies, language: str) -> ProgrammeLine:
    """Name a public programme, with the countries that were read with it."""
    places = [vocabulary.by_id[term.pk].label(language) for term in programme.countries.all()]
    return ProgrammeLine(
        url=programme_url(programme),
        name=programme_name(programme, language),
        places=listing(places, language) if places else "",
        stage=stage_view(programme.stage),
    )


def title_of(study: Study, vocabulary: Vocabularies, language: str) -> Text:
    """Choose the title: the page's language, else the original."""
    original_language = vocabulary.by_id[study.language_id].code if study.language_id else ""
    title = choose(study.title_es, study.title_en, language, original=study.title, original_language=original_language)
    return title or Text(study.slug, language, is_fallback=False)


def sample_text(size: int | None, unit: str | None, vocabulary: Vocabularies, language: str) -> str:
    """Write the size of a sample with its noun: "2 532 personas"; empty where it is not stated."""
    if size is None:
        return ""
    number = format_number(size, language)
    if not unit:
        return number
    term = vocabulary.term("sample_units", unit)
    noun = term.attributes.get("es_singular") or term.es if size == 1 and language == "es" else term.label(language)
    return f"{number} {noun}"


def programme_name(programme: Programme, language: str) -> str:
    """Give the programme's name in the page's language."""
    return programme.name_en if language == "en" else programme.name_es


def programme_url(programme: Programme) -> str:
    """Give the address of a programme's page, empty where it is not public."""
    return reverse("programme", args=[programme.slug]) if programme.is_published else ""


def source_link(source: SourceRecord) -> SourceLink:
    """Name a source by its host, and say in words what it supports."""
    supports = tuple(str(Source.Supports(kind).label) for kind in source.supports if kind in Source.Supports.values)
    return SourceLink(source.url, host(source.url), supports)


def host(url: str) -> str:
    """Give the host of an address without "www."."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def search_url(parameter: str, code: str) -> str:
    """Give the address of the list that one criterion defines."""
    return f"{reverse('search')}?{urlencode({parameter: code})}"


def anchor(vocabulary: str, code: str) -> str:
    """Name the place of a term on the glossary page: letters, digits and hyphens only."""
    return f"{vocabulary}-{code.replace(' ', '-').lower()}"


def opening_sentence(description: Text) -> Text:
    """Give the first sentence of a description, as plain text."""
    plain = re.sub(r"<[^>]*>", " ", description.text)
    first = re.split(r"(?<=[.!?])\s+(?=[A-ZÁÉÍÓÚÑ¿¡])", plain.strip(), maxsplit=1)[0]
    return Text(" ".join(first.split()), description.language, description.is_fallback)
