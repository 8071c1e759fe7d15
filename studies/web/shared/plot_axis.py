"""The title of a plot's axis: what its numbers are and in which unit, in lines that fit on a phone."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from django.utils.translation import gettext as _

from studies.synthesis.axis import PlotLayout

_LETTERS = 46
"""Letters that fit in the width of a phone: SVG breaks no lines."""
_BELOW_TICKS, _LINE = 18, 16


@dataclass(frozen=True, slots=True)
class AxisTitle:
    """The lines of the title, each with its y, and the height of the plot with them, in pixels."""

    lines: tuple[tuple[int, str], ...]
    height: int


def axis_title(measure: str, frame: PlotLayout, *, is_log: bool) -> AxisTitle:
    """Return the title of an axis: the measure with its unit, and whether its scale is logarithmic."""
    text = f"{measure}; {_('escala logarítmica')}" if is_log else measure
    top = frame.tick_label_y + _BELOW_TICKS
    lines = tuple((top + _LINE * number, line) for number, line in enumerate(textwrap.wrap(text, _LETTERS)))
    return AxisTitle(lines, frame.height + _LINE * max(0, len(lines) - 1))
