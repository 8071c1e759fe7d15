"""Interval plots as data: where each mark stands. Labels, numbers and words are the template's.

x is in per cent of the width and y in pixels, so that text keeps its size at any width. Only ratios and differences
are drawn: what merely describes has no "no difference" to stand against.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from studies.records import FindingRecord

LEFT, RIGHT = 4.0, 96.0
ROW_HEIGHT = 54
_LABEL_Y, _MARK_Y, _AXIS_GAP = 22, 39, 8
_TICK_LABEL_GAP, _NOTE_GAP, _BOTTOM_GAP = 16, 36, 44

# Within these a margin can be added and powers of ten taken without overflow.
_LARGEST, _SMALLEST = 1e250, 1e-250
_MOST_TICKS, _FEWEST_TICKS = 6, 3
# Their numbers are in the scale of the outcome, so two outcomes do not share an axis.
_IN_SCALE_OF_OUTCOME = frozenset({"mean difference", "regression coefficient"})


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as the vocabulary has it: where no difference lies, on which scale, and of which kind."""

    code: str
    null: float | None
    scale: str | None
    kind: str

    @property
    def is_drawn(self) -> bool:
        return self.kind in ("ratio", "difference") and self.null is not None


@dataclass(frozen=True, slots=True)
class Row:
    """One finding of the plot; `index` is its place among the findings given.

    `low` and `high` are None without an interval. An interval that is `cut` leaves the axis there: draw an arrow.
    """

    index: int
    effect: str
    x: float
    low: float | None
    high: float | None
    is_cut_low: bool
    is_cut_high: bool
    label_y: int
    mark_y: int


@dataclass(frozen=True, slots=True)
class Tick:
    value: float
    x: float
    is_null: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """Findings of one measure on one axis. `level` is that of all intervals, None where they differ or are none."""

    measure: str
    unit: str | None
    scale: str
    level: float | None
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    left: float = field(default=LEFT, init=False)
    right: float = field(default=RIGHT, init=False)

    @property
    def null_x(self) -> float:
        return next(tick.x for tick in self.ticks if tick.is_null)

    @property
    def has_intervals(self) -> bool:
        return any(row.low is not None for row in self.rows)

    @property
    def axis_y(self) -> int:
        return ROW_HEIGHT * len(self.rows) + _AXIS_GAP

    @property
    def tick_label_y(self) -> int:
        return self.axis_y + _TICK_LABEL_GAP

    @property
    def note_y(self) -> int:
        return self.axis_y + _NOTE_GAP

    @property
    def height(self) -> int:
        return self.axis_y + _BOTTOM_GAP


