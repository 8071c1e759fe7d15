"""The lines of all interventions as a table shows them: the strip of estimates, words for their direction, counts.

The numbers are those of `studies.synthesis.intervention_line`, counted once for each version of the bank.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from search.criteria.evidence_address import TablePlace, evidence_list_url
from search.web.evidence import kept
from search.web.evidence.bank_answers import bank_input
from search.web.evidence.sentences import Sentence, mark_link, parse_sentence
from search.web.evidence.study_address import studies_url
from studies.learning.answer_tables import list_priority_outcomes
from studies.store import evidence_snapshot
from studies.store.vocabularies import TermView, Vocabularies
from studies.synthesis.direction import Movement
from studies.synthesis.evidence import Evidence, Scope
from studies.synthesis.intervention_line import STRIP, InterventionLine, ViolenceEffect, build_line
from studies.synthesis.nearness import NEARNESS_STEPS
from studies.synthesis.summary_of_findings import SummaryInput
from studies.text.numbers import format_number


@dataclass(frozen=True, slots=True)
class StripMark:
    """An estimate on the strip, as places of SVG ("51.2%"); `low` and `high` are "" without an interval."""

    x: str
    low: str = ""
    high: str = ""


@dataclass(frozen=True, slots=True)
class CountCell:
    """A number with the address of what it counts; "" for none."""

    number: int
    url: str


@dataclass(frozen=True, slots=True)
class InterventionRow:
    """The line of an intervention. `directions` and `size` are empty where no evaluation measures violence.

    `strip_words` says the strip to those who do not see it. `short_theme` is the theme in as few words as tell it from
    the others. `ratios` are the least and the greatest ratio, None without any; `with_ratio` evaluations give one.
    """

    code: str
    label: str
    url: str
    theme: str
    theme_label: str
    short_theme: str
    marks: tuple[StripMark, ...]
    strip_words: str
    directions: Sentence
    size: str
    ratios: tuple[float, float] | None
    with_ratio: int
    evaluations: CountCell
    randomised: CountCell
    with_interval: CountCell
    costs: CountCell
    harms: CountCell
    nearest: str
    violence: int
    nearness: int


def current_lines(vocabulary: Vocabularies) -> tuple[InterventionLine, ...]:
    """Return the lines of all interventions: one query, and after a change two more and those of the snapshot.

    They are built once for each version of the evidence and of the order of outcomes.
    """
    return _lines_cache.get(evidence_snapshot.current(), vocabulary, list_priority_outcomes())


def intervention_row(
    term: TermView, line: InterventionLine, vocabulary: Vocabularies, language: str, outcome: str = ""
) -> InterventionRow:
    """Return the row of an intervention; `outcome` is the one outcome of violence that its strip shows, "" for any."""
    effects = line.first_effects(outcome)
    theme = vocabulary.find("themes", term.parent or "")
    ratios = [ratio for effect in effects for ratio in effect.ratios]
    values = [ratio[0] for ratio in ratios]
    with_interval = [effect for effect in effects if effect.has_interval]
    query = urlencode({"intervention": term.code})
    nearest = min(line.nearness, default=len(NEARNESS_STEPS))
    return InterventionRow(
        code=term.code,
        label=term.label(language),
        url=reverse("intervention", args=[term.code]),
        theme=theme.code if theme else "",
        theme_label=theme.label(language) if theme else "",
        short_theme=_short_theme(theme, vocabulary, language) if theme else "",
        marks=tuple(_marks(ratios)),
        strip_words=_strip_words(ratios, language),
        directions=parse_sentence(_directions(effects, language)),
        size=_size(effects, language),
        ratios=(min(values), max(values)) if values else None,
        with_ratio=sum(bool(effect.ratios) for effect in effects),
        evaluations=CountCell(line.evaluations, evidence_list_url(query, TablePlace(kind="evaluation"))),
        randomised=CountCell(line.randomised, evidence_list_url(query, TablePlace(strength="randomised"))),
        with_interval=CountCell(len(with_interval), _url(effect.study for effect in with_interval)),
        costs=_count(line.costs),
        harms=_count(line.harms),
        nearest=_nearness_label(nearest),
        violence=len(effects),
        nearness=nearest,
    )


def place_on_strip(ratio: float) -> str:
    """Return the place of a ratio on the strip as SVG writes it, in any language; beyond the ends, that of the end."""
    return f"{STRIP.to_x(ratio)}%"


class _LinesCache:
    """Caches the lines of the last snapshot of the evidence, and of the last order of outcomes."""

    def __init__(self) -> None:
        self._last: tuple[Evidence, tuple[str, ...], tuple[InterventionLine, ...]] | None = None

    def get(
        self, evidence: Evidence, vocabulary: Vocabularies, priority: tuple[str, ...]
    ) -> tuple[InterventionLine, ...]:
        # Any change of studies or vocabularies makes a new snapshot, so the same object has the same lines.
        last = self._last
        if last is None or last[0] is not evidence or last[1] != priority:
            given = bank_input(evidence, vocabulary)
            lines = tuple(_keep_line(term.code, given, vocabulary) for term in vocabulary.terms("interventions"))
            last = self._last = (evidence, priority, lines)
        return last[2]


_lines_cache = _LinesCache()


def _keep_line(code: str, given: SummaryInput, vocabulary: Vocabularies) -> InterventionLine:
    """Return the line of an intervention, built anew only if one of its studies changed."""
    studies = given.evidence.of_intervention.get(code, ())
    keys = tuple(study.key for study in studies)
    key = "line", code, keys, given.priority, given.baselines, vocabulary
    own = replace(given, studies=studies, scope=Scope(frozenset({code})))
    return kept.keep(given.evidence, key, keys, lambda: build_line(code, own))


def _marks(ratios: Sequence[tuple[float, float | None, float | None]]) -> Iterator[StripMark]:
    for value, low, high in ratios:
        if STRIP.contains(value):
            bounds = () if low is None or high is None else (place_on_strip(low), place_on_strip(high))
            yield StripMark(place_on_strip(value), *bounds)


def _strip_words(ratios: Sequence[tuple[float, float | None, float | None]], language: str) -> str:
    """Return each estimate with its interval, in the order of size."""
    told = []
    for value, low, high in sorted(ratios, key=lambda ratio: ratio[0]):
        text = format_number(value, language)
        if low is not None and high is not None:
            values = {"value": text, "low": format_number(low, language), "high": format_number(high, language)}
            text = _("%(value)s (de %(low)s a %(high)s)") % values
        told.append(text)
    return "; ".join(told)


def _directions(effects: Sequence[ViolenceEffect], language: str) -> str:
    """Return how many evaluations point which way, whatever their significance, each number with its studies."""
    names = {
        Movement.LESS: pgettext("violencia", "menos %(number)s"),
        Movement.MORE: pgettext("violencia", "más %(number)s"),
        Movement.NO_DIFFERENCE: pgettext("violencia", "sin dif. %(number)s"),
        Movement.MOVED: pgettext("violencia", "sin dirección %(number)s"),
        Movement.MIXED: pgettext("violencia", "mixta %(number)s"),
        None: pgettext("violencia", "distinta %(number)s"),
    }
    parts = []
    for movement, pattern in names.items():
        own = [effect.study for effect in effects if effect.movement is movement]
        if own:
            # A word and its number do not part at the end of a line.
            pattern = pattern.replace(" ", "\N{NO-BREAK SPACE}")
            parts.append(pattern % {"number": mark_link(format_number(len(own), language), _url(own))})
    return " · ".join(parts) + _elsewhere(effects, language)


def _elsewhere(effects: Sequence[ViolenceEffect], language: str) -> str:
    """Return in how many evaluations only other findings on violence point to less or to more; "" for none."""
    names = {
        Movement.LESS: pgettext("violencia", "menos %(number)s"),
        Movement.MORE: pgettext("violencia", "más %(number)s"),
    }
    parts = []
    for movement, pattern in names.items():
        own = [effect.elsewhere[movement] for effect in effects if movement in effect.elsewhere]
        if own:
            number = mark_link(format_number(len(own), language), _url(own))
            parts.append(pattern.replace(" ", "\N{NO-BREAK SPACE}") % {"number": number})
    return "; " + _("otros hall.: %(changes)s") % {"changes": ", ".join(parts)} if parts else ""


def _size(effects: Sequence[ViolenceEffect], language: str) -> str:
    """Return the range of the ratios and how many of the evaluations give one; "" without an evaluation of violence."""
    if not effects:
        return ""
    values = [ratio[0] for effect in effects for ratio in effect.ratios]
    all_ = format_number(len(effects), language)
    if not values:
        return ngettext("%(all)s con otra medida", "%(all)s con otra medida", len(effects)) % {"all": all_}
    low, high = (format_number(value, language) for value in (min(values), max(values)))
    given = format_number(sum(bool(effect.ratios) for effect in effects), language)
    if low == high:
        return _("%(low)s (%(given)s de %(all)s)") % {"low": low, "given": given, "all": all_}
    return _("%(low)s\N{EN DASH}%(high)s (%(given)s de %(all)s)") % {
        "low": low,
        "high": high,
        "given": given,
        "all": all_,
    }


def _short_theme(theme: TermView, vocabulary: Vocabularies, language: str) -> str:
    """Return the label up to its first " de " ("Atención de la violencia"), or all of it where that names two themes.

    A line has no room for more; files and the head of a group have the whole label.
    """
    heads = [each.label(language).partition(" de ")[0] for each in vocabulary.terms("themes")]
    head = theme.label(language).partition(" de ")[0]
    return head if heads.count(head) == 1 else theme.label(language)


def _count(studies: Sequence[str]) -> CountCell:
    return CountCell(len(studies), _url(studies))


def _url(studies: Iterator[str] | Sequence[str]) -> str:
    own = tuple(dict.fromkeys(studies))
    return studies_url(own) if own else ""


def _nearness_label(step: int) -> str:
    """Return how near the nearest evaluation is to Peru, in as few letters as a column has."""
    labels = {
        "peru": _("Perú"),
        "andean": pgettext("países", "Andinos"),
        "latin-america": pgettext("países", "A. Latina"),
        "poorer": pgettext("países", "Otros"),
        "richer": pgettext("países", "Otros"),
        "unknown": _("Sin dato"),
    }
    return labels[NEARNESS_STEPS[step]] if step < len(NEARNESS_STEPS) else ""
