"""The axis of an interval plot: its range, the position of a number on it, and its ticks. Pure.

x is in per cent of the plot's width, so that text keeps its size at any width. `plots` and `forest_plot` draw on it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LEFT, RIGHT = 4.0, 96.0

# Beyond these, adding a margin or taking a power of ten could overflow a float.
LARGEST, SMALLEST = 1e250, 1e-250
_MOST_TICKS, _FEWEST_TICKS = 6, 3
_AXIS_GAP, _TICK_LABEL_GAP, _BOTTOM_GAP = 8, 16, 44

Interval = tuple[float, float | None, float | None]
"""(value, lower bound, upper bound); the bounds are None for a value without an interval."""


@dataclass(frozen=True, slots=True)
class Tick:
    value: float
    x: float
    is_null: bool


@dataclass(frozen=True, slots=True)
class AxisSegment:
    """An interval on the axis, in x; an end that is cut lies beyond the axis."""

    low: float
    high: float
    is_cut_low: bool
    is_cut_high: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """The range of numbers that is drawn. On a log scale `start` and `end` are natural logarithms."""

    start: float
    end: float
    is_log: bool

    def to_x(self, number: float) -> float:
        """Return the x of `number` in per cent of the width, clamped to the ends of the axis."""
        if self.is_log:
            number = _log(number)
        share = (min(max(number, self.start), self.end) - self.start) / (self.end - self.start)
        return round(LEFT + (RIGHT - LEFT) * share, 1)

    def contains(self, number: float) -> bool:
        """Return True if `number` lies within the range of the axis."""
        return self.start <= (_log(number) if self.is_log else number) <= self.end

    def place(self, low: float, high: float) -> AxisSegment:
        """Return the place of an interval."""
        return AxisSegment(self.to_x(low), self.to_x(high), not self.contains(low), not self.contains(high))

    def choose_ticks(self, null: float) -> tuple[Tick, ...]:
        """Return ticks at about three to six round numbers; the null value is always one of them."""
        return tuple(Tick(number, self.to_x(number), number == null) for number in self._numbers(null))

    def _numbers(self, null: float) -> list[float]:
        for candidates in _log_series(self) if self.is_log else ():
            numbers = sorted({null, *filter(self.contains, candidates)})
            if _FEWEST_TICKS <= len(numbers) <= _MOST_TICKS:
                return numbers
        if self.is_log:
            start, end = math.exp(self.start), math.exp(self.end)
        else:
            start, end = self.start, self.end
        return sorted({null, *filter(self.contains, _round_steps(start, end))})


@dataclass(frozen=True, slots=True)
class PlotLayout:
    """The vertical layout of a plot, in pixels: rows down to `rows_end_y`, then the axis line, its tick labels and its
    title: what is measured, in which unit."""

    rows_end_y: int

    @property
    def axis_y(self) -> int:
        return self.rows_end_y + _AXIS_GAP

    @property
    def tick_label_y(self) -> int:
        return self.axis_y + _TICK_LABEL_GAP

    @property
    def height(self) -> int:
        return self.axis_y + _BOTTOM_GAP


def is_plottable(number: float | None, *, is_log: bool) -> bool:
    """Return True if a number can be drawn: finite, not absurdly large and, on a log scale, above zero."""
    if number is None or not math.isfinite(number) or abs(number) > LARGEST:
        return False
    return not is_log or number > SMALLEST


def choose_axis(intervals: Sequence[Interval], null: float, *, is_log: bool) -> Axis:
    """Return an axis that shows all values and the null value, and the intervals where they do not squash the rest.

    An interval may extend beyond the values by three times their range, or by three times the median half-width of the
    intervals, whichever is more; on a log scale by at least a factor of ten. What lies beyond is cut off.
    """
    scaled = _log if is_log else float
    values = [scaled(null), *(scaled(value) for value, _, _ in intervals)]
    start, end = min(values), max(values)
    bounds = [
        (scaled(value), scaled(bound))
        for value, low, high in intervals
        for bound in (low, high)
        if bound is not None and abs(bound) <= LARGEST
    ]
    usual = [abs(bound - value) for value, bound in bounds if math.isfinite(bound)]
    reach = 3 * max(end - start, statistics.median_low(usual or [0.0]))
    if is_log:
        reach = max(reach, math.log(10.0))
    low = max(min([start, *(bound for _, bound in bounds)]), start - reach)
    high = min(max([end, *(bound for _, bound in bounds)]), end + reach)
    if is_log:
        low, high = max(low, math.log(SMALLEST)), min(high, math.log(LARGEST))
    if high - low < SMALLEST:
        # Every value equals the null: any width will do, but a width of zero would divide by zero.
        low, high = low - 1.0, high + 1.0
    margin = 0.05 * (high - low)
    return Axis(low - margin, high + margin, is_log)


def _log(number: float) -> float:
    return math.log(number) if number > SMALLEST else -math.inf


def _log_series(axis: Axis) -> Iterable[list[float]]:
    first, last = math.floor(axis.start / math.log(10)), math.ceil(axis.end / math.log(10))
    step = math.ceil((last - first) / (_MOST_TICKS - 1))
    if step > 1:
        yield [10.0**power for power in range(first - first % step, last + 1, step)]
        return
    for digits in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        yield [float(f"{digit}e{power}") for power in range(first, last + 1) for digit in digits]


def _round_steps(start: float, end: float) -> list[float]:
    """Return about five multiples of 1, 2 or 5 times a power of ten between two numbers."""
    rough = (end - start) / (_MOST_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(digit * power for digit in (1, 2, 5, 10) if digit * power >= rough)
    first, last = math.ceil(start / step), math.floor(end / step)
    # Rounding to the decimals of the step: 3 * 0.1 would be written 0.30000000000000004.
    decimals = min(max(0, -math.floor(math.log10(step))), 300)
    return [round(multiple * step, decimals) for multiple in range(first, last + 1)]
