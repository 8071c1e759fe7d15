"""The layout of a forest plot: positions of headings, marks and means. Pure; words are the template's.

x is in per cent of the width and y in pixels. Numbers are in the unit of the measure: means of ratios are converted
back from the log scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from studies.synthesis.axis import Axis, AxisSegment, Interval, PlotLayout, Tick, choose_axis
from studies.synthesis.estimates import Estimate
from studies.synthesis.forest import Forest, ForestRow, ForestSet
from studies.synthesis.plots import ROW_HEIGHT
from studies.synthesis.pooling import Pooled

LARGEST_SIDE_PX, SMALLEST_SIDE_PX = 18.0, 4.5
"""Sides of the squares of the most and of the least precise estimates."""

_HEADING, _HEADING_Y, _DETAIL_Y, _LABEL_Y, _MARK_Y = 58, 24, 42, 16, 33


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """An estimate on the plot. `side` is that of its square, in pixels."""

    row: ForestRow
    x: float
    side: float
    span: AxisSegment | None
    label_y: int
    mark_y: int


@dataclass(frozen=True, slots=True)
class PlacedMean:
    """The pooled mean of a set: a diamond over its confidence interval, a line over its prediction interval.

    `prediction` holds the bounds of the latter, None where there is none; `predicted` is its place.
    """

    pooled: Pooled
    value: float
    low: float
    high: float
    prediction: tuple[float, float] | None
    x: float
    span: AxisSegment
    predicted: AxisSegment | None
    label_y: int
    mark_y: int


@dataclass(frozen=True, slots=True)
class PlacedSet:
    """A set of estimates under its heading, which has a second line (`detail_y`)."""

    set: ForestSet
    heading_y: int
    detail_y: int
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
    errors = [row.estimate.se for row in forest.rows if row.estimate is not None]
    least = min(errors, default=0.0)
    y, placed = 0, []
    for each in forest.sets:
        heading_y, detail_y = y + _HEADING_Y, y + _DETAIL_Y
        y += _HEADING
        rows = []
        for row in each.rows:
            rows.append(_place_row(row, axis, y, square_side(row.estimate, least)))
            y += ROW_HEIGHT
        mean = _place_mean(each.pooled, axis, y) if each.pooled else None
        y += ROW_HEIGHT if mean else 0
        placed.append(PlacedSet(each, heading_y, detail_y, tuple(rows), mean))
        y += 6
    levels = {row.finding.interval_level for row in forest.rows if row.finding.has_interval}
    level = levels.pop() if len(levels) == 1 else None
    return ForestPlot(forest, tuple(placed), axis.choose_ticks(null), null, level, PlotLayout(y))


def square_side(estimate: Estimate | None, least_error: float) -> float:
    """Return the side in pixels of the square of an estimate, whose area is proportional to its precision, 1/SE².

    `least_error` is the standard error of the most precise on the axis, whose square is the largest. Without a standard
    error the square is the smallest.
    """
    if estimate is None:
        return SMALLEST_SIDE_PX
    return max(SMALLEST_SIDE_PX, LARGEST_SIDE_PX * least_error / estimate.se)


def to_measure_scale(number: float, *, is_log: bool) -> float:
    """Convert a number from the scale of pooling to that of the measure; infinity where the ratio would overflow."""
    if not is_log:
        return number
    return math.exp(number) if number < 700 else math.inf


def bounds_in_measure_scale(bounds: tuple[float, float], *, is_log: bool) -> tuple[float, float]:
    """Convert the ends of an interval as `to_measure_scale` converts a number."""
    low, high = bounds
    return to_measure_scale(low, is_log=is_log), to_measure_scale(high, is_log=is_log)


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


def _place_row(row: ForestRow, axis: Axis, y: int, side: float) -> PlacedRow:
    finding = row.finding
    span = None
    if finding.ci_low is not None and finding.ci_high is not None:
        span = axis.place(finding.ci_low, finding.ci_high)
    return PlacedRow(row, axis.to_x(finding.value or 0.0), side, span, y + _LABEL_Y, y + _MARK_Y)


def _place_mean(pooled: Pooled, axis: Axis, y: int) -> PlacedMean:
    value, low, high = (
        to_measure_scale(number, is_log=axis.is_log) for number in (pooled.mean, pooled.low, pooled.high)
    )
    prediction = pooled.predicted and bounds_in_measure_scale(pooled.predicted, is_log=axis.is_log)
    return PlacedMean(
        pooled=pooled,
        value=value,
        low=low,
        high=high,
        prediction=prediction,
        x=axis.to_x(value),
        span=axis.place(low, high),
        predicted=prediction and axis.place(*prediction),
        label_y=y + _LABEL_Y,
        mark_y=y + _MARK_Y,
    )
