"""The view model of a forest plot: labels and numbers, the table with the same numbers, means or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.web.evidence.axis_view import (
    IntervalSpan,
    SquareView,
    TickView,
    percent_text,
    span_view,
    square_view,
    tick_views,
)
from search.web.evidence.dimensions import strength_labels
from search.web.evidence.forest_text import (
    MeanText,
    change_text,
    comparator_text,
    measure_text,
    no_mean_text,
    round_computed,
    unusable_text,
)
from studies.citations.names import join_with_and
from studies.store.vocabularies import Vocabularies
from studies.synthesis.estimates import ErrorSource
from studies.synthesis.forest import Forest, ForestRow, ForestSet, NoMeanReason
from studies.synthesis.forest_plot import (
    ForestPlot,
    PlacedMean,
    PlacedRow,
    PlacedSet,
    place_forest,
)
from studies.synthesis.orientation import Orientation
from studies.text.normalize import lower_first
from studies.text.numbers import format_number, format_percent
from studies.web.shared.findings import figure_text, follow_up_text, interval_level_text, interval_text
from studies.web.shared.plot_axis import AxisTitle, axis_title

RowNaming = Callable[[ForestRow], tuple[str, str]]
"""Returns the short name of an evaluation, and the address of the study whose finding the row shows."""

MOST_ROWS = 60
"""Beyond this many estimates nobody can read the plot: its numbers are in the file."""


@dataclass(frozen=True, slots=True)
class ForestRowView:
    """An estimate, on the plot and in the table. `notes` say how it was chosen and what it lacks.

    `plot_figure` has no unit: all on the axis share it, and it may be long.
    """

    placed: PlacedRow
    name: str
    url: str
    effect_label: str
    figure: str
    plot_figure: str
    interval: str
    measured_at: str
    weight: str
    notes: tuple[str, ...]
    x: str
    square: SquareView
    span: IntervalSpan | None


@dataclass(frozen=True, slots=True)
class ForestMeanView:
    """The mean of a set in words, with its position on the plot."""

    placed: PlacedMean
    label: str
    figure: str
    sentence: str
    x: str
    span: IntervalSpan
    predicted: IntervalSpan | None


@dataclass(frozen=True, slots=True)
class ForestSetView:
    """The estimates of one outcome and design against one kind of comparator, with their mean or why there is none.

    `detail` is the second line of the heading: the comparator, and which way is good. `shared_data` says which
    evaluations use the same data, "" if none do or the reason says so.
    """

    heading: str
    detail: str
    outcome: str
    placed: PlacedSet
    rows: tuple[ForestRowView, ...]
    mean: ForestMeanView | None
    no_mean: str
    shared_data: str
    is_too_small: bool


@dataclass(frozen=True, slots=True)
class ForestView:
    """A forest plot as page and file print it."""

    id: str
    number: int
    measure: str
    level: str
    null: str
    is_log: bool
    plot: ForestPlot
    axis_title: AxisTitle
    sets: tuple[ForestSetView, ...]
    ticks: tuple[TickView, ...]
    has_mean: bool
    too_small: int

    @property
    def is_cut(self) -> bool:
        """Whether an interval goes on beyond the axis."""
        spans = [row.span for each in self.sets for row in each.rows]
        spans += [span for each in self.sets if each.mean for span in (each.mean.span, each.mean.predicted)]
        return any(span.is_cut_low or span.is_cut_high for span in spans if span)


def forest_view(number: int, forest: Forest, vocabulary: Vocabularies, language: str, naming: RowNaming) -> ForestView:
    """Return the view model of a forest; `number` makes its ids differ from those of the page's other forests."""
    return _ForestViewBuilder(vocabulary, language, naming, forest).view(number)


