"""The view models of a study's interval plots: labels and numbers for the marks that `synthesis.plots` places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from studies.records.finding import FindingRecord
from studies.store.vocabularies import Vocabularies
from studies.synthesis.plots import IntervalPlot, Measure, PlotRow, build_plots
from studies.text.numbers import format_number
from studies.web.shared.findings import FindingRow, interval_level_text
from studies.web.shared.plot_axis import AxisTitle, axis_title

_LONGEST_LABEL = 46
"""Letters that fit in the width of a phone."""


@dataclass(frozen=True, slots=True)
class PlotMark:
    """A finding of the plot with its texts. `x`, `low` and `high` are per cent of the width; y is in pixels."""

    row: PlotRow
    label: str
    effect_label: str
    figure: str
    interval: str
    x: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class AxisTick:
    x: str
    label: str
    is_null: bool


@dataclass(frozen=True, slots=True)
class PlotView:
    """A plot as its template draws it. `level` is empty if there are no intervals, or their levels differ."""

    id: str
    plot: IntervalPlot
    axis_title: AxisTitle
    measure: str
    level: str
    null: str
    is_log: bool
    marks: tuple[PlotMark, ...]
    ticks: tuple[AxisTick, ...]


def plot_views(
    findings: Sequence[FindingRecord], rows: Sequence[FindingRow], vocabulary: Vocabularies, language: str
) -> tuple[PlotView, ...]:
    """Return the plots with intervals; a plot of bare values would say no more than the table."""
    measures = {
        term.code: Measure(
            code=term.code,
            null=term.attributes.get("null"),
            scale=term.attributes.get("scale"),
            kind=term.attributes.get("kind", ""),
        )
        for term in vocabulary.terms("measures")
    }
    drawn = [plot for plot in build_plots(findings, measures) if plot.has_intervals]
    return tuple(
        label_plot(number, plot, rows, _measure(plot, vocabulary, language), language)
        for number, plot in enumerate(drawn, start=1)
    )


def label_plot(number: int, plot: IntervalPlot, rows: Sequence[FindingRow], measure: str, language: str) -> PlotView:
    """Return the view model of a plot of `rows`; `number` makes its id differ from those of the page's other plots."""
    measure = measure[:1].upper() + measure[1:]
    outcomes = Counter(rows[row.index].outcome for row in plot.rows)
    return PlotView(
        id=f"p{number}",
        plot=plot,
        axis_title=axis_title(measure, plot.frame, is_log=plot.scale == "log"),
        measure=measure,
        level=interval_level_text(plot.level, language) if plot.level is not None else "",
        null=format_number(next(tick.value for tick in plot.ticks if tick.is_null), language),
        is_log=plot.scale == "log",
        marks=tuple(
            _mark(row, rows[row.index], is_repeated=outcomes[rows[row.index].outcome] > 1) for row in plot.rows
        ),
        ticks=tuple(
            AxisTick(_percent(tick.x), format_number(tick.value, language), tick.is_null) for tick in plot.ticks
        ),
    )


def _measure(plot: IntervalPlot, vocabulary: Vocabularies, language: str) -> str:
    label = vocabulary.label("measures", plot.measure, language)
    return f"{label}, {vocabulary.label('units', plot.unit, language)}" if plot.unit else label


def _label(finding: FindingRow, *, is_repeated: bool) -> str:
    """Return the outcome, of several on one outcome after what tells them apart: SVG breaks no lines, so it is cut."""
    if not (is_repeated and finding.qualifier):
        return finding.outcome
    label = f"{finding.qualifier}: {finding.outcome}"
    return (
        label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1].rstrip(' ,:')}\N{HORIZONTAL ELLIPSIS}"
    )


def _mark(row: PlotRow, finding: FindingRow, *, is_repeated: bool) -> PlotMark:
    return PlotMark(
        row=row,
        label=_label(finding, is_repeated=is_repeated),
        effect_label=finding.effect_label,
        figure=finding.figure,
        interval=finding.interval,
        x=_percent(row.x),
        low=_percent(row.low) if row.low is not None else "",
        high=_percent(row.high) if row.high is not None else "",
    )


def _percent(x: float) -> str:
    # Not in the template: in Spanish Django would write a decimal comma, which SVG does not read.
    return f"{x:.1f}%"
