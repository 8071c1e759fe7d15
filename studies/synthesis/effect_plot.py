"""The layout of effects by outcome: below one another, panels with an axis each. Pure; words are the template's.

x is in per cent of the width and y in pixels, within a panel. Every estimate has a line of its own, without its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from studies.synthesis.arms import RISKS
from studies.synthesis.axis import Axis, AxisSegment, Interval, PlotLayout, Tick, choose_axis
from studies.synthesis.effects_by_outcome import EffectPanel, EffectsByOutcome, OutcomeRow, Side
from studies.synthesis.forest import ForestRow

_SIDES, _OUTCOME, _COMPARATOR, _LINE, _ROW_GAP, _BLOCK_GAP = 24, 20, 16, 14, 6, 8
_TEXT_FOOT, _MIDDLE = 15, 7

NAME_LINE_PX = 16

CIRCLE, SQUARE, TRIANGLE = "circle", "square", "triangle"


@dataclass(frozen=True, slots=True)
class EffectMark:
    """An estimate on the plot."""

    row: ForestRow
    shape: str
    x: float
    span: AxisSegment | None
    y: int

    @property
    def is_open(self) -> bool:
        """Whether its source gives no interval."""
        return self.span is None


@dataclass(frozen=True, slots=True)
class PlacedOutcome:
    """A row of a panel. `outcome_y` is None where the row above has the name of the same outcome."""

    row: OutcomeRow
    outcome_y: int | None
    comparator_y: int
    marks: tuple[EffectMark, ...]


@dataclass(frozen=True, slots=True)
class PlacedSide:
    """The rows that are read the same way, under the words that say which side is which."""

    side: Side
    y: int
    outcomes: tuple[PlacedOutcome, ...]


@dataclass(frozen=True, slots=True)
class PlacedPanel:
    """A panel with its positions. `level` is that of all intervals, None if they differ or there is none."""

    panel: EffectPanel
    sides: tuple[PlacedSide, ...]
    ticks: tuple[Tick, ...]
    null: float
    is_log: bool
    level: float | None
    frame: PlotLayout

    @property
    def shapes(self) -> frozenset[str]:
        """The shapes that stand on it."""
        return frozenset(mark.shape for side in self.sides for each in side.outcomes for mark in each.marks)

    @property
    def is_cut(self) -> bool:
        """Whether an interval goes on beyond the axis."""
        spans = (mark.span for side in self.sides for each in side.outcomes for mark in each.marks)
        return any(span.is_cut_low or span.is_cut_high for span in spans if span)


def place_effects(effects: EffectsByOutcome, name_lines: Mapping[str, int]) -> tuple[PlacedPanel, ...]:
    """Return the layout of each panel. `name_lines` says how many lines the name of an outcome takes, if not one."""
    return tuple(_place_panel(panel, name_lines) for panel in effects.panels)


def shape_of(measure: str) -> str:
    """Return the shape that tells apart ratios of three families, whose sizes are not to be compared."""
    if measure == "odds ratio":
        return SQUARE
    return CIRCLE if measure in RISKS or not measure.endswith("ratio") else TRIANGLE


def _place_panel(panel: EffectPanel, name_lines: Mapping[str, int]) -> PlacedPanel:
    measure = panel.measures[0]
    null = float(measure.null or 0.0)
    axis = choose_axis(list(_intervals(panel)), null, is_log=measure.is_log)
    y, sides = 0, []
    for side, rows in groupby(panel.rows, key=lambda row: row.side):
        top = y + _TEXT_FOOT
        y += _SIDES
        outcomes, above = [], ""
        for row in rows:
            lines = name_lines.get(row.outcome, 1) if row.outcome != above else 0
            placed, y = _place_outcome(row, axis, y, lines)
            outcomes.append(placed)
            above = row.outcome
        sides.append(PlacedSide(side, top, tuple(outcomes)))
        y += _BLOCK_GAP
    levels = {row.finding.interval_level for row in panel.estimates if row.finding.has_interval}
    level = levels.pop() if len(levels) == 1 else None
    return PlacedPanel(panel, tuple(sides), axis.choose_ticks(null), null, measure.is_log, level, PlotLayout(y))


def _place_outcome(row: OutcomeRow, axis: Axis, y: int, name_lines: int) -> tuple[PlacedOutcome, int]:
    """Return a row from `y` down, and where it ends. `name_lines` is 0 where the row above has the same outcome."""
    outcome_y = y + _TEXT_FOOT if name_lines else None
    y += _OUTCOME + NAME_LINE_PX * (name_lines - 1) if name_lines else 0
    comparator_y = y + _TEXT_FOOT - 3
    y += _COMPARATOR
    marks = []
    for estimate in row.rows:
        finding = estimate.finding
        span = None
        if finding.ci_low is not None and finding.ci_high is not None:
            span = axis.place(finding.ci_low, finding.ci_high)
        x = axis.to_x(finding.value or 0.0)
        marks.append(EffectMark(estimate, shape_of(finding.measure or ""), x, span, y + _MIDDLE))
        y += _LINE
    return PlacedOutcome(row, outcome_y, comparator_y, tuple(marks)), y + _ROW_GAP


def _intervals(panel: EffectPanel) -> Iterator[Interval]:
    for row in panel.estimates:
        yield (row.finding.value or 0.0, row.finding.ci_low, row.finding.ci_high)
