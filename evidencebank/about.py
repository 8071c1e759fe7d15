"""The view model of the page on the bank and its method: the rules and tables by which answers are made."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from evidencebank.home import effect_meanings
from search.web.evidence.answer_rules import list_choice_rules, list_sentence_rules
from search.web.evidence.passed_over_text import MOST_NAMED
from studies.learning.answer_tables import BaselineView, read_baselines
from studies.models import Baseline
from studies.store.vocabularies import Vocabularies
from studies.synthesis.comparators import COMPARATOR_KINDS
from studies.text.numbers import format_number, format_percent
from studies.web.shared.links import TermMeaning


@dataclass(frozen=True, slots=True)
class ComparatorKindRow:
    """A kind of comparator and the labels of what is of that kind."""

    name: str
    comparators: str


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """How frequent an outcome is, from which "of 1,000 women" may be computed. `forms` "": the outcome is of one."""

    outcome: str
    forms: str
    window: str
    percent: str
    year: int
    asked: str
    source: str
    url: str
    is_from_press: bool


@dataclass(frozen=True, slots=True)
class AboutPage:
    """What the page shows beside its text. Sentences are (rule, example); an answer names at most `most_named`."""

    effects: tuple[TermMeaning, ...]
    choice_rules: tuple[str, ...]
    sentence_rules: tuple[tuple[str, str], ...]
    most_named: str
    baselines: tuple[BaselineRow, ...]
    comparator_kinds: tuple[ComparatorKindRow, ...]


def about_page(vocabulary: Vocabularies, language: str) -> AboutPage:
    """Return the page in "es" or "en": one query."""
    return AboutPage(
        effects=effect_meanings(vocabulary, language),
        choice_rules=list_choice_rules(),
        sentence_rules=list_sentence_rules(),
        most_named=format_number(MOST_NAMED, language),
        baselines=_list_baselines(vocabulary, language),
        comparator_kinds=_list_comparator_kinds(vocabulary, language),
    )


def _list_comparator_kinds(vocabulary: Vocabularies, language: str) -> tuple[ComparatorKindRow, ...]:
    return tuple(
        ComparatorKindRow(
            name=name[:1].upper() + name[1:],
            comparators="; ".join(vocabulary.label("comparators", code, language) for code in kind.comparators),
        )
        for kind in COMPARATOR_KINDS
        for name in (_(kind.name),)
    )


def _list_baselines(vocabulary: Vocabularies, language: str) -> tuple[BaselineRow, ...]:
    place = {term.code: number for number, term in enumerate(vocabulary.terms("outcomes"))}

    def order(each: BaselineView) -> tuple[int, str, str]:
        return place.get(each.outcome, len(place)), each.form, each.window

    return tuple(
        BaselineRow(
            outcome=vocabulary.label("outcomes", each.outcome, language),
            forms=str(Baseline.Form(each.form).label) if each.form else "",
            window=str(Baseline.Window(each.window).label),
            percent=format_percent(each.percent, language),
            year=each.year,
            asked=each.asked(language),
            source=each.source_name,
            url=each.url,
            is_from_press=each.is_from_press,
        )
        for each in sorted(read_baselines().values(), key=order)
    )
