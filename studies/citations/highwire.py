"""Meta tags of the Highwire Press kind, by which reference managers and search engines read a study's page.

Zotero takes the type of a work from which tag names its container, and takes names apart: a value with a comma is
"Family, Given"; with two words on either side of the only comma it is taken for two people, unless a semicolon ends it.
Sources: Zotero's translator "Embedded Metadata", Google Scholar's inclusion guidelines, November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from studies.citations.names import family_with_particles
from studies.citations.reference import Reference
from studies.records.study import AuthorRecord

Tag = tuple[str, str]

_TYPE_TAGS = {
    "article-journal": "citation_journal_title",
    "chapter": "citation_inbook_title",
    "thesis": "citation_dissertation_institution",
    "report": "citation_technical_report_institution",
    "article": "citation_technical_report_institution",
}
"""The tag by which the type of a work is known; books and pages have none."""
_PLAIN_TYPES = {"chapter": "bookSection", "article": "report"}


def tags(reference: Reference, page_url: str, pdf_url: str = "") -> Iterator[Tag]:
    """Yield name and content of each tag. `pdf_url` is the work's own free PDF, "" for none: never a file of ours."""
    yield "citation_title", reference.title
    for author in reference.authors:
        yield "citation_author", name(author)
    single = {
        "citation_publication_date": str(reference.year) if reference.year is not None else "",
        **_container(reference),
        "citation_volume": reference.volume,
        "citation_issue": reference.issue,
        "citation_firstpage": reference.first_page or (reference.number if _is_article(reference) else ""),
        "citation_lastpage": reference.last_page,
        "citation_doi": reference.doi,
        "citation_language": reference.language,
        "citation_public_url": reference.url,
        "citation_abstract_html_url": page_url,
        "citation_pdf_url": pdf_url,
        # The bank's own text, said to be such: it is not the published abstract (R5).
        "citation_abstract": f"{reference.abstract} ({reference.note})" if reference.abstract else "",
        "citation_keywords": "; ".join(keyword.replace(";", ",") for keyword in reference.keywords),
    }
    if not single.get(_TYPE_TAGS.get(reference.type, "")) and not _is_article(reference):
        single["DC.type"] = _PLAIN_TYPES.get(reference.type, reference.type)
    yield from ((tag, content) for tag, content in single.items() if content)


def name(author: AuthorRecord) -> str:
    """Write a name so that it comes back as one: an institution whole, a person in two parts."""
    if author.literal:
        # A comma at the end keeps the last word from being taken for a family name; Zotero drops it.
        return f"{author.literal.replace(', ', ' - ').replace(',', ' ').replace(';', ' ')},"
    family = family_with_particles(author).replace(",", "").replace(";", "")
    given = (author.given or "").replace(";", "")
    if " " in family and " " in given.partition(",")[0]:
        return f"{family}, {given};"
    return f"{family}, {given}"


def _is_article(reference: Reference) -> bool:
    return reference.type == "article-journal"


def _container(reference: Reference) -> dict[str, str]:
    """Give the tags that fix the type of the work, and who published it."""
    match reference.type:
        case "article-journal":
            return {"citation_journal_title": reference.container, "citation_publisher": reference.publisher}
        case "chapter":
            return {"citation_inbook_title": reference.container, "citation_publisher": reference.publisher}
        case "thesis":
            return {"citation_dissertation_institution": _institution(reference)}
        case "report" | "article":
            return {
                "citation_technical_report_institution": _institution(reference),
                "citation_technical_report_number": reference.number,
                "citation_series_title": reference.series if reference.publisher else "",
            }
        case _:
            return {"citation_publisher": reference.publisher, "citation_series_title": reference.series}


def _institution(reference: Reference) -> str:
    """Give the publisher of a report, or who stands for it: without this tag the report is taken for an article."""
    author = next((author.literal for author in reference.authors if author.literal), "")
    host = (urlsplit(reference.url).hostname or "").removeprefix("www.")
    return reference.publisher or reference.series or author or host
