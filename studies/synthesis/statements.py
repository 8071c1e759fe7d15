"""Statements on an outcome: which sentence applies, and its counts. Pure; the words are in `search.web.evidence`.

A statement counts the judgements of authors; it never adds them up to a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from studies.synthesis.evidence import ESTIMATED, NOT_ESTIMATED, STRENGTHS, Evidence, Taxonomy
from studies.synthesis.tables import Tally


class StatementKind(StrEnum):
    """The rules; each has its own sentence."""

    ONLY_ONE = "only-one"
    """One evaluation estimated an effect."""
    ALL_ALIKE = "all-alike"
    """Several did, and all found the same effect."""
    SOME_FAVOURABLE = "some-favourable"
    """Several did, they differ, and some are favourable."""
    NONE_FAVOURABLE = "none-favourable"
    """Several did, they differ, and none is favourable."""
    NOT_ESTIMATED = "not-estimated"
    """Evaluations measured the outcome, but the bank has no estimate of an effect."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What evaluations of one strength of design found on an outcome.

    `total` counts the evaluations that estimated an effect, `by_effect` splits it. For NOT_ESTIMATED `design` is "" and
    both count the evaluations that measured the outcome, whatever their design.
    """

    kind: StatementKind
    outcome: str
    design: str
    total: int
    by_effect: Mapping[str, int]


def build_statements(outcome: str, tally: Tally, evidence: Evidence) -> tuple[Statement, ...]:
    """Return the statements on an outcome, the strongest design first; empty if no evaluation measured it."""
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


def rank_outcomes(tallies: Mapping[str, Tally], outcomes: Iterable[str], taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return the evaluated outcomes that can be effects, those with most estimated effects first.

    Ties go to the outcome with more evaluations, then to the order of `outcomes`.
    """

    def estimated(outcome: str) -> int:
        counts = tallies[outcome].count_by_effect()
        return sum(counts[effect] for effect in ESTIMATED)

    evaluated = [
        code for code in outcomes if code in tallies and tallies[code].evaluations and taxonomy.can_be_effect(code)
    ]
    return tuple(sorted(evaluated, key=lambda code: (-estimated(code), -tallies[code].evaluations)))


def _choose_kind(counts: Mapping[str, int]) -> StatementKind:
    if sum(counts.values()) == 1:
        return StatementKind.ONLY_ONE
    if len(counts) == 1:
        return StatementKind.ALL_ALIKE
    return StatementKind.SOME_FAVOURABLE if "favourable" in counts else StatementKind.NONE_FAVOURABLE
