"""Small view models that many pages print: a study in two lines, a programme, a question, names and samples.

They take rows that were read and return texts in the page's language. No query.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from studies.citations.names import AuthorName, format_short_authors, join_with_and
from studies.learning.programmes import list_organisations
from studies.models import Study
from studies.store.vocabularies import Vocabularies
from studies.text.bilingual import LocalizedText, choose_text
from studies.text.institutions import institution_name
from studies.text.numbers import format_number
from studies.text.richtext import clean_html
from studies.web.shared.learning_cycle import StageView, stage_view

if TYPE_CHECKING:
    from studies.models import Evaluation, PolicyQuestion, Programme


@dataclass(frozen=True, slots=True)
class RichText:
    """A text with paragraphs and links, cleaned, in its language."""

    html: SafeString
    language: str


@dataclass(frozen=True, slots=True)
class StudyLine:
    """A study in two lines: its title, and `meta` (see `study_line`)."""

    url: str
    title: LocalizedText
    meta: str


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A policy question in a list."""

    row: PolicyQuestion
    text: LocalizedText | None


@dataclass(frozen=True, slots=True)
class ProgrammeLine:
    """A programme with its countries and its place in the learning cycle."""

    row: Programme
    name: str
    places: str
    stage: StageView


def study_line(study: Study, vocabulary: Vocabularies, language: str) -> StudyLine:
    """Return a study of `for_results` in two lines: title, then authors, year, countries, main design."""
    terms = [vocabulary.by_id[row.term_id] for row in study.study_terms.all()]
    countries = [term.label(language) for term in terms if term.vocabulary == "countries"]
    places = _("Varios países") if len(countries) > 3 or not countries else join_with_and(countries, language)
    design = next((term.label(language) for term in terms if term.vocabulary == "designs"), "")
    meta = [format_short_authors(list(study.authorships.all()), language), str(study.year or ""), places, design]
    return StudyLine(
        url=reverse("study", args=[study.slug]),
        title=title_of(study, vocabulary, language),
        meta=" · ".join(part for part in meta if part),
    )


def question_line(row: PolicyQuestion, language: str) -> QuestionLine:
    """Return a policy question as lists print it."""
    return QuestionLine(row, choose_text(row.question_es, row.question_en, language))


def programme_line(programme: Programme, vocabulary: Vocabularies, language: str) -> ProgrammeLine:
    """Return a public programme as lists print it; its countries have to be read with it."""
    places = [vocabulary.by_id[term.pk].label(language) for term in programme.countries.all()]
    return ProgrammeLine(
        programme, name_of(programme, language), join_with_and(places, language), stage_view(programme.stage)
    )


def title_of(study: Study, vocabulary: Vocabularies, language: str) -> LocalizedText:
    """Return the title in the page's language, else the original; the slug of a study without any title."""
    original_language = vocabulary.by_id[study.language_id].code if study.language_id else ""
    title = choose_text(
        study.title_es, study.title_en, language, original=study.title, original_language=original_language
    )
    return title or LocalizedText(study.slug, language, is_fallback=False)


def sample_text(size: int | None, unit: str | None, vocabulary: Vocabularies, language: str) -> str:
    """Return the size of a sample with its noun: "2 532 personas"; "" if it is not stated."""
    if size is None:
        return ""
    number = format_number(size, language)
    if not unit:
        return number
    term = vocabulary.term("sample_units", unit)
    noun = term.attributes.get("es_singular") or term.es if size == 1 and language == "es" else term.label(language)
    return f"{number} {noun}"


def name_of(row: Programme | Evaluation, language: str) -> str:
    """Return the name in the page's language."""
    return row.name_en if language == "en" else row.name_es


def organisation_names(programme: Programme, language: str) -> tuple[str, ...]:
    """Return the names of the organisations that run a programme, as one table of institutions has them."""
    return tuple(institution_name(name, language) for name in list_organisations(programme))


def authors_and_year(authors: Sequence[AuthorName], year: int | None, language: str) -> str:
    """Return a study's name as a text cites it, "Díaz y Saldarriaga, 2022"; "" if the record has neither."""
    return ", ".join(filter(None, [format_short_authors(authors, language), str(year or "")]))


def rich_text(es: str, en: str, language: str) -> RichText | None:
    """Return the text that `choose` chooses as clean HTML; None if there is none."""
    text = choose_text(es, en, language)
    return RichText(clean_html(text.text), text.language) if text else None


def opening_sentence(description: LocalizedText) -> LocalizedText:
    """Return the first sentence of a description as plain text."""
    plain = re.sub(r"<[^>]*>", " ", description.text)
    # Only before a capital letter: the full stop of an abbreviation ends no sentence.
    first = re.split(r"(?<=[.!?])\s+(?=[A-ZÁÉÍÓÚÑ¿¡])", plain.strip(), maxsplit=1)[0]
    return LocalizedText(" ".join(first.split()), description.language, description.is_fallback)
