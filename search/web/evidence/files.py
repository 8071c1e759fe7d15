"""The data of a synthesis as CSV: effects by evaluation, estimates with their means, by outcome. Codes, no labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from search.web.evidence.basis import Basis
from search.web.evidence.effect_plot_view import gather_effects_of
from studies.exports.tabular import write_table
from studies.records.finding import FindingRecord
from studies.synthesis.evidence import classify_design
from studies.synthesis.forest import Forest, ForestRow, ForestSet
from studies.synthesis.forest_plot import bounds_in_measure_scale, to_measure_scale
from studies.synthesis.tables import group_by_work

EFFECT_COLUMNS = ("outcome", "evaluation", "effect", "strength", "tested", "studies")
_SET_COLUMNS = ("measure", "unit", "outcome", "strength", "comparator_kind", "higher_is")
_OF_ROW = (
    "evaluation", "study", "effect", "comparator", "changed", "value", "ci_low", "ci_high", "ci_level", "p",
    "follow_up_months", "x", "se", "se_from", "weight", "reason",
)  # fmt: skip
_OF_MEAN = ("predicted_low", "predicted_high", "tau2", "tau2_low", "tau2_high", "i2", "i2_low", "i2_high")
ESTIMATE_COLUMNS = ("row", *_SET_COLUMNS, *_OF_ROW, *_OF_MEAN)


OUTCOME_COLUMNS = (
    "panel", "outcome", "comparator_kind", "good_side", "evaluation", "study", "measure", "changed", "value", "ci_low",
    "ci_high", "ci_level", "p", "follow_up_months", "effect", "not_drawn",
)  # fmt: skip


def effect_lines(basis: Basis) -> Iterator[str]:
    """Yield a row for each evaluation and outcome."""
    return write_table(_effect_rows(basis))


def estimate_lines(basis: Basis) -> Iterator[str]:
    """Yield a row for each estimate and one for each mean, or for the reason that there is none.

    `x` and `se` are on the scale of pooling: the logarithm of a ratio. `changed` tells where the bank computed or
    turned the numbers, which are then not those of the source.
    """
    return write_table(_estimate_rows(basis))


def outcome_lines(basis: Basis) -> Iterator[str]:
    """Yield a row for each estimate of the figure of effects by outcome, then of each evaluation it cannot draw."""
    return write_table(_outcome_rows(basis))


def _outcome_rows(basis: Basis) -> Iterator[tuple[str, ...]]:
    yield OUTCOME_COLUMNS
    effects = gather_effects_of(basis)
    panels = [(panel, "") for panel in effects.panels]
    panels += [(panel, "alone") for panel in effects.alone]
    panels += [(panel, "no-room") for panel in effects.left_out]
    for panel, why_not in panels:
        for own in panel.rows:
            for row in own.rows:
                cells = {
                    "panel": panel.kind.value,
                    "outcome": own.outcome,
                    "comparator_kind": own.comparator_kind,
                    "good_side": own.side.value,
                    "measure": row.finding.measure or "",
                    "not_drawn": why_not,
                    **_row_cells(row),
                }
                yield tuple(cells.get(column, "") for column in OUTCOME_COLUMNS)
    for each in effects.not_drawn:
        cells = {
            "outcome": each.outcome,
            "evaluation": _slug(each.work_id),
            "study": each.study.id,
            "not_drawn": each.reason.value,
        }
        yield tuple(cells.get(column, "") for column in OUTCOME_COLUMNS)


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
                cells = _set_cells(each, row.finding.measure or "", forest) | _row_cells(row)
                yield tuple(cells.get(column, "") for column in ESTIMATE_COLUMNS)
            measures = "; ".join(measure.code for measure in forest.measures)
            cells = _set_cells(each, measures, forest) | _mean_cells(forest, each)
            yield tuple(cells.get(column, "") for column in ESTIMATE_COLUMNS)


def _set_cells(each: ForestSet, measure: str, forest: Forest) -> dict[str, str]:
    return {
        "measure": measure,
        "unit": forest.unit or "",
        "outcome": each.outcome,
        "strength": each.design,
        "comparator_kind": each.kind,
        "higher_is": each.orientation.value,
    }


def _row_cells(row: ForestRow) -> dict[str, str]:
    cells = {
        "row": "estimate",
        "evaluation": _slug(row.work_id),
        "study": row.study.id,
        "effect": row.finding.effect,
        "comparator": row.finding.comparator or "",
        "changed": row.change.value if row.change is not None else "",
        "weight": repr(row.weight) if row.weight is not None else "",
        "reason": row.unusable.value if row.unusable is not None else "",
        **_finding_cells(row.finding),
    }
    if row.estimate is not None:
        cells |= {"x": repr(row.estimate.x), "se": repr(row.estimate.se), "se_from": row.estimate.source.value}
    return cells


def _mean_cells(forest: Forest, each: ForestSet) -> dict[str, str]:
    cells = {"row": "mean", "reason": each.no_mean.value if each.no_mean else ""}
    if each.pooled is not None:
        cells |= {"ci_level": "95", "x": repr(each.pooled.mean), "se": repr(each.pooled.se)}
    return cells | {name: repr(number) for name, number in _pooled_numbers(forest, each).items()}


def _slug(work_id: str) -> str:
    """Return the slug in the id of a work: of a trial, or of the study that is an evaluation by itself."""
    return work_id.partition(" ")[2]


def _pooled_numbers(forest: Forest, each: ForestSet) -> Mapping[str, float]:
    """Return the numbers of a mean on the scale of its measure, without those that there are not."""
    pooled = each.pooled
    if pooled is None:
        return {}
    is_log = forest.measure.is_log
    low, high = bounds_in_measure_scale((pooled.low, pooled.high), is_log=is_log)
    numbers = {
        "value": to_measure_scale(pooled.mean, is_log=is_log),
        "ci_low": low,
        "ci_high": high,
        "tau2": pooled.tau2,
        "i2": pooled.i2,
    }
    predicted = pooled.predicted and bounds_in_measure_scale(pooled.predicted, is_log=is_log)
    for name, bounds in (("predicted", predicted), ("tau2", pooled.tau2_bounds), ("i2", pooled.i2_bounds)):
        if bounds is not None:
            numbers[f"{name}_low"], numbers[f"{name}_high"] = bounds
    return numbers


def _finding_cells(finding: FindingRecord) -> dict[str, str]:
    """Return the numbers of a finding: points for decimals, empty where there is none."""
    columns = ("value", "ci_low", "ci_high", "ci_level", "p", "follow_up_months")
    numbers = ((column, getattr(finding, column)) for column in columns)
    return {column: "" if number is None else repr(number) for column, number in numbers}
