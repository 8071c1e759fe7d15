"""The learning cycle in words: which step a programme has reached, and the names of all steps."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from studies.learning.programmes import CYCLE
from studies.models import Programme


@dataclass(frozen=True, slots=True)
class StageView:
    """Where a programme is. `steps` says of each step whether it is reached; () for a stage that is no step."""

    text: str
    steps: tuple[bool, ...]


def stage_label(stage: str) -> str:
    """Return the label of a stage. Raises ValueError for an unknown one."""
    return str(Programme.Stage(stage).label)


def step_names() -> dict[str, str]:
    """Return the names of the steps of the cycle by stage, in their order."""
    names = (
        _("Diagnóstico"),
        _("Evidencia"),
        _("Diseño"),
        _("Evaluación"),
        _("Resultados"),
        _("Decisión y escala"),
    )
    return dict(zip(CYCLE, names, strict=True))


def stage_view(stage: str) -> StageView:
    """Return in one line where a programme at `stage` is."""
    if stage not in CYCLE:
        return StageView(_("Fuera del ciclo: %(stage)s") % {"stage": stage_label(stage)}, ())
    place = CYCLE.index(stage) + 1
    words = {"place": place, "all": len(CYCLE), "stage": stage_label(stage)}
    text = _("Etapa %(place)s de %(all)s: %(stage)s") % words
    return StageView(text, tuple(step < place for step in range(len(CYCLE))))
