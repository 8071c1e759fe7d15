"""Chooses the figure of a brief: the first forest plot with a mean that fits on the sheet, else the harvest plot."""

from __future__ import annotations

from collections.abc import Mapping

from django.template.defaultfilters import capfirst
from django.utils.translation import gettext as _

from search.web.brief.blocks import BriefRun, FigureBlock, TableBlock, TableColumn
from search.web.evidence.forest_view import ForestView
from search.web.evidence.harvest_view import HarvestView, harvest_view
from search.web.evidence.page import Basis, Synthesis
from studies.synthesis.tables import Tally
from studies.text.numbers import format_number

_TEMPLATES = "brief/blocks"
_MOST_OUTCOMES, _MOST_HEIGHT_PX = 3, 240
_TABLE_MM, _LEAST_OUTCOME_MM = 174, 36
"""The room for a table on a sheet of Word, and what the names of outcomes need of it."""


def choose_figure(
    basis: Basis, whole: Synthesis, outcomes: Mapping[str, Tally], order: tuple[str, ...]
) -> FigureBlock | None:
    """Return the figure, None if none fits. `order` has the outcomes, those with most evaluations first."""
    for forest in whole.forests:
        if forest.has_mean and forest.plot.frame.height <= _MOST_HEIGHT_PX:
            return FigureBlock(
                f"{_TEMPLATES}/forest_figure.html", forest, f"{whole.criteria_url}#cifras", _forest_table(forest)
            )
    if harvest := _fitting_harvest(basis, outcomes, order):
        table = _harvest_table(harvest, basis.language)
        return FigureBlock(f"{_TEMPLATES}/harvest_figure.html", harvest, f"{whole.criteria_url}#efectos", table)
    return None


def _fitting_harvest(basis: Basis, outcomes: Mapping[str, Tally], order: tuple[str, ...]) -> HarvestView | None:
    """Return the harvest plot of as many of the most evaluated outcomes as leave room on the sheet; None of none."""
    drawn = None
    for count in range(1, _MOST_OUTCOMES + 1):
        view = harvest_view(outcomes, order[:count], basis.evidence, basis.vocabulary, basis.language, basis.address)
        if view.rows and view.plot.height <= _MOST_HEIGHT_PX:
            drawn = view
    return drawn


def _forest_table(forest: ForestView) -> TableBlock:
    rows: list[tuple[BriefRun, ...]] = []
    for each in forest.sets:
        for row in each.rows:
            figure = BriefRun(f"{row.figure} {row.interval}".strip())
            name = BriefRun(row.name, row.url)
            rows.append((BriefRun(each.heading), name, BriefRun(row.measured_at), figure, BriefRun(row.weight or "·")))
        if each.mean:
            rows.append(
                (
                    BriefRun(each.heading),
                    BriefRun(each.mean.label),
                    BriefRun("·"),
                    BriefRun(each.mean.figure),
                    BriefRun("·"),
                )
            )
    return TableBlock(
        _("Las estimaciones del gráfico: %(measure)s") % {"measure": forest.measure},
        (
            TableColumn(_("Resultado"), 42),
            TableColumn(_("Evaluación"), 48),
            TableColumn(_("Medido a los"), 24),
            TableColumn(_("Cifra [intervalo]"), 42),
            TableColumn(_("Peso"), 18),
        ),
        tuple(tuple((run,) for run in row) for row in rows),
    )


def _harvest_table(harvest: HarvestView, language: str) -> TableBlock:
    rows = [
        (
            BriefRun(row.outcome),
            *(BriefRun(format_number(n.number, language), n.url if n.number else "") for n in row.counts),
        )
        for row in harvest.table
    ]
    heads = harvest.table_heads
    width = min(24, (_TABLE_MM - _LEAST_OUTCOME_MM) // max(1, len(heads)))
    return TableBlock(
        _("Evaluaciones por resultado y efecto"),
        (
            TableColumn(_("Resultado"), min(54, _TABLE_MM - width * len(heads))),
            *(TableColumn(capfirst(head), width) for head in heads),
        ),
        tuple(tuple((run,) for run in row) for row in rows),
        note=(BriefRun(_("El efecto es el juicio de los autores; contar evaluaciones no es un veredicto.")),),
    )
