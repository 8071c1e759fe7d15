"""A study as a card of a result list: labels in the page's language, highlights in title and summary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.urls import reverse

from search.highlight import highlight, snippet
from search.pages import Card, CardEffect
from search.sought import Sought
from studies.bilingual import Text, choose
from studies.citations import reference
from studies.citations.coins import context_object
from studies.citations.names import short_authors
from studies.exchange import to_bibliography
from studies.models import Vocabulary as Kind
from studies.web.numbers import format_number

if TYPE_CHECKING:
    from studies.models import Study
    from studies.vocabularies import TermView, Vocabularies

SUMMARY_LENGTH = 260
"""Letters of a summary: what two or three lines of a card need."""


def card(study: Study, sought: Sought, vocabulary: Vocabularies, language: str) -> Card:
    """Describe a study of `for_results`: no query."""
    terms = [vocabulary.by_id[row.term_id] for row in study.study_terms.all()]
    original = vocabulary.by_id[study.language_id].code if study.language_id else ""
    title = choose(study.title_es, study.title_en, language, original=study.title, original_language=original) or Text(
        study.slug, language, is_fallback=False
    )
    summary = choose(study.summary_es, study.summary_en, language)
    key_finding = choose(study.key_finding_es, study.key_finding_en, language)
    url = reverse("study", args=[study.slug])
    return Card(
        slug=study.slug,
        url=url,
        title=highlight(title.text, sought.within("title")),
        title_language=title.language,
        key_finding=key_finding,
        authors_short=short_authors(list(study.authorships.all()), language),
        year=study.year,
        container=study.container_title or study.publisher,
        design=next((term.label(language) for term in terms if term.vocabulary == Kind.DESIGNS), ""),
        countries=tuple(
            term.label(language) for term in _in_order(terms, vocabulary) if term.vocabulary == Kind.COUNTRIES
        ),
        sample=_sample(study, vocabulary, language),
        effects=tuple(_effects(study, vocabulary, language)),
        summary=snippet(summary.text, sought.within("summary"), SUMMARY_LENGTH) if summary else (),
        summary_language=summary.language if summary else language,
        text_language=_text_language(study, vocabulary, language),
        open_access=study.open_access,
        cite_url=f"{url}#citar",
        coins=context_object(reference(to_bibliography(study, vocabulary), language=language)),
    )


def _in_order(terms: Iterable[TermView], vocabulary: Vocabularies) -> list[TermView]:
    return sorted(terms, key=lambda term: vocabulary.order(term.id))


def _effects(study: Study, vocabulary: Vocabularies, language: str) -> Iterable[CardEffect]:
    """Group the findings by effect, in the order of the taxonomy; each outcome once per effect."""
    outcomes: dict[int, dict[str, None]] = {}
    for finding in study.findings.all():
        label = vocabulary.by_id[finding.outcome_id].label(language)
        outcomes.setdefault(finding.effect_id, {})[_lower_first(label)] = None
    for effect in vocabulary.terms(Kind.EFFECTS):
        if effect.id in outcomes:
            yield CardEffect(effect.code, effect.label(language), tuple(outcomes[effect.id]))


def _text_language(study: Study, vocabulary: Vocabularies, language: str) -> str:
    """Return the language of the publication as a sentence ends with it: small in Spanish, a capital in English."""
    if not study.language_id:
        return ""
    label = vocabulary.by_id[study.language_id].label(language)
    return label if language == "en" else label.lower()


def _sample(study: Study, vocabulary: Vocabularies, language: str) -> str:
    if study.sample_size is None:
        return ""
    size = format_number(study.sample_size, language)
    if not study.sample_unit_id:
        return size
    return f"{size} {sample_unit(vocabulary.by_id[study.sample_unit_id], study.sample_size, language)}"


def sample_unit(unit: TermView, size: int, language: str) -> str:
    """Return the noun of a sample in the number that goes with its size."""
    if size == 1 and language == "es":
        return str(unit.attributes.get("es_singular") or unit.es)
    return unit.label(language)


def _lower_first(label: str) -> str:
    # A label that begins with an acronym (VIH, IPV) keeps it.
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
