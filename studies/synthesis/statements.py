"""Which sentence tells what evaluations found on an outcome: its kind and its numbers. Words are the page's. Pure.

A sentence counts the judgements of authors and says so; it never adds them up to a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from studies.synthesis.evidence import ESTIMATED, NOT_ESTIMATED, STRENGTHS, Evidence
from studies.synthesis.tables import Tally


class StatementKind(StrEnum):
    """The rules, each with its sentence."""

    ONLY_ONE = "only-one"
    """One evaluation estimated an effect: the sentence tells it."""
    ALL_ALIKE = "all-alike"
    """Several did, and all have the same."""
    SOME_FAVOURABLE = "some-favourable"
    """Several did, and they differ: how many are favourable, then the others."""
    NONE_FAVOURABLE = "none-favourable"
    """Several did, they differ, and none is favourable: the others are told one by one."""
    NOT_ESTIMATED = "not-estimated"
    """Evaluations measured the outcome, and the record has no estimate of any."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one strength of design found on an outcome; `design` is empty for NOT_ESTIMATED, which spans all.

    `total` counts the evaluations that estimated an effect, `by_effect` how many have which; for NOT_ESTIMATED the
    evaluations that measured it.
    """

    kind: StatementKind
    outcome: str
    design: str
    total: int
    by_effect: Mapping[str, int]


def build_statements(outcome: str, tally: Tally, evidence: Evidence) -> tuple[Statement, ...]:
    """Return the statements on an outcome, the strongest design first; none where nothing was evaluated."""
    found = []
    for design in STRENGTHS:
        effects = list(tally.select_evaluations(evidence, design=design).values())
        counts = {effect: effects.count(effect) for effect in ESTIMATED if effect in effects}
        if counts:
            found.append(Statement(_choose_kind(counts), outcome, design, sum(counts.values()), counts))
    if not found and tally.evaluations:
        counts = {NOT_ESTIMATED: tally.evaluations}
        found.append(Statement(StatementKind.NOT_ESTIMATED, outcome, "", tally.evaluations, counts))
    return tuple(found)


def rank_outcomes(tallies: Mapping[str, Tally], outcomes: Iterable[str]) -> tuple[str, ...]:
    """Return the outcomes that were evaluated, those with most estimated effects first; `outcomes` decides ties."""

    def estimated(outcome: str) -> int:
        counts = tallies[outcome].count_by_effect()
        return sum(counts[effect] for effect in ESTIMATED)

    evaluated = [code for code in outcomes if code in tallies and tallies[code].evaluations]
    return tuple(sorted(evaluated, key=lambda code: (-estimated(code), -tallies[code].evaluations)))


def _choose_kind(counts: Mapping[str, int]) -> StatementKind:
    if sum(counts.values()) == 1:
        return StatementKind.ONLY_ONE
    if len(counts) == 1:
        return StatementKind.ALL_ALIKE
    return StatementKind.SOME_FAVOURABLE if "favourable" in counts else StatementKind.NONE_FAVOURABLE
