"""What is compared of a record, read once: its titles as words, names, year, DOI, place in a journal. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studies.duplicates.matching import wording
from studies.text.identifiers import bare_doi

if TYPE_CHECKING:
    from studies.records.study import AuthorRecord, StudyRecord


@dataclass(frozen=True, slots=True)
class TitleForm:
    """One title of a record: its words, and what stands before each of its subtitles.

    `language` is empty where it is not known; `is_original` as published, not translated.
    """

    text: str
    words: tuple[str, ...]
    heads: tuple[str, ...]
    language: str
    is_original: bool


@dataclass(frozen=True, slots=True)
class Name:
    """An author: `family` and `all` as words, `initials` of given names; `acronym` of an institution."""

    family: tuple[str, ...]
    all: tuple[str, ...]
    initials: str
    joined: str
    acronym: str


@dataclass(frozen=True, slots=True)
class Portrait:
    """A record as it is compared."""

    titles: tuple[TitleForm, ...]
    names: tuple[Name, ...]
    year: int | None
    doi: str
    type: str
    language: str
    journal: str
    volume: str
    page: str

    @classmethod
    def of(cls, record: StudyRecord) -> Portrait:
        """Read the portrait of a record; only its bibliographic fields are needed."""
        return cls(
            titles=_titles(record),
            names=tuple(name for author in record.authors if (name := _name(author)).all),
            year=record.year,
            doi=(bare_doi(record.doi) or "") if record.doi else "",
            type=record.type or "",
            language=record.language or "",
            journal=record.container_title or "",
            volume=(record.volume or "").strip().casefold(),
            page=wording.first_page(record.pages),
        )


def _titles(record: StudyRecord) -> tuple[TitleForm, ...]:
    forms: dict[tuple[str, ...], TitleForm] = {}
    given = (
        (record.title, record.language or "", True),
        (record.title_es, "es", False),
        (record.title_en, "en", False),
    )
    for title, language, is_original in given:
        found = wording.words(title or "")
        if found and found not in forms:
            forms[found] = TitleForm(" ".join(found), found, wording.heads(title or ""), language, is_original)
    return tuple(forms.values())


def _name(author: AuthorRecord) -> Name:
    if author.literal:
        parts = wording.name_words(author.literal)
        short = wording.acronym(author.literal) if len(parts) > 2 else "".join(parts[:1])
        return Name(parts, parts, "", " ".join(parts), short)
    family = wording.name_words(author.family)
    return Name(
        family=family,
        all=wording.name_words(author.family, author.given),
        initials=wording.initials(author.given),
        joined="".join(family),
        acronym="",
    )
