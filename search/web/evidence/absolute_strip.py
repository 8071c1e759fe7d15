"""The strip beside an absolute effect: of each 1,000, a bar without, one with the programme, a line for the interval.

Drawn of one estimate only: several that nobody averages stay in words, which also tell what the strip shows.
"""

from __future__ import annotations

from dataclasses import dataclass

from studies.synthesis.absolute_effect import PER, AbsoluteEffect
from studies.synthesis.direction import Movement
from studies.synthesis.summary_of_findings import SummaryRow
from studies.text.numbers import format_number

_LONGEST_PERCENT = 74.0
"""Of the strip's width: the longest bar or line; the rest is for the number behind it."""

_SPACE_PERCENT = 3.0


@dataclass(frozen=True, slots=True)
class StripBar:
    """A bar with the number behind it; `percent` and `text_at` are parts of the strip's width, as CSS reads them."""

    number: str
    percent: str
    text_at: str


@dataclass(frozen=True, slots=True)
class AbsoluteStrip:
    """The two bars, and the two ends of the interval as parts of the width; "" without one."""

    without: StripBar
    with_programme: StripBar
    low: str = ""
    high: str = ""


def absolute_strip(row: SummaryRow, language: str) -> AbsoluteStrip | None:
    """Return the strip of a row whose cell tells one absolute effect; None for none, and for several."""
    effects = [
        each.absolute
        for each in row.told
        if isinstance(each.absolute, AbsoluteEffect) and each.direction.movement is not Movement.MIXED
    ]
    return draw_strip(effects[0], language) if len(effects) == 1 else None


def draw_strip(effect: AbsoluteEffect, language: str) -> AbsoluteStrip | None:
    """Return the strip of an effect; None where all is 0 and there is nothing to draw. No number is above PER."""
    longest = max(effect.without, effect.with_programme, effect.high or 0)
    if not 0 < longest <= PER:
        return None
    scale = _LONGEST_PERCENT / longest

    def bar(number: float) -> StripBar:
        return StripBar(
            format_number(round(number), language), _percent(number * scale), _percent(number * scale + _SPACE_PERCENT)
        )

    without, with_programme = bar(effect.without), bar(effect.with_programme)
    if effect.low is None or effect.high is None:
        return AbsoluteStrip(without, with_programme)
    return AbsoluteStrip(without, with_programme, _percent(effect.low * scale), _percent(effect.high * scale))


def _percent(number: float) -> str:
    return f"{number:.1f}%"
