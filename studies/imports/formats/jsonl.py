"""The bank's own exchange format: a study a line, with everything below it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from studies.imports.formats.base import (
    FileHead,
    Format,
    ParsedReference,
    RawReference,
    SplitFile,
    bounded,
    decoded,
    encoded,
)
from studies.imports.formats.errors import RowInvalid
from studies.imports.formats.field_values import visible


def recognises(head: FileHead) -> bool:
    """Whether the first line is an object with a title, and neither CSL-JSON nor what Crossref answers."""
    first = head.text.split("\n", 1)[0]
    return first.startswith("{") and '"title"' in first and '"DOI"' not in first and '"message"' not in first


def split(text: str) -> SplitFile:
    """Split the text at its line ends."""
    return SplitFile(bounded(_parts(text)))


def _parts(text: str) -> Iterator[RawReference]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield RawReference(number, line.strip())


def read(raw: str, head: str = "") -> ParsedReference:
    """Read one line. Its `id` is kept: it may be the slug of a study of this bank. Raises RowInvalid."""
    try:
        value = _visible(json.loads(raw))
    except ValueError as error:
        raise RowInvalid("", "No es JSON bien formado.") from error
    except RecursionError as error:
        raise RowInvalid("", "Está anidado sin fin.") from error
    if not isinstance(value, dict):
        raise RowInvalid("", "No es un registro: una línea tiene que ser un objeto de JSON.")
    return ParsedReference(value)


def _visible(value: Any) -> Any:
    """Remove from each text, at any depth, what nobody sees."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [_visible(entry) for entry in value]
    return {key: _visible(entry) for key, entry in value.items()} if isinstance(value, dict) else value


def join(raws: list[str], head: str = "") -> str:
    """Write lines back as a file."""
    return "\n".join(raws) + "\n"


FORMAT = Format(
    code="jsonl",
    label="JSONL del banco",
    extensions=("jsonl", "ndjson"),
    media_type="application/jsonl",
    position=8,
    recognises=recognises,
    split=decoded(split),
    read=read,
    join=encoded(join),
)
