"""The studies of bulk work by outcome, as its pages list them: of a plan, and of what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from studies.admin.differences.values import ValueWriter
from studies.admin.record_form.problems import ProblemLine, describe_problems
from studies.curation.bulk.making import BulkPlan
from studies.models import BulkChange, BulkItem
from studies.records.diff import compare_codes
from studies.records.keyed_diff import compare_keyed_rows
from studies.records.rules import Problem
from studies.store import vocabularies
from studies.store.exchange.study import LISTS, to_record

if TYPE_CHECKING:
    from studies.curation.bulk.making import PlanLine

Outcome = BulkItem.Outcome
_RowType = TypeVar("_RowType")
SHOWN = 100
"""Studies of one outcome that are listed; those that are refused are all listed."""

_HEADINGS = {
    Outcome.CHANGED: "Cambian",
    Outcome.PROPOSED: "Quedan como propuesta",
    Outcome.REFUSED: "No se puede",
    Outcome.SAME: "No cambia nada",
}


@dataclass(frozen=True, slots=True)
class StudyRow:
    """A study of a preview or of what was done. `study_id` None where the draft was deleted."""

    study_id: int | None
    name: str
    stage: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reason: str = ""
    problems: tuple[ProblemLine, ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomeGroup:
    """The studies of one outcome; `more` are not listed."""

    outcome: str
    heading: str
    count: int
    rows: tuple[StudyRow, ...]

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def groups_of_plan(plan: BulkPlan) -> tuple[OutcomeGroup, ...]:
    """Return what would happen to the studies of a plan, outcomes without a study left out."""
    found = ((outcome, plan.lines_with(outcome)) for outcome in _HEADINGS)
    return tuple(
        OutcomeGroup(
            outcome.value, _HEADINGS[outcome], len(lines), tuple(map(_row_of_line, _rows_to_list(outcome, lines)))
        )
        for outcome, lines in found
        if lines
    )


def groups_of_items(change: BulkChange) -> tuple[OutcomeGroup, ...]:
    """Return what happened to the studies of a change, outcomes without a study left out: one query."""
    items = list(change.items.select_related("study"))
    headings = {**_HEADINGS, Outcome.CHANGED: "Cambiaron", Outcome.PROPOSED: "Quedaron como propuesta"}
    headings |= {Outcome.REFUSED: "No se pudo", Outcome.SAME: "No había nada que cambiar"}
    found = ((outcome, [item for item in items if item.outcome == outcome]) for outcome in _HEADINGS)
    return tuple(
        OutcomeGroup(
            outcome.value, headings[outcome], len(rows), tuple(map(_row_of_item, _rows_to_list(outcome, rows)))
        )
        for outcome, rows in found
        if rows
    )


def _rows_to_list(outcome: Outcome, rows: Sequence[_RowType]) -> Sequence[_RowType]:
    return rows if outcome == Outcome.REFUSED else rows[:SHOWN]


def _row_of_line(line: PlanLine) -> StudyRow:
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    if line.record is not None:
        before, after, known = to_record(line.study), line.record, vocabularies.current()
        for name, kind in LISTS.items():
            new, gone = compare_codes(getattr(before, name), getattr(after, name))
            added += tuple(known.label(kind, code, "es") for code in new)
            removed += tuple(known.label(kind, code, "es") for code in gone)
        values = ValueWriter(known)
        held, wanted = ([each.to_json() for each in record.interventions] for record in (before, after))
        for change in compare_keyed_rows(held, wanted, "code"):
            added += (values.row_name("interventions", change.after),) if change.after else ()
            removed += (values.row_name("interventions", change.before),) if change.before else ()
    return StudyRow(
        line.study.pk,
        str(line.study),
        line.study.get_stage_display(),
        added,
        removed,
        line.reason,
        describe_problems(line.problems),
    )


def _row_of_item(item: BulkItem) -> StudyRow:
    found = describe_problems(Problem(field, code) for field, code in item.problems)
    reason = "Se deshizo." if item.is_undone else item.reason
    if item.study is None:
        return StudyRow(None, item.slug, "eliminado", reason=reason, problems=found)
    return StudyRow(item.study.pk, str(item.study), item.study.get_stage_display(), reason=reason, problems=found)
