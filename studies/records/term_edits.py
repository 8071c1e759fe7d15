"""Adds, removes and replaces terms of a record. Pure: `studies.curation` asks who may do so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from studies.records.study import FindingRecord, StudyRecord

TermEditKind = Literal["add", "remove", "replace"]


@dataclass(frozen=True, slots=True)
class TermEdit:
    """One change of the list `field` of a record, one of STUDY_LISTS. `into` is only for "replace"."""

    kind: TermEditKind
    field: str
    codes: tuple[str, ...]
    into: str = ""


def apply_term_edit(record: StudyRecord, edit: TermEdit) -> StudyRecord:
    """Return `record` after the edit; `record` itself if nothing changes.

    A replaced term is replaced in the findings too. A removed term stays in them, since no finding may lose its outcome
    unasked; `rules` then reports it.
    """
    held: tuple[str, ...] = getattr(record, edit.field)
    wanted = _edit_codes(held, edit)
    if wanted == held:
        return record
    changes: dict[str, Any] = {edit.field: wanted}
    if edit.kind == "replace":
        changes["findings"] = tuple(_edit_finding(finding, edit) for finding in record.findings)
    return replace(record, **changes)


def _edit_codes(held: tuple[str, ...], edit: TermEdit) -> tuple[str, ...]:
    if edit.kind == "add":
        return tuple(dict.fromkeys((*held, *edit.codes)))
    if edit.kind == "remove":
        return tuple(code for code in held if code not in edit.codes)
    return _replace_codes(held, edit)


def _replace_codes(held: tuple[str, ...], edit: TermEdit) -> tuple[str, ...]:
    # The new code takes the place of the old one: the first design is the main one.
    return tuple(dict.fromkeys(edit.into if code in edit.codes else code for code in held))


def _edit_finding(finding: FindingRecord, edit: TermEdit) -> FindingRecord:
    if edit.field == "outcomes" and finding.outcome in edit.codes:
        return replace(finding, outcome=edit.into)
    if edit.field == "interventions" and finding.interventions:
        return replace(finding, interventions=_replace_codes(finding.interventions, edit))
    return finding
