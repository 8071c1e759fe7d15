"""What all formats share: the interface of a format, a file split into raw references, a parsed reference."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from studies.imports.formats.decoding import decode_text
from studies.imports.formats.errors import FileUnreadable

Json = dict[str, Any]

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 10_000
LONGEST_REFERENCE = 400_000
"""Characters of one reference, as the file has it."""
_HEAD_BYTES = 400_000
_WEB_PAGE = re.compile(r"<(?:!DOCTYPE html|html)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RawReference:
    """One reference as its file has it, as text that `read` and `join` of the file's format take.

    `row` counts from 1, as the program shows it in which such a file is edited: the line where a text begins, the
    row of a table with its header. `problem` says why the reference cannot be read at all.
    """

    row: int
    raw: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SplitFile:
    """A whole file. `head` is what its references need to be read and joined: a table's header, @string of BibTeX.

    `notes` are sentences on the file as a whole.
    """

    references: tuple[RawReference, ...]
    head: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedReference:
    """What a raw reference states on one publication.

    `fields` has keys and values of a study's record without `id`; codes may still be words of a vocabulary.
    `keywords` and `abstract` have no place in the record: the abstract is never published. `notes` tell the curator
    what was left out or is doubtful. A reference that `is_exact` is a record of the bank: what cannot be held refuses
    it, and is not dropped with a note.
    """

    fields: Json
    keywords: tuple[str, ...] = ()
    abstract: str = ""
    notes: tuple[str, ...] = ()
    is_exact: bool = False


class FileHead:
    """The name of a file and its first bytes, by which a format recognises it."""

    def __init__(self, name: str, data: bytes) -> None:
        self.data = data[:_HEAD_BYTES]
        self.extension = name.rpartition(".")[2].lower()

    @cached_property
    def text(self) -> str:
        """The beginning as text, without leading white space. Raises FileUnreadable for what is no text."""
        text = decode_text(self.data).lstrip("\ufeff \t\n")
        if text.startswith("<") and _WEB_PAGE.search(text[:1_000]):
            if self.extension in ("xls", "xlsx"):
                raise FileUnreadable("Es una página web con nombre de Excel: ábrala en Excel y guárdela como .xlsx.")
            raise FileUnreadable("Es una página web, no una lista de referencias: expórtela desde el sitio.")
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFormat:
    """A format of reference lists. `label` is its proper name; `extensions` are those of its files, the usual first.

    `position` orders the formats where people read their names; of equal ones the registry's first comes first.
    `split` takes the bytes of a file and raises FileUnreadable. `read` takes a raw text and the head of its file and
    raises RowInvalid. `join` writes raw texts back as a file. `is_looked_up` is True where a reference only names a
    publication, and a service has its data.
    """

    code: str
    label: str
    extensions: tuple[str, ...]
    media_type: str
    position: int
    recognises: Callable[[FileHead], bool]
    split: Callable[[bytes], SplitFile]
    read: Callable[[str, str], ParsedReference]
    join: Callable[[list[str], str], bytes]
    is_looked_up: bool = False


def with_decoding(split: Callable[[str], SplitFile]) -> Callable[[bytes], SplitFile]:
    """Make a `split` that takes text take bytes, in any encoding that `decode_text` knows."""
    return lambda data: split(decode_text(data))


def with_encoding(join: Callable[[list[str], str], str]) -> Callable[[list[str], str], bytes]:
    """Make a `join` that returns text return bytes, in UTF-8."""
    return lambda raws, head: join(raws, head).encode("utf-8", "replace")


def format_thousands(number: int) -> str:
    """Write a number as Peru does, with thin spaces between the thousands."""
    return f"{number:,}".replace(",", "\u202f")


def collect_references(references: Iterable[RawReference]) -> tuple[RawReference, ...]:
    """Return the references of a file, checked. Raises FileUnreadable for none, or for more than MOST_ROWS."""
    found: list[RawReference] = []
    for reference in references:
        if len(found) == MOST_ROWS:
            raise FileUnreadable(
                f"Tiene más de {format_thousands(MOST_ROWS)} referencias: divídalo y súbalo por partes."
            )
        found.append(_check_reference(reference))
    if not found:
        raise FileUnreadable("No tiene ninguna referencia.")
    return tuple(found)


def _check_reference(reference: RawReference) -> RawReference:
    row, raw, problem = reference.row, reference.raw[:LONGEST_REFERENCE], reference.problem
    if not problem and len(reference.raw) > LONGEST_REFERENCE:
        problem = f"Es más larga que {format_thousands(LONGEST_REFERENCE)} signos: puede faltar su final."
    return RawReference(row, raw, problem)
