"""What all records of the exchange format share: from and to JSON, key by key. Pure.

Only the modules of records call it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from studies.records.json_fields import LONGEST, Reader, RecordInvalid, list_of, text, text_up_to

Json = dict[str, Any]


class Record:
    """What all records share. `_shape` says how each key is read, in the order in which keys are written."""

    __slots__ = ()
    _shape: Mapping[str, Reader]
    _required: frozenset[str] = frozenset()
    _always_written: frozenset[str] = frozenset()
    _sets: frozenset[str] = frozenset()

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read one JSON object; a missing key and null mean "not known". Raises RecordInvalid."""
        return cls._read(value, "")

    @classmethod
    def _read(cls, value: object, path: str) -> Self:
        if not isinstance(value, Mapping):
            raise RecordInvalid(path, "is not an object")
        dot = f"{path}." if path else ""
        for key in value:
            if key not in cls._shape:
                raise RecordInvalid(f"{dot}{key}", "is no field of this record")
        read = {}
        for key, reader in cls._shape.items():
            if value.get(key) is not None:
                read[attribute_of(key)] = reader(value[key], f"{dot}{key}")
            elif key in cls._required:
                raise RecordInvalid(f"{dot}{key}", "is missing")
        record = cls(**read)
        record._check(path)
        return record

    def _check(self, path: str) -> None:
        """Refuse what the single fields cannot show."""

    def to_json(self) -> Json:
        """Give the JSON object: keys in the order of the format, without what is not known, 9.0 written as 9."""
        written: Json = {}
        for key in self._shape:
            value = plain(getattr(self, attribute_of(key)))
            if key in self._always_written or value not in (None, "", []):
                written[key] = value
        return written


def texts(keys: Iterable[str]) -> dict[str, Reader]:
    """Return the readers of fields of text, each up to its longest."""
    return {key: text_up_to(LONGEST[key]) if key in LONGEST else text for key in keys}


codes = list_of(text, distinct=True)
"""Reads a list of codes, each once."""


def attribute_of(key: str) -> str:
    """Return the name that Python allows for a key of the format."""
    return key.replace("-", "_")


def plain(value: Any) -> Any:
    """Give the JSON form; whole floats as integers, so that a number reads the same whatever stored it."""
    if isinstance(value, Record):
        return value.to_json()
    if isinstance(value, tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value
