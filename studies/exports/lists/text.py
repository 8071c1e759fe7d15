"""A list of references as plain text, with the in-text citation below each entry."""

from __future__ import annotations

from collections.abc import Iterator

from studies.citations.runs import to_plain_text
from studies.exports.lists.reference_list import ReferenceList

MEDIA_TYPE = "text/plain"
LINE_END = "\r\n"
"""Editors on every system read it as one line end."""


def write(reference_list: ReferenceList) -> Iterator[bytes]:
    """Yield heading and entries, separated by empty lines."""
    head = [reference_list.title, " ".join(reference_list.about)]
    yield _lines(*head, *([reference_list.address] if reference_list.address else []), "")
    is_empty = True
    for entry in reference_list.entries:
        is_empty = False
        number = f"{entry.number}. " if reference_list.is_numbered else ""
        cited = f"    {reference_list.in_text_label} {to_plain_text(entry.in_text)}"
        note = reference_list.note(entry)
        yield _lines(f"{number}{to_plain_text(entry.runs)}", cited, *([f"    {note}"] if note else []), "")
    if is_empty:
        yield _lines(reference_list.empty)


def _lines(*lines: str) -> bytes:
    return "".join(line + LINE_END for line in lines).encode()
