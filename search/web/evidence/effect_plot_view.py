"""The view model of effects by outcome: panels with their words, the table with the same numbers, what is not drawn."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.web.evidence.axis_view import IntervalSpan, TickView, percent_text, span_view, tick_views
from search.web.evidence.basis import Basis
from search.web.evidence.dimensions import lower_first
from search.web.evidence.forest_text import comparator_text, measure_text, round_computed
from search.web.evidence.row_names import name_study
from studies.citations.names import join_with_and
from studies.learning.answer_tables import list_priority_outcomes
from studies.store import evidence_snapshot
from studies.synthesis.effect_plot import (
    CIRCLE,
    NAME_LINE_PX,
    SQUARE,
    TRIANGLE,
    EffectMark,
    PlacedOutcome,
    PlacedPanel,
    PlacedSide,
    place_effects,
)
from studies.synthesis.effects_by_outcome import (
    EffectPanel,
    EffectsByOutcome,
    MeasureKind,
    NotDrawn,
    NotDrawnReason,
    Side,
    gather_effects,
)
from studies.text.numbers import format_number
from studies.web.shared.findings import figure_text, interval_level_text, interval_text
from studies.web.shared.plot_axis import AxisTitle, axis_title

MOST_NAMED = 12
_LETTERS_OF_NAME = 38
"""Letters of an outcome that fit in the width of a phone: SVG breaks no lines."""
_PANEL_GAP = 16


@dataclass(frozen=True, slots=True)
class MarkView:
    """An estimate, on the plot and in the table."""

    placed: EffectMark
    name: str
    url: str
    measure: str
    figure: str
    interval: str
    x: str
    span: IntervalSpan | None


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """An outcome against one kind of comparator. `name` holds its lines on the plot, each with its y."""

    placed: PlacedOutcome
    outcome: str
    name: tuple[tuple[int, str], ...]
    comparator: str
    marks: tuple[MarkView, ...]


@dataclass(frozen=True, slots=True)
class SideView:
    """Outcomes that are read the same way: what lies left and right of no difference."""

    placed: PlacedSide
    left: str
    right: str
    outcomes: tuple[OutcomeView, ...]


@dataclass(frozen=True, slots=True)
class PanelView:
    """A panel from `y` down, in pixels."""

    y: int
    placed: PlacedPanel
    measure: str
    axis_title: AxisTitle
    sides: tuple[SideView, ...]
    ticks: tuple[TickView, ...]


@dataclass(frozen=True, slots=True)
class EffectPlotView:
    """The figure as page and file print it: `legend` says how to read it, `notes` what is not on it."""

    panels: tuple[PanelView, ...]
    height: int
    legend: tuple[str, ...]
    notes: tuple[str, ...]


def gather_effects_of(basis: Basis) -> EffectsByOutcome:
    """Return the effects by outcome of a body of evidence: one query, none without an estimate.

    The outcomes that come first are those of the theme, where the criteria name just one.
    """
    return _gather_effects(basis, _first_outcomes(basis))


def effect_plot_view(basis: Basis) -> EffectPlotView | None:
    """Return the figure; None where no two estimates share an axis, or the first outcome has too many to draw."""
    first = _first_outcomes(basis)

    def draw() -> EffectPlotView | None:
        effects = _gather_effects(basis, first)
        return _EffectPlotBuilder(basis, effects).view() if effects.panels else None

    return basis.keep(("effects", first), draw)


def _first_outcomes(basis: Basis) -> tuple[str, ...]:
    themes = QueryDict(basis.query).getlist("theme")
    return list_priority_outcomes(themes[0] if len(themes) == 1 else None) if basis.all_forests() else ()


def _gather_effects(basis: Basis, first: tuple[str, ...]) -> EffectsByOutcome:
    outcomes = tuple(dict.fromkeys((*first, *basis.outcome_codes())))
    measures = evidence_snapshot.read_measures(basis.vocabulary)
    return gather_effects(basis.studies, basis.evidence, measures, basis.all_forests(), outcomes, basis.scope)


class _EffectPlotBuilder:
    def __init__(self, basis: Basis, effects: EffectsByOutcome) -> None:
        self.basis = basis
        self.effects = effects
        lines = {row.outcome: len(self._name_lines(row.outcome)) for panel in effects.panels for row in panel.rows}
        self.placed = place_effects(effects, lines)

    def view(self) -> EffectPlotView:
        panels, y = [], 0
        for placed in self.placed:
            panel = self._panel(placed, y)
            panels.append(panel)
            y += panel.axis_title.height + _PANEL_GAP
        return EffectPlotView(tuple(panels), y - _PANEL_GAP, tuple(self._legend()), tuple(self._notes()))

    def _panel(self, placed: PlacedPanel, y: int) -> PanelView:
        language = self.basis.language
        measure = measure_text(placed.panel.measures, None, self.basis.vocabulary, language)
        if placed.level is not None:
            measure = f"{measure}; {interval_level_text(placed.level, language)}"
        return PanelView(
            y=y,
            placed=placed,
            measure=measure,
            axis_title=axis_title(measure, placed.frame, is_log=placed.is_log),
            sides=tuple(self._side(side) for side in placed.sides),
            ticks=tick_views(placed.ticks, language),
        )

    def _side(self, placed: PlacedSide) -> SideView:
        left, right = _side_words(placed.side)
        return SideView(placed, left, right, tuple(self._outcome(each) for each in placed.outcomes))

    def _outcome(self, placed: PlacedOutcome) -> OutcomeView:
        top = placed.outcome_y
        lines = enumerate(self._name_lines(placed.row.outcome)) if top is not None else ()
        return OutcomeView(
            placed=placed,
            outcome=self._label(placed.row.outcome),
            name=tuple(((top or 0) + NAME_LINE_PX * number, line) for number, line in lines),
            comparator=comparator_text(placed.row.comparator_kind),
            marks=tuple(self._mark(mark) for mark in placed.marks),
        )

    def _mark(self, placed: EffectMark) -> MarkView:
        finding = round_computed(placed.row)
        name, url = name_study(self.basis, placed.row.study)
        return MarkView(
            placed=placed,
            name=name,
            url=url,
            measure=self.basis.vocabulary.label("measures", finding.measure or "", self.basis.language),
            figure=figure_text(finding, self.basis.vocabulary, self.basis.language),
            interval=interval_text(finding, self.basis.language),
            x=percent_text(placed.x),
            span=span_view(placed.span) if placed.span else None,
        )

    def _legend(self) -> list[str]:
        ratios = (panel.shapes for panel in self.placed if panel.panel.kind is MeasureKind.RATIO)
        shapes = next(ratios, frozenset())
        legend = [
            _("Cada marca: la estimación de una evaluación; la raya, su intervalo; vacía: sin intervalo en la fuente."),
            _("La línea punteada es «sin diferencia», y las palabras de cada bloque dicen qué lado es cuál."),
        ]
        if len(shapes) > 1:
            legend.append(_shapes_text(shapes))
        if any(panel.is_cut for panel in self.placed):
            legend.append(_("Una flecha quiere decir que el intervalo sigue fuera del eje."))
        return legend

    def _notes(self) -> list[str]:
        notes = []
        texts = {
            NotDrawnReason.NO_NUMBER: _("Sin cifra que dibujar: %(names)s."),
            NotDrawnReason.ONLY_ANOTHER_HAS_NUMBER: _(
                "Sin cifra en el hallazgo que habla por la evaluación, aunque sí en otro de los suyos: %(names)s."
            ),
            NotDrawnReason.OWN_SCALE: _(
                "Con una cifra en una escala propia, que no comparte eje con otras: %(names)s."
            ),
        }
        for reason, text in texts.items():
            own = [each for each in self.effects.not_drawn if each.reason == reason]
            if own:
                notes.append(text % {"names": self._names(own)})
        alone = "; ".join(self._alone(panel) for panel in self.effects.alone)
        if alone:
            notes.append(
                _("Única cifra de su clase de medida, que no tiene con qué compararse: %(names)s.") % {"names": alone}
            )
        number = self.effects.outcomes_left_out
        if number:
            text = ngettext(
                "No cabe %(number)s resultado más con cifras: está en los datos.",
                "No caben %(number)s resultados más con cifras: están en los datos.",
                number,
            )
            notes.append(text % {"number": format_number(number, self.basis.language)})
        return notes

    def _names(self, own: list[NotDrawn]) -> str:
        """Return the evaluations with their outcomes, those of one outcome together."""
        by_outcome: dict[str, list[str]] = {}
        for each in own[:MOST_NAMED]:
            by_outcome.setdefault(each.outcome, []).append(name_study(self.basis, each.study)[0])
        parts = [
            f"{lower_first(self._label(outcome))}: {join_with_and(names, self.basis.language)}"
            for outcome, names in by_outcome.items()
        ]
        more = len(own) - MOST_NAMED
        if more > 0:
            number = format_number(more, self.basis.language)
            parts.append(ngettext("%(number)s más", "%(number)s más", more) % {"number": number})
        return "; ".join(parts)

    def _alone(self, panel: EffectPanel) -> str:
        """Return the only estimate of a panel in words."""
        (row,) = panel.estimates
        finding = round_computed(row)
        measure = measure_text(panel.measures, None, self.basis.vocabulary, self.basis.language)
        figure = figure_text(finding, self.basis.vocabulary, self.basis.language)
        told = f"{lower_first(measure)}, {figure} {interval_text(finding, self.basis.language)}".strip()
        outcome = lower_first(self._label(row.finding.outcome))
        return f"{outcome}: {name_study(self.basis, row.study)[0]} ({told})"

    def _name_lines(self, outcome: str) -> list[str]:
        return textwrap.wrap(self._label(outcome), _LETTERS_OF_NAME)

    def _label(self, outcome: str) -> str:
        return self.basis.vocabulary.label("outcomes", outcome, self.basis.language)


def _side_words(side: Side) -> tuple[str, str]:
    """Return what lies left and right of no difference."""
    return {
        Side.LESS_VIOLENCE_LEFT: (_("menos violencia"), _("más violencia")),
        Side.LESS_VIOLENCE_RIGHT: (_("más violencia"), _("menos violencia")),
        Side.BETTER_LEFT: (_("mejor para las mujeres"), _("peor")),
        Side.BETTER_RIGHT: (_("peor"), _("mejor para las mujeres")),
        Side.NEITHER: (_("menos"), _("más (ni mejor ni peor en sí)")),
        Side.UNKNOWN: (_("menor"), _("mayor, sin lado mejor claro")),
    }[side]


def _shapes_text(shapes: frozenset[str]) -> str:
    names = {
        CIRCLE: _("círculo, de riesgos o de prevalencias"),
        SQUARE: _("cuadrado, de posibilidades"),
        TRIANGLE: _("triángulo, otra"),
    }
    told = "; ".join(text for shape, text in names.items() if shape in shapes)
    return _("Razones: %(shapes)s. Las de clase distinta se comparan en dirección, no en tamaño.") % {"shapes": told}
