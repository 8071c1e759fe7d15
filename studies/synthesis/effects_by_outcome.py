"""Effects by outcome: what speaks for each evaluation, outcome by outcome, in panels of one kind of measure. Pure.

All ratios are of one kind, around 1; so are standardised differences, percentage points, and relative changes. Mean
differences, regression coefficients and correlations are in a scale of their own and stand on no axis with others. The
estimates are those of the forests, and so of the one rule of `chosen_estimate`. `effect_plot` draws the panels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from studies.records.editorial import VIOLENCE_GROUPS
from studies.synthesis.axis import is_plottable
from studies.synthesis.chosen_estimate import choose_estimates, collect_candidates
from studies.synthesis.comparators import KIND_ORDER
from studies.synthesis.direction import NEITHER_IS_BETTER, read_direction
from studies.synthesis.evidence import Evidence, Scope, StudyEvidence, Taxonomy
from studies.synthesis.forest import STANDARDISED, Forest, ForestRow
from studies.synthesis.orientation import Orientation
from studies.synthesis.plots import Measure

MOST_OUTCOMES, MOST_MARKS = 8, 60
"""Outcomes and estimates that one figure holds: beyond them nobody can read it."""


class MeasureKind(StrEnum):
    """What measures share to stand on one axis, in the order of the panels."""

    RATIO = "ratio"
    STANDARDISED = "standardised"
    POINTS = "points"
    RELATIVE_CHANGE = "relative-change"


class Side(StrEnum):
    """Which side of no difference is good for women, in the order of the plot."""

    LESS_VIOLENCE_LEFT = "less-violence-left"
    LESS_VIOLENCE_RIGHT = "less-violence-right"
    BETTER_LEFT = "better-left"
    BETTER_RIGHT = "better-right"
    NEITHER = "neither"
    """Left is less of the outcome and right is more, and neither is better in itself."""
    UNKNOWN = "unknown"
    """Nobody says which side is better, or the authors do not take their own figure so."""


class NotDrawnReason(StrEnum):
    """Why an evaluation of an outcome that the figure shows has no mark."""

    NO_NUMBER = "no-number"
    ONLY_ANOTHER_HAS_NUMBER = "only-another-has-number"
    """What speaks for it has no number, though another of its findings on the outcome does."""
    OWN_SCALE = "own-scale"


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """The estimates of an outcome against one kind of comparator that are read the same way, one of each evaluation."""

    outcome: str
    comparator_kind: str
    side: Side
    rows: tuple[ForestRow, ...]


@dataclass(frozen=True, slots=True)
class EffectPanel:
    """Outcomes on one axis; `rows` by side, then outcome, then comparator. `measures` are those drawn."""

    kind: MeasureKind
    measures: tuple[Measure, ...]
    rows: tuple[OutcomeRow, ...]

    @property
    def estimates(self) -> tuple[ForestRow, ...]:
        """The estimates of all rows."""
        return tuple(row for own in self.rows for row in own.rows)


@dataclass(frozen=True, slots=True)
class NotDrawn:
    """An evaluation without a mark on an outcome that the figure shows, told by its first study."""

    work_id: str
    study: StudyEvidence
    outcome: str
    reason: NotDrawnReason


@dataclass(frozen=True, slots=True)
class EffectsByOutcome:
    """The panels of a figure, and the evaluations that it cannot draw.

    `alone` holds the panels of one estimate, which are told in words: an axis would compare it with nothing. `left_out`
    holds the estimates of the outcomes that it has no room for.
    """

    panels: tuple[EffectPanel, ...]
    alone: tuple[EffectPanel, ...]
    not_drawn: tuple[NotDrawn, ...]
    left_out: tuple[EffectPanel, ...]

    @property
    def outcomes_left_out(self) -> int:
        """The number of outcomes that it has no room for."""
        return len({row.outcome for panel in self.left_out for row in panel.rows})


@dataclass(frozen=True, slots=True)
class _Located:
    """An estimate, its place among panels and rows."""

    kind: MeasureKind
    outcome: str
    comparator_kind: str
    side: Side
    row: ForestRow


def kind_of_measure(measure: Measure) -> MeasureKind | None:
    """Return the kind of a measure; None if numbers in it mean the same in no two evaluations."""
    if measure.kind == "ratio":
        return MeasureKind.RATIO
    if measure.code in STANDARDISED:
        return MeasureKind.STANDARDISED
    return {"percentage points": MeasureKind.POINTS, "percent change": MeasureKind.RELATIVE_CHANGE}.get(measure.code)


def gather_effects(
    studies: Iterable[StudyEvidence],
    evidence: Evidence,
    measures: Mapping[str, Measure],
    forests: Iterable[Forest],
    outcomes: Sequence[str],
    scope: Scope | None = None,
) -> EffectsByOutcome:
    """Return the effects by outcome of `studies`, whose forests, those without an interval too, are given.

    `outcomes` are all codes, those that come first before the others. Whole outcomes are taken in that order, until
    one has no room: no outcome is shown by a part of its estimates.
    """
    order = {code: place for place, code in enumerate(outcomes)}
    located = list(_locate(forests, measures, evidence.taxonomy))
    numbers: dict[str, int] = {}
    for each in located:
        numbers[each.outcome] = numbers.get(each.outcome, 0) + 1
    ranked = sorted(numbers, key=lambda code: (order.get(code, len(order)), code))
    shown: list[str] = []
    marks = 0
    for code in ranked:
        marks += numbers[code]
        if len(shown) == MOST_OUTCOMES or marks > MOST_MARKS:
            break
        shown.append(code)
    panels = tuple(_build_panels([each for each in located if each.outcome in shown], measures, ranked))
    others = [each for each in located if each.outcome not in shown]
    return EffectsByOutcome(
        panels=tuple(panel for panel in panels if len(panel.estimates) > 1),
        alone=tuple(panel for panel in panels if len(panel.estimates) == 1),
        not_drawn=tuple(_find_not_drawn(studies, evidence, measures, located, shown, scope or Scope())),
        left_out=tuple(_build_panels(others, measures, ranked)),
    )


def _locate(forests: Iterable[Forest], measures: Mapping[str, Measure], taxonomy: Taxonomy) -> Iterator[_Located]:
    for forest in forests:
        kind = kind_of_measure(forest.measure)
        for each in forest.sets if kind is not None else ():
            for row in each.rows:
                assert kind is not None
                side = _side_of(row, each.orientation, measures, taxonomy)
                yield _Located(kind, each.outcome, each.kind, side, row)


def _side_of(row: ForestRow, orientation: Orientation, measures: Mapping[str, Measure], taxonomy: Taxonomy) -> Side:
    """Return which side of the axis is good; a value that a page does not tell as a direction gets none either."""
    outcome = row.finding.outcome
    direction = read_direction(row.finding, measures, taxonomy)
    if direction is None or not direction.is_from_value:
        return Side.UNKNOWN
    if outcome in NEITHER_IS_BETTER:
        return Side.NEITHER
    if orientation is Orientation.UNKNOWN:
        return Side.UNKNOWN
    is_left = orientation is Orientation.WORSE
    if taxonomy.group_of_outcome.get(outcome) in VIOLENCE_GROUPS:
        return Side.LESS_VIOLENCE_LEFT if is_left else Side.LESS_VIOLENCE_RIGHT
    return Side.BETTER_LEFT if is_left else Side.BETTER_RIGHT


def _build_panels(
    located: Sequence[_Located], measures: Mapping[str, Measure], ranked: Sequence[str]
) -> Iterator[EffectPanel]:
    for kind in MeasureKind:
        own = [each for each in located if each.kind == kind]
        if not own:
            continue
        groups: dict[tuple[int, int, int], list[_Located]] = {}
        for each in own:
            place = (
                list(Side).index(each.side),
                ranked.index(each.outcome),
                KIND_ORDER.index(each.comparator_kind),
            )
            groups.setdefault(place, []).append(each)
        drawn = {each.row.finding.measure for each in own}
        yield EffectPanel(
            kind,
            tuple(measure for code, measure in measures.items() if code in drawn),
            tuple(_build_row(groups[place]) for place in sorted(groups)),
        )


def _build_row(group: Sequence[_Located]) -> OutcomeRow:
    first = group[0]
    rows = sorted((each.row for each in group), key=lambda row: (row.study.year, row.study.id))
    return OutcomeRow(first.outcome, first.comparator_kind, first.side, tuple(rows))


def _find_not_drawn(
    studies: Iterable[StudyEvidence],
    evidence: Evidence,
    measures: Mapping[str, Measure],
    located: Iterable[_Located],
    shown: Sequence[str],
    scope: Scope,
) -> Iterator[NotDrawn]:
    """Yield the evaluations of the outcomes shown that have no mark."""
    drawn = {(each.row.work_id, each.outcome) for each in located}
    for (work, outcome), candidates in collect_candidates(studies, evidence, scope).items():
        if outcome not in shown or (work.id, outcome) in drawn:
            continue
        choices = choose_estimates(work, outcome, candidates, scope.interventions)
        chosen = [each.finding for choice in choices for each in choice.chosen]
        if any(_is_comparison(finding.measure, finding.value, measures) for finding in chosen):
            reason = NotDrawnReason.OWN_SCALE
        elif any(_is_comparison(each.finding.measure, each.finding.value, measures) for each in candidates):
            reason = NotDrawnReason.ONLY_ANOTHER_HAS_NUMBER
        else:
            reason = NotDrawnReason.NO_NUMBER
        yield NotDrawn(work.id, candidates[0].study, outcome, reason)


def _is_comparison(code: str | None, value: float | None, measures: Mapping[str, Measure]) -> bool:
    measure = measures.get(code or "")
    return measure is not None and measure.is_drawn and is_plottable(value, is_log=measure.is_log)
