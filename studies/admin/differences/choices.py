"""Two changes of one record side by side: what each did to a field, and which of them to take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from studies.admin.differences.views import FieldView
from studies.admin.differences.words import Words
from studies.records.diff import SETS, Difference, Merge, Side, changed_fields, chosen_with
from studies.records.study import StudyRecord

BOTH = "both"


@dataclass(frozen=True, slots=True)
class Option:
    """One way to settle a field. `view` shows what that side made of it; None where it left it as it was."""

    value: str
    label: str
    view: FieldView | None
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A field on which two sides differ. Without `name` it goes with the field before it."""

    label: str
    name: str
    was: str
    collides: bool
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """What the page calls both sides: "lo que usted escribió", "lo que guardó Rosa"."""

    mine: str
    theirs: str


def taken(data: QueryDict) -> dict[str, Side]:
    """Read from a form which side was taken for which field."""
    found: dict[str, Side] = {}
    for name in data:
        value = data.get(name)
        if name.startswith("take-") and value in ("mine", "theirs"):
            found[name.removeprefix("take-")] = "mine" if value == "mine" else "theirs"
    return found


def choices(
    merge: Merge,
    mine: StudyRecord,
    theirs: StudyRecord,
    words: Words,
    sides: Sides,
    made: Mapping[str, Side] | None = None,
) -> tuple[Choice, ...]:
    """Give the fields on which the sides differ, those that collide first. `made` are the choices so far."""
    collides = {one.field for one in merge.collisions}
    by_mine = {one.field: one for one in merge.mine}
    by_theirs = {one.field: one for one in merge.theirs}
    one, other = mine.to_json(), theirs.to_json()
    found = []
    groups: set[str] = set()
    for field in sorted(changed_fields(other, one), key=lambda name: name not in collides):
        leader = chosen_with(field)
        own, foreign = by_mine.get(field), by_theirs.get(field)
        chosen: str | None = (made or {}).get(leader)
        if chosen is None and field not in collides:
            chosen = _default(field, own, foreign)
        options = [
            _option("theirs", sides.theirs, foreign, other.get(field), field, words, chosen),
            _option("mine", sides.mine, own, one.get(field), field, words, chosen),
        ]
        if field in SETS and field not in collides and own and foreign:
            joined = words.value(field, merge.record.to_json().get(field))
            options.append(Option(BOTH, "Las dos cosas juntas", None, joined, chosen == BOTH))
        was = own.before if own else foreign.before if foreign else None
        name = "" if leader in groups else f"take-{leader}"
        groups.add(leader)
        label = words.field(Difference(field, None, None)).label
        found.append(Choice(label, name, words.value(field, was), field in collides, tuple(options)))
    return tuple(found)


def _default(field: str, mine: Difference | None, theirs: Difference | None) -> str:
    if mine and theirs and field in SETS:
        return BOTH
    return "mine" if mine else "theirs"


def _option(
    value: Side, label: str, change: Difference | None, now: object, field: str, words: Words, chosen: str | None
) -> Option:
    view = words.field(change) if change else None
    return Option(value, label, view, words.value(field, now), chosen == value)
