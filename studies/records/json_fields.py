"""Readers of JSON values: each takes a value and its path in the record, and returns what can be stored. Pure."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from studies.text.characters import is_storable

Number = int | float


class RecordInvalid(ValueError):
    """A value that is no record. `path` names the field, as in `findings[2].value`; it is empty for the whole."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason


Reader = Callable[[object, str], Any]

LONGEST_SLUG = 120
MOST_COUNTED = 2**53
"""The largest sample size: beyond it JSON readers lose digits."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Text:
    """Reads a text that can be stored, of at most `longest` characters; of any length where that is None."""

    longest: int | None = None

    def __call__(self, value: object, path: str) -> str:
        if not isinstance(value, str):
            raise RecordInvalid(path, "is not a text")
        if not value.strip():
            raise RecordInvalid(path, "is empty: leave out what is not known")
        if not is_storable(value):
            raise RecordInvalid(path, "holds a character that cannot be stored")
        if self.longest is not None and len(value) > self.longest:
            raise RecordInvalid(path, f"is longer than {self.longest} characters")
        return value


@dataclass(frozen=True, slots=True)
class Slug:
    """Reads an identifier of an address."""

    longest: int

    def __call__(self, value: object, path: str) -> str:
        read = Text(self.longest)(value, path)
        if not _SLUG.fullmatch(read):
            raise RecordInvalid(path, "is not made of small letters, digits and single hyphens")
        return read


text = Text()
slug = Slug(LONGEST_SLUG)


def flag(value: object, path: str) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise RecordInvalid(path, "is neither true nor false")
    return value


def number(value: object, path: str) -> Number:
    """Read a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RecordInvalid(path, "is not a number")
    # The first test is for integers too large to be compared as floats.
    if abs(value) > 1e300 or not math.isfinite(value):
        raise RecordInvalid(path, "is not a finite number")
    return value


def whole_number(most: int) -> Reader:
    """Return the reader of a whole number from 0 to `most`."""

    def read_whole_number(value: object, path: str) -> int:
        read = number(value, path)
        if read != int(read):
            raise RecordInvalid(path, "is not a whole number")
        if not 0 <= read <= most:
            raise RecordInvalid(path, f"is not between 0 and {most}")
        return int(read)

    return read_whole_number


def day(value: object, path: str) -> str:
    """Read a date as ISO 8601 writes it: 2026-11-24."""
    read = Text(10)(value, path)
    try:
        if datetime.date.fromisoformat(read).isoformat() == read:
            return read
    except ValueError:
        pass
    raise RecordInvalid(path, "is not a date as 2026-11-24")


def list_of(read: Reader, *, distinct: bool = False) -> Reader:
    """Return the reader of a list, each entry by `read`; `distinct` refuses what is given twice."""

    def read_list(value: object, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise RecordInvalid(path, "is not a list")
        entries = tuple(read(entry, f"{path}[{index}]") for index, entry in enumerate(value))
        if distinct:
            for index, entry in enumerate(entries):
                if entry in entries[:index]:
                    raise RecordInvalid(f"{path}[{index}]", "is given twice")
        return entries

    return read_list
