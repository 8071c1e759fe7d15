"""The view model of a forest plot: labels and numbers, the table with the same numbers, means or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.web.evidence.dimensions import strength_labels
from studies.citations.names import join_with_and
from studies.records.finding import FindingRecord
from studies.store.vocabularies import Vocabularies
from studies.synthesis.estimates import UnusableReason
from studies.synthesis.forest import Forest, ForestRow, ForestSet, NoMeanReason
from studies.synthesis.forest_plot import AxisSegment, ForestPlot, PlacedMean, PlacedRow, place_forest, to_measure_scale
from studies.synthesis.pooling import Pooled
from studies.text.numbers import format_number, format_percent
from studies.web.shared.findings import figure_text, follow_up_text, interval_level_text, interval_text

RowNaming = Callable[[ForestRow], tuple[str, str]]
"""Returns the short name of an evaluation, and the address of the study whose finding the row shows."""

MOST_ROWS = 60
"""Beyond this many estimates nobody can read the plot: its numbers are in the file."""


@dataclass(frozen=True, slots=True)
class IntervalSpan:
    """The ends of an interval, in per cent as text."""

    low: str
    high: str
    is_cut_low: bool
    is_cut_high: bool


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
    predicted: IntervalSpan


@dataclass(frozen=True, slots=True)
class ForestSetView:
    """The estimates of one outcome and design, with their mean or the reason why there is none.

    `shared_data` says which evaluations use the same data, "" if none do or the reason says so.
    """

    heading: str
    outcome: str
    heading_y: int
    rows: tuple[ForestRowView, ...]
    mean: ForestMeanView | None
    no_mean: str
    shared_data: str
    is_too_small: bool


@dataclass(frozen=True, slots=True)
class ForestTickView:
    x: str
    label: str
    is_null: bool


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
    sets: tuple[ForestSetView, ...]
    ticks: tuple[ForestTickView, ...]
    has_mean: bool
    too_small: int


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

    def view(self, number: int) -> ForestView:
        measure = self.vocabulary.label("measures", self.forest.measure.code, self.language)
        if self.forest.unit:
            measure = f"{measure}, {self.vocabulary.label('units', self.forest.unit, self.language)}"
        level = self.plot.level
        return ForestView(
            id=f"f{number}",
            number=number,
            measure=measure[:1].upper() + measure[1:],
            level=interval_level_text(level, self.language) if level is not None else "",
            null=format_number(self.plot.null, self.language),
            is_log=self.forest.measure.is_log,
            plot=self.plot,
            sets=tuple(
                ForestSetView(
                    heading=self._heading(placed.set),
                    outcome=self.vocabulary.label("outcomes", placed.set.outcome, self.language),
                    heading_y=placed.heading_y,
                    rows=tuple(self._row(row) for row in placed.rows),
                    mean=self._mean(placed.mean, placed.set) if placed.mean else None,
                    no_mean=self._no_mean(placed.set),
                    shared_data="" if placed.set.no_mean == NoMeanReason.SHARED_DATA else self._shared_data(placed.set),
                    is_too_small=placed.set.no_mean == NoMeanReason.TOO_FEW,
                )
                for placed in self.plot.sets
            ),
            ticks=tuple(
                ForestTickView(_percent(tick.x), format_number(tick.value, self.language), tick.is_null)
                for tick in self.plot.ticks
            ),
            has_mean=any(each.pooled for each in self.forest.sets),
            too_small=sum(each.no_mean == NoMeanReason.TOO_FEW for each in self.forest.sets),
        )

    def _heading(self, each: ForestSet) -> str:
        outcome = self.vocabulary.label("outcomes", each.outcome, self.language)
        return f"{outcome} · {strength_labels()[each.design]}"

    def _row(self, placed: PlacedRow) -> ForestRowView:
        row = placed.row
        name, url = self.naming(row)
        finding = row.finding
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
            x=_percent(placed.x),
            span=_span(placed.span) if placed.span else None,
        )

    def _notes(self, row: ForestRow) -> list[str]:
        notes = []
        if not row.is_alone:
            notes.append(_("probada junto con otras"))
        if row.passed_over:
            notes.append(
                ngettext(
                    "elegida entre %(number)s hallazgos", "elegida entre %(number)s hallazgos", row.passed_over + 1
                )
                % {"number": format_number(row.passed_over + 1, self.language)}
            )
        if row.estimate is not None and row.estimate.from_p:
            notes.append(_("error estándar deducido del valor p"))
        if row.unusable is not None:
            notes.append(unusable_text(row.unusable))
        return notes

    def _mean(self, mean: PlacedMean, each: ForestSet) -> ForestMeanView:
        pooled = mean.pooled
        return ForestMeanView(
            placed=mean,
            label=_("Promedio de %(number)s") % {"number": format_number(pooled.k, self.language)},
            figure=self._interval_of(mean.value, mean.low, mean.high),
            sentence=self._sentence(mean, each),
            x=_percent(mean.x),
            span=_span(mean.span),
            predicted=_span(mean.predicted),
        )

    def _sentence(self, mean: PlacedMean, each: ForestSet) -> str:
        pooled = mean.pooled
        sentence = _(
            "%(outcome)s, %(number)s evaluaciones %(design)s: promedio %(mean)s, intervalo de 95 %%. "
            "Heterogeneidad: I² = %(i2)s, τ² = %(tau2)s. Intervalo de predicción para otra evaluación: %(predicted)s."
        ) % {
            "outcome": self.vocabulary.label("outcomes", each.outcome, self.language),
            "number": format_number(pooled.k, self.language),
            "design": strength_labels()[each.design],
            "mean": self._interval_of(mean.value, mean.low, mean.high),
            "i2": format_percent(round(100 * pooled.i2), self.language),
            "tau2": self._number(pooled.tau2, 3),
            "predicted": f"[{self._number(mean.predicted_low)}; {self._number(mean.predicted_high)}]",
        }
        if each.left_out:
            sentence += " " + ngettext(
                "No entra %(number)s, de la que no se puede deducir el error estándar.",
                "No entran %(number)s, de las que no se puede deducir el error estándar.",
                len(each.left_out),
            ) % {"number": format_number(len(each.left_out), self.language)}
        if pooled.is_narrow:
            sentence += " " + _(
                "Las estimaciones se parecen más de lo que el azar haría esperar, y el intervalo sale más angosto que "
                "el de un efecto común: léalo con cautela."
            )
        return sentence

    def _no_mean(self, each: ForestSet) -> str:
        if each.no_mean is None:
            return ""
        return {
            NoMeanReason.TOO_FEW: _("menos de tres evaluaciones independientes de este resultado con la misma medida."),
            NoMeanReason.TOO_FEW_USABLE: _("de menos de tres se puede deducir el error estándar."),
            NoMeanReason.NO_COMMON_SCALE: _(
                "las cifras de esta medida no están en una escala común a las evaluaciones."
            ),
            NoMeanReason.SHARED_DATA: self._shared_data(each),
            NoMeanReason.OPPOSITE: _(
                "en unas lo favorable es subir y en otras es bajar: sus escalas van en sentido opuesto."
            ),
            NoMeanReason.IDENTICAL: _("las estimaciones son iguales, y el método daría un intervalo sin ancho."),
        }[each.no_mean]

    def _shared_data(self, each: ForestSet) -> str:
        """Return who uses the same data, "" if nobody does."""
        text = _("%(names)s usan los mismos datos: no son pruebas independientes.")
        names = {row.work_id: self.naming(row)[0] for row in each.rows}
        told = (text % {"names": join_with_and([names[id_] for id_ in own], self.language)} for own in each.sharing)
        return " ".join(told)

    def _interval_of(self, value: float, low: float, high: float) -> str:
        return f"{self._number(value)} [{self._number(low)}; {self._number(high)}]"

    def _number(self, number: float, decimals: int = 2) -> str:
        # The bounds of an uncertain ratio, back from their logarithms, can have any number of digits.
        if abs(number) >= 1e6:
            return "> 999 999" if number > 0 else "< −999 999"
        return format_number(number, self.language, decimals)


def unusable_text(reason: UnusableReason) -> str:
    """Return in words why a finding gives no standard error."""
    return {
        UnusableReason.NO_VALUE: _("sin valor"),
        UnusableReason.NOT_A_COMPARISON: _("no compara"),
        UnusableReason.NO_PRECISION: _("sin intervalo ni valor p"),
        UnusableReason.NOT_POSITIVE: _("una razón o su intervalo no es mayor que cero"),
        UnusableReason.WRONG_SIDE: _("el valor está fuera de su intervalo"),
        UnusableReason.NO_WIDTH: _("el intervalo no tiene ancho"),
        UnusableReason.LOPSIDED: _("el intervalo no es simétrico en su escala"),
        UnusableReason.BAD_LEVEL: _("el nivel del intervalo no se entiende"),
        UnusableReason.BAD_P: _("de este valor p no se deduce un error estándar"),
        UnusableReason.OUT_OF_RANGE: _("cifras fuera de lo razonable"),
    }[reason]


def pooled_numbers(forest: Forest, each: ForestSet) -> Mapping[str, float]:
    """Return the numbers of a mean on the scale of its measure, for a file."""
    pooled: Pooled | None = each.pooled
    if pooled is None:
        return {}
    is_log = forest.measure.is_log
    return {
        "mean": to_measure_scale(pooled.mean, is_log=is_log),
        "low": to_measure_scale(pooled.low, is_log=is_log),
        "high": to_measure_scale(pooled.high, is_log=is_log),
        "predicted_low": to_measure_scale(pooled.predicted_low, is_log=is_log),
        "predicted_high": to_measure_scale(pooled.predicted_high, is_log=is_log),
        "tau2": pooled.tau2,
        "i2": pooled.i2,
    }


def finding_numbers(finding: FindingRecord) -> tuple[str, ...]:
    """Return the numbers of a finding for a file: points for decimals, empty where there is none."""
    numbers = (finding.value, finding.ci_low, finding.ci_high, finding.ci_level, finding.p, finding.follow_up_months)
    return tuple("" if number is None else repr(number) for number in numbers)


def _span(span: AxisSegment) -> IntervalSpan:
    return IntervalSpan(_percent(span.low), _percent(span.high), span.is_cut_low, span.is_cut_high)


def _percent(x: float) -> str:
    # Not in the template: in Spanish Django would write a decimal comma, which SVG does not read.
    return f"{x:.1f}%"
