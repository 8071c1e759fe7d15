"""Options of an export: language, citation style, date and labels of codes. Callers make them, formats read them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from studies.citations.styles.registry import DEFAULT_STYLE, STYLES
from studies.records.finding import FindingRecord
from studies.records.study import StudyRecord

Keywords = Callable[[StudyRecord], Iterable[str]]
"""Returns the labels of a study's terms in the reader's language."""


KeepFinding = Callable[[StudyRecord, FindingRecord], bool]
"""Returns True for a finding of a study that the list asks for."""


class TermRow(NamedTuple):
    """A term as the dictionary sheet of a workbook lists it."""

    vocabulary: str
    code: str
    es: str
    en: str
    definition_es: str
    definition_en: str


def no_keywords(record: StudyRecord) -> Iterable[str]:
    return ()


def keep_every_finding(record: StudyRecord, finding: FindingRecord) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class ListWords:
    """What a reader wrote about a list: in the file that this reader downloads, never kept (R13).

    `notes` are by the slug of their study.
    """

    title: str = ""
    by: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.title or self.by or any(self.notes.values()))


NO_WORDS = ListWords()


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How to write an export. `on` is the reader's date; `address` is the URL of the list, "" if it has none.

    `words` are printed only by files whose entries are references in a style. `keep_finding` is for tables of findings.
    """

    language: str = "es"
    style: str = DEFAULT_STYLE
    on: datetime.date | None = None
    address: str = ""
    keywords: Keywords = no_keywords
    terms: Sequence[TermRow] = ()
    words: ListWords = NO_WORDS
    keep_finding: KeepFinding = keep_every_finding


def style_or_default(code: str) -> str:
    """Return `code` if it is a citation style, else the default style: an odd query is no error."""
    return code if code in STYLES else DEFAULT_STYLE
