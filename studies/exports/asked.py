"""What a reader asks of an export beside the studies: language, style, day, and the names of the codes."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from studies.citations.styles.registry import DEFAULT_STYLE, STYLES
from studies.records.study import StudyRecord

Keywords = Callable[[StudyRecord], Iterable[str]]
"""Gives the labels of a study's terms in the reader's language."""


class TermRow(NamedTuple):
    """A term as a dictionary of codes prints it."""

    vocabulary: str
    code: str
    es: str
    en: str
    definition_es: str
    definition_en: str


def no_keywords(record: StudyRecord) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Asked:
    """How an export shall be written. `on` is today for the reader; `address` that of the list, "" if it has none."""

    language: str = "es"
    style: str = DEFAULT_STYLE
    on: datetime.date | None = None
    address: str = ""
    keywords: Keywords = no_keywords
    terms: Sequence[TermRow] = ()


def known_style(code: str) -> str:
    """Give the code of a style, the default one for what is none: any address gives an answer."""
    return code if code in STYLES else DEFAULT_STYLE
