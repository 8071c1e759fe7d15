"""The reference of a study: the one value from which all citation formats and styles are written. Pure."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

from studies.records.study import AuthorRecord, StudyRecord
from studies.text.characters import collapse_whitespace
from studies.text.identifiers import doi_address, web_link

NOTES = {
    "es": "Resumen escrito por el Banco de Evidencias; no es el resumen publicado.",
    "en": "Summary written by the Banco de Evidencias; it is not the published abstract.",
}
"""The note that marks the abstract as the bank's own text (R5), by the language of the reader."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference. Every text is on one line; "" means unknown. `title` is the original title.

    `series` is the container of a report or working paper; `container` that of an article, chapter or page.
    `accessed` is the day on which the reader took the reference, only for works with an address and no DOI.
    """

    key: str
    type: str
    title: str
    language: str = ""
    authors: tuple[AuthorRecord, ...] = ()
    editors: tuple[AuthorRecord, ...] = ()
    translators: tuple[AuthorRecord, ...] = ()
    year: int | None = None
    month: int | None = None
    day: int | None = None
    container: str = ""
    series: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""
    place: str = ""
    edition: str = ""
    conference: str = ""
    number: str = ""
    issn: tuple[str, ...] = ()
    isbn: tuple[str, ...] = ()
    pmid: str = ""
    doi: str = ""
    url: str = ""
    abstract: str = ""
    note: str = ""
    keywords: tuple[str, ...] = ()
    accessed: datetime.date | None = None

    @property
    def date_parts(self) -> tuple[int, ...]:
        """Year, month and day, as far as they are known: () without a year."""
        if self.year is None:
            return ()
        if self.month is None:
            return (self.year,)
        return (self.year, self.month) if self.day is None else (self.year, self.month, self.day)

    @property
    def iso_date(self) -> str:
        """The date as 2019-03-08, 2019-03 or 2019; "" without a year."""
        return "-".join(f"{part:0{4 if place == 0 else 2}}" for place, part in enumerate(self.date_parts))

    @property
    def first_page(self) -> str:
        return self._page_range[0].strip()

    @property
    def last_page(self) -> str:
        return self._page_range[2].strip()

    @property
    def _page_range(self) -> tuple[str, str, str]:
        # Records have hyphens and dashes of all kinds between pages.
        return re.sub("[‐‑‒–—]", "-", self.pages).partition("-")


def make_reference(
    record: StudyRecord,
    *,
    language: str = "es",
    keywords: Sequence[str] = (),
    on: datetime.date | None = None,
) -> Reference:
    """Return the reference of `record`; its abstract is the bank's summary in `language`, else in the other language.

    Without an address, `url` is that of the DOI. A record without a type is an article if it has a journal, else a
    report. `on` is the reader's today: some styles ask for the day of consultation.
    """
    kind = record.type or ("article-journal" if record.container_title else "report")
    abstract, fallback = record.summary_es, record.summary_en
    if language == "en":
        abstract, fallback = fallback, abstract
    abstract = abstract or fallback
    # An address that is none of the web is left out: every format has its field to be a link.
    own_url = web_link(collapse_whitespace(record.url))
    in_series = kind in ("report", "article", "book", "thesis")
    container = collapse_whitespace(record.container_title)
    return Reference(
        key=record.id,
        type=kind,
        title=collapse_whitespace(record.title),
        language=collapse_whitespace(record.language),
        authors=tuple(map(_clean_author, record.authors)),
        editors=tuple(map(_clean_author, record.editors)),
        translators=tuple(map(_clean_author, record.translators)),
        year=record.year,
        month=record.month,
        day=record.day,
        container="" if in_series else container,
        series=container if in_series else "",
        volume=collapse_whitespace(record.volume),
        issue=collapse_whitespace(record.issue),
        pages=collapse_whitespace(record.pages),
        publisher=collapse_whitespace(record.publisher),
        place=collapse_whitespace(record.place),
        edition=collapse_whitespace(record.edition),
        conference=collapse_whitespace(record.conference),
        issn=tuple(map(collapse_whitespace, record.issn)),
        isbn=tuple(map(collapse_whitespace, record.isbn)),
        pmid=collapse_whitespace(record.pmid),
        number=collapse_whitespace(record.number),
        doi=collapse_whitespace(record.doi),
        url=own_url or (doi_address(record.doi) if record.doi else ""),
        abstract=collapse_whitespace(abstract),
        note=NOTES["en" if language == "en" else "es"] if abstract else "",
        keywords=tuple(
            dict.fromkeys(collapse_whitespace(keyword) for keyword in keywords if collapse_whitespace(keyword))
        ),
        accessed=on if own_url and not record.doi else None,
    )


def _clean_author(author: AuthorRecord) -> AuthorRecord:
    return AuthorRecord(
        family=collapse_whitespace(author.family) or None,
        given=collapse_whitespace(author.given) or None,
        non_dropping_particle=collapse_whitespace(author.non_dropping_particle) or None,
        dropping_particle=collapse_whitespace(author.dropping_particle) or None,
        literal=collapse_whitespace(author.literal) or None,
        orcid=author.orcid,
        ror=author.ror,
    )
