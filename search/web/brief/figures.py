"""The figure of a brief: the first forest plot with a mean that leaves room on the sheet, else the harvest plot."""

from __future__ import annotations

from collections.abc import Mapping

from django.template.defaultfilters import capfirst
from django.utils.translation import gettext as _

from search.web.brief.blocks import Column, Figure, Run, Table
from search.web.evidence.forest_view import ForestView
from search.web.evidence.harvest_view import HarvestView, harvest_view
from search.web.evidence.page import Basis, Synthesis
from studies.synthesis.tables import Tally
from studies.text.numbers import format_number

_TEMPLATES = "brief/blocks"
_MOST_OUTCOMES, _MOST_HEIGHT_PX = 3, 240


def figure(basis: Basis, whole: Synthesis, outcomes: Mapping[str, Tally], order: tuple[str, ...]) -> Figure | None:
    """Return the figure, None where none fits. `order` has the outcomes by number of evaluations."""
    for forest in whole.forests:
        if forest.has_mean and forest.plot.frame.height <= _MOST_HEIGHT_PX:
            return Figure(
                f"{_TEMPLATES}/forest_figure.html", forest, f"{whole.criteria_url}#cifras", _forest_table(forest)
            )
    if harvest := _harvest(basis, outcomes, order):
        table = _harvest_table(harvest, basis.language)
        return Figure(f"{_TEMPLATES}/harvest_figure.html", harvest, f"{whole.criteria_url}#efectos", table)
    return None


def _harvest(basis: Basis, outcomes: Mapping[str, Tally], order: tuple[str, ...]) -> HarvestView | None:
    """Draw as many of the most evaluated outcomes as leave room on the sheet."""
    drawn = None
    for count in range(1, _MOST_OUTCOMES + 1):
        view = harvest_view(outcomes, order[:count], basis.evidence, basis.vocabulary, basis.language, basis.address)
        if view.rows and view.plot.height <= _MOST_HEIGHT_PX:
            drawn = view
    return drawn


def _forest_table(forest: ForestView) -> Table:
    rows: list[tuple[Run, ...]] = []
    for each in forest.sets:
        for row in each.rows:
            figure = Run(f"{row.figure} {row.interval}".strip())
            name = Run(row.name, row.url)
            rows.append((Run(each.heading), name, Run(row.measured_at), figure, Run(row.weight or "·")))
        if each.mean:
            rows.append((Run(each.heading), Run(each.mean.label), Run("·"), Run(each.mean.figure), Run("·")))
    return Table(
        _("Las estimaciones del gráfico: %(measure)s") % {"measure": forest.measure},
        (
            Column(_("Resultado"), 42),
            Column(_("Evaluación"), 48),
            Column(_("Medido a los"), 24),
            Column(_("Cifra [intervalo]"), 42),
            Column(_("Peso"), 18),
        ),
        tuple(tuple((run,) for run in row) for row in rows),
    )


def _harvest_table(harvest: HarvestView, language: str) -> Table:
    rows = [
        (Run(row.outcome), *(Run(format_number(n.number, language), n.url if n.number else "") for n in row.counts))
        for row in harvest.table
    ]
    return Table(
        _("Evaluaciones por resultado y efecto"),
        (Column(_("Resultado"), 54), *(Column(capfirst(head), 24) for head in harvest.table_heads)),
        tuple(tuple((run,) for run in row) for row in rows),
        note=(Run(_("El efecto es el juicio de los autores; contar evaluaciones no es un veredicto.")),),
    )
