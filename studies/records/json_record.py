"""The base of all records of the exchange format: declared fields, read from and written to JSON. Pure.

A record is a dataclass whose attributes are declared once:
`volume: Annotated[str | None, Field(_("…"), TextReader(50))]`. Readers, lengths, vocabularies, data dictionary and the
schemas of the API follow from that line.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType, NoneType
from typing import Annotated, Any, ClassVar, Self, get_args, get_origin, get_type_hints

from studies.records.json_fields import Reader, RecordInvalid, list_reader, read_flag, read_number, read_text

Json = dict[str, Any]


def gettext_noop(message: str) -> str:
    """Mark a text for the translation catalogue without translating it. Django's own function would import Django."""
    return message


@dataclass(frozen=True, slots=True)
class Field:
    """The declaration of a field of a record, beside its type.

    `meaning` is the Spanish text of the data dictionary, `read` the reader (by default that of the type), `vocabulary`
    the vocabulary whose codes the field holds, `key` the name in JSON where that is no name in Python.
    """

    meaning: str
    read: Reader | None = None
    vocabulary: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class RecordField:
    """A field of a record with all defaults filled in. `key` is its name in JSON, `attribute` that in Python."""

    key: str
    attribute: str
    type: Any
    read: Reader
    is_required: bool
    meaning: str
    vocabulary: str

    @property
    def longest(self) -> int | None:
        """The most characters of a text; None without a limit."""
        return getattr(self.read, "longest", None)

    @property
    def is_list(self) -> bool:
        return get_origin(self.type) is tuple


@dataclass(frozen=True, slots=True)
class Record:
    """The base of all records. Keys are written in the order in which the fields are declared.

    `_always_written` are keys that are written when they are empty; `_sets` are lists whose order means nothing.
    """

    _always_written: ClassVar[frozenset[str]] = frozenset()
    """Keys that stand in the JSON even where nothing is known."""
    _written_if_known: ClassVar[frozenset[str]] = frozenset()
    """Keys whose empty list says something: it is written, and only None is left out."""
    _sets: ClassVar[frozenset[str]] = frozenset()
    """Keys of lists of codes whose order says nothing."""

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read one JSON object; a missing key and null both mean "not known". Raises RecordInvalid."""
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
        """Raise RecordInvalid for fields that contradict each other. Subclasses override it."""

    def to_json(self) -> Json:
        """Return the JSON object: keys in the order of the format, unknown values left out, 9.0 written as 9."""
        written: Json = {}
        for key, field in fields_of(type(self)).items():
            value = to_json_value(getattr(self, field.attribute))
            is_known = value is not None if key in self._written_if_known else value not in (None, "", [], {})
            if is_known or key in self._always_written:
                written[key] = value
        return written


def fields_of(record: type[Record]) -> Mapping[str, RecordField]:
    """Return the fields of a record by key, in the order of the format."""
    # Kept, as resolving the hints of a record costs far more than reading one.
    if record not in _FIELDS:
        hints = get_type_hints(record, include_extras=True)
        fields = [_resolve_field(attribute, hints[attribute.name]) for attribute in dataclasses.fields(record)]
        _FIELDS[record] = MappingProxyType({field.key: field for field in fields})
    return _FIELDS[record]


def vocabularies_of(record: type[Record]) -> dict[str, str]:
    """Return the name of the vocabulary of each field that holds codes, by key."""
    return {key: field.vocabulary for key, field in fields_of(record).items() if field.vocabulary}


def _unwrap_optional(hint: Any) -> Any:
    """Return the type without None: `str` for `str | None`, `float` for `int | float | None`."""
    known = [each for each in get_args(hint) if each is not NoneType]
    if not known or get_origin(hint) in (tuple, Mapping):
        return hint
    return float if float in known else known[0]


def to_json_value(value: Any) -> Any:
    """Return the JSON value. Whole floats become integers, so that a number is the same whatever column stored it."""
    if isinstance(value, Record):
        return value.to_json()
    if isinstance(value, tuple):
        return [to_json_value(entry) for entry in value]
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


_FIELDS: dict[type[Record], Mapping[str, RecordField]] = {}
_codes = list_reader(read_text, distinct=True)
_READERS: Mapping[Any, Reader] = {str: read_text, float: read_number, bool: read_flag}


def _resolve_field(attribute: dataclasses.Field[Any], hint: Any) -> RecordField:
    assert get_origin(hint) is Annotated, f"{attribute.name} is not declared with a Field"
    of_type, declared = get_args(hint)
    return RecordField(
        key=declared.key or attribute.name,
        attribute=attribute.name,
        type=_unwrap_optional(of_type),
        read=declared.read or _choose_reader(_unwrap_optional(of_type)),
        is_required=attribute.default is dataclasses.MISSING and attribute.default_factory is dataclasses.MISSING,
        meaning=declared.meaning,
        vocabulary=declared.vocabulary,
    )


def _choose_reader(of_type: Any) -> Reader:
    if get_origin(of_type) is tuple:
        entry = get_args(of_type)[0]
        return _codes if entry is str else list_reader(entry._read)
    return _READERS[of_type]
