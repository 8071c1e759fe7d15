"""The plots of a synthesis as files: with the title and the legend that stand around them on the page."""

from __future__ import annotations

from django.utils.translation import gettext as _

from search.web.evidence.effect_plot_view import EffectPlotView
from search.web.evidence.forest_view import ForestView
from studies.web.shared.pictures import PLOT_WIDTH, Picture


def forest_picture(forest: ForestView, subject: str, address: str) -> Picture:
    """Return a forest plot as a picture of the studies that `subject` names."""
    legend = [
        f"{forest.level[:1].upper()}{forest.level[1:]}." if forest.level else "",
        _("La línea punteada (%(null)s) es «sin diferencia».") % {"null": forest.null},
        _("Cuadrado: una evaluación; su área es su precisión. Vacío: su fuente no da intervalo."),
        _("Una flecha quiere decir que el intervalo sigue fuera del eje.") if forest.is_cut else "",
        _mean_text(forest),
    ]
    return Picture(
        template="evidence/forest_plot.html",
        context={"forest": forest},
        width=PLOT_WIDTH,
        height=forest.axis_title.height,
        title=_("Una estimación por evaluación: %(measure)s") % {"measure": forest.measure},
        subtitle=subject,
        legend=tuple(filter(None, legend)),
        address=f"{address}#cifras",
    )


def _mean_text(forest: ForestView) -> str:
    means = [each.mean for each in forest.sets if each.mean]
    if any(mean.predicted for mean in means):
        return _("Rombo negro: promedio, sobre la línea de su intervalo; línea de trazos: intervalo de predicción.")
    return _("Rombo negro: promedio, sobre la línea de su intervalo.") if means else ""


def effects_picture(effects: EffectPlotView, subject: str, address: str) -> Picture:
    """Return effects by outcome as a picture of the studies that `subject` names."""
    return Picture(
        template="evidence/effect_plot.html",
        context={"effects": effects},
        width=PLOT_WIDTH,
        height=effects.height,
        title=_("Efectos por resultado"),
        subtitle=subject,
        legend=(*effects.legend, *effects.notes),
        address=f"{address}#por-resultado",
    )
