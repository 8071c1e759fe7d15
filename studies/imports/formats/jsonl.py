"""The bank's own exchange format: a study a line, with everything below it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from studies.imports.formats.pieces import Piece, Pieces, Reading, RowInvalid, bounded
from studies.imports.formats.values import visible


def split(text: str) -> Pieces:
    """Part the text at its line ends."""
    return Pieces(bounded(_parts(text)))


def _parts(text: str) -> Iterator[Piece]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield Piece(number, line.strip())


def read(raw: str, head: str = "") -> Reading:
    """Read one line. Its `id` is kept: it may be the slug of a study of this bank. Raises RowInvalid."""
    try:
        value = _visible(json.loads(raw))
    except ValueError as error:
        raise RowInvalid("", "No es JSON bien formado.") from error
    except RecursionError as error:
        raise RowInvalid("", "Está anidado sin fin.") from error
    if not isinstance(value, dict):
        raise RowInvalid("", "No es un registro: una línea tiene que ser un objeto de JSON.")
    return Reading(value)


def _visible(value: Any) -> Any:
    """Clean each text, however deep it stands."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [_visible(entry) for entry in value]
    return {key: _visible(entry) for key, entry in value.items()} if isinstance(value, dict) else value


def join(raws: list[str], head: str = "") -> str:
    """Write lines back as a file."""
    return "\n".join(raws) + "\n"
