"""A list of DOIs in any form: bare, as addresses, in citations, one or several a line. `crossref` looks them up."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
from studies.imports.formats.errors import FileUnreadable, RowInvalid
from studies.text.identifiers import normalize_doi

MOST_DOIS = 500
_DOI = re.compile(r"10\.\d{4,9}/\S+", re.IGNORECASE)
_NEXT = re.compile(r"[,;|](?=(?:https?://|doi:?\s*)?\S{0,80}?10\.\d{4,9}/)", re.IGNORECASE)
_NO_DOI = "No tiene un DOI: empieza con 10. y lleva una barra, como 10.1234/abc."


def recognises(head: FileHead) -> bool:
    """Whether the file begins with fifty lines of DOIs and nothing else."""
    lines = [line.strip() for line in head.text.split("\n")[:50] if line.strip()]
    return bool(lines) and all(normalize_doi(line) for line in lines)


def split(text: str) -> SplitFile:
    """Split a list into DOIs, each once. Raises FileUnreadable for more than MOST_DOIS."""
    seen: set[str] = set()
    references = []
    repeated = 0
    for reference in _split_lines(text):
        if not reference.problem and reference.raw in seen:
            repeated += 1
            continue
        seen.add(reference.raw)
        references.append(reference)
    if len(references) > MOST_DOIS:
        raise FileUnreadable(f"Tiene más de {MOST_DOIS} DOI: búsquelos por partes.")
    return SplitFile(
        collect_references(references), notes=(f"DOI repetidos en la lista: {repeated}.",) if repeated else ()
    )


def _split_lines(text: str) -> Iterator[RawReference]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        found = list(_dois_in_line(line.strip()))
        yield from (RawReference(number, doi) for doi in found)
        if not found:
            yield RawReference(number, line.strip()[:300], _NO_DOI)


def _dois_in_line(line: str) -> Iterator[str]:
    words = _NEXT.sub(" ", line).split()
    if whole := normalize_doi(line if len(words) == 1 else " ".join(words)):
        yield whole
        return
    for word in words:
        if found := _DOI.search(word):
            # In an address of a publisher something may follow the DOI; "?" and "#" are hardly ever part of one.
            is_address = "://" in word[: found.start()]
            if doi := normalize_doi(re.split("[?#]", found[0])[0] if is_address else found[0]):
                yield doi


def read(raw: str, head: str = "") -> ParsedReference:
    """Refuse: what a DOI stands for must be looked up. Raises RowInvalid."""
    raise RowInvalid("doi", _NO_DOI if normalize_doi(raw) is None else "Falta buscar sus datos.")


def join(raws: list[str], head: str = "") -> str:
    """Write DOIs back, one a line."""
    return "\n".join(raws) + "\n"


FORMAT = ImportFormat(
    code="doi",
    label="Lista de DOI",
    extensions=("txt",),
    media_type="text/plain",
    position=12,
    recognises=recognises,
    split=with_decoding(split),
    read=read,
    join=with_encoding(join),
    is_looked_up=True,
)
