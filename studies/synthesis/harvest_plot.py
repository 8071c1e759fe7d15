"""The layout of a harvest plot: a bar for each evaluation, by outcome and effect. Pure; words are the template's.

The x of a group of bars is in per cent of the width, everything else in pixels, so that text keeps its size.
Source of the form: Ogilvie et al. 2008, "The harvest plot".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from studies.synthesis.evidence import ESTIMATED, STRENGTHS, Evidence, classify_design
from studies.synthesis.tables import Tally, iterate_works

COLUMNS = {"unfavourable": 0, "no-effect": 15, "mixed": 38, "ambiguous": 48, "favourable": 68}
"""Where the bars of each effect begin, in per cent of the plot's width."""

_HEIGHTS = dict(zip(STRENGTHS, (30, 15, 7), strict=True))
_BAR, _STEP = 11, 15
_IN_A_LINE = {"unfavourable": 3, "no-effect": 4, "mixed": 2, "ambiguous": 4, "favourable": 5}
_MOST_LINES = 4
_HEAD, _LABEL, _LINE, _GAP = 32, 20, 36, 14


@dataclass(frozen=True, slots=True)
class Bar:
    """The bar of an evaluation; `x` (within its group) and `y` are those of its upper left corner."""

    x: int
    y: int
    width: int
    height: int
    is_alone: bool


@dataclass(frozen=True, slots=True)
class BarGroup:
    """The bars of one outcome and effect. `more` counts evaluations without a bar; print it at (`more_x`, `base_y`)."""

    effect: str
    x: int
    bars: tuple[Bar, ...]
    base_y: int
    more: int
    more_x: int


@dataclass(frozen=True, slots=True)
class HarvestRow:
    """The row of an outcome, with a line above it at `rule_y`."""

    outcome: str
    rule_y: int
    label_y: int
    groups: tuple[BarGroup, ...]


@dataclass(frozen=True, slots=True)
class HarvestPlot:
    """The whole plot. An outcome without an estimated effect has no row."""

    rows: tuple[HarvestRow, ...]
    height: int


def build_harvest_plot(tallies: Mapping[str, Tally], outcomes: Iterable[str], evidence: Evidence) -> HarvestPlot:
    """Return the plot of `tallies`, which are by outcome, in the order of `outcomes`."""
    rows: list[HarvestRow] = []
    y = _HEAD
    for outcome in outcomes:
        bars = _by_effect(tallies[outcome], evidence)
        if not bars:
            continue
        lines = max(min(_MOST_LINES, -(-len(own) // _IN_A_LINE[effect])) for effect, own in bars.items())
        top = y + _LABEL + 8
        groups = tuple(_group(effect, bars.get(effect, []), top, lines) for effect in COLUMNS)
        rows.append(HarvestRow(outcome, y - 6, y + 13, groups))
        y = top + _LINE * lines + _GAP
    return HarvestPlot(tuple(rows), y)


def _by_effect(tally: Tally, evidence: Evidence) -> dict[str, list[tuple[int, bool]]]:
    """Return by effect the bars as (height, is_alone), the tallest (strongest design) first."""
    heights = {work.id: _HEIGHTS[classify_design(work)] for work in iterate_works(tally, evidence)}
    found: dict[str, list[tuple[int, bool]]] = {}
    for work_id in tally.effects:
        effect = tally.effect_of(work_id)
        if effect in ESTIMATED:
            found.setdefault(effect, []).append((heights[work_id], work_id not in tally.together))
    for own in found.values():
        own.sort(reverse=True)
    return found


def _group(effect: str, bars: list[tuple[int, bool]], top: int, lines: int) -> BarGroup:
    in_a_line = _IN_A_LINE[effect]
    drawn = bars[: in_a_line * _MOST_LINES]
    if len(bars) > len(drawn):
        # Two bars give way to the number of those that are not drawn.
        drawn = drawn[:-2]
    placed = tuple(
        Bar(
            x=1 + _STEP * (number % in_a_line),
            y=top + _LINE * (number // in_a_line) + _HEIGHTS["randomised"] - height,
            width=_BAR,
            height=height,
            is_alone=is_alone,
        )
        for number, (height, is_alone) in enumerate(bars[: len(drawn)])
    )
    last_line = min(lines, -(-len(drawn) // in_a_line) or 1)
    return BarGroup(
        effect=effect,
        x=COLUMNS[effect],
        bars=placed,
        base_y=top + _LINE * (last_line - 1) + _HEIGHTS["randomised"],
        more=len(bars) - len(drawn),
        more_x=1 + _STEP * (len(drawn) % in_a_line),
    )
