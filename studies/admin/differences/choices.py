"""Choices between two records, field by field: what two changes of a record offer, and what a form chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from django.http import QueryDict

from studies.admin.differences.views import ChoiceOption, FieldChoice
from studies.admin.differences.words import DifferenceWriter
from studies.admin.record_form.problems import field_labels
from studies.records.diff import MergeSide, ThreeWayMerge, get_leading_field, list_changed_fields
from studies.records.study import StudyRecord

BOTH = "both"
SIDES: tuple[MergeSide, ...] = ("theirs", "mine")
_Value = TypeVar("_Value", bound=str)


def control_name(field: str) -> str:
    """Return the name of the control that chooses for `field`."""
    return f"take-{field}"


def read_choices(data: QueryDict, values: Sequence[_Value]) -> dict[str, _Value]:
    """Return which of `values` a form chose for each field; whatever else it sent is ignored."""
    sent = {name.removeprefix("take-"): data.get(name) for name in data if name.startswith("take-")}
    return {field: value for field, text in sent.items() for value in values if value == text}


def merge_choices(
    merge: ThreeWayMerge,
    mine: StudyRecord,
    theirs: StudyRecord,
    writer: DifferenceWriter,
    labels: Mapping[MergeSide, str],
    chosen: Mapping[str, MergeSide],
) -> tuple[FieldChoice, ...]:
    """Return the fields on which two changes of one record differ, those that collide first.

    `labels` name the two sides, `chosen` are the choices made so far. A field that collides has no default.
    """
    collides = {one.field for one in merge.conflicts}
    own, foreign = ({one.field: one for one in changes} for changes in (merge.mine, merge.theirs))
    one, other, joined = mine.to_json(), theirs.to_json(), merge.record.to_json()
    found: list[FieldChoice] = []
    names: set[str] = set()
    for field in sorted(list_changed_fields(other, one), key=lambda name: name not in collides):
        change, foreign_change = own.get(field), foreign.get(field)
        # What both changed without a collision was joined: either side alone would lose the other's change.
        is_joined = field not in collides and change is not None and foreign_change is not None
        default = "" if field in collides else BOTH if is_joined else "mine" if change else "theirs"
        choice = chosen.get(get_leading_field(field)) or default
        sides = [("theirs", labels["theirs"], other, foreign_change), ("mine", labels["mine"], one, change)]
        if is_joined:
            sides.append((BOTH, "Las dos cosas juntas", joined, None))
        options = (
            ChoiceOption(
                value,
                label,
                lines=(writer.values.text(field, record.get(field)),),
                is_chosen=choice == value,
                view=writer.field(made) if made else None,
            )
            for value, label, record, made in sides
        )
        before = change or foreign_change
        name = control_name(get_leading_field(field))
        (label,) = field_labels([field])
        found.append(
            FieldChoice(
                label,
                name="" if name in names else name,
                options=tuple(options),
                before=writer.values.text(field, before.before if before else None),
                collides=field in collides,
            )
        )
        names.add(name)
    return tuple(found)
