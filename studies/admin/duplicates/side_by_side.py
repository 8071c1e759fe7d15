"""Two records side by side, and the one that is made of both: which fields differ, and what may be taken from where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from studies.admin.differences import values
from studies.admin.differences.appraisals import AppraisalWords
from studies.admin.record_form.problems import field_names
from studies.admin.shared.fields import in_order_of_taxonomy
from studies.duplicates.merging import united_appraisals, united_sources
from studies.records.json_record import Json
from studies.records.study import STUDY_FIELDS, StudyRecord
from studies.store.exchange.study import LISTS
from studies.store.vocabularies import Vocabularies

KEPT, OTHER, BOTH = "kept", "other", "both"
_CHOSEN_TOGETHER = {"sample_unit": "sample_size"}
"""A field that says nothing without another goes where that one goes."""
_SETS = frozenset(LISTS) - {"designs"}
_NOT_CHOSEN = ("id", "sources", "appraisals")


@dataclass(frozen=True, slots=True)
class FieldSides:
    """A field in which two records differ. `chosen` is one of KEPT, OTHER and, for sets of terms, BOTH."""

    name: str
    label: str
    kept: tuple[str, ...]
    other: tuple[str, ...]
    chosen: str
    may_be_both: bool


class Sides:
    """Two records: the one that stays, and the one that goes into it. `data` is what a form chose."""

    def __init__(
        self, kept: StudyRecord, other: StudyRecord, vocabularies: Vocabularies, data: Mapping[str, str] | None = None
    ) -> None:
        self.vocabularies = vocabularies
        self._kept, self._other = kept.to_json(), other.to_json()
        self._sources = united_sources(kept, other)
        self._appraisals = united_appraisals(kept, other)
        self._data = data or {}

    def differing(self) -> list[FieldSides]:
        """Return the fields that differ, in the order of the record."""
        return [self._field(name) for name in self._differing_names()]

    def same(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return label and value of what both say alike, but for what neither says."""
        differing = {*self._differing_names(), *_NOT_CHOSEN}
        names = [name for name in STUDY_FIELDS if name not in differing and self._kept.get(name) not in (None, [])]
        return [(_label(name), self._lines(name, self._kept)) for name in names]

    def sources(self) -> tuple[str, ...]:
        """Return the sources of both, which are never chosen but united."""
        return values.lines("sources", [source.to_json() for source in self._sources], self.vocabularies)

    def appraisals(self) -> tuple[str, ...]:
        """Return the appraisals of both, of one instrument that of the one that stays; likewise never chosen."""
        words = AppraisalWords(self.vocabularies)
        return tuple(words.line(appraisal.to_json()) for appraisal in self._appraisals)

    def record(self) -> StudyRecord:
        """Return the record that was chosen, under the id of the one that stays."""
        chosen: Json = dict(self._kept)
        for name in STUDY_FIELDS:
            if name in _NOT_CHOSEN or self._is_same(name):
                continue
            choice = self._choice(_CHOSEN_TOGETHER.get(name, name))
            if choice == BOTH:
                codes = {*self._kept[name], *self._other[name]}
                chosen[name] = in_order_of_taxonomy(codes, self.vocabularies, LISTS[name])
            elif choice == OTHER:
                chosen[name] = self._other.get(name)
        chosen["sources"] = [source.to_json() for source in self._sources]
        chosen["appraisals"] = [appraisal.to_json() for appraisal in self._appraisals]
        return StudyRecord.from_json({name: value for name, value in chosen.items() if value is not None})

    def _differing_names(self) -> Iterator[str]:
        for name in STUDY_FIELDS:
            if name not in _NOT_CHOSEN and name not in _CHOSEN_TOGETHER and not self._is_same(name):
                yield name

    def _is_same(self, name: str) -> bool:
        together = [name, *(other for other, leader in _CHOSEN_TOGETHER.items() if leader == name)]
        return all(_plain(part, self._kept) == _plain(part, self._other) for part in together)

    def _field(self, name: str) -> FieldSides:
        return FieldSides(
            name=name,
            label=_label(name),
            kept=self._lines(name, self._kept),
            other=self._lines(name, self._other),
            chosen=self._choice(name),
            may_be_both=name in _SETS,
        )

    def _lines(self, name: str, record: Json) -> tuple[str, ...]:
        written = values.lines(name, record.get(name), self.vocabularies)
        for other, leader in _CHOSEN_TOGETHER.items():
            if leader == name and written:
                written = (" ".join((*written, *values.lines(other, record.get(other), self.vocabularies))),)
        return written

    def _choice(self, name: str) -> str:
        """Return what was chosen; else what loses nothing: both sets, and of two values the one that is there."""
        allowed = (KEPT, OTHER, BOTH) if name in _SETS else (KEPT, OTHER)
        if (chosen := self._data.get(f"take-{name}", "")) in allowed:
            return chosen
        if name in _SETS:
            return BOTH
        return OTHER if self._kept.get(name) in (None, []) else KEPT


def _plain(name: str, record: Json) -> Any:
    value = record.get(name)
    if value in (None, "", []):
        return None
    return sorted(value) if name in _SETS else value


def _label(name: str) -> str:
    (label,) = field_names([name])
    return label
