"""Reference lists in the formats that they come in. A new format is one module and one line in FORMATS. Pure.

`open_file` parts an upload into pieces, `Format.read` reads one of them, `Format.join` writes some of them back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from studies.imports.formats import bibtex, csl, csv_table, dois, endnote, jsonl, nbib, ris, xlsx
from studies.imports.formats.decoding import text_of
from studies.imports.formats.pieces import (
    MOST_BYTES,
    MOST_ROWS,
    FileUnreadable,
    ImportProblem,
    Piece,
    Pieces,
    Reading,
    RowInvalid,
)

__all__ = [
    "FORMATS",
    "MOST_BYTES",
    "MOST_ROWS",
    "FileUnreadable",
    "Format",
    "ImportProblem",
    "Piece",
    "Pieces",
    "Reading",
    "RowInvalid",
    "check_size",
    "open_file",
]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of reference lists. `label` is its proper name; `extensions` are those of its files, the usual first.

    `is_looked_up` says that a piece only names a publication: what it is must be asked of others.
    `split` raises FileUnreadable, `read` raises RowInvalid. `join` takes the raw texts of pieces, and the head.
    """

    code: str
    label: str
    extensions: tuple[str, ...]
    media_type: str
    split: Callable[[bytes], Pieces]
    read: Callable[[str, str], Reading]
    join: Callable[[list[str], str], bytes]
    is_looked_up: bool = False


def _of_text(
    code: str,
    label: str,
    extensions: tuple[str, ...],
    media_type: str,
    split: Callable[[str], Pieces],
    read: Callable[[str, str], Reading],
    join: Callable[[list[str], str], str],
    *,
    is_looked_up: bool = False,
) -> Format:
    def split_bytes(data: bytes) -> Pieces:
        return split(text_of(data))

    def join_bytes(raws: list[str], head: str) -> bytes:
        return join(raws, head).encode("utf-8", "replace")

    return Format(code, label, extensions, media_type, split_bytes, read, join_bytes, is_looked_up)


_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        each.code: each
        for each in (
            _of_text("ris", "RIS", ("ris",), "application/x-research-info-systems", ris.split, ris.read, ris.join),
            _of_text(
                "bib", "BibTeX", ("bib", "bibtex"), "application/x-bibtex", bibtex.split, bibtex.read, bibtex.join
            ),
            _of_text("nbib", "PubMed", ("nbib",), "text/plain", nbib.split, nbib.read, nbib.join),
            Format(
                "endnote",
                "EndNote XML",
                ("xml",),
                "application/xml",
                endnote.split,
                endnote.read,
                lambda raws, head: endnote.join(raws, head).encode("utf-8", "replace"),
            ),
            _of_text("csl", "CSL-JSON", ("json",), "application/json", csl.split, csl.read, csl.join),
            _of_text("csv", "CSV", ("csv", "tsv"), "text/csv", csv_table.split, csv_table.read, csv_table.join),
            Format("xlsx", "Excel", ("xlsx",), _SHEET, xlsx.split, xlsx.read, xlsx.join),
            _of_text(
                "jsonl",
                "JSONL del banco",
                ("jsonl", "ndjson"),
                "application/jsonl",
                jsonl.split,
                jsonl.read,
                jsonl.join,
            ),
            _of_text(
                "doi", "Lista de DOI", ("txt",), "text/plain", dois.split, dois.read, dois.join, is_looked_up=True
            ),
        )
    }
)
_BY_EXTENSION = {extension: each for each in FORMATS.values() for extension in each.extensions}


def open_file(name: str, data: bytes) -> tuple[Format, Pieces]:
    """Part a file, whose format its content tells, and its name where the content leaves it open.

    Raises FileUnreadable.
    """
    check_size(len(data))
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise FileUnreadable("Está vacío.")
    found = _format_of(name, data)
    return found, found.split(data)


def check_size(size: int) -> None:
    """Raise FileUnreadable for a file of more bytes than are read."""
    if size > MOST_BYTES:
        raise FileUnreadable(
            f"Pesa {math.ceil(size / 1024**2)} MB y el límite es de {MOST_BYTES // 1024**2} MB: "
            "divídalo y súbalo por partes."
        )


def _format_of(name: str, data: bytes) -> Format:
    if data.startswith(b"PK"):
        return FORMATS["xlsx"]
    text = text_of(data[: 400_000 - 400_000 % 2]).lstrip("\ufeff \t\n")
    if text.startswith("<"):
        if re.search(r"<(?:!DOCTYPE html|html)\b", text[:1_000], re.IGNORECASE):
            raise FileUnreadable("Es una página web, no una lista de referencias: expórtela desde el sitio.")
        return FORMATS["endnote"]
    if text.startswith(("{", "[")):
        return FORMATS["jsonl"] if _is_jsonl(text) else FORMATS["csl"]
    for code, start in (("ris", ris.START), ("nbib", nbib.START), ("bib", bibtex.START)):
        if start.search(text):
            return FORMATS[code]
    if dois.is_list(text):
        return FORMATS["doi"]
    extension = name.rpartition(".")[2].lower()
    if extension in ("csv", "tsv", "txt") or _BY_EXTENSION.get(extension) in (None, FORMATS["csv"]):
        return FORMATS["csv"]
    raise FileUnreadable(
        f"No tiene ninguna referencia en la forma de {_BY_EXTENSION[extension].label}. "
        f"Se leen: {', '.join(each.label for each in FORMATS.values())}."
    )


def _is_jsonl(text: str) -> bool:
    """Say whether the text begins with a study of the exchange format: an object with `id` on the first line."""
    first = text.split("\n", 1)[0]
    return first.startswith("{") and '"title"' in first and ('"DOI"' not in first and '"message"' not in first)