class _ForestViewBuilder:
    def __init__(self, vocabulary: Vocabularies, language: str, naming: RowNaming, forest: Forest) -> None:
        self.vocabulary = vocabulary
        self.language = language
        self.naming = naming
        self.forest = forest
        self.plot = place_forest(forest)
        self.texts = MeanText(vocabulary, language)

    def view(self, number: int) -> ForestView:
        measure = measure_text(self.forest.measures, self.forest.unit, self.vocabulary, self.language)
        level = self.plot.level
        return ForestView(
            id=f"f{number}",
            number=number,
            measure=measure,
            level=interval_level_text(level, self.language) if level is not None else "",
            null=format_number(self.plot.null, self.language),
            is_log=self.forest.measure.is_log,
            plot=self.plot,
            axis_title=axis_title(measure, self.plot.frame, is_log=self.forest.measure.is_log),
            sets=tuple(
                ForestSetView(
                    heading=self._heading(placed.set),
                    detail=self._detail(placed.set),
                    outcome=self.vocabulary.label("outcomes", placed.set.outcome, self.language),
                    placed=placed,
                    rows=tuple(self._row(row) for row in placed.rows),
                    mean=self._mean(placed.mean, placed.set) if placed.mean else None,
                    no_mean=self._no_mean(placed.set),
                    shared_data="" if placed.set.no_mean == NoMeanReason.SHARED_DATA else self._shared_data(placed.set),
                    is_too_small=placed.set.no_mean == NoMeanReason.TOO_FEW,
                )
                for placed in self.plot.sets
            ),
            ticks=tick_views(self.plot.ticks, self.language),
            has_mean=any(each.pooled for each in self.forest.sets),
            too_small=sum(each.no_mean == NoMeanReason.TOO_FEW for each in self.forest.sets),
        )

    def _heading(self, each: ForestSet) -> str:
        outcome = self.vocabulary.label("outcomes", each.outcome, self.language)
        return f"{outcome} · {strength_labels()[each.design]}"

    def _detail(self, each: ForestSet) -> str:
        parts = [comparator_text(each.kind)]
        match each.orientation:
            case Orientation.BETTER:
                parts.append(_("más es mejor"))
            case Orientation.WORSE:
                parts.append(_("menos es mejor"))
        detail = "; ".join(parts)
        return detail[:1].upper() + detail[1:]

    def _row(self, placed: PlacedRow) -> ForestRowView:
        row = placed.row
        name, url = self.naming(row)
        finding = round_computed(row)
        return ForestRowView(
            placed=placed,
            name=name,
            url=url,
            effect_label=self.vocabulary.label("effects", finding.effect, self.language),
            figure=figure_text(finding, self.vocabulary, self.language),
            plot_figure=figure_text(replace(finding, unit=None), self.vocabulary, self.language),
            interval=interval_text(finding, self.language),
            measured_at=follow_up_text(finding.follow_up) if finding.follow_up else _("sin dato"),
            weight=format_percent(round(100 * row.weight), self.language) if row.weight is not None else "",
            notes=tuple(self._notes(row)),
            x=percent_text(placed.x),
            square=square_view(placed.side),
            span=span_view(placed.span) if placed.span else None,
        )

    def _notes(self, row: ForestRow) -> list[str]:
        notes = []
        if len(self.forest.measures) > 1:
            notes.append(lower_first(self.vocabulary.label("measures", row.finding.measure or "", self.language)))
        if row.change is not None:
            notes.append(change_text(row))
        if not row.is_alone:
            notes.append(_("probada junto con otras"))
        if row.passed_over:
            notes.append(
                ngettext(
                    "elegida entre %(number)s hallazgos", "elegida entre %(number)s hallazgos", row.passed_over + 1
                )
                % {"number": format_number(row.passed_over + 1, self.language)}
            )
        if row.estimate is not None and row.estimate.source is ErrorSource.P:
            notes.append(_("error estándar deducido del valor p"))
        if row.estimate is not None and row.estimate.source is ErrorSource.STATED:
            notes.append(_("con el error estándar que da la fuente"))
        if row.unusable is not None:
            notes.append(unusable_text(row.unusable))
        return notes

    def _mean(self, mean: PlacedMean, each: ForestSet) -> ForestMeanView:
        pooled = mean.pooled
        return ForestMeanView(
            placed=mean,
            label=_("Promedio de %(number)s") % {"number": format_number(pooled.k, self.language)},
            figure=self.texts.figure(mean),
            sentence=self.texts.sentence(mean, each),
            x=percent_text(mean.x),
            span=span_view(mean.span),
            predicted=span_view(mean.predicted) if mean.predicted else None,
        )

    def _no_mean(self, each: ForestSet) -> str:
        return no_mean_text(each.no_mean, self._shared_data(each)) if each.no_mean else ""

    def _shared_data(self, each: ForestSet) -> str:
        """Return who uses the same data, "" if nobody does."""
        text = _("%(names)s usan los mismos datos: no son pruebas independientes.")
        names = {row.work_id: self.naming(row)[0] for row in each.rows}
        told = (text % {"names": join_with_and([names[id_] for id_ in own], self.language)} for own in each.sharing)
        return " ".join(told)
