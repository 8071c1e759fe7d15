"""The layout of interval plots of one study's findings. Pure; labels, numbers and words are the template's.

x is in per cent of the width and y in pixels, so that text keeps its size at any width. Only ratios and differences
are drawn: a measure that only describes has no value that means "no difference".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from studies.records.finding import FindingRecord
from studies.synthesis.axis import LEFT, RIGHT, Axis, PlotLayout, Tick, choose_axis, is_plottable

ROW_HEIGHT = 54
_LABEL_Y, _MARK_Y = 22, 39

REGRESSION_COEFFICIENT = "regression coefficient"
"""In the scale of its own model: no two of them share an axis."""

IN_SCALE_OF_OUTCOME = frozenset({"mean difference", REGRESSION_COEFFICIENT})
"""In the unit of the outcome: two outcomes must not share an axis."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as the vocabulary defines it. `null` is the value that means "no difference"."""

    code: str
    null: float | None
    scale: str | None
    kind: str

    @property
    def is_drawn(self) -> bool:
        return self.kind in ("ratio", "difference") and self.null is not None

    @property
    def is_log(self) -> bool:
        return self.scale == "log"


@dataclass(frozen=True, slots=True)
class PlotRow:
    """A finding on the plot; `index` is its position among the findings that were given.

    `low` and `high` are None without an interval. Where an end is cut, the interval leaves the axis: draw an arrow.
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
class IntervalPlot:
    """Findings of one measure on one axis. `level` is that of all intervals, None if they differ or there is none."""

    measure: str
    unit: str | None
    scale: str
    level: float | None
    rows: tuple[PlotRow, ...]
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
    def frame(self) -> PlotLayout:
        return PlotLayout(ROW_HEIGHT * len(self.rows))


def build_plots(findings: Sequence[FindingRecord], measures: Mapping[str, Measure]) -> tuple[IntervalPlot, ...]:
    """Return a plot for each measure and unit that can be drawn, in the order in which the findings name them.

    Left out are findings without a value or with a measure that only describes, ratios that are not above zero, and
    regression coefficients: an axis of its own, without a unit, would show no more of each than its number.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, finding in enumerate(findings):
        measure = measures.get(finding.measure or "")
        if measure is None or measure.code == REGRESSION_COEFFICIENT:
            continue
        if measure.is_drawn and is_plottable(finding.value, is_log=measure.is_log):
            groups.setdefault(_axis_key(finding), []).append(index)
    return tuple(
        _plot([(index, findings[index]) for index in members], measures[key[0]]) for key, members in groups.items()
    )


def _axis_key(finding: FindingRecord) -> tuple[str, ...]:
    """Return the key of the axis that a finding can share with others."""
    own_scale = finding.measure in IN_SCALE_OF_OUTCOME
    return (finding.measure or "", finding.unit or "", finding.outcome if own_scale else "")


def _plot(members: list[tuple[int, FindingRecord]], measure: Measure) -> IntervalPlot:
    null = float(measure.null or 0.0)
    intervals = [(finding.value or 0.0, finding.ci_low, finding.ci_high) for _, finding in members]
    axis = choose_axis(intervals, null, is_log=measure.is_log)
    rows = tuple(_row(position, index, finding, axis) for position, (index, finding) in enumerate(members))
    levels = {finding.interval_level for _, finding in members if finding.has_interval}
    return IntervalPlot(
        measure=measure.code,
        unit=members[0][1].unit,
        scale="log" if axis.is_log else "linear",
        level=levels.pop() if len(levels) == 1 else None,
        rows=rows,
        ticks=axis.choose_ticks(null),
    )


def _row(position: int, index: int, finding: FindingRecord, axis: Axis) -> PlotRow:
    assert finding.value is not None
    low, high = finding.ci_low, finding.ci_high
    if low is None or high is None:
        low = high = None
    return PlotRow(
        index=index,
        effect=finding.effect,
        x=axis.to_x(finding.value),
        low=None if low is None else axis.to_x(low),
        high=None if high is None else axis.to_x(high),
        is_cut_low=low is not None and not axis.contains(low),
        is_cut_high=high is not None and not axis.contains(high),
        label_y=_LABEL_Y + ROW_HEIGHT * position,
        mark_y=_MARK_Y + ROW_HEIGHT * position,
    )
