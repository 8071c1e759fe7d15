"""The data dictionary: what each field of a record means, in the page's language. The texts stand in the records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from studies.records.json_record import Record, fields_of


@dataclass(frozen=True, slots=True)
class FieldMeaning:
    """A field with its meaning in the page's language."""

    name: str
    meaning: str


def meanings_of(record: type[Record]) -> Mapping[str, Promise]:
    """Return the meaning of each field by key. Leaves out `attributes` of a term, which is no key of the format."""
    return {key: gettext_lazy(field.meaning) for key, field in fields_of(record).items() if field.meaning}


def list_field_meanings(record: type[Record]) -> list[FieldMeaning]:
    """Return the fields in the order of the format, with their meanings translated now."""
    return [FieldMeaning(name, str(meaning)) for name, meaning in meanings_of(record).items()]
