"""The layout of a forest plot: positions of headings, marks and means. Pure; words are the template's.

x is in per cent of the width and y in pixels. Numbers are in the unit of the measure: means of ratios are converted
back from the log scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from studies.synthesis.axis import Axis, Interval, PlotLayout, Tick, choose_axis
from studies.synthesis.forest import Forest, ForestRow, ForestSet
from studies.synthesis.plots import ROW_HEIGHT
from studies.synthesis.pooling import Pooled

_HEADING, _LABEL_Y, _MARK_Y = 38, 16, 33


@dataclass(frozen=True, slots=True)
class AxisSegment:
    """An interval on the axis, in x; an end that is cut lies beyond the axis."""

    low: float
    high: float
    is_cut_low: bool
    is_cut_high: bool


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """An estimate on the plot."""

    row: ForestRow
    x: float
    span: AxisSegment | None
    label_y: int
    mark_y: int


@dataclass(frozen=True, slots=True)
class PlacedMean:
    """The pooled mean of a set: a diamond over its confidence interval, a line over its prediction interval."""

    pooled: Pooled
    value: float
    low: float
    high: float
    predicted_low: float
    predicted_high: float
    x: float
    span: AxisSegment
    predicted: AxisSegment
    label_y: int
    mark_y: int


@dataclass(frozen=True, slots=True)
class PlacedSet:
    """A set of estimates under its heading."""

    set: ForestSet
    heading_y: int
    rows: tuple[PlacedRow, ...]
    mean: PlacedMean | None


@dataclass(frozen=True, slots=True)
class ForestPlot:
    """A forest with its positions. `level` is that of all intervals, None if they differ or there is none."""

    forest: Forest
    sets: tuple[PlacedSet, ...]
    ticks: tuple[Tick, ...]
    null: float
    level: float | None
    frame: PlotLayout


def place_forest(forest: Forest) -> ForestPlot:
    """Return the layout of a forest: its sets below one another, on one axis."""
    null = float(forest.measure.null or 0.0)
    axis = choose_axis(list(_intervals(forest)), null, is_log=forest.measure.is_log)
    y, placed = 0, []
    for each in forest.sets:
        heading_y = y + 24
        y += _HEADING
        rows = []
        for row in each.rows:
            rows.append(_place_row(row, axis, y))
            y += ROW_HEIGHT
        mean = _place_mean(each.pooled, axis, y) if each.pooled else None
        y += ROW_HEIGHT if mean else 0
        placed.append(PlacedSet(each, heading_y, tuple(rows), mean))
        y += 6
    levels = {row.finding.interval_level for row in forest.rows if row.finding.has_interval}
    level = levels.pop() if len(levels) == 1 else None
    return ForestPlot(forest, tuple(placed), axis.choose_ticks(null), null, level, PlotLayout(y))


def to_measure_scale(number: float, *, is_log: bool) -> float:
    """Convert a number from the scale of pooling to that of the measure; infinity where the ratio would overflow."""
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
                to_measure_scale(number, is_log=forest.measure.is_log)
                for number in (each.pooled.mean, each.pooled.low, each.pooled.high)
            )
            yield (mean, low, high)


def _place_row(row: ForestRow, axis: Axis, y: int) -> PlacedRow:
    finding = row.finding
    span = None
    if finding.ci_low is not None and finding.ci_high is not None:
        span = _place_segment(finding.ci_low, finding.ci_high, axis)
    return PlacedRow(row, axis.to_x(finding.value or 0.0), span, y + _LABEL_Y, y + _MARK_Y)


def _place_mean(pooled: Pooled, axis: Axis, y: int) -> PlacedMean:
    value, low, high, predicted_low, predicted_high = (
        to_measure_scale(number, is_log=axis.is_log)
        for number in (pooled.mean, pooled.low, pooled.high, pooled.predicted_low, pooled.predicted_high)
    )
    return PlacedMean(
        pooled=pooled,
        value=value,
        low=low,
        high=high,
        predicted_low=predicted_low,
        predicted_high=predicted_high,
        x=axis.to_x(value),
        span=_place_segment(low, high, axis),
        predicted=_place_segment(predicted_low, predicted_high, axis),
        label_y=y + _LABEL_Y,
        mark_y=y + _MARK_Y,
    )


def _place_segment(low: float, high: float, axis: Axis) -> AxisSegment:
    return AxisSegment(axis.to_x(low), axis.to_x(high), not axis.contains(low), not axis.contains(high))
