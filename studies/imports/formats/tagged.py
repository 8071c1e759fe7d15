"""References as lines of a tag and a value, which nbib, Web of Science, RefWorks and Refer share."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterator

from studies.imports.formats.base import RawReference
from studies.imports.formats.plain_text import known_text

Tags = defaultdict[str, list[str]]


def values_by_tag(raw: str, line: re.Pattern[str], one_a_line: Container[str] = ()) -> Tags:
    """Return the values of each tag. `line` has the tag as its first group, the value as its second.

    A line without a tag goes on with the value above it; under a tag of `one_a_line` it is a value of its own.
    """
    found: Tags = defaultdict(list)
    more: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    tag = ""
    for text in raw.split("\n"):
        if match := line.match(text):
            tag = match[1]
            found[tag].append(match[2] or "")
        elif tag in one_a_line:
            found[tag].append(text.strip())
        elif tag:
            # Joined once at the end: adding to a long text line by line takes the square of its length.
            more[tag, len(found[tag]) - 1].append(text.strip())
    for (tag, place), lines in more.items():
        found[tag][place] = " ".join((found[tag][place], *lines))
    return found


def first_value(values: Tags, *tags: str) -> str:
    """Return the first value of these tags that is known, as plain text."""
    return next((text for tag in tags for value in values.get(tag, ()) if (text := known_text(value))), "")


def split_before(text: str, start: re.Pattern[str], end: re.Pattern[str] | None = None) -> Iterator[RawReference]:
    """Yield what begins with a line that matches `start` and goes to the next such line, or through one like `end`."""
    held: list[str] = []
    begun = 0
    for number, line in enumerate(text.split("\n"), start=1):
        is_start = start.match(line) is not None
        if is_start and held:
            yield RawReference(begun, "\n".join(held).rstrip())
            held = []
        if held or is_start:
            begun = begun if held else number
            held.append(line.rstrip())
        if held and end is not None and end.match(line):
            yield RawReference(begun, "\n".join(held).rstrip())
            held = []
    if held:
        yield RawReference(begun, "\n".join(held).rstrip())


def join(raws: list[str], head: str = "") -> str:
    """Write references back as a file."""
    return "\n\n".join(raws) + "\n"
