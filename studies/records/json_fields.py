"""Readers of JSON values: each takes a value and its path in the record and returns what can be stored. Pure.

A reader raises RecordInvalid. The records of `json_record` name them in their fields; the meaning of a value is checked
in `rules`.
"""

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
    """A value that is no record. `path` names the field, as in `findings[2].value`; "" is the whole record."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason


Reader = Callable[[object, str], Any]

LONGEST_SLUG = 120
MOST_COUNTED = 2**53
"""The largest whole number that is kept as it is: above it, JSON readers that use floats lose digits."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class TextReader:
    """Reads a text that is not blank and can be stored, of at most `longest` characters; None sets no limit."""

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
class SlugReader:
    """Reads an identifier that stands in addresses: small letters, digits and single hyphens."""

    longest: int

    def __call__(self, value: object, path: str) -> str:
        read = TextReader(self.longest)(value, path)
        if not _SLUG.fullmatch(read):
            raise RecordInvalid(path, "is not made of small letters, digits and single hyphens")
        return read


read_text = TextReader()
read_slug = SlugReader(LONGEST_SLUG)


def read_flag(value: object, path: str) -> bool:
    """Read true or false; 0 and 1 are refused."""
    if not isinstance(value, bool):
        raise RecordInvalid(path, "is neither true nor false")
    return value


def read_number(value: object, path: str) -> Number:
    """Read a finite number; true and false, which are integers in Python, are refused.

    Whole numbers above MOST_COUNTED become the nearest float.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RecordInvalid(path, "is not a number")
    # The first test is for integers too large to be compared as floats.
    if abs(value) > 1e300 or not math.isfinite(value):
        raise RecordInvalid(path, "is not a finite number")
    # PostgreSQL writes 2.5e16 in its JSON as a whole number, whose digits are not those of the float.
    return float(value) if abs(value) > MOST_COUNTED else value


def whole_number_reader(most: int) -> Reader:
    """Return a reader of whole numbers from 0 to `most`; it takes 9.0 for 9."""

    def read_whole_number(value: object, path: str) -> int:
        read = read_number(value, path)
        if read != int(read):
            raise RecordInvalid(path, "is not a whole number")
        if not 0 <= read <= most:
            raise RecordInvalid(path, f"is not between 0 and {most}")
        return int(read)

    return read_whole_number


def read_day(value: object, path: str) -> str:
    """Read a date in the extended form of ISO 8601, 2026-11-24, and return it as text."""
    read = TextReader(10)(value, path)
    try:
        # fromisoformat() takes other forms too, such as 20261124.
        if datetime.date.fromisoformat(read).isoformat() == read:
            return read
    except ValueError:
        pass
    raise RecordInvalid(path, "is not a date as 2026-11-24")


def list_reader(read: Reader, *, distinct: bool = False) -> Reader:
    """Return a reader of lists whose entries `read` reads; `distinct` refuses an entry that is given twice."""

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
