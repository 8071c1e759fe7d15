"""What the formats share: a file in pieces, what a piece says of a publication, and what is refused.

The sentences are for the curators, so they are in Spanish.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 10_000
LONGEST_PIECE = 200_000
"""Characters of one reference, as the file has it."""


class ImportProblem(Exception):
    """Root of what the importers refuse. `reason` is a sentence for the curator."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FileUnreadable(ImportProblem):
    """Nothing of the file can be taken: it is too large, of another type, or broken from the start."""


class RowInvalid(ImportProblem):
    """One reference cannot be taken. `field` is a key of the record, or empty for the whole."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class Piece:
    """What a file has of one reference, as text that `read` and `join` of its format take.

    `row` counts from 1, as the program shows it in which such a file is edited: the line where a text begins, the
    row of a table with its header. `problem` says why the piece cannot be read at all.
    """

    row: int
    raw: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Pieces:
    """A whole file. `head` is what its pieces need to be read and joined: the header of a table, BibTeX's strings.

    `notes` are sentences on the file as a whole.
    """

    pieces: tuple[Piece, ...]
    head: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a piece says of one publication.

    `fields` has keys and values of a study's record without `id`; codes may still be words of a vocabulary.
    `keywords` and `abstract` have no place in the record: the abstract is never published. `notes` tells the curator
    what was left out or is doubtful.
    """

    fields: Json
    keywords: tuple[str, ...] = ()
    abstract: str = ""
    notes: tuple[str, ...] = field(default=())


def spaced(number: int) -> str:
    """Write a number as Peru does, with thin spaces between the thousands."""
    return f"{number:,}".replace(",", "\u202f")


def bounded(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Gather the pieces of a file. Raises FileUnreadable where there are none, or more than MOST_ROWS."""
    found: list[Piece] = []
    for piece in pieces:
        if len(found) == MOST_ROWS:
            raise FileUnreadable(f"Tiene más de {spaced(MOST_ROWS)} referencias: divídalo y súbalo por partes.")
        found.append(_checked(piece))
    if not found:
        raise FileUnreadable("No tiene ninguna referencia.")
    return tuple(found)


def _checked(piece: Piece) -> Piece:
    if piece.problem:
        return Piece(piece.row, piece.raw[:LONGEST_PIECE], piece.problem)
    if len(piece.raw) > LONGEST_PIECE:
        return Piece(
            piece.row,
            piece.raw[:LONGEST_PIECE],
            f"Es más larga que {spaced(LONGEST_PIECE)} signos: puede faltar su final.",
        )
    if "\ufffd" in piece.raw:
        return Piece(piece.row, piece.raw, "Tiene signos dañados (�): guarde el archivo como UTF-8 y súbalo otra vez.")
    return piece
