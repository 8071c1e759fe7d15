"""Citation formats: a `Reference` in, text out. A new format is one module and one line in FORMATS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from studies.citations import bibtex, csl, ris
from studies.citations.reference import Reference, reference

__all__ = ["FORMATS", "Format", "Reference", "reference"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of citation lists. `ext` is its name in addresses; `label` is a proper name, the same in all languages.

    `write` streams the text; all formats are UTF-8 without a byte order mark.
    """

    ext: str
    label: str
    media_type: str
    write: Callable[[Iterable[Reference]], Iterator[str]]


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        each.ext: each
        for each in (
            Format("ris", "RIS", "application/x-research-info-systems", ris.write),
            Format("bib", "BibTeX", "application/x-bibtex", bibtex.write),
            Format("json", "CSL-JSON", "application/vnd.citationstyles.csl+json", csl.write),
        )
    }
)
