"""The view model of the harvest plot, and of the table with the same numbers: evaluations by outcome and effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from search.criteria.evidence_address import TablePlace
from search.web.evidence.sentences import PlaceUrl
from studies.store.vocabularies import Vocabularies
from studies.synthesis.evidence import ANY_ESTIMATED, ESTIMATED, NOT_ESTIMATED, Evidence
from studies.synthesis.harvest_plot import COLUMNS, HarvestPlot, HarvestRow, build_harvest_plot
from studies.synthesis.tables import Tally
from studies.text.numbers import MINUS


@dataclass(frozen=True, slots=True)
class EffectHead:
    """An effect as the head of its bars; x in per cent, as text."""

    code: str
    sign: str
    label: str
    x: str


@dataclass(frozen=True, slots=True)
class HarvestRowView:
    """A row of the plot with the name of its outcome; the x of each group as text."""

    label: str
    row: HarvestRow
    groups: tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class HarvestCount:
    """A number of evaluations and the list behind it."""

    label: str
    number: int
    url: str


@dataclass(frozen=True, slots=True)
class HarvestTableRow:
    """An outcome with its evaluations by effect. `randomised` and `alone` count those among the `estimated`."""

    outcome: str
    counts: tuple[HarvestCount, ...]
    estimated: HarvestCount
    randomised: HarvestCount
    alone: HarvestCount


@dataclass(frozen=True, slots=True)
class HarvestView:
    """The plot and its table."""

    plot: HarvestPlot
    heads: tuple[EffectHead, ...]
    rows: tuple[HarvestRowView, ...]
    table_heads: tuple[str, ...]
    table: tuple[HarvestTableRow, ...]

    @property
    def evaluations(self) -> int:
        """The number of bars that the plot shows: an evaluation has one for each outcome."""
        return sum(row.estimated.number for row in self.table)


def harvest_view(
    tallies: Mapping[str, Tally],
    outcomes: tuple[str, ...],
    evidence: Evidence,
    vocabulary: Vocabularies,
    language: str,
    address: PlaceUrl,
) -> HarvestView:
    """Return plot and table of the tallies by outcome. `outcomes` are those to show, in order."""
    plot = build_harvest_plot(tallies, outcomes, evidence)
    labels = {term.code: term.label(language) for term in vocabulary.terms("effects")}
    shown = (*COLUMNS, NOT_ESTIMATED)

    def count(outcome: str, tally: Tally, label: str, **chosen: str) -> HarvestCount:
        place = TablePlace(columns="outcome", column=outcome, **chosen)
        found = tally.select_evaluations(evidence, effect=place.shows, design=place.strength, tested=place.tested)
        return HarvestCount(label, len(found), address(place))

    return HarvestView(
        plot=plot,
        heads=tuple(EffectHead(code, _SIGNS[code], labels.get(code, code), f"{COLUMNS[code]}%") for code in COLUMNS),
        rows=tuple(
            HarvestRowView(
                vocabulary.label("outcomes", row.outcome, language),
                row,
                tuple((f"{group.x}%", group) for group in row.groups),
            )
            for row in plot.rows
        ),
        table_heads=tuple(labels.get(code, code) for code in shown),
        table=tuple(
            HarvestTableRow(
                outcome=vocabulary.label("outcomes", code, language),
                counts=tuple(count(code, tallies[code], labels.get(effect, effect), shows=effect) for effect in shown),
                estimated=count(code, tallies[code], "", shows=ANY_ESTIMATED),
                randomised=count(code, tallies[code], "", shows=ANY_ESTIMATED, strength="randomised"),
                alone=count(code, tallies[code], "", shows=ANY_ESTIMATED, tested="alone"),
            )
            for code in outcomes
        ),
    )


_SIGNS = {"unfavourable": MINUS, "no-effect": "○", "mixed": "±", "ambiguous": "~", "favourable": "+"}
assert set(COLUMNS) == set(ESTIMATED) == set(_SIGNS)
