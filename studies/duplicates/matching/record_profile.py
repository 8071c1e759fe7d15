"""Normalizes what is compared of a record, once: titles, authors, year, DOI, place in a journal. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studies.duplicates.matching import wording
from studies.text.identifiers import normalize_doi

if TYPE_CHECKING:
    from studies.records.study import AuthorRecord, StudyRecord


@dataclass(frozen=True, slots=True)
class NormalizedTitle:
    """One title of a record: its words, and its `heads`, the parts before each subtitle.

    `language` is empty where it is not known. `is_original` is True for the title as published, not a translation.
    """

    text: str
    words: tuple[str, ...]
    heads: tuple[str, ...]
    language: str
    is_original: bool


@dataclass(frozen=True, slots=True)
class NormalizedAuthor:
    """An author: `family` and `all` names as words, `initials` of given names. Institutions have an `acronym`."""

    family: tuple[str, ...]
    all: tuple[str, ...]
    initials: str
    joined: str
    acronym: str


@dataclass(frozen=True, slots=True)
class RecordProfile:
    """The normalized fields of a record that are compared.

    `is_abstract` says that it stands in a supplement or in the abstracts of a meeting, `is_update` that its title does.
    """

    titles: tuple[NormalizedTitle, ...]
    names: tuple[NormalizedAuthor, ...]
    year: int | None
    doi: str
    type: str
    language: str
    journal: str
    volume: str
    page: str
    is_abstract: bool
    is_update: bool

    @classmethod
    def of(cls, record: StudyRecord) -> RecordProfile:
        """Build the profile of a record, of which only the bibliographic fields are read."""
        return cls(
            titles=_normalize_titles(record),
            names=tuple(name for author in record.authors if (name := _normalize_author(author)).all),
            year=record.year,
            doi=(normalize_doi(record.doi) or "") if record.doi else "",
            type=record.type or "",
            language=record.language or "",
            journal=record.container_title or "",
            volume=(record.volume or "").strip().casefold(),
            page=wording.extract_first_page(record.pages),
            is_abstract=wording.is_of_supplement(record.volume, record.issue, record.pages, record.container_title),
            is_update=wording.is_update(record.title),
        )


def _normalize_titles(record: StudyRecord) -> tuple[NormalizedTitle, ...]:
    forms: dict[tuple[str, ...], NormalizedTitle] = {}
    given = (
        (record.title, record.language or "", True),
        (record.title_es, "es", False),
        (record.title_en, "en", False),
    )
    for title, language, is_original in given:
        found = wording.split_words(title or "")
        if found and found not in forms:
            forms[found] = NormalizedTitle(
                " ".join(found), found, wording.list_heads(title or ""), language, is_original
            )
    return tuple(forms.values())


def _normalize_author(author: AuthorRecord) -> NormalizedAuthor:
    if author.literal:
        parts = wording.split_name(author.literal)
        short = wording.make_acronym(author.literal) if len(parts) > 2 else "".join(parts[:1])
        return NormalizedAuthor(parts, parts, "", " ".join(parts), short)
    family = wording.split_name(author.family)
    return NormalizedAuthor(
        family=family,
        all=wording.split_name(author.family, author.given),
        initials=wording.extract_initials(author.given),
        joined="".join(family),
        acronym="",
    )
