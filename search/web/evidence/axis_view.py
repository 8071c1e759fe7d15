"""Positions on a plot as its template prints them: text, since Django would write a decimal comma in Spanish."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from studies.synthesis.axis import AxisSegment, Tick
from studies.text.numbers import format_number


@dataclass(frozen=True, slots=True)
class IntervalSpan:
    """The ends of an interval, in per cent as text."""

    low: str
    high: str
    is_cut_low: bool
    is_cut_high: bool


@dataclass(frozen=True, slots=True)
class TickView:
    """A number of the axis, its x in per cent as text."""

    x: str
    label: str
    is_null: bool


@dataclass(frozen=True, slots=True)
class SquareView:
    """A square around the place of an estimate, in pixels as text: its upper left corner (x and y) and its side."""

    corner: str
    side: str


def percent_text(x: float) -> str:
    """Return an x in per cent."""
    return f"{x:.1f}%"


def span_view(span: AxisSegment) -> IntervalSpan:
    """Return an interval as its template draws it."""
    return IntervalSpan(percent_text(span.low), percent_text(span.high), span.is_cut_low, span.is_cut_high)


def square_view(side: float) -> SquareView:
    """Return a square of `side` pixels."""
    return SquareView(f"{-side / 2:.2f}", f"{side:.2f}")


def tick_views(ticks: Iterable[Tick], language: str) -> tuple[TickView, ...]:
    """Return the numbers of an axis."""
    return tuple(TickView(percent_text(tick.x), format_number(tick.value, language), tick.is_null) for tick in ticks)
