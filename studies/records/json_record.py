"""What all records of the exchange format share: declared fields, from and to JSON key by key. Pure.

A record is a dataclass whose attributes are declared once, `volume: Annotated[str | None, Field(_("…"), Text(50))]`.
Readers, lengths, vocabularies, data dictionary and the schemas of the API follow from that line.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType, NoneType
from typing import Annotated, Any, ClassVar, Self, get_args, get_origin, get_type_hints

from studies.records.json_fields import Reader, RecordInvalid, flag, list_of, number, text

Json = dict[str, Any]


def gettext_noop(message: str) -> str:
    """Mark a text for the catalogue without translating it: the function of this name in Django is not pure."""
    return message


@dataclass(frozen=True, slots=True)
class Field:
    """How a record declares a field, beside its type.

    `meaning` is the Spanish text of the data dictionary, `read` the reader where the type alone does not tell it,
    `vocabulary` the one whose codes the field holds, `key` the name in JSON where Python does not allow it.
    """

    meaning: str
    read: Reader | None = None
    vocabulary: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class RecordField:
    """A field of a record, resolved: its name in JSON and in Python, its type, how it is read, what it means."""

    key: str
    attribute: str
    type: Any
    read: Reader
    is_required: bool
    meaning: str
    vocabulary: str

    @property
    def longest(self) -> int | None:
        """Characters of a text; None where it may be of any length."""
        return getattr(self.read, "longest", None)

    @property
    def is_list(self) -> bool:
        return get_origin(self.type) is tuple


@dataclass(frozen=True, slots=True)
class Record:
    """What all records share. Keys are written in the order in which the fields are declared."""

    _always_written: ClassVar[frozenset[str]] = frozenset()
    _sets: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read one JSON object; a missing key and null mean "not known". Raises RecordInvalid."""
        return cls._read(value, "")

    @classmethod
    def _read(cls, value: object, path: str) -> Self:
        if not isinstance(value, Mapping):
            raise RecordInvalid(path, "is not an object")
        dot = f"{path}." if path else ""
        fields = fields_of(cls)
        for key in value:
            if key not in fields:
                raise RecordInvalid(f"{dot}{key}", "is no field of this record")
        read = {}
        for key, field in fields.items():
            if value.get(key) is not None:
                read[field.attribute] = field.read(value[key], f"{dot}{key}")
            elif field.is_required:
                raise RecordInvalid(f"{dot}{key}", "is missing")
        record = cls(**read)
        record._check(path)
        return record

    def _check(self, path: str) -> None:
        """Refuse what the single fields cannot show."""

    def to_json(self) -> Json:
        """Return the JSON object: keys in the order of the format, without what is not known, 9.0 written as 9."""
        written: Json = {}
        for key, field in fields_of(type(self)).items():
            value = plain(getattr(self, field.attribute))
            if key in self._always_written or value not in (None, "", []):
                written[key] = value
        return written


def fields_of(record: type[Record]) -> Mapping[str, RecordField]:
    """Return the fields of a record by key, in the order of the format."""
    if record not in _FIELDS:
        hints = get_type_hints(record, include_extras=True)
        fields = [_resolved(attribute, hints[attribute.name]) for attribute in dataclasses.fields(record)]
        _FIELDS[record] = MappingProxyType({field.key: field for field in fields})
    return _FIELDS[record]


def vocabularies_of(record: type[Record]) -> dict[str, str]:
    """Return the vocabulary of each field of codes."""
    return {key: field.vocabulary for key, field in fields_of(record).items() if field.vocabulary}


def type_without_none(hint: Any) -> Any:
    """Return the type of what is known: `str` for `str | None`, `float` for a number of either kind."""
    known = [each for each in get_args(hint) if each is not NoneType]
    if not known or get_origin(hint) is tuple:
        return hint
    return float if float in known else known[0]


def plain(value: Any) -> Any:
    """Return the JSON form; whole floats as integers, so that a number reads the same whatever stored it."""
    if isinstance(value, Record):
        return value.to_json()
    if isinstance(value, tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


_FIELDS: dict[type[Record], Mapping[str, RecordField]] = {}
_codes = list_of(text, distinct=True)
_READERS: Mapping[Any, Reader] = {str: text, float: number, bool: flag}


def _resolved(attribute: dataclasses.Field[Any], hint: Any) -> RecordField:
    assert get_origin(hint) is Annotated, f"{attribute.name} is not declared with a Field"
    of_type, declared = get_args(hint)
    return RecordField(
        key=declared.key or attribute.name,
        attribute=attribute.name,
        type=type_without_none(of_type),
        read=declared.read or _reader_of(type_without_none(of_type)),
        is_required=attribute.default is dataclasses.MISSING and attribute.default_factory is dataclasses.MISSING,
        meaning=declared.meaning,
        vocabulary=declared.vocabulary,
    )


def _reader_of(of_type: Any) -> Reader:
    if get_origin(of_type) is tuple:
        entry = get_args(of_type)[0]
        return _codes if entry is str else list_of(entry._read)
    return _READERS[of_type]
