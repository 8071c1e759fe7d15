"""Terms added to a record, taken from it, or put in the place of others. Pure: who may do so is not asked here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from studies.records.study import FindingRecord, StudyRecord

Kind = Literal["add", "remove", "replace"]


@dataclass(frozen=True, slots=True)
class Tagging:
    """One change of the list `field` of a record (one of STUDY_LISTS). `into` takes the place of all `codes`."""

    kind: Kind
    field: str
    codes: tuple[str, ...]
    into: str = ""


def tagged(record: StudyRecord, tagging: Tagging) -> StudyRecord:
    """Return `record` after the change: itself where that says nothing new.

    A term that is replaced is replaced in the findings too. One that is removed stays there: no finding loses its
    outcome unasked, and `rules` tells of it.
    """
    held: tuple[str, ...] = getattr(record, tagging.field)
    wanted = _changed(held, tagging)
    if wanted == held:
        return record
    changes: dict[str, Any] = {tagging.field: wanted}
    if tagging.kind == "replace":
        changes["findings"] = tuple(_finding(finding, tagging) for finding in record.findings)
    return replace(record, **changes)


def _changed(held: tuple[str, ...], tagging: Tagging) -> tuple[str, ...]:
    if tagging.kind == "add":
        return tuple(dict.fromkeys((*held, *tagging.codes)))
    if tagging.kind == "remove":
        return tuple(code for code in held if code not in tagging.codes)
    return _replaced(held, tagging)


def _replaced(held: tuple[str, ...], tagging: Tagging) -> tuple[str, ...]:
    # In its place: the first design is the main one.
    return tuple(dict.fromkeys(tagging.into if code in tagging.codes else code for code in held))


def _finding(finding: FindingRecord, tagging: Tagging) -> FindingRecord:
    if tagging.field == "outcomes" and finding.outcome in tagging.codes:
        return replace(finding, outcome=tagging.into)
    if tagging.field == "interventions" and finding.interventions:
        return replace(finding, interventions=_replaced(finding.interventions, tagging))
    return finding
