"""Two records side by side: which fields differ, what may be taken from which, and the record made of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studies.admin.differences.choices import BOTH, control_name
from studies.admin.differences.values import ValueWriter
from studies.admin.differences.views import ChoiceOption, FieldChoice
from studies.admin.record_form.problems import field_labels
from studies.admin.shared.fields import sort_by_taxonomy
from studies.duplicates.merging import (
    unite_sources,
    united_interventions,
    united_own_appraisals,
    united_published_appraisals,
)
from studies.models import Vocabulary
from studies.records.diff import SET_FIELDS, get_leading_field, list_changed_fields
from studies.records.json_record import Json
from studies.records.study import STUDY_FIELDS, StudyRecord
from studies.store.exchange.study import LISTS
from studies.store.vocabularies import Vocabularies

KEPT, OTHER = "kept", "other"
VALUES = (KEPT, OTHER, BOTH)
_LABELS = {KEPT: "El del que queda", OTHER: "El del otro", BOTH: "Los de ambos"}
_UNITED = ("sources", "appraisals", "own_appraisals")
"""What is never chosen: the record that stays gets what both have."""
_NOT_CHOSEN = frozenset({"id", *_UNITED})
_JOINABLE = SET_FIELDS | {"interventions"}
"""The fields of which both values can be kept."""
_VOCABULARY_OF = {**LISTS, "harms_about": Vocabulary.INTERVENTIONS}


class RecordPair:
    """The record that stays, and the one that is merged into it.

    `chosen` is one of VALUES by field; a field without it takes what loses nothing.
    """

    def __init__(
        self, kept: StudyRecord, other: StudyRecord, vocabularies: Vocabularies, chosen: Mapping[str, str]
    ) -> None:
        self._kept, self._other = kept.to_json(), other.to_json()
        self._united: Json = {
            "sources": [source.to_json() for source in unite_sources(kept, other)],
            "appraisals": [appraisal.to_json() for appraisal in united_published_appraisals(kept, other)],
            "own_appraisals": [appraisal.to_json() for appraisal in united_own_appraisals(kept, other)],
        }
        self._interventions = [each.to_json() for each in united_interventions(kept, other)]
        self._changed = [key for key in list_changed_fields(self._kept, self._other) if key not in _NOT_CHOSEN]
        self._values = ValueWriter(vocabularies)
        self._chosen = chosen

    def choices(self) -> list[FieldChoice]:
        """Return the fields that differ, in the order of the record; one that goes with another is in its lines."""
        return [self._field_choice(name) for name in dict.fromkeys(map(get_leading_field, self._changed))]

    def equal_fields(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return label and lines of each field that both records have with the same value."""
        differing = {*self._changed, *map(get_leading_field, self._changed), *_NOT_CHOSEN}
        names = [name for name in STUDY_FIELDS if name not in differing and self._kept.get(name) not in (None, [])]
        return [(_field_label(name), self._lines(name, self._kept)) for name in names]

    def united_lines(self, name: str) -> tuple[str, ...]:
        """Return the lines of a field that is never chosen but united.

        Of two appraisals of the bank with one instrument that of the record that stays is taken.
        """
        return self._values.lines(name, self._united[name])

    def record(self) -> StudyRecord:
        """Return the record that was chosen, under the id of the one that stays. Raises RecordInvalid."""
        record: Json = {**self._kept, **self._united}
        for name in self._changed:
            choice = self._choice(get_leading_field(name))
            if choice == BOTH:
                record[name] = self._joined(name)
            elif choice == OTHER:
                record[name] = self._other.get(name)
        return StudyRecord.from_json({name: value for name, value in record.items() if value is not None})

    def _field_choice(self, name: str) -> FieldChoice:
        choice = self._choice(name)
        records = {KEPT: self._kept, OTHER: self._other, BOTH: {}}
        if name == "interventions":
            # Of one that both have with another role, it is seen which role would stay.
            records[BOTH] = {name: self._joined(name)}
        options = (
            ChoiceOption(value, _LABELS[value], self._lines(name, records[value]), is_chosen=choice == value)
            for value in _values_of(name)
        )
        return FieldChoice(_field_label(name), control_name(name), tuple(options))

    def _joined(self, name: str) -> list[Any]:
        if name == "interventions":
            rows = {row["code"]: row for row in self._interventions}
            order = sort_by_taxonomy(rows, self._values.vocabularies, Vocabulary.INTERVENTIONS)
            return [rows[code] for code in order]
        codes = {*self._kept.get(name, ()), *self._other.get(name, ())}
        if name not in _VOCABULARY_OF:
            return sorted(codes)
        return sort_by_taxonomy(codes, self._values.vocabularies, _VOCABULARY_OF[name])

    def _lines(self, name: str, record: Json) -> tuple[str, ...]:
        lines = self._values.lines(name, record.get(name))
        followers = [key for key in STUDY_FIELDS if key != name and get_leading_field(key) == name]
        more = [line for key in followers for line in self._values.lines(key, record.get(key))]
        return (" ".join((*lines, *more)),) if lines and more else lines

    def _choice(self, name: str) -> str:
        """Return what was chosen; else what loses nothing: both sets, and of two values the one that is there."""
        chosen = self._chosen.get(name)
        if chosen in _values_of(name):
            return chosen
        if name in _JOINABLE:
            return BOTH
        return OTHER if self._kept.get(name) in (None, []) else KEPT


def _values_of(name: str) -> tuple[str, ...]:
    return VALUES if name in _JOINABLE else (KEPT, OTHER)


def _field_label(name: str) -> str:
    (label,) = field_labels([name])
    return label