def plots(findings: Sequence[FindingRecord], measures: Mapping[str, Measure]) -> tuple[Plot, ...]:
    """Give one plot for each kind of number that can be drawn, in the order in which the findings bring them up.

    Left out are findings without a value, with a measure that only describes, and ratios that are not above zero.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, finding in enumerate(findings):
        measure = measures.get(finding.measure or "")
        if measure is not None and measure.is_drawn and _can_stand(finding.value, measure):
            groups.setdefault(_alike(finding), []).append(index)
    return tuple(
        _plot([(index, findings[index]) for index in members], measures[key[0]]) for key, members in groups.items()
    )


def _alike(finding: FindingRecord) -> tuple[str, ...]:
    """Give the key of the axis that a finding can share with others."""
    own_scale = finding.measure in _IN_SCALE_OF_OUTCOME
    return (finding.measure or "", finding.unit or "", finding.outcome if own_scale else "")


def _can_stand(number: float | None, measure: Measure) -> bool:
    if number is None or not math.isfinite(number) or abs(number) > _LARGEST:
        return False
    return measure.scale != "log" or number > _SMALLEST


@dataclass(frozen=True, slots=True)
class _Axis:
    """The stretch of numbers that is drawn. On a log scale `start` and `end` are logarithms."""

    start: float
    end: float
    is_log: bool

    def place(self, number: float) -> float:
        """Give the x of `number` in per cent, at the end of the axis if it lies beyond."""
        if self.is_log:
            number = _log(number)
        share = (min(max(number, self.start), self.end) - self.start) / (self.end - self.start)
        return round(LEFT + (RIGHT - LEFT) * share, 1)

    def holds(self, number: float) -> bool:
        return self.start <= (_log(number) if self.is_log else number) <= self.end


def _plot(members: list[tuple[int, FindingRecord]], measure: Measure) -> Plot:
    null = float(measure.null or 0.0)
    axis = _axis([finding for _, finding in members], null, is_log=measure.scale == "log")
    rows = tuple(_row(position, index, finding, axis) for position, (index, finding) in enumerate(members))
    levels = {finding.ci_level for _, finding in members if finding.has_interval}
    ticks = tuple(Tick(number, axis.place(number), number == null) for number in _ticks(axis, null))
    return Plot(
        measure=measure.code,
        unit=members[0][1].unit,
        scale="log" if axis.is_log else "linear",
        level=levels.pop() if len(levels) == 1 else None,
        rows=rows,
        ticks=ticks,
    )


def _row(position: int, index: int, finding: FindingRecord, axis: _Axis) -> Row:
    assert finding.value is not None
    low, high = finding.ci_low, finding.ci_high
    if low is None or high is None:
        low = high = None
    return Row(
        index=index,
        effect=finding.effect,
        x=axis.place(finding.value),
        low=None if low is None else axis.place(low),
        high=None if high is None else axis.place(high),
        is_cut_low=low is not None and not axis.holds(low),
        is_cut_high=high is not None and not axis.holds(high),
        label_y=_LABEL_Y + ROW_HEIGHT * position,
        mark_y=_MARK_Y + ROW_HEIGHT * position,
    )


def _axis(findings: Sequence[FindingRecord], null: float, *, is_log: bool) -> _Axis:
    """Choose the stretch: all values and the null, and the intervals so far as they do not squash the rest.

    An interval may reach beyond the values by three times what these span, or three times half the usual interval;
    on a log scale tenfold in any case. Beyond, it is cut.
    """
    scaled = _log if is_log else float
    values = [scaled(null), *(scaled(finding.value or 0.0) for finding in findings)]
    start, end = min(values), max(values)
    bounds = [
        (scaled(finding.value or 0.0), scaled(bound))
        for finding in findings
        for bound in (finding.ci_low, finding.ci_high)
        if bound is not None and abs(bound) <= _LARGEST
    ]
    usual = [abs(bound - value) for value, bound in bounds if math.isfinite(bound)]
    reach = 3 * max(end - start, statistics.median_low(usual or [0.0]))
    if is_log:
        reach = max(reach, math.log(10.0))
    low = max(min([start, *(bound for _, bound in bounds)]), start - reach)
    high = min(max([end, *(bound for _, bound in bounds)]), end + reach)
    if is_log:
        low, high = max(low, math.log(_SMALLEST)), min(high, math.log(_LARGEST))
    if high - low < _SMALLEST:
        # Nothing but the null itself: any width will do.
        low, high = low - 1.0, high + 1.0
    margin = 0.05 * (high - low)
    return _Axis(low - margin, high + margin, is_log)


def _log(number: float) -> float:
    return math.log(number) if number > _SMALLEST else -math.inf


def _ticks(axis: _Axis, null: float) -> list[float]:
    """Choose three to six round numbers, the null always among them."""
    for candidates in _log_series(axis) if axis.is_log else ():
        ticks = sorted({null, *filter(axis.holds, candidates)})
        if _FEWEST_TICKS <= len(ticks) <= _MOST_TICKS:
            return ticks
    if axis.is_log:
        start, end = math.exp(axis.start), math.exp(axis.end)
    else:
        start, end = axis.start, axis.end
    return sorted({null, *filter(axis.holds, _round_steps(start, end))})


def _log_series(axis: _Axis) -> Iterable[list[float]]:
    first, last = math.floor(axis.start / math.log(10)), math.ceil(axis.end / math.log(10))
    step = math.ceil((last - first) / (_MOST_TICKS - 1))
    if step > 1:
        yield [10.0**power for power in range(first - first % step, last + 1, step)]
        return
    for digits in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        yield [float(f"{digit}e{power}") for power in range(first, last + 1) for digit in digits]


def _round_steps(start: float, end: float) -> list[float]:
    """Give the multiples of 1, 2 or 5 times a power of ten between two numbers, about five of them."""
    rough = (end - start) / (_MOST_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(digit * power for digit in (1, 2, 5, 10) if digit * power >= rough)
    first, last = math.ceil(start / step), math.floor(end / step)
    # Rounding to the decimals of the step: 3 * 0.1 would be written 0.30000000000000004.
    decimals = min(max(0, -math.floor(math.log10(step))), 300)
    return [round(multiple * step, decimals) for multiple in range(first, last + 1)]
