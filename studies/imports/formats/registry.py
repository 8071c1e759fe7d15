"""Reference lists in the formats that they come in. A new format is one module and one line below. Pure.

`open_file` splits an upload into raw references, `Format.read` parses one, `Format.join` writes some of them back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from studies.imports.formats import (
    bibtex,
    csl,
    csv_table,
    dois,
    endnote,
    jsonl,
    nbib,
    other_programs,
    refer,
    refworks,
    ris,
    web_of_science,
    xlsx,
)
from studies.imports.formats.base import (
    MOST_BYTES,
    MOST_ROWS,
    FileHead,
    ImportFormat,
    ParsedReference,
    RawReference,
    SplitFile,
)
from studies.imports.formats.errors import FileUnreadable, RowInvalid

__all__ = [
    "FORMATS",
    "MOST_BYTES",
    "MOST_ROWS",
    "FileUnreadable",
    "ParsedReference",
    "RawReference",
    "RowInvalid",
    "SplitFile",
    "check_size",
    "open_file",
]

# A file is read by the first format that recognises it, so the special ones come first.
_BY_RECOGNITION = (
    xlsx.FORMAT,
    endnote.FORMAT,
    jsonl.FORMAT,
    csl.FORMAT,
    ris.FORMAT,
    nbib.FORMAT,
    bibtex.FORMAT,
    web_of_science.FORMAT,
    refworks.FORMAT,
    refer.FORMAT,
    dois.FORMAT,
    csv_table.FORMAT,
)
FORMATS: Mapping[str, ImportFormat] = MappingProxyType(
    {each.code: each for each in sorted(_BY_RECOGNITION, key=lambda each: each.position)}
)
"""The formats by code, in the order in which people read their names."""


def open_file(name: str, data: bytes) -> tuple[ImportFormat, SplitFile]:
    """Split a file, whose format its content tells, and its name where the content leaves it open.

    Raises FileUnreadable.
    """
    check_size(len(data))
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise FileUnreadable("Está vacío.")
    found = _format_of(FileHead(name, data))
    return found, found.split(data)


def check_size(size: int) -> None:
    """Raise FileUnreadable for a file of more bytes than are read."""
    if size > MOST_BYTES:
        raise FileUnreadable(
            f"Pesa {math.ceil(size / 1024**2)} MB y el límite es de {MOST_BYTES // 1024**2} MB: "
            "divídalo y súbalo por partes."
        )


def _format_of(head: FileHead) -> ImportFormat:
    if not xlsx.FORMAT.recognises(head) and (told := other_programs.describe(head.text)):
        raise FileUnreadable(told)
    if found := next((each for each in _BY_RECOGNITION if each.recognises(head)), None):
        return found
    claimed = next((each for each in FORMATS.values() if head.extension in each.extensions), None)
    if claimed is None:
        # Nothing marks a table of cells, so whatever no format claims is read as one.
        return csv_table.FORMAT
    raise FileUnreadable(
        f"No tiene ninguna referencia en la forma de {claimed.label}. "
        f"Se leen: {', '.join(each.label for each in FORMATS.values())}."
    )
