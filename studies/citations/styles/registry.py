"""The registry of citation styles: `Reference` in, runs of text out. A new one is a module and a line in STYLES."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from studies.citations.reference import Reference
from studies.citations.runs import TextRuns
from studies.citations.styles import apa, chicago, iso690, vancouver
from studies.records.study import AuthorRecord


class InTextCitation(Protocol):
    """Cites by author and date; `least` authors are named before "et al."."""

    def __call__(
        self, reference: Reference, language: str, letter: str = "", *, least: int = 1, with_initials: bool = False
    ) -> TextRuns: ...


@dataclass(frozen=True, slots=True)
class CitationStyle:
    """A style. `name` is short and the same in all languages; a label adds the edition or variant.

    `cite(reference, language, letter)` returns an entry of the list, `invert_name(author)` the name that the list is
    sorted by. Lists of a style with `cite_in_text` are sorted by author and date; `cite_by_number` keeps their order.
    `sorts_undated_first` puts works without a year before the others of their author. `disambiguates_names` names more
    authors where "et al." would make two citations equal, and adds initials where first authors share a family name;
    other styles tell all of them apart by a letter behind the year.
    """

    code: str
    name: str
    labels: Mapping[str, str]
    cite: Callable[[Reference, str, str], TextRuns]
    invert_name: Callable[[AuthorRecord], str]
    cite_in_text: InTextCitation | None = None
    cite_by_number: Callable[[Reference, str, int], TextRuns] | None = None
    sorts_undated_first: bool = False
    disambiguates_names: bool = False

    def label(self, language: str) -> str:
        return self.labels["en" if language == "en" else "es"]


DEFAULT_STYLE = "apa"
STYLES: Mapping[str, CitationStyle] = MappingProxyType(
    {
        each.code: each
        for each in (
            CitationStyle(
                "apa",
                "APA",
                {"es": "APA, 7.ª edición", "en": "APA, 7th edition"},
                apa.cite,
                apa.invert_name,
                cite_in_text=apa.cite_in_text,
                sorts_undated_first=True,
                disambiguates_names=True,
            ),
            CitationStyle(
                "vancouver",
                "Vancouver",
                {"es": "Vancouver (ICMJE y NLM)", "en": "Vancouver (ICMJE and NLM)"},
                vancouver.cite,
                vancouver.invert_name,
                cite_by_number=vancouver.cite_by_number,
            ),
            CitationStyle(
                "chicago",
                "Chicago",
                {"es": "Chicago, 17.ª edición, autor y año", "en": "Chicago, 17th edition, author-date"},
                chicago.cite,
                chicago.invert_name,
                cite_in_text=chicago.cite_in_text,
                disambiguates_names=True,
            ),
            CitationStyle(
                "iso690",
                "ISO 690",
                {"es": "ISO 690:2021, nombre y fecha", "en": "ISO 690:2021, name and date"},
                iso690.cite,
                iso690.invert_name,
                cite_in_text=iso690.cite_in_text,
            ),
        )
    }
)
