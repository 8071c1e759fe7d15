"""The bank's own exchange format: a study a line, with everything below it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from studies.imports.formats.base import (
    FileHead,
    ImportFormat,
    ParsedReference,
    RawReference,
    SplitFile,
    collect_references,
    with_decoding,
    with_encoding,
)
from studies.imports.formats.errors import RowInvalid
from studies.imports.formats.plain_text import drop_invisible
from studies.records.older_formats import is_format_1

FORMAT_1 = (
    "Está escrita en el formato 1 del registro, y se lee el formato 2. En «interventions» diga el papel de cada "
    'intervención, como en {"code": "advocacy-casework", "role": "evaluated"}, o deje solo "code" si no se sabe; '
    "en los hallazgos llame «about» a «interventions», y al registro quítele «appraisals». Lo explica docs/data.md."
)
"""What to do with a line that was written before interventions had roles: nobody may guess them."""


def recognises(head: FileHead) -> bool:
    """Whether the first line is an object with a title, and neither CSL-JSON nor what a service or a program writes."""
    first = head.text.split("\n", 1)[0]
    of_others = ('"DOI"', '"message"', '"abstract"', '"itemType"')
    return first.startswith("{") and '"title"' in first and not any(key in first for key in of_others)


def split(text: str) -> SplitFile:
    """Split the text at its line ends."""
    return SplitFile(collect_references(_split_lines(text)))


def _split_lines(text: str) -> Iterator[RawReference]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield RawReference(number, line.strip())


def read(raw: str, head: str = "") -> ParsedReference:
    """Read one line. Its `id` is kept: it may be the slug of a study of this bank. Raises RowInvalid."""
    try:
        value = _drop_invisible(json.loads(raw))
    except ValueError as error:
        raise RowInvalid("", "No es JSON bien formado.") from error
    except RecursionError as error:
        raise RowInvalid("", "Está anidado sin fin.") from error
    if not isinstance(value, dict):
        raise RowInvalid("", "No es un registro: una línea tiene que ser un objeto de JSON.")
    if is_format_1(value):
        raise RowInvalid("", FORMAT_1)
    return ParsedReference(value, is_exact=True)


def _drop_invisible(value: Any) -> Any:
    """Remove the invisible characters from each text, at any depth."""
    if isinstance(value, str):
        return drop_invisible(value)
    if isinstance(value, list):
        return [_drop_invisible(entry) for entry in value]
    return {key: _drop_invisible(entry) for key, entry in value.items()} if isinstance(value, dict) else value


def join(raws: list[str], head: str = "") -> str:
    """Write lines back as a file."""
    return "\n".join(raws) + "\n"


FORMAT = ImportFormat(
    code="jsonl",
    label="JSONL del banco",
    extensions=("jsonl", "ndjson"),
    media_type="application/jsonl",
    position=11,
    recognises=recognises,
    split=with_decoding(split),
    read=read,
    join=with_encoding(join),
)
