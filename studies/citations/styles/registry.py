"""Citation styles: a `Reference` in, runs of text out. A new style is one module and one line in STYLES."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from studies.citations.reference import Reference
from studies.citations.runs import Runs
from studies.citations.styles import apa, chicago, iso690, vancouver
from studies.records.study import AuthorRecord


class InText(Protocol):
    """A citation by author and date. `least` authors stand before "et al."."""

    def __call__(
        self, reference: Reference, language: str, letter: str = "", *, least: int = 1, with_initials: bool = False
    ) -> Runs: ...


@dataclass(frozen=True, slots=True)
class Style:
    """A style. `name` is short and the same in all languages; a label tells the edition or variant too.

    `cite(reference, language, letter)` gives an entry, `listed(author)` a name as the list is sorted by. Lists of a
    style with `in_text` are sorted by author and date; `numbered` ones keep their order and are cited by number.
    `undated_first`: works without a year stand before the others of their author. `tells_names_apart`: where "et al."
    would make two citations alike, more authors are named; and initials tell first authors of one family name apart.
    Else a letter behind the year does it all.
    """

    code: str
    name: str
    labels: Mapping[str, str]
    cite: Callable[[Reference, str, str], Runs]
    listed: Callable[[AuthorRecord], str]
    in_text: InText | None = None
    numbered: Callable[[Reference, str, int], Runs] | None = None
    undated_first: bool = False
    tells_names_apart: bool = False

    def label(self, language: str) -> str:
        return self.labels["en" if language == "en" else "es"]


DEFAULT_STYLE = "apa"
STYLES: Mapping[str, Style] = MappingProxyType(
    {
        each.code: each
        for each in (
            Style(
                "apa",
                "APA",
                {"es": "APA, 7.ª edición", "en": "APA, 7th edition"},
                apa.cite,
                apa.listed,
                in_text=apa.in_text,
                undated_first=True,
                tells_names_apart=True,
            ),
            Style(
                "vancouver",
                "Vancouver",
                {"es": "Vancouver (ICMJE y NLM)", "en": "Vancouver (ICMJE and NLM)"},
                vancouver.cite,
                vancouver.listed,
                numbered=vancouver.in_text,
            ),
            Style(
                "chicago",
                "Chicago",
                {"es": "Chicago, 17.ª edición, autor y año", "en": "Chicago, 17th edition, author-date"},
                chicago.cite,
                chicago.listed,
                in_text=chicago.in_text,
                tells_names_apart=True,
            ),
            Style(
                "iso690",
                "ISO 690",
                {"es": "ISO 690:2021, nombre y fecha", "en": "ISO 690:2021, name and date"},
                iso690.cite,
                iso690.listed,
                in_text=iso690.in_text,
            ),
        )
    }
)
