"""The figure of a brief: a forest plot cut to the sets that the sheet holds whole."""

from __future__ import annotations

from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext as _

from search.web.brief.blocks import BriefRun, FigureBlock, TableBlock, TableColumn
from search.web.evidence.answer import namer
from search.web.evidence.basis import Basis
from search.web.evidence.forest_view import ForestView, forest_view
from search.web.evidence.page import plottable_forests
from search.web.shared.evidence_request import with_query
from studies.synthesis.forest import Forest, ForestRow

MOST_HEIGHT_PX = 320


def choose_figure(basis: Basis) -> FigureBlock | None:
    """Return the figure, None if none fits: one with a mean before one without, then that of most evaluations."""
    return basis.keep("figure of a brief", lambda: _draw_figure(basis))


def _draw_figure(basis: Basis) -> FigureBlock | None:
    drawn = [view for forest in plottable_forests(basis.forests()) if (view := _fit(forest, basis)) is not None]
    if not drawn:
        return None
    # `max` takes the first of those that are equal: the measure that comes first.
    view = max(drawn, key=lambda each: (each.has_mean, sum(len(own.rows) for own in each.sets)))
    return FigureBlock(view, f"{with_query(reverse('evidence'), basis.query)}#cifras", _forest_table(view))


def _fit(forest: Forest, basis: Basis) -> ForestView | None:
    """Return the plot of as many outcomes and sets as the sheet holds; None if it holds none."""
    name = namer(basis)

    def naming(row: ForestRow) -> tuple[str, str]:
        return name(row.study.id), reverse("study", args=[row.study.id])

    # Whole outcomes before single sets, and those with a mean before others; else in their order.
    by_outcome = [
        tuple(own for own in forest.sets if (own.outcome, own.design) == key)
        for key in dict.fromkeys((each.outcome, each.design) for each in forest.sets)
    ]
    by_outcome.sort(key=lambda sets: all(each.pooled is None for each in sets))
    alone = sorted(((each,) for each in forest.sets), key=lambda sets: -len(sets[0].rows))
    view, kept = None, frozenset[int]()
    for wanted in (*by_outcome, *alone):
        ids = kept | {id(each) for each in wanted}
        sets = tuple(each for each in forest.sets if id(each) in ids)
        longer = forest_view(1, replace(forest, sets=sets), basis.vocabulary, basis.language, naming)
        if longer.axis_title.height <= MOST_HEIGHT_PX:
            view, kept = longer, ids
    rows = [row for each in view.sets for row in each.rows] if view else []
    # One estimate alone compares nothing, and points without any interval show no more than their numbers say.
    return view if len(rows) > 1 and any(row.interval for row in rows) else None


def _forest_table(forest: ForestView) -> TableBlock:
    rows: list[tuple[tuple[BriefRun, ...], ...]] = []
    for each in forest.sets:
        rows.append(((BriefRun(f"{each.heading}. {each.detail}"),),))
        for row in each.rows:
            figure = BriefRun(f"{row.figure} {row.interval}".strip())
            told = (BriefRun(row.name, row.url), BriefRun(row.measured_at), figure, BriefRun(row.weight or "·"))
            rows.append(tuple((run,) for run in told))
        if each.mean:
            mean = (BriefRun(each.mean.label), BriefRun("·"), BriefRun(each.mean.figure), BriefRun("·"))
            rows.append(tuple((run,) for run in mean))
    return TableBlock(
        _("Estimaciones: %(measure)s") % {"measure": forest.measure},
        (
            TableColumn(_("Evaluación"), 78),
            TableColumn(_("Medido a los"), 30),
            TableColumn(_("Cifra [intervalo]"), 48),
            TableColumn(_("Peso"), 18),
        ),
        tuple(rows),
        role="estimates",
    )
