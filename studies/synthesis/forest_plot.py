"""A forest as a plot: where each set's heading, marks and mean stand. Pure; labels and numbers are the template's.

x is in per cent of the width and y in pixels. The numbers on the axis are those of the measure: means of ratios come
back from the log scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from studies.synthesis.axis import Axis, Frame, Interval, Tick, axis_of
from studies.synthesis.forest import Forest, ForestRow, ForestSet
from studies.synthesis.plots import ROW_HEIGHT
from studies.synthesis.pooling import Pooled

_HEADING, _LABEL_Y, _MARK_Y = 38, 16, 33


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the axis; an end that is cut lies beyond it."""

    low: float
    high: float
    is_cut_low: bool
    is_cut_high: bool


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """An estimate on the plot."""

    row: ForestRow
    x: float
    span: Span | None
    label_y: int
    mark_y: int


@dataclass(frozen=True, slots=True)
class PlacedMean:
    """The mean of a set: a diamond over its interval, and the line of its prediction interval."""

    pooled: Pooled
    value: float
    low: float
    high: float
    predicted_low: float
    predicted_high: float
    x: float
    span: Span
    predicted: Span
    label_y: int
    mark_y: int


@dataclass(frozen=True, slots=True)
class PlacedSet:
    """A set under its heading."""

    set: ForestSet
    heading_y: int
    rows: tuple[PlacedRow, ...]
    mean: PlacedMean | None


@dataclass(frozen=True, slots=True)
class ForestPlot:
    """A forest, drawn. `level` is that of all intervals, None where they differ or are none."""

    forest: Forest
    sets: tuple[PlacedSet, ...]
    ticks: tuple[Tick, ...]
    null: float
    level: float | None
    frame: Frame


def forest_plot(forest: Forest) -> ForestPlot:
    """Place the sets of a forest below one another, on one axis."""
    null = float(forest.measure.null or 0.0)
    axis = axis_of(list(_intervals(forest)), null, is_log=forest.measure.is_log)
    y, placed = 0, []
    for each in forest.sets:
        heading_y = y + 24
        y += _HEADING
        rows = []
        for row in each.rows:
            rows.append(_placed(row, axis, y))
            y += ROW_HEIGHT
        mean = _mean(each.pooled, axis, y) if each.pooled else None
        y += ROW_HEIGHT if mean else 0
        placed.append(PlacedSet(each, heading_y, tuple(rows), mean))
        y += 6
    levels = {row.finding.interval_level for row in forest.rows if row.finding.has_interval}
    level = levels.pop() if len(levels) == 1 else None
    return ForestPlot(forest, tuple(placed), axis.ticks(null), null, level, Frame(y))


def on_measure(number: float, *, is_log: bool) -> float:
    """Bring a number from the scale of pooling back to that of the measure; far beyond reason it becomes infinite."""
    if not is_log:
        return number
    return math.exp(number) if number < 700 else math.inf


def _intervals(forest: Forest) -> Iterator[Interval]:
    for each in forest.sets:
        for row in each.rows:
            finding = row.finding
            yield (finding.value or 0.0, finding.ci_low, finding.ci_high)
        if each.pooled:
            mean, low, high = (
                on_measure(number, is_log=forest.measure.is_log)
                for number in (each.pooled.mean, each.pooled.low, each.pooled.high)
            )
            yield (mean, low, high)


def _placed(row: ForestRow, axis: Axis, y: int) -> PlacedRow:
    finding = row.finding
    span = None
    if finding.ci_low is not None and finding.ci_high is not None:
        span = _span(finding.ci_low, finding.ci_high, axis)
    return PlacedRow(row, axis.place(finding.value or 0.0), span, y + _LABEL_Y, y + _MARK_Y)


def _mean(pooled: Pooled, axis: Axis, y: int) -> PlacedMean:
    value, low, high, predicted_low, predicted_high = (
        on_measure(number, is_log=axis.is_log)
        for number in (pooled.mean, pooled.low, pooled.high, pooled.predicted_low, pooled.predicted_high)
    )
    return PlacedMean(
        pooled=pooled,
        value=value,
        low=low,
        high=high,
        predicted_low=predicted_low,
        predicted_high=predicted_high,
        x=axis.place(value),
        span=_span(low, high, axis),
        predicted=_span(predicted_low, predicted_high, axis),
        label_y=y + _LABEL_Y,
        mark_y=y + _MARK_Y,
    )


def _span(low: float, high: float, axis: Axis) -> Span:
    return Span(axis.place(low), axis.place(high), not axis.holds(low), not axis.holds(high))
