"""A study as a card of a result list: labels in the page's language, highlights in title and summary.

Each process caches the part of a card that does not depend on the query. The key holds all that this part does depend
on: change number and time of the study, number of the vocabulary, language. So no cached card is ever stale.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from search.query.highlight import cut_snippet, highlight
from search.query.matcher import TextMatcher
from search.web.shared.view_models import Card, CardEffect
from studies.citations.coins import format_context_object
from studies.citations.names import format_short_authors
from studies.citations.reference import make_reference
from studies.models import Study
from studies.models import Vocabulary as Kind
from studies.store.exchange.study import to_bibliographic_record
from studies.synthesis.evidence import NOT_ESTIMATED
from studies.text.bilingual import LocalizedText, choose_text
from studies.text.normalize import lower_first
from studies.web.shared.components import sample_text, title_of
from studies.web.shared.service_data import service_data_text

if TYPE_CHECKING:
    from collections.abc import Hashable

    from studies.store.vocabularies import TermView, Vocabularies

SUMMARY_LENGTH = 260
"""Letters of a summary: what two or three lines of a card need."""


CACHED_CARDS = 700
"""Cards that a process caches, those used last: about five kilobytes each."""


@dataclass(frozen=True, slots=True)
class _BaseCard:
    """The part of a card that no query changes. `card` lacks title and summary, which are kept whole to be marked."""

    card: Card
    title: LocalizedText
    summary: LocalizedText | None


class _CardCache:
    """The base cards of a process; the least recently used are dropped. Threads share it."""

    def __init__(self) -> None:
        self._cards: OrderedDict[Hashable, _BaseCard] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, state: Hashable) -> _BaseCard | None:
        with self._lock:
            base = self._cards.get(state)
            if base is not None:
                self._cards.move_to_end(state)
            return base

    def put(self, state: Hashable, base: _BaseCard) -> None:
        with self._lock:
            self._cards[state] = base
            while len(self._cards) > CACHED_CARDS:
                self._cards.popitem(last=False)


_card_cache = _CardCache()


def build_cards(
    studies: Sequence[Study], sought: TextMatcher, vocabulary: Vocabularies, language: str
) -> tuple[Card, ...]:
    """Return the cards of published studies of `for_cards`, in order: four queries for those that are not cached."""
    states = {
        study.pk: (study.pk, study.changed_no, study.updated_at, vocabulary.number, language) for study in studies
    }
    base = {key: kept for key, state in states.items() if (kept := _card_cache.get(state))}
    missing = [key for key in states if key not in base]
    # Even a query that is never made costs half a millisecond to describe.
    for study in Study.objects.for_results().in_order_of(missing) if missing else ():
        base[study.pk] = _build_base_card(study, vocabulary, language)
        # Under its state of now: it may have changed since `studies` were read.
        _card_cache.put((study.pk, study.changed_no, study.updated_at, vocabulary.number, language), base[study.pk])
    return tuple(_add_highlights(base[study.pk], sought) for study in studies if study.pk in base)


def _add_highlights(base: _BaseCard, sought: TextMatcher) -> Card:
    summary = base.summary
    return replace(
        base.card,
        title=highlight(base.title.text, sought.restrict_to("title")),
        summary=cut_snippet(summary.text, sought.restrict_to("summary"), SUMMARY_LENGTH) if summary else (),
    )


def _build_base_card(study: Study, vocabulary: Vocabularies, language: str) -> _BaseCard:
    terms = [vocabulary.by_id[row.term_id] for row in study.study_terms.all()]
    in_order = _in_vocabulary_order(terms, vocabulary)
    title = title_of(study, vocabulary, language)
    summary = choose_text(study.summary_es, study.summary_en, language)
    unit = vocabulary.by_id[study.sample_unit_id].code if study.sample_unit_id else None
    url = reverse("study", args=[study.slug])
    described = Card(
        slug=study.slug,
        url=url,
        title=(),
        title_language=title.language,
        key_finding=choose_text(study.key_finding_es, study.key_finding_en, language),
        authors_short=format_short_authors(list(study.authorships.all()), language),
        year=study.year,
        container=study.container_title or study.publisher,
        design=next((term.label(language) for term in terms if term.vocabulary == Kind.DESIGNS), ""),
        countries=tuple(term.label(language) for term in in_order if term.vocabulary == Kind.COUNTRIES),
        sample=sample_text(study.sample_size, unit, vocabulary, language),
        effects=tuple(_effects(study, vocabulary, language)),
        summary=(),
        summary_language=summary.language if summary else language,
        text_language=_text_language(study, vocabulary, language),
        open_access=study.open_access,
        cite_url=f"{url}#citar",
        coins=format_context_object(make_reference(to_bibliographic_record(study, vocabulary), language=language)),
        data_only=service_data_text(
            [term.code for term in terms if term.vocabulary == Kind.INTERVENTIONS],
            [term.code for term in in_order if term.vocabulary == Kind.DATA_SOURCES],
            vocabulary,
            language,
        ),
    )
    return _BaseCard(described, title, summary)


def _in_vocabulary_order(terms: Iterable[TermView], vocabulary: Vocabularies) -> list[TermView]:
    return sorted(terms, key=lambda term: vocabulary.order(term.id))


def _effects(study: Study, vocabulary: Vocabularies, language: str) -> Iterable[CardEffect]:
    """Group the findings by effect, in the order of the taxonomy; each outcome once per effect.

    What the study cannot tell is a group of its own: "no detectable effect" would say more than it found. So are, and
    last, effects of what nobody offered as a programme: a reader could take them for those of the intervention.
    """
    outcomes: dict[tuple[bool, int, bool], dict[str, None]] = {}
    for finding in study.findings.all():
        label = vocabulary.by_id[finding.outcome_id].label(language)
        is_estimated = vocabulary.by_id[finding.effect_id].code != NOT_ESTIMATED
        is_apart = is_estimated and not finding.is_on_intervention  # type: ignore[attr-defined]  # of `for_results`
        outcomes.setdefault((is_apart, finding.effect_id, bool(finding.inconclusive)), {})[lower_first(label)] = None
    for is_apart, effect, is_inconclusive in product((False, True), vocabulary.terms(Kind.EFFECTS), (False, True)):
        if named := outcomes.get((is_apart, effect.id, is_inconclusive)):
            word = _("No concluye") if is_inconclusive else effect.label(language)
            yield CardEffect(effect.code, word, tuple(named), is_apart)


def _text_language(study: Study, vocabulary: Vocabularies, language: str) -> str:
    """Return the language of the publication as a sentence ends with it: small in Spanish, a capital in English."""
    if not study.language_id:
        return ""
    label = vocabulary.by_id[study.language_id].label(language)
    return label if language == "en" else label.lower()
