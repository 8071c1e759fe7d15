"""Adds, removes and replaces terms of a record. Pure: `studies.curation` asks who may do so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from studies.records.finding import FindingRecord
from studies.records.study import InterventionRecord, StudyRecord

TermEditKind = Literal["add", "remove", "replace"]


@dataclass(frozen=True, slots=True)
class TermEdit:
    """One change of the list `field` of a record: one of STUDY_LISTS, or `interventions`.

    `into` takes the place of all `codes`. `role` is that of interventions that are added; no other change has one.
    """

    kind: TermEditKind
    field: str
    codes: tuple[str, ...]
    into: str = ""
    role: str | None = None


def apply_term_edit(record: StudyRecord, edit: TermEdit) -> StudyRecord:
    """Return `record` after the edit; `record` itself if nothing changes.

    A replaced term is replaced in the findings too. A removed term stays in them, since no finding may lose its outcome
    unasked; `rules` then reports it.
    """
    if edit.field == "interventions":
        held: tuple[Any, ...] = record.interventions
        wanted: tuple[Any, ...] = _interventions(record.interventions, edit)
    else:
        held = getattr(record, edit.field)
        wanted = _edit_codes(held, edit)
    if wanted == held:
        return record
    changes: dict[str, Any] = {edit.field: wanted}
    if edit.kind == "replace":
        changes["findings"] = tuple(_edit_finding(finding, edit) for finding in record.findings)
        if edit.field == "interventions":
            changes["harms_about"] = _replace_codes(record.harms_about, edit)
    return replace(record, **changes)


def _interventions(held: tuple[InterventionRecord, ...], edit: TermEdit) -> tuple[InterventionRecord, ...]:
    """Change the interventions: one that is there keeps its role, and so does what takes its place.

    One that is there without a role gets that with which it is added: somebody has chosen it now. What takes the place
    of several in different roles has none: nobody has chosen between them.
    """
    roles = {each.code: each.role for each in held}
    if edit.kind == "add":
        roles |= {code: roles.get(code) or edit.role for code in edit.codes}
    if edit.kind == "replace":
        replaced = {roles[code] for code in edit.codes if code in roles}
        roles.setdefault(edit.into, replaced.pop() if len(replaced) == 1 else None)
    codes = _edit_codes(tuple(each.code for each in held), edit)
    return tuple(InterventionRecord(code, roles[code]) for code in codes)


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
    if edit.field == "interventions" and finding.about:
        return replace(finding, about=_replace_codes(finding.about, edit))
    return finding
