"""The data of a synthesis as CSV: effects by evaluation, and estimates with their means. Codes, not labels."""

from __future__ import annotations

from collections.abc import Iterator

from search.web.evidence.forest_view import finding_numbers, pooled_numbers
from search.web.evidence.page import Basis
from studies.exports.tabular import write_table
from studies.synthesis.evidence import classify_design
from studies.synthesis.forest import Forest, ForestSet
from studies.synthesis.tables import group_by_work

EFFECT_COLUMNS = ("outcome", "evaluation", "effect", "strength", "tested", "studies")
ESTIMATE_COLUMNS = (
    "row", "measure", "unit", "outcome", "strength", "evaluation", "study", "effect", "value", "ci_low", "ci_high",
    "ci_level", "p", "follow_up_months", "x", "se", "weight", "reason", "predicted_low", "predicted_high", "tau2", "i2",
)  # fmt: skip


def effect_lines(basis: Basis) -> Iterator[str]:
    """Yield a row for each evaluation and outcome."""
    return write_table(_effect_rows(basis))


def estimate_lines(basis: Basis) -> Iterator[str]:
    """Yield a row for each estimate and one for each mean, or for the reason that there is none.

    `x` and `se` are on the scale of pooling: the logarithm of a ratio.
    """
    return write_table(_estimate_rows(basis))


def _effect_rows(basis: Basis) -> Iterator[tuple[str, ...]]:
    yield EFFECT_COLUMNS
    outcomes = basis.outcomes()
    for outcome in basis.outcome_codes():
        tally = outcomes.get(outcome)
        if tally is None:
            continue
        for group in group_by_work(tally, basis.evidence):
            if group.is_evaluation:
                work = group.work
                tested = "together" if work.id in tally.together else "alone"
                effect, own = tally.effect_of(work.id), "; ".join(study.id for study in group.studies)
                yield (outcome, _slug(work.id), effect, classify_design(work), tested, own)


def _estimate_rows(basis: Basis) -> Iterator[tuple[str, ...]]:
    yield ESTIMATE_COLUMNS
    for forest in basis.forests():
        for each in forest.sets:
            for row in each.rows:
                numbers = (repr(row.estimate.x), repr(row.estimate.se)) if row.estimate is not None else ("", "")
                yield (
                    "estimate",
                    *_set_columns(forest, each),
                    _slug(row.work_id),
                    row.study.id,
                    row.finding.effect,
                    *finding_numbers(row.finding),
                    *numbers,
                    repr(row.weight) if row.weight is not None else "",
                    row.unusable.value if row.unusable is not None else "",
                    *[""] * 4,
                )
            yield ("mean", *_set_columns(forest, each), "", "", "", *_mean_columns(forest, each))


def _set_columns(forest: Forest, each: ForestSet) -> tuple[str, str, str, str]:
    return forest.measure.code, forest.unit or "", each.outcome, each.design


def _mean_columns(forest: Forest, each: ForestSet) -> tuple[str, ...]:
    numbers = {name: repr(number) for name, number in pooled_numbers(forest, each).items()}
    pooled = each.pooled
    return (
        *(numbers.get(name, "") for name in ("mean", "low", "high")),
        "95" if pooled else "",
        "",
        "",
        repr(pooled.mean) if pooled else "",
        repr(pooled.se) if pooled else "",
        "",
        each.no_mean.value if each.no_mean else "",
        *(numbers.get(name, "") for name in ("predicted_low", "predicted_high", "tau2", "i2")),
    )


def _slug(work_id: str) -> str:
    """Return the slug in the id of a work: of a trial, or of the study that is an evaluation by itself."""
    return work_id.partition(" ")[2]
