"""The registry of citation formats: `Reference` in, text out. A new one is a module and a line in CITATION_FORMATS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from studies.citations import bibtex, csl, ris
from studies.citations.reference import Reference


@dataclass(frozen=True, slots=True)
class CitationFormat:
    """A format of citation lists. `ext` is its name in addresses; `label` is the same in all languages.

    `write` streams the text; all formats are UTF-8 without a byte order mark.
    """

    ext: str
    label: str
    media_type: str
    write: Callable[[Iterable[Reference]], Iterator[str]]


CITATION_FORMATS: Mapping[str, CitationFormat] = MappingProxyType(
    {
        each.ext: each
        for each in (
            CitationFormat("ris", "RIS", "application/x-research-info-systems", ris.write),
            CitationFormat("bib", "BibTeX", "application/x-bibtex", bibtex.write),
            CitationFormat("json", "CSL-JSON", "application/vnd.citationstyles.csl+json", csl.write),
        )
    }
)
