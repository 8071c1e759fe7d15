"""The evidence at a glance, for the first page: one sentence on each theme, and a small evidence map.

It is counted once for each snapshot of the evidence and order of outcomes, and cached in memory: no index.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import ngettext

from search.criteria.evidence_address import TablePlace, evidence_list_url
from search.web.evidence import cell_text
from search.web.evidence.bank_answers import bank_input, opening_sentence
from search.web.evidence.by_theme import evaluations_url, open_theme
from search.web.evidence.sentences import Sentence
from studies.learning.answer_tables import list_priority_outcomes
from studies.store import evidence_snapshot as bank_evidence
from studies.store.vocabularies import TermView, Vocabularies
from studies.synthesis.evidence import FIGURES_GROUP, Evidence
from studies.synthesis.summary_of_findings import ComparatorGroup, SummaryInput, SummaryRow
from studies.synthesis.tables import Tally, Total, tabulate

ROWS_OF_A_THEME = 3

_Orders = Mapping[str, tuple[str, ...]]
"""The outcomes that come first, by theme."""


@dataclass(frozen=True, slots=True)
class ThemeFinding:
    """The evaluations of a theme, the address of their list, and one sentence; None if none is stated."""

    evaluations: int
    url: str
    sentence: Sentence | None


@dataclass(frozen=True, slots=True)
class GlanceCell:
    """A cell of the map. Screen readers read `spoken` after the number and its noun."""

    evaluations: int
    noun: str
    marks: tuple[cell_text.Mark, ...]
    spoken: str
    url: str


@dataclass(frozen=True, slots=True)
class GlanceRow:
    """An intervention with its cells; None for a cell without studies."""

    label: str
    url: str
    cells: tuple[GlanceCell | None, ...]


@dataclass(frozen=True, slots=True)
class GlanceGroup:
    """The interventions of a theme."""

    label: str
    rows: tuple[GlanceRow, ...]


@dataclass(frozen=True, slots=True)
class SmallMap:
    """The most evaluated interventions of each theme by groups of outcomes.

    `total` is that of the whole map. Of the `crossings` of its rows and columns, `empty` hold no study.
    """

    columns: tuple[str, ...]
    groups: tuple[GlanceGroup, ...]
    total: Total
    crossings: int
    empty: int


@dataclass(frozen=True, slots=True)
class Glance:
    """The findings on each theme, by its code, and the small map."""

    known: Mapping[str, ThemeFinding]
    map: SmallMap


def glance(vocabulary: Vocabularies, language: str) -> Glance:
    """Return the current evidence at a glance: a query for each theme, and after a change those of the snapshot."""
    orders = {term.code: list_priority_outcomes(term.code) for term in vocabulary.terms("themes")}
    counted = _counts_cache.get(bank_evidence.current(), vocabulary, orders)
    return Glance(
        known={code: _theme_finding(code, each, vocabulary, language) for code, each in counted.themes.items()},
        map=_small_map(counted, vocabulary, language),
    )


@dataclass(frozen=True, slots=True)
class _ThemeCounts:
    evaluations: int
    opening: tuple[ComparatorGroup, SummaryRow] | None
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _EvidenceCounts:
    """The slow part, the same for all languages."""

    themes: Mapping[str, _ThemeCounts]
    cells: Mapping[tuple[str, str], Tally]
    total: Total
    crossings: int
    empty: int

    @classmethod
    def of(cls, evidence: Evidence, vocabulary: Vocabularies, orders: _Orders) -> _EvidenceCounts:
        table = tabulate(evidence.studies.values(), evidence, "intervention", "outcome_group")
        crossings = [
            (row.code, column.code)
            for row in vocabulary.terms("interventions")
            for column in vocabulary.terms("outcome_groups")
        ]
        given = bank_input(evidence, vocabulary)
        totals = table.row_totals()
        themes = {
            code: _count_theme(code, replace(given, priority=order), totals, vocabulary)
            for code, order in orders.items()
        }
        shown = {code for theme in themes.values() for code in theme.rows}
        return cls(
            themes=themes,
            cells={place: cell for place, cell in table.cells.items() if place[0] in shown},
            total=table.total(),
            crossings=len(crossings),
            empty=sum(place not in table.cells for place in crossings),
        )


class _CountsCache:
    """Caches the counts of the last snapshot of the evidence, and of the last order of outcomes."""

    def __init__(self) -> None:
        self._last: tuple[Evidence, _Orders, _EvidenceCounts] | None = None

    def get(self, evidence: Evidence, vocabulary: Vocabularies, orders: _Orders) -> _EvidenceCounts:
        # Any change of studies or vocabularies makes a new snapshot, so the same object has the same counts.
        last = self._last
        if last is None or last[0] is not evidence or last[1] != orders:
            last = self._last = (evidence, orders, _EvidenceCounts.of(evidence, vocabulary, orders))
        return last[2]


_counts_cache = _CountsCache()


def _count_theme(code: str, given: SummaryInput, totals: Mapping[str, Total], vocabulary: Vocabularies) -> _ThemeCounts:
    own = [term.code for term in vocabulary.children("interventions", code)]
    own = [row for row in own if row in totals and totals[row].evaluations]
    own.sort(key=lambda row: -totals[row].evaluations)
    opening = open_theme(code, given, vocabulary)
    return _ThemeCounts(opening.evaluations, opening.row, tuple(own[:ROWS_OF_A_THEME]))


def _theme_finding(code: str, theme: _ThemeCounts, vocabulary: Vocabularies, language: str) -> ThemeFinding:
    return ThemeFinding(
        evaluations=theme.evaluations,
        url=evaluations_url(code),
        sentence=opening_sentence(*theme.opening, bank_evidence.current(), vocabulary, language)
        if theme.opening
        else None,
    )


def _small_map(counted: _EvidenceCounts, vocabulary: Vocabularies, language: str) -> SmallMap:
    columns = _columns(vocabulary)
    return SmallMap(
        columns=tuple(term.label(language) for term in columns),
        groups=tuple(_groups(counted, [term.code for term in columns], vocabulary, language)),
        total=counted.total,
        crossings=counted.crossings,
        empty=counted.empty,
    )


def _columns(vocabulary: Vocabularies) -> list[TermView]:
    """Return the groups of outcomes that can be effects: figures have no signs to show."""
    return [term for term in vocabulary.terms("outcome_groups") if term.code != FIGURES_GROUP]


def _groups(
    counted: _EvidenceCounts, columns: list[str], vocabulary: Vocabularies, language: str
) -> Iterator[GlanceGroup]:
    for theme, own in counted.themes.items():
        rows = tuple(
            GlanceRow(
                label=vocabulary.label("interventions", code, language),
                url=reverse("intervention", args=[code]),
                cells=tuple(_cell(counted, code, column, vocabulary, language) for column in columns),
            )
            for code in own.rows
        )
        if rows:
            yield GlanceGroup(vocabulary.label("themes", theme, language), rows)


def _cell(
    counted: _EvidenceCounts, row: str, column: str, vocabulary: Vocabularies, language: str
) -> GlanceCell | None:
    tally = counted.cells.get((row, column))
    if tally is None:
        return None
    marks = tuple(cell_text.effect_marks(tally, vocabulary, language))
    return GlanceCell(
        evaluations=tally.evaluations,
        noun=ngettext("evaluación", "evaluaciones", tally.evaluations),
        marks=marks,
        spoken=cell_text.spoken_text(marks),
        url=evidence_list_url("", TablePlace(row=row, column=column)),
    )
